"""The dictionary of reasons, as clients see it."""

import strawberry

from domain.reasons import REASONS, ReasonUse
from domain.text import Language


@strawberry.type(description="原因. A reason of the two-level dictionary.")
class Reason:
    """A reason."""

    code: str = strawberry.field(description='The code to send, such as "QUALITY.BROKEN".')
    name: str = strawberry.field(description="Its name, in the language of the request.")
    name_zh: str = strawberry.field(description="Its name in Chinese.")
    name_en: str = strawberry.field(description="Its name in English.")
    use: ReasonUse = strawberry.field(description="What it is given for.")
    parent_code: str | None = strawberry.field(
        description="The code of its group; null for a group, which cannot be chosen itself."
    )


def reason_of(code: str | None, language: Language) -> Reason | None:
    """The reason as the API says it."""
    if code is None:
        return None
    found = REASONS[code]
    return Reason(
        code=code,
        name=found.name.in_(language),
        name_zh=found.name.zh,
        name_en=found.name.en,
        use=found.use,
        parent_code=found.parent,
    )
