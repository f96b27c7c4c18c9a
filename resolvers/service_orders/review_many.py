"""Reviewing many service orders with one decision."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.decision import Verdict
from domain.refusals.general import NotFound
from domain.refusals.orders import OtherRefused, PlanChanged
from domain.refusals.refusal import Refused
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay, store_result
from resolvers.service_orders.act import take_step
from resolvers.service_orders.decision import PreparedDecision
from resolvers.service_orders.plan_review import Batch, Result, prepare_plan


async def review_many(
    context: Context, batch: Batch, *, atomic: bool = False, plan_token: str | None = None
) -> Sequence[Result]:
    """Review each order separately, or with ``atomic`` all or none.

    One transaction serves the whole batch, because a refused order writes nothing that would have
    to be rolled back. Raises Refused for the whole batch before anything is written.

    Under an idempotency key that was used before, orders that were reviewed stay as they are, and
    the others are tried again.
    """
    async with context.write() as connection:
        earlier = await claim_or_replay(connection, context)
        if earlier is None:
            results = await _review_batch(
                connection, context, batch, atomic=atomic, plan_token=plan_token
            )
        else:
            results = await _resume_batch(
                connection, context, batch, set(earlier["done"]), planned=plan_token is not None
            )
        done = [
            id_ for id_, result in zip(batch.ids, results, strict=True) if result.verdict.allowed
        ]
        if earlier is None or done != earlier["done"]:
            await store_result(connection, context, {"done": done} if done else None)
    return results


async def _review_batch(
    connection: AsyncConnection,
    context: Context,
    batch: Batch,
    *,
    atomic: bool,
    plan_token: str | None,
) -> Sequence[Result]:
    decision, plan = await prepare_plan(connection, context, batch, lock=True)
    if plan_token is not None and plan_token != plan.token:
        raise Refused(PlanChanged(path=("planToken",)))
    if atomic and not all(result.verdict.allowed for result in plan.results):
        return [_withhold(result) for result in plan.results]
    return [
        await _review_order(connection, context, batch, decision, id_, atomic=atomic)
        for id_ in batch.ids
    ]


async def _resume_batch(
    connection: AsyncConnection, context: Context, batch: Batch, done: set[int], *, planned: bool
) -> Sequence[Result]:
    """Report the orders that are done, and review the rest. An atomic batch has no rest."""
    remaining = [id_ for id_ in batch.ids if id_ not in done]
    results = {
        id_: Result(
            key=(context.merchant_id, id_),
            verdict=Verdict(action=batch.decision.action),
            replayed=True,
        )
        for id_ in done
    }
    if remaining:
        rest = replace(batch, ids=remaining)
        rest_results = await _review_rest(connection, context, rest, planned=planned)
        results |= zip(remaining, rest_results, strict=True)
    return [results[id_] for id_ in batch.ids]


async def _review_rest(
    connection: AsyncConnection, context: Context, batch: Batch, *, planned: bool
) -> Sequence[Result]:
    action = batch.decision.action
    try:
        decision, plan = await prepare_plan(connection, context, batch, lock=True)
    except Refused as refused:  # the batch as a whole was accepted before, and is partly done
        verdict = Verdict(action=action, blockers=refused.refusals)
        return [Result(key=(context.merchant_id, id_), verdict=verdict) for id_ in batch.ids]
    if not planned:
        return [
            await _review_order(connection, context, batch, decision, id_, atomic=False)
            for id_ in batch.ids
        ]
    # The client's plan showed these orders as refused, so its token does not permit reviewing them.
    plan_changed = Verdict(action=action, blockers=(PlanChanged(path=("planToken",)),))
    return [
        replace(result, verdict=plan_changed) if result.verdict.allowed else result
        for result in plan.results
    ]


async def _review_order(
    connection: AsyncConnection,
    context: Context,
    batch: Batch,
    decision: PreparedDecision,
    id_: int,
    *,
    atomic: bool,
) -> Result:
    expected_version = (batch.expected_versions or {}).get(id_)
    action = batch.decision.action
    try:
        await take_step(connection, context, id_, decision, expected_version=expected_version)
    except Refused as refused:
        if atomic:
            raise  # the order changed after the plan was made: roll back the whole batch
        exists = not any(isinstance(refusal, NotFound) for refusal in refused.refusals)
        key = (context.merchant_id, id_) if exists else None
        return Result(key=key, verdict=Verdict(action=action, blockers=refused.refusals))
    return Result(key=(context.merchant_id, id_), verdict=Verdict(action=action))


def _withhold(result: Result) -> Result:
    """Refuse an allowed order because another order of its atomic batch is refused."""
    if not result.verdict.allowed:
        return result
    verdict = Verdict(action=result.verdict.action, blockers=(OtherRefused(),))
    return Result(key=result.key, verdict=verdict)
