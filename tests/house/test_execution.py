"""Shaped rows go to the wire as the ordinary execution would have sent them, byte for byte."""

import pytest
from starlette.applications import Starlette

from app import create_app
from schema.build import build
from schema.execution import PlannedExecutor, WalkingExecutor
from tests.client import Client
from tests.given import World
from tests.house.test_statements import QUERIES, Desk

pytestmark = pytest.mark.anyio


def served(given: World, executor: type[PlannedExecutor | WalkingExecutor]) -> Starlette:
    return create_app(given.parts, runs_clock=False, schema=build(executor))


async def test_both_executions_answer_the_same_bytes(given: World) -> None:
    async with (
        Client.of(served(given, PlannedExecutor)) as planned,
        Client.of(served(given, WalkingExecutor)) as walking,
    ):
        desk = await Desk.open(given, planned)
        for _ in range(3):
            await desk.add_order()
        variables = desk.variables()
        for name, (who, text, _) in QUERIES.items():
            token = desk.as_(who).token
            wanted = {key: value for key, value in variables.items() if f"${key}" in text}
            body = {"query": text, "variables": wanted}
            one = await planned.as_(token).post(body)
            other = await walking.as_(token).post(body)
            assert "errors" not in one.json(), name
            assert one.content == other.content, name
