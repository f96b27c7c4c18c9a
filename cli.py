"""The command ``aftersales``: serving, the clock alone, migrations, checks, the first account."""

import asyncio
import errno
import json
import logging
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import IntegrityError
from typer.core import TyperGroup

from app import create_app
from auth.passwords import MIN_PASSWORD, hash_password
from database.availability import Unreachable, retry_until_available
from database.database import Database
from demo.reset import reset
from demo.stand_up import NotADemo, stand_up
from demo.welcome import welcome
from doctor.examine import examine
from doctor.finding import Finding
from domain.actors import ActorKind
from domain.permissions import PLATFORM
from domain.urls import masked
from execution import manifest
from execution.document_gate import BadDocuments
from jobs import loop
from jobs.keep_time import keep_time
from models import schema_version
from models.accounts import Account
from models.clock import SandboxClock
from models.ids import new_id
from models.schema_version import NotCurrent, Standing
from models.tables import add
from operator_errors import CannotListen, operator_error_of
from parts import Parts
from private_files import keep_private
from schema.build import build
from serve import prepare, run_server, start_logging, told_to_stop
from settings import PREFIX, Environment, Settings, load

T = TypeVar("T")

LONGEST_EXAMINATION: Final = timedelta(days=7)
"""How long the doctor's one transaction may last: as long as it takes."""
LONGEST_WAIT: Final = timedelta(seconds=60)
"""How long a command waits for a database that does not answer yet."""

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Commands(TyperGroup):
    """Ends a command with one line for what an operator can mend. A bug shows its traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - of types that typer does not export
        try:
            return super().invoke(ctx)
        except Exception as error:
            known = operator_error_of(error)
            if known is None:
                raise
            err.print(known.line, markup=False, soft_wrap=True)
            raise typer.Exit(known.status) from None


cli = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def main() -> None:
    """The entry point."""
    cli()


def _settings(**given: object) -> Settings:
    return load(**{name: value for name, value in given.items() if value is not None})


def _prepare(settings: Settings) -> Parts:
    start_logging(settings)
    keep_private(settings)
    return prepare(settings)


def _run(parts: Parts, work: Coroutine[Any, Any, None]) -> None:
    """Run a command's work to its end. Any: a coroutine's other two types, which nobody uses."""
    with _outages_unlogged():
        asyncio.run(_closing(parts, work))


async def _closing(parts: Parts, work: Coroutine[Any, Any, None]) -> None:
    # Any: see above
    try:
        await work
    finally:
        await parts.pictures.close()
        await parts.database.close()


@contextmanager
def _outages_unlogged() -> Iterator[None]:
    """What ends a command is said by the command, so that the log need not say it before."""
    log = logging.getLogger("aftersales.database")
    was_disabled, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = was_disabled


async def _once_it_answers(ask: Callable[[], Awaitable[T]]) -> T:
    """What starts together with its database, or before it, starts all the same."""

    def tell(outage: Unreachable) -> None:
        err.print(f"Waiting: {outage}", markup=False, soft_wrap=True)

    with _outages_unlogged():
        return await retry_until_available(ask, LONGEST_WAIT, tell)


async def _demand_current(database: Database) -> None:
    standing = await _once_it_answers(lambda: schema_version.find_standing(database))
    if standing is not Standing.CURRENT:
        raise NotCurrent(standing)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    workers: Annotated[int, typer.Option(help="How many processes serve.", min=1)] = 1,
) -> None:
    """Serve the API, and run the clock unless AFTERSALES_CLOCK is off."""
    settings = _settings(host=host, port=port)
    _demand_port(settings.host, settings.port)
    parts = _prepare(settings)
    _run(parts, _demand_current(parts.database))
    create_app(parts, runs_clock=False)  # to say what is wrong before any process starts
    run_server(settings, workers=workers)


@cli.command()
def demo(
    *,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    start_over: Annotated[
        bool, typer.Option("--reset", help="Delete the demo's data first, and make it anew.")
    ] = False,
) -> None:
    """Serve a demo on 127.0.0.1: six merchants, 3,000 orders, and a clock that can be moved on."""
    settings = _demo_settings(port)
    _demand_port(settings.host, settings.port)
    if start_over:
        _reset(settings)
    parts = _prepare(settings)
    _run(parts, _stand_up(parts, settings))
    run_server(settings, is_demo=True)


def _demo_settings(port: int | None) -> Settings:
    """Everybody knows the demo's passwords: it is for this machine alone, and never for real."""
    given = {"host": "127.0.0.1", "port": port}
    settings = _settings(**given)
    if settings.environment is Environment.PRODUCTION:
        err.print("The demo does not run in production: everybody knows its passwords.")
        raise typer.Exit(1)
    return settings if "sandbox" in settings.model_fields_set else _settings(**given, sandbox=True)


