"""The mutation with which connectors submit many applications by one request."""

from typing import Any

import strawberry

from domain.permissions import Permission
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from domain.words import at_most
from execution.sources import object_source
from resolvers.applications.submit_many import (
    MAX_APPLICATIONS,
    PATH,
    Entry,
    Result,
    invalid,
    refused,
    submit_many,
)
from resolvers.context import Context
from schema import ids
from schema.fields import Info, mutation
from schema.idempotency import hash_of, key_of
from schema.mutations.intake import SubmitApplicationInput
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal, present
from schema.types.service_order import Application

_SINGLE = "SubmitApplication"
"""The mutation in the hash: an application that was sent by itself is the same in a batch."""


@strawberry.input(description="An application of a batch.")
class BatchApplicationInput(SubmitApplicationInput):
    """An application, with a key."""

    idempotency_key: str = strawberry.field(
        description=(
            "A unique key for this application, as in `submitApplication`. It lets the batch be "
            "sent again, whole or in part: for 24 hours, an application that was accepted under "
            "the key is not submitted again."
        )
    )

    def entry(self, context: Context, index: int) -> Entry | Result:
        """The application, or its result if it is refused already."""
        try:
            named = ids.optional_merchant(self.merchant_id, "merchantId")
            submission = self.read(context.viewer.merchant_id or named)
            return Entry(
                key=key_of(self) or "",
                request_hash=hash_of(_SINGLE, self),
                merchant_id=named,
                submission=submission,
            )
        except BadInput as bad:
            return invalid(index, bad)
        except Refused as error:
            return refused(index, error.refusals)


@strawberry.input(description="Applications that are submitted together.")
class SubmitApplicationsInput:
    """A batch of applications."""

    applications: list[BatchApplicationInput] = strawberry.field(
        description=(
            f"The applications, 1 to {MAX_APPLICATIONS}, each with its own idempotency key. "
            "Applications for the same purchase are submitted in this order."
        )
    )

    def read(self, context: Context) -> list[Entry | Result]:
        """Raises BadInput for what concerns the whole batch."""
        at_most(self.applications, PATH, least=1, most=MAX_APPLICATIONS)
        keys: set[str] = set()
        for index, application in enumerate(self.applications):
            if application.idempotency_key in keys:
                message = Text("幂等键重复", "The key is that of another application.")
                raise BadInput((PATH, str(index), "idempotencyKey"), message)
            keys.add(application.idempotency_key)
        return [
            application.entry(context, index) for index, application in enumerate(self.applications)
        ]


@strawberry.type(description="The result for one application of a batch.")
class ApplicationResult:
    """The result for one application."""

    index: int = strawberry.field(
        description="The position of the application in `applications`, from 0."
    )
    application: Application | None = strawberry.field(
        description="The accepted application. Null if it was refused."
    )
    done: bool = strawberry.field(description="Whether the application was accepted.")
    replayed: bool = strawberry.field(
        description=(
            "Whether an earlier request with the same reference or `idempotencyKey` submitted it."
        )
    )
    refusals: list[Refusal] = strawberry.field(
        description=(
            "The reasons why the application was refused, with paths that begin with "
            "`applications` and the index. Empty if `done` is true."
        )
    )


@strawberry.type(description="The results of the applications.")
class SubmitApplicationsPayload:
    """The payload of a batch."""

    results: list[ApplicationResult] = strawberry.field(
        default_factory=list,
        description=(
            "The result for each application, in the order of `applications`. Empty if the whole "
            "batch was refused."
        ),
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class BulkIntakeMutations:
    """Mutations of connectors with many applications."""

    @mutation(Permission.APPLICATION_SUBMIT)
    async def submit_applications(
        self, info: Info, input: SubmitApplicationsInput
    ) -> SubmitApplicationsPayload:
        """批量提交申请. Submits many applications. The answer has a result for each.

        Each application is submitted by itself, as by `submitApplication`: a refusal does not
        affect the others. A value that is too long, malformed or out of range is `INVALID_INPUT` in
        the result of its application. Only a value of a wrong type, such as text for a number,
        makes the whole request an error. After a lost answer or a 503, send the request again.
        """
        results = await submit_many(info.context, input.read(info.context))
        return SubmitApplicationsPayload(
            results=[
                _presented(info.context, index, result) for index, result in enumerate(results)
            ]
        )


def _presented(context: Context, index: int, result: Result) -> Any:
    return ApplicationResult(
        index=index,
        application=None if result.key is None else object_source("Application", result.key),
        done=result.key is not None,
        replayed=result.replayed,
        refusals=present(result.refusals, context),
    )
