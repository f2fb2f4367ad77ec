"""Short codes that people read aloud and type: references, pseudonyms, receipts. No personal data in them."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is misread."""


def short_code(length: int) -> str:
    """Random characters, 5 bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_reference(topic: str) -> str:
    """The reference of a response: two letters of its topic and 50 random bits, such as VO-7K3F-2Q9X-MT."""
    code = short_code(10)
    return f"{topic[:2].upper()}-{code[:4]}-{code[4:8]}-{code[8:]}"


def drawn(length: int, *, on_sqlite: bool) -> sa.TextClause:
    """So many random hex digits, at most 32, that the database draws for each row it makes."""
    if on_sqlite:
        return sa.text(f"lower(hex(randomblob({length // 2})))")
    return sa.text(f"substr(replace(gen_random_uuid()::text, '-', ''), 1, {length})")
