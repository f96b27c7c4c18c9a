"""What was acknowledged is there, once, whatever is killed, restarted or cut meanwhile."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.databases import Files, Server
from tests.faults.audience import Audience, listening
from tests.faults.postgres import postgres
from tests.faults.site import PATIENCE_S, Site, spread, uncounted
from tests.faults.strikes import Struck, kill_in_turn, strike
from tests.faults.verdict import CONSEQUENT, Verdict, judge
from tests.faults.wire import is_ready
from tests.given import World

pytestmark = pytest.mark.anyio

WEB: Final = 4
WORKERS: Final = 4
DUE_MEANWHILE: Final = 20
"""So many applications of each merchant become due while things go wrong."""
CUTS: Final = 0.08
"""Of a hundred requests so many are cut by the client itself."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How long it goes on."""

    kills: int
    restarts: int
    sqlite_kills: int


SCALES: Final = {"short": Scale(10, 2, 4), "long": Scale(120, 4, 50)}


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> Scale:
    return SCALES[request.config.getoption("--faults")]


@asynccontextmanager
async def at_work(
    site: Site, given: World, *, lasts: timedelta, webhooks: bool = True
) -> AsyncIterator[Audience]:
    """Fill the desk, start everything, and let people work and read while the block runs."""
    now = datetime.now(UTC)
    teams = await site.people(given)
    for team in teams:
        late = spread(now - timedelta(days=1), now, 5)
        far = spread(now + timedelta(hours=3), now + timedelta(days=2), 5)
        await site.fill(given, team.shop, team.queue, [*late, *far])
        await site.fill_timers(given, team.shop, [*late, *late, *far])
    async with site.running():
        begin = datetime.now(UTC) + timedelta(seconds=2)
        for team in teams:
            due = spread(begin, begin + lasts, DUE_MEANWHILE)
            await site.fill(given, team.shop, team.queue, due)
            await site.fill_timers(given, team.shop, due)
        async with listening(site, given, teams, cuts=CUTS, webhooks=webhooks) as audience:
            async with site.working(teams, cuts=CUTS):
                yield audience
            while datetime.now(UTC) < begin + lasts:  # noqa: ASYNC110 - time is no event
                await asyncio.sleep(0.1)
            await site.caught_up(given.parts.database)
            await audience.caught_up(site, given.parts.database)
            await site.counted(given.parts.database)


async def settle(
    site: Site, given: World, audience: Audience, struck: Struck, tell: Callable[[str], None]
) -> None:
    """Say what came of it, and fail if anything is wrong."""
    verdict = await judge(given.parts.database, site.ledger, datetime.now(UTC))
    of_log = await audience.judge(site, given.parts.database)
    status, findings = await site.examined()
    tell(f"{_told(site, verdict, struck)}; {audience.told(of_log)}")
    wrong: dict[str, Sequence[object]] = {
        "lost": verdict.lost,
        "doubled": verdict.doubled,
        "early": verdict.early,
        "overdue": verdict.overdue,
        "untrue": verdict.untrue,
        "bugs": site.ledger.bugs,
        "crashes": [(one.name, one.crashes) for one in site.services if one.crashes],
        "doctor": [findings] if status else [],
        "uncounted": await uncounted(given.parts.database),
        **of_log.wrong,
    }
    found = {name: list(what)[:5] for name, what in wrong.items() if what}
    assert not found, f"{found}\n{site.said()}"
    # Nothing is proved where nothing happened.
    assert site.ledger.decided
    assert site.ledger.submitted
    assert verdict.by_the_clock
    assert {*verdict.timers} == {*CONSEQUENT}
    assert all(reading.events for reading in audience.readings)
    assert of_log.repeated or not audience.inboxes


def _told(site: Site, verdict: Verdict, struck: Struck) -> str:
    ledger = site.ledger
    return (
        f"decisions {verdict.by_people + verdict.by_the_clock} (by people {verdict.by_people}, of "
        f"which acknowledged {len(ledger.decided)}; by the clock {verdict.by_the_clock}), "
        f"other timers {dict(sorted(verdict.timers.items()))}, "
        f"applications {len(ledger.submitted)}, notes {len(ledger.noted)}; kills {struck.kills}, "
        f"restarts {struck.restarts}, connections cut {struck.cuts}, unanswered "
        f"{ledger.unanswered}, put off {ledger.put_off}, replayed {ledger.replayed}, races lost "
        f"{len(ledger.heard)}; lost {len(verdict.lost)}, doubled {len(verdict.doubled)}, early "
        f"{len(verdict.early)}, overdue {len(verdict.overdue)}"
    )


async def test_nothing_is_lost_on_postgresql_whatever_is_killed_restarted_or_cut(
    scale: Scale, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    with postgres() as server:
        backend = await Server.open(server.url, "aftersales_faults")
        site = Site(await backend.fresh(tmp_path), tmp_path, random.Random(1))
        site.add_servers(WEB, runs_clock=False)
        site.add_workers(WORKERS)
        async with site.world() as given:
            async with at_work(site, given, lasts=timedelta(seconds=scale.kills)) as audience:
                struck = await strike(
                    site.services,
                    server,
                    site.database_url,
                    site.chance,
                    kills=scale.kills,
                    restarts=scale.restarts,
                )
            await settle(site, given, audience, struck, tell)


async def test_nothing_is_lost_on_sqlite_however_often_its_one_process_is_killed(
    scale: Scale, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    backend = await Files.open(tmp_path)
    site = Site(await backend.fresh(tmp_path), tmp_path, random.Random(2))
    site.add_servers(1, runs_clock=True)
    struck = Struck()
    async with site.world() as given:
        async with at_work(
            site, given, lasts=timedelta(seconds=2 * scale.sqlite_kills)
        ) as audience:
            for _ in range(scale.sqlite_kills):
                await asyncio.sleep(site.chance.uniform(0.2, 2.5))
                await kill_in_turn(site.services, site.chance, struck)
                await audience.let_holds_end(site, given.parts.database, left=1)
                async with asyncio.timeout(PATIENCE_S):
                    while not await is_ready(site.ports[0]):  # noqa: ASYNC110 - it happens elsewhere
                        await asyncio.sleep(0.05)
        await settle(site, given, audience, struck, tell)
