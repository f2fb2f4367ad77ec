"""Sessions that idle: when somebody at the desk was last seen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A process of the release before opens sessions without it: those have their hard end only."""
    op.add_column("sessions", sa.Column("seen", storage.schema.Instant(timezone=True), nullable=True))
