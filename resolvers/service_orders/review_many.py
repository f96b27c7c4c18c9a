"""Deciding on many service orders at once, and saying beforehand what would come of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.decision import Verdict
from domain.lifecycle import Action
from domain.refusals.general import NotFound
from domain.refusals.orders import DifferentApplications, OtherRefused, PlanChanged
from domain.refusals.refusal import BadInput, Refusal, Refused
from domain.reviews import MAX_BATCH, ReviewDecision
from domain.text import Text
from models.queries import service_orders
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.idempotency import claim_key, keep_result
from resolvers.service_orders.act import OrderKey, take
from resolvers.service_orders.decision import PreparedDecision, prepare

_PURPOSE = "review plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Which orders, and what is decided on all of them."""

    ids: Sequence[int]
    decision: ReviewDecision
    pictures: Sequence[str] = ()
    expected_versions: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became, or would become, of one order. ``key`` is None for an unknown order.

    ``replayed`` where it was decided before, by a request with the same idempotency key.
    """

    key: OrderKey | None
    verdict: Verdict
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The verdict on each order, and a token that stands for all that was looked at."""

    results: Sequence[Result]
    token: str


async def plan(context: Context, batch: Batch) -> Plan:
    """Say what the batch would do. Raises Refused where the batch would be refused whole."""
    async with context.read() as connection:
        return (await _look(connection, context, batch, lock=False))[1]


async def review_many(
    context: Context, batch: Batch, *, atomic: bool = False, plan_token: str | None = None
) -> Sequence[Result]:
    """Decide on each order by itself, or with ``atomic`` on all or none.

    One transaction for all of them: a refused order has written nothing that would have to be
    undone. Raises Refused for the whole batch before anything is done.

    Under an idempotency key that came before, the orders that were decided then stay as they are,
    and the others are tried again.
    """
    async with context.write() as connection:
        before = await claim_key(connection, context)
        if before is None:
            results = await _carry_out(
                connection, context, batch, atomic=atomic, plan_token=plan_token
            )
        else:
            results = await _go_on(
                connection, context, batch, set(before["done"]), planned=plan_token is not None
            )
        done = [id_ for id_, one in zip(batch.ids, results, strict=True) if one.verdict.allowed]
        if before is None or done != before["done"]:
            await keep_result(connection, context, {"done": done} if done else None)
    return results


async def _carry_out(
    connection: AsyncConnection,
    context: Context,
    batch: Batch,
    *,
    atomic: bool,
    plan_token: str | None,
) -> Sequence[Result]:
    step, planned = await _look(connection, context, batch, lock=True)
    if plan_token is not None and plan_token != planned.token:
        raise Refused(PlanChanged(path=("planToken",)))
    if atomic and not all(result.verdict.allowed for result in planned.results):
        return [_held_back(result) for result in planned.results]
    return [await _one(connection, context, batch, step, id_, atomic=atomic) for id_ in batch.ids]


async def _go_on(
    connection: AsyncConnection, context: Context, batch: Batch, done: set[int], *, planned: bool
) -> Sequence[Result]:
    """Answer what is done, and do the rest. None of an atomic batch is left: all were done."""
    left = [id_ for id_ in batch.ids if id_ not in done]
    results = {
        id_: Result(
            key=(context.merchant_id, id_),
            verdict=Verdict(action=batch.decision.action),
            replayed=True,
        )
        for id_ in done
    }
    if left:
        rest = await _rest(connection, context, replace(batch, ids=left), planned=planned)
        results |= zip(left, rest, strict=True)
    return [results[id_] for id_ in batch.ids]


