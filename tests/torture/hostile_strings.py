"""Hostile words: whatever somebody may type or paste to break us. Made by dice from a seed, so never a long file."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator

Dice = random.Random
DIGITS = "٣٤٥۷۸९०১২৩௪௫๒๓４５６߁߂᭑᭒𝟙𝟚𝟛Ⅷ½²³①⑳〇"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\u180e\u2028\u2029\u00a0\ufffe\uffff\ufff9"
CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
FAMILIES = ("👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👩🏿", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🧑🏻‍🤝‍🧑🏾", "❤️‍🔥", "🇬🇧🇫", "☠️", "1️⃣", "👍🏾", "🫱🏼‍🫲🏿")
MARKS = "".join(map(chr, range(0x300, 0x36F))) + "҈҉\u20dd\u20e3"
SCRIPTS = ("مرحبا", "שלום", "नमस्ते", "ไทยนี่", "한국어", "漢字仮名", "Ŵyr ŷd tŷ", "ﷺ", "ꙮ𒐫", "Ᏽ", "ǅ", "ŉ", "ẞß", "İı")
SQL = (
    "' OR '1'='1",
    "'; DROP TABLE persons; --",
    "\\'; --",
    "1) UNION SELECT sealed FROM addresses --",
    "%_\\",
    "$$",
    ":q",
    "?",
)
MARKUP = (
    "<script>alert(1)</script>",
    "<b>",
    "</b></p>",
    "&lt;&amp;&#x3c;",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "<!--",
    '"><svg/onload=1>',
    "*bold* _it_ `code` [a](http://x)",
    "```",
    "javascript:alert(1)",
    '<a href="tg://user?id=1">',
    "</textarea>",
    "<title>",
)
FORMATS = (
    "{}",
    "{0}",
    "{answer}",
    "{self.__class__.__mro__}",
    "%s%s%n",
    "%(answer)s",
    "%d%x%p",
    "{{7*7}}",
    "{% raw %}",
    "{{ config }}",
    "${jndi:ldap://x/a}",
    "#{1+1}",
    "<%= 1 %>",
    "{!r:>99999999}",
    "{",
    "}",
    "%",
    "$1",
    "\\1\\g<0>",
)
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    '=HYPERLINK("http://x")',
    "=cmd|' /C calc'!A0",
    "'=1",
    "|x",
)
PATHS = (
    "../../etc/passwd",
    "..\\..\\win.ini",
    "/dev/null",
    "file:///etc/passwd",
    "C:\\",
    "%2e%2e%2f",
    "a\x00.yaml",
    "con",
    "~root",
    "-rf",
    "$(id)",
    "`id`",
    "; ls",
)
TERMINAL = (
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b[31mred\x1b[0m",
    "\x9b2J",
    "\x08\x08\x08",
    "\r\x1b[K",
    "\x1bP1;1q\x1b\\",
    "a\rb",
)
LOG = ("\nERROR all is lost", "\r\n\r\nHTTP/1.1 200 OK", "Set-Cookie: a=b", "Traceback (most recent call last):")
WORDS = (
    "STOP",
    "/start",
    "/delete",
    "BACK",
    "YES",
    "1",
    "other",
    "done",
    "skip",
    "p:1:1",
    "s:a:b",
    "null",
    "None",
    "true",
    "NaN",
    "1e309",
    "-0",
    "0x1f",
    "undefined",
)
NUMBERS = ("9" * 5000, "-" + "9" * 40, "1" * 19, "0.1e-400", "1,000,000,000", "१२", "②", "1_000", "∞", "½", "2³")


def _letters(dice: Dice) -> str:
    return "".join(dice.choices(string.ascii_letters + "  ", k=dice.randint(1, 30)))


def _one(choices: tuple[str, ...]) -> Callable[[Dice], str]:
    def made(dice: Dice) -> str:
        around = dice.choice(("", "", _letters(dice)))
        return around + dice.choice(choices) + (around and _letters(dice))

    return made


def _sprinkled(marks: str) -> Callable[[Dice], str]:
    def made(dice: Dice) -> str:
        return "".join(letter + "".join(dice.choices(marks, k=dice.randint(0, 3))) for letter in _letters(dice))

    return made


def _lone_surrogates(dice: Dice) -> str:
    half = chr(dice.randint(0xD800, 0xDFFF))
    return dice.choice((half, f"{_letters(dice)}{half}{_letters(dice)}", half * 40, f"\ude00\ud83d{half}"))


def _tower(dice: Dice) -> str:
    return "".join(letter + "".join(dice.choices(MARKS, k=dice.randint(20, 300))) for letter in _letters(dice)[:5])


def _crowd(dice: Dice) -> str:
    return "".join(dice.choices(FAMILIES, k=dice.randint(1, 60)))


def _anything(dice: Dice) -> str:
    """Any code points at all, those that are no characters too."""
    return "".join(chr(dice.randrange(0x110000)) for _ in range(dice.randint(1, 60)))


def _long(dice: Dice) -> str:
    size = dice.choice((900, 1000, 1001, 4095, 4096, 4097, 20_000, 100_000))
    unit = dice.choice(
        ("a", "a ", "\n", "é", "e\u0301", "👨‍👩‍👧‍👦", "漢", "\u202e", "<", "&", "-", "'", "\U0001f3fb", "\u200d")
    )
    return (unit * size)[:size]


def _blank(dice: Dice) -> str:
    return "".join(dice.choices(" \t\n\r\x0b\x0c\u00a0\u2003\u3000" + INVISIBLE, k=dice.randint(0, 6)))


KINDS: tuple[Callable[[Dice], str], ...] = (
    _sprinkled(CONTROLS),
    _sprinkled("\0"),
    _sprinkled(BIDI),
    _sprinkled(INVISIBLE),
    _sprinkled(DIGITS),
    _lone_surrogates,
    _tower,
    _crowd,
    _anything,
    _long,
    _blank,
    _letters,
    _one(SCRIPTS),
    _one(SQL),
    _one(MARKUP),
    _one(FORMATS),
    _one(FORMULAS),
    _one(PATHS),
    _one(TERMINAL),
    _one(LOG),
    _one(WORDS),
    _one(NUMBERS),
)


def hostile(dice: Dice) -> str:
    """One hostile string, of any kind."""
    return dice.choice(KINDS)(dice)


def hostile_strings(seed: int, count: int) -> Iterator[str]:
    """So many hostile strings: every kind in turn, each different by its dice."""
    dice = random.Random(seed)
    for place in range(count):
        yield KINDS[place % len(KINDS)](dice)
