"""Instants in arguments: RFC 3339 with an offset, and nothing else that Python would read."""

from datetime import UTC, datetime

import pytest

from schema.scalars import read_instant
from tests.client import Client, Failed
from tests.given import World

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUERY = """query($before: DateTime!) {
  serviceOrders(filter: {applied: {to: $before}}) { totalCount } }"""


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T12:00:00Z",
        "2026-11-22t12:00:00z",
        "2026-11-22T20:00:00+08:00",
        "2026-11-22T20:00:00.000000000+08:00",
        "2026-11-22T12:00:00-00:00",
        "2026-11-23T11:59:00+23:59",
    ],
)
def test_an_instant_of_rfc_3339_is_read(value: str) -> None:
    assert read_instant(value) == NOON


FORBIDDEN = [
    "2026-11-22T20:00:00+08:60",
    "2026-11-22T20:00:00+08:99",
    "2026-11-22T20:00:00+24:00",
    "2026-11-22T20:00:00-99:00",
    "2026-11-22T20:00:00+0800",
    "2026-11-22T20:00:00+08",
    "2026-11-22T20:00:00+08:00:00",
    "2026-11-22T20:00:00",
    "2026-11-22T24:00:00Z",
    "2026-11-22T12:60:00Z",
    "2026-11-22T12:00:60Z",
    "2026-11-22T12:00Z",
    "2026-11-22T12:00:00,5Z",
    "2026-11-22T12:00:00.Z",
    "2026-11-22 12:00:00Z",
    "20261122T120000Z",
    "2026-W47-7T12:00:00Z",
    "2026-326T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-00-01T12:00:00Z",
    "0000-01-01T12:00:00Z",
    "0001-01-01T00:00:00+08:00",
    "9999-12-31T23:59:59-08:00",
    "+2026-11-22T12:00:00Z",
    "２０２６-11-22T12:00:00Z",
    "2026-11-22T12:00:00+٠٨:00",
    " 2026-11-22T12:00:00Z",
    "2026-11-22T12:00:00Z\n",
    "2026-11-22",
    "12:00:00Z",
    "",
    1_795_348_800,
    True,
    None,
]


@pytest.mark.parametrize("value", FORBIDDEN)
def test_what_rfc_3339_forbids_is_no_instant(value: object) -> None:
    with pytest.raises(ValueError, match="instant"):
        read_instant(value)


async def test_an_offset_that_cannot_be_is_bad_input(client: Client, given: World) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    for value in ("2026-11-22T20:00:00+08:60", "2026-11-22T24:00:00Z"):
        with pytest.raises(Failed) as failure:
            await owner.ask(QUERY, before=value)
        assert failure.value.code == "BAD_USER_INPUT"