def _reset(settings: Settings) -> None:
    try:
        asyncio.run(reset(settings.database, settings.data_dir, out))
    except NotADemo:
        err.print(
            f"Nothing was deleted: the database {masked(settings.database)} is not an SQLite file "
            "that the demo made.",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(1) from None


def _demand_port(host: str, port: int) -> None:
    """Raises CannotListen. Asked before anything is begun that would be in vain."""
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        is_port = error.errno in {errno.EADDRINUSE, errno.EACCES}
        other = "--port" if is_port else "--host"
        said = f"Cannot listen on {host}:{port}: {error.strerror}. Choose another {other}."
        raise CannotListen(said) from error


async def _stand_up(parts: Parts, settings: Settings) -> None:
    await _once_it_answers(lambda: parts.clock.measure(parts.database))
    try:
        is_new = await stand_up(parts.database, parts.pictures, parts.clock.now(), out)
    except NotADemo:
        err.print("This database is not a demo's: give the demo another AFTERSALES_DATA_DIR.")
        raise typer.Exit(1) from None
    url = f"http://{settings.host}:{settings.port}"
    await welcome(parts.database, out, url=url, is_new=is_new)


@cli.command()
def worker() -> None:
    """Run the clock alone, beside servers that have AFTERSALES_CLOCK off."""
    parts = _prepare(_settings())

    async def work() -> None:
        await _demand_current(parts.database)
        await _once_it_answers(lambda: parts.clock.measure(parts.database))
        stop = told_to_stop()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_time(parts.database, parts.clock, stop))
            await loop.run(parts.database, parts.clock, stop)

    asyncio.run(_closing(parts, work()))


@cli.command()
def migrate(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; fail if the migrations and models differ."),
    ] = False,
    draft: Annotated[
        str | None,
        typer.Option(help="Write a new migration with this title from what the models have new."),
    ] = None,
) -> None:
    """Bring the database up to this server; does nothing to one that is."""
    if check or draft:
        asyncio.run(_on_scratch(draft))
        return
    parts = _prepare(_settings())
    upgrade = _once_it_answers(lambda: schema_version.upgrade(parts.database))
    _run(parts, upgrade)
    out.print("The database is up to date.")


async def _on_scratch(title: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite+aiosqlite:///{folder}/scratch.db")
        try:
            await schema_version.upgrade(database)
            if title:
                await schema_version.draft(database, title)
            else:
                await schema_version.compare(database)
                out.print("migrations: ok")
        except schema_version.Differs as differs:
            err.print(str(differs), markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
        finally:
            await database.close()


@cli.command()
def doctor(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line instead of words.")
    ] = False,
) -> None:
    """Check everything that is stored against the rules; exit status 1 if anything is wrong."""
    patient = {"transaction_timeout": LONGEST_EXAMINATION.total_seconds()}
    parts = _prepare(_settings().model_copy(update=patient))
    found: Counter[bool] = Counter()

    def tell(finding: Finding) -> None:
        found[finding.is_note] += 1
        said = json.dumps(finding.as_json()) if as_json else finding.line()
        out.print(said, markup=False, soft_wrap=True)

    _run(parts, _examine(parts, tell))
    if found[False]:
        raise typer.Exit(1)
    if not as_json:
        out.print("Nothing is wrong.")


async def _examine(parts: Parts, tell: Callable[[Finding], None]) -> None:
    await _demand_current(parts.database)
    await parts.clock.measure(parts.database)
    clock = SandboxClock(parts.clock)
    async with parts.database.read() as connection:
        await clock.follow_in(connection)  # the desk's time, whatever the settings say
        await examine(connection, parts.pictures, clock.now(), tell)


@cli.command()
def schema() -> None:
    """Print the SDL."""
    sys.stdout.write(build().as_str() + "\n")


@cli.command()
def documents(
    folder: Annotated[Path, typer.Argument(help="Where the .graphql files lie.")],
    output: Annotated[
        Path | None, typer.Option(help="The file to write; printed if left out.")
    ] = None,
) -> None:
    """Write the operations of a folder by their hash, for AFTERSALES_TRUSTED_DOCUMENTS_FILE."""
    core = build()._schema  # noqa: SLF001 - Strawberry has no public way to the core schema
    try:
        found = manifest.written(manifest.collect(folder, core))
    except BadDocuments as bad:
        err.print(str(bad), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if output is None:
        sys.stdout.buffer.write(found)
        return
    try:
        output.write_bytes(found)
    except OSError as error:
        raise BadDocuments(f"{output}: {error.strerror}") from error


@cli.command()
def settings() -> None:
    """List every setting, what it is set to, and what it does. Secrets are masked."""
    found = _settings()
    table = Table("variable", "value", "what it is", show_edge=False)
    for name, field in Settings.model_fields.items():
        value = getattr(found, name)
        said = "" if value is None else masked(str(value))
        table.add_row(f"{PREFIX}{name.upper()}", said, field.description)
    out.print(table)


@cli.command()
def account(
    login: Annotated[str, typer.Argument(help="What to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")] = "平台管理员",
    password: Annotated[
        str,
        typer.Option(
            prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for if left out."
        ),
    ] = "",
) -> None:
    """Create an account of the platform's own people, with every platform permission."""
    if len(password) < MIN_PASSWORD:
        err.print(f"A password has at least {MIN_PASSWORD} characters.")
        raise typer.Exit(2)
    parts = _prepare(_settings())
    _run(parts, _create_account(parts, login, name, password))
    out.print(f"Created the platform account {login}.", markup=False)


async def _create_account(parts: Parts, login: str, name: str, password: str) -> None:
    await _demand_current(parts.database)
    await parts.clock.measure(parts.database)
    row = Account(
        id=new_id(),
        login=login,
        password_hash=await hash_password(password),
        kind=ActorKind.PLATFORM,
        name=name,
        permissions=sorted(PLATFORM),
        created_at=parts.clock.now(),
    )
    try:
        async with parts.database.write() as connection:
            await add(connection, row)
    except IntegrityError:
        err.print(f"The login {login} is taken.", markup=False)
        raise typer.Exit(1) from None
