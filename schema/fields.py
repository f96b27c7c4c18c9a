"""Declarations of fields: root fields with their guard, other fields with how to fetch them."""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
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
from resolvers.idempotency import open_claim
from schema.access import Access, Public, Requires, SignedIn
from schema.customers import CUSTOMERS
from schema.idempotency import hash_of, key_of
from schema.refused import ATTRIBUTE, current_order, note_order, shows_order
from schema.types.refusal import present

Info = strawberry.Info[Context, None]
Resolver = Callable[..., Any]
T = TypeVar("T")

PUBLIC = Public()
TRIES_PASSWORD = Public(once_per_operation=True)
"""Public, once per operation: with aliases, one request could try many passwords."""

UNCHANGING = Public(cache_lifetime=timedelta(minutes=10))
"""Public, with an answer that changes only with a release of the server."""

SIGNED_IN = SignedIn()
CHANGES_PASSWORD = SignedIn(once_per_operation=True)
"""Signed in, once per operation, as ``TRIES_PASSWORD``."""


def query(access: Access | Permission, *others: Permission) -> Callable[[Resolver], Any]:
    """Declare a query. Its docstring is its description; it returns a source or values."""

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
    """Declare a mutation. Its docstring is its description; it returns its payload type.

    Refusals that it raises go into the payload's ``refusals``, beside the order as it is now if the
    payload shows the order of the input. If its input has an idempotency key,
    it runs once for each key.
    """

    def declare(resolver: Resolver) -> Any:
        guard = access if isinstance(access, Access) else Requires(access, *others)
        refusing = _refusing(resolver)
        return strawberry.mutation(
            resolver=refusing,
            description=_description(resolver),
            extensions=[guard],
            metadata={"resolver": refusing, "look_ahead": _look_ahead(resolver)},
        )

    return declare


def subscription(access: Access | Permission, *others: Permission) -> Callable[[Resolver], Any]:
    """Declare a subscription. Its docstring is its description.

    It is an asynchronous generator of ``Chunk[T]``, and the field is of the type ``T``. Planned
    execution alone runs it: see ``execution.planned_subscriptions``.
    """

    def declare(resolver: Resolver) -> Any:
        guard = access if isinstance(access, Access) else Requires(access, *others)
        return strawberry.subscription(
            resolver=_streaming(resolver),
            description=_description(resolver),
            extensions=[guard],
            metadata={"resolver": resolver},
        )

    return declare


def _streaming(resolver: Resolver) -> Resolver:
    """What Strawberry takes the field's type and arguments from."""
    (chunk, *_) = get_args(get_type_hints(resolver)["return"])
    (kind,) = get_args(chunk)

    @functools.wraps(resolver)
    async def streaming(*_: Any, **__: Any) -> Any:  # Any: never called
        raise NotImplementedError

    declared = signature(resolver)
    streaming.__signature__ = declared.replace(  # type: ignore[attr-defined]
        return_annotation=AsyncGenerator[kind, None]  # type: ignore[valid-type]  # at run time
    )
    return streaming


def _description(resolver: Resolver) -> str:
    description = getdoc(resolver)
    if not description:
        message = f"{resolver.__qualname__} has no docstring, which is its description in the API"
        raise TypeError(message)
    return description


def _awaited(resolver: Resolver) -> Resolver:
    if iscoroutinefunction(resolver):
        return resolver

    @functools.wraps(resolver)
    async def awaited(*args: Any, **kwargs: Any) -> Any:  # Any: the resolver's own
        return resolver(*args, **kwargs)

    return awaited


