"""The transcripts, in real Chromium with scripts on and off; what a browser asks for and complains of on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.players import in_browser, play
from tests.service import Service

TRANSCRIPTS = sorted(Path(__file__).parents[1].joinpath("transcripts").glob("*.txt"))
STORY = "story.en"


def text_of(transcript: Path) -> str:
    """A transcript's text."""
    return transcript.read_text(encoding="utf-8")


def _modes() -> list[object]:
    """The story with scripts on is quick enough for every day; the rest is slow."""
    modes = []
    for path in TRANSCRIPTS:
        for scripts in (True, False) if path.stem.startswith("story") else (True,):
            daily = path.stem == STORY and scripts
            name = f"{path.stem}-scripts-{'on' if scripts else 'off'}"
            modes.append(pytest.param(path, scripts, marks=[] if daily else [pytest.mark.slow], id=name))
    return modes


@pytest.mark.parametrize(("transcript", "scripts"), _modes())
async def test_transcript(transcript: Path, scripts: bool, service: Service, browser: Browser) -> None:
    async with in_browser(browser, service, scripts=scripts) as player:
        await play(text_of(transcript), service, player, transcript.name)
        assert player.watched.complaints == [], "the browser complained"
        elsewhere = [url for url in player.watched.requests if not url.startswith(f"{service.base}/")]
        assert elsewhere == [], "something was asked of somebody else"
