"""The route of exports: a file at its signed address, sent in pieces."""

from datetime import datetime
from typing import Final
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.types import Scope

from database.connection_limiter import Overloaded
from resolvers.export_files import MEDIA_TYPES, ExportFiles
from resolvers.store_availability import StoreUnreachable
from transport.errors import STORE_UNREACHABLE, UNAVAILABLE, HttpError, overloaded
from transport.streamed import StreamedFile

_NAME: Final = "服务单"
"""What the name of a downloaded file begins with."""


async def export_response(files: ExportFiles, scope: Scope, now: datetime) -> StreamedFile:
    """The file of an export. Raises HttpError."""
    merchant, file = scope["path_params"]["merchant"], scope["path_params"]["file"]
    query = QueryParams(scope["query_string"])
    signature = query.get("signature", "")
    if not files.is_valid(
        merchant, file, expires=query.get("expires", ""), signature=signature, now=now
    ):
        raise HttpError(403, "The address of the export has expired or was changed")
    try:
        size = await files.size(int(merchant), file)  # only signed addresses get here
    except StoreUnreachable as error:
        headers = {"Retry-After": f"{error.retry_after.total_seconds():.0f}"}
        raise HttpError(503, STORE_UNREACHABLE, code=UNAVAILABLE, headers=headers) from error
    except Overloaded as error:
        raise overloaded() from error
    if size is None:
        raise HttpError(404, "There is no such export")
    return StreamedFile(
        files.pieces(int(merchant), file, size),
        length=size,
        headers={
            "Content-Type": MEDIA_TYPES[file.rpartition(".")[2]],
            "Content-Disposition": (
                f'attachment; filename="service-orders-{file}"; '
                f"filename*=UTF-8''{quote(f'{_NAME}-{file}')}"
            ),
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
