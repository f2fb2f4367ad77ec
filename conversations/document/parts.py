"""How many parts a text message takes (GSM 03.38, or UCS-2 as soon as one mark is not in that alphabet)."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Marks of the extension table: two septets each, which are never put in two different parts."""


def parts(text: str) -> int:
    """The number of parts this text is sent in; an empty text takes one."""
    if strangers(text):
        sizes, whole, each = [2 if ord(mark) > 0xFFFF else 1 for mark in text], 70, 67
    else:
        sizes, whole, each = [2 if mark in _EXTENDED else 1 for mark in text], 160, 153
    return 1 if sum(sizes) <= whole else _filled(sizes, each)


def strangers(text: str) -> tuple[str, ...]:
    """The marks that the alphabet of text messages lacks, such as ŵ and ŷ; one is enough to more than halve a part."""
    return tuple(dict.fromkeys(mark for mark in text if mark not in _BASIC and mark not in _EXTENDED))


def _filled(sizes: list[int], each: int) -> int:
    count, room = 1, each
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return count
