"""Planning a batch review: the verdict on each order, before anything is written."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.decision import Verdict
from domain.desk.reviews import MAX_BATCH, ReviewDecision
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refusal
from models.queries import service_orders
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.batch import Result, check_ids, check_one_application
from resolvers.service_orders.decision import PreparedDecision, prepare_decision

_PURPOSE = "review plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The orders of a batch review, and the decision that is applied to all of them."""

    ids: Sequence[int]
    decision: ReviewDecision
    pictures: Sequence[str] = ()
    expected_versions: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The planned result for each order, and a token that stands for everything it depends on."""

    results: Sequence[Result]
    tokens: Sequence[str]
    """By each key that is accepted; first by the one that signs."""

    @property
    def token(self) -> str:
        return self.tokens[0]


async def plan(context: Context, batch: Batch) -> Plan:
    """Say what the batch review would do. Raises Refused if the whole batch would be refused."""
    async with context.read() as connection:
        _, planned = await prepare_plan(connection, context, batch, lock=False)
        return planned


async def prepare_plan(
    connection: AsyncConnection, context: Context, batch: Batch, *, lock: bool
) -> tuple[PreparedDecision, Plan]:
    """Look up the orders, and the references of the decision. ``lock`` locks the orders' rows."""
    check_ids(batch.ids, "ids", most=MAX_BATCH)
    orders = await service_orders.find_many(connection, context.merchant_id, batch.ids, lock=lock)
    if batch.decision.action is Action.APPROVE:
        check_one_application(orders.values(), "ids")
    decision = await prepare_decision(connection, context, batch.decision, batch.pictures)
    results = list(_planned_results(context, batch, decision, orders))
    tokens = _tokens(context, batch, orders, results)
    return decision, Plan(results=results, tokens=tokens)


def _planned_results(
    context: Context, batch: Batch, decision: PreparedDecision, orders: Mapping[int, Order]
) -> Iterator[Result]:
    for id_ in batch.ids:
        order = orders.get(id_)
        if order is None:
            blockers: tuple[Refusal, ...] = (NotFound(kind="ServiceOrder"),)
            verdict = Verdict(action=batch.decision.action, blockers=blockers)
            yield Result(key=None, verdict=verdict)
            continue
        expected_version = (batch.expected_versions or {}).get(id_)
        verdict = decision.verdict(context, order, expected_version=expected_version)
        yield Result(
            key=(context.merchant_id, id_),
            verdict=verdict,
            destination=decision.destination_for(order),
            note=decision.note_for(order).text,
        )


def _tokens(
    context: Context,
    batch: Batch,
    orders: Mapping[int, Order],
    results: Sequence[Result],
) -> Sequence[str]:
    """The signatures over the viewer, the batch, and everything that the results depend on."""
    content = {
        "viewer": [context.viewer.kind, context.viewer.id],
        "merchant": context.merchant_id,
        "decision": asdict(batch.decision),
        "pictures": list(batch.pictures),
        "orders": [
            [
                id_,
                orders[id_].facts.version if id_ in orders else None,
                sorted(blocker.code() for blocker in result.verdict.blockers),
                _stored_destination(result),
                result.note,
            ]
            for id_, result in zip(batch.ids, results, strict=True)
        ],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return context.services.keys.signatures(_PURPOSE, text)


def _stored_destination(result: Result) -> Sequence[Any] | None:  # Any: JSON
    if result.destination is None:
        return None
    return [result.destination.address.stored(), result.destination.rule]
