"""Serves GraphiQL from our own files, under a policy that lets the page reach nobody else."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response
from starlette.routing import Route

from transport.compression import GZIP, MIN_BYTES, SMALL, accepts_gzip, compressed
from transport.edge import HttpError, header, refusal_response

if TYPE_CHECKING:
    from starlette.requests import Request

WEB = Path(__file__).parent.parent / "web"

ASSETS = {
    "graphiql.min.css": "node_modules/graphiql/graphiql.min.css",
    "graphiql.min.js": "node_modules/graphiql/graphiql.min.js",
    "react.js": "node_modules/react/umd/react.production.min.js",
    "react-dom.js": "node_modules/react-dom/umd/react-dom.production.min.js",
    "icon.svg": "icon.svg",
    "page.css": "graphiql.css",
    "page.js": "graphiql.js",
    "session.js": "session.js",
    "storage.js": "storage.js",
}
"""What `/assets/` serves: a table, because a folder would publish whatever npm puts into it."""

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# The one style that GraphiQL 3.8.3 writes into the page: its dialogs stop the page from scrolling.
_DIALOG_STYLE = "'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='"
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; "
    f"style-src 'self' {_DIALOG_STYLE}; "
    "img-src 'self' data:; font-src 'self' data:; "  # GraphiQL's style sheet carries its fonts
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",  # ask each time whether the ETag still holds
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A tab that GraphiQL opens with."""

    name: str
    query: str
    variables: str | None


def graphiql_routes(web: Path = WEB, *, is_demo: bool = False) -> list[Route]:
    """Return `/`, `/assets/...` and `/examples.json`; only a demo serves the demo's examples.

    Raises:
        ValueError: if the variables of an example are not a JSON object.
    """
    shelf = _Shelf(web)
    tabs = _etagged(orjson.dumps(examples(web, is_demo=is_demo)), "application/json")
    return [
        Route("/", partial(_page, shelf), name="graphiql"),
        Route("/assets/{name}", partial(_asset, shelf), name="asset"),
        Route("/examples.json", partial(_respond, tabs), name="examples"),
    ]


def examples(web: Path = WEB, *, is_demo: bool = False) -> list[Example]:
    """Read the examples in the order of their numbers.

    An example is `NN-name.graphql`, with its variables in `NN-name.json` and a remark to put above
    it in `NN-name.txt`, if there are any. The demo's files in `examples/demo/` add to the others,
    and replace those of the same name.
    """
    folders = [web / "examples", *([web / "examples" / "demo"] if is_demo else [])]
    files = {file.name: file for folder in folders for file in folder.glob("*.*")}
    return [
        Example(
            file.stem,
            _remark(files.get(f"{file.stem}.txt")) + file.read_text("utf-8"),
            _variables(files.get(f"{file.stem}.json")),
        )
        for name, file in sorted(files.items())
        if name.endswith(".graphql")
    ]


def _remark(file: Path | None) -> str:
    if file is None:
        return ""
    lines = file.read_text("utf-8").splitlines()
    return "".join(f"# {line}\n" for line in lines) + "#\n"


def _variables(file: Path | None) -> str | None:
    if file is None:
        return None
    text = file.read_text("utf-8")
    try:
        readable = isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        readable = False
    if not readable:
        raise ValueError(f"{file} must hold the variables of its example: a JSON object")
    return text


@dataclass(slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str
    compressed: bytes | None = None

    async def gzipped(self) -> bytes:
        """The content compressed: once, when it is first asked for, and off the loop."""
        if self.compressed is None:
            self.compressed = await asyncio.to_thread(compressed, self.content, level=SMALL)
        return self.compressed


class _Shelf:
    """Reads each file once, when it is first asked for and there: `make setup` may come later."""

    def __init__(self, web: Path) -> None:
        self._web = web
        self._files: dict[str, _File] = {}

    def find(self, path: str) -> _File | None:
        if path not in self._files:
            file = self._web / path
            if not file.is_file():
                return None
            self._files[path] = _etagged(file.read_bytes(), _MEDIA_TYPES[file.suffix])
        return self._files[path]

    @property
    def complete(self) -> bool:
        return all(self.find(path) for path in ASSETS.values())


def _etagged(content: bytes, media_type: str) -> _File:
    return _File(content, media_type, hashlib.sha256(content).hexdigest()[:32])


async def _page(shelf: _Shelf, request: Request) -> Response:
    page = shelf.find("index.html") if shelf.complete else None
    if page:
        return await _respond(page, request)
    missing = shelf.find("missing.html")
    if missing:
        return Response(missing.content, 503, _HEADERS, missing.media_type)
    return refusal_response(HttpError(503, "GraphiQL is not installed", code="NOT_INSTALLED"))


async def _asset(shelf: _Shelf, request: Request) -> Response:
    path = ASSETS.get(request.path_params["name"])
    file = shelf.find(path) if path else None
    return await _respond(file, request) if file else _not_found()


async def _respond(file: _File, request: Request) -> Response:
    coded = len(file.content) >= MIN_BYTES and accepts_gzip(
        header(request.scope, b"accept-encoding")
    )
    # Each coding is an answer of its own, and so has a tag of its own.
    tag = f'"{file.etag}-{GZIP}"' if coded else f'"{file.etag}"'
    headers = {**_HEADERS, "ETag": tag}
    if tag in header(request.scope, b"if-none-match"):
        return Response(status_code=304, headers=headers)
    if coded:
        headers["Content-Encoding"] = GZIP
        return Response(await file.gzipped(), headers=headers, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)


def _not_found() -> Response:
    return refusal_response(HttpError(404, "There is no such file"))
