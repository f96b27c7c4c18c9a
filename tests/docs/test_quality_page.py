"""docs/quality.md lists every figure, and its worked example comes out as the page says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from graphql import parse, validate
from strawberry import Schema

from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from domain.quality.cases import CaseKind, Mark
from domain.quality.metrics import DEFINITIONS, Definition, Measure, Metric, Unit
from jobs.quality.snapshots import make_due
from jobs.timers import fire_timers
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, World
from tests.quality.counting import counting
from tests.steps import WAYS

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "quality.md").read_text("utf-8")
ACTIONS = {kind: action for action, kind in EVENTS.items()}
ZONE = ZoneInfo("Asia/Shanghai")
UNITS = {Unit.PART: "rate", Unit.HOURS: "hours", Unit.POINTS: "points", Unit.CASES: "number"}
MEASURES = {Measure.MEAN: "mean", Measure.P50: "median", Measure.P90: "90th percentile"}
REPORT = """{ qualityReport(period: {month: "2026-06"}, first: 100) { isCurrent timeZone
  figures { metric numerator denominator total value } } }"""
SCORE = """{ qualityScore(month: "2026-06") { score isFinal plan { version }
  explains { metric value denominator target floor weight minimum score adds } } }"""
DONE = """{ activity(period: {month: "2026-06"}) { done { kind cases onTime } } }"""
_EVENT = re.compile(r"`(\w+)` (\d+) (\d\d):(\d\d)(?: (\w+))?(?: \((\d) points\))?")


@dataclass(frozen=True)
class Told:
    """An event of the page's example."""

    at: datetime
    order: str
    kind: EventKind
    by: str
    points: int | None


def rows(section: str) -> Iterator[list[str]]:
    """The cells of each row of the tables in a section, headings left out."""
    [text] = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    for line in re.findall(r"^\| (.*) \|$", text, re.MULTILINE):
        yield line.split(" | ")


def story() -> list[Told]:
    """What happens in the example, in the order of time."""
    return sorted(
        (
            Told(
                datetime(2026, 6, int(day), int(hour), int(minute), tzinfo=ZONE),
                order,
                EventKind(kind),
                by,
                int(points) if points else None,
            )
            for order, *cells in rows("A worked example")
            if re.fullmatch("[A-Z]", order)
            for kind, day, hour, minute, by, points in _EVENT.findall(cells[0])
        ),
        key=lambda event: event.at,
    )


def figure_rows() -> Iterator[str]:
    """The table of all figures, as the page has to show it."""
    yield "| figure | what it is | cases | numerator | value |"
    yield "|---|---|---|---|---|"
    for metric, definition in DEFINITIONS.items():
        name, text = definition.name, definition.text
        what = f"{name.zh}: {text.zh}.<br>{name.en}: {text.en[0].lower()}{text.en[1:]}."
        numerator = marked(definition.counts) or "–"
        yield f"| `{metric}` | {what} | {cases(definition)} | {numerator} | {value(definition)} |"


def cases(definition: Definition) -> str:
    kinds = ", ".join(f"`{kind}`" for kind in definition.kinds)
    return f"{kinds} with {marked(definition.of)}" if definition.of else kinds


def marked(marks: Mark) -> str:
    return ", ".join(f"`{mark.name}`" for mark in marks)


def value(definition: Definition) -> str:
    unit = UNITS[definition.unit]
    measure = MEASURES.get(definition.measure)
    return unit if measure is None else f"{unit}, {measure}"


def test_the_page_defines_every_figure_as_the_code_does() -> None:
    table = list(rows("The figures"))
    assert table == [line[2:-2].split(" | ") for line in figure_rows() if not line.startswith("|-")]


@pytest.mark.parametrize("query", re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL))
def test_the_queries_of_the_page_are_valid(schema: Schema, query: str) -> None:
    assert validate(schema._schema, parse(query)) == []


def test_the_page_explains_every_kind_of_case() -> None:
    named = [re.findall(r"`(\w+)`", cells[0]) for cells in rows("Cases")]
    assert [kind for [kind] in filter(None, named)] == [*CaseKind]


def test_the_example_has_a_case_of_each_kind_of_figure() -> None:
    assert [cells[0] for cells in results()] == [f"`{metric}`" for metric in Metric]


def results() -> list[list[str]]:
    return [cells for cells in rows("A worked example") if len(cells) == 4 and "`" in cells[0]]


def number(cell: str) -> float | None:
    """The number that a cell begins with; None if it begins with a word."""
    found = re.match(r"[\d.]+", cell)
    return float(found[0]) if found else None


