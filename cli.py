"""The command ``aftersales`` and its subcommands."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy.exc import IntegrityError

from app import create_app, run_clock
from auth.passwords import MIN_PASSWORD, hash_password
from command_help import Commands, print_settings, print_version
from database.connection_limiter import Overloaded
from database.database import Database
from doctor.finding import Finding
from domain.text import Language
from execution import manifest
from execution.document_cache import BadDocuments
from execution.stored_documents import StoredDocuments
from jobs.keep_time import keep_time
from models import schema_version
from models.clock import SandboxClock
from models.queries.quality_cases import reset_heads
from parts import Parts
from resolvers.platform.first_account import NotTheFirst, create_first_account
from schema.build import build
from schema.webhook_messages import SELECTED_FIELD
from serve import run_server, stop_event
from startup import (
    err,
    load_settings,
    once_available,
    open_parts,
    out,
    require_current,
    require_port,
    run,
    run_and_close,
)

EXAMINATION_TIMEOUT: Final = timedelta(days=7)
"""The limit of the doctor's one transaction, set so high that it is none."""


cli = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def _load(module: str, name: str) -> Callable[..., Any]:  # Any: each command knows its function
    """A function that one command needs: a process that serves does without its packages."""
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


@cli.callback()
def options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=print_version),
    ] = False,
) -> None:
    """A GraphQL API for the after-sales desk of a marketplace's merchants."""


def main() -> None:
    """The entry point."""
    cli()


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    workers: Annotated[int, typer.Option(help="How many processes serve.", min=1)] = 1,
) -> None:
    """Serve the API, and run the clock unless AFTERSALES_CLOCK is off."""
    settings = load_settings(host=host, port=port)
    require_port(settings.host, settings.port)
    parts = open_parts(settings)
    run(parts, require_current(parts.database))
    schema = build(explorable=parts.explorable)
    create_app(parts, runs_clock=False, schema=schema)  # reports what is wrong before any start
    run_server(settings, workers=workers, schema=schema)


@cli.command()
def demo(
    *,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    start_over: Annotated[
        bool, typer.Option("--reset", help="Delete the demo's data first, and make it anew.")
    ] = False,
) -> None:
    """Serve a demo on 127.0.0.1: eight merchants, 3,000 orders, and a clock that can be moved."""
    _load("demo_command", "serve_demo")(port, start_over=start_over)


@cli.command()
def worker() -> None:
    """Run the clock, webhooks and exports, beside servers that have AFTERSALES_CLOCK off."""
    parts = open_parts(load_settings())

    async def work() -> None:
        await require_current(parts.database)
        with contextlib.suppress(Overloaded):  # a later measurement will do
            await once_available(lambda: parts.clock.measure(parts.database))
        stop = stop_event()
        documents = StoredDocuments(build(), SELECTED_FIELD)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_time(parts.database, parts.clock, stop))
            await run_clock(parts, documents, stop)

    asyncio.run(run_and_close(parts, work()))


@cli.command()
def migrate(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; fail if the migrations and models differ."),
    ] = False,
    draft: Annotated[
        str | None,
        typer.Option(help="Write a new migration with this title from the changes of the models."),
    ] = None,
) -> None:
    """Bring the database up to this server; does nothing to one that is up to date."""
    if check or draft:
        asyncio.run(_check_or_draft(draft))
        return
    parts = open_parts(load_settings())
    upgrade = once_available(lambda: schema_version.upgrade(parts.database))
    run(parts, upgrade)
    out.print("The database is up to date.")


async def _check_or_draft(title: str | None) -> None:
    """Compare the migrations with the models, or draft a migration, in a temporary database."""
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
    timeout = {"transaction_timeout": EXAMINATION_TIMEOUT.total_seconds()}
    parts = open_parts(load_settings().model_copy(update=timeout))
    findings: Counter[bool] = Counter()  # by `is_note`

    def report(finding: Finding) -> None:
        findings[finding.is_note] += 1
        line = json.dumps(finding.as_json()) if as_json else finding.line()
        out.print(line, markup=False, soft_wrap=True)

    run(parts, _examine(parts, report))
    if findings[False]:
        raise typer.Exit(1)
    if not as_json:
        out.print("Nothing is wrong.")


async def _examine(parts: Parts, report: Callable[[Finding], None]) -> None:
    await require_current(parts.database)
    await parts.clock.measure(parts.database)
    clock = SandboxClock(parts.clock)
    async with parts.database.read() as connection:
        await clock.follow_in(connection)  # a sandbox's time, even if the settings have none
        examine = _load("doctor.examine", "examine")
        await examine(connection, parts.pictures, clock.now(), report)


@cli.command()
def forget(
    customer: Annotated[str, typer.Argument(help="The storefront's reference of the customer.")],
    *,
    merchant: Annotated[
        str | None, typer.Option(help="Only at the merchant with this number or id; else at all.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; print what would be erased.")
    ] = False,
) -> None:
    """Erase the personal data of a customer's finished orders, and print which were erased."""
    _load("forget_command", "forget_customer")(customer, merchant, dry_run=dry_run)


quality = typer.Typer(cls=Commands, no_args_is_help=True, help="The figures of service quality.")
cli.add_typer(quality, name="quality")


@quality.command()
def rebuild() -> None:
    """Let the clock derive the cases that figures count anew, from the events of all orders."""
    parts = open_parts(load_settings())

    async def reset() -> None:
        await require_current(parts.database)
        async with parts.database.write() as connection:
            await reset_heads(connection)

    run(parts, reset())
    out.print("The clock will derive all cases anew.")


class Lang(StrEnum):
    """The languages of the SDL."""

    EN = "en"
    ZH = "zh"


@cli.command()
def schema(
    lang: Annotated[Lang, typer.Option(help="The language of the descriptions.")] = Lang.EN,
) -> None:
    """Print the SDL."""
    sys.stdout.write(build(language=Language[lang.name]).as_str() + "\n")


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
        content = manifest.encode(manifest.collect(folder, core))
    except BadDocuments as bad:
        err.print(str(bad), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise BadDocuments(f"{output}: {error.strerror}") from error


@cli.command()
def settings() -> None:
    """List every setting, what it is set to, and what it does. Secrets are masked."""
    print_settings(load_settings())


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
    """Create the first account of the platform's own people, with every platform permission."""
    if len(password) < MIN_PASSWORD:
        err.print(f"A password has at least {MIN_PASSWORD} characters.")
        raise typer.Exit(2)
    parts = open_parts(load_settings())
    run(parts, _create_account(parts, login, name, password))
    out.print(f"Created the platform account {login}.", markup=False)


async def _create_account(parts: Parts, login: str, name: str, password: str) -> None:
    await require_current(parts.database)
    await parts.clock.measure(parts.database)
    password_hash, now = await hash_password(password), parts.clock.now()
    try:
        async with parts.database.write() as connection:
            await create_first_account(
                connection, login=login, name=name, password_hash=password_hash, now=now
            )
    except NotTheFirst:
        err.print("An account can manage the others: call createPlatformAccount.")
        raise typer.Exit(1) from None
    except IntegrityError:
        err.print(f"The login {login} is taken.", markup=False)
        raise typer.Exit(1) from None
