"""A shop with webhooks on this machine."""

from dataclasses import replace

import pytest

from outgoing.policy import Policy
from parts import Parts


@pytest.fixture
def open_parts(parts: Parts) -> Parts:
    """Parts that may send to this machine."""
    return replace(parts, outgoing_policy=Policy(inside=True))
