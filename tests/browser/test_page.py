"""Our pages in a browser: GraphiQL, and front ends of other origins."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from demo.people import LOGINS, PASSWORD, STOREFRONT_SECRET
from tests.faults.faketime import LIBRARIES, MISSING, WrongClock
from tests.ports import free_port
from tests.scripted import printed_by
from tests.serving.process import Command
from transport.pages import ASSETS

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
CASES = len(re.findall(r"^  async '", (HERE / "cases.mjs").read_text("utf-8"), re.MULTILINE))
FRONT_END_PORT = free_port()


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
async def demo(folder: Path) -> AsyncIterator[Command]:
    async with Command.start(
        *("demo", "--port", "PORT"),
        database_url=f"sqlite:///{folder / 'aftersales.db'}",
        data_dir=str(folder),
        allowed_origins=f"http://127.0.0.1:{FRONT_END_PORT}",
    ) as command:
        await command.ready()
        yield command


def address_of(command: Command) -> str:
    return f"http://127.0.0.1:{command.port}"


async def served(command: Command) -> str:
    """All that the page is made of."""
    paths = ("/graphiql", "/examples.json", *(f"/assets/{name}" for name in ASSETS))
    async with httpx2.AsyncClient(base_url=address_of(command)) as http:
        answers = [await http.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return "\n".join(answer.text for answer in answers)


async def test_only_the_demo_serves_its_accounts_even_where_both_have_one_database(
    demo: Command, folder: Path
) -> None:
    accounts = [PASSWORD, STOREFRONT_SECRET, *(login for login in LOGINS if "-" in login)]
    assert PASSWORD in await served(demo)
    url = f"sqlite:///{folder / 'aftersales.db'}"
    options = {"data_dir": str(folder), "sandbox": "true", "clock": "false"}
    async with Command.start("serve", "--port", "PORT", database_url=url, **options) as desk:
        await desk.ready()
        page = await served(desk)
    assert "MyQueue" in page
    assert [account for account in accounts if account in page] == []


async def test_the_page_keeps_no_secret_and_knows_who_is_signed_in(demo: Command) -> None:
    """Each case is a function of ``cases.mjs``; all of them share one browser."""
    results = await printed_by(HERE / "page.mjs", address_of(demo))
    assert len(results) == CASES > 0
    assert {case["name"]: case["faults"] for case in results if case["faults"]} == {}


async def test_a_page_of_an_allowed_origin_uses_all_of_the_api_and_another_nothing(
    demo: Command,
) -> None:
    results = await printed_by(HERE / "origins.mjs", address_of(demo), str(FRONT_END_PORT))
    assert results["allowed"] == {
        "sign in": True,
        "query": True,
        "read a refusal": "PAYLOAD_TOO_LARGE: 819199",
        "upload": 40,
        "upload past GraphQL": 40,
        "download": 40,
        "event stream": True,
        "WebSocket": True,
        "preflights": 2,  # one for each address, however often it is asked for
    }
    assert {outcome for name, outcome in results["another"].items() if name != "preflights"} == {
        "TypeError"
    }


async def test_one_person_stays_signed_in_in_two_tabs_for_an_hour(
    demo: Command, folder: Path
) -> None:
    if not LIBRARIES:
        pytest.skip(MISSING)
    clock = WrongClock(folder / "wall")
    clock.set(timedelta())
    url = f"sqlite:///{folder / 'aftersales.db'}"
    options = {"data_dir": str(folder), "sandbox": "true", "clock": "false"}
    options["allowed_origins"] = f"http://127.0.0.1:{FRONT_END_PORT}"
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # for this process alone, not the browser's
            for name, value in clock.environment.items():
                patch.setenv(name, value)
            serving = Command.start("serve", "--port", "PORT", database_url=url, **options)
            desk = await stack.enter_async_context(serving)
        await desk.ready()
        arguments = (str(FRONT_END_PORT), str(clock.file))
        results = await printed_by(HERE / "tabs.mjs", address_of(desk), *arguments)
    # Both tabs were loaded six more times at once, and waited six times.
    assert results == {"refreshes": [12, 12], "faults": []}
