"""The demo's data is what the rules would have made of it."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from demo.create import ORDERS, TOTAL
from demo.ids import Ids
from demo.orders import desk_of
from demo.people import Hiring
from demo.pictures import keep_album
from demo.replay import Replay
from domain.actions import Action
from domain.actors import ActorKind
from domain.addresses import Address
from domain.clocks import CLOCKS
from domain.destinations import CHOSEN, DEFAULT, RuleKind
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
from domain.reasons import ReasonUse, is_reason
from domain.statuses import FINAL, Status
from models.application import applications
from models.evidence import evidence
from models.journal.record import record_step
from models.merchant import return_addresses
from models.queries import service_orders as finding
from models.service_order import events, service_orders
from models.tables import add
from tests.demo.reading import NOW, pictures_in, rows

pytestmark = pytest.mark.anyio

ACTIONS = {kind: action for action, kind in EVENTS.items()}


async def test_every_merchant_has_orders_in_every_status_if_it_was_ever_enabled(made):
    assert len(made.orders) == TOTAL == 3_000
    counts = Counter(
        (made.shops[order.merchant_id].enrolment, order.status) for order in made.orders
    )
    working = (EnrolmentStatus.ENABLED, EnrolmentStatus.SUSPENDED)
    assert set(counts) == {(enrolment, status) for enrolment in working for status in Status}
    assert min(counts.values()) >= 10
    by_shop = Counter(order.merchant_id for order in made.orders)
    assert sorted(by_shop.values()) == sorted(ORDERS.values())
    assert Counter(row.enrolment for row in made.shops.values()) == {
        EnrolmentStatus.ENABLED: 5,
        EnrolmentStatus.PENDING_REVIEW: 1,
        EnrolmentStatus.REJECTED: 1,
        EnrolmentStatus.SUSPENDED: 1,
    }


async def test_every_row_is_where_its_events_lead(made):
    for order in made.orders:
        timeline = made.events[order.id]
        assert [event.sequence for event in timeline] == list(range(1, order.version + 1))
        assert timeline[0].kind is EventKind.SUBMITTED
        assert (timeline[0].at, timeline[0].from_status) == (order.applied_at, None)
        status, decided, moved = Status.PENDING_REVIEW, None, None
        for before, event in pairwise(timeline):
            rule = LIFECYCLE[ACTIONS[event.kind]]
            assert event.from_status is status
            assert status in rule.sources
            assert before.at <= event.at <= NOW
            status = rule.target or status
            assert event.to_status is status
            decided = event if rule.decides else decided
            moved = event if rule.target else moved
        assert (order.status, order.updated_at) == (status, timeline[-1].at)
        assert order.last_action is (ACTIONS[moved.kind] if moved else None)
        assert order.decision is (ACTIONS[decided.kind] if decided else None)
        assert order.decided_at == (decided.at if decided else None)
        assert order.decided_by == (decided.actor_name if decided else None)
        assert order.finished_at == (moved.at if moved and status in FINAL else None)
        assert (order.clock_due_at is None) is (status in FINAL)


async def test_the_replay_writes_what_the_journal_writes(database, tmp_path):
    ids = Ids()
    people, shops = Hiring(ids=ids, password_hash="-", now=NOW).everybody()
    ((shop, rules),) = [(shop, shop.rules.rules) for shop in shops if shop.rules is not None]
    album, _ = await keep_album(pictures_in(tmp_path), shop, NOW)
    desk = desk_of(shop, album, ids, number=0, now=NOW, total=ORDERS[shop.plan.key])
    replays: list[Replay] = []
    taken: set[Action] = set()
    async with database.write() as connection:
        await add(connection, *people)
        for submitted in desk.everything():
            actions = {step.action for replay in submitted.orders for step in replay.steps}
            # Enough orders of the usual course, and each action wherever it is taken first.
            if len(replays) > 100 and actions <= taken:
                continue
            taken |= actions
            await connection.execute(sa.insert(applications), submitted.application)
            for replay in submitted.orders:
                await journal(connection, replay)
                replays.append(replay)
    orders = {row.id: dict(row._mapping) for row in await rows(database, service_orders)}
    timelines = defaultdict(list)
    for event in await rows(database, events):
        timelines[event.service_order_id].append(dict(event._mapping))
    for replay in replays:
        assert orders[replay.order["id"]] == replay.order
        assert timelines[replay.order["id"]] == replay.events
    assert taken == set(Action) - {Action.ASSIGN, Action.RELEASE}
    assert {replay.order["review_address_rule"] for replay in replays} >= {
        rule.name for rule in rules
    }


async def journal(connection: AsyncConnection, replay: Replay) -> None:
    """Insert the order as it was submitted, and take it through its steps in the database."""
    merchant_id, id_ = replay.order["merchant_id"], replay.order["id"]
    await connection.execute(sa.insert(service_orders), replay.submitted)
    await connection.execute(sa.insert(events), replay.events[0])
    for step in replay.steps:
        order = await finding.get(connection, merchant_id, id_)
        assert await record_step(
            connection, order, step.action, step.actor, step.change, now=step.at, pauses=()
        )


async def test_nothing_is_overdue_that_the_clock_would_take_and_some_is_due_in_minutes(made):
    minutes, hours, paused = Counter[int](), Counter[int](), 0
    for order in made.orders:
        rule = CLOCKS.get(order.status)
        if rule and rule.consequence:
            assert order.clock_due_at >= NOW + timedelta(minutes=2)
        if order.status is Status.PENDING_REVIEW:
            assert order.review_due_at == order.clock_due_at <= NOW + timedelta(hours=48)
            minutes[order.merchant_id] += order.review_due_at <= NOW + timedelta(minutes=10)
            hours[order.merchant_id] += order.review_due_at <= NOW + timedelta(hours=4)
        if order.status is Status.AWAITING_FEEDBACK:
            assert order.review_due_at is None
            assert 0 < order.review_left_ms <= 48 * 3_600_000
            paused += 1
    for shop in made.shops.values():
        if shop.enrolment is EnrolmentStatus.ENABLED:
            assert minutes[shop.id] >= 5
            assert hours[shop.id] >= minutes[shop.id] + 5
    assert paused >= 100


async def test_each_enabled_merchant_has_applications_for_a_batch(made):
    waiting = Counter(
        (order.merchant_id, order.application_id)
        for order in made.orders
        if order.status is Status.PENDING_REVIEW
    )
    batches = Counter(merchant for (merchant, _), number in waiting.items() if number > 1)
    enabled = [id_ for id_, row in made.shops.items() if row.enrolment is EnrolmentStatus.ENABLED]
    assert all(batches[id_] >= (10 if id_ in made.large else 3) for id_ in enabled)
    items = Counter(order.application_id for order in made.orders)
    assert set(items.values()) == {1, 2, 3, 4}


async def test_nothing_refers_to_what_is_not_there(made):
    async with made.database.read() as connection:
        if connection.dialect.name == "sqlite":  # PostgreSQL lets nothing in that refers to nothing
            assert (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all() == []
    known = {(row.merchant_id, row.sha256): row for row in await rows(made.database, evidence)}
    addresses = defaultdict(list)
    for row in await rows(made.database, return_addresses):
        names = Address.__dataclass_fields__
        address = Address(**{name: getattr(row, name) for name in names})
        assert address.problem() is None
        addresses[row.merchant_id].append((row.is_default, address.stored()))
    assert set(addresses) == set(made.shops)
    assert all(sum(is_default for is_default, _ in all_) == 1 for all_ in addresses.values())
    pictured = 0
    for order in made.orders:
        assert order.customer_ref == made.applications[order.application_id].customer_ref
        assert order.order_number == made.applications[order.application_id].order_number
        for picture in (*order.pictures, *order.review_pictures):
            assert (order.merchant_id, picture["sha256"]) in known
            pictured += 1
        if order.review_address:
            assert order.review_address in [one for _, one in addresses[order.merchant_id]]
        if order.review_address_rule == DEFAULT:
            assert (True, order.review_address) in addresses[order.merchant_id]
        elif order.review_address_rule not in (None, CHOSEN):
            kind, prefix = order.review_address_rule.split()
            assert (kind, order.sku.startswith(prefix)) == (RuleKind.SKU_PREFIX, True)
        if order.decision is Action.AUTO_APPROVE:
            assert order.review_address_rule != CHOSEN
    assert pictured > 500
    for (merchant, sha256), row in known.items():
        assert len(await made.pictures.fetch(merchant, sha256) or b"") == row.bytes


async def test_people_goods_and_words_are_believable(made):
    for application in made.applications.values():
        assert 2 <= len(application.customer_name) <= 3
        assert application.customer_phone.startswith("1380013")
        assert len(application.customer_phone) == 11
        if application.pickup_address:
            assert Address.read(application.pickup_address).problem() is None
    for order in made.orders:
        assert is_reason(order.reason_code, ReasonUse.APPLICATION)
        assert order.review_reason is None or is_reason(order.review_reason, ReasonUse.REVIEW)
        assert len(order.description) >= 4
        assert "{" not in order.description
        assert order.item_name
        assert 0 < order.paid_amount <= order.unit_price * order.quantity
    assert len({row.customer_ref for row in made.applications.values()}) > 1_000
    for timeline in made.events.values():
        for event in timeline:
            assert event.actor_name
            asks = event.kind in (EventKind.FEEDBACK_REQUESTED, EventKind.REJECTED)
            assert event.customer_note or not asks
            assert event.internal_note or event.kind is not EventKind.NOTED


async def test_a_suspended_merchants_staff_rested_since(made):
    (shop,) = [row for row in made.shops.values() if row.enrolment is EnrolmentStatus.SUSPENDED]
    since = NOW - timedelta(hours=20)
    late = [
        event
        for order in made.orders
        for event in made.events[order.id]
        if event.merchant_id == shop.id and event.at >= since and event.kind is not EventKind.NOTED
    ]
    staff = (ActorKind.EMPLOYEE, ActorKind.MAIN_ACCOUNT, ActorKind.CONNECTOR)
    assert late
    assert not [event for event in late if event.actor_kind in staff]
