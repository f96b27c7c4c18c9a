"""The command ``aftersales`` and its subcommands: their options, and where their functions are.

Nothing of the server is imported here, so that ``--help`` answers at once.
"""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from command_help import Commands, print_version
from garbage import uncollected

cli = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def _load(module: str, name: str) -> Callable[..., Any]:  # Any: each command knows its function
    """The function of a command, with what it needs: other commands do without."""
    with uncollected():
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
    _load("serve_command", "serve")(host, port, workers=workers)


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
    _load("serve_command", "work")()


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
        _load("database_command", "check_or_draft")(draft)
    else:
        _load("database_command", "upgrade")()


@cli.command()
def distribute(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; fail if a table is not where it should be."),
    ] = False,
) -> None:
    """Distribute the tables over the nodes of Citus, by merchant; again after each `migrate`."""
    _load("database_command", "distribute")(check=check)


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
    _load("doctor_command", "find_faults")(as_json=as_json, accept=accept)


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
    _load("database_command", "rebuild_cases")()


class Lang(StrEnum):
    """The languages of the SDL."""

    EN = "en"
    ZH = "zh"


@cli.command()
def schema(
    lang: Annotated[Lang, typer.Option(help="The language of the descriptions.")] = Lang.EN,
) -> None:
    """Print the SDL."""
    _load("schema_command", "print_sdl")(lang.name)


@cli.command()
def documents(
    folder: Annotated[Path, typer.Argument(help="Where the .graphql files lie.")],
    output: Annotated[
        Path | None, typer.Option(help="The file to write; printed if left out.")
    ] = None,
) -> None:
    """Write the operations of a folder by their hash, for AFTERSALES_TRUSTED_DOCUMENTS_FILE."""
    _load("schema_command", "write_documents")(folder, output)


@cli.command()
def settings() -> None:
    """List every setting, what it is set to, and what it does. Secrets are masked."""
    _load("settings_command", "list_settings")()


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
    _load("account_command", "create_account")(login, name, password)
