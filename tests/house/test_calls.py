"""A row of a page costs few calls: a call more in each of fifty rows shows in the race."""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from tests.client import Client
from tests.given import World

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

OPERATIONS: Final = Path(__file__).parents[2] / "bench" / "operations"
CLOCKS: Final = "{ serviceOrders(first: 50) { nodes { id clock { dueAt remaining } } } }"
FEW, MANY = 10, 50


def page(name: str, rows: int) -> str:
    """A page of the race, of so many rows."""
    text = (OPERATIONS / f"{name}.graphql").read_text()
    return text.replace("first: 50", f"first: {rows}")


async def calls(client: Client, text: str, **variables: Any) -> Counter[str]:
    """The calls of functions that an answer takes in this thread, by the name of the function."""
    counted = Counter[str]()

    def count(frame: FrameType, event: str, called: Any) -> None:  # Any: a function in C
        if event == "call":
            counted[f"{frame.f_code.co_filename}:{frame.f_code.co_name}"] += 1
        elif event == "c_call":
            counted[called.__qualname__] += 1

    await client.ask(text, **variables)
    sys.setprofile(count)
    try:
        await client.ask(text, **variables)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(
    ("name", "most"), [("queue_page", 12), ("nested_page", 30), ("clocks", 20)]
)
async def test_a_row_costs_few_calls(client: Client, given: World, name: str, most: int) -> None:
    shop = await given.merchant()
    await given.application(shop, MANY)
    reviewer = client.as_((await given.reviewer(shop)).token)
    counts = []
    for rows in (FEW, MANY):
        if name == "clocks":
            counts.append(await calls(reviewer, CLOCKS.replace("50", str(rows))))
        else:
            counts.append(await calls(reviewer, page(name, rows), status="PENDING_REVIEW"))
    few, many = counts
    each = (many.total() - few.total()) / (MANY - FEW)
    dearest = {called: (many[called] - few[called]) / (MANY - FEW) for called in many}
    assert each <= most, (each, Counter(dearest).most_common(12))
