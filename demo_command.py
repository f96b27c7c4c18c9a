"""The command `aftersales demo`: its settings, and the database that it serves."""

import asyncio

import typer

from demo.reset import reset
from demo.stand_up import NotADemo, stand_up
from demo.welcome import welcome
from domain.urls import masked
from parts import Parts
from serve import run_server
from settings import Environment, Settings
from startup import (
    err,
    load_settings,
    once_available,
    open_parts,
    out,
    require_ports,
    run,
)


def serve_demo(port: int | None, *, start_over: bool) -> None:
    """Make the demo if there is none, and serve it; ``start_over`` deletes its data before."""
    settings = _demo_settings(port)
    require_ports(settings)
    if start_over:
        _reset(settings)
    parts = open_parts(settings)
    run(parts, _make_demo(parts, settings))
    run_server(settings, is_demo=True)


def _demo_settings(port: int | None) -> Settings:
    """Local, with a sandbox clock, and never in production: the demo's passwords are public."""
    options = {"host": "127.0.0.1", "port": port}
    settings = load_settings(**options)
    if settings.environment is Environment.PRODUCTION:
        err.print("The demo does not run in production: everybody knows its passwords.")
        raise typer.Exit(1)
    if "sandbox" in settings.model_fields_set:
        return settings
    return load_settings(**options, sandbox=True)


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


async def _make_demo(parts: Parts, settings: Settings) -> None:
    await once_available(lambda: parts.clock.measure(parts.database))
    try:
        is_new = await stand_up(parts.database, parts.pictures, parts.clock.now(), out)
    except NotADemo:
        err.print("This database is not a demo's: give the demo another AFTERSALES_DATA_DIR.")
        raise typer.Exit(1) from None
    url = f"http://{settings.host}:{settings.port}"
    await welcome(parts.database, out, url=url, is_new=is_new)
