"""The docs say the truth: every query of the tour runs, in order, and every example tab works."""

import json
import re
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import obstore.store
import pytest
from graphql import OperationType, parse, validate
from strawberry import Schema

from app import create_app
from auth.keys import Keys
from database.database import Database
from demo.create import create
from demo.people import PASSWORD, PAYMENTS_TOKEN, STOREFRONT_TOKEN
from demo.stand_up import catch_up
from execution.limits import operations_of
from jobs.sequencer import sequence
from jobs.timers import fire_timers
from models.clock import SandboxClock
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import SIGN_IN, Client
from tests.docs.finders import complete
from tests.docs.streaming import first_result
from tests.given import jpeg
from transport.pages import Example, examples

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "docs" / "tour.md"
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = examples(is_demo=True)
ANYTHING = "…"
COUNTED = ("qualityReport", "qualityScore", "qualityAlerts", "activity(", "dailySummary")
"""The fields whose answers jobs prepare."""
_BLOCK = re.compile(
    r"\*\*(?:As (?P<who>[^\n*]+)|Without signing in):\*\*\n+"
    r"```(?P<kind>graphql|bash)\n(?P<text>.*?)```\n+"
    r"(?:```json\n(?P<variables>.*?)```\n+)?```jsonc\n(?P<answer>.*?)```\n*"
    r"(?:\*\*Keep\*\* (?P<kept>.*?)\.\n)?",
    re.DOTALL,
)
_KEPT = re.compile(r"`(\w+)`\s+=\s+`([^`]+)`")


@dataclass(frozen=True)
class Step:
    """A block of the tour, as a reader sees it: who runs it, its answer, and what to keep of it."""

    name: str
    who: str | None
    text: str
    is_upload: bool
    variables: str
    answer: Any
    kept: dict[str, str]

    @property
    def error_codes(self) -> list[str]:
        """The codes of the errors, where these are shown instead of data."""
        errors = self.answer if isinstance(self.answer, list) else []
        return [error["extensions"]["code"] for error in errors]


def steps() -> Iterator[Step]:
    for block in _BLOCK.finditer(TOUR.read_text("utf-8")):
        name = re.search(r"(?:query|mutation|subscription) (\w+)", block["text"])
        yield Step(
            name=name[1] if name else block["text"],
            who=block["who"],
            text=block["text"],
            is_upload=block["kind"] == "bash",
            variables=block["variables"] or "{}",
            answer=json.loads(block["answer"]),
            kept=dict(_KEPT.findall(block["kept"] or "")),
        )


@dataclass
class Reader:
    """Somebody who follows the docs on a demo of their own."""

    client: Client
    stream: Callable[[str | None, str, dict[str, Any]], Awaitable[Any]]
    """Runs a subscription until its first result."""
    values: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def token(self, who: str | None) -> str | None:
        if who is None:
            return None
        if who == "the storefront":
            return STOREFRONT_TOKEN
        if who == "the payment service":
            return PAYMENTS_TOKEN
        if who == "the customer":
            return self.values["customer"]
        if who not in self.tokens:
            payload = await self.client.ask(SIGN_IN, login=who.strip("`"), password=PASSWORD)
            self.tokens[who] = payload["accessToken"]
        return self.tokens[who]

    async def follow(self, step: Step) -> Any:
        client = self.client.as_(await self.token(step.who))
        if step.is_upload:
            return await self._curl(step.text, client.token or "")
        variables = re.sub(r"<(\w+)>", lambda name: self.values[name[1]], step.variables)
        if step.text.startswith("subscription"):
            return await self.stream(client.token, step.text, json.loads(variables))
        body = {"query": step.text, "variables": json.loads(variables)}
        return (await client.post(body)).json()

    async def _curl(self, command: str, token: str) -> Any:
        """Send what the command would: its headers, its fields, and a photo for its file."""
        words = iter(shlex.split(command.replace("$TOKEN", token)))
        headers, data, files = {}, {}, {}
        for word in words:
            if word == "-H":
                name, value = next(words).split(": ", 1)
                headers[name] = value
            elif word == "-F":
                name, value = next(words).split("=", 1)
                if value.startswith("@"):
                    files[name] = (value[1:], jpeg())
                else:
                    data[name] = value
        http = self.client.http
        return (await http.post("/graphql", data=data, files=files, headers=headers)).json()


def at(answer: Any, path: str) -> Any:
    """The value at a path such as ``orders[0].id``, or its beginning: ``serverTime[:10]``."""
    path, _, length = path.partition("[:")
    for part in re.findall(r"\w+", path):
        answer = answer[int(part) if part.isdigit() else part]
    return answer[: int(length[:-1])] if length else answer


