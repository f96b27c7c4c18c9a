"""Taking a rejection back, once: the order waits for review again, with a new clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict
from domain.desk.intake import reopening_refusal
from domain.refusals.refusal import Refusal
from models.journal.change import Change, taken_back_change
from models.journal.record import UpdatedRow
from models.queries import purchases
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.act import ActionStep, StepOutcome, act_prepared
from resolvers.service_orders.come_back import without_disabled_assignee


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopeningStep(ActionStep):
    """A reopening. ``blocker`` says that the units of the order were applied for again."""

    change: Change
    blocker: Refusal | None

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        # Not by super(): a dataclass with slots is another class than the one in its methods.
        verdict = ActionStep.verdict(self, context, order, expected_version=expected_version)
        if self.blocker is None or not verdict.allowed:
            return verdict
        return replace(verdict, blockers=(self.blocker,))

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        change = await without_disabled_assignee(session, order, self.change)
        return await self.record(session, context, order, pauses, change)


async def reopen(
    context: Context,
    id_: int,
    *,
    reason: str,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused. The lock on the purchase line keeps out applications for the same units."""

    async def prepare_step(session: AnyConnection) -> ReopeningStep:
        of_line = await purchases.lock_line_of(session, context.merchant_id, id_)
        return ReopeningStep(
            action=Action.REOPEN,
            change=taken_back_change(reason, customer_note),
            blocker=reopening_refusal(id_, of_line),
        )

    return await act_prepared(
        context, id_, prepare_step, expected_version=expected_version, is_one_write=False
    )
