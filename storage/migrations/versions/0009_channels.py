"""Channels: where somebody wants a kind of message to come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_choices",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_channel_choices_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["address"], ["addresses.id"], name=op.f("fk_channel_choices_address"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", "kind", name=op.f("pk_channel_choices")),
    )
    op.create_index(op.f("ix_channel_choices_address"), "channel_choices", ["address"])
