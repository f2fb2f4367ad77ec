"""Texts as Telegram reads them: lengths in UTF-16 units, formatting taken out of the text, white space trimmed."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from tests.fakes.botapi_rules import Json, bad_request

_TAG = re.compile(r"<(/?)([^\s<>]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"""\s*([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?""")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?(?![\w/])")
_TYPE_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
_GIVEN_TYPES = {*_TYPE_OF_TAG.values(), "mention", "hashtag", "url", "email", "bot_command", "phone_number"}


@dataclass(frozen=True)
class Formatted:
    """A text without its markup, and where the formatting is."""

    text: str
    entities: tuple[Json, ...] = ()


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def read_text(text: str, parse_mode: str | None, entities: list[Json] | None, *, limit: int, what: str) -> Formatted:
    """Read a text the bot sends, and refuse one that Telegram would not carry. `limit` is counted after parsing."""
    if parse_mode is None:
        formatted = Formatted(text, tuple(_checked(entity, text) for entity in entities or ()))
    elif parse_mode.lower() == "html":
        formatted = _read_html(text)
    else:
        raise bad_request("unsupported parse_mode (this fake reads HTML only)")
    formatted = _trimmed(formatted)
    if units(formatted.text) > limit:
        raise bad_request(f"{what} is too long")
    if len(formatted.entities) > 100:
        raise bad_request("too many entities (this fake is strict)")
    return formatted


def commands_in(text: str) -> list[Json]:
    """The bot commands in what a person typed, as Telegram marks them."""
    return [
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in _COMMAND.finditer(text)
    ]


def in_pieces(text: str, limit: int = 4096) -> list[str]:
    """A long text as a person's app sends it: in several messages."""
    pieces, piece, size = [], "", 0
    for character in text:
        width = units(character)
        if size + width > limit:
            pieces.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + width
    return [*pieces, piece]


def _checked(entity: Json, text: str) -> Json:
    offset, length = entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(length, int) or entity.get("type") not in _GIVEN_TYPES:
        raise bad_request("can't parse MessageEntity")
    if offset < 0 or length <= 0 or offset + length > units(text):
        raise bad_request(f"entity beginning at UTF-16 offset {offset} ends after the end of the text")
    return entity


def _trimmed(formatted: Formatted) -> Formatted:
    """Without white space at both ends, and the formatting moved accordingly."""
    text = formatted.text.strip()
    left = units(formatted.text[: len(formatted.text) - len(formatted.text.lstrip())])
    size, entities = units(text), []
    for entity in formatted.entities:
        start = max(0, entity["offset"] - left)
        end = min(size, entity["offset"] - left + entity["length"])
        if end > start:
            entities.append({**entity, "offset": start, "length": end - start})
    return Formatted(text, tuple(entities))


def _read_html(source: str) -> Formatted:
    """Take the tags out. The errors are worded as Telegram's, since a person will meet them in a log."""
    text, entities, opened, position = "", [], [], 0
    for tag in _TAG.finditer(source):
        text += _plain(source[position : tag.start()])
        position = tag.end()
        closing, name, rest = tag.group(1), tag.group(2).lower(), tag.group(3)
        if not closing:
            opened.append((name, _opening(name, rest), units(text)))
            continue
        if not opened or opened[-1][0] != name:
            raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {_bytes(source, tag.start())}")
        _, entity, start = opened.pop()
        if units(text) > start:
            entities.append({**entity, "offset": start, "length": units(text) - start})
    text += _plain(source[position:])
    if opened:
        raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{opened[-1][0]}\"")
    return Formatted(text, tuple(sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))))


def _opening(name: str, rest: str) -> Json:
    if name not in _TYPE_OF_TAG:
        raise bad_request(f'can\'t parse entities: Unsupported start tag "{name}"')
    attributes = {found[0]: html.unescape(found[1] or found[2] or found[3]) for found in _ATTRIBUTE.findall(rest)}
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise bad_request('can\'t parse entities: Tag "span" must have class "tg-spoiler"')
    if name == "a":
        return {"type": "text_link", "url": attributes.get("href", "")}
    if name == "blockquote" and "expandable" in attributes:
        return {"type": "expandable_blockquote"}
    return {"type": _TYPE_OF_TAG[name]}


def _plain(source: str) -> str:
    if "<" in source:
        raise bad_request("can't parse entities: Unclosed start tag")
    return _ENTITY.sub(lambda found: html.unescape(found.group()), source)


def _bytes(source: str, position: int) -> int:
    return len(source[:position].encode())
