"""Every argument of every root field, spoiled in every way: clear answers, and nothing changed."""

import json
from typing import Any

import httpx2
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList

from schema import ids
from schema.build import build
from tests.hostile.arguments import Place, Root, roots
from tests.hostile.conftest import Changes, Ground

pytestmark = pytest.mark.anyio

ROOTS = roots(build())
LOOSE = {"parentCode", "number", "orderNumber", "waybill", "phone", "customerName"}
"""Where anything may be asked for, and what is not there is simply not found."""

SURROGATE = "\ud800"
LONG = "x" * 10_000
WRONG_TYPES: list[Any] = [True, 1.5, {}, {"a": 1}, ["x"], [["x"]]]
BAD: dict[str, list[Any]] = {
    "String": [5, True, {"a": 1}, ["x"], "a\0b", "a\x1bb", SURROGATE, LONG],
    "ID": [1.5, {"a": 1}, ["x"], "", "x", "😀", "a\0b", SURROGATE, LONG, -1, 2**63],
    "Int": [
        *(one for one in WRONG_TYPES if one is not True),
        True,
        "1",
        "",
        2**31,
        -(2**31) - 1,
        2**63,
        2**64,
        10**30,
        1e300,
    ],
    "Float": [
        *(value for value in WRONG_TYPES if value != 1.5),
        "0.5",
        "",
        -0.5,
        1e300,
        10**400,
        float("inf"),
        float("nan"),
    ],
    "Boolean": [0, 1, "true", "", {}, []],
    "Money": [
        *WRONG_TYPES,
        5,
        -1,
        "",
        "-1",
        "x",
        "1e9",
        "1.001",
        "9" * 5000,
        "\0",
        "١",
        SURROGATE,
        "NaN",
        "Infinity",
    ],
    "DateTime": [
        *WRONG_TYPES,
        5,
        "",
        "now",
        "2026-11-23",
        "2026-11-23T00:00:00",
        "2026-11-23 00:00:00Z",
        "2026-11-23T00:00:00+25:00",
        "2026-11-23T00:00:60Z",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "99999-01-01T00:00:00Z",
        "٢٠٢٦-11-23T00:00:00Z",
        "2026-11-23T00:00:00Z\0",
        LONG,
        SURROGATE,
    ],
    "Upload": [*WRONG_TYPES, 5, "x", "data:image/png;base64,AAAA"],
}
ENUM = [*WRONG_TYPES, 5, "", "LOST", "__proto__", "\0", LONG, SURROGATE]
OBJECT = [5, "x", True, ["x"], [[]], {"__typename": "X"}, {"unknown": 1}, SURROGATE]
LIST: list[Any] = [{"unknown": 1}, [None], [[]], [{}], [[["x"]]], SURROGATE]
ODD = [
    "",
    " ",
    "a\r\nb\tc",
    "a\x85b",
    "👨‍👩‍👧‍👦😀",
    "\u202etxt.exe\ufeff",
    "'; DROP TABLE account; --",
    "{kind} {0} %s ${x} {{7*7}} <script>",
]
"""Text that is odd but no crime: accepted or refused, and never a bug."""


def bad_values(place: Place) -> list[Any]:
    kind = place.bare
    null = [] if place.nullable else [None]
    if isinstance(kind, GraphQLList):
        return null + LIST
    if isinstance(kind, GraphQLInputObjectType):
        return null + OBJECT
    if isinstance(kind, GraphQLEnumType):
        return null + ENUM
    return null + BAD[kind.name]


async def ask(ground: Ground, root: Root, variables: dict[str, Any]) -> httpx2.Response:
    # Not by the client's own encoder, which refuses what a hostile client would send.
    body = json.dumps({"query": root.document(), "variables": variables})
    token = root.asker(ground)
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    return await ground.client.http.post("/graphql", content=body.encode(), headers=headers)


