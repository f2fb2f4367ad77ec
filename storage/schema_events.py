"""The tables of events: in code a gathering, because the table `events` holds what was heard."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column as C

from storage.columns import Id, Instant, Name, Sealed, Serial, person, table

gatherings = table(
    "gatherings",
    C("id", sa.String(12), primary_key=True),
    # Whose words it still is: until it is public it goes with them. From then on only `host` names them.
    C("draft_of", Id, sa.ForeignKey("persons.id", ondelete="CASCADE"), index=True),
    C("host", Id, sa.ForeignKey("persons.id", ondelete="SET NULL"), index=True),
    C("address", Id, sa.ForeignKey("addresses.id", ondelete="SET NULL")),
    C("state", sa.String(12), nullable=False),
    C("words", Sealed, nullable=False),
    C("nation", sa.String(24), nullable=False, server_default=""),
    C("region", sa.String(32), nullable=False, server_default=""),
    C("constituency", sa.String(12), nullable=False, server_default=""),
    C("day", sa.Date),
    C("at", sa.Time),
    C("minutes", sa.Integer, nullable=False),
    C("zone", sa.String(40), nullable=False),
    C("starts", Instant),
    C("seats", sa.Integer),
    C("taken", sa.Integer, nullable=False, server_default="0"),
    C("step_free", sa.String(8), nullable=False, server_default=""),
    C("format", sa.String(24), nullable=False),
    C("language", sa.String(8), nullable=False),
    C("topic", sa.String(32), nullable=False, server_default=""),
    C("version", sa.Integer, nullable=False),
    C("moved", sa.Boolean, nullable=False),
    C("approver", Name),
    C("came", sa.Integer),
    C("walked_in", sa.Integer, nullable=False, server_default="0"),
    C("reported", Instant),
    C("created", Instant, nullable=False),
    C("changed", Instant, nullable=False),
    sa.CheckConstraint("taken >= 0 AND (taken = 0 OR taken <= seats)", name="ck_gatherings_no_seat_twice"),
    sa.Index("ix_gatherings_programme", "state", "starts"),
    sa.Index("ix_gatherings_near", "constituency", "state", "starts"),
    sa.Index("ix_gatherings_region", "region", "state", "starts"),
    sa.Index("ix_gatherings_nation", "nation", "state", "starts"),
)
bookings = table(
    "bookings",
    C("seq", Serial, primary_key=True),
    C("gathering", sa.String(12), sa.ForeignKey("gatherings.id", ondelete="CASCADE"), nullable=False),
    person(index=True),
    C("address", Id, sa.ForeignKey("addresses.id", ondelete="SET NULL")),
    C("state", sa.String(8), nullable=False),
    C("made", Instant, nullable=False),
    C("code", sa.String(8)),
    C("came", Instant),
    C("answered", sa.Integer, nullable=False, server_default="0"),
    # What whoever came added in their own words: it goes with their seat.
    C("words", Sealed),
    sa.UniqueConstraint("gathering", "person"),
    sa.Index("uq_bookings_code", "gathering", "code", unique=True),
    sa.Index("ix_bookings_queue", "gathering", "state", "seq"),
)
exit_answers = table(
    # What was said of an event by whoever came. No column says who, or when: only what they booked says that they did.
    "exit_answers",
    C("seq", Serial, primary_key=True),
    C("gathering", sa.String(12), sa.ForeignKey("gatherings.id", ondelete="CASCADE"), nullable=False, index=True),
    C("question", sa.String(8), nullable=False),
    C("answer", sa.String(8), nullable=False),
)
visits = table(
    "visits",
    C("gathering", sa.String(12), sa.ForeignKey("gatherings.id", ondelete="CASCADE"), primary_key=True),
    # Whoever wrote it: it goes with them, until a month after the event nobody knows whose it is.
    C("person", Id, sa.ForeignKey("persons.id", ondelete="CASCADE"), index=True),
    C("words", Sealed, nullable=False),
    C("due", sa.Date),
    C("done", Instant),
    C("done_by", Name),
    sa.Index("ix_visits_due", "done", "due"),
)
