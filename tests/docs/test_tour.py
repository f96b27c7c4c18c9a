"""The docs say the truth: every query of the tour runs, in order, and every example tab works."""

import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import obstore.store
import pytest
from graphql import parse, validate
from strawberry import Schema

from app import create_app
from auth.keys import Keys
from database.database import Database
from demo.create import create
from demo.people import PASSWORD, STOREFRONT_TOKEN
from execution.limits import operations_of
from jobs.auto_approval import approve_overdue
from models.clock import SandboxClock
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import SIGN_IN, Client
from tests.given import jpeg
from transport.pages import Example, examples

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "docs" / "tour.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = examples(is_demo=True)
ANYTHING = "…"
_BLOCK = re.compile(
    r"<!-- as: (?P<said>.*?) -->\n+```(?P<kind>graphql|bash)\n(?P<text>.*?)```\n+"
    r"(?:```json\n(?P<variables>.*?)```\n+)?```jsonc\n(?P<answer>.*?)```",
    re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    """A block of the tour: who runs it, what it is, and what is shown of the answer."""

    name: str
    who: str
    text: str
    is_upload: bool
    variables: str
    answer: Any
    expect: str | None
    then: str | None
    save: list[tuple[str, str]] = field(default_factory=list)


def steps() -> Iterator[Step]:
    for found in _BLOCK.finditer(TOUR.read_text("utf-8")):
        who, *rest = found["said"].split("; ")
        said = dict(one.split(": ", 1) for one in rest)
        saved = [one.split(" as ") for one in said.get("save", "").split(", ") if one]
        name = re.search(r"(?:query|mutation) (\w+)", found["text"])
        yield Step(
            name=name[1] if name else found["text"],
            who=who,
            text=found["text"],
            is_upload=found["kind"] == "bash",
            variables=found["variables"] or "{}",
            answer=json.loads(found["answer"]),
            expect=said.get("expect"),
            then=said.get("then"),
            save=[(path, name) for path, name in saved],
        )


@dataclass
class Reader:
    """Somebody who follows the docs on a demo of their own."""

    client: Client
    known: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def token(self, who: str) -> str | None:
        if who == "nobody":
            return None
        if who == "storefront":
            return STOREFRONT_TOKEN
        if who.startswith("<"):
            return self.known[who.strip("<>")]
        if who not in self.tokens:
            payload = await self.client.ask(SIGN_IN, login=who, password=PASSWORD)
            self.tokens[who] = payload["accessToken"]
        return self.tokens[who]

    async def follow(self, step: Step) -> Any:
        client = self.client.as_(await self.token(step.who))
        if step.is_upload:
            return await self._curl(step.text, client.token or "")
        variables = re.sub(r"<(\w+)>", lambda said: self.known[said[1]], step.variables)
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
    """The value at a path such as ``data.orders[0].id``."""
    for part in re.findall(r"\w+", path):
        answer = answer[int(part) if part.isdigit() else part]
    return answer


def check(shown: Any, found: Any, where: str) -> None:
    """Assert that ``shown`` is part of ``found``: fewer keys, or fewer items at the end."""
    if shown == ANYTHING:
        return
    if isinstance(shown, dict):
        assert isinstance(found, dict), where
        for key, value in shown.items():
            check(value, found[key], f"{where}.{key}")
    elif isinstance(shown, list) and shown:
        assert len(shown) <= len(found), where
        for place, value in enumerate(shown):
            check(value, found[place], f"{where}[{place}]")
    else:
        assert found == shown, where


@asynccontextmanager
async def demo(database: Database, schema: Schema, folder: Path) -> AsyncIterator[Any]:
    keys, clock = Keys(b"k" * 32), SandboxClock()
    store = obstore.store.LocalStore(str(folder / "pictures"), mkdir=True)
    parts = Parts(database, keys, Pictures(store, keys), clock)
    await create(database, parts.pictures, clock.now(), lambda _done: None)
    transport = httpx2.ASGITransport(create_app(parts, runs_clock=False, schema=schema))
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as http:
        yield Reader(Client(http)), clock
    await parts.pictures.close()


async def test_every_query_of_the_tour_runs_and_answers_as_it_is_shown(
    database: Database, schema: Schema, tmp_path: Path
) -> None:
    text = TOUR.read_text("utf-8")
    tour = list(steps())
    assert len(tour) == text.count("```graphql") + text.count("```bash") > 0
    async with demo(database, schema, tmp_path) as (reader, clock):
        for step in tour:
            answer = await reader.follow(step)
            errors = answer.get("errors", [])
            assert [one["extensions"]["code"] for one in errors] == (
                [step.expect] if step.expect else []
            ), (step.name, errors)
            check(step.answer, errors if step.expect else answer["data"], step.name)
            for path, name in step.save:
                reader.known[name] = at(answer, path)
            if step.then == "tick":
                assert clock.ahead >= timedelta(hours=48)
                await approve_overdue(database, clock.now())


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
    return {re.sub(r"[^\w\- ]", "", said.lower()).replace(" ", "-") for said in headings}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_an_example_is_valid(schema: Schema, example: Example) -> None:
    assert validate(schema._schema, parse(example.query)) == []


async def test_every_example_works_on_a_fresh_demo(
    database: Database, schema: Schema, tmp_path: Path
) -> None:
    """In the order of the tabs, each operation of a tab in its order, as GraphiQL sends them."""
    async with demo(database, schema, tmp_path) as (reader, _clock):
        client = reader.client
        for example in EXAMPLES:
            variables = json.loads(example.variables or "{}")
            for operation in operations_of(parse(example.query)):
                assert operation.name is not None, example.name
                body = {
                    "query": example.query,
                    "variables": variables,
                    "operationName": operation.name.value,
                }
                answer = (await client.post(body)).json()
                assert "errors" not in answer, (example.name, answer)
                for payload in answer["data"].values():
                    if isinstance(payload, dict):
                        assert payload.get("refusals", []) == [], example.name
                        client = client.as_(payload.get("accessToken") or client.token)
