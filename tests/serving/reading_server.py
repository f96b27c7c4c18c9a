"""Serves a small application over our protocol: ``python -m tests.serving.reading_server``."""

import asyncio
import gc
import json
import logging
import sys
from typing import Final

import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope

from transport.connections import ReadingBounds
from transport.edge import Application
from transport.headers import headers_of
from transport.protocol import protocol_of
from transport.responses import json_response
from transport.routes import Route

_LONG: Final = 8 * 1024 * 1024


async def _say(scope: Scope, receive: Receive) -> Response:
    """Say how much arrived, and by which headers, after as many seconds as are asked for."""
    headers = headers_of(scope)
    length = 0
    while True:
        message = await receive()
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await asyncio.sleep(float(headers.get(b"x-takes", b"0")))
    return json_response(
        {"length": length, "headers": {k.decode(): v.decode() for k, v in headers.items()}}
    )


async def _healthz(_scope: Scope, _receive: Receive) -> Response:
    return json_response({"status": "ok"})


async def _long(_scope: Scope, _receive: Receive) -> Response:
    return Response(b"x" * _LONG)


def main(port: str, bounds: str) -> None:
    """Serve until told to stop."""
    logging.basicConfig(level="INFO")
    gc.disable()  # a server's collector comes seldom, too; bodies must not wait for it
    app = Application(
        [
            Route("/graphql", _say, methods=None),
            Route("/healthz", _healthz),
            Route("/long", _long),
        ]
    )
    protocol = protocol_of(ReadingBounds(**json.loads(bounds)))
    uvicorn.run(app, port=int(port), access_log=False, http=protocol, loop="uvloop", lifespan="off")


if __name__ == "__main__":
    main(*sys.argv[1:])
