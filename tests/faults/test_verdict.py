"""The verdict of the fault tests finds what it is there to find."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.actors import SYSTEM
from domain.events import EventKind
from models.service_order import ServiceOrderEvent, events
from tests.client import Client
from tests.conftest import StoppedClock
from tests.faults.ledger import Decided, Heard, Ledger
from tests.faults.verdict import CONSEQUENT, Verdict, judge
from tests.given import OrderRef, Person, World

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)


@pytest.fixture
async def decided(client: Client, given: World) -> tuple[OrderRef, Person]:
    """An order, and who approved it."""
    order = await given.order(shop := await given.merchant())
    reviewer = await given.reviewer(shop)
    asks = client.as_(reviewer.token).codes
    assert await asks("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []
    return order, reviewer


def told(order: OrderRef, reviewer: Person, action: str = "APPROVE") -> Ledger:
    ledger = Ledger()
    ledger.decided.append(Decided((order.merchant_id, order.key), reviewer.id, action))
    return ledger


async def add_event(given: World, order: OrderRef, kind: EventKind, sequence: int = 9) -> None:
    event = ServiceOrderEvent(
        merchant_id=order.merchant_id,
        service_order_id=order.key,
        sequence=sequence,
        kind=kind,
        at=NOW,
        actor_kind=SYSTEM.kind,
        actor_id=SYSTEM.id,
        actor_name=SYSTEM.name,
    )
    await given._add(event)


def wrong(verdict: Verdict) -> set[str]:
    kinds = ("lost", "doubled", "early", "overdue", "untrue")
    return {kind for kind in kinds if getattr(verdict, kind)}


async def test_what_is_as_it_was_told_is_right(
    given: World, decided: tuple[OrderRef, Person]
) -> None:
    verdict = await judge(given.parts.database, told(*decided), NOW)
    assert (wrong(verdict), verdict.by_people, verdict.by_the_clock) == (set(), 1, 0)


async def test_a_decision_that_was_told_and_is_not_there_is_lost(
    given: World, decided: tuple[OrderRef, Person]
) -> None:
    order, reviewer = decided
    assert wrong(await judge(given.parts.database, told(order, reviewer, "REJECT"), NOW)) == {
        "lost"
    }
    async with given.parts.database.write() as connection:
        await connection.execute(sa.delete(events).where(events.c.sequence == 2))
    assert wrong(await judge(given.parts.database, told(*decided), NOW)) == {"lost"}


async def test_two_decisions_on_one_order_are_doubled(
    given: World, decided: tuple[OrderRef, Person]
) -> None:
    await add_event(given, decided[0], EventKind.REJECTED)
    assert "doubled" in wrong(await judge(given.parts.database, told(*decided), NOW))


async def test_one_decision_that_two_were_told_is_doubled(
    given: World, decided: tuple[OrderRef, Person]
) -> None:
    ledger = told(*decided)
    ledger.decided *= 2
    assert wrong(await judge(given.parts.database, ledger, NOW)) == {"doubled"}


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, {"early"}),
        (NOW + timedelta(microseconds=1), {"early"}),
        (NOW, set()),
    ],
)
async def test_an_approval_before_its_time_is_early(
    given: World, due: datetime | None, expected: set[str]
) -> None:
    order = await given.order(await given.merchant())
    await add_event(given, order, EventKind.AUTO_APPROVED)
    key, ledger = (order.merchant_id, order.key), Ledger()
    if due is not None:
        ledger.due[key] = due
    assert wrong(await judge(given.parts.database, ledger, NOW)) - {"lost"} == expected


@pytest.mark.parametrize("kind", CONSEQUENT)
@pytest.mark.parametrize(
    ("due", "events_", "expected"),
    [
        (None, 1, {"early"}),
        (NOW + timedelta(microseconds=1), 1, {"early"}),
        (NOW, 0, {"overdue"}),
        (NOW + timedelta(microseconds=1), 0, set()),
        (NOW, 1, set()),
        (NOW, 2, {"doubled"}),
    ],
)
async def test_another_timer_is_held_to_its_deadline_too(
    given: World, kind: EventKind, due: datetime | None, events_: int, expected: set[str]
) -> None:
    order = await given.order(await given.merchant())
    for number in range(events_):
        await add_event(given, order, kind, 9 + number)
    key, ledger = (order.merchant_id, order.key), Ledger()
    if due is not None:
        ledger.timers[key] = (kind, due)
    assert wrong(await judge(given.parts.database, ledger, NOW)) == expected


async def test_what_is_due_and_not_decided_is_overdue(given: World) -> None:
    order = await given.order(await given.merchant())
    ledger = Ledger(due={(order.merchant_id, order.key): NOW})
    assert wrong(await judge(given.parts.database, ledger, NOW)) == {"overdue"}
    before = NOW - timedelta(microseconds=1)
    assert wrong(await judge(given.parts.database, ledger, before)) == set()


async def test_another_winner_than_the_loser_was_told_of_is_untrue(
    given: World, decided: tuple[OrderRef, Person], clock: StoppedClock
) -> None:
    order, _ = decided
    key = (order.merchant_id, order.key)
    said: list[Callable[[], Heard]] = [
        lambda: Heard(key, "小A", "APPROVE", clock.now()),
        lambda: Heard(key, "小B", "APPROVE", clock.now()),
        lambda: Heard(key, "小A", "REJECT", clock.now()),
        lambda: Heard(key, "小A", "APPROVE", NOW),
    ]
    found = [wrong(await judge(given.parts.database, Ledger(heard=[one()]), NOW)) for one in said]
    assert found == [set(), {"untrue"}, {"untrue"}, {"untrue"}]


async def test_an_application_or_a_note_that_was_told_and_is_not_there_is_lost(
    given: World, decided: tuple[OrderRef, Person]
) -> None:
    order, _ = decided
    key = (order.merchant_id, order.key)
    for ledger in (Ledger(submitted={"unheard-of": []}), Ledger(noted=[(key, "unheard-of")])):
        assert wrong(await judge(given.parts.database, ledger, NOW)) == {"lost"}
