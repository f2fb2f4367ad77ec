"""What people follow, and what happens to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("pace", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=36), nullable=True),
        sa.Column("since", storage.schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["address"], ["addresses.id"], name=op.f("fk_subscriptions_address"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_subscriptions_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "kind", "subject", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriptions_address"), ["address"], unique=False)
        batch_op.create_index("ix_subscriptions_subject", ["kind", "subject", "pace"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("happened", storage.schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("kind", "what", name=op.f("uq_notices_kind_what")),
    )

    only = {f"{engine}_where": sa.text("lane = 2") for engine in ("sqlite", "postgresql")}
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_unasked", ["person", "state", "settled"], unique=False, **only)
