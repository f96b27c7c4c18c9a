"""The validation rule for variables inside @oneOf objects, also within fragments."""

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
    """A variable that is a member of a @oneOf object must be declared non-null.

    graphql-core has this rule, but applies it only where the object may be null. Strawberry's rule
    fails with a KeyError at a variable in a fragment: a valid document would get an internal error.
    """

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:
        definitions = {
            definition.variable.name.value: definition
            for definition in operation.variable_definitions or ()
        }
        for usage in self.context.get_recursive_variable_usages(operation):
            name, parent = usage.node.name.value, usage.parent_type
            if not isinstance(parent, GraphQLNonNull) or name not in definitions:
                continue
            object_type = parent.of_type
            variable_type = type_from_ast(self.context.schema, definitions[name].type)
            if (
                isinstance(object_type, GraphQLInputObjectType)
                and object_type.is_one_of
                and not is_non_null_type(variable_type)
            ):
                self.report_error(
                    GraphQLError(
                        f"Variable '${name}' is of type '{variable_type}' but must be non-nullable "
                        f"to be used for OneOf Input Object '{object_type}'.",
                        [definitions[name], usage.node],
                    )
                )
