"""A row of a page and a review cost few calls: what is added to each of them shows in the race."""

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

ROOT: Final = Path(__file__).parents[2]
OPERATIONS: Final = ROOT / "bench" / "operations"
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
REVIEW: Final = (OPERATIONS / "review.graphql").read_text()
MOST_OF_A_REVIEW: Final = 760
"""The most calls of our own functions for a review."""


async def calls(client: Client, text: str, **variables: Any) -> Counter[str]:
    """The calls of functions that an answer takes in this thread, by the name of the function."""
    counted = Counter[str]()

    def count(frame: FrameType, event: str, called: Any) -> None:  # Any: a function in C
        if event == "call":
            counted[f"{frame.f_code.co_filename}:{frame.f_code.co_name}"] += 1
        elif event == "c_call":
            counted[called.__qualname__] += 1

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
    counted = []
    for rows in (FEW, MANY):
        page = PAGES[name].replace("first: 50", f"first: {rows}")
        await reviewer.ask(page, status=WAITING)  # the first answer makes the plan
        counted.append(await calls(reviewer, page, status=WAITING))
    few, many = counted
    each = (many.total() - few.total()) / (MANY - FEW)
    dearest = {called: (many[called] - few[called]) / (MANY - FEW) for called in many}
    assert each <= MOST[name], (each, Counter(dearest).most_common(12))


async def test_a_review_costs_few_calls(client: Client, given: World) -> None:
    shop = await given.merchant()
    *earlier, last = [order.id for order in await given.application(shop, 3)]
    reviewer = client.as_((await given.reviewer(shop)).token)
    for order in earlier:  # a document is kept once it has been asked twice
        await reviewer.ask(REVIEW, id=order)
    counted = await calls(reviewer, REVIEW, id=last)
    ours = Counter({called: n for called, n in counted.items() if _is_ours(called)})
    assert ours.total() <= MOST_OF_A_REVIEW, (ours.total(), ours.most_common(30))


def _is_ours(called: str) -> bool:
    """Whether a function of the server's own was called, by ``calls``' name of it."""
    path = Path(called.rpartition(":")[0])
    return path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] not in (".venv", "tests")
