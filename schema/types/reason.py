"""A reason from the two-level dictionary."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from domain.actions import Action
from domain.own_reasons import Entry, copied_reason, own_use
from domain.reasons import REASONS, ReasonUse
from domain.text import Language
from resolvers.context import Context


@strawberry.type(
    description=(
        "原因. A reason from the two-level dictionary: groups, and the reasons in each group. The "
        "platform's, or a merchant's own."
    )
)
class Reason:
    """A reason."""

    code: str = strawberry.field(
        description=(
            'The code, such as "QUALITY.BROKEN". It never changes. Codes of a merchant\'s own '
            'reasons begin with "XA." (applications) or "XR." (reviews).'
        )
    )
    name: str = strawberry.field(description="The name, in the language of the request.")
    name_zh: str = strawberry.field(description="The name in Chinese.")
    name_en: str = strawberry.field(description="The name in English.")
    use: ReasonUse = strawberry.field(description="The use of the reason: applications or reviews.")
    parent_code: str | None = strawberry.field(
        description="The code of the group. Null for a group; a group itself cannot be chosen."
    )
    own: bool = strawberry.field(
        description="自定义原因. Whether the reason is the merchant's own, not the platform's."
    )
    decisions: list[Action] = strawberry.field(
        description=(
            "The review decisions that take the reason. Empty for groups and for reasons of "
            "applications."
        )
    )
    position: int | None = strawberry.field(
        description=(
            "The position of the merchant's own reason within its group. Null for the platform's, "
            "and on an order, which keeps a copy of the reason."
        )
    )
    retired_at: datetime | None = strawberry.field(
        description=(
            "停用. When the merchant retired the reason or its group. Null while it can be chosen, "
            "and on an order, which keeps a copy of the reason."
        )
    )


def reason_of(
    context: Context,
    code: str | None,
    copy: Mapping[str, Any] | None,  # Any: JSON
) -> Reason | None:
    """The reason of an order, None for None. ``copy`` is that of the merchant's own reason."""
    if code is None:
        return None
    reason = REASONS[code] if copy is None else copied_reason(code, copy)
    return entry_of(Entry(reason=reason), context.language)


def entry_of(entry: Entry, language: Language) -> Reason:
    reason = entry.reason
    return Reason(
        code=reason.code,
        name=reason.name.in_(language),
        name_zh=reason.name.zh,
        name_en=reason.name.en,
        use=reason.use,
        parent_code=reason.parent,
        own=own_use(reason.code) is not None,
        decisions=list(reason.decisions),
        position=entry.position,
        retired_at=entry.retired_at,
    )
