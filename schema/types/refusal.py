"""Refusals as clients see them: an interface, and a type for each code, made from the domain's."""

from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import strawberry

from domain import refusals
from domain.text import Language
from schema.enums import described

if TYPE_CHECKING:

    class RefusalCode(Enum):
        """Its members are made at run time, from the classes of refusals."""

else:
    RefusalCode = described(
        Enum("RefusalCode", {kind.code(): kind.code() for kind in refusals.REFUSALS}),
        "Why something was not done. Codes are only ever added.",
        {kind.code(): (kind.__doc__ or "").strip() for kind in refusals.REFUSALS},
    )


@strawberry.interface(description="A reason why something was not done. Nothing was changed.")
class Refusal:
    """What every refusal says."""

    code: RefusalCode = strawberry.field(description="The stable code, for programs.")
    message: str = strawberry.field(
        description="What to tell a person, in the language of the request."
    )
    path: list[str] = strawberry.field(
        description="Which part of the input it is about; empty if it is about the whole."
    )
    retryable: bool = strawberry.field(
        description="Whether the same request can succeed later, or after reading again."
    )


def _annotation(said: Any) -> Any:  # Any: a type, whatever it is
    """``tuple[X, ...]`` is a list in the API."""
    if get_origin(said) is tuple:
        return list[get_args(said)[0]]  # type: ignore[misc]  # the type is found at run time
    return said


def _type_of(kind: type[refusals.Refusal]) -> type[Refusal]:
    hints = get_type_hints(kind)
    facts = [one for one in fields(kind) if one.name != "path"]
    namespace: dict[str, Any] = {
        "__annotations__": {one.name: _annotation(hints[one.name]) for one in facts},
        "__doc__": kind.__doc__,
        **{one.name: strawberry.field(description=one.metadata["description"]) for one in facts},
    }
    made = type(kind.__name__, (Refusal,), namespace)
    return strawberry.type(made, description=(kind.__doc__ or "").strip())


TYPES = {kind: _type_of(kind) for kind in refusals.REFUSALS}
"""The API's type for each of the domain's refusals."""


def present(refusal: refusals.Refusal, language: Language) -> Any:  # Any: one of TYPES
    """The refusal as the API says it."""
    facts = {
        one.name: _plain(getattr(refusal, one.name))
        for one in fields(refusal)
        if one.name != "path"
    }
    return TYPES[type(refusal)](
        code=RefusalCode[refusal.code()],
        message=refusal.message(language),
        path=list(refusal.path),
        retryable=refusal.retryable,
        **facts,
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
