"""Batches: many orders in one transaction, with a result for each order."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.decision import Verdict
from domain.destinations import Destination
from domain.refusals.general import NotFound
from domain.refusals.orders import DifferentApplications
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay, store_result
from resolvers.service_orders.act import OrderKey, PrepareStep, take_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The actual or planned result for one order. ``key`` is None for an unknown order.

    ``replayed`` means that an earlier request with the same idempotency key took the step.
    ``destination`` is where a planned approval sends the goods, ``note`` the planned message to the
    customer.
    """

    key: OrderKey | None
    verdict: Verdict
    replayed: bool = False
    destination: Destination | None = None
    note: str | None = None


RunOrders = Callable[[AsyncConnection, Sequence[int], bool], Awaitable[Sequence[Result]]]
"""Takes the step with these orders; returns a result for each.

The last argument says whether an earlier request with the same key took it with the others.
"""


def check_ids(ids: Sequence[int], *path: str, most: int) -> None:
    """Raises BadInput for no orders, for too many, and for an order that is given twice."""
    if len(set(ids)) < len(ids):
        raise BadInput(path, Text("服务单重复", "An order is given more than once."))
    if not 1 <= len(ids) <= most:
        message = Text(f"每批 1 至 {most} 单", f"A batch has 1 to {most} orders.")
        raise BadInput(path, message)


def check_one_application(orders: Iterable[Order], *path: str) -> None:
    """Raises Refused for orders of several applications."""
    applications = {order.application_id for order in orders}
    if len(applications) > 1:
        raise Refused(DifferentApplications(applications=len(applications), path=path))


async def run_batch(
    context: Context, action: Action, ids: Sequence[int], run: RunOrders
) -> Sequence[Result]:
    """Run the batch once per idempotency key. Raises Refused for the whole batch.

    One transaction serves the whole batch, because a refused order writes nothing that would have
    to be rolled back. Under an idempotency key that was used before, orders that are done stay as
    they are, and the others are tried again.
    """
    async with context.write() as connection:
        earlier = await claim_or_replay(connection, context)
        if earlier is None:
            results = await run(connection, ids, False)  # noqa: FBT003 - a callable has no keywords
        else:
            results = await _resume(connection, context, action, ids, set(earlier["done"]), run)
        done = [id_ for id_, result in zip(ids, results, strict=True) if result.verdict.allowed]
        if earlier is None or done != earlier["done"]:
            await store_result(connection, context, {"done": done} if done else None)
    return results


async def _resume(
    connection: AsyncConnection,
    context: Context,
    action: Action,
    ids: Sequence[int],
    done: set[int],
    run: RunOrders,
) -> Sequence[Result]:
    """Report the orders that are done, and run the rest."""
    remaining = [id_ for id_ in ids if id_ not in done]
    results = {
        id_: Result(key=(context.merchant_id, id_), verdict=Verdict(action=action), replayed=True)
        for id_ in done
    }
    if remaining:
        rest = await run(connection, remaining, True)  # noqa: FBT003 - a callable has no keywords
        results |= zip(remaining, rest, strict=True)
    return [results[id_] for id_ in ids]


async def try_step(
    connection: AsyncConnection,
    context: Context,
    action: Action,
    id_: int,
    prepare_step: PrepareStep,
    *,
    expected_version: int | None = None,
) -> Result:
    """Take the step with one order of a batch. A refusal is its result."""
    try:
        step = await prepare_step(connection)
        await take_step(connection, context, id_, step, expected_version=expected_version)
    except Refused as refused:
        return refused_result(context, action, id_, refused)
    return Result(key=(context.merchant_id, id_), verdict=Verdict(action=action))


def refused_result(context: Context, action: Action, id_: int, refused: Refused) -> Result:
    is_unknown = any(
        isinstance(refusal, NotFound) and refusal.kind == "ServiceOrder"
        for refusal in refused.refusals
    )
    return Result(
        key=None if is_unknown else (context.merchant_id, id_),
        verdict=Verdict(action=action, blockers=refused.refusals),
    )
