"""The base class of refusals, and the exceptions that carry refusals and bad input.

A refusal is data: a code, its facts, and a message in two languages. `Refused` carries refusals out
of a use case. `schema` generates a GraphQL type from each class.
"""

import re
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from typing import Any, ClassVar

from domain.text import Language, Text
from domain.wording import DEFAULT_ZONE, Names, worded

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def fact(description: str, names: Names | None = None) -> Any:  # noqa: ANN401 - a field stands for a value of any type
    """A fact of a refusal. ``description`` is its description in the API.

    ``names`` say how the message calls the fact's values, if they are no values of an enum.
    """
    return field(metadata={"description": description, "names": names})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A reason why a request was refused. ``path`` leads to the input it concerns."""

    text: ClassVar[Text]
    retryable: ClassVar[bool] = False

    path: tuple[str, ...] = ()

    @classmethod
    def code(cls) -> str:
        """The stable code: the name of the class in capitals."""
        return _WORD_START.sub("_", cls.__name__).upper()

    def message(self, language: Language, zone: tzinfo = DEFAULT_ZONE) -> str:
        """A sentence for the person who reads it; instants are in ``zone``."""
        facts = {
            fact.name: worded(getattr(self, fact.name), language, zone, fact.metadata.get("names"))
            for fact in fields(self)
        }
        return self.text.in_(language).format(**facts)


class Refused(Exception):
    """A use case refuses the request. Nothing was changed."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.code() for refusal in refusals))
        self.refusals = refusals


class BadInput(Exception):
    """An argument is invalid by itself: too long, malformed or out of range.

    ``path`` leads to the value within the arguments.
    """

    def __init__(self, path: tuple[str, ...], text: Text) -> None:
        super().__init__(f"{'.'.join(path)}: {text.en}")
        self.path = path
        self.text = text
