"""The merchants' console: the files that `npm run build` writes into `web/console/dist`.

The page is the same for every path of the console, which it routes itself. Its files are named by
their content, so that a browser keeps them for good; they were compressed when they were built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
from starlette.responses import RedirectResponse, Response

from transport.compression import accepts_brotli, accepts_gzip
from transport.errors import HttpError
from transport.headers import header
from transport.pages import WEB, policy_with_sockets
from transport.routes import Route

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope

CONSOLE: Final = WEB / "console"
DOCUMENTS: Final = CONSOLE / "dist" / "documents.json"
"""The trusted documents of the console; missing until it is built."""

_ASSET: Final = re.compile(r"assets/[\w-]+(?:\.[\w-]+)*\.(?:css|js|svg|woff2)", re.ASCII)
_UNNAMED: Final = frozenset({"icon.svg", "keeper.js"})
"""Files whose names do not change with their content."""
_MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# Scripts, styles and connections of this server alone; nothing inline. Pictures that a person adds
# are shown before they are sent (blob:).
_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'{sockets}; "
    "img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


def console_routes(console: Path = CONSOLE, *, is_demo: bool = False) -> list[Route]:
    """Return `/` and `/console...`. Only a demo tells the page the accounts of the demo."""
    files = _Files(console / "dist")
    missing = console / "missing.html"
    demo = orjson.loads((console / "demo.json").read_bytes()) if is_demo else None
    told = orjson.dumps({"demo": demo})

    async def answer(scope: Scope, _receive: Receive) -> Response:
        path = scope.get("path_params", {}).get("path", "")
        if path == "settings.json":
            return Response(told, headers=_uncached(scope), media_type="application/json")
        if path in _UNNAMED or path.startswith("assets/"):
            return _asset(files, path, scope)
        page = files.page()
        if page is None:
            if not missing.is_file():
                raise HttpError(503, "The console is not built", code="NOT_INSTALLED")
            return Response(missing.read_bytes(), 503, _uncached(scope), "text/html")
        return Response(page, headers=_uncached(scope), media_type="text/html")

    return [
        Route("/", _to_console),
        Route("/console", answer),
        Route("/console/{path:path}", answer),
    ]


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    content: bytes
    gzip: bytes | None
    brotli: bytes | None


class _Files:
    """Reads each file once; the page each time, so that a new build is served without a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}

    def page(self) -> bytes | None:
        """The page; None while the console is not built, or being built."""
        if not (self._folder / "documents.json").is_file():
            return None
        return _bytes(self._folder / "index.html")

    def find(self, path: str) -> _File | None:
        if path not in self._files:
            content = _bytes(self._folder / path)
            if content is None:
                return None
            self._files[path] = _File(
                _MEDIA_TYPES[path[path.rindex(".") :]],
                content,
                gzip=_bytes(self._folder / f"{path}.gz"),
                brotli=_bytes(self._folder / f"{path}.br"),
            )
        return self._files[path]


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _asset(files: _Files, path: str, scope: Scope) -> Response:
    is_asset = _ASSET.fullmatch(path) is not None
    file = files.find(path) if is_asset or path in _UNNAMED else None
    if file is None:
        raise HttpError(404, "There is no such file")
    headers = {
        **_HEADERS,
        "Cache-Control": _FOR_GOOD if is_asset else "no-cache",
        "Vary": "Accept-Encoding",
    }
    accept_encoding = header(scope, b"accept-encoding")
    content = file.content
    if file.brotli is not None and accepts_brotli(accept_encoding):
        headers["Content-Encoding"], content = "br", file.brotli
    elif file.gzip is not None and accepts_gzip(accept_encoding):
        headers["Content-Encoding"], content = "gzip", file.gzip
    return Response(content, headers=headers, media_type=file.media_type)


def _uncached(scope: Scope) -> dict[str, str]:
    policy = policy_with_sockets(_POLICY, scope)
    return {**_HEADERS, "Cache-Control": "no-store", "Content-Security-Policy": policy}


async def _to_console(scope: Scope, _receive: Receive) -> Response:
    """The console is the first thing that a visitor sees; `?lang=zh` goes along."""
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse("/console" + (f"?{query}" if query else ""))
