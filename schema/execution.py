"""Execution that stops where rows were shaped: what the projection made goes to the wire as it is.

The shaped rows have the keys of the selection and hold what the JSON encoder writes, so walking
over them field by field would change nothing but the time. ``WalkingExecutor`` does walk over them,
and the tests hold both to the same bytes.
"""

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.answers import Shaped


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Takes what was shaped for an answer."""

    def complete_value(self, *args: Any) -> Any:
        result = args[4]
        return result.value if type(result) is Shaped else super().complete_value(*args)


class WalkingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes what was shaped like everything else."""

    def complete_value(self, *args: Any) -> Any:
        result = args[4]
        if type(result) is Shaped:
            args = (*args[:4], result.value, *args[5:])
        return super().complete_value(*args)
