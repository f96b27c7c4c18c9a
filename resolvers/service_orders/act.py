"""Taking one step with one order: read it, ask the rules, write if nothing changed meanwhile."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

from database.autocommit import Autocommit
from database.driver_connection import DriverConnection
from database.prepared import AnyConnection
from domain.actors import ActorKind
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.lifecycle import Action
from domain.refusals.general import NotFound, NotYours
from domain.refusals.orders import StaleVersion
from domain.refusals.refusal import Refused
from models.journal import Change, UpdatedRow, record_step
from models.queries import service_orders
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.idempotency import claim_key

ATTEMPTS: Final = 3
"""How often an order is read again after somebody else changed it between our read and our write.

Each time the rules are asked anew, and mostly they refuse. On SQLite it never comes to that.
"""

OrderKey = tuple[int, int]
"""The merchant's id and the order's."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """Which order something was done to, and its row as it was written if that was just now."""

    key: OrderKey
    written: UpdatedRow | None


class OrderStep(Protocol):
    """Something that can be done to an order."""

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict: ...

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        """None if the order changed meanwhile, or a pause was declared."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A step that needs no more than its action and what the event says."""

    action: Action
    change: Change = field(default_factory=Change)

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        return decide(
            order.facts,
            context.viewer.actor,
            self.action,
            order.instant(context.now),
            expected_version=expected_version,
        )

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        return await record_step(
            session,
            order,
            self.action,
            context.viewer.actor,
            self.change,
            now=context.now,
            windows=pauses,
        )


Prepare = Callable[[AnyConnection], Awaitable[OrderStep]]
"""Looks up what a step refers to. Raises Refused for what is not there."""


async def act(
    context: Context, id_: int, step: OrderStep, *, expected_version: int | None = None
) -> StepOutcome:
    """Take the step by itself, once for each idempotency key. Raises Refused."""

    async def ready(_: AnyConnection) -> OrderStep:
        return step

    return await act_prepared(context, id_, ready, expected_version=expected_version)


async def act_prepared(
    context: Context, id_: int, prepare: Prepare, *, expected_version: int | None
) -> StepOutcome:
    """The same of a step that has to look something up first. Raises Refused.

    A step is one write, and needs no transaction. The claim of an idempotency key is another one.
    """
    opening: AbstractAsyncContextManager[Autocommit | DriverConnection]
    opening = context.autocommit() if context.request is None else context.write_prepared()
    written = None
    async with opening as session:
        if await claim_key(session, context, result={"id": id_}) is None:
            step = await prepare(session)
            written = await take(session, context, id_, step, expected_version=expected_version)
    return StepOutcome((context.merchant_id, id_), written)


async def take(
    session: AnyConnection,
    context: Context,
    id_: int,
    step: OrderStep,
    *,
    expected_version: int | None = None,
) -> UpdatedRow:
    """Take the step within a transaction. Raises Refused, and then nothing was written."""
    if context.viewer.kind is ActorKind.CONNECTOR:
        raise Refused(NotYours())  # a storefront acts with the token of its customer
    version = 0
    for _ in range(ATTEMPTS):
        order, pauses = await service_orders.get_with_pauses(
            session, context.merchant_id, id_, context.now
        )
        if context.viewer.customer_ref not in (None, order.facts.customer_ref):
            # What stands against it would tell one customer about another one's order.
            raise Refused(NotFound(kind="ServiceOrder", path=("id",)))
        verdict = step.verdict(context, order, expected_version=expected_version)
        if verdict.blockers:
            raise Refused(*verdict.blockers)
        written = await step.write(session, context, order, pauses)
        if written is not None:
            return written
        version = order.facts.version
    raise Refused(StaleVersion(current=version))
