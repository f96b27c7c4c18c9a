"""What several tests of faults ask for."""

from collections.abc import Callable

import pytest


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say something that is printed when all tests are over."""

    def told(what: str) -> None:
        record_property("told", what)

    return told
