"""Reviewing many service orders with one decision."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection
from domain.decision import Verdict
from domain.refusals.orders import OtherRefused, PlanChanged
from domain.refusals.refusal import Refused
from resolvers.context import Context
from resolvers.service_orders.batch import Result, run_batch, try_step
from resolvers.service_orders.decision import PreparedDecision
from resolvers.service_orders.plan_review import Batch, prepare_plan


async def review_many(
    context: Context, batch: Batch, *, atomic: bool = False, plan_token: str | None = None
) -> Sequence[Result]:
    """Review each order separately, or with ``atomic`` all or none.

    Raises Refused for the whole batch before anything is written. Under an idempotency key that was
    used before, only the orders that were refused are reviewed; an atomic batch has none.
    """

    async def run(
        connection: AsyncConnection,
        ids: Sequence[int],
        is_rest: bool,  # noqa: FBT001 - see `RunOrders`
    ) -> Sequence[Result]:
        if is_rest:
            rest = replace(batch, ids=ids)
            return await _review_rest(connection, context, rest, planned=plan_token is not None)
        return await _review_batch(connection, context, batch, atomic=atomic, plan_token=plan_token)

    return await run_batch(context, batch.decision.action, batch.ids, run)


async def _review_batch(
    connection: AsyncConnection,
    context: Context,
    batch: Batch,
    *,
    atomic: bool,
    plan_token: str | None,
) -> Sequence[Result]:
    decision, plan = await prepare_plan(connection, context, batch, lock=True)
    if plan_token is not None and plan_token not in plan.tokens:
        raise Refused(PlanChanged(path=("planToken",)))
    if atomic and not all(result.verdict.allowed for result in plan.results):
        return [_withhold(result) for result in plan.results]
    results = [await _review_order(connection, context, batch, decision, id_) for id_ in batch.ids]
    for result in results:
        if atomic and not result.verdict.allowed:
            # The order changed after the plan was made: roll back the whole batch.
            raise Refused(*result.verdict.blockers)
    return results


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
        return [await _review_order(connection, context, batch, decision, id_) for id_ in batch.ids]
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
) -> Result:
    async def prepare_step(_: AnyConnection) -> PreparedDecision:
        return decision

    return await try_step(
        connection,
        context,
        batch.decision.action,
        id_,
        prepare_step,
        expected_version=(batch.expected_versions or {}).get(id_),
    )


def _withhold(result: Result) -> Result:
    """Refuse an allowed order because another order of its atomic batch is refused."""
    if not result.verdict.allowed:
        return result
    verdict = Verdict(action=result.verdict.action, blockers=(OtherRefused(),))
    return Result(key=result.key, verdict=verdict)
