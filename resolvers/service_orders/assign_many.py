"""Assigning orders to a colleague, to oneself or to nobody, with a result for each order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.assignment import Assignee, assignee_blockers
from domain.decision import Verdict, decide
from domain.desk.reviews import MAX_BATCH
from domain.permissions import Permission
from domain.refusals.assignment import AlreadyAssigned
from domain.refusals.general import NotFound
from models.journal.assignment import Assignment, record_assignments
from models.queries.assignments import find_names, lock_assignee
from models.queries.service_orders import Order, find_many
from resolvers.context import Context
from resolvers.service_orders.batch import Result, check_ids, run_batch


async def assign_many(
    context: Context, ids: Sequence[int], assignee_id: int | None
) -> Sequence[Result]:
    """Assign each order by itself. Raises Refused for an employee that does not exist.

    The action follows from the request: None releases, the viewer's own id claims an order that is
    assigned to nobody, and everything else needs the permission to assign.
    """
    check_ids(ids, "ids", most=MAX_BATCH)

    async def run(
        connection: AsyncConnection,
        ids: Sequence[int],
        _is_rest: bool,  # noqa: FBT001 - see `RunOrders`
    ) -> Sequence[Result]:
        merchant_id, assignee = context.merchant_id, None
        if assignee_id is not None:
            # Before the orders: whoever disables an employee locks them in the same order.
            assignee = await lock_assignee(connection, merchant_id, assignee_id, "assigneeId")
        orders = await find_many(connection, merchant_id, ids, lock=True)
        holders = await find_names(
            connection, merchant_id, {order.facts.assignee_id for order in orders.values()}
        )
        batch = _Batch(context, assignee, holders)
        results = {id_: batch.result(id_, orders.get(id_)) for id_ in ids}
        await _write(connection, batch, results, orders)
        return [results[id_] for id_ in ids]

    return await run_batch(context, Action.ASSIGN, ids, run)


@dataclass(frozen=True, slots=True)
class _Batch:
    context: Context
    assignee: Assignee | None
    holders: Mapping[int | None, Assignee]

    def result(self, id_: int, order: Order | None) -> Result:
        if order is None:
            missing = NotFound(kind="ServiceOrder", path=("id",))
            return Result(key=None, verdict=Verdict(action=Action.ASSIGN, blockers=(missing,)))
        return Result(key=(self.context.merchant_id, id_), verdict=self._verdict(order))

    def _verdict(self, order: Order) -> Verdict:
        actor, action = self.context.viewer.actor, self._action(order)
        verdict = decide(order.facts, actor, action, order.instant(self.context.now))
        named = tuple(
            replace(blocker, assigned_to=self.holders[order.facts.assignee_id].name)
            if isinstance(blocker, AlreadyAssigned)
            else blocker
            for blocker in verdict.blockers
        )
        if action is Action.ASSIGN and self.assignee is not None:
            named += assignee_blockers(order.facts, self.assignee)
        return Verdict(action=action, blockers=named)

    def _action(self, order: Order) -> Action:
        if self.assignee is None:
            return Action.RELEASE
        viewer = self.context.viewer
        is_own = self.assignee.id == viewer.id
        is_free = order.facts.assignee_id is None
        # Without the permission to take over an order, the viewer is told who has it.
        if is_own and (is_free or not viewer.may(Permission.ASSIGN)):
            return Action.CLAIM
        return Action.ASSIGN


async def _write(
    connection: AsyncConnection,
    batch: _Batch,
    results: Mapping[int, Result],
    orders: Mapping[int, Order],
) -> None:
    context = batch.context
    allowed = dict[Action, list[Assignment]]()
    for id_, result in results.items():
        if result.verdict.allowed:
            order = orders[id_]
            before = batch.holders.get(order.facts.assignee_id)
            assignment = Assignment(order=order, before=before, after=batch.assignee)
            allowed.setdefault(result.verdict.action, []).append(assignment)
    for action, assignments in allowed.items():
        actor = context.viewer.actor
        await record_assignments(connection, assignments, action, actor, now=context.now)
