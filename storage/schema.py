"""The schema: every table of the product, in one place. Migrations add up to exactly this (a test says so)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column as C

from storage import columns, schema_broadcasts, schema_events, schema_members

metadata, Serial, Id, Name = columns.metadata, columns.Serial, columns.Id, columns.Name
Instant, Sealed = columns.Instant, columns.Sealed
_table, _person = columns.table, columns.person
gatherings, bookings = schema_events.gatherings, schema_events.bookings
exit_answers, visits = schema_events.exit_answers, schema_events.visits
broadcasts = schema_broadcasts.broadcasts
code_sheets, member_codes = schema_members.code_sheets, schema_members.member_codes
member_tries = schema_members.member_tries

# People

persons = _table(
    "persons",
    C("id", Id, primary_key=True),
    C("pseudonym", sa.String(16), nullable=False, unique=True),
    C("language", sa.String(8), nullable=False),
    C("zone", sa.String(40), nullable=False),
    C("created", Instant, nullable=False),
)
addresses = _table(
    "addresses",
    C("id", Id, primary_key=True),
    _person(index=True),
    C("channel", sa.String(16), nullable=False),
    C("lookup", sa.String(64), nullable=False),
    C("sealed", Sealed, nullable=False),
    C("stopped_at", Instant),
    C("silent", sa.String(24)),
    C("created", Instant, nullable=False),
    sa.UniqueConstraint("channel", "lookup"),
)
facts = _table(
    "facts",
    _person(primary_key=True),
    C("fact", sa.String(24), primary_key=True),
    C("value", Name, nullable=False),
    C("told", Instant, nullable=False),
    sa.Index("ix_facts_told", "value", "fact"),
)
consents = _table(
    "consents",
    _person(primary_key=True),
    C("consultation", sa.String(64), primary_key=True),
    C("purpose", sa.String(16), primary_key=True),
    C("choice", sa.String(16), nullable=False),
    C("wording", sa.String(24), nullable=False),
    C("channel", sa.String(16), nullable=False),
    C("given", Instant, nullable=False),
    sa.CheckConstraint("purpose <> 'take_part' OR choice = 'yes'", name="ck_consents_take_part_is_a_yes"),
)
consent_history = _table(
    "consent_history",
    C("seq", Serial, primary_key=True),
    _person(index=True),
    C("consultation", sa.String(64), nullable=False),
    C("purpose", sa.String(16), nullable=False),
    C("choice", sa.String(16), nullable=False),
    C("wording", sa.String(24), nullable=False),
    C("channel", sa.String(16), nullable=False),
    C("given", Instant, nullable=False),
)
return_codes = _table("return_codes", C("hash", sa.String(64), primary_key=True), _person(index=True))
joins = _table(
    "joins",
    C("hash", sa.String(64), primary_key=True),
    _person(index=True),
    C("expires", Instant, nullable=False),
)

# What is said

conversations = _table(
    "conversations",
    _person(primary_key=True),
    C("consultation", sa.String(64), nullable=False),
    C("shape", sa.Integer, nullable=False),
    C("state", Sealed, nullable=False),
    C("revision", sa.Integer, nullable=False),
    C("turned", Instant, nullable=False),
)
events = _table(
    "events",
    C("channel", sa.String(16), primary_key=True),
    C("event", sa.String(80), primary_key=True),
    C("heard", Instant, nullable=False, index=True),
)
quarantine = _table(
    "quarantine",
    C("seq", Serial, primary_key=True),
    C("channel", sa.String(16), nullable=False),
    C("event", sa.String(80), nullable=False),
    C("error", sa.Text, nullable=False),
    C("heard", Instant, nullable=False),
    sa.UniqueConstraint("channel", "event"),
)
_ANSWER: list[tuple[str, Any]] = [
    ("consultation", sa.String(64)),
    ("topic", sa.String(32)),
    ("question", sa.String(32)),
    ("slot", sa.String(120)),
    ("picks", sa.Text),
    ("number", sa.String(24)),
    ("words", Sealed),
    ("skipped", sa.Boolean),
    ("aside", sa.Boolean),
    ("shape", sa.Integer),
    ("wording", sa.Integer),
    ("language", sa.String(8)),
    ("given", Instant),
]
_OPTIONAL = {"number", "words"}
answers = _table(
    "answers",
    C("id", Id, primary_key=True),
    _person(),
    *(C(name, kind, nullable=name in _OPTIONAL) for name, kind in _ANSWER),
    sa.UniqueConstraint("person", "consultation", "slot"),
    sa.ForeignKeyConstraint(
        ["person", "consultation", "topic"],
        ["responses.person", "responses.consultation", "responses.topic"],
        ondelete="CASCADE",
    ),
    sa.Index("ix_answers_topic", "consultation", "topic", "question", "given"),
)
answer_history = _table(
    "answer_history",
    C("seq", Serial, primary_key=True),
    _person(index=True),
    *(C(name, kind, nullable=name in _OPTIONAL) for name, kind in _ANSWER),
    C("replaced", Instant, nullable=False),
)
answer_picks = _table(
    "answer_picks",
    C("answer", Id, sa.ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    C("pick", sa.String(64), primary_key=True),
)
responses = _table(
    "responses",
    _person(primary_key=True),
    C("consultation", sa.String(64), primary_key=True),
    C("topic", sa.String(32), primary_key=True),
    C("agreed", sa.String(16), nullable=False, server_default="take_part"),
    C("address", Id, sa.ForeignKey("addresses.id", ondelete="SET NULL")),
    C("reference", sa.String(24), unique=True),
    C("started", Instant, nullable=False),
    C("sent", Instant),
    # No answer without consent: an answer hangs on its response, and that on a "yes" to taking part.
    sa.CheckConstraint("agreed = 'take_part'", name="ck_responses_agreed_to_take_part"),
    sa.ForeignKeyConstraint(
        ["person", "consultation", "agreed"],
        ["consents.person", "consents.consultation", "consents.purpose"],
        ondelete="CASCADE",
    ),
    sa.Index("ix_responses_topic", "consultation", "topic"),
)
tallies = _table(
    "tallies",
    C("consultation", sa.String(64), primary_key=True),
    C("topic", sa.String(32), primary_key=True),
    C("slot", sa.String(120), primary_key=True),
    C("pick", sa.String(64), primary_key=True),
    C("people", sa.Integer, nullable=False),
)

# Documents and places

documents = _table(
    "documents",
    C("consultation", sa.String(64), primary_key=True),
    C("number", sa.Integer, primary_key=True),
    C("shape", sa.Integer, nullable=False),
    C("words", sa.Integer, nullable=False),
    C("calendar", sa.Integer, nullable=False),
    C("digests", sa.Text, nullable=False),
    C("text", sa.Text, nullable=False),
    C("today", sa.Date, nullable=False),
    C("loaded", Instant, nullable=False),
)
places = _table(
    "places",
    C("code", sa.String(12), primary_key=True),
    C("name", Name, nullable=False),
    C("folded", Name, nullable=False, index=True),
    C("region", sa.String(32), nullable=False),
    C("nation", sa.String(24), nullable=False),
)
corrections = _table(
    "corrections",
    C("seq", Serial, primary_key=True),
    C("language", sa.String(8), nullable=False),
    C("page", sa.String(200), nullable=False),
    C("words", sa.Text, nullable=False),
    C("sent", Instant, nullable=False),
)

# The commission acts

staff = _table(
    "staff",
    C("id", Id, primary_key=True),
    C("name", Name, nullable=False, unique=True),
    C("person", Id, sa.ForeignKey("persons.id", ondelete="SET NULL"), unique=True),
    C("created", Instant, nullable=False),
)
grants = _table(
    "grants",
    C("staff", Id, sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    C("role", sa.String(16), primary_key=True),
    C("commission", sa.String(64), primary_key=True),
    C("given", Instant, nullable=False),
)
sign_in_links = _table(
    "sign_in_links",
    C("hash", sa.String(64), primary_key=True),
    C("staff", Id, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    C("expires", Instant, nullable=False),
    C("used", Instant),
)
sessions = _table(
    "sessions",
    C("hash", sa.String(64), primary_key=True),
    C("staff", Id, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    C("expires", Instant, nullable=False),
    C("seen", Instant),
)
audit = _table(
    "audit",
    C("seq", Serial, primary_key=True),
    C("at", Instant, nullable=False),
    C("staff", Name, nullable=False),
    C("act", sa.String(32), nullable=False),
    C("what", sa.String(200), nullable=False),
)
actions = _table(
    "actions",
    C("id", Id, primary_key=True),
    C("consultation", sa.String(64), nullable=False),
    C("topic", sa.String(32), nullable=False),
    C("created", Instant, nullable=False),
    sa.Index("ix_actions_topic", "consultation", "topic"),
)
action_versions = _table(
    "action_versions",
    C("id", Id, primary_key=True),
    C("action", Id, sa.ForeignKey("actions.id", ondelete="CASCADE"), nullable=False),
    C("version", sa.Integer, nullable=False),
    C("kind", sa.String(16), nullable=False),
    C("questions", sa.Text, nullable=False),
    C("texts", sa.Text, nullable=False),
    C("reason", sa.Text, nullable=False),
    C("author", Name, nullable=False),
    C("written", Instant, nullable=False),
    C("signer", Name),
    C("signed", Instant),
    C("published", Instant),
    C("fan_out", sa.String(8), nullable=False),
    sa.UniqueConstraint("action", "version"),
)

# Following

subscriptions = _table(
    "subscriptions",
    _person(primary_key=True),
    C("kind", sa.String(12), primary_key=True),
    C("subject", sa.String(100), primary_key=True),
    C("pace", sa.String(8), nullable=False),
    C("address", Id, sa.ForeignKey("addresses.id", ondelete="SET NULL"), index=True),
    C("since", Instant, nullable=False),
    sa.Index("ix_subscriptions_subject", "kind", "subject", "pace"),
)
channel_choices = _table(
    "channel_choices",
    _person(primary_key=True),
    C("kind", sa.String(8), primary_key=True),
    C("address", Id, sa.ForeignKey("addresses.id", ondelete="CASCADE"), nullable=False, index=True),
)
notices = _table(
    "notices",
    C("id", Id, primary_key=True),
    C("kind", sa.String(12), nullable=False),
    C("what", sa.String(64), nullable=False),
    C("happened", Instant, nullable=False),
    sa.UniqueConstraint("kind", "what"),
)

# Deliveries

deliveries = _table(
    "deliveries",
    C("seq", Serial, primary_key=True),
    C("id", Id, nullable=False, unique=True),
    C("lane", sa.SmallInteger, nullable=False),
    _person(),
    C("address", Id, sa.ForeignKey("addresses.id", ondelete="SET NULL")),
    C("channel", sa.String(16), nullable=False),
    C("kind", sa.String(10), nullable=False),
    C("source", Id),
    C("token", sa.String(24)),
    C("is_prompt", sa.Boolean, nullable=False),
    C("body", Sealed),
    C("target", sa.String(40)),
    C("state", sa.String(10), nullable=False),
    C("waits_for", sa.String(16)),
    C("holder", sa.String(36)),
    C("lease_until", Instant),
    C("attempts", sa.Integer, nullable=False),
    C("not_before", Instant, nullable=False),
    C("created", Instant, nullable=False),
    C("settled", Instant),
    C("remote", sa.String(40)),
    C("failure", sa.String(24)),
    C("language", sa.String(8)),
    C("catalogue", sa.String(16)),
    C("digest", sa.String(64)),
    C("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("source", "person"),
    sa.Index("ix_deliveries_address", "address", "state", "seq"),
    sa.Index("ix_deliveries_due", "state", "lane", "channel", "not_before", "seq"),
    sa.Index("ix_deliveries_source", "source", "state"),
    sa.Index(
        "ix_deliveries_unasked",
        "person",
        "state",
        "settled",
        sqlite_where=sa.text("lane = 2"),
        postgresql_where=sa.text("lane = 2"),
    ),
)
standing_prompts = _table(
    "standing_prompts",
    C("token", sa.String(24), primary_key=True),
    _person(index=True),
    C("source", Id, nullable=False, index=True),
    C("letter", sa.String(1), nullable=False),
    C("opened", Instant, nullable=False),
    C("verdict", sa.String(24)),
    C("words", Sealed),
    C("replied", Instant),
)
leases = _table(
    "leases",
    C("name", sa.String(64), primary_key=True),
    C("holder", sa.String(36), nullable=False),
    C("until", Instant, nullable=False),
)
marks = _table("marks", C("name", sa.String(32), primary_key=True), C("value", sa.String(200), nullable=False))
