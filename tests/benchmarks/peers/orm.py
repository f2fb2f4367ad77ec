"""Answers by SQLAlchemy's ORM, as its tutorial shows: a session an update, the person got or added, a commit."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, ForeignKey, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    step: Mapped[int] = mapped_column(default=0)
    answers: Mapped[list[Given]] = relationship(back_populates="member")


class Given(Base):
    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    question: Mapped[int]
    words: Mapped[str]
    given: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC).replace(tzinfo=None))
    member: Mapped[Member] = relationship(back_populates="answers")


class Sessions:
    """A session factory for a file of SQLite (WAL, synchronous=NORMAL, as guides recommend) or for PostgreSQL."""

    def __init__(self, database: str) -> None:
        url = (
            database.replace("postgresql://", "postgresql+asyncpg://")
            if "://" in database
            else f"sqlite+aiosqlite:///{database}"
        )
        self.engine = create_async_engine(url, pool_size=10)
        if "sqlite" in url:
            event.listen(self.engine.sync_engine, "connect", _prepare)
        self.open: async_sessionmaker[AsyncSession] = async_sessionmaker(self.engine, expire_on_commit=False)


def _prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def tables(sessions: Sessions) -> None:
    async with sessions.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


async def store(sessions: Sessions, person: int, question: int, words: str) -> None:
    async with sessions.open() as session:
        member = await session.get(Member, person)
        if member is None:
            member = Member(id=person)
            session.add(member)
        member.step = question
        session.add(Given(member=member, question=question, words=words))
        await session.commit()
