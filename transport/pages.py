"""GraphiQL, served from our own files under a policy that lets the page load nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from transport.compression import GZIP, MIN_BYTES, SMALL, accepts_gzip, compressed
from transport.errors import HttpError
from transport.headers import header
from transport.routes import Handler, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope

WEB = Path(__file__).parent.parent / "web"

ASSETS = {
    "graphiql.min.css": "node_modules/graphiql/graphiql.min.css",
    "graphiql.min.js": "node_modules/graphiql/graphiql.min.js",
    "graphql-ws.js": "node_modules/graphql-ws/umd/graphql-ws.min.js",
    "react.js": "node_modules/react/umd/react.production.min.js",
    "react-dom.js": "node_modules/react-dom/umd/react-dom.production.min.js",
    "icon.svg": "icon.svg",
    "page.css": "graphiql.css",
    "page.js": "graphiql.js",
    "finders.js": "finders.js",
    "language.js": "language.js",
    "session.js": "session.js",
    "storage.js": "storage.js",
}
"""The files under `/assets/`. A table: to serve a folder would publish all that npm installs."""

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# The only inline style of GraphiQL 3.8.3: its dialogs stop the page from scrolling.
_DIALOG_STYLE = "'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='"
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'{sockets}; "
    f"style-src 'self' {_DIALOG_STYLE}; "
    "img-src 'self' data:; font-src 'self' data:; "  # GraphiQL's style sheet carries its fonts
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HOST = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)
_HEADERS = {
    "Cache-Control": "no-cache",  # revalidate by the ETag each time
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A tab that is open when GraphiQL starts."""

    name: str
    query: str
    variables: str | None
    finders: dict[str, list[dict[str, Any]]]
    """By operation, the requests that find variables that fit it: see `web/finders.js`."""


def graphiql_routes(web: Path = WEB, *, is_demo: bool = False) -> list[Route]:
    """Return `/graphiql`, `/assets/...` and `/examples.json`; only a demo serves its examples.

    Raises:
        ValueError: if the variables of an example are not a JSON object.
    """
    files = _Files(web)
    tabs = _file(orjson.dumps(examples(web, is_demo=is_demo)), "application/json")
    return [
        Route("/graphiql", _page(files)),
        Route("/assets/{name}", _assets(files)),
        Route("/examples.json", _always(tabs)),
    ]


def examples(web: Path = WEB, *, is_demo: bool = False) -> list[Example]:
    """Read the examples in the order of their numbers.

    An example is `NN-name.graphql`. Its optional variables are in `NN-name.json`, an optional
    remark to show above it in `NN-name.txt`, what finds variables that fit in `NN-name.find.json`.
    The demo's files in `examples/demo/` add to the others and replace those of the same name, its
    finders those of the same operation.
    """
    folders = [web / "examples", *([web / "examples" / "demo"] if is_demo else [])]
    files = {file.name: file for folder in folders for file in folder.glob("*.*")}
    return [
        Example(
            file.stem,
            _remark(files.get(f"{file.stem}.txt")) + file.read_text("utf-8"),
            _variables(files.get(f"{file.stem}.json")),
            _finders([folder / f"{file.stem}.find.json" for folder in folders]),
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
        is_object = isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        is_object = False
    if not is_object:
        raise ValueError(f"{file} must hold the variables of its example: a JSON object")
    return text


def _finders(files: Iterable[Path]) -> dict[str, list[dict[str, Any]]]:
    finders: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        if file.is_file():
            finders |= orjson.loads(file.read_bytes())
    return finders


@dataclass(slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str
    compressed: bytes | None = None

    async def gzipped(self) -> bytes:
        """The content, compressed once, at the first request, in a thread."""
        if self.compressed is None:
            self.compressed = await asyncio.to_thread(compressed, self.content, level=SMALL)
        return self.compressed


class _Files:
    """Reads each file once, at the first request that finds it: `make setup` may run later."""

    def __init__(self, web: Path) -> None:
        self._web = web
        self._files: dict[str, _File] = {}

    def find(self, path: str) -> _File | None:
        if path not in self._files:
            file = self._web / path
            if not file.is_file():
                return None
            self._files[path] = _file(file.read_bytes(), _MEDIA_TYPES[file.suffix])
        return self._files[path]

    @property
    def is_complete(self) -> bool:
        return all(self.find(path) for path in ASSETS.values())


def _headers(scope: Scope) -> dict[str, str]:
    """The headers of a file."""
    return _HEADERS | {"Content-Security-Policy": policy_with_sockets(_POLICY, scope)}


def policy_with_sockets(policy: str, scope: Scope) -> str:
    """A policy whose `{sockets}` are those of the server itself.

    Not every browser takes a WebSocket to the page's own server for one to `'self'`.
    """
    host = header(scope, b"host")
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return policy.format(sockets=sockets)


def _file(content: bytes, media_type: str) -> _File:
    return _File(content, media_type, hashlib.sha256(content).hexdigest()[:32])


def _page(files: _Files) -> Handler:
    async def answer(scope: Scope, _receive: Receive) -> Response:
        page = files.find("index.html") if files.is_complete else None
        if page:
            return await _file_response(page, scope)
        missing = files.find("missing.html")
        if missing:
            return Response(missing.content, 503, _headers(scope), missing.media_type)
        raise HttpError(503, "GraphiQL is not installed", code="NOT_INSTALLED")

    return answer


def _assets(files: _Files) -> Handler:
    async def answer(scope: Scope, _receive: Receive) -> Response:
        path = ASSETS.get(scope["path_params"]["name"])
        file = files.find(path) if path else None
        if file is None:
            raise HttpError(404, "There is no such file")
        return await _file_response(file, scope)

    return answer


def _always(file: _File) -> Handler:
    async def answer(scope: Scope, _receive: Receive) -> Response:
        return await _file_response(file, scope)

    return answer


async def _file_response(file: _File, scope: Scope) -> Response:
    is_gzipped = len(file.content) >= MIN_BYTES and accepts_gzip(header(scope, b"accept-encoding"))
    # The compressed file is another representation, and so has another ETag.
    etag = f'"{file.etag}-{GZIP}"' if is_gzipped else f'"{file.etag}"'
    headers = {**_headers(scope), "ETag": etag}
    if etag in header(scope, b"if-none-match"):
        return Response(status_code=304, headers=headers)
    if is_gzipped:
        headers["Content-Encoding"] = GZIP
        return Response(await file.gzipped(), headers=headers, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)
