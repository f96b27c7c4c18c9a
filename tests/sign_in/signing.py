"""Signing in as a test wants it: from an address, on a node of its own, with a clock of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import strawberry

from app import create_app
from models.clock import Clock
from parts import Parts
from tests.client import Client

SHAPE = "accessToken refreshToken expiresAt viewer { name kind }"


class Wall(Clock):
    """The real time, as far ahead as a test says."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def node(
    parts: Parts, schema: strawberry.Schema, *, address: str = "192.0.2.1", **own: Any
) -> AsyncIterator[Client]:
    """A client at an address, of a process with parts of its own on the same database."""
    app = create_app(replace(parts, **own), runs_clock=False, schema=schema)
    async with at(app, address) as client:
        yield client


@asynccontextmanager
async def at(app: Any, address: str) -> AsyncIterator[Client]:
    """A client of this application at an address."""
    async with Client.over(httpx2.ASGITransport(app, client=(address, 40_000))) as client:
        yield client


async def sign_in(client: Client, login: str, password: str, device: str | None = None) -> Any:
    given = {"deviceToken": device} if device else {}
    return await client.do(
        "signIn", f"deviceToken {SHAPE}", login=login, password=password, **given
    )


async def code(client: Client, login: str, password: str, device: str | None = None) -> str | None:
    """The code of what stood against it; None for a success."""
    refusals = (await sign_in(client, login, password, device))["refusals"]
    return str(refusals[0]["code"]) if refusals else None


async def refreshed(client: Client, token: str) -> Any:
    return await client.do("refreshSession", SHAPE, refreshToken=token)


async def refresh_code(client: Client, token: str) -> str | None:
    refusals = (await refreshed(client, token))["refusals"]
    return str(refusals[0]["code"]) if refusals else None
