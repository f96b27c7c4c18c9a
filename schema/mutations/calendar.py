"""Mutations of the calendar of pause windows."""

from datetime import datetime

import strawberry

from domain.permissions import Permission
from domain.words import MAX_NAME, line
from execution.sources import object_source
from resolvers.platform.calendar import change_pause, declare_pause, withdraw_pause
from schema import ids
from schema.fields import Info, mutation
from schema.queries.enrolment import PauseWindow
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="The pause window to declare. Pause windows must not overlap.")
class DeclarePauseWindowInput:
    """A pause."""

    name: str = strawberry.field(
        description=f"The name of the pause window, such as 国庆. At most {MAX_NAME} characters."
    )
    start_at: datetime = strawberry.field(
        description="The start of the pause window. Must not be in the past."
    )
    end_at: datetime = strawberry.field(description="The end of the pause window.")


@strawberry.input(description="The pause window to change, and its new times.")
class ChangePauseWindowInput:
    """A pause and its new times."""

    id: strawberry.ID = strawberry.field(
        description="The id of the pause window, which must lie ahead."
    )
    start_at: datetime = strawberry.field(
        description="The new start of the pause window. Must not be in the past."
    )
    end_at: datetime = strawberry.field(description="The new end of the pause window.")
    name: str | None = strawberry.field(
        default=None,
        description=(
            f"The new name of the pause window. At most {MAX_NAME} characters. Null keeps the name."
        ),
    )


@strawberry.input(description="The pause window to withdraw.")
class WithdrawPauseWindowInput:
    """A pause."""

    id: strawberry.ID = strawberry.field(
        description="The id of the pause window, which must lie ahead."
    )


@strawberry.type(description="The pause window.")
class PauseWindowPayload:
    """A pause."""

    pause_window: PauseWindow | None = strawberry.field(
        default=None, description="The pause window. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


def _payload(id_: int) -> PauseWindowPayload:
    return PauseWindowPayload(pause_window=object_source("PauseWindow", (id_,)))


@strawberry.type
class CalendarMutations:
    """Mutations of the calendar."""

    @mutation(Permission.CALENDAR_MANAGE)
    async def declare_pause_window(
        self, info: Info, input: DeclarePauseWindowInput
    ) -> PauseWindowPayload:
        """Declares a period in which no clock runs. Affected deadlines are postponed."""
        id_ = await declare_pause(
            info.context,
            name=line(input.name, "name", longest=MAX_NAME),
            start_at=input.start_at,
            end_at=input.end_at,
        )
        return _payload(id_)

    @mutation(Permission.CALENDAR_MANAGE)
    async def change_pause_window(
        self, info: Info, input: ChangePauseWindowInput
    ) -> PauseWindowPayload:
        """Changes a pause window that lies ahead. Affected deadlines move, with an event each.

        The window is withdrawn and declared anew, so the answer has another id.
        """
        name = input.name
        id_ = await change_pause(
            info.context,
            ids.global_number("PauseWindow", input.id, "id"),
            name=None if name is None else line(name, "name", longest=MAX_NAME),
            start_at=input.start_at,
            end_at=input.end_at,
        )
        return _payload(id_)

    @mutation(Permission.CALENDAR_MANAGE)
    async def withdraw_pause_window(
        self, info: Info, input: WithdrawPauseWindowInput
    ) -> PauseWindowPayload:
        """Withdraws a pause window that lies ahead. Deadlines move back, with an event each."""
        id_ = ids.global_number("PauseWindow", input.id, "id")
        return _payload(await withdraw_pause(info.context, id_))
