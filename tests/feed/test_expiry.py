"""Streams when their token runs out."""

import asyncio
from datetime import timedelta

import pytest

from auth.tokens import ACCESS_WINDOW
from models.clock import ClockUnfit, TimeState
from parts import Parts
from tests.conftest import StoppedClock
from tests.feed.test_subscriptions import EVENTS, code_of
from tests.given import World
from tests.streams import Streams

pytestmark = pytest.mark.anyio


class UnfitClock(StoppedClock):
    def state(self) -> TimeState:
        return TimeState(unfit="the machine's clock is wrong")


@pytest.mark.parametrize("is_fit", [True, False], ids=["expired", "wrong clock"])
async def test_a_stream_ends_with_its_token_but_not_as_expired_by_a_wrong_clock(
    parts: Parts, given: World, streams: Streams, monkeypatch: pytest.MonkeyPatch, is_fit: bool
) -> None:
    shop = await given.merchant()
    later = StoppedClock()
    later.time = parts.wall.now() + 2 * ACCESS_WINDOW + timedelta(seconds=1)
    async with streams.open(shop.owner.token, EVENTS) as stream:
        (waiting,) = await streams.started(stream)
        if not is_fit:
            monkeypatch.setattr(parts.services.viewer_watch, "_clock", UnfitClock())
        monkeypatch.setattr(parts.authenticator, "wall", later)
        await asyncio.wait([waiting], timeout=2)
        error = waiting.exception()
    if is_fit:
        assert code_of(error) == "UNAUTHENTICATED"
    else:
        assert isinstance(error, ClockUnfit)
