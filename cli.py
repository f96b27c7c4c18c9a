"""The command ``aftersales`` and its subcommands."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import IntegrityError

from app import create_app, run_clock
from auth.passwords import hash_password
from command_help import Commands, print_settings, print_version
from database.connection_limiter import Overloaded
from database.database import Database
from doctor.finding import Finding
from domain.passwords import new_password
from domain.refusals.refusal import BadInput, Refused
from domain.text import Language
from execution import manifest
from execution.document_cache import BadDocuments
from execution.stored_documents import StoredDocuments
from jobs.keep_time import keep_time
from jobs.mark_commits import keep_marking
from models import distribution, schema_version
from models.queries.quality_cases import reset_heads
from parts import Parts
from readings import Readings
from resolvers.platform.first_account import NotTheFirst, create_first_account
from schema.build import build
from schema.webhook_messages import SELECTED_FIELD
from serve import run_server, serve_metrics, start_tracing, stop_event
from startup import (
    err,
    load_settings,
    once_available,
    open_parts,
    out,
    require_current,
    require_metrics_port,
    require_ports,
    run,
    run_and_close,
)
from watching.tracing import TRACING

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
    require_ports(settings)
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
    settings = load_settings()
    require_metrics_port(settings)
    parts = open_parts(settings)

    async def work() -> None:
        await require_current(parts.database)
        start_tracing(settings)
        if settings.metrics_port:
            serve_metrics(settings, Readings(parts=parts).snapshot)
        with contextlib.suppress(Overloaded):  # a later measurement will do
            await once_available(lambda: parts.clock.measure(parts.database))
        stop = stop_event()
        documents = StoredDocuments(build(), SELECTED_FIELD)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_time(parts.database, parts.clock, stop, parts.counts))
            if parts.marked_file is not None:
                tasks.create_task(keep_marking(parts.database, parts.marked_file, stop))
            await run_clock(parts, documents, stop)
        await asyncio.to_thread(TRACING.close)

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


@cli.command()
def distribute(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; fail if a table is not where it should be."),
    ] = False,
) -> None:
    """Distribute the tables over the nodes of Citus, by merchant; again after each `migrate`."""
    parts = open_parts(load_settings())
    run(parts, _distribute(parts, check=check))


async def _distribute(parts: Parts, *, check: bool) -> None:
    await require_current(parts.database)
    if not check:
        for table in await distribution.distribute(parts.database):
            out.print(f"distributed {table}")
    differences = await distribution.find_differences(parts.database)
    for difference in differences:
        err.print(difference.line(), markup=False, soft_wrap=True)
    if differences:
        raise typer.Exit(1)
    out.print("The tables are distributed.")


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
    accept: Annotated[
        bool,
        typer.Option("--accept-lost-commits", help="Report COMMITS_LOST no longer: check nothing."),
    ] = False,
) -> None:
    """Check everything that is stored against the rules; exit status 1 if anything is wrong."""
    parts = open_parts(_load("examination", "patient")(load_settings()))
    if accept:
        run(parts, _load("examination", "accept_commits_lost")(parts))
        return
    findings: Counter[bool] = Counter()  # by `is_note`

    def report(finding: Finding) -> None:
        findings[finding.is_note] += 1
        line = json.dumps(finding.as_json()) if as_json else finding.line()
        out.print(line, markup=False, soft_wrap=True)

    run(parts, _load("examination", "examine_current")(parts, report))
    if findings[False]:
        raise typer.Exit(1)
    if not as_json:
        out.print("Nothing is wrong.")


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The folder to make, which must not exist.")],
) -> None:
    """Back up the SQLite database and its pictures; servers may run. Status 1 if it has faults."""
    _load("backup_command", "back_up")(target)


@cli.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    *,
    any_key: Annotated[
        bool,
        typer.Option(
            "--any-key",
            help="Accept another signing key: all sign in again, and webhooks get new secrets.",
        ),
    ] = False,
) -> None:
    """Restore a backup to where the settings have the database and the pictures: into nothing."""
    _load("backup_command", "restore_backup")(source, any_key=any_key)


class KeyStep(StrEnum):
    """The steps of rotating the signing key."""

    ANNOUNCE = "announce"
    USE = "use"
    RETIRE = "retire"


@cli.command("rotate-key")
def rotate_key(
    step: Annotated[
        KeyStep,
        typer.Argument(
            help="announce: accept a new key. use: sign with it. retire: accept no other any more."
        ),
    ],
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Retire keys that sessions or webhooks still need.")
    ] = False,
) -> None:
    """Rotate the signing key in steps, with a restart of all servers and workers after each."""
    _load("key_command", "rotate")(step, now=now)


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
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            show_default=False,
            help="Asked for if left out.",
        ),
    ] = "",
) -> None:
    """Create the first account of the platform's own people, with every platform permission."""
    try:
        password = new_password(password, "password", login=login)
    except BadInput as error:
        err.print(f"The password: {error.text.en}", markup=False)
        raise typer.Exit(2) from None
    except Refused as error:
        err.print(error.refusals[0].text.en, markup=False)
        raise typer.Exit(2) from None
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
