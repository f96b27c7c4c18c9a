"""What was acknowledged is there, once, while the database is full, read-only, or hears nothing."""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.databases import Files, Server
from tests.disks import disk, full
from tests.faults.postgres import Postgres, postgres
from tests.faults.proxy import Proxy
from tests.faults.site import PATIENCE_S, Site
from tests.faults.strikes import Struck
from tests.faults.test_faults import at_work, settle
from tests.faults.wire import is_ready

pytestmark = pytest.mark.anyio

ROUNDS: Final = {"short": 1, "long": 8}
LASTS_S: Final = 3.0
"""How long each strike lasts, and how long the desk has until the next."""
SWALLOWED: Final = 4
"""So many connections at once."""
DISK: Final = ("size=192m", "mode=0777")
TRANSACTION_S: Final = "3"
FULL: Final = "the database's disk is full"
"""What a server logs when it meets the full disk."""
CUT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass
class Victim:
    """A database that may be struck, and what has been done to it."""

    url: str
    disk: Path
    proxy: Proxy | None = None

    async def fill(self, *, until: Callable[[], bool] | None = None) -> None:
        """Fill the disk for a strike, or longer, ``until`` somebody has met it."""
        with full(self.disk):
            await asyncio.sleep(LASTS_S)
            async with asyncio.timeout(PATIENCE_S):
                while until is not None and not until():  # noqa: ASYNC110 - it happens elsewhere
                    await asyncio.sleep(0.1)

    async def forbid_writes(self) -> None:
        name = sa.make_url(self.url).database
        setting = "default_transaction_read_only"
        await self._run(f"ALTER DATABASE {name} SET {setting} = on", CUT)
        await asyncio.sleep(LASTS_S)
        await self._run(f"ALTER DATABASE {name} RESET {setting}", CUT)

    async def swallow(self, chance: random.Random) -> int:
        assert self.proxy is not None
        return self.proxy.swallow(SWALLOWED, chance)

    async def _run(self, *statements: str) -> None:
        engine = create_async_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in ("SET default_transaction_read_only = off", *statements):
                await connection.exec_driver_sql(statement)
        await engine.dispose()


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    return ROUNDS[request.config.getoption("--faults")]


def kinds_logged(site: Site) -> Counter[str]:
    """How often each outage was logged, by all processes."""
    found: Counter[str] = Counter()
    for service in site.services:
        for line in service.said.splitlines():
            _, is_ours, said = line.partition("aftersales.database ")
            if is_ours:
                found[said.partition(":")[0]] += 1
    return found


def no_traceback(site: Site) -> None:
    for service in site.services:
        _, met, trace = service.said.partition("Traceback")
        assert not met, trace[:8000]


async def all_ready(site: Site) -> None:
    """Wait until every server says that it is ready."""
    async with asyncio.timeout(PATIENCE_S):
        for port in site.ports:
            while not await is_ready(port):  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.1)


@asynccontextmanager
async def on_small_disk(server: Postgres) -> AsyncIterator[Victim]:
    """A database in a tablespace of its own, so that the server's own log has room.

    Not in pytest's folder, which is closed to the user that the server runs as.
    """
    with TemporaryDirectory() as opened, disk(Path(opened), *DISK):
        folder = Path(opened)
        space = folder / "space"
        space.mkdir()
        owner = server.owner
        if owner is not None:
            shutil.chown(space, owner, owner)
        at_server = Victim(server.url, folder)
        await at_server._run(f"CREATE TABLESPACE small LOCATION '{space}'")
        backend = await Server.open(server.url, "aftersales_sick")
        victim = Victim(await backend.fresh(folder), folder)
        name = sa.make_url(victim.url).database
        await at_server._run(f"ALTER DATABASE {name} SET TABLESPACE small")
        yield victim
        server.stop()


async def test_nothing_is_lost_on_postgresql_that_is_full_read_only_or_hears_nothing(
    rounds: int, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    with postgres() as server:
        async with (
            on_small_disk(server) as victim,
            Proxy.start(victim.url) as (victim.proxy, through),
        ):
            site = Site(victim.url, tmp_path, random.Random(3))
            site.settings |= {"DATABASE_URL": through, "TRANSACTION_TIMEOUT": TRANSACTION_S}
            site.add_servers(2, runs_clock=False)
            site.add_workers(2)
            swallowed = 0
            async with site.world() as given:
                lasts = timedelta(seconds=rounds * 6 * LASTS_S)
                webhooks = rounds > 1  # to send what is left takes some seconds
                async with at_work(site, given, lasts=lasts, webhooks=webhooks) as audience:
                    for _ in range(rounds):
                        await victim.fill()
                        await asyncio.sleep(LASTS_S)
                        await victim.forbid_writes()
                        await asyncio.sleep(LASTS_S)
                        swallowed += await victim.swallow(site.chance)
                        await asyncio.sleep(LASTS_S)
                    await all_ready(site)
                logged = kinds_logged(site)
                tell(f"full and read-only {rounds} times, swallowed {swallowed}; {dict(logged)}")
                no_traceback(site)
                assert logged["the database is read-only"]
                assert swallowed
                await settle(site, given, audience, Struck(), tell)


async def test_nothing_is_lost_on_sqlite_whose_disk_is_full(
    rounds: int, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    with disk(mounted, *DISK):
        backend = await Files.open(tmp_path)
        victim = Victim(await backend.fresh(mounted), mounted)
        site = Site(victim.url, tmp_path, random.Random(4))
        site.add_servers(1, runs_clock=True)
        async with site.world() as given:
            lasts, webhooks = timedelta(seconds=rounds * 2 * LASTS_S), rounds > 1  # as above
            async with at_work(site, given, lasts=lasts, webhooks=webhooks) as audience:
                for strike in range(rounds):
                    # A busy machine writes little, and what the log of the database has room for.
                    await victim.fill(until=lambda: kinds_logged(site)[FULL] > strike)  # noqa: B023 - awaited here
                    await asyncio.sleep(LASTS_S)
                await all_ready(site)
            logged = kinds_logged(site)
            tell(f"full {rounds} times; {dict(logged)}")
            no_traceback(site)
            assert logged[FULL] >= rounds
            await settle(site, given, audience, Struck(), tell)