@dataclass
class Desk:
    """The people of the example."""

    given: World
    clock: StoppedClock
    people: dict[str, Client]

    async def follow(self, event: Told, order: OrderRef) -> None:
        """Let the event happen at its time."""
        self.clock.time = event.at
        action = ACTIONS[event.kind]
        if event.by == "system":
            assert LIFECYCLE[action].system
            await fire_timers(self.given.parts.database, event.at)
        else:
            way = WAYS[action]
            stars = {} if event.points is None else {"satisfaction": event.points}
            codes = await way.codes(self.people[event.by], order.id, {}, **stars)
            assert codes == [], event
        assert event.kind in await self.given.kinds(order), event


def criteria() -> list[dict[str, object]]:
    """The evaluation plan of the page."""
    return [
        {
            "metric": cells[0].strip("`"),
            "target": number(target),
            "floor": number(floor),
            "weight": number(weight),
            "minimum": int(minimum),
        }
        for *cells, target, floor, weight, minimum, _score, _adds in scores()
    ]


def scores() -> list[list[str]]:
    return [cells for cells in rows("Scores") if cells[0].startswith("`")]


async def check_score(owner: Client, *, final: bool) -> None:
    """Assert that the merchant has the score of the page."""
    answer = await owner.ask(SCORE)
    assert (answer["isFinal"], answer["plan"]["version"]) == (final, 1)
    shown = re.findall(r"The score is\s+(.*?) = \*\*(.*?)\*\*", PAGE)
    assert [total for _, total in shown] == [str(answer["score"])]
    assert [float(part) for part in shown[0][0].split(" + ")] == [
        line["adds"] for line in answer["explains"] if line["adds"] is not None
    ]
    for cells, line in zip(scores(), answer["explains"], strict=True):
        assert cells[0] == f"`{line['metric']}`"
        value = round(line["value"], 3)
        facts = ("denominator", "target", "floor", "weight", "minimum", "score", "adds")
        assert [number(cell) for cell in cells[1:]] == [value, *(line[fact] for fact in facts)]


async def done_by(person: Client) -> dict[str, tuple[int, int]]:
    """The work of an employee in June, and how much of it was on time."""
    done = (await person.ask(DONE))["done"]
    work = {line["kind"]: (line["cases"], line["onTime"]) for line in done}
    return {kind: work[kind] for kind in ("REVIEW", "RECEIPT", "PROCESSING")}


async def test_the_example_comes_out_as_the_page_says(
    client: Client, given: World, clock: StoppedClock
) -> None:
    events = story()
    clock.time = events[0].at
    shop = await given.merchant()
    wang = await given.reviewer(shop, "Wang")
    li = await given.employee(shop, Permission.RECEIVE, name="Li", roles=["处理组"])
    desk = Desk(
        given,
        clock,
        {
            "Wang": client.as_(wang.token),
            "Li": client.as_(li.token),
            "customer": client.as_((await given.customer(shop)).token),
            "platform": client.as_((await given.platform()).token),
        },
    )
    holiday = {"startAt": "2026-06-04T00:00:00+08:00", "endAt": "2026-06-05T00:00:00+08:00"}
    assert await desk.people["platform"].codes("declarePauseWindow", name="假日", **holiday) == []
    orders: dict[str, OrderRef] = {}
    for event in events:
        if event.kind is EventKind.SUBMITTED:
            clock.time = event.at
            orders[event.order] = await given.order(shop)
        else:
            await desk.follow(event, orders[event.order])
    await counting(given.parts.database)
    report = await client.as_(shop.owner.token).ask(REPORT)
    assert report["isCurrent"]
    assert report["timeZone"] == ZONE.key
    for cells, figure in zip(results(), report["figures"], strict=True):
        _, counted, considered, shown = cells
        numerator = figure["total"] if figure["numerator"] is None else figure["numerator"]
        assert number(counted) == numerator, figure
        assert number(considered) == figure["denominator"], figure
        assert number(shown) == round(figure["value"], 3), figure
    platform, owner = desk.people["platform"], client.as_(shop.owner.token)
    await platform.do("publishEvaluationPlan", plan={"criteria": criteria()}, expectedVersion=0)
    await check_score(owner, final=False)
    july = datetime(2026, 7, 4, tzinfo=ZONE)
    assert await make_due(given.parts.database, july - timedelta(seconds=1)) == 0
    assert await make_due(given.parts.database, july) == 1
    await check_score(owner, final=True)
    assert await done_by(desk.people["Wang"]) == {
        "REVIEW": (7, 7),
        "RECEIPT": (0, 0),
        "PROCESSING": (0, 0),
    }
    assert await done_by(desk.people["Li"]) == {
        "REVIEW": (0, 0),
        "RECEIPT": (4, 4),
        "PROCESSING": (4, 3),
    }
