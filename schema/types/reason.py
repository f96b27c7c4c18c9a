"""A reason from the two-level dictionary."""

import strawberry

from domain.reasons import REASONS, ReasonUse
from domain.text import Language


@strawberry.type(
    description=(
        "原因. A reason from the two-level dictionary: groups, and the reasons in each group."
    )
)
class Reason:
    """A reason."""

    code: str = strawberry.field(description='The code, such as "QUALITY.BROKEN".')
    name: str = strawberry.field(description="The name, in the language of the request.")
    name_zh: str = strawberry.field(description="The name in Chinese.")
    name_en: str = strawberry.field(description="The name in English.")
    use: ReasonUse = strawberry.field(description="The use of the reason: applications or reviews.")
    parent_code: str | None = strawberry.field(
        description="The code of the group. Null for a group; a group itself cannot be chosen."
    )


def reason_of(code: str | None, language: Language) -> Reason | None:
    """The reason with this code, None for None."""
    if code is None:
        return None
    reason = REASONS[code]
    return Reason(
        code=code,
        name=reason.name.in_(language),
        name_zh=reason.name.zh,
        name_en=reason.name.en,
        use=reason.use,
        parent_code=reason.parent,
    )
