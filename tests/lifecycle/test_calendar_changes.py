"""Pause windows that are changed and withdrawn, and clocks that stand still in one."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from doctor.examine import examine
from doctor.faults import Fault
from doctor.finding import Finding
from domain.actions import Action
from domain.actors import Actor, ActorKind
from domain.permissions import Permission
from jobs.timers import fire_timers
from models.journal.change import decision_change
from models.journal.record import record_step
from models.queries.service_orders import get_with_pauses
from tests.client import Client
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

HOUR: Final = timedelta(hours=1)
CLOCKS: Final = """query($id: ID!) { serviceOrder(id: $id) { version
  clock { dueAt pausedSince remaining } reviewClock { dueAt pausedSince remaining }
  timeline(last: 1) { kind actor { kind } details } } }"""


def at(hours: float) -> str:
    return (NOON + hours * HOUR).isoformat()


async def calendar(client: Client, given: World) -> Client:
    return client.as_((await given.platform(Permission.CALENDAR_MANAGE)).token)


async def declare(client: Client, start: float, end: float, name: str = "国庆") -> str:
    payload = await client.do(
        "declarePauseWindow", "pauseWindow { id }", name=name, startAt=at(start), endAt=at(end)
    )
    return str(payload["pauseWindow"]["id"])


async def change(client: Client, id_: str, start: float, end: float, **said: Any) -> str:
    payload = await client.do(
        "changePauseWindow", "pauseWindow { id }", id=id_, startAt=at(start), endAt=at(end), **said
    )
    assert payload["refusals"] == []
    return str(payload["pauseWindow"]["id"])


async def due(given: World, order: OrderRef) -> float:
    row = await given.row(order)
    if row.status == "PENDING_REVIEW":
        assert row.review_due_at == row.clock_due_at
        assert row.review_pauses == row.clock_pauses
    at_: datetime = row.clock_due_at
    return (at_ - NOON) / HOUR


async def faults(given: World) -> list[Finding]:
    """What the doctor finds, but for addresses that a test leaves out."""
    found = list[Finding]()
    async with given.parts.database.read() as connection:
        await examine(connection, given.parts.pictures, given.now, found.append)
    return [finding for finding in found if finding.fault is not Fault.OVERDUE]


async def test_a_window_that_is_withdrawn_gives_the_clocks_back_what_it_took(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    review, shipment = [await given.order(shop) for _ in range(2)]
    await given.take(shipment, Action.REQUEST_FEEDBACK)
    untouched = await given.order(shop)
    await given.take(untouched, Action.REJECT)
    owner, platform = client.as_(shop.owner.token), await calendar(client, given)
    window = await declare(platform, 10, 34)
    clock.pass_(9 * HOUR)
    shape = "pauseWindow { id name startAt endAt declaredBy { name } withdrawnAt }"
    payload = await platform.do("withdrawPauseWindow", shape, id=window)
    assert payload == {
        "pauseWindow": {
            "id": window,
            "name": "国庆",
            "startAt": at(10),
            "endAt": at(34),
            "declaredBy": {"name": "平台小王"},
            "withdrawnAt": at(9),
        },
        "refusals": [],
    }
    assert await platform.ask("{ pauseWindows { name } }") == []
    found = await owner.ask(CLOCKS, id=review.id)
    assert found["version"] == 3
    assert found["clock"] == {"dueAt": at(48), "pausedSince": None, "remaining": 39 * 3600}
    assert found["timeline"] == [
        {
            "kind": "CLOCK_MOVED",
            "actor": {"kind": "PLATFORM"},
            "details": {"window": "国庆", "from": at(72), "to": at(48)},
        }
    ]
    assert await due(given, shipment) == 7 * 24
    assert (await given.row(untouched)).version == 2
    assert await faults(given) == []
    clock.time = NOON + 48 * HOUR
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    assert await faults(given) == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (20, 44, 72),  # as long as it was, so the deadline stays
        (20, 30, 58),
        (5, 45, 88),
        (48, 90, 48),  # out of reach
        (47, 90, 91),
        (12, 14, 50),  # within the old one
    ],
)
async def test_a_window_that_is_changed_moves_each_clock_once(
    client: Client, given: World, start: float, end: float, expected: float
) -> None:
    order = await given.order(await given.merchant())
    platform = await calendar(client, given)
    window = await declare(platform, 10, 34)
    assert await due(given, order) == 72
    changed = await change(platform, window, start, end, name="春节")
    assert changed != window
    assert await due(given, order) == expected
    kinds = await given.kinds(order)
    assert kinds[1:] == ["CLOCK_MOVED"] * 2
    row = await given.row(order)
    hit = {"from": at(start), "to": at(end)}
    assert row.clock_pauses == ([] if expected == 48 else [hit])
    found = await platform.ask("{ pauseWindows { id name startAt endAt withdrawnAt } }")
    assert found == [
        {
            "id": changed,
            "name": "春节",
            "startAt": at(start),
            "endAt": at(end),
            "withdrawnAt": None,
        }
    ]
    assert await faults(given) == []


async def test_changed_again_and_again_the_last_word_holds(
    client: Client, given: World, clock: StoppedClock
) -> None:
    order = await given.order(await given.merchant())
    platform = await calendar(client, given)
    window = await declare(platform, 10, 34)
    await declare(platform, 40, 41, "二")
    for start, end, expected in ((11, 12, 50), (60, 61, 49), (45, 60, 64), (12, 13, 50)):
        clock.pass_(10 * timedelta(minutes=1))
        window = await change(platform, window, start, end)
        assert await due(given, order) == expected
    assert await faults(given) == []
    refusals = [
        await platform.refused("withdrawPauseWindow", id=window)
        for window in [await _withdrawn(platform, window)]
    ]
    assert [refusal["code"] for refusal in refusals] == ["WINDOW_WITHDRAWN"]
    assert await due(given, order) == 49
    assert await faults(given) == []


async def _withdrawn(client: Client, window: str) -> str:
    assert await client.codes("withdrawPauseWindow", id=window) == []
    return window


async def test_only_what_lies_ahead_can_be_changed_or_withdrawn(
    client: Client, given: World, clock: StoppedClock
) -> None:
    order = await given.order(await given.merchant())
    platform = await calendar(client, given)
    window = await declare(platform, 10, 34)
    for hours in (10, 20, 34, 100):
        clock.time = NOON + hours * HOUR
        for name, said in (
            ("withdrawPauseWindow", {}),
            ("changePauseWindow", {"startAt": at(200), "endAt": at(210)}),
        ):
            refusal = await platform.refused(name, id=window, **said)
            assert (refusal["code"], refusal["path"]) == ("WINDOW_HAS_BEGUN", ["id"])
    assert await due(given, order) == 72


async def test_a_change_is_held_to_what_a_declaration_is(client: Client, given: World) -> None:
    order = await given.order(await given.merchant())
    platform = await calendar(client, given)
    window = await declare(platform, 10, 20)
    await declare(platform, 30, 40)
    said: dict[str, Any] = {"id": window, "startAt": at(25), "endAt": at(31)}
    assert await platform.codes("changePauseWindow", **said) == ["WINDOW_OVERLAPS"]
    for start, end in ((-1, 5), (5, 5), (6, 5), (5, 100_000)):
        said = {"id": window, "startAt": at(start), "endAt": at(end)}
        assert await platform.codes("changePauseWindow", **said) == ["BAD_USER_INPUT"]
    said = {"id": window, "startAt": at(15), "endAt": at(25)}  # over its own old times
    assert await platform.codes("changePauseWindow", **said, name="") == ["BAD_USER_INPUT"]
    assert await due(given, order) == 68
    assert await platform.codes("changePauseWindow", **said) == []
    for unknown in (window, order.id):
        code = "WINDOW_WITHDRAWN" if unknown == window else "NOT_FOUND"
        assert await platform.codes("changePauseWindow", **said | {"id": unknown}) == [code]
        assert await platform.codes("withdrawPauseWindow", id=unknown) == [code]


async def test_nobody_else_changes_the_calendar(client: Client, given: World) -> None:
    shop = await given.merchant()
    window = await declare(await calendar(client, given), 10, 20)
    reviewer = await given.platform(Permission.ENROLMENT_REVIEW)
    customer = await given.customer(shop)
    for person in (shop.owner, reviewer, customer):
        other = client.as_(person.token)
        times = {"startAt": at(1), "endAt": at(2)}
        assert await other.codes("changePauseWindow", id=window, **times) == ["FORBIDDEN"]
        assert await other.codes("withdrawPauseWindow", id=window) == ["FORBIDDEN"]
    assert await client.as_(shop.owner.token).ask("{ pauseWindows { id } }") == [{"id": window}]


async def test_a_decision_notices_that_one_window_came_for_another(
    client: Client, given: World
) -> None:
    """The number of windows is the same: it is the windows that a step compares."""
    shop = await given.merchant()
    order = await given.order(shop)
    platform, desk = await calendar(client, given), client.as_(shop.owner.token)
    window = await declare(platform, 100, 110)
    await change(platform, window, 100, 101)
    approve: dict[str, Any] = {"decision": {"approve": {}}}
    assert await desk.codes("reviewServiceOrder", id=order.id, **approve) == []
    assert await due(given, order) == 7 * 24 + 1


async def test_a_step_writes_nothing_if_a_window_changed_since_it_was_read(
    client: Client, given: World
) -> None:
    database = given.parts.database
    if database.is_sqlite:
        return  # its transaction lets nobody in between
    shop = await given.merchant()
    order = await given.order(shop)
    platform = await calendar(client, given)
    window = await declare(platform, 100, 110)
    actor = Actor(
        kind=ActorKind.EMPLOYEE, id=1, name="-", permissions=frozenset(), merchant_id=shop.id
    )
    async with database.autocommit() as session:
        read, pauses = await get_with_pauses(session, shop.id, order.key, given.now)
        window = await change(platform, window, 100, 101)
        step: Any = (session, read, Action.APPROVE, actor, decision_change())
        assert await record_step(*step, now=given.now, pauses=pauses) is None
        _, pauses = await get_with_pauses(session, shop.id, order.key, given.now)
        assert await platform.codes("withdrawPauseWindow", id=window) == []
        assert await record_step(*step, now=given.now, pauses=pauses) is None
        _, pauses = await get_with_pauses(session, shop.id, order.key, given.now)
        assert await record_step(*step, now=given.now, pauses=pauses) is not None


async def test_while_a_window_runs_the_clock_says_since_when_and_what_is_left(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = [await given.order(shop) for _ in range(2)]
    await given.take(orders[1], Action.APPROVE)
    owner, platform = client.as_(shop.owner.token), await calendar(client, given)
    await declare(platform, 10, 20)
    await declare(platform, 20, 30, "二")
    await declare(platform, 40, 41, "三")
    for order, hours in ((orders[0], 48), (orders[1], 7 * 24)):
        for now, since, ran in (
            (0, None, 0),
            (9.5, None, 9.5),
            (10, 10, 10),
            (19, 10, 10),
            (25, 10, 10),  # one window after the other, without a break
            (30, None, 10),
            (35, None, 15),
            (40.5, 40, 20),
            (42, None, 21),
            (hours + 21, None, hours),
            (hours + 22, None, hours + 1),
        ):
            clock.time = NOON + now * HOUR
            found = await owner.ask(CLOCKS, id=order.id)
            assert found["clock"] == {
                "dueAt": at(hours + 21),
                "pausedSince": None if since is None else at(since),
                "remaining": (hours - ran) * 3600,
            }, now
            assert found["reviewClock"] == (found["clock"] if order is orders[0] else None)


async def test_a_step_answers_with_the_clock_that_stands_still(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    await declare(await calendar(client, given), 10, 20)
    clock.pass_(12 * HOUR)
    shape = "serviceOrder { clock { startedAt dueAt pausedSince remaining } }"
    payload = await owner.do("reviewServiceOrder", shape, id=order.id, decision={"approve": {}})
    assert payload["serviceOrder"]["clock"] == {
        "startedAt": at(12),
        "dueAt": at(20 + 7 * 24),
        "pausedSince": at(12),
        "remaining": 7 * 24 * 3600,
    }
