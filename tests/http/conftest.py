"""Fixtures of the HTTP tests: they need the toy application and nothing of the product."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.http.toy import app


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app, headers={"accept-language": "en"}) as client:
        yield client
