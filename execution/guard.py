"""Guards: who may use a root field, as the two executions ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from graphql import GraphQLError, GraphQLSchema

    from resolvers.context import Context


GUARDS: Final = "guards"
"""The key of the guards in the extensions of a schema."""


class Guard(Protocol):
    """The guard of a root field; `schema.access` declares them."""

    @property
    def cache_lifetime(self) -> timedelta | None:
        """How long a shared cache may keep an answer; None for a private or changing one."""

    @property
    def once_per_operation(self) -> bool:
        """Whether an operation may select the field only once, under whatever alias."""

    async def check(self, context: Context, *, fresh: bool) -> None:
        """Check the viewer; ``fresh`` reads them from the database.

        Raises GraphQLError or Unauthenticated for a viewer who may not use the field.
        """

    def worded(self, error: Exception, context: Context) -> GraphQLError | None:
        """The error of the answer for an exception of the field; None for one that is a bug."""


class Unguarded:
    """The guard of introspection: `NoIntrospectionRule` has decided already."""

    cache_lifetime: timedelta | None = None
    once_per_operation = False

    async def check(self, context: Context, *, fresh: bool) -> None:
        """Allow every viewer."""

    def worded(self, error: Exception, context: Context) -> GraphQLError | None:  # noqa: ARG002 - as the protocol wants it
        """Introspection raises nothing that is not a bug."""
        return None


def root_guards(schema: GraphQLSchema) -> Mapping[tuple[str, str], Guard]:
    """The guards of a schema's root fields, by the names of type and field."""
    return cast("Mapping[tuple[str, str], Guard]", schema.extensions.get(GUARDS, {}))
