"""Keyboards under a message: what Telegram accepts, and what a person sees of them."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from tests.fakes.botapi_rules import Json, bad_request

_INLINE_ACTIONS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "pay",
}
_INLINE_LOOKS = {"text", "style", "icon_custom_emoji_id"}
_REPLY_BUTTON = {*_INLINE_LOOKS, "request_contact", "request_location", "request_poll", "web_app"}
_REPLY_OPTIONS = {"is_persistent", "resize_keyboard", "one_time_keyboard", "input_field_placeholder", "selective"}
_OTHER_MARKUPS = {
    "remove_keyboard": {"selective"},
    "force_reply": {"input_field_placeholder", "selective"},
}


def check_markup(markup: Json | None, *, inline_only: bool = False) -> Json | None:
    """Refuse a keyboard Telegram would not show; None for no keyboard, or an empty one."""
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return _check_inline(markup)
    if inline_only:
        raise bad_request("inline keyboard expected")
    if "keyboard" in markup:
        return _check_reply(markup)
    for name, options in _OTHER_MARKUPS.items():
        if markup.get(name) is True and set(markup) <= {name} | options:
            return markup
    raise bad_request("object expected as reply markup")


def labels(markup: Json | None) -> tuple[tuple[str, ...], ...]:
    """What is written on the buttons, row by row."""
    return tuple(tuple(button["text"] for button in row) for row in _rows(markup))


def button_named(markup: Json | None, label: str) -> Json | None:
    """The button with that label, if there is one."""
    for row in _rows(markup):
        for button in row:
            if button["text"] == label:
                return button
    return None


def _rows(markup: Json | None) -> list[list[Json]]:
    markup = markup or {}
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [[{"text": button} if isinstance(button, str) else button for button in row] for row in rows]


def _check_inline(markup: Json) -> Json | None:
    if set(markup) != {"inline_keyboard"}:
        raise bad_request(f"unknown fields in InlineKeyboardMarkup: {sorted(markup)}")
    rows = _checked_rows(markup, "inline_keyboard", most=100, widest=8)
    for row in rows:
        for button in row:
            _check_inline_button(button)
    return markup if any(rows) else None


def _check_inline_button(button: object) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    actions = set(button) & _INLINE_ACTIONS
    if unknown := set(button) - _INLINE_ACTIONS - _INLINE_LOOKS:
        raise bad_request(f"can't parse inline keyboard button: unknown fields {sorted(unknown)}")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if not actions or button.get("callback_data") == "":
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"can't parse inline keyboard button: only one of {sorted(actions)} can be used")
    if "callback_data" in button:
        _check_data(button["callback_data"])
    if "url" in button:
        _check_url(button["url"])


def _check_data(data: object) -> None:
    if not isinstance(data, str) or len(data.encode()) > 64:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: object) -> None:
    """Telegram wants a name with a dot in it, or an address: never `localhost`."""
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    if parts.scheme not in ("http", "https", "tg") or (parts.scheme != "tg" and "." not in (parts.hostname or "")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_reply(markup: Json) -> Json | None:
    if unknown := set(markup) - {"keyboard"} - _REPLY_OPTIONS:
        raise bad_request(f"unknown fields in ReplyKeyboardMarkup: {sorted(unknown)}")
    rows = _checked_rows(markup, "keyboard", most=300, widest=12)
    for row in rows:
        for button in row:
            text = button if isinstance(button, str) else button.get("text")
            if not isinstance(text, str) or not text.strip():
                raise bad_request("keyboard button text must be non-empty")
            if isinstance(button, dict) and set(button) - _REPLY_BUTTON:
                raise bad_request(f"can't parse keyboard button: unknown fields in {sorted(button)}")
    return markup if any(rows) else None


def _checked_rows(markup: Json, name: str, *, most: int, widest: int) -> list[list[Json]]:
    rows = markup[name]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    if sum(map(len, rows)) > most or len(json.dumps(markup, ensure_ascii=False).encode()) > 10_000:
        raise bad_request("reply markup is too long")
    if any(len(row) > widest for row in rows):
        raise bad_request(f"more than {widest} buttons in a row (this fake is strict)")
    return rows
