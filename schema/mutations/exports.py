"""Mutations of exports."""

import strawberry

from domain.export_columns import ExportColumn
from domain.exports import ExportFormat
from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import at_most
from execution.sources import object_source
from resolvers.context import Context
from resolvers.exports.cancel import cancel_export
from resolvers.exports.start import ExportRequest, start_export
from schema import ids
from schema.export_filter import check_own, matching, stored_filter
from schema.fields import Info, mutation
from schema.idempotency import key_field, replayed_field
from schema.service_order_filter import ServiceOrderFilter
from schema.types.export import Export
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="The export to make.")
class ExportServiceOrdersInput:
    """An export."""

    filter: ServiceOrderFilter | None = strawberry.field(
        default=None,
        description=(
            "Export only matching orders. `overdue` and `dueWithin` are as of the request."
        ),
    )
    columns: list[ExportColumn] = strawberry.field(
        description="The columns of the file, in their order, each once."
    )
    format: ExportFormat = strawberry.field(description="The format of the file.")
    idempotency_key: str | None = key_field()

    def read(self, context: Context) -> ExportRequest:
        """Raises BadInput, or Refused for a filter with another merchant's id."""
        at_most(self.columns, "columns", most=len(ExportColumn))
        if not self.columns or len(set(self.columns)) < len(self.columns):
            text = Text("每列须且只能选一次", "Choose at least one column, and each once.")
            raise BadInput(("columns",), text)
        check_own(self.filter, context.merchant_id)
        stored = stored_filter(self.filter)
        return ExportRequest(
            columns=self.columns,
            format=self.format,
            stored_filter=stored,
            matching=matching(stored, context.merchant_id, context.now),
        )


@strawberry.input(description="The export to cancel.")
class CancelExportInput:
    """A cancellation."""

    id: strawberry.ID = strawberry.field(description="The id of the export.")


@strawberry.type(description="The export.")
class ExportPayload:
    """An export's payload."""

    export: Export | None = strawberry.field(
        default=None, description="The export. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type(description="The export.")
class ExportServiceOrdersPayload(ExportPayload):
    """The payload of an export that was requested."""

    replayed: bool = replayed_field()


@strawberry.type
class ExportMutations:
    """Mutations of exports."""

    @mutation(Permission.EXPORT)
    async def export_service_orders(
        self, info: Info, input: ExportServiceOrdersInput
    ) -> ExportServiceOrdersPayload:
        """导出服务单. Starts a job that writes the service orders to a file.

        Also requires `SERVICE_ORDER_READ`. The file has the orders applied for before the request,
        oldest first. Contacts are masked unless the viewer holds `CUSTOMER_CONTACT_READ` when the
        job starts. `export` and `exportChanged` return the progress and the address of the file.
        """
        key = await start_export(info.context, input.read(info.context))
        return ExportServiceOrdersPayload(export=object_source("Export", key))

    @mutation(Permission.EXPORT)
    async def cancel_export(self, info: Info, input: CancelExportInput) -> ExportPayload:
        """取消导出. Cancels a queued or running export. Its file is deleted."""
        id_ = ids.within(info.context.merchant_id, "Export", input.id, "id")
        return ExportPayload(export=object_source("Export", await cancel_export(info.context, id_)))
