"""Uploads, by the GraphQL multipart request specification: `operations`, `map`, then the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException

from transport.errors import HttpError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

MAX_UPLOADED_FILES: Final = 10
MAX_UPLOAD_PATHS: Final = 50


def parse_json(text: str | bytes, what: str) -> object:
    """Raises HttpError: 400, naming ``what`` is malformed."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:  # also for bad UTF-8 and for nesting that is too deep
        raise HttpError(400, f"{what} is not valid JSON") from error


async def read_form(request: Request) -> FormData:
    """Read the fields and the files. Raises HttpError: 400."""
    try:
        return await request.form(max_files=MAX_UPLOADED_FILES, max_fields=2)
    except MultiPartException as error:
        raise HttpError(400, f"The multipart body is malformed: {error.message}") from error
    except (ValueError, LookupError, AssertionError) as error:
        raise HttpError(400, "The multipart body is malformed") from error


def operations_of(form: FormData) -> object:
    """The field `operations`, with the files put where the field `map` says.

    Raises:
        HttpError: 400.
    """
    operations = parse_json(_text_field(form, "operations"), "`operations`")
    if isinstance(operations, list):
        return operations  # the caller refuses it, as any other batch
    files_to_paths = parse_json(_text_field(form, "map"), "`map`")
    if not isinstance(files_to_paths, dict):
        raise HttpError(400, "`map` must be an object")
    placements = list(_placements(files_to_paths))
    if len(placements) > MAX_UPLOAD_PATHS:
        raise HttpError(400, f"`map` names more than {MAX_UPLOAD_PATHS} places")
    for name, path in placements:
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise HttpError(400, f"`map` names the file `{name}`, which was not sent")
        _place(operations, path, file)
    return operations


def _text_field(form: FormData, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        raise HttpError(400, f"The multipart body has no field `{name}`")
    return value


def _placements(files_to_paths: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, paths in files_to_paths.items():
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise HttpError(400, "`map` must give a list of paths for each file")
        for path in paths:
            yield name, path


def _place(operations: object, path: str, file: UploadFile) -> None:
    """Put a file where its path points: in the variables, in place of a null."""
    first, *keys = path.split(".")
    holder: Any = operations  # JSON, any part of which the path may name
    try:
        for key in (first, *keys[:-1]):
            holder = holder[int(key) if isinstance(holder, list) else key]
        last = int(keys[-1]) if isinstance(holder, list) else keys[-1]
        if first != "variables" or holder[last] is not None:
            raise LookupError(path)  # noqa: TRY301 -- one message for every wrong path
        holder[last] = file
    except (LookupError, TypeError, ValueError) as error:
        message = f"`map` points to `{path}`, which is not a null in the variables"
        raise HttpError(400, message) from error
