"""The endpoint conforms to GraphQL over HTTP, as far as the 61 audits of graphql-http can tell."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import npm

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
AUDITS = 61
STARTUP_SECONDS = 20
AUDIT_SECONDS = 60


def test_the_server_passes_all_audits() -> None:
    npm.require("graphql-http", HERE)
    with served("tests.http.real:app") as address:
        assert failed_audits(f"{address}/graphql") == []


@contextmanager
def served(application: str) -> Iterator[str]:
    """Serve an ASGI application, named as uvicorn names it, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Handing over the open socket leaves no moment in which another process takes the port.
        descriptor = listener.fileno()
        command = [sys.executable, "-m", "uvicorn", application, "--fd", str(descriptor)]
        port = listener.getsockname()[1]
        with subprocess.Popen(
            [*command, "--log-level", "critical"], cwd=ROOT, pass_fds=[descriptor]
        ) as server:
            try:
                _wait_until_answering(port)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


def failed_audits(url: str) -> list[dict[str, str]]:
    """Run every audit against an endpoint, and return those that are not `ok`."""
    command = ["node", "audits.mjs", url]
    ran = subprocess.run(
        command, cwd=HERE, check=True, timeout=AUDIT_SECONDS, stdout=subprocess.PIPE
    )
    results: list[dict[str, str]] = json.loads(ran.stdout)
    assert len(results) == AUDITS
    return [result for result in results if result["status"] != "ok"]


def _wait_until_answering(port: int) -> None:
    # The socket accepts from the start: only an answer says that the application is up.
    with socket.create_connection(("127.0.0.1", port), timeout=STARTUP_SECONDS) as probe:
        probe.sendall(b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert probe.recv(1), "the application does not answer"
