"""A planned query goes to the wire as the ordinary execution would have sent it, byte for byte."""

from typing import Any

import pytest
from graphql.execution import Executor
from starlette.applications import Starlette

from app import create_app
from schema.build import build
from schema.execution import WalkingExecutor
from schema.planned import Planning
from tests.client import Client
from tests.given import World
from tests.house.test_statements import QUERIES, Desk

pytestmark = pytest.mark.anyio

UNPLANNED = {"a plan", "the viewer"}
"""They hold objects that have to be fetched within values that have not."""


class Watched(WalkingExecutor):
    """The ordinary execution, which tells that it was asked."""

    asked = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Watched.asked += 1
        super().__init__(*args, **kwargs)


def served(given: World, executor: type[Executor[Any]], planning: Planning) -> Starlette:
    return create_app(given.parts, runs_clock=False, schema=build(executor), planning=planning)


async def test_both_executions_answer_the_same_bytes(given: World) -> None:
    async with (
        Client.of(served(given, Watched, Planning.KNOWN)) as planned,
        Client.of(served(given, WalkingExecutor, Planning.NONE)) as walking,
    ):
        desk = await Desk.open(given, planned)
        for _ in range(3):
            await desk.add_order()
        variables = desk.variables()
        left = set()
        for name, (who, text, _) in QUERIES.items():
            token = desk.as_(who).token
            wanted = {key: value for key, value in variables.items() if f"${key}" in text}
            body = {"query": text, "variables": wanted}
            for _ in range(2):  # only what comes again is planned
                await planned.as_(token).post(body)
            before = Watched.asked
            one = await planned.as_(token).post(body)
            if Watched.asked > before:
                left.add(name)
            other = await walking.as_(token).post(body)
            assert "errors" not in one.json(), name
            assert one.content == other.content, name
        assert left == UNPLANNED
