"""Nothing is early, lost, done twice or out of order, however wrong the processes' clocks are."""

import asyncio
import random
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from database.database import Database
from domain.actors import SYSTEM
from domain.clocks import REVIEW_WINDOW
from domain.events import EventKind
from models.service_order import ServiceOrderEvent, service_orders
from models.tables import add
from models.wake import wake
from tests.databases import Files, Server
from tests.faults.commits import Times, judge_times
from tests.faults.faketime import LIBRARIES, MISSING, WrongClock, wall_clocks
from tests.faults.ledger import Key
from tests.faults.postgres import Postgres, postgres
from tests.faults.processes import Service
from tests.faults.site import PATIENCE_S, Site, Team, spread
from tests.faults.verdict import judge, undecided
from tests.given import Shop, World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not LIBRARIES, reason=MISSING),
]

MINUTES: Final = timedelta(minutes=1)
RIGHT: Final = timedelta()
JUMPS: Final = [3 * 60 * MINUTES, -3 * 60 * MINUTES, RIGHT, 10 * MINUTES, -10 * MINUTES, RIGHT]
SET_EVERY_S: Final = 1.5
MORE_STOPS: Final = 4
"""On a busy machine a sweep may end before it can be stopped: then another one is."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much happens, and for how long processes stand still in the middle of a sweep."""

    due_meanwhile: int
    at_once: int
    rounds: int
    stopped: timedelta
    stops: int


SCALES: Final = {
    "short": Scale(5, 2_000, 1, timedelta(seconds=2), 1),
    "long": Scale(40, 4000, 8, timedelta(seconds=60), 2),
}


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> Scale:
    return SCALES[request.config.getoption("--faults")]


async def track_commits(server: Postgres) -> None:
    """Let the server keep when each transaction was committed."""
    engine = create_async_engine(server.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text("ALTER SYSTEM SET track_commit_timestamp = on"))
    await engine.dispose()
    await asyncio.to_thread(server.restart)


async def jump(clock: WrongClock, rounds: int, wrong: Sequence[Service]) -> None:
    """Set the clock again and again, until all have noticed, and leave it right."""
    for off in JUMPS * rounds:
        await asyncio.sleep(SET_EVERY_S)
        clock.set(off)
    clock.set(JUMPS[0])
    for service in wrong:
        await said(service, "the machine's clock differs")
    clock.set(RIGHT)


async def rouse(given: World) -> None:
    """Wake the workers: what the test writes by itself is not announced."""
    async with given.parts.database.write() as connection:
        await wake(connection)


async def fill_at_once(site: Site, given: World, shop: Shop, count: int) -> list[Key]:
    """So many orders that were due a second ago."""
    due = datetime.now(UTC) - timedelta(seconds=1)
    site.clock.time = due - REVIEW_WINDOW
    orders = [(ref.merchant_id, ref.key) for ref in await given.application(shop, count)]
    site.clock.time = datetime.now(UTC)
    site.ledger.due |= dict.fromkeys(orders, due)
    await rouse(given)
    return orders


async def stop_in_the_middle(
    workers: Sequence[Service], database: Database, orders: Sequence[Key], lasts: timedelta
) -> int:
    """``SIGSTOP`` of all workers once some of the orders are approved; answers how many are not."""
    async with asyncio.timeout(PATIENCE_S):
        while (left := await undecided(database, orders)) == len(orders):  # noqa: ASYNC110 - it happens elsewhere
            await asyncio.sleep(0.01)
    for worker in workers:
        worker.signal(signal.SIGSTOP)
    await asyncio.sleep(lasts.total_seconds())
    for worker in workers:
        worker.signal(signal.SIGCONT)
    return left


async def fill_ahead(site: Site, given: World, teams: Sequence[Team], scale: Scale) -> None:
    """What is due meanwhile, and what is due soon by the clocks that are ahead alone."""
    begin = datetime.now(UTC) + timedelta(seconds=2)
    lasts = timedelta(seconds=SET_EVERY_S * len(JUMPS) * scale.rounds)
    ahead = spread(begin + 5 * MINUTES, begin + 170 * MINUTES, scale.due_meanwhile)
    for team in teams:
        due = spread(begin, begin + lasts, scale.due_meanwhile)
        await site.fill(given, team.shop, team.queue, [*due, *ahead])
    await rouse(given)


@dataclass(frozen=True, slots=True)
class Processes:
    """Those whose clock is right, and those whose clock is not."""

    workers: list[Service]
    wrong: list[Service]


def start(site: Site, scale: Scale, jumping: WrongClock, others: Sequence[WrongClock]) -> Processes:
    """A server and a worker that are right, one of each that jumps, and more that are wrong."""
    ahead, behind, near = others
    servers, workers = [None, jumping], [None, jumping, ahead]
    if scale.rounds > 1:
        servers.append(near)
        workers.append(behind)
    site.add_servers(len(servers), runs_clock=False)
    site.add_workers(len(workers))
    wrong = []
    for service, clock in zip(site.services, [*servers, *workers], strict=True):
        if clock is not None:
            clock.give_to(service)
            wrong.append(service)
    return Processes(site.services[len(servers) :], wrong)


