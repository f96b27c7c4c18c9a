"""Routes: which handler answers a request."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.datastructures import URL
from starlette.responses import RedirectResponse, Response
from starlette.routing import compile_path

from transport.errors import HttpError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send


class Streamed:
    """An answer that is sent in pieces: an event stream, a WebSocket or a long file."""

    status_code: int = 200

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Nothing is caught around this: the headers may have been sent."""
        raise NotImplementedError


Handler = Callable[["Scope", "Receive"], Awaitable["Response | Streamed"]]
"""Answers a request with a complete response: nothing is sent before all of it is there. What is
streamed can still be refused by a complete response."""

GET: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Route:
    """A path and its handler. A path may have parameters, as in Starlette: `/assets/{name}`."""

    path: str
    handler: Handler
    methods: frozenset[str] | None = GET
    """None for a handler that checks the method itself. A slash too many or too few at the end of
    the path is then a 404: a redirected POST may lose its body or its token."""


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_path: dict[str, Route] = {}
        self._patterns: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            pattern, _, parameters = compile_path(route.path)
            if parameters:
                self._patterns.append((pattern, route))
            else:
                self._by_path[route.path] = route

    def find(self, scope: Scope) -> Handler:
        """The handler of a request; path parameters are put into its scope.

        Raises:
            HttpError: 404 or 405.
        """
        path = scope["path"]
        # Not Starlette's router: it tries the regular expression of one route after the other.
        route = self._by_path.get(path)
        if route is None:
            route, scope["path_params"] = self._match(path)
        if route is None:
            if self._redirects(_other_slash(path)):
                return _redirect
            raise HttpError(404, "Not Found")
        if route.methods is not None and scope["method"] not in route.methods:
            allowed = {"Allow": ", ".join(sorted(route.methods))}
            raise HttpError(405, "Method Not Allowed", headers=allowed)
        return route.handler

    def _match(self, path: str) -> tuple[Route | None, dict[str, str]]:
        for pattern, route in self._patterns:
            if match := pattern.match(path):
                return route, match.groupdict()
        return None, {}

    def _redirects(self, path: str) -> bool:
        route = self._by_path.get(path) or self._match(path)[0]
        return route is not None and route.methods is not None


async def _redirect(scope: Scope, _receive: Receive) -> Response:
    """Redirect to the same path with, or without, a slash at the end."""
    return RedirectResponse(str(URL(scope={**scope, "path": _other_slash(scope["path"])})))


def _other_slash(path: str) -> str:
    return path.rstrip("/") if path.endswith("/") else f"{path}/"
