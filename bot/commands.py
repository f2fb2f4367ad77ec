"""The commands of `bigconversation`, in English, for whoever runs the machine."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot import access, invented, logs
from bot.command_line import OPERATOR, do, fail
from bot.doors import terminal
from bot.keeping import keeping
from bot.library import Refused, load
from bot.opening import NotReady, opened, prepare
from bot.printing import print_csv
from bot.records import records
from bot.settings import BadSettings, read_settings
from bot.turns import utc_now
from conversations.document import drawing, fresh, schema
from conversations.document.reading import read
from conversations.domain.answers import Answer
from conversations.domain.languages import LANGUAGES
from storage import places, programme, staff, tallies
from storage.marks import noted
from storage.sealing import new_key

log = logging.getLogger(__name__)
cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it would show what every variable holds
)
export = typer.Typer(no_args_is_help=True, help="Write out what is kept, without addresses.")
cli.add_typer(export, name="export")
LONGEST_NAME = 80
AREAS = (*places.NATIONS.values(), *places.REGIONS.values())
cli.add_typer(records)
cli.add_typer(keeping)
File = Annotated[Path, typer.Argument(help="A consultation document, in YAML.", show_default=False)]


@cli.callback()
def declared(context: typer.Context) -> None:
    """The Big Conversation: a consultation in a chat."""
    name = context.invoked_subcommand or ""
    if not any(each == name or each.startswith(f"{name} ") for each in access.COMMANDS):
        fail(f"`bigconversation {name}` is declared for nobody (bot/access.py).")


def run() -> None:
    """Runs a command; what cannot be done is said in plain words, with exit code 1."""
    logs.begin()
    try:
        cli()
    except (BadSettings, NotReady, Refused) as error:
        fail(str(error))
    except Exception:
        log.critical("this is a fault of the program; please report it with what follows", exc_info=True)
        raise SystemExit(1) from None


@cli.command()
def serve() -> None:
    """Run the service: web chat, public pages, desk, and Telegram when it has a token."""
    from bot.serving import serve_forever

    do(serve_forever(read_settings()))


@cli.command()
def chat(
    name: Annotated[str, typer.Option(help="Tells people at this machine apart.")] = "me",
    language: Annotated[str, typer.Option(help=f"The first language: {' or '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Talk to the bot here in the terminal, as it would be in text messages."""
    logging.getLogger().setLevel(logging.ERROR)

    async def work() -> None:
        async with opened(read_settings()) as house:
            await terminal.chat(house, name, language)

    do(work())


@cli.command()
def new(file: File) -> None:
    """Write a commented document to start from."""
    if file.exists():
        fail(f"{file} is already there. Nothing was changed. Choose another name.")
    file.write_text(fresh.new_document(_today().date()), encoding="utf-8")
    beside = file.with_name(schema.ADVISED_NAME)
    beside.write_text(schema.text(), encoding="utf-8")
    print(f"Written: {beside}. With it, editors complete and check the document.")
    print(f"Written: {file}. Fill it in, then run: bigconversation check {file}")


@cli.command()
def check(
    file: File,
    language: Annotated[str, typer.Option(help="The language of the drawing.")] = "en",
    draw: Annotated[bool, typer.Option(help="Draw the routing.")] = True,
) -> None:
    """Read a document, say what is wrong with it line by line, and draw its routing."""
    reading = read(_bytes(file), _today().date())
    for finding in reading.findings:
        print(f"{file}: {finding}")
    if reading.consultation is None:
        fail("The document cannot be loaded until the errors are put right.")
    elif draw:
        print(drawing.draw(reading.consultation, language))
    print(f"{len(reading.findings)} findings, none of them an error." if reading.findings else "Nothing to put right.")


@cli.command("load")
def load_document(file: File) -> None:
    """Check a document and store it; say what changed in shape, words and calendar."""
    settings = read_settings()

    async def work() -> None:
        async with opened(settings) as house, house.database.write(house.clock()) as tx:
            text = _bytes(file).decode("utf-8", "replace")
            held, changed = await load(tx, text, _today().date(), production=not settings.trial)
            await staff.note(tx, OPERATOR, "load", held.id)
            print(f"Loaded {held.id}: {held.title.in_language('en')[0]}")
            print("\n".join(changed) or "Nothing changed.")

    do(work())


@export.command("answers")
def export_answers() -> None:
    """All current answers as CSV, one row a person and slot, under pseudonyms."""

    async def work() -> None:
        database = await prepare(read_settings())
        async with database.write(utc_now()) as tx:
            await staff.note(tx, OPERATOR, "export", "answers")
            rows = await tallies.export(tx)
        await database.close()
        heads = ["person", "consultation", "topic", "question", "answer", "language", "shape", "wording", "given"]
        print_csv(heads, [_exported(person, row, answer) for person, (row, answer) in rows])

    logging.getLogger().setLevel(logging.ERROR)
    do(work())


def _exported(person: str, row: Any, answer: Answer) -> list[object]:
    said = in_cell(answer)
    return [person, row.consultation, row.topic, row.slot, said, row.language, row.shape, row.wording, row.given]


