"""The configurations in `deploy/` put TLS in front of the server, with nginx and with Caddy."""

import asyncio
import contextlib
import os
import shutil
import signal
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.typing import Origin

from domain.desk.evidence import PICTURE_BYTES_LIMIT
from tests.ports import free_port
from tests.serving.process import PATIENCE_S
from tests.serving.reading import Served
from tests.subscriptions.client import Subscriber
from tests.subscriptions.serving import COUNT, FAKE
from transport.connections import ReadingBounds
from transport.request_limits import MAX_BODY_BYTES

pytestmark = pytest.mark.anyio

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
NAME: Final = "desk.example.com"
UPSTREAM: Final = "127.0.0.1:8000"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def certify(folder: Path) -> None:
    """Make a certificate for `localhost`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "desk.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "desk.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def replaced(text: str, **others: tuple[str, str]) -> str:
    """Replace what an operator replaces, and the ports; each must be there."""
    for before, after in others.values():
        assert before in text
        text = text.replace(before, after)
    return text


def nginx(folder: Path, port: int, upstream: int) -> tuple[list[str], list[str]]:
    """Its commands: one that checks the configuration, and one that runs."""
    config = replaced(
        (DEPLOY / "nginx.conf").read_text(),
        upstream=(UPSTREAM, f"127.0.0.1:{upstream}"),
        plain=("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        port=("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        certificate=(f"/etc/ssl/{NAME}.crt", f"{folder}/desk.crt"),
        key=(f"/etc/ssl/{NAME}.key", f"{folder}/desk.key"),
        name=(NAME, "localhost"),
    )
    (folder / "nginx.conf").write_text(config)
    where = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    run = f"daemon off; pid {folder}/nginx.pid;"
    return [*where, "-t", "-g", f"pid {folder}/nginx.pid;"], [*where, "-g", run]


def caddy(folder: Path, port: int, upstream: int) -> tuple[list[str], list[str]]:
    config = replaced(
        (DEPLOY / "Caddyfile").read_text(),
        upstream=(UPSTREAM, f"127.0.0.1:{upstream}"),
        own=("{\n\tservers {", "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers {"),
        name=(
            f"\n{{$DESK_ADDRESS:{NAME}}} {{",
            f"\nhttps://localhost:{port} {{\n\ttls {folder}/desk.crt {folder}/desk.key",
        ),
    )
    (folder / "Caddyfile").write_text(config)
    where = ["--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return ["caddy", "validate", *where], ["caddy", "run", *where]


PROXIES: Final = {"nginx": nginx, "caddy": caddy}


async def ran(command: list[str], folder: Path) -> asyncio.subprocess.Process:
    with (folder / "log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
            stderr=log,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )


@asynccontextmanager
async def proxied(
    name: str, folder: Path, serves: str = "tests.serving.reading_server"
) -> AsyncIterator[tuple[httpx2.AsyncClient, ssl.SSLContext]]:
    """A client that asks our server through a proxy, over TLS."""
    certify(folder)
    port = free_port()
    async with Served.start(ReadingBounds(connections_per_address=0), serves) as served:
        check, run = PROXIES[name](folder, port, served.port)
        checking = await ran(check, folder)
        assert await checking.wait() == 0, (folder / "log").read_text()
        proxy = await ran(run, folder)
        try:
            trusted = ssl.create_default_context(cafile=str(folder / "desk.crt"))
            url = f"https://localhost:{port}"
            async with httpx2.AsyncClient(base_url=url, verify=trusted, timeout=30) as client:
                await until_it_answers(client, proxy)
                yield client, trusted
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(proxy.pid, signal.SIGKILL)
            await proxy.wait()


async def until_it_answers(client: httpx2.AsyncClient, proxy: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            assert proxy.returncode is None
            with contextlib.suppress(httpx2.TransportError):
                await client.get("/healthz")
                return
            await asyncio.sleep(0.1)


def require(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")


@pytest.mark.parametrize("name", PROXIES)
async def test_a_proxy_puts_tls_in_front_of_the_server(name: str, tmp_path: Path) -> None:
    require(name)
    async with proxied(name, tmp_path) as (client, _):
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        said = {"content-type": "multipart/form-data; boundary=x", "x-forwarded-for": "192.0.2.1"}
        answer = await client.post("/graphql", content=b"x" * MAX_BODY_BYTES, headers=said)
        assert answer.status_code == 200
        assert answer.json()["length"] == MAX_BODY_BYTES
        assert answer.json()["headers"]["x-forwarded-for"] == "127.0.0.1"
        for length in (MAX_BODY_BYTES + 1, 6 * 1024 * 1024):  # the latter is a phone's photo
            too_long = await client.post("/graphql", content=b"x" * length, headers=said)
            assert too_long.status_code == 413
            extensions = too_long.json()["errors"][0]["extensions"]
            assert extensions["code"] == "PAYLOAD_TOO_LARGE"
            assert extensions["evidenceRules"]["maxBytes"] == PICTURE_BYTES_LIMIT - 1
        # The proxy keeps its connections to the server for less time than the server does.
        for _ in range(2):
            await asyncio.sleep(0.5)
            assert (await client.post("/graphql", content=b"{}")).status_code == 200


@pytest.mark.parametrize("name", PROXIES)
async def test_a_proxy_lets_each_event_of_a_subscription_through_at_once(
    name: str, tmp_path: Path
) -> None:
    require(name)
    variables = {"to": 3, "pause": 0.3}
    async with proxied(name, tmp_path, FAKE) as (client, trusted):
        port = client.base_url.port
        url = f"wss://localhost:{port}/graphql"
        origin = Origin("https://desk.example.com")  # the public address of the fake server
        async with Subscriber.connect(url, ssl=trusted, origin=origin) as subscriber:
            times = [time.monotonic() async for _ in subscriber.subscribe(COUNT, variables)]
        assert len(times) == 3
        assert times[-1] - times[0] > 0.3
        answered = client.stream(
            "POST",
            "/graphql",
            json={"query": COUNT, "variables": variables},
            headers={"accept": "text/event-stream"},
        )
        async with answered as answer:
            lines = [(time.monotonic(), line) async for line in answer.aiter_lines()]
        times = [at for at, line in lines if line == "event: next"]
        assert len(times) == 3
        assert times[-1] - times[0] > 0.3
