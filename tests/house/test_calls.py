"""A row of a page costs few calls: a call more in each of fifty rows shows in the race."""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from tests.client import Client
from tests.given import World

WAITING: Final = "PENDING_REVIEW"
pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

OPERATIONS: Final = Path(__file__).parents[2] / "bench" / "operations"
PAGES: Final = {
    "queue": (OPERATIONS / "queue_page.graphql").read_text(),
    "nested": (OPERATIONS / "nested_page.graphql").read_text(),
    "clocks": """query($status: ServiceOrderStatus!) {
      serviceOrders(filter: { status: [$status] }, first: 50) {
        nodes { id clock { dueAt remaining } } } }""",
}
MOST: Final = {"queue": 12, "nested": 30, "clocks": 20}
"""The most calls for a row of each page."""
FEW, MANY = 10, 50


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


@pytest.mark.parametrize("name", PAGES)
async def test_a_row_costs_few_calls(client: Client, given: World, name: str) -> None:
    shop = await given.merchant()
    await given.application(shop, MANY)
    reviewer = client.as_((await given.reviewer(shop)).token)
    few, many = [
        await calls(reviewer, PAGES[name].replace("first: 50", f"first: {rows}"), status=WAITING)
        for rows in (FEW, MANY)
    ]
    each = (many.total() - few.total()) / (MANY - FEW)
    dearest = {called: (many[called] - few[called]) / (MANY - FEW) for called in many}
    assert each <= MOST[name], (each, Counter(dearest).most_common(12))