def check(shown: Any, answer: Any, where: str) -> None:
    """Assert that ``shown`` is part of ``answer``: fewer keys, or fewer items at the end."""
    if shown == ANYTHING:
        return
    if isinstance(shown, dict):
        assert isinstance(answer, dict), where
        for key, value in shown.items():
            check(value, answer[key], f"{where}.{key}")
    elif isinstance(shown, list) and shown:
        assert len(shown) <= len(answer), where
        for index, value in enumerate(shown):
            check(value, answer[index], f"{where}[{index}]")
    else:
        assert answer == shown, where


@asynccontextmanager
async def demo(database: Database, schema: Schema, folder: Path) -> AsyncIterator[Any]:
    keys, clock = Keys(b"k" * 32), SandboxClock()
    store = obstore.store.LocalStore(str(folder / "pictures"), mkdir=True)
    parts = Parts(database, keys, Pictures(store, keys), clock)
    await create(database, parts.pictures, clock.now(), lambda _done: None)
    await catch_up(database, clock.now())
    transport = httpx2.ASGITransport(create_app(parts, runs_clock=False, schema=schema))
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as http:
        yield Reader(Client(http), partial(first_result, parts, schema)), clock
    await parts.pictures.close()


async def test_every_query_of_the_tour_runs_and_answers_as_it_is_shown(
    database: Database, schema: Schema, tmp_path: Path
) -> None:
    text = TOUR.read_text("utf-8")
    tour = list(steps())
    assert len(tour) == text.count("```graphql") + text.count("```bash") > 0
    async with demo(database, schema, tmp_path) as (reader, clock):
        for step in tour:
            if any(field in step.text for field in COUNTED):
                await catch_up(database, clock.now())
            answer = await reader.follow(step)
            errors = answer.get("errors", [])
            codes = [error["extensions"]["code"] for error in errors]
            assert codes == step.error_codes, (step.name, errors)
            check(step.answer, errors or answer["data"], step.name)
            for name, path in step.kept.items():
                reader.values[name] = at(answer["data"], path)
            if "advanceClock" in step.text:
                assert clock.ahead >= timedelta(hours=48)
                await fire_timers(database, clock.now())
            await sequence(database, clock.now())


def test_the_tour_has_nothing_that_readers_do_not_see() -> None:
    assert "<!--" not in TOUR.read_text("utf-8")


def test_every_placeholder_of_the_tour_was_kept_by_an_earlier_step() -> None:
    names = set[str]()
    for step in steps():
        assert {*re.findall(r"<(\w+)>", step.variables)} <= names, step.name
        assert not names & step.kept.keys(), step.name
        names |= step.kept.keys()


def test_the_tabs_that_the_readme_names_are_those_of_the_page() -> None:
    """GraphiQL names a tab for the first operation in it."""
    operations = [next(operations_of(parse(example.query))) for example in EXAMPLES]
    names = [operation.name.value for operation in operations if operation.name]
    [sentence] = re.findall(r"tabs that work as they are: (.*?)\.", README, re.DOTALL)
    assert re.split(r",\s+|\s+and\s+", sentence) == names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    pictures = re.findall(r'<img [^>]*src="([^"]+)"', text)
    for link in [*re.findall(r"\]\((?!http)([^)]+)\)", text), *pictures]:
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if heading:
            assert heading in anchors(target), link


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_valid(schema: Schema, example: Example) -> None:
    assert validate(schema._schema, parse(example.query)) == []


async def test_every_example_works_on_a_fresh_demo_and_again_after_the_clock_was_moved(
    database: Database, schema: Schema, tmp_path: Path
) -> None:
    """In the order of the tabs, each operation of a tab in its order, as GraphiQL sends them."""
    async with demo(database, schema, tmp_path) as (reader, clock):
        client = reader.client
        for example in (*EXAMPLES, *EXAMPLES):
            variables = json.loads(example.variables or "{}")
            for operation in operations_of(parse(example.query)):
                assert operation.name is not None, example.name
                steps = example.finders.get(operation.name.value, [])
                completed = await complete(client, steps, variables)
                body = {
                    "query": example.query,
                    "variables": completed,
                    "operationName": operation.name.value,
                }
                if operation.operation is OperationType.SUBSCRIPTION:
                    await note_somewhere(client)
                    answer = await reader.stream(client.token, example.query, completed)
                else:
                    answer = (await client.post(body)).json()
                assert "errors" not in answer, (example.name, answer)
                if operation.name.value == "TwoDaysLater":
                    await fire_timers(database, clock.now())
                for payload in answer["data"].values():
                    if isinstance(payload, dict):
                        assert payload.get("refusals", []) == [], (body, payload)
                        for result in payload.get("results", []):
                            assert result["refusals"] == [], (body, payload)
                        client = client.as_(payload.get("accessToken") or client.token)


async def note_somewhere(client: Client) -> None:
    """Cause an event."""
    orders = await client.ask("{ serviceOrders(first: 1) { nodes { id } } }")
    assert await client.codes("addNote", id=orders["nodes"][0]["id"], text="备注") == []
