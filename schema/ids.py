"""Global ids: opaque to clients; encoded are the type, the merchant and the row's key."""

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text

_MAX_LENGTH: Final = 200
_LIMIT: Final = 2**63
_DIGITS: Final = 19

REMEMBERED: Final = 4_096
"""The number of ids of merchants and people that are cached."""


class GlobalId(NamedTuple):
    """A decoded id. ``parts`` are the values of the primary key, as text."""

    type_name: str
    parts: tuple[str, ...]


def encode(type_name: str, *parts: object) -> str:
    """An id in base64url. Names, numbers and hashes never produce its ``-`` and ``_``."""
    return _base64(":".join([type_name, *map(str, parts)]))


def of_tenant(type_name: str) -> Callable[[object, object, object], str]:
    """A function that encodes the ids of a merchant's rows.

    It takes the context, the merchant's id and the row's id. The prefix is built once, because a
    page calls the function for each of its rows.
    """
    prefix = f"{type_name}:"

    def encode_row(_context: object, merchant_id: object, row: object) -> str:
        # Not by ``_base64``: a call costs as much as what it does.
        text = f"{prefix}{merchant_id}:{row}".encode()
        return b2a_base64(text, newline=False).rstrip(b"=").decode()

    return encode_row


def of_person(type_name: str) -> Callable[[object, object, object], str]:
    """Like ``of_tenant``, with a cache: a page names the same people many times."""

    @lru_cache(maxsize=REMEMBERED)
    def encode_row(merchant_id: object, row: object) -> str:
        return encode(type_name, merchant_id, row)

    return lambda _context, merchant_id, row: encode_row(merchant_id, row)


def of_itself(type_name: str) -> Callable[[object, object], str]:
    """A cached function that encodes the ids of rows that belong to no merchant."""

    @lru_cache(maxsize=REMEMBERED)
    def encode_row(row: object) -> str:
        return encode(type_name, row)

    return lambda _context, row: encode_row(row)


def _base64(text: str) -> str:
    return b2a_base64(text.encode(), newline=False).rstrip(b"=").decode()


def decode(id_: str, *path: str) -> GlobalId:
    """Raises BadInput for anything that ``encode`` cannot have produced."""
    try:
        # The standard alphabet is enough: see `encode`.
        packed = a2b_base64(id_.encode("ascii") + b"===="[: -len(id_) % 4], strict_mode=True)
        type_name, *parts = packed.decode("ascii").split(":")
    except ValueError as error:  # binascii.Error is a ValueError too
        raise _wrong(path) from error
    if not parts or not type_name.isidentifier() or len(id_) > _MAX_LENGTH:
        raise _wrong(path)
    return GlobalId(type_name, tuple(parts))


def number(part: str, *path: str) -> int:
    """A 63-bit number of an id. Raises BadInput."""
    if part.isascii() and part.isdigit() and len(part) <= _DIGITS:
        value = int(part)
        if value < _LIMIT:
            return value
    raise _wrong(path)


def _wrong(path: tuple[str, ...]) -> BadInput:
    return BadInput(path, Text("不是有效的 ID", "This is not a valid id."))


def key_of(type_name: str, id_: str, *path: str) -> tuple[int, int]:
    """The merchant's id and the row's. Raises BadInput, or Refused for an id of another type."""
    return key_in(decode(id_, *path), type_name, *path)


def key_in(global_id: GlobalId, type_name: str, *path: str) -> tuple[int, int]:
    """Like ``key_of``, for a decoded id."""
    merchant, row = _parts(global_id, type_name, 2, *path)
    return number(merchant, *path), number(row, *path)


def within(merchant_id: int | None, type_name: str, id_: str, *path: str) -> int:
    """The row's id. Raises BadInput, or Refused with NotFound for another merchant's row."""
    merchant, row = key_of(type_name, id_, *path)
    if merchant_id is not None and merchant != merchant_id:
        raise Refused(NotFound(kind=type_name, path=path))
    return row


def merchant_of(id_: str, *path: str) -> int:
    """The row's id of a Merchant. Raises BadInput or Refused."""
    return global_number("Merchant", id_, *path)


def optional_merchant(id_: str | None, *path: str) -> int | None:
    """Like ``merchant_of``, None for None. An empty id is invalid. Raises BadInput or Refused."""
    return None if id_ is None else merchant_of(id_, *path)


def global_number(type_name: str, id_: str, *path: str) -> int:
    """The row's id of a type that belongs to no merchant. Raises BadInput or Refused."""
    return number(_of_type(type_name, id_, 1, *path)[0], *path)


def picture_of(merchant_id: int | None, id_: str, *path: str) -> str:
    """The picture's hash of an Evidence id.

    Raises BadInput, or Refused with NotFound for another merchant's picture.
    """
    merchant, sha256 = _of_type("Evidence", id_, 2, *path)
    if merchant_id is not None and number(merchant, *path) != merchant_id:
        raise Refused(NotFound(kind="Evidence", path=path))
    return sha256


def upload_of(id_: str, *path: str) -> tuple[str, ...]:
    """The four parts of an EvidenceUpload's id, unchecked. Raises BadInput or Refused."""
    return _of_type("EvidenceUpload", id_, 4, *path)


def _of_type(type_name: str, id_: str, parts: int, *path: str) -> tuple[str, ...]:
    return _parts(decode(id_, *path), type_name, parts, *path)


def _parts(global_id: GlobalId, type_name: str, parts: int, *path: str) -> tuple[str, ...]:
    if global_id.type_name != type_name or len(global_id.parts) != parts:
        raise Refused(NotFound(kind=type_name, path=path))
    return global_id.parts


def delivery_within(merchant_id: int, id_: str, *path: str) -> tuple[int, int]:
    """The endpoint's id and the row's of a WebhookDelivery.

    Raises BadInput, or Refused with NotFound for another merchant's delivery.
    """
    merchant, endpoint, row = _of_type("WebhookDelivery", id_, 3, *path)
    if number(merchant, *path) != merchant_id:
        raise Refused(NotFound(kind="WebhookDelivery", path=path))
    return number(endpoint, *path), number(row, *path)
