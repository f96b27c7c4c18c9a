"""The GraphQL types of refusals: an interface, and one type generated from each domain class."""

from collections.abc import Iterable
from dataclasses import Field, fields
from datetime import tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import strawberry

import schema.webhook_enums  # noqa: F401 - refusals have values of these enums
from domain.actors import NamedActor
from domain.refusals.refusal import Refusal as DomainRefusal
from domain.refusals.registry import REFUSALS
from domain.text import Language
from resolvers.context import Context
from schema.enums import described
from schema.types.actor import Actor, named_actor

if TYPE_CHECKING:

    class RefusalCode(Enum):
        """Its members are created at run time, from the refusal classes."""

else:
    RefusalCode = described(
        Enum("RefusalCode", {kind.code(): kind.code() for kind in REFUSALS}),
        "The stable code of a refusal. New codes may be added; existing codes never change.",
        {kind.code(): (kind.__doc__ or "").strip() for kind in REFUSALS},
    )


@strawberry.interface(
    description=(
        "A reason why a request was refused. A refused request changes nothing. Each code has a "
        "type of its own, with the facts of the refusal as fields."
    )
)
class Refusal:
    """The fields of every refusal."""

    code: RefusalCode = strawberry.field(description="The stable code, for use in programs.")
    message: str = strawberry.field(
        description="A message to show to a person, in the language of the request."
    )
    path: list[str] = strawberry.field(
        description="The path to the input field that was refused. Empty if it is the whole input."
    )
    retryable: bool = strawberry.field(
        description=(
            "Whether the same request can succeed later, or after the client has read the "
            "current data."
        )
    )


def _facts(kind: type[DomainRefusal]) -> list[Field[Any]]:  # Any: facts of any type
    return [field for field in fields(kind) if field.name != "path"]


def _annotation(hint: Any) -> Any:  # Any: a type, whatever it is
    """``tuple[X, ...]`` is a list in the API, and an actor has its type."""
    if hint is NamedActor:
        return Actor
    if get_origin(hint) is tuple:
        return list[get_args(hint)[0]]  # type: ignore[misc]  # the type is found at run time
    return hint


def _generated_type(kind: type[DomainRefusal]) -> type[Refusal]:
    hints = get_type_hints(kind)
    facts = _facts(kind)
    namespace: dict[str, Any] = {
        "__annotations__": {fact.name: _annotation(hints[fact.name]) for fact in facts},
        "__doc__": kind.__doc__,
        **{fact.name: strawberry.field(description=fact.metadata["description"]) for fact in facts},
    }
    generated = type(kind.__name__, (Refusal,), namespace)
    return strawberry.type(generated, description=(kind.__doc__ or "").strip())


TYPES = {kind: _generated_type(kind) for kind in REFUSALS}
"""The GraphQL type of each domain refusal."""


def present(refusals: Iterable[DomainRefusal], context: Context) -> list[Any]:  # Any: of TYPES
    """The refusals in the types of the API, with messages for the viewer."""
    return [_presented(refusal, context.language, context.zone) for refusal in refusals]


def _presented(refusal: DomainRefusal, language: Language, zone: tzinfo) -> Any:
    facts = {fact.name: _shown(getattr(refusal, fact.name)) for fact in _facts(type(refusal))}
    return TYPES[type(refusal)](
        code=RefusalCode[refusal.code()],
        message=refusal.message(language, zone),
        path=list(refusal.path),
        retryable=refusal.retryable,
        **facts,
    )


def _shown(value: object) -> object:
    if isinstance(value, NamedActor):
        return named_actor(value.kind, value.name)
    return list(value) if isinstance(value, tuple) else value
