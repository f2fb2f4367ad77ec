"""Broadcasts; and where people live, found by the place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("person", sa.String(length=36)),
        sa.Column("counted", sa.Integer()),
        sa.Column("signer", sa.String(length=120)),
        *(sa.Column(name, Instant(timezone=True)) for name in ("scheduled", "starts", "began", "ended")),
        sa.Column("created", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_broadcasts_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index(op.f("ix_broadcasts_person"), "broadcasts", ["person"])
    op.create_index("ix_broadcasts_state", "broadcasts", ["state", "starts"])
    op.create_index("ix_broadcasts_author", "broadcasts", ["author", "created"])
    op.create_index("ix_facts_told", "facts", ["value", "fact"])
