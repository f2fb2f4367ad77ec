"""The catalogues: every message in every language, nothing lost on the way, and plain in English and in Welsh."""

from __future__ import annotations

import gettext
import io
import re
from collections import Counter
from importlib import resources

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from conversations.document.plainness import grade, jargon_in, middle_sentence, sentences, words_in
from conversations.domain import languages
from conversations.domain.languages import SOURCE
from conversations.domain.words import COMMANDS, NO, UNSURE, YES, command, plain

LOCALES = resources.files("locales")
LANGUAGES = sorted(each.name for each in LOCALES.iterdir() if (each / "LC_MESSAGES").is_dir())
UNREAD = {"cy"}
"""Languages of which every entry still waits for a native reader; take one out when its reading has begun."""
MARK = "awaits a native reader"
LONGEST_MIDDLE = 12
HIGHEST_GRADE = 4
PLURAL_FORMS = {"cy": (6, (0, 1, 2, 3, 5, 5, 4, 5))}
"""How many forms a language has, and which one the numbers from 0 to 7 take."""

_PLACE = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
_TAG = re.compile(r"<[^>]+>")
_TYPED = re.compile(r"\b(?:" + "|".join(COMMANDS) + r"|STOP)\b")


def _template() -> Catalog:
    with (LOCALES / "messages.pot").open("rb") as file:
        return read_po(file)


def _catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _messages(held: Catalog) -> list[Message]:
    return [message for message in held if message.id]


def _sources(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def _forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _of_the_chat(held: Catalog) -> list[Message]:
    return [m for m in _messages(held) if any(file.startswith("conversations/") for file, _ in m.locations)]


def _said(text: str) -> str:
    """A text as it is heard: a word for each value, no tags."""
    return _TAG.sub("", _PLACE.sub("4", text))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_is_welsh() -> None:
    assert "cy" in LANGUAGES


def test_the_same_messages_as_the_template(language: str) -> None:
    held, wanted = _catalogue(language), _template()
    assert {(m.id, m.context) for m in _messages(held)} == {(m.id, m.context) for m in _messages(wanted)}


def test_complete(language: str) -> None:
    held = _catalogue(language)
    assert not held.fuzzy
    empty = [m.id for m in _messages(held) if not all(form.strip() for form in _forms(m))]
    assert not empty
    assert not [m.id for m in _messages(held) if m.fuzzy]


def test_babel_finds_no_fault(language: str) -> None:
    held = _catalogue(language)
    assert not [(m.id, str(fault)) for m in _messages(held) for fault in m.check(held)]


def test_values_are_kept(language: str) -> None:
    """A form for one number alone may say that number in words; the last form, and what has no plural, keep all."""
    wrong = []
    for message in _messages(_catalogue(language)):
        wanted = {place for source in _sources(message) for place in _PLACE.findall(source)}
        *some, last = [set(_PLACE.findall(form)) for form in _forms(message)]
        if last != wanted or not all(one <= wanted for one in some):
            wrong.append(message.id)
    assert not wrong


def test_tags_are_kept(language: str) -> None:
    wrong = []
    for message in _messages(_catalogue(language)):
        wanted = Counter(_TAG.findall(_sources(message)[0]))
        if not all(Counter(_TAG.findall(form)) == wanted for form in _forms(message)):
            wrong.append(message.id)
    assert not wrong


def test_plurals_are_filled(language: str) -> None:
    held = _catalogue(language)
    out = io.BytesIO()
    write_mo(out, held)
    out.seek(0)
    book = gettext.GNUTranslations(out)
    plurals = [m for m in _messages(held) if m.pluralizable]
    assert all(len(_forms(m)) == held.num_plurals for m in plurals)
    many, expected = PLURAL_FORMS.get(language, (held.num_plurals, ()))
    assert held.num_plurals == many
    for message in plurals:
        for number, form in enumerate(expected):
            assert book.ngettext(*_sources(message), number) == _forms(message)[form]


def test_every_entry_awaits_its_reader(language: str) -> None:
    """What no native reader has read says so, each entry for itself, so that nothing unread is taken for checked."""
    if language not in UNREAD:
        pytest.skip("read, or being read")
    assert not [m.id for m in _messages(_catalogue(language)) if MARK not in m.user_comments]


def test_a_word_to_say_is_a_word_we_know(language: str) -> None:
    """Where the English names a word to type, the translation names one that does the same."""
    wrong = []
    for message in _messages(_catalogue(language)):
        source, said = _sources(message)[0], _forms(message)[0]
        for word in set(_TYPED.findall(source)):
            named = [caps for caps in re.findall(r"\b[^\W\da-z_]{2,}(?: [^\W\da-z_]{2,})*\b", said) if caps.isupper()]
            if command(word) not in {command(one) for one in named}:
                wrong.append((word, said))
    assert not wrong


def _longest(whole: str) -> str:
    """What a check prints: the ten longest sentences."""
    worst = sorted(sentences(whole), key=lambda one: -len(words_in(one)))[:10]
    return "\n".join(f"{len(words_in(one))}  {one}" for one in worst)


def test_the_english_of_the_chat_is_plain() -> None:
    texts = [_said(source) for m in _of_the_chat(_template()) for source in _sources(m)]
    whole = "\n".join(texts)
    print(f"grade {grade(whole):.1f}, middle sentence {middle_sentence(whole):.0f} words", _longest(whole), sep="\n")
    assert middle_sentence(whole) <= LONGEST_MIDDLE
    assert grade(whole) <= HIGHEST_GRADE
    assert not jargon_in(whole)


def test_whole_sentences_of_the_english_are_plain() -> None:
    """Buttons and headings are short anyway: what is said in sentences is plain by itself."""
    texts = [_said(source) for m in _of_the_chat(_template()) for source in _sources(m)]
    whole = "\n".join(text for text in texts if re.search(r"[.?]$", text))
    assert middle_sentence(whole) <= LONGEST_MIDDLE
    assert grade(whole) <= HIGHEST_GRADE


def test_the_chat_is_short_in_every_language(language: str) -> None:
    texts = [_said(form) for m in _of_the_chat(_catalogue(language)) for form in _forms(m)]
    whole = "\n".join(text for text in texts if re.search(r"[.?]$", text))
    print(f"{language}: middle sentence {middle_sentence(whole):.0f} words", _longest(whole), sep="\n")
    assert middle_sentence("\n".join(texts)) <= LONGEST_MIDDLE
    assert middle_sentence(whole) <= LONGEST_MIDDLE


def test_every_language_has_its_catalogue_and_every_catalogue_its_language() -> None:
    assert {*LANGUAGES, SOURCE} == {*languages.LANGUAGES}


def test_no_word_of_any_language_means_two_things() -> None:
    """Everybody's words are understood at once. YES and NO may lie beside a command, but not each other."""
    heard = [form for forms in COMMANDS.values() for form in forms]
    assert not [form for form, times in Counter(heard).items() if times > 1]
    assert not (YES & NO) | (YES & UNSURE) | (NO & UNSURE)


def test_what_a_language_calls_itself_is_how_it_is_asked_for() -> None:
    for each in languages.LANGUAGES.values():
        assert languages.named(plain(each.name)) == each.code
        assert command(each.name) == "LANGUAGE"


@pytest.mark.parametrize(
    ("tag", "code"), [("cy", "cy"), ("cy-GB", "cy"), ("CY_gb", "cy"), ("en-US", "en"), ("cyx", "en"), ("", "en")]
)
def test_a_tag_gives_the_nearest_language_we_have(tag: str, code: str) -> None:
    assert languages.nearest(tag) == code
