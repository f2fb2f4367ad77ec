"""The table of broadcasts. Whom each was queued for is in the ledger, with the broadcast's id as the source."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column as C

from storage.columns import Id, Instant, Name, Sealed, table

broadcasts = table(
    "broadcasts",
    C("id", sa.String(12), primary_key=True),
    C("kind", sa.String(10), nullable=False),
    C("state", sa.String(10), nullable=False),
    C("audience", sa.Text, nullable=False),
    C("area", sa.String(32), nullable=False),
    C("words", Sealed, nullable=False),
    C("author", Name, nullable=False),
    # The host who wrote it and has no name at the desk: it goes with them.
    C("person", Id, sa.ForeignKey("persons.id", ondelete="CASCADE"), index=True),
    C("counted", sa.Integer),
    C("signer", Name),
    C("scheduled", Instant),
    C("starts", Instant),
    C("began", Instant),
    C("ended", Instant),
    C("created", Instant, nullable=False),
    sa.Index("ix_broadcasts_state", "state", "starts"),
    sa.Index("ix_broadcasts_author", "author", "created"),
)
