"""The base class of refusals, and the exceptions that carry refusals and bad input.

A refusal is data: a code, its facts, and a message in two languages. `Refused` carries refusals out
of a use case. `schema` generates a GraphQL type from each class.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from domain.text import Language, Text

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def fact(description: str) -> Any:  # noqa: ANN401 - a field stands for a value of any type
    """A fact of a refusal. ``description`` is its description in the API."""
    return field(metadata={"description": description})


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

    def message(self, language: Language) -> str:
        return self.text.in_(language).format(**dict(self._words()))

    def _words(self) -> Iterator[tuple[str, str]]:
        for attribute in fields(self):
            value = getattr(self, attribute.name)
            values = value if isinstance(value, tuple) else (value,)
            yield attribute.name, ", ".join(map(str, values))


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
