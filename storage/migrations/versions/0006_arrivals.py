"""Arrivals: the code of a booking, when whoever has it came, and how many came without one.

Follows 0004 for now; it is put in line when branches are joined.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bookings", sa.Column("code", sa.String(length=8)))
    op.add_column("bookings", sa.Column("came", Instant(timezone=True)))
    op.create_index("uq_bookings_code", "bookings", ["gathering", "code"], unique=True)
    op.add_column("gatherings", sa.Column("walked_in", sa.Integer(), nullable=False, server_default="0"))
