"""The tables of membership codes. None says whose a code was: only a follow says that somebody is a member."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column as C

from storage.columns import Instant, Name, Serial, person, table

code_sheets = table(
    "code_sheets",
    C("id", sa.String(12), primary_key=True),
    C("place", sa.String(12), nullable=False, index=True),
    C("author", Name, nullable=False),
    C("made", Instant, nullable=False),
    C("expires", Instant, nullable=False),
    C("revoked", Instant),
)
member_codes = table(
    # That a code was used is kept, and not when: the moment would lead to whoever began to follow just then.
    "member_codes",
    C("hash", sa.String(64), primary_key=True),
    C("sheet", sa.String(12), sa.ForeignKey("code_sheets.id", ondelete="CASCADE"), nullable=False),
    C("used", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_member_codes_sheet", "sheet", "used"),
)
member_tries = table(
    "member_tries",
    C("seq", Serial, primary_key=True),
    person(),
    C("tried", Instant, nullable=False),
    C("why", sa.String(8), nullable=False),
    sa.Index("ix_member_tries_person", "person", "tried"),
)
