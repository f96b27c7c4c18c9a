"""How fields are declared: a root field with who may use it, any other with how it is fetched."""

import functools
from collections.abc import Awaitable, Callable
from datetime import timedelta
from inspect import getdoc, iscoroutinefunction, signature
from typing import Annotated, Any, TypeVar, cast, get_args, get_type_hints

import sqlalchemy as sa
import strawberry

from domain.permissions import Permission
from domain.refusals.refusal import Refused
from projection import fields as fetch
from projection.fields import Entity, Join
from resolvers.context import Context
from resolvers.idempotency import under_key
from schema.access import Access, Public, Requires, SignedIn
from schema.idempotency import hash_of, key_of
from schema.types.refusal import present

Info = strawberry.Info[Context, None]
Resolver = Callable[..., Any]
T = TypeVar("T")

PUBLIC = Public()
TRIES_PASSWORD = Public(once_per_operation=True)
"""Public, and once per operation: aliases would try many passwords in one request."""

UNCHANGING = Public(cache_lifetime=timedelta(minutes=10))
"""Public, and the same until the next release of the server."""

SIGNED_IN = SignedIn()


def query(access: Access | Permission, *others: Permission) -> Callable[[Resolver], Any]:
    """Declare a query, described by its docstring. It answers with a source or with values."""

    def declare(resolver: Resolver) -> Any:
        guard = access if isinstance(access, Access) else Requires(access, *others)
        return strawberry.field(
            resolver=_awaited(resolver),
            description=_description(resolver),
            extensions=[guard],
            metadata={"resolver": resolver},
        )

    return declare


def mutation(access: Access | Permission, *others: Permission) -> Callable[[Resolver], Any]:
    """Declare a mutation, described by its docstring.

    It answers with its payload type; what it is refused goes into the payload's ``refusals``. If
    its input has a key, it is carried out once for each.
    """

    def declare(resolver: Resolver) -> Any:
        guard = access if isinstance(access, Access) else Requires(access, *others)
        refusing = _refusing(resolver)
        return strawberry.mutation(
            resolver=refusing,
            description=_description(resolver),
            extensions=[guard],
            metadata={"resolver": refusing},
        )

    return declare


def _description(resolver: Resolver) -> str:
    said = getdoc(resolver)
    if not said:
        message = f"{resolver.__qualname__} has no docstring, and so the API no description of it"
        raise TypeError(message)
    return said


def _awaited(resolver: Resolver) -> Resolver:
    if iscoroutinefunction(resolver):
        return resolver

    @functools.wraps(resolver)
    async def awaited(*args: Any, **kwargs: Any) -> Any:  # Any: the resolver's own
        return resolver(*args, **kwargs)

    return awaited


def _refusing(resolver: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    signed, hints = signature(resolver), get_type_hints(resolver, include_extras=True)
    name = "".join(word.capitalize() for word in resolver.__name__.split("_"))
    payload: Callable[..., T] = _own(hints["return"], f"{name}Payload")

    @functools.wraps(resolver)
    async def refusing(self: object, info: Info, **kwargs: Any) -> T:  # Any: the resolver's own
        info.context.clock.demand_fit()
        given = kwargs.get("input")
        key = key_of(given)
        try:
            if key is None:
                return await resolver(self, info, **kwargs)
            with under_key(info.context, key, hash_of(name, given)) as request:
                done: Any = await resolver(self, info, **kwargs)  # a payload with `replayed`
                done.replayed = done.replayed or request.replayed
                return cast("T", done)
        except Refused as refused:
            language = info.context.language
            return payload(refusals=[present(one, language) for one in refused.refusals])

    parameters = dict(signed.parameters)
    if "input" in parameters:
        kind, *said = get_args(hints["input"])
        own = Annotated[_own(kind, f"{name}Input"), *said]  # type: ignore[valid-type]  # made here
        parameters["input"] = parameters["input"].replace(annotation=own)
    # Where Strawberry looks for the types, instead of at the resolver inside.
    refusing.__signature__ = signed.replace(  # type: ignore[attr-defined]
        parameters=list(parameters.values()), return_annotation=payload
    )
    return refusing


def _own(kind: Any, name: str) -> Any:  # Any: types, made at run time
    """Each mutation has an input and a payload of its own name, though some share their fields.

    So that one of them can get a field that the others do not need.
    """
    if kind.__name__ == name:
        return kind
    definition = kind.__strawberry_definition__
    made = type(name, (kind,), {"__doc__": kind.__doc__, "__annotations__": {}})
    make = strawberry.input if definition.is_input else strawberry.type
    return make(made, description=definition.description)


# Each of these returns a field, which stands as the default of an attribute of another type: Any.


def column(
    of: sa.ColumnElement[Any], description: str, convert: Callable[[Any], Any] | None = None
) -> Any:
    """A column of the type's table, or of one that is joined to it."""
    return _fetched(fetch.Column(of, convert), description)


def computed(
    value: Callable[..., Any], needs: tuple[sa.ColumnElement[Any], ...], description: str
) -> Any:
    """A value worked out from columns: ``value(context, *needs)``."""
    return _fetched(fetch.Computed(value, needs), description)


def part(entity: str, description: str, present: sa.ColumnElement[Any] | None = None) -> Any:
    """An object made of columns of the same row; null where ``present`` is."""
    return _fetched(fetch.Part(entity, present), description)


def one(entity: str, table: sa.FromClause, description: str) -> Any:
    """An object of another table, joined."""
    return _fetched(fetch.One(entity, table), description)


def kept(source: fetch.Kept, description: str) -> Any:
    """A short list that the row itself holds."""
    return _fetched(source, description)


def many(source: fetch.Many, description: str, resolver: Resolver | None = None) -> Any:
    """A list of another table; ``resolver`` is never called, it declares the arguments."""
    return _fetched(source, description, resolver)


def _fetched(how: fetch.Fetch, description: str, resolver: Resolver | None = None) -> Any:
    return strawberry.field(
        resolver=resolver,  # type: ignore[arg-type]  # None is what a field without one has
        description=description,
        metadata={"fetch": how},
    )


def projected(
    table: sa.FromClause, joins: dict[sa.FromClause, Join] | None = None
) -> Callable[[type[T]], type[T]]:
    """Say from which table a type's fields come, above ``strawberry.type``."""

    def declare(kind: type[T]) -> type[T]:
        definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
        found = {
            field.python_name: field.metadata["fetch"]
            for field in definition.fields
            if "fetch" in field.metadata
        }
        kind.__projection__ = Entity(definition.name, table, found, joins or {})  # type: ignore[attr-defined]
        return kind

    return declare