async def test_whatever_the_clocks_say_nothing_is_early_lost_doubled_or_out_of_order(
    scale: Scale, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    offs = (RIGHT, 10 * MINUTES, -10 * MINUTES, timedelta(seconds=20))
    with postgres() as server, wall_clocks(tmp_path, *offs) as (jumping, *others):
        await track_commits(server)
        backend = await Server.open(server.url, "aftersales_skew")
        site = Site(await backend.fresh(tmp_path), tmp_path, random.Random(3))
        processes, left = start(site, scale, jumping, others), 0
        async with site.world() as given:
            teams = await site.people(given)
            async with site.running():
                await fill_ahead(site, given, teams, scale)
                async with site.working(teams, cuts=0.0), asyncio.TaskGroup() as tasks:
                    tasks.create_task(jump(jumping, scale.rounds, processes.wrong))
                    for attempt in range(scale.stops + MORE_STOPS):
                        if left and attempt >= scale.stops:
                            break
                        orders = await fill_at_once(site, given, teams[0].shop, scale.at_once)
                        left += await stop_in_the_middle(
                            processes.workers, given.parts.database, orders, scale.stopped
                        )
                await site.caught_up(given.parts.database)
                await site.counted(given.parts.database)
            await settle(site, given, left, scale, tell)
            [order, *_] = site.ledger.due
            await damage(given, order)
            times = await judge_times(given.parts.database, {}, slowest=scale.stopped)
            assert set(times.wrong) == set(Times.__dataclass_fields__)


async def test_on_sqlite_a_worker_whose_machine_jumps_ahead_waits_and_then_goes_on(
    tmp_path: Path,
) -> None:
    with wall_clocks(tmp_path, RIGHT) as (jumping,):
        backend = await Files.open(tmp_path)
        site = Site(await backend.fresh(tmp_path), tmp_path, random.Random(4))
        site.add_workers(1)
        [worker] = site.services
        jumping.give_to(worker)
        async with site.world() as given, site.running():
            shop = await given.merchant()
            site.clock.time = datetime.now(UTC) - REVIEW_WINDOW + 60 * MINUTES
            [early] = await given.application(shop)
            await approved(site, given, shop)
            jumping.set(180 * MINUTES)
            await said(worker, "the clock waits: the machine's clock jumped ahead by 108")
            assert len(await given.kinds(early)) == 1
            jumping.set(RIGHT)
            await said(worker, "the clock goes on")
            await approved(site, given, shop)
            assert len(await given.kinds(early)) == 1


async def approved(site: Site, given: World, shop: Shop) -> None:
    """Wait until an order that is due is approved."""
    orders = await fill_at_once(site, given, shop, 1)
    async with asyncio.timeout(PATIENCE_S):
        while await undecided(given.parts.database, orders):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def said(service: Service, words: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while words not in service.said:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def damage(given: World, order: Key) -> None:
    """Let everything be wrong with an order that a verdict on times looks at."""
    merchant_id, id_ = order
    now = datetime.now(UTC)
    approval = ServiceOrderEvent(
        merchant_id=merchant_id,
        service_order_id=id_,
        sequence=9,
        kind=EventKind.AUTO_APPROVED,
        at=now - 60 * MINUTES,
        actor_kind=SYSTEM.kind,
        actor_id=SYSTEM.id,
        actor_name=SYSTEM.name,
        details={"explanation": {"dueAt": (now + MINUTES).isoformat()}},
    )
    async with given.parts.database.write() as connection:
        await add(connection, approval)
        await connection.execute(
            sa.update(service_orders)
            .where(service_orders.c.merchant_id == merchant_id, service_orders.c.id == id_)
            .values(applied_at=now)
        )


async def settle(
    site: Site, given: World, left: int, scale: Scale, tell: Callable[[str], None]
) -> None:
    """Say what came of it, and fail if anything is wrong."""
    slowest = timedelta(seconds=30) + scale.stopped
    times = await judge_times(given.parts.database, site.ledger.due, slowest=slowest)
    verdict = await judge(given.parts.database, site.ledger, datetime.now(UTC))
    status, findings = await site.examined()
    tell(
        f"decisions {verdict.by_people + verdict.by_the_clock} (by the clock "
        f"{verdict.by_the_clock}), applications {len(site.ledger.submitted)}; stopped in a sweep "
        f"with {left} left, put off {site.ledger.put_off}; by the database's commit times early "
        f"{len(times.early)}, misdated {len(times.misdated)}, descending {len(times.descending)}; "
        f"lost {len(verdict.lost)}, doubled {len(verdict.doubled)}, overdue {len(verdict.overdue)}"
    )
    wrong: dict[str, Sequence[object]] = {
        **times.wrong,
        "lost": verdict.lost,
        "doubled": verdict.doubled,
        "dated early": verdict.early,
        "overdue": verdict.overdue,
        "untrue": verdict.untrue,
        "bugs": site.ledger.bugs,
        "crashes": [(one.name, one.crashes) for one in site.services if one.crashes],
        "doctor": [findings] if status else [],
    }
    found = {name: list(what)[:5] for name, what in wrong.items() if what}
    assert not found, f"{found}\n{site.said()}"
    # Nothing is proved where nothing happened.
    assert site.ledger.decided
    assert site.ledger.submitted
    assert site.ledger.put_off
    assert verdict.by_the_clock
    assert left