async def _rest(
    connection: AsyncConnection, context: Context, batch: Batch, *, planned: bool
) -> Sequence[Result]:
    action = batch.decision.action
    try:
        step, plan = await _look(connection, context, batch, lock=True)
    except Refused as refused:  # of the batch as a whole, and a part of it is done
        verdict = Verdict(action=action, blockers=refused.refusals)
        return [Result(key=(context.merchant_id, id_), verdict=verdict) for id_ in batch.ids]
    if not planned:
        return [
            await _one(connection, context, batch, step, id_, atomic=False) for id_ in batch.ids
        ]
    # The plan said that these would be refused. What it did not show is not done in its name.
    changed = Verdict(action=action, blockers=(PlanChanged(path=("planToken",)),))
    return [
        replace(result, verdict=changed) if result.verdict.allowed else result
        for result in plan.results
    ]


async def _one(
    connection: AsyncConnection,
    context: Context,
    batch: Batch,
    step: PreparedDecision,
    id_: int,
    *,
    atomic: bool,
) -> Result:
    expected = (batch.expected_versions or {}).get(id_)
    action = batch.decision.action
    try:
        await take(connection, context, id_, step, expected_version=expected)
    except Refused as refused:
        if atomic:
            raise  # between the look and the write somebody was faster: undo the whole batch
        known = not any(isinstance(one, NotFound) for one in refused.refusals)
        key = (context.merchant_id, id_) if known else None
        return Result(key=key, verdict=Verdict(action=action, blockers=refused.refusals))
    return Result(key=(context.merchant_id, id_), verdict=Verdict(action=action))


async def _look(
    connection: AsyncConnection, context: Context, batch: Batch, *, lock: bool
) -> tuple[PreparedDecision, Plan]:
    if len(set(batch.ids)) < len(batch.ids):
        raise BadInput(("ids",), Text("服务单重复", "An order is given more than once."))
    if not 1 <= len(batch.ids) <= MAX_BATCH:
        said = Text(f"每批 1 至 {MAX_BATCH} 单", f"A batch has 1 to {MAX_BATCH} orders.")
        raise BadInput(("ids",), said)
    found = await service_orders.find_many(connection, context.merchant_id, batch.ids, lock=lock)
    applications = {order.application_id for order in found.values()}
    if batch.decision.action is Action.APPROVE and len(applications) > 1:
        raise Refused(DifferentApplications(applications=len(applications), path=("ids",)))
    step = await prepare(connection, context, batch.decision, batch.pictures)
    results = list(_verdicts(context, batch, step, found))
    return step, Plan(results=results, token=_token(context, batch, step, found, results))


def _verdicts(
    context: Context, batch: Batch, step: PreparedDecision, found: Mapping[int, Order]
) -> Iterator[Result]:
    for id_ in batch.ids:
        order = found.get(id_)
        action = batch.decision.action
        if order is None:
            blockers: tuple[Refusal, ...] = (NotFound(kind="ServiceOrder"),)
            yield Result(key=None, verdict=Verdict(action=action, blockers=blockers))
            continue
        expected = (batch.expected_versions or {}).get(id_)
        verdict = step.verdict(context, order, expected_version=expected)
        yield Result(key=(context.merchant_id, id_), verdict=verdict)


def _token(
    context: Context,
    batch: Batch,
    step: PreparedDecision,
    found: Mapping[int, Order],
    results: Sequence[Result],
) -> str:
    """A signature over the question, the asker and all that the answer was drawn from."""
    seen = {
        "viewer": [context.viewer.kind, context.viewer.id],
        "merchant": context.merchant_id,
        "decision": asdict(batch.decision),
        "pictures": list(batch.pictures),
        "orders": [
            [
                id_,
                found[id_].facts.version if id_ in found else None,
                sorted(blocker.code() for blocker in result.verdict.blockers),
                (address := id_ in found and step.address_for(found[id_])) and address.stored(),
            ]
            for id_, result in zip(batch.ids, results, strict=True)
        ],
    }
    return context.keys.sign(_PURPOSE, json.dumps(seen, sort_keys=True, ensure_ascii=False))


def _held_back(result: Result) -> Result:
    if not result.verdict.allowed:
        return result
    verdict = Verdict(action=result.verdict.action, blockers=(OtherRefused(),))
    return Result(key=result.key, verdict=verdict)
