"""The guards of root fields: declared on a field, printed in the SDL, checked on execution."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from auth.authenticator import Unauthenticated
from domain.permissions import CATALOGUE, Permission
from domain.refusals.general import MissingPermission
from domain.refusals.refusal import BadInput, Refused
from domain.text import Language, Text
from execution.ordinary_execution import fetch_sources
from resolvers.context import Context
from schema import enums  # noqa: F401 - brings Permission into the API

_NAMES = {entry.permission: entry.name for entry in CATALOGUE}
_UNAUTHENTICATED = Text("请登录", "Sign in: the credentials are missing, expired or revoked.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requires",
    description="The field requires a viewer with the permission, or with an alternative in `or`.",
)
class RequiresDirective:
    """The permission that a field requires."""

    permission: Permission = strawberry.directive_field(name="permission")
    others: list[Permission] | None = strawberry.directive_field(
        name="or", default=strawberry.UNSET
    )


REQUIRES_ARGUMENTS = {
    "permission": "The permission that the field requires.",
    "or": "Alternative permissions. Any one of them is sufficient.",
}
"""Descriptions of the arguments of ``@requires``, which Strawberry's declaration cannot hold."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="signedIn",
    description="The field requires a signed-in viewer, with any permissions.",
)
class SignedInDirective:
    """A viewer, without a permission."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="public",
    description="The field requires no sign-in.",
)
class PublicDirective:
    """No viewer."""


class Access(FieldExtension):
    """Guards a root field, fetches its answer, and reports refusals. See `execution.guard`."""

    cache_lifetime: timedelta | None = None
    once_per_operation = False

    def directive(self) -> object:
        """The directive that the SDL prints."""
        raise NotImplementedError

    def apply(self, field: StrawberryField) -> None:
        directive = self.directive()
        # Strawberry applies a field's extensions once for each schema that contains the field.
        if directive not in field.directives:
            field.directives = [*field.directives, directive]
            # GraphiQL does not show directives.
            note = self.note()
            field.description = f"{field.description}\n\n{note.zh} {note.en}"

    def note(self) -> Text:
        """What the field's description says of the directive."""
        raise NotImplementedError

    async def check(self, context: Context, *, fresh: bool) -> None:
        """Raise GraphQLError if the viewer may not use the field."""
        raise NotImplementedError

    async def resolve_async(
        self,
        next_: Callable[..., Any],
        source: Any,  # Any: the parent object of the field
        info: strawberry.Info[Context, None],
        **kwargs: Any,
    ) -> Any:
        context = info.context
        # A mutation reads the viewer from the database: a revoked permission stops working at once.
        fresh = info.operation.operation.value == "mutation"
        outcome = context.start_mutation().outcome if fresh else None
        try:
            if outcome is not None:
                value = outcome.result()
            else:
                await self.check(context, fresh=fresh)
                value = next_(source, info, **kwargs)
                if hasattr(value, "__await__"):
                    value = await value
            return await fetch_sources(value, info._raw_info)  # noqa: SLF001 - Strawberry has no public access to the nodes
        except (BadInput, Refused, Unauthenticated) as error:
            raise self.worded(error, context) or error from error

    def worded(self, error: Exception, context: Context) -> GraphQLError | None:
        """The top-level error for what a guard or a resolver raised. See `execution.guard`."""
        match error:
            case GraphQLError():
                return error
            case BadInput():
                return bad_input(error, context.language)
            case Refused():
                # A query has no payload for refusals, so its refusal is a top-level error.
                refusal = error.refusals[0]
                return GraphQLError(
                    refusal.message(context.language, context.zone),
                    extensions={"code": refusal.code(), "path": list(refusal.path)},
                )
            case Unauthenticated():
                return unauthenticated(context.language)
            case _:
                return None


class Public(Access):
    """``@public``. With ``cache_lifetime``, caches may share the answer for that long."""

    def __init__(
        self, *, cache_lifetime: timedelta | None = None, once_per_operation: bool = False
    ) -> None:
        self.cache_lifetime = cache_lifetime
        self.once_per_operation = once_per_operation

    def directive(self) -> object:
        return PublicDirective()

    def note(self) -> Text:
        return Text("无需登录.", "Requires no sign-in.")

    async def check(self, context: Context, *, fresh: bool) -> None:
        """Allow every request."""


class SignedIn(Access):
    """``@signedIn``."""

    def __init__(self, *, once_per_operation: bool = False) -> None:
        self.once_per_operation = once_per_operation

    def directive(self) -> object:
        return SignedInDirective()

    def note(self) -> Text:
        return Text("需要登录.", "Requires a sign-in.")

    async def check(self, context: Context, *, fresh: bool) -> None:
        if fresh or not context.recall_viewer():
            await context.authenticate(fresh=fresh)
        if context.viewer_or_none is None:
            raise unauthenticated(context.language)


class Requires(SignedIn):
    """``@requires(permission: …, or: …)``: the permission, or any of the alternatives."""

    def __init__(
        self, permission: Permission, *others: Permission, once_per_operation: bool = False
    ) -> None:
        super().__init__(once_per_operation=once_per_operation)
        self.permission = permission
        self.others = others

    def directive(self) -> object:
        others = list(self.others) if self.others else strawberry.UNSET
        return RequiresDirective(permission=self.permission, others=others)

    def note(self) -> Text:
        permissions = (self.permission, *self.others)
        names = ", ".join(_NAMES[permission].zh for permission in permissions)
        codes = ", ".join(f"`{permission}`" for permission in permissions)
        if not self.others:
            return Text(f"需要权限: {names}.", f"Requires the permission {codes}.")
        return Text(f"需要以下任一权限: {names}.", f"Requires one of the permissions {codes}.")

    async def check(self, context: Context, *, fresh: bool) -> None:
        if fresh or not context.recall_viewer():
            await super().check(context, fresh=fresh)
        if not context.viewer.may(self.permission, *self.others):
            raise forbidden(self.permission, context.language)


def forbidden(permission: Permission, language: Language) -> GraphQLError:
    """The error for a viewer without the permission."""
    return GraphQLError(
        MissingPermission(permission=permission).message(language),
        extensions={"code": "FORBIDDEN", "requires": permission},
    )


def bad_input(bad: BadInput, language: Language) -> GraphQLError:
    return GraphQLError(
        bad.text.in_(language),
        extensions={"code": "BAD_USER_INPUT", "argument": list(bad.path)},
    )


def unauthenticated(language: Language) -> GraphQLError:
    return GraphQLError(_UNAUTHENTICATED.in_(language), extensions={"code": "UNAUTHENTICATED"})