def codes_of(response: httpx2.Response) -> set[str]:
    """Everything that stood against it; empty if it was done."""
    assert response.status_code in {200, 400}, response.text
    answer = response.json()
    if answer.get("errors"):
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        assert "INTERNAL" not in codes, answer
        assert not codes & {"UNAUTHENTICATED", "FORBIDDEN"}, answer
        return codes
    [payload] = answer["data"].values()
    if not isinstance(payload, dict):
        return set()
    found = {refusal["code"] for refusal in payload.get("refusals", [])}
    results = payload.get("results", [])
    if results and not any(result["done"] for result in results):
        found |= {refusal["code"] for result in results for refusal in result["refusals"]}
    return found


def test_every_root_field_is_attacked() -> None:
    named = {root.name for root in ROOTS}
    assert {"signIn", "submitApplication", "reviewServiceOrders", "node", "reasons"} <= named
    assert len(named) > 40


@pytest.mark.parametrize("root", ROOTS, ids=str)
async def test_good_arguments_are_understood(ground: Ground, root: Root) -> None:
    for arguments, _ in root.alternatives(ground):
        if root.name == "uploadEvidence":
            continue  # a file cannot be said in JSON
        answer = (await ask(ground, root, arguments)).json()
        assert "errors" not in answer, answer


@pytest.mark.parametrize("root", ROOTS, ids=str)
async def test_a_spoiled_argument_is_refused_and_changes_nothing(
    ground: Ground, root: Root, changes: Changes, runs_on: str
) -> None:
    spoiled: set[tuple[str | int, ...]] = set()
    for arguments, places in root.alternatives(ground):
        await changes.any()
        for place in places:
            if place.path in spoiled:
                continue
            spoiled.add(place.path)
            for value in bad_values(place):
                if runs_on != "sqlite" and not isinstance(value, str):
                    continue  # refused before any statement, as SQLite shows
                response = await ask(ground, root, place.spoil(arguments, value))
                codes = codes_of(response)
                assert codes or place.path[-1] in LOOSE, f"{place.path}: {value!r:.40}"
            # An export of what is not found is stored, and has no rows.
            stored = root.name == "exportServiceOrders" and place.path[-1] in LOOSE
            assert not await changes.any() or stored, place.path
    assert spoiled


@pytest.mark.parametrize("root", ROOTS, ids=str)
async def test_odd_text_is_no_bug(ground: Ground, root: Root, changes: Changes) -> None:
    for arguments, places in root.alternatives(ground):
        texts = [place for place in places if getattr(place.bare, "name", "") in {"String", "ID"}]
        for place in texts:
            for value in ODD:
                response = await ask(ground, root, place.spoil(arguments, value))
                codes = codes_of(response)
                changed = await changes.any()
                # The failures of signIn are counted.
                assert not (codes and changed) or root.name == "signIn", (place.path, value, codes)
        break


@pytest.mark.parametrize("root", ROOTS, ids=str)
async def test_the_id_of_something_else_or_of_somebody_else_reaches_nothing(
    ground: Ground, stranger: Ground, root: Root, changes: Changes
) -> None:
    foreign = stranger.objects()
    own = ground.objects()
    for arguments, places in root.alternatives(ground):
        for place in places:
            if getattr(place.bare, "name", "") != "ID":
                continue
            good: Any = arguments
            for key in place.path:
                good = good[key]
            kind = ids.decode(good).type_name
            values = [id_ for name, id_ in own.items() if name != kind]
            across = root.operation == "mutation" and root.asker(ground) == ground.platform.token
            values += [id_ for name, id_ in foreign.items() if not (across and name == kind)]
            await changes.any()
            for value in values:
                response = await ask(ground, root, place.spoil(arguments, value))
                codes = codes_of(response)
                if root.operation == "mutation":
                    expected = {"NOT_FOUND", "BAD_USER_INPUT", "INVALID_INPUT"}
                    if root.name == "beginSingleSignOn":  # a stranger begins at any merchant
                        expected |= {"NO_SINGLE_SIGN_ON"}
                    assert codes & expected, (place.path, value, codes)
                assert "另一家店铺" not in response.text
            assert not await changes.any(), place.path
