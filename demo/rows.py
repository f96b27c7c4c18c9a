"""The rows of an application and its service orders, from submission to the present state."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import orjson

from demo.case import Case
from demo.changes import change
from demo.ids import Ids
from demo.paths import Walk
from demo.people import STOREFRONT
from demo.places import Customer
from demo.replay import DemoStep, Replay, Row
from demo.steps.refund_steps import refund_row
from demo.steps.stage import Stage
from domain.actions import Action
from domain.applications import LogisticsIn
from domain.assignment import Assignee
from domain.clocks import first_clocks
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.statuses import FINAL, Status
from models.application import search_keys
from models.journal.assignment import assignment_change
from models.journal.step_values import clock_columns
from models.journal.targets import entered_target, with_target
from models.service_order import events, service_orders

_NOTED: Final = 0.1
_NOTED_WITHIN: Final = timedelta(hours=20)
_ASSIGNED: Final = 0.4
_CLAIMED_AFTER: Final = timedelta(minutes=20)
_PICTURED: Final = 0.6


def application_row(
    random: Random, case: Case, customer: Customer, *, id_: int, number: int, applied_at: datetime
) -> Row:
    """The application whose first item is ``case``; ``number`` is its place at the merchant."""
    bought_at = applied_at - timedelta(hours=random.randint(30, 400))
    is_picked_up = case.logistics_in is LogisticsIn.PICKUP
    order_number = f"{bought_at:%y%m%d}{random.randrange(10**7):07}"
    content = {
        "external_ref": f"SF{applied_at:%Y%m%d}{number:05}",
        "order_number": order_number,
        "customer_ref": customer.ref,
        "customer_name": customer.name,
        "customer_phone": customer.phone,
        "pickup_address": customer.address.stored() if is_picked_up else None,
    }
    return content | {
        "merchant_id": case.shop.id,
        "id": id_,
        "connector_id": STOREFRONT.id,
        "content_hash": hashlib.sha256(orjson.dumps(content)).hexdigest(),
        "applied_at": applied_at,
        **search_keys(order_number=order_number, name=customer.name, phone=customer.phone),
    }


def order_rows(
    random: Random, case: Case, walk: Walk, application: Row, ids: Ids, *, id_: int, now: datetime
) -> Replay:
    """The order of one item with all its steps up to ``now``."""
    applied_at: datetime = application["applied_at"]
    replay = _submitted(random, case, application, id_)
    steps = [(action, applied_at + after) for action, after in walk.steps]
    noted = list(_with_note(random, steps, applied_at, now))
    for number, (action, at) in enumerate(noted, 1):
        stage = Stage(
            random=random,
            case=case,
            replay=replay,
            action=action,
            actor=case.actor(random, action, at),
            at=at,
            later=[later for later, _ in noted[number:]],
        )
        refund = refund_row(stage, ids)
        step_change = change(stage, refund)
        replay.take(
            DemoStep(at=at, action=action, actor=stage.actor, change=step_change, refund=refund)
        )
    _claim(random, case, replay, now)
    return replay


def _submitted(random: Random, case: Case, application: Row, id_: int) -> Replay:
    applied_at: datetime = application["applied_at"]
    clocks, targets = first_clocks(applied_at, ()), case.shop.plan.targets
    target_at = entered_target(targets, Status.PENDING_REVIEW, applied_at, clocks.due_at, ())
    order = dict.fromkeys(service_orders.c.keys()) | {
        "merchant_id": case.shop.id,
        "id": id_,
        "application_id": application["id"],
        "order_number": application["order_number"],
        "customer_ref": application["customer_ref"],
        "version": 1,
        "customer_version": 1,
        "pending_refunds": 0,
        "receipt_pictures": [],
        "status": Status.PENDING_REVIEW,
        "expectation": case.expectation,
        "reason_code": case.reason,
        "description": case.description,
        "pictures": _pictures(random, case),
        "logistics_in": case.logistics_in,
        "sku": case.goods.sku,
        "category": case.goods.category,
        "item_name": case.goods.name,
        "quantity": case.quantity,
        "unit_price": case.goods.price * 100,
        "paid_amount": case.paid,
        "review_pictures": [],
        "review_started_at": clocks.review.started_at,
        **clock_columns(clocks),
        "auto_approval_blocked": False,
        "target_at": target_at,
        "applied_at": applied_at,
        "updated_at": applied_at,
        "customer_updated_at": applied_at,
    }
    event = dict.fromkeys(events.c.keys()) | {
        "merchant_id": case.shop.id,
        "service_order_id": id_,
        "sequence": 1,
        "customer_sequence": 1,
        "kind": EventKind.SUBMITTED,
        "at": applied_at,
        "actor_kind": STOREFRONT.kind,
        "actor_id": STOREFRONT.id,
        "actor_name": STOREFRONT.name,
        "to_status": Status.PENDING_REVIEW,
        "customer_note": case.description,
        "details": with_target(None, target_at),
    }
    return Replay(case.shop, order, [event])


def _pictures(random: Random, case: Case) -> list[dict[str, Any]]:  # Any: JSON
    picture = case.album.of_reason(case.reason)
    if picture is None or random.random() > _PICTURED:
        return []
    return [picture.stored()]


def _with_note(
    random: Random, steps: list[tuple[Action, datetime]], applied_at: datetime, now: datetime
) -> Iterator[tuple[Action, datetime]]:
    """The steps, and sometimes a note of the staff between two steps or after the last."""
    note_index = random.randint(0, len(steps)) if random.random() < _NOTED else None
    ends = [*(at for _, at in steps), now]
    last = applied_at
    for index, end in enumerate(ends):
        if index == note_index:
            wait = min(end - last, _NOTED_WITHIN) * random.random()
            yield Action.NOTE, last + timedelta(milliseconds=wait // timedelta(milliseconds=1))
        if index < len(steps):
            yield steps[index]
        last = end


def _claim(random: Random, case: Case, replay: Replay, now: datetime) -> None:
    """Let somebody who works on the order's queue claim it, some time after its last event."""
    status = replay.order["status"]
    if status in FINAL or random.random() > _ASSIGNED:
        return
    at = replay.order["updated_at"] + min(now - replay.order["updated_at"], _CLAIMED_AFTER)
    if case.shop.enrolment_at(at) is not EnrolmentStatus.ENABLED:
        return  # its staff rest
    waits_for_review = status in (Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK)
    actor = case.shop.reviewer if waits_for_review else case.shop.processor
    change = assignment_change(None, Assignee(id=actor.id, name=actor.name))
    replay.take(DemoStep(at=at, action=Action.CLAIM, actor=actor, change=change))
