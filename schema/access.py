"""Who may use a field: declared on it, printed in the SDL, and enforced by the same object."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from auth.authenticator import Unauthenticated
from domain.permissions import Permission
from domain.refusals.refusal import BadInput, Refused
from domain.text import Language, Text
from execution.answers import answer
from resolvers.context import Context
from schema import enums  # noqa: F401 - brings Permission into the API

_UNAUTHENTICATED = Text("请登录", "Sign in: the credentials are missing, expired or revoked.")
_FORBIDDEN = Text("需要权限 {permission}", "This requires the permission {permission}.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requires",
    description="Who may use the field: whoever holds the permission, or one of the others.",
)
class RequiresDirective:
    """The permission that a field takes."""

    permission: Permission = strawberry.directive_field(name="permission")
    others: list[Permission] | None = strawberry.directive_field(
        name="or", default=strawberry.UNSET
    )


REQUIRES_ARGUMENTS = {
    "permission": "The permission that the field takes.",
    "or": "Permissions that do as well; any one of them is enough.",
}
"""What the arguments of ``@requires`` mean: Strawberry's own declaration has no place for it."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="signedIn",
    description="Anybody may use the field who is signed in, whatever they may do.",
)
class SignedInDirective:
    """No permission, but a viewer."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="public",
    description="Anybody may use the field, signed in or not.",
)
class PublicDirective:
    """Not even a viewer."""


class Access(FieldExtension):
    """Guards a root field, shapes its answer, and words its refusals. See `execution.guard`."""

    cache_lifetime: timedelta | None = None
    once_per_operation = False

    def directive(self) -> object:
        """What the SDL prints."""
        raise NotImplementedError

    def apply(self, field: StrawberryField) -> None:
        directive = self.directive()
        # Strawberry applies the extensions of a field again for each schema that has the field.
        if directive not in field.directives:
            field.directives = [*field.directives, directive]

    async def check(self, context: Context, *, fresh: bool) -> None:
        """Raises GraphQLError for those who may not use the field."""
        raise NotImplementedError

    async def resolve_async(
        self,
        next_: Callable[..., Any],
        source: Any,  # Any: whatever Strawberry hands on
        info: strawberry.Info[Context, None],
        **kwargs: Any,
    ) -> Any:
        context = info.context
        # A mutation reads the viewer anew: a permission that is gone is gone from now on.
        fresh = info.operation.operation.value == "mutation"
        try:
            if context.done is not None:
                found = context.done.again()
            else:
                await self.check(context, fresh=fresh)
                found = next_(source, info, **kwargs)
                if hasattr(found, "__await__"):
                    found = await found
            return await answer(found, info._raw_info)  # noqa: SLF001 - no public way to the nodes
        except BadInput as bad:
            raise bad_input(bad, context.language) from bad
        except Refused as refused:
            # A query has no payload to put a refusal into; what it looks for is not there.
            refusal = refused.refusals[0]
            raise GraphQLError(
                refusal.message(context.language),
                extensions={"code": refusal.code(), "path": list(refusal.path)},
            ) from refused
        except Unauthenticated as missing:
            raise unauthenticated(context.language) from missing


class Public(Access):
    """``@public``; with ``cache_lifetime``, the answer is the same for everyone for that long."""

    def __init__(
        self, *, cache_lifetime: timedelta | None = None, once_per_operation: bool = False
    ) -> None:
        self.cache_lifetime = cache_lifetime
        self.once_per_operation = once_per_operation

    def directive(self) -> object:
        return PublicDirective()

    async def check(self, context: Context, *, fresh: bool) -> None:
        """Whoever asks may ask."""


class SignedIn(Access):
    """``@signedIn``."""

    def directive(self) -> object:
        return SignedInDirective()

    async def check(self, context: Context, *, fresh: bool) -> None:
        if fresh or not context.recognizes():
            await context.authenticate(fresh=fresh)
        if context.asked_by is None:
            raise unauthenticated(context.language)


class Requires(SignedIn):
    """``@requires(permission: …)``: the first permission, or any of the others."""

    def __init__(self, permission: Permission, *others: Permission) -> None:
        self.permission = permission
        self.others = others

    def directive(self) -> object:
        others = list(self.others) if self.others else strawberry.UNSET
        return RequiresDirective(permission=self.permission, others=others)

    async def check(self, context: Context, *, fresh: bool) -> None:
        if fresh or not context.recognizes():
            await super().check(context, fresh=fresh)
        if not context.viewer.may(self.permission, *self.others):
            raise forbidden(self.permission, context.language)


def forbidden(permission: Permission, language: Language) -> GraphQLError:
    """What whoever lacks a permission is told."""
    return GraphQLError(
        _FORBIDDEN.in_(language).format(permission=permission),
        extensions={"code": "FORBIDDEN", "requires": permission},
    )


def bad_input(bad: BadInput, language: Language) -> GraphQLError:
    return GraphQLError(
        f"{'.'.join(bad.path)}: {bad.text.in_(language)}",
        extensions={"code": "BAD_USER_INPUT", "argument": list(bad.path)},
    )


def unauthenticated(language: Language) -> GraphQLError:
    return GraphQLError(_UNAUTHENTICATED.in_(language), extensions={"code": "UNAUTHENTICATED"})
