"""The fields that all payloads share, and the payload without a result."""

from typing import Any

import strawberry

from schema.types.refusal import Refusal


def refusals_field() -> Any:  # Any: a field stands as the default of an attribute
    return strawberry.field(
        default_factory=list,
        description=(
            "The reasons why the request was refused. Empty if it was carried out. A refused "
            "request changes nothing."
        ),
    )


@strawberry.type(description="The answer of a mutation that has no result to show.")
class DonePayload:
    """A payload without a result."""

    done: bool = strawberry.field(default=False, description="Whether the request was carried out.")
    refusals: list[Refusal] = refusals_field()


@strawberry.type(description="The answer of a mutation that deletes something.")
class DeletedPayload(DonePayload):
    """A payload with the id of what no longer exists."""

    deleted_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=("The id of the deleted object, for caches. Null if the request was refused."),
    )
