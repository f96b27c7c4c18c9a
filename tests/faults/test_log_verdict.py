"""The verdict on the readers of the log finds what it is there to find."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from domain.feed import EventKey, FeedCursor
from jobs.sequencer import sequence
from tests.client import Client
from tests.faults.log_verdict import LogVerdict, Place, compare, judge_log, unread
from tests.faults.readings import Inbox, Message, Reading
from tests.given import World

EVENTS: list[EventKey] = [(1, 10, 2), (2, 30, 2), (1, 11, 2), (1, 10, 3), (2, 30, 3)]
"""In the order of the platform's feed."""
FEED = [
    Place(position, platform_position, event)
    for platform_position, (position, event) in enumerate(
        zip([1, 1, 2, 3, 2], EVENTS, strict=True), start=1
    )
]
OWN = [event for event in EVENTS if event[0] == 1]
FIRST, SECOND, THIRD = OWN


def wrong(verdict: LogVerdict) -> set[str]:
    return {name.removeprefix("log ") for name in verdict.wrong}


def read(told: Sequence[EventKey], *, merchant_id: int | None = 1, after: int = 0) -> set[str]:
    start = FeedCursor(merchant_id, after).encoded()
    reading = Reading("a reader", merchant_id, start=start, events=list(told))
    return wrong(compare(FEED, EVENTS, [reading]))


def received(*told: tuple[str, EventKey] | tuple[str, EventKey, bool]) -> LogVerdict:
    messages = [Message(one[0], one[1], accepted=len(one) == 2) for one in told]
    return compare(FEED, EVENTS, inboxes=[Inbox("a receiver", 1, messages=messages)])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (OWN, set()),
        (OWN[:2], {"lost"}),
        (OWN[1:], {"lost"}),
        ([], {"lost"}),
        ([*OWN, THIRD], {"doubled"}),
        ([FIRST, FIRST, SECOND, THIRD], {"doubled"}),
        ([SECOND, FIRST, THIRD], {"disordered"}),
        ([FIRST, THIRD, SECOND], {"disordered"}),
        ([FIRST, THIRD], {"lost"}),
        ([*OWN, (1, 10, 4)], {"untrue"}),
        ([*OWN, (2, 30, 2)], {"untrue"}),
        ([THIRD, FIRST, FIRST], {"lost", "doubled", "disordered"}),
    ],
)
def test_what_a_reader_missed_got_twice_or_out_of_order_is_found(
    told: Sequence[EventKey], expected: set[str]
) -> None:
    assert read(told) == expected


def test_a_reader_is_told_what_comes_after_its_start() -> None:
    assert read(OWN[1:], after=1) == set()
    assert read(OWN, after=1) == {"untrue"}
    assert read(EVENTS, merchant_id=None) == set()
    assert read(EVENTS[3:], merchant_id=None, after=3) == set()
    assert read(OWN, merchant_id=None) == {"lost"}


@pytest.mark.parametrize(
    ("told", "expected", "repeated"),
    [
        ([("a", FIRST), ("b", SECOND), ("c", THIRD)], set(), 0),
        # Other orders may come in any order.
        ([("a", FIRST), ("c", THIRD), ("b", SECOND)], set(), 0),
        ([("a", FIRST), ("a", FIRST), ("b", SECOND), ("c", THIRD)], set(), 1),
        ([("a", FIRST, False), ("a", FIRST), ("b", SECOND), ("c", THIRD)], set(), 1),
        ([("a", FIRST), ("b", SECOND)], {"lost"}, 0),
        ([("a", FIRST), ("b", SECOND), ("c", THIRD, False)], {"lost"}, 0),
        ([("a", FIRST), ("d", FIRST), ("b", SECOND), ("c", THIRD)], {"doubled"}, 1),
        ([("a", FIRST), ("a", SECOND), ("c", THIRD)], {"untrue"}, 0),
        ([("a", FIRST), ("b", SECOND), ("c", THIRD), ("d", (1, 10, 4))], {"untrue"}, 0),
        ([("c", THIRD), ("a", FIRST), ("b", SECOND)], {"disordered"}, 0),
        ([("a", FIRST), ("c", THIRD), ("a", FIRST), ("b", SECOND)], {"disordered"}, 1),
    ],
)
def test_what_a_receiver_missed_got_under_two_ids_or_out_of_order_is_found(
    told: Sequence[tuple[str, EventKey]], expected: set[str], repeated: int
) -> None:
    verdict = received(*told)
    assert (wrong(verdict), verdict.repeated) == (expected, repeated)


def place(position: int, event: EventKey, platform_position: int | None = None) -> Place:
    return Place(position, platform_position or position, event)


@pytest.mark.parametrize(
    ("places", "stored"),
    [
        ([place(1, FIRST)], [FIRST, SECOND]),
        ([place(1, FIRST), place(2, SECOND)], [FIRST]),
        ([place(1, FIRST), place(2, FIRST)], [FIRST]),
        ([place(1, FIRST), place(3, SECOND, 2)], [FIRST, SECOND]),
        ([place(1, FIRST), place(2, SECOND, 3)], [FIRST, SECOND]),
        ([place(1, THIRD), place(2, FIRST)], [FIRST, THIRD]),
    ],
)
def test_an_event_without_its_one_place_is_found(
    places: Sequence[Place], stored: Sequence[EventKey]
) -> None:
    assert wrong(compare(places, stored)) == {"unplaced"}


@pytest.mark.anyio
async def test_the_verdict_reads_the_feed_and_the_events_of_the_database(
    client: Client, given: World
) -> None:
    database = given.parts.database
    order = await given.order(shop := await given.merchant())
    owner = client.as_(shop.owner.token)
    codes = [await owner.codes("addNote", id=order.id, text=text) for text in ("一", "二")]
    assert codes == [[], []]
    event = (order.merchant_id, order.key, 2)
    reading = Reading("a reader", shop.id, events=[event])
    beside = [event[:2]]
    assert await unread(database, [reading])
    verdict = await judge_log(database, [reading], written_beside=beside)
    assert wrong(verdict) == {"unplaced", "untrue"}
    await sequence(database, datetime.now(UTC))
    verdict = await judge_log(database, [reading], written_beside=beside)
    assert wrong(verdict) == {"lost"}
    assert await unread(database, [reading])
    reading.events.append((order.merchant_id, order.key, 3))
    reading.cursor = FeedCursor(shop.id, 2).encoded()
    verdict = await judge_log(database, [reading], written_beside=beside)
    assert (wrong(verdict), await unread(database, [reading])) == (set(), False)
    assert wrong(await judge_log(database, [reading])) == {"unplaced"}
