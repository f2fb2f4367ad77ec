"""Membership codes: sheets of them, each code as a hash, and the tries of whoever typed one that was none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "code_sheets",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("made", Instant(timezone=True), nullable=False),
        sa.Column("expires", Instant(timezone=True), nullable=False),
        sa.Column("revoked", Instant(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_sheets")),
    )
    op.create_index(op.f("ix_code_sheets_place"), "code_sheets", ["place"])
    op.create_table(
        "member_codes",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sheet", sa.String(length=12), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["sheet"], ["code_sheets.id"], name=op.f("fk_member_codes_sheet"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_member_codes")),
    )
    op.create_index("ix_member_codes_sheet", "member_codes", ["sheet", "used"])
    op.create_table(
        "member_tries",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("tried", Instant(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_member_tries_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_member_tries")),
    )
    op.create_index("ix_member_tries_person", "member_tries", ["person", "tried"])
