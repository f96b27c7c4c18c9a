"""The validation rule that refuses introspection, for servers that turn it off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import SKIP, FieldNode, GraphQLError, GraphQLField, ValidationRule, VisitorAction
from graphql.type import SchemaMetaFieldDef, TypeMetaFieldDef

META_FIELDS: Final[Mapping[str, GraphQLField]] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}
"""The root fields of the introspection."""


class NoIntrospectionRule(ValidationRule):
    """Refuses the introspection's root fields; `__typename` stays allowed on every object."""

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        if node.name.value not in META_FIELDS:
            return None
        message = f"Introspection is turned off: '{node.name.value}' is not answered."
        self.report_error(GraphQLError(message, node))
        return SKIP
