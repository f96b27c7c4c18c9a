"""The scalars of the API, stricter than the built-in ones of Strawberry."""

import re
from datetime import UTC, datetime
from typing import NewType

import strawberry
from starlette.datastructures import UploadFile
from strawberry.types.scalar import ScalarDefinition

from domain.money import fen, yuan

# Python also reads what RFC 3339 forbids: the offset +08:60, the hour 24, digits of other scripts.
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
    r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def read_instant(value: object) -> datetime:
    """Raises ValueError for anything but RFC 3339 with an offset."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        message = "An instant is RFC 3339 with an offset, such as 2026-11-22T08:00:00+08:00."
        raise ValueError(message)
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = "There is no such instant."
        raise ValueError(message) from error


def write_instant(value: datetime | str) -> str:
    """Format an instant. The projection reads some as text, already formatted."""
    return value if isinstance(value, str) else value.isoformat()


Instant = strawberry.scalar(
    name="DateTime",
    description=(
        "A point in time in RFC 3339 format, such as `2026-11-22T08:00:00+08:00`. Output is in "
        "UTC. Input must have an offset."
    ),
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=write_instant,
    parse_value=read_instant,
)

Money = NewType("Money", str)
"""An amount in the API's format. Internally, amounts are whole fen."""


def read_money(value: object) -> int:
    """The amount in fen. Raises ValueError."""
    if not isinstance(value, str):
        message = "An amount must be a string: floating-point numbers would be rounded."
        raise ValueError(message)  # noqa: TRY004 - graphql-core takes a ValueError for bad input
    return fen(value)


def write_money(value: object) -> str:
    return yuan(value) if isinstance(value, int) else str(value)


MoneyScalar = strawberry.scalar(
    name="Money",
    description='An amount in yuan, as a decimal string with two decimals, such as "12.30".',
    serialize=write_money,
    parse_value=read_money,
)


def read_upload(value: object) -> UploadFile:
    """Raises ValueError for anything but a file of a multipart request."""
    if not isinstance(value, UploadFile):
        message = "Send the file by the GraphQL multipart request specification."
        raise ValueError(message)  # noqa: TRY004 - graphql-core takes a ValueError for bad input
    return value


Upload = strawberry.scalar(
    name="Upload",
    description="A file, sent as specified by the GraphQL multipart request specification.",
    specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
    parse_value=read_upload,
)

SCALARS: dict[object, ScalarDefinition] = {
    datetime: Instant,
    Money: MoneyScalar,
    UploadFile: Upload,
}
