"""Arrivals and exits: the code of a booking, when whoever has it came, how many came without one, and how it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("bookings", sa.Column("code", sa.String(length=8)))
    op.add_column("bookings", sa.Column("came", Instant(timezone=True)))
    op.create_index("uq_bookings_code", "bookings", ["gathering", "code"], unique=True)
    op.add_column("gatherings", sa.Column("walked_in", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("bookings", sa.Column("answered", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "exit_answers",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("gathering", sa.String(length=12), nullable=False),
        sa.Column("question", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["gathering"], ["gatherings.id"], name=op.f("fk_exit_answers_gathering"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_exit_answers")),
    )
    op.create_index(op.f("ix_exit_answers_gathering"), "exit_answers", ["gathering"])
