"""The validation rule for variables inside @oneOf objects, also where a fragment holds them."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLNonNull,
    OperationDefinitionNode,
    ValidationRule,
    is_non_null_type,
    type_from_ast,
)


class OneOfVariablesRule(ValidationRule):
    """A variable that is a member of a @oneOf object must be declared as one that is never null.

    graphql-core says so itself, but only where the object may be null. Strawberry's rule fails with
    a KeyError at a variable in a fragment: a valid document would be answered as a bug.
    """

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:
        declared = {one.variable.name.value: one for one in operation.variable_definitions or ()}
        for usage in self.context.get_recursive_variable_usages(operation):
            name, parent = usage.node.name.value, usage.parent_type
            if not isinstance(parent, GraphQLNonNull) or name not in declared:
                continue
            kind, inside = parent.of_type, type_from_ast(self.context.schema, declared[name].type)
            if (
                isinstance(kind, GraphQLInputObjectType)
                and kind.is_one_of
                and not is_non_null_type(inside)
            ):
                self.report_error(
                    GraphQLError(
                        f"Variable '${name}' is of type '{inside}' but must be non-nullable to be "
                        f"used for OneOf Input Object '{kind}'.",
                        [declared[name], usage.node],
                    )
                )
