"""What readers of the log were told, held against the log in the database."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeVar

import sqlalchemy as sa

from database.database import Database
from domain.feed import EventKey
from models.feed import feed, feed_heads, outbox, platform_feed_heads
from models.service_order import events
from tests.faults.ledger import Key
from tests.faults.readings import Inbox, Reading

MOST: Final = 5
"""So many findings of a kind about one reader are told."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the feed."""

    position: int
    platform_position: int
    event: EventKey


@dataclass(slots=True)
class LogVerdict:
    """What is wrong, by kind; all are empty if nothing is."""

    lost: list[str] = field(default_factory=list)
    """There, and not told."""
    doubled: list[str] = field(default_factory=list)
    """Told twice; by webhooks, under different ids."""
    disordered: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    """Told, and not there."""
    unplaced: list[str] = field(default_factory=list)
    """Events without a place in the feed, with several, or out of the order of their order."""
    repeated: int = 0
    """Messages of webhooks that came again, under the same id."""

    @property
    def wrong(self) -> Mapping[str, Sequence[str]]:
        kinds = ("lost", "doubled", "disordered", "untrue", "unplaced")
        return {f"log {kind}": getattr(self, kind) for kind in kinds if getattr(self, kind)}


async def judge_log(
    database: Database,
    readings: Sequence[Reading],
    inboxes: Sequence[Inbox] = (),
    *,
    written_beside: Collection[Key] = (),
) -> LogVerdict:
    """The first event of the orders ``written_beside`` the servers has no place in the feed."""
    stored = {
        event
        for event in await _stored(database)
        if event[2] > 1 or event[:2] not in written_beside
    }
    return compare(await places_of(database), stored, readings, inboxes)


def compare(
    places: Sequence[Place],
    stored: Collection[EventKey],
    readings: Sequence[Reading] = (),
    inboxes: Sequence[Inbox] = (),
) -> LogVerdict:
    """``stored`` are the events that must have a place."""
    verdict = LogVerdict()
    _check_places(verdict, places, set(stored))
    for reading in readings:
        _check_reading(verdict, reading, expected_of(reading, places))
    for inbox in inboxes:
        _check_inbox(verdict, inbox, places)
    return verdict


def expected_of(reading: Reading, places: Sequence[Place]) -> list[EventKey]:
    """What a reader has to be told, in the order of its feed."""
    if reading.merchant_id is None:
        positions = {place.platform_position: place.event for place in places}
    else:
        own = [place for place in places if place.event[0] == reading.merchant_id]
        positions = {place.position: place.event for place in own}
    return [positions[at] for at in sorted(positions) if at > reading.start_position]


async def places_of(database: Database) -> Sequence[Place]:
    of = feed.c
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(
                of.position, of.platform_position, of.merchant_id, of.service_order_id, of.sequence
            ).order_by(of.platform_position)
        )
        return [Place(row[0], row[1], (row[2], row[3], row[4])) for row in rows]


async def _stored(database: Database) -> Sequence[EventKey]:
    of = events.c
    async with database.read() as connection:
        rows = await connection.execute(sa.select(of.merchant_id, of.service_order_id, of.sequence))
        return [(row[0], row[1], row[2]) for row in rows]


async def unread(database: Database, readings: Sequence[Reading]) -> bool:
    """Whether an event waits for its place, or for a reader."""
    async with database.read() as connection:
        waiting = await connection.execute(sa.select(sa.exists(sa.select(outbox.c.sequence))))
        heads = await connection.execute(sa.select(feed_heads.c.merchant_id, feed_heads.c.position))
        platform = await connection.execute(sa.select(platform_feed_heads.c.position))
        positions = {row.merchant_id: row.position for row in heads}
        positions[None] = platform.scalar_one()
        return waiting.scalar_one() or any(
            reading.position < positions.get(reading.merchant_id, 0) for reading in readings
        )


def _check_places(verdict: LogVerdict, places: Sequence[Place], stored: set[EventKey]) -> None:
    placed = Counter(place.event for place in places)
    verdict.unplaced += _told("an event without a place", sorted(stored - placed.keys()))
    verdict.unplaced += _told("a place without an event", sorted(placed.keys() - stored))
    verdict.unplaced += _told("several places", _repeated(placed))
    if [place.platform_position for place in places] != list(range(1, len(places) + 1)):
        verdict.unplaced.append("the platform's positions have gaps")
    of_merchant: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        of_merchant[place.event[0]].append(place)
    for merchant_id, own in of_merchant.items():
        by_position = sorted(own, key=lambda place: place.position)
        if [place.position for place in by_position] != list(range(1, len(own) + 1)):
            verdict.unplaced.append(f"the positions of {merchant_id} have gaps")
        descending = _descending([place.event for place in by_position])
        verdict.unplaced += _told("out of the order of their order", descending)


def _check_reading(verdict: LogVerdict, reading: Reading, expected: Sequence[EventKey]) -> None:
    told, there = Counter(reading.events), set(expected)
    name = reading.reader
    verdict.lost += _told(name, [event for event in expected if event not in told])
    verdict.doubled += _told(name, _repeated(told))
    verdict.untrue += _told(name, [event for event in told if event not in there])
    in_order = [event for event in expected if event in told]
    arrived = [event for event in dict.fromkeys(reading.events) if event in there]
    verdict.disordered += _told(
        name,
        [
            f"{one} instead of {other}"
            for one, other in zip(arrived, in_order, strict=True)
            if one != other
        ],
    )


def _check_inbox(verdict: LogVerdict, inbox: Inbox, places: Sequence[Place]) -> None:
    own = [place for place in places if place.event[0] == inbox.merchant_id]
    expected = {place.event for place in own if place.position > inbox.after}
    name = inbox.receiver
    accepted = {message.event for message in inbox.messages if message.accepted}
    verdict.lost += _told(name, sorted(expected - accepted))
    ids, contents = defaultdict(set), defaultdict(set)
    for message in inbox.messages:
        ids[message.event].add(message.id)
        contents[message.id].add(message.event)
    verdict.doubled += _told(name, [f"{event}: {of}" for event, of in ids.items() if len(of) > 1])
    verdict.untrue += _told(name, sorted(ids.keys() - expected))
    verdict.untrue += _told(name, [f"{id_}: {of}" for id_, of in contents.items() if len(of) > 1])
    verdict.disordered += _told(name, _descending([message.event for message in inbox.messages]))
    verdict.repeated += len(inbox.messages) - len(ids)


def _descending(told: Sequence[EventKey]) -> Sequence[str]:
    """The events that come after a later one of the same order."""
    of_order: dict[Key, list[int]] = defaultdict(list)
    for merchant_id, order, sequence in told:
        of_order[merchant_id, order].append(sequence)
    return [
        f"{order}: {later} after {earlier}"
        for order, sequences in of_order.items()
        for earlier, later in pairwise(sequences)
        if later < earlier
    ]


def _repeated(told: Mapping[EventKey, int]) -> Sequence[EventKey]:
    return [event for event, times in told.items() if times > 1]


def _told(who: str, findings: Sequence[object]) -> list[str]:
    more = [f"{who}: {len(findings)} in all"] if len(findings) > MOST else []
    return [*(f"{who}: {finding}" for finding in findings[:MOST]), *more]