def in_cell(answer: Answer) -> str:
    """An answer as one cell: option ids joined by a bar, a number, own words, or nothing for a skip."""
    if answer.number is not None:
        return f"{answer.number:f}"
    return "|".join(answer.picks) or answer.words


@cli.command()
def grant(
    name: Annotated[str, typer.Argument(help="The person's name at the desk.")],
    role: Annotated[
        str, typer.Argument(help="officer (writes and publishes), signer (reads and signs) or organiser (events).")
    ],
    commission: Annotated[str, typer.Option(help="A commission's id; every one when left out.")] = "",
    area: Annotated[
        str, typer.Option(help="For an organiser: a nation, region or constituency code; everywhere when left out.")
    ] = "",
    take: Annotated[bool, typer.Option("--take", help="Take the role away instead.")] = False,
    chat_name: Annotated[
        str, typer.Option("--chat", help="Their name in MYDATA, such as P-7K3F2Q: DESK works there.")
    ] = "",
) -> None:
    """Give somebody a role at the desk, or take it away."""
    if role not in access.ROLES:
        fail(f"There is no role {role!r}. Roles are: {', '.join(access.ROLES)}. Nothing was changed.")
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        fail(f"A name at the desk is one line of at most {LONGEST_NAME} letters that can be seen. Nothing was changed.")
    if (role == "organiser" and commission) or (role != "organiser" and area):
        fail("An organiser has an --area, every other role a --commission. Nothing was changed.")

    async def work() -> None:
        async with opened(read_settings()) as house:
            known = {each.id for held in house.library.all() for each in held.commissions}
            if commission and commission not in known:
                fail(f"There is no commission {commission!r}. Known: {', '.join(sorted(known))}. Nothing was changed.")
            async with house.database.write(house.clock()) as tx:
                if area and not await programme.area_of(tx, area):
                    fail(f"There is no area {area!r}. Areas are {', '.join(AREAS)}, or a constituency's code.")
                done = await (staff.revoke if take else staff.grant)(tx, name, role, commission or area)
                if chat_name and not await staff.tie(tx, name, chat_name.upper()):
                    fail(f"Nobody is {chat_name!r} in the chat. MYDATA shows the name. Nothing was changed.")
            if take and not done:
                fail(f"{name} did not have that role. Nothing was changed.")
        everything = "every area" if role == "organiser" else "every commission"
        print(f"{name}: {role} of {commission or area or everything}{' taken away' if take else ''}.")

    do(work())


@cli.command()
def link(name: Annotated[str, typer.Argument(help="Somebody who has a role.")]) -> None:
    """Print a one-time link that signs somebody in at the desk; it lives half an hour."""
    settings = read_settings()

    async def work() -> None:
        async with opened(settings) as house, house.database.write(house.clock()) as tx:
            token = await staff.make_link(tx, name)
            served = (await noted(tx, "served_at")) if settings.trial else ""
        if token is None:
            fail(f"{name} has no role yet. Give one with: bigconversation grant {name!r} officer")
        print(f"{served or settings.base_url}/desk/in/{token}")

    do(work())


@cli.command()
def rehearse(
    people: Annotated[int, typer.Argument(help="How many invented people answer.", min=0, max=2000)] = 40,
    away: Annotated[bool, typer.Option("--away", help="Take them away again.")] = False,
) -> None:
    """In a trial: add plainly invented respondents, or take them away again."""
    settings = read_settings()
    if not settings.trial:
        fail("Invented answers are for a trial only. Nothing was changed.")

    async def work() -> None:
        async with opened(settings) as house:
            print(await (invented.remove(house) if away else invented.add(house, people)))

    do(work())


@cli.command("places")
def load_places(file: Annotated[Path, typer.Argument(help="The official look-up file, CSV.")]) -> None:
    """Load constituencies from the official look-up file; docs/operating.md says which and from where."""

    async def work() -> None:
        async with opened(read_settings()) as house, house.database.write(house.clock()) as tx:
            count = await places.load(tx, _bytes(file).decode("utf-8-sig", "replace"))
        print(f"{count} constituencies loaded.")

    try:
        do(work())
    except places.NotALookup as error:
        fail(f"{file}: {error} Nothing was changed.")


@cli.command()
def doctor(
    new_key_: Annotated[bool, typer.Option("--new-key", help="Print a new key and end.")] = False,
) -> None:
    """Look whether everything is in order, and change nothing. Ends with 0 when nothing is wrong."""
    if new_key_:
        print(new_key())
        return
    from bot.doctor import examine

    logging.getLogger().setLevel(logging.CRITICAL)
    wrong = False

    async def work() -> None:
        nonlocal wrong
        async for finding in examine():
            print(finding, flush=True)
            wrong = wrong or finding.level == "wrong"

    do(work())
    if wrong:
        raise SystemExit(1)


def _today() -> datetime:
    return utc_now().astimezone(ZoneInfo("Europe/London"))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
        raise
