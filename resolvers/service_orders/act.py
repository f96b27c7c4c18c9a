"""Taking one step with one order: read it, ask the rules, write it if nothing else changed it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from database.autocommit import Autocommit
from database.driver_connection import DriverConnection
from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refusal, Refused
from models.journal.change import Change
from models.journal.record import UpdatedRow, record_step
from models.queries import service_orders
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay
from resolvers.service_orders.retry import retry_concurrent_changes

OrderKey = tuple[int, int]
"""The ids of the merchant and of the order."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The order of a step, and its row as the step wrote it; None if the step was replayed."""

    key: OrderKey
    written: UpdatedRow | None


class OrderStep(Protocol):
    """A step that can be taken with an order."""

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict: ...

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        """Write the step. None if the order or the pause windows changed since they were read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStep:
    """What every step of an action has in common: the rules are asked, and a change is recorded.

    ``blockers`` stand against the step besides what the rules say.
    """

    action: Action
    blockers: tuple[Refusal, ...] = ()

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        verdict = decide(
            order.facts,
            context.viewer.actor,
            self.action,
            order.instant(context.now),
            expected_version=expected_version,
        )
        if not self.blockers:
            return verdict
        return replace(verdict, blockers=(*verdict.blockers, *self.blockers))

    async def record(
        self,
        session: AnyConnection,
        context: Context,
        order: Order,
        pauses: Sequence[Span],
        change: Change,
    ) -> UpdatedRow | None:
        """Write the change. None if the order or the pause windows changed since they were read."""
        return await record_step(
            session,
            order,
            self.action,
            context.viewer.actor,
            change,
            now=context.now,
            pauses=pauses,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainStep(ActionStep):
    """A step that consists of an action and what its event says."""

    change: Change = field(default_factory=Change)

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        return await self.record(session, context, order, pauses, self.change)


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedStep(ActionStep):
    """A step whose change depends on what the order stores.

    If the order changes between its read and ``derive``, the step writes nothing and is repeated.
    """

    derive: Callable[[AnyConnection, Order], Awaitable[Change]]

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        change = await self.derive(session, order)
        return await self.record(session, context, order, pauses, change)


PrepareStep = Callable[[AnyConnection], Awaitable[OrderStep]]
"""Looks up what a step refers to. Raises Refused for a reference that does not exist."""


async def act(
    context: Context, id_: int, step: OrderStep, *, expected_version: int | None = None
) -> StepOutcome:
    """Take the step in a transaction of its own, once per idempotency key. Raises Refused."""

    async def prepare_step(_: AnyConnection) -> OrderStep:
        return step

    return await act_prepared(context, id_, prepare_step, expected_version=expected_version)


async def act_prepared(
    context: Context,
    id_: int,
    prepare_step: PrepareStep,
    *,
    expected_version: int | None,
    is_one_write: bool = True,
) -> StepOutcome:
    """Take a step that has to look something up first, like ``act``. Raises Refused.

    A step that ``is_one_write`` needs no transaction, unless an idempotency claim is written with
    it.
    """
    opening: AbstractAsyncContextManager[Autocommit | DriverConnection]
    if is_one_write and context.claim is None:
        opening = context.autocommit()
    else:
        opening = context.write_prepared()
    written = None
    async with opening as session:
        if await claim_or_replay(session, context, result={"id": id_}) is None:
            step = await prepare_step(session)
            written = await take_step(
                session, context, id_, step, expected_version=expected_version
            )
    return StepOutcome((context.merchant_id, id_), written)


async def take_step(
    session: AnyConnection,
    context: Context,
    id_: int,
    step: OrderStep,
    *,
    expected_version: int | None = None,
    merchant_id: int | None = None,
) -> UpdatedRow:
    """Take the step on an open connection. Raises Refused, and then nothing was written.

    ``merchant_id`` is the order's merchant, for viewers of no merchant.
    """
    merchant_id = context.merchant_id if merchant_id is None else merchant_id

    async def attempt() -> tuple[Order, UpdatedRow | None]:
        order, pauses = await _read(session, context, merchant_id, id_)
        if context.viewer.customer_ref not in (None, order.facts.customer_ref):
            # Blockers would tell one customer about another customer's order.
            raise Refused(NotFound(kind="ServiceOrder", path=("id",)))
        verdict = step.verdict(context, order, expected_version=expected_version)
        if verdict.blockers:
            raise Refused(*verdict.blockers)
        return order, await step.write(session, context, order, pauses)

    return await retry_concurrent_changes(context.viewer.kind, attempt)


async def _read(
    session: AnyConnection, context: Context, merchant_id: int, id_: int
) -> tuple[Order, Sequence[Span]]:
    """The order and the upcoming pauses: as they were read with the viewer, or read now."""
    ahead = context.ahead
    taken = None if ahead is None else ahead.take(merchant_id, id_, context.now)
    if taken is not None:
        return taken
    return await service_orders.get_with_pauses(session, merchant_id, id_, context.now)
