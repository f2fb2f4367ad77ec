"""Visits: what whoever held an event noted of it, and what is to be done next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("gathering", sa.String(length=12), nullable=False),
        sa.Column("person", sa.String(length=36)),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due", sa.Date()),
        sa.Column("done", Instant(timezone=True)),
        sa.Column("done_by", sa.String(length=120)),
        sa.ForeignKeyConstraint(["gathering"], ["gatherings.id"], name=op.f("fk_visits_gathering"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_visits_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("gathering", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_person"), "visits", ["person"])
    op.create_index("ix_visits_due", "visits", ["done", "due"])
