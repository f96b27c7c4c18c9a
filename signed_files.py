"""The routes of stored files: pictures, uploads and exports, each at a signed address."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope

from database.connection_limiter import Overloaded
from domain.desk.evidence import PICTURE_BYTES_LIMIT
from resolvers.export_files import MEDIA_TYPES, ExportFiles
from resolvers.pictures import media_type
from resolvers.store_availability import StoreUnreachable
from resolvers.thumbnails import Shown, Thumbnails
from resolvers.uploads import Uploads
from transport.cached_file import file_response, is_unchanged, unchanged_response
from transport.errors import STORE_UNREACHABLE, UNAVAILABLE, HttpError, overloaded
from transport.request import read_body
from transport.request_limits import too_large
from transport.streamed import StreamedFile

_SANDBOX: Final = "default-src 'none'; sandbox"
"""The policy of a page that a browser could take a file for."""

_PICTURE_HEADERS: Final = {
    "Cache-Control": "private, max-age=3600, immutable",
    "Content-Security-Policy": _SANDBOX,
    "X-Content-Type-Options": "nosniff",
}
_BRIEFLY: Final = "private, max-age=60"
"""For a picture that stands in for its thumbnail."""

_EXPORT_NAME: Final = "服务单"
"""What the name of a downloaded export begins with."""


async def picture_response(thumbnails: Thumbnails, scope: Scope) -> Response:
    """A picture, or its thumbnail. Raises HttpError."""
    pictures = thumbnails.pictures
    merchant, file = scope["path_params"]["merchant"], scope["path_params"]["file"]
    query = QueryParams(scope["query_string"])
    name, _, suffix = file.partition(".")
    picture_type = media_type(suffix)
    expires = query.get("expires", "")
    signature = query.get("signature", "")
    if not (expires.isascii() and expires.isdigit()) or picture_type is None:
        raise HttpError(403, "The address of the picture is not valid")
    if not pictures.is_valid(f"{merchant}/{file}", expires=expires, signature=signature):
        raise HttpError(403, "The address of the picture has expired or was changed")
    # The bytes at an address never change: its name has their hash.
    etag = f'"{name}"'
    if is_unchanged(scope, etag):
        return unchanged_response(etag, _PICTURE_HEADERS)
    sha256, _, width = name.partition("-")
    with _store_errors():  # only signed addresses get here
        if width:
            shown = await thumbnails.fetch(int(merchant), sha256, int(width))
        else:
            data = await pictures.fetch(int(merchant), sha256)
            shown = None if data is None else Shown(data, picture_type, is_final=True)
    if shown is None:
        raise HttpError(404, "There is no such picture")
    headers = _PICTURE_HEADERS
    if not shown.is_final:
        etag, headers = f'"{sha256}"', headers | {"Cache-Control": _BRIEFLY}
    return file_response(scope, shown.data, etag=etag, media_type=shown.media_type, headers=headers)


async def upload_response(uploads: Uploads, scope: Scope, receive: Receive) -> Response:
    """Take a picture that is sent to an address of its own. Raises HttpError."""
    query, parameters = QueryParams(scope["query_string"]), scope["path_params"]
    file = f"{parameters['merchant']}/{parameters['name']}"
    expires, signature = query.get("expires", ""), query.get("signature", "")
    if not uploads.is_valid(file, expires=expires, signature=signature):
        raise HttpError(403, "The address of the upload has expired or was changed")
    data = await read_body(receive)
    if len(data) >= PICTURE_BYTES_LIMIT:
        raise too_large(PICTURE_BYTES_LIMIT - 1, has_files=True)
    with _store_errors():
        await uploads.put(file, data)
    return Response(status_code=204)


async def export_response(files: ExportFiles, scope: Scope, now: datetime) -> StreamedFile:
    """The file of an export, sent in pieces. Raises HttpError."""
    merchant, file = scope["path_params"]["merchant"], scope["path_params"]["file"]
    query = QueryParams(scope["query_string"])
    signature = query.get("signature", "")
    if not files.is_valid(
        merchant, file, expires=query.get("expires", ""), signature=signature, now=now
    ):
        raise HttpError(403, "The address of the export has expired or was changed")
    with _store_errors():
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
def _store_errors() -> Iterator[None]:
    """Word the exceptions of a store that cannot be used now."""
    try:
        yield
    except StoreUnreachable as error:
        headers = {"Retry-After": f"{error.retry_after.total_seconds():.0f}"}
        raise HttpError(503, STORE_UNREACHABLE, code=UNAVAILABLE, headers=headers) from error
    except Overloaded as error:
        raise overloaded() from error
