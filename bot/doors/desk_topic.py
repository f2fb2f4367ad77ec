"""A topic at the desk: the tally of every question with a bar, and people's own words, searched and paged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from bot.doors.desk_frame import Spot, day_of, figure, titled, words_of
from bot.doors.desk_tally import has_words, rows_of
from bot.doors.desk_views import figures_of, headline_of, href_of, newest, standing_of, state_of
from bot.house import House
from conversations.domain.questions import Question
from storage import actions, tallies
from storage.actions import ActionVersion
from storage.database import Transaction
from storage.staff import Member
from storage.tallies import OwnWordsRow

PAGE = 25


async def topic_values(house: House, member: Member, spot: Spot, asked: Mapping[str, str]) -> dict[str, Any]:
    """What desk_topic.html takes. `asked` may hold q (words searched for), of (a question) and page (of its words)."""
    async with house.database.read() as tx:
        figures = await figures_of(tx, spot)
        versions = await actions.on_topic(tx, spot.consultation.id, spot.topic.id)
        questions = [each | await _words(tx, spot, each["id"], asked) for each in await _tallied(tx, spot)]
    about = {"state": state_of(spot.consultation, house), "commission": words_of(spot.topic.commission.name)}
    return {
        "topic": titled(spot.topic.title) | figures | about,
        "new_href": f"{spot.href}/new" if member.may("officer", spot.commission) else None,
        "actions": [_row(version) for version in newest(versions)],
        "q": asked.get("q", ""),
        "questions": questions,
    }


def _row(version: ActionVersion) -> dict[str, Any]:
    shown = {"href": href_of(version), "kind": version.kind, "state": standing_of(version)}
    return headline_of(version) | shown | {"date": day_of(version.published or version.written)}


async def _tallied(tx: Transaction, spot: Spot) -> list[dict[str, Any]]:
    counts = await tallies.of_topic(tx, spot.consultation.id, spot.topic.id)
    answered = await tallies.answered(tx, spot.consultation.id, spot.topic.id)
    return [
        {
            "id": question.id,
            "text": words_of(question.text),
            "answered": figure(answered.get(question.id, 0)),
            "rows": await rows_of(tx, spot, question, counts, answered.get(question.id, 0)),
        }
        for question in spot.topic.questions()
    ]


async def said_on(tx: Transaction, spot: Spot, most: int) -> list[dict[str, Any]]:
    """What people said, short: for whoever writes beside it."""
    shown = []
    for each in await _tallied(tx, spot):
        if has_words(_question(spot, each["id"])):
            found, _ = await tallies.own_words(tx, spot.consultation.id, spot.topic.id, each["id"], "", 0, most)
            each["words"] = [_quoted(row) for row in found]
        shown.append(each)
    return shown


def _question(spot: Spot, id_: str) -> Question:
    return next(question for question in spot.topic.questions() if question.id == id_)


async def _words(tx: Transaction, spot: Spot, question: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """One page of the own words on a question."""
    if not has_words(_question(spot, question)):
        return {"words": None}
    q, page = asked.get("q", ""), _page(asked) if asked.get("of") == question else 1
    skip = (page - 1) * PAGE
    found, total = await tallies.own_words(tx, spot.consultation.id, spot.topic.id, question, q, skip, PAGE)
    shown = {
        "total": figure(total),
        "items": [_quoted(row) for row in found],
        "first": skip + 1,
        "last": skip + len(found),
        "prev": _address(question, page - 1, q) if page > 1 else None,
        "next": _address(question, page + 1, q) if skip + len(found) < total else None,
    }
    return {"words": shown}


def _quoted(row: OwnWordsRow) -> dict[str, str]:
    return {"pseudonym": row.pseudonym, "text": row.words, "lang": row.language, "date": day_of(row.given)}


def _page(asked: Mapping[str, str]) -> int:
    written = asked.get("page", "")
    return max(1, int(written)) if written.isascii() and written.isdigit() and len(written) < 7 else 1


def _address(question: str, page: int, q: str) -> str:
    searched = {"q": q} if q else {}
    return f"?{urlencode(searched | {'of': question, 'page': str(page)})}#{question}"
