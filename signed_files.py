"""The routes of stored files: pictures and exports, each at a signed address."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import Scope

from database.connection_limiter import Overloaded
from resolvers.export_files import MEDIA_TYPES, ExportFiles
from resolvers.pictures import Pictures, media_type
from resolvers.store_availability import StoreUnreachable
from transport.errors import STORE_UNREACHABLE, UNAVAILABLE, HttpError, overloaded
from transport.streamed import StreamedFile

_SANDBOX: Final = "default-src 'none'; sandbox"
"""The policy of a page that a browser could take a file for."""

_EXPORT_NAME: Final = "服务单"
"""What the name of a downloaded export begins with."""


async def picture_response(pictures: Pictures, scope: Scope) -> Response:
    """A picture. Raises HttpError."""
    merchant, file = scope["path_params"]["merchant"], scope["path_params"]["file"]
    query = QueryParams(scope["query_string"])
    sha256, _, suffix = file.partition(".")
    picture_type = media_type(suffix)
    expires = query.get("expires", "")
    signature = query.get("signature", "")
    if not (expires.isascii() and expires.isdigit()) or picture_type is None:
        raise HttpError(403, "The address of the picture is not valid")
    if not pictures.is_valid(f"{merchant}/{file}", expires=expires, signature=signature):
        raise HttpError(403, "The address of the picture has expired or was changed")
    with _reading():
        data = await pictures.fetch(int(merchant), sha256)  # only signed addresses get here
    if data is None:
        raise HttpError(404, "There is no such picture")
    headers = {
        "Cache-Control": "private, max-age=300, immutable",
        "Content-Security-Policy": _SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=picture_type, headers=headers)


async def export_response(files: ExportFiles, scope: Scope, now: datetime) -> StreamedFile:
    """The file of an export, sent in pieces. Raises HttpError."""
    merchant, file = scope["path_params"]["merchant"], scope["path_params"]["file"]
    query = QueryParams(scope["query_string"])
    signature = query.get("signature", "")
    if not files.is_valid(
        merchant, file, expires=query.get("expires", ""), signature=signature, now=now
    ):
        raise HttpError(403, "The address of the export has expired or was changed")
    with _reading():
        size = await files.size(int(merchant), file)  # only signed addresses get here
    if size is None:
        raise HttpError(404, "There is no such export")
    return StreamedFile(
        files.pieces(int(merchant), file, size),
        length=size,
        headers={
            "Content-Type": MEDIA_TYPES[file.rpartition(".")[2]],
            "Content-Disposition": (
                f'attachment; filename="service-orders-{file}"; '
                f"filename*=UTF-8''{quote(f'{_EXPORT_NAME}-{file}')}"
            ),
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": _SANDBOX,
        },
    )


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Word the exceptions of a store that cannot be read now."""
    try:
        yield
    except StoreUnreachable as error:
        headers = {"Retry-After": f"{error.retry_after.total_seconds():.0f}"}
        raise HttpError(503, STORE_UNREACHABLE, code=UNAVAILABLE, headers=headers) from error
    except Overloaded as error:
        raise overloaded() from error
