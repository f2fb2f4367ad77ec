"""Serving: the web server around the app, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal

from aiohttp import web

from bot.app import running
from bot.opening import NotReady
from bot.settings import Settings

log = logging.getLogger(__name__)


async def serve_forever(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what is under way."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    async with running(settings) as app:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            await _start(site, settings)
            print(f"Big Conversation is at {settings.base_url}", flush=True)
            if settings.trial:
                print("This is a trial on this machine. To sign in at the desk, run in another window:")
                print('  bigconversation grant "Your name" officer && bigconversation link "Your name"', flush=True)
            await stop.wait()
        finally:
            await runner.cleanup()


async def _start(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        raise NotReady(
            f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}. "
            "Choose another, such as: make run PORT=8090"
        ) from None
