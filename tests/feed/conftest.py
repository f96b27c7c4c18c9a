"""A process that places events and streams them."""

from collections.abc import AsyncIterator

import pytest
from strawberry import Schema

from parts import Parts
from tests.streams import Streams, streaming


@pytest.fixture
async def streams(parts: Parts, schema: Schema) -> AsyncIterator[Streams]:
    async with streaming(parts, schema) as opened:
        yield opened
