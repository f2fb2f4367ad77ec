"""Events: gatherings and their bookings; and what is urgent among deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gatherings",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("draft_of", sa.String(length=36)),
        sa.Column("host", sa.String(length=36)),
        sa.Column("address", sa.String(length=36)),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("nation", sa.String(length=24), nullable=False, server_default=""),
        sa.Column("region", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("constituency", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("day", sa.Date()),
        sa.Column("at", sa.Time()),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts", Instant(timezone=True)),
        sa.Column("seats", sa.Integer()),
        sa.Column("taken", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("step_free", sa.String(length=8), nullable=False, server_default=""),
        sa.Column("format", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("approver", sa.String(length=120)),
        sa.Column("came", sa.Integer()),
        sa.Column("reported", Instant(timezone=True)),
        sa.Column("created", Instant(timezone=True), nullable=False),
        sa.Column("changed", Instant(timezone=True), nullable=False),
        sa.CheckConstraint("taken >= 0 AND (taken = 0 OR taken <= seats)", name="ck_gatherings_no_seat_twice"),
        sa.ForeignKeyConstraint(["draft_of"], ["persons.id"], name=op.f("fk_gatherings_draft_of"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["host"], ["persons.id"], name=op.f("fk_gatherings_host"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["address"], ["addresses.id"], name=op.f("fk_gatherings_address"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gatherings")),
    )
    for name, columns in {
        op.f("ix_gatherings_draft_of"): ["draft_of"],
        op.f("ix_gatherings_host"): ["host"],
        "ix_gatherings_programme": ["state", "starts"],
        "ix_gatherings_near": ["constituency", "state", "starts"],
        "ix_gatherings_region": ["region", "state", "starts"],
        "ix_gatherings_nation": ["nation", "state", "starts"],
    }.items():
        op.create_index(name, "gatherings", columns)
    op.create_table(
        "bookings",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("gathering", sa.String(length=12), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=36)),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["gathering"], ["gatherings.id"], name=op.f("fk_bookings_gathering"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_bookings_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["address"], ["addresses.id"], name=op.f("fk_bookings_address"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_bookings")),
        sa.UniqueConstraint("gathering", "person", name=op.f("uq_bookings_gathering_person")),
    )
    op.create_index(op.f("ix_bookings_person"), "bookings", ["person"])
    op.create_index("ix_bookings_queue", "bookings", ["gathering", "state", "seq"])
    op.add_column("deliveries", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
