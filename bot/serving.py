"""Serving: the web server around the app, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys

from aiohttp import web

from bot.app import running
from bot.doors.guard import runner_of
from bot.doors.pages import HOUSE
from bot.house import House
from bot.opening import NotReady
from bot.settings import Settings
from storage import staff
from storage.marks import note

log = logging.getLogger(__name__)
TRIAL_OFFICER = "Trial officer"


async def serve_forever(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what is under way."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    async with running(settings) as app:
        runner = runner_of(app, shutdown_timeout=5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            await _start(site, settings)
            print(f"Big Conversation is at {settings.base_url}", flush=True)
            if settings.trial:
                print(await _trial_greeting(app[HOUSE]), flush=True)
            await stop.wait()
        finally:
            await runner.cleanup()


async def _trial_greeting(house: House) -> str:
    """A trial's officer, with a link to the desk; and where this trial is served, for links made later."""
    async with house.database.write(house.clock()) as tx:
        await note(tx, "served_at", house.settings.base_url)
        await staff.grant(tx, TRIAL_OFFICER, "officer", "")
        token = await staff.make_link(tx, TRIAL_OFFICER)
    return (
        f"This is a trial on this machine. To sign in at the desk as {TRIAL_OFFICER!r}, open this once:\n"
        f"  {house.settings.base_url}/desk/in/{token}\n"
        f"For another link, in another window: {sys.argv[0]} link {TRIAL_OFFICER!r}"
    )


async def _start(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        raise NotReady(
            f"Port {settings.port} on {settings.host} cannot be used: {os.strerror(error.errno or 0)}. "
            "Choose another, such as: make run PORT=8090"
        ) from None
