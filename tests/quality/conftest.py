"""What several tests of service quality ask for."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from parts import Parts
from tests.quality.counting import counting


@pytest.fixture
def count(parts: Parts) -> Callable[[], Awaitable[None]]:
    """Bring all figures up to date, as the jobs do within a second or two."""
    return partial(counting, parts.database)
