"""python-telegram-bot's request seam over one aiohttp session.

A send that fails leaves one question: did it arrive? The library's own transport says `TimedOut` or `NetworkError`
either way. This one keeps the two apart, so that the sender knows what it may repeat:

    NotSent     certainly not: no connection was made, so no byte has left
    MaybeSent   unknown: the connection was made, then it fell silent, broke off or answered nonsense

`is_unknown` reads that off any error of the library. The bot's token is part of every URL, and of no text raised here.
"""

from __future__ import annotations

import io
import json
import re
from contextvars import ContextVar
from typing import Any

import aiohttp
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

_UNSET = BaseRequest.DEFAULT_NONE
_TOKEN_IN_URL = re.compile(r"/bot([^/]+)/")
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,  # refused, unreachable, no such name, TLS failed
    aiohttp.ConnectionTimeoutError,  # no answer to the connection, or no free place in the pool
    aiohttp.ClientHttpProxyError,  # our own proxy said no
    aiohttp.InvalidURL,
)


class NotSent(NetworkError):
    """The call certainly did not leave this machine: repeating it cannot do anything twice."""


class MaybeSent(TimedOut):
    """The call may have been carried out: repeating it may do the same thing twice."""


def is_unknown(error: TelegramError) -> bool:
    """Whether a failed call may have taken effect all the same (otherwise it was refused, or never left)."""
    if isinstance(error, NotSent | BadRequest):
        return False
    return isinstance(error, NetworkError) or type(error) is TelegramError


class AiohttpRequest(BaseRequest):
    """Carries the library's calls. Give `telegram.Bot` two of them: one for sending and one for long polling."""

    __slots__ = ("_connect", "_connections", "_pool", "_read", "_session", "_trust_env", "_upload", "_write")

    def __init__(
        self,
        *,
        connections: int = 256,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        write_timeout: float | None = 5.0,
        upload_timeout: float | None = 20.0,
        read_timeout: float | None = 5.0,
        trust_env: bool = False,
    ) -> None:
        self._connections = connections
        self._connect, self._pool, self._read = connect_timeout, pool_timeout, read_timeout
        self._write, self._upload = write_timeout, upload_timeout
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """The seconds an answer may take when the caller does not say; long polling adds its own to it."""
        return self._read

    async def initialize(self) -> None:
        """Open the session, in the running loop. Doing it twice does nothing."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                trust_env=self._trust_env,
            )

    async def shutdown(self) -> None:
        """Close the session and its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = _UNSET,
        write_timeout: object = _UNSET,
        connect_timeout: object = _UNSET,
        pool_timeout: object = _UNSET,
    ) -> tuple[int, bytes]:
        """Carry one call, and return the status and body of the answer. The session must be open."""
        uploading = request_data is not None and request_data.contains_files
        patience = _patience(
            connect=_seconds(connect_timeout, self._connect),
            pool=_seconds(pool_timeout, self._pool),
            write=_seconds(write_timeout, self._upload if uploading else self._write),
            read=_seconds(read_timeout, self._read),
            bounded=method != "GET",
        )
        return await self._carry(url, method, _body(request_data), patience)

    async def _carry(
        self, url: str, method: str, body: dict[str, Any], patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NotSent("the Telegram connection is not open")
        try:
            async with self._session.request(method, url, timeout=patience, allow_redirects=False, **body) as answer:
                content = await answer.read()
                return answer.status, content if answer.ok else _without_token_bytes(content, url)
        except _BEFORE_SENDING as error:
            failure: NetworkError = NotSent(_story(error, url))
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            failure = MaybeSent(_story(error, url))
        except Exception as error:  # a slip of ours or of aiohttp's, whose text may quote what was to be sent
            failure = MaybeSent(type(error).__name__)
        raise failure  # out here, so that the original error, whose text may hold the URL, is not chained to it

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer. One that cannot be read says nothing about the call, and its text is not logged."""
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not ("result" in answer or "description" in answer):
            raise MaybeSent("Telegram's answer could not be read")
        return answer


SENT: ContextVar[str] = ContextVar("SENT", default="")
"""The id of the message that this task sent last."""


class MessageRequest(AiohttpRequest):
    """Sends messages, of whose answers only the id is read, off `SENT`. The library is told that it was done: then it
    makes no message of the answer, which would cost as much as carrying it."""

    __slots__ = ()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer."""
        answer = AiohttpRequest.parse_json_payload(payload)
        sent = answer.get("result")
        if isinstance(sent, dict) and "message_id" in sent:
            SENT.set(str(sent["message_id"]))
            answer["result"] = True
        return answer


def _body(data: RequestData | None) -> dict[str, Any]:
    """The call's parameters as arguments for aiohttp: JSON, or a form when there are files in it."""
    if data is None:
        return {}
    try:
        if not data.contains_files:
            content = json.dumps(data.parameters, ensure_ascii=False, separators=(",", ":")).encode()
            return {"data": content, "headers": {"Content-Type": "application/json"}}
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)  # file names as they are, not %-quoted
        for name, value in data.json_parameters.items():
            value.encode()
            form.add_field(name, value)
    except UnicodeEncodeError:
        raise BadRequest("the text holds half a surrogate pair, which no channel can carry") from None
    for name, (filename, file, mimetype) in data.multipart_data.items():
        stream = io.BytesIO(file) if isinstance(file, bytes) else file  # aiohttp warns of large bare bytes
        form.add_field(name, stream, filename=filename, content_type=mimetype)
    return {"data": form}


def _seconds(given: object, default: float | None) -> float | None:
    """A timeout as the library passes it: a number, None for no limit, or a marker for our default."""
    if given is None or isinstance(given, int | float):
        return given
    return default


def _patience(
    *, connect: float | None, pool: float | None, write: float | None, read: float | None, bounded: bool
) -> aiohttp.ClientTimeout:
    """The library's four timeouts in aiohttp's terms.

    aiohttp counts waiting for a free connection as connecting, and has no limit on writing: for that, the sum bounds
    the whole. A download is not bounded: its size is not ours to know, and `sock_read` ends it when nothing comes.
    """
    connecting = None if connect is None or pool is None else connect + pool
    total = None if connecting is None or write is None or read is None else connecting + write + read
    return aiohttp.ClientTimeout(
        total=total if bounded else None, connect=connecting, sock_connect=connect, sock_read=read
    )


def _story(error: BaseException, url: str) -> str:
    """What went wrong, for a log: the kind of error and its text, without the token."""
    text = str(error)
    for token in _TOKEN_IN_URL.findall(url):
        text = text.replace(token, "<token>")
    return f"{type(error).__name__}: {text}"


def _without_token_bytes(content: bytes, url: str) -> bytes:
    """An error page (a proxy's, say) without the token: the library quotes pages it cannot read in its error text."""
    for token in _TOKEN_IN_URL.findall(url):
        content = content.replace(token.encode(), b"<token>")
    return content
