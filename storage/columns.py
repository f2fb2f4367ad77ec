"""Columns: what every table is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column as C
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, to the microsecond; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id, Name, Sealed = sa.String(36), sa.String(120), sa.LargeBinary
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def person(**more: Any) -> C[Any]:
    """Whose a row is: it goes with them."""
    return C("person", Id, sa.ForeignKey("persons.id", ondelete="CASCADE"), nullable=False, **more)


def table(name: str, *items: Any) -> sa.Table:
    """A table of the schema."""
    return sa.Table(name, metadata, *items)
