"""A bucket as S3 has them: objects in memory, behind addresses whose signatures are checked."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote

import uvicorn
from obstore.store import S3Store
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.ports import free_port

SECRET: Final = "secret-of-the-bucket"
REGION: Final = "x"


@dataclass
class Bucket:
    """The objects by path, and what was asked without the server's own credentials."""

    port: int
    objects: dict[str, bytes] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)

    @property
    def store(self) -> S3Store:
        return S3Store(
            "pictures",
            prefix="pre/fix",
            endpoint=f"http://127.0.0.1:{self.port}",
            region=REGION,
            access_key_id="key-of-the-bucket",
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if "X-Amz-Signature" in request.query_params:
            self.signed.append(f"{request.method} {request.url.path}")
            if request.query_params["X-Amz-Signature"] != signature_of(request):
                return Response(status_code=403)
        elif not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return Response(status_code=403)
        if request.method == "PUT":
            return self._put(request, await request.body())
        return self._get(request)

    def _put(self, request: Request, data: bytes) -> Response:
        path = request.url.path
        if path in self.objects and request.headers.get("if-none-match") == "*":
            return Response(status_code=412)
        self.objects[path] = data
        return Response(headers={"etag": '"x"'})

    def _get(self, request: Request) -> Response:
        data = self.objects.get(request.url.path)
        if data is None:
            return Response(status_code=404)
        headers = {"etag": '"x"', "last-modified": format_datetime(datetime.now(UTC), usegmt=True)}
        asked = request.headers.get("range")
        if asked is None:
            return Response(data, headers=headers)
        first, last = map(int, asked.removeprefix("bytes=").split("-"))
        headers["content-range"] = f"bytes {first}-{last}/{len(data)}"
        return Response(data[first : last + 1], status_code=206, headers=headers)


def signature_of(request: Request) -> str:
    """The signature that an address must have (AWS Signature Version 4, in the query)."""
    query = {name: value for name, value in request.query_params.items() if "Signature" not in name}
    query["X-Amz-SignedHeaders"] = request.query_params["X-Amz-SignedHeaders"]
    pairs = [f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query)]
    host = request.headers["host"]
    lines = [request.method, request.url.path, "&".join(pairs), f"host:{host}", "", "host"]
    canonical = "\n".join([*lines, "UNSIGNED-PAYLOAD"])
    at = query["X-Amz-Date"]
    scope = f"{at[:8]}/{REGION}/s3/aws4_request"
    text = "\n".join(
        ["AWS4-HMAC-SHA256", at, scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


@asynccontextmanager
async def bucket() -> AsyncIterator[Bucket]:
    served = Bucket(free_port())
    config = uvicorn.Config(served, port=served.port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    # It is not the main program, and leaves its signals alone.
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - it gives no event to wait for
            await asyncio.sleep(0.01)
        yield served
    finally:
        server.should_exit = True
        await task
