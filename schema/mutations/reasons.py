"""Mutations of a merchant's own reasons."""

import strawberry

from domain.actions import Action
from domain.own_reasons import MAX_OWN_REASONS, MAX_POSITION, PREFIXES, decisions_of
from domain.permissions import Permission
from domain.reasons import DECISIONS, ReasonUse
from domain.text import Text
from domain.words import MAX_NAME, MAX_REF, at_most, between, line, optional_line
from resolvers.settings.reasons import (
    create_reason,
    restore_reason,
    retire_reason,
    update_reason,
)
from schema.fields import Info, mutation
from schema.types.payload import refusals_field
from schema.types.reason import Reason, entry_of
from schema.types.refusal import Refusal

_NAME = f"At most {MAX_NAME} characters."
_DECISIONS = (
    "The review decisions that take the reason. At least one for a reason of reviews; none for a "
    "group or a reason of applications."
)
_POSITION = (
    f"The position among the merchant's own reasons of the group, 0 to {MAX_POSITION:,}. Equal "
    "positions are sorted by age."
)


@strawberry.input(
    description=(
        "The reason or the group of reasons to create. A merchant can have "
        f"{MAX_OWN_REASONS}, retired ones included."
    )
)
class CreateReasonInput:
    """A reason."""

    use: ReasonUse = strawberry.field(
        description="The use of the reason: applications or reviews. It never changes."
    )
    handle: str | None = strawberry.field(
        default=None,
        description=(
            "The rest of the code, after "
            f"`{PREFIXES[ReasonUse.APPLICATION]}` or `{PREFIXES[ReasonUse.REVIEW]}`: capital "
            "letters, digits and underscores, at most 40. It never changes. Made by the server if "
            "left out."
        ),
    )
    parent_code: str | None = strawberry.field(
        default=None,
        description=(
            "The code of the group, the platform's or the merchant's own, with the same use. "
            "Without it, a group is created."
        ),
    )
    name_zh: str = strawberry.field(description=f"The name in Chinese. {_NAME}")
    name_en: str | None = strawberry.field(
        default=None, description=f"The name in English. {_NAME} Defaults to the Chinese name."
    )
    decisions: list[Action] = strawberry.field(default_factory=list, description=_DECISIONS)
    position: int = strawberry.field(default=0, description=_POSITION)


@strawberry.input(
    description="The changes to an own reason. Fields that are left out do not change."
)
class UpdateReasonInput:
    """A change."""

    code: str = strawberry.field(description="The code of the merchant's own reason.")
    name_zh: str | None = strawberry.field(
        default=None, description=f"The new name in Chinese. {_NAME}"
    )
    name_en: str | None = strawberry.field(
        default=None, description=f"The new name in English. {_NAME}"
    )
    decisions: list[Action] | None = strawberry.field(
        default=None, description=f"{_DECISIONS} They replace the current ones."
    )
    position: int | None = strawberry.field(default=None, description=_POSITION)


@strawberry.input(description="The reason, the merchant's own or the platform's.")
class ReasonInput:
    """A reason."""

    code: str = strawberry.field(description="The code of the reason or the group.")


@strawberry.type(description="The saved reason.")
class ReasonPayload:
    """A reason's payload."""

    reason: Reason | None = strawberry.field(
        default=None, description="The reason. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


def _decisions(values: list[Action]) -> tuple[Action, ...]:
    at_most(values, "decisions", most=len(DECISIONS))
    return decisions_of(values, "decisions")


def _position(value: int) -> int:
    return between(value, "position", least=0, most=MAX_POSITION)


def _code(value: str) -> str:
    return line(value, "code", longest=MAX_REF)


@strawberry.type
class ReasonMutations:
    """Mutations of reasons."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def create_reason(self, info: Info, input: CreateReasonInput) -> ReasonPayload:
        """新增原因. Creates a reason of the merchant's own, or a group. It is never deleted."""
        name = line(input.name_zh, "nameZh", longest=MAX_NAME)
        english = optional_line(input.name_en, "nameEn", longest=MAX_NAME)
        entry = await create_reason(
            info.context,
            use=input.use,
            handle=optional_line(input.handle, "handle", longest=MAX_REF),
            parent=optional_line(input.parent_code, "parentCode", longest=MAX_REF),
            name=Text(name, english or name),
            decisions=_decisions(input.decisions),
            position=_position(input.position),
        )
        return ReasonPayload(reason=entry_of(entry, info.context.language))

    @mutation(Permission.SETTINGS_MANAGE)
    async def update_reason(self, info: Info, input: UpdateReasonInput) -> ReasonPayload:
        """修改原因. Changes an own reason. Orders that have it keep its names of that time."""
        entry = await update_reason(
            info.context,
            _code(input.code),
            name_zh=optional_line(input.name_zh, "nameZh", longest=MAX_NAME),
            name_en=optional_line(input.name_en, "nameEn", longest=MAX_NAME),
            decisions=None if input.decisions is None else _decisions(input.decisions),
            position=None if input.position is None else _position(input.position),
        )
        return ReasonPayload(reason=entry_of(entry, info.context.language))

    @mutation(Permission.SETTINGS_MANAGE)
    async def retire_reason(self, info: Info, input: ReasonInput) -> ReasonPayload:
        """停用原因. Retires an own reason, or the platform's for this merchant, or a whole group.

        It can no longer be chosen. Orders that have it still show it.
        """
        entry = await retire_reason(info.context, _code(input.code))
        return ReasonPayload(reason=entry_of(entry, info.context.language))

    @mutation(Permission.SETTINGS_MANAGE)
    async def restore_reason(self, info: Info, input: ReasonInput) -> ReasonPayload:
        """恢复原因. Takes a retired reason into use again. A retired group stays retired."""
        entry = await restore_reason(info.context, _code(input.code))
        return ReasonPayload(reason=entry_of(entry, info.context.language))