def _refusing(resolver: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    declared, hints = signature(resolver), get_type_hints(resolver)
    name = "".join(word.capitalize() for word in resolver.__name__.split("_"))
    payload: Callable[..., T] = _named(hints["return"], f"{name}Payload")
    with_order = shows_order(payload, hints.get("input"))

    @functools.wraps(resolver)
    async def refusing(self: object, info: Info, **kwargs: Any) -> T:  # Any: the resolver's own
        info.context.services.clock.demand_fit()
        arguments = kwargs.get("input")
        key = key_of(arguments)
        info.context.start_mutation().order = None  # that of the mutation before, in one document
        try:
            if key is None:
                return await resolver(self, info, **kwargs)
            with open_claim(info.context, key, hash_of(name, arguments)) as claim:
                answer: Any = await resolver(self, info, **kwargs)  # a payload with `replayed`
                answer.replayed = answer.replayed or claim.replayed
                return cast("T", answer)
        except Refused as refused:
            context = info.context
            context.start_mutation().is_refused = True
            current = {ATTRIBUTE: current_order(context, arguments)} if with_order else {}
            return payload(refusals=present(refused.refusals, context), **current)

    parameters = dict(declared.parameters)
    if "input" in parameters:
        kind = _named(hints["input"], f"{name}Input")
        argument = strawberry.argument(description=kind.__strawberry_definition__.description)
        annotation = Annotated[kind, argument]  # type: ignore[valid-type]  # a type made at run time
        parameters["input"] = parameters["input"].replace(annotation=annotation)
    # Strawberry reads the types from here instead of from the wrapped resolver.
    refusing.__signature__ = declared.replace(  # type: ignore[attr-defined]
        parameters=list(parameters.values()), return_annotation=payload
    )
    return refusing


def _look_ahead(resolver: Resolver) -> Callable[[Context, Mapping[str, Any]], None] | None:
    """What notes the order that the input names, for mutations that show it."""
    hints = get_type_hints(resolver)
    return note_order if shows_order(hints["return"], hints.get("input")) else None


def _named(kind: Any, name: str) -> Any:  # Any: types, made at run time
    """The type, or a subtype with the given name.

    Each mutation has an input and a payload of its own name, even where several share the fields:
    one of them can then get a field without the others.
    """
    if kind.__name__ == name:
        return kind
    definition = kind.__strawberry_definition__
    subtype = type(name, (kind,), {"__doc__": kind.__doc__, "__annotations__": {}})
    decorate = strawberry.input if definition.is_input else strawberry.type
    return decorate(subtype, description=definition.description)


# The following return Any: a field stands as the default of an attribute of another type.


# ``customers`` says how the field is fetched for customers, where they see it otherwise.


def column(
    of: sa.ColumnElement[Any],
    description: str,
    convert: Callable[[Any], Any] | None = None,
    *,
    customers: fetch.PlainFetch | None = None,
) -> Any:
    """A column of the type's table or of a joined table."""
    return _fetched(fetch.Column(of, convert), description, customers=customers)


def computed(
    value: Callable[..., Any],
    needs: tuple[sa.ColumnElement[Any], ...],
    description: str,
    resolver: Resolver | None = None,
    *,
    customers: fetch.PlainFetch | None = None,
) -> Any:
    """A value computed from columns: ``value(context, *needs)``.

    ``resolver`` declares arguments and is never called: then ``value(context, arguments, *needs)``.
    """
    source = fetch.Computed(value, needs, takes_arguments=resolver is not None)
    return _fetched(source, description, resolver, customers=customers)


def subquery(
    expression: Callable[[sa.FromClause], sa.ColumnElement[Any]],
    convert: Callable[[Any], Any],
    description: str,
    *,
    customers: fetch.PlainFetch | None = None,
) -> Any:
    """A value that the statement computes from other rows."""
    return _fetched(fetch.Subquery(expression, convert), description, customers=customers)


def part(entity: str, description: str, present: sa.ColumnElement[Any] | None = None) -> Any:
    """An object made of columns of the same row. Null where ``present`` is null."""
    return _fetched(fetch.Embedded(entity, present), description)


def inline(
    entity: str,
    fields: Mapping[str, fetch.PlainFetch],
    description: str,
    *,
    customers: Mapping[str, fetch.PlainFetch],
) -> Any:
    """An object made of columns of the same row, of a type that several tables have."""
    return _fetched(
        fetch.Embedded(entity, fields=fields),
        description,
        customers=fetch.Embedded(entity, fields=customers),
    )


def one(
    entity: str,
    table: sa.FromClause,
    description: str,
    *,
    customers: fetch.PlainFetch | None = None,
) -> Any:
    """An object of a joined table."""
    return _fetched(fetch.ToOne(entity, table), description, customers=customers)


def kept(source: fetch.JsonList, description: str) -> Any:
    """A short list stored in the row itself."""
    return _fetched(source, description)


def many(
    source: fetch.ToMany,
    description: str,
    resolver: Resolver | None = None,
    *,
    customers: fetch.PlainFetch | None = None,
) -> Any:
    """A list of rows of another table. ``resolver`` declares the arguments and is never called."""
    return _fetched(source, description, resolver, customers=customers)


def _fetched(
    source: fetch.PlainFetch,
    description: str,
    resolver: Resolver | None = None,
    *,
    customers: fetch.PlainFetch | None = None,
) -> Any:
    varying = None if customers is None else fetch.Varying(source, {CUSTOMERS: customers})
    return strawberry.field(
        resolver=resolver,  # type: ignore[arg-type]  # None: a field without a resolver
        description=description,
        metadata={"fetch": varying or source},
    )


def projected(
    table: sa.FromClause, joins: dict[sa.FromClause, Join] | None = None
) -> Callable[[type[T]], type[T]]:
    """Declare the table of a type's fields. Goes above ``strawberry.type``."""

    def declare(kind: type[T]) -> type[T]:
        definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
        sources = {
            field.python_name: field.metadata["fetch"]
            for field in definition.fields
            if "fetch" in field.metadata
        }
        kind.__projection__ = Entity(definition.name, table, sources, joins or {})  # type: ignore[attr-defined]
        return kind

    return declare
