"""Global ids: opaque to clients, and for us the type, the merchant and the key within it."""

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
"""Of how many merchants and people the ids are remembered."""


class GlobalId(NamedTuple):
    """What an id says. ``parts`` are the values of the primary key, as text."""

    type_name: str
    parts: tuple[str, ...]


def encode(type_name: str, *parts: object) -> str:
    """An id in base64url, of which plain ASCII without ``>``, ``?`` and ``~`` needs no ``-_``."""
    return _packed(":".join([type_name, *map(str, parts)]))


def of_tenant(type_name: str) -> Callable[[object, object, object], str]:
    """What makes the id of a row that belongs to a merchant: of a context, the merchant, the row.

    Once for each type, for a page has one for each of its rows.
    """
    begin = f"{type_name}:"
    return lambda _context, merchant_id, row: _packed(f"{begin}{merchant_id}:{row}")


def of_person(type_name: str) -> Callable[[object, object, object], str]:
    """The same where one page names the same ones again and again."""

    @lru_cache(maxsize=REMEMBERED)
    def encode_one(merchant_id: object, row: object) -> str:
        return encode(type_name, merchant_id, row)

    return lambda _context, merchant_id, row: encode_one(merchant_id, row)


def of_itself(type_name: str) -> Callable[[object, object], str]:
    """The same of a row that stands for itself, without a merchant."""

    @lru_cache(maxsize=REMEMBERED)
    def encode_one(row: object) -> str:
        return encode(type_name, row)

    return lambda _context, row: encode_one(row)


def _packed(said: str) -> str:
    return b2a_base64(said.encode(), newline=False).rstrip(b"=").decode()


def decode(id_: str, *path: str) -> GlobalId:
    """Raises BadInput for what was never an id of ours."""
    try:
        # None of ours has a character of base64url's own: see `encode`.
        packed = a2b_base64(id_.encode("ascii") + b"===="[: -len(id_) % 4], strict_mode=True)
        type_name, *parts = packed.decode("ascii").split(":")
    except ValueError as error:  # binascii's is one, too
        raise _wrong(path) from error
    if not parts or not type_name.isidentifier() or len(id_) > _MAX_LENGTH:
        raise _wrong(path)
    return GlobalId(type_name, tuple(parts))


def number(part: str, *path: str) -> int:
    """A 63-bit number out of an id. Raises BadInput."""
    if part.isascii() and part.isdigit() and len(part) <= _DIGITS:
        found = int(part)
        if found < _LIMIT:
            return found
    raise _wrong(path)


def _wrong(path: tuple[str, ...]) -> BadInput:
    return BadInput(path, Text("不是有效的 ID", "This is not an id."))


def key_of(type_name: str, id_: str, *path: str) -> tuple[int, int]:
    """The merchant's id and the row's. Raises BadInput, or Refused for an id of another type."""
    return key_in(decode(id_, *path), type_name, *path)


def key_in(found: GlobalId, type_name: str, *path: str) -> tuple[int, int]:
    """The same of an id that has been read."""
    merchant, row = _parts(found, type_name, 2, *path)
    return number(merchant, *path), number(row, *path)


def within(merchant_id: int | None, type_name: str, id_: str, *path: str) -> int:
    """The row's id, if it is the merchant's; another merchant's is not found. Raises Refused."""
    merchant, row = key_of(type_name, id_, *path)
    if merchant_id is not None and merchant != merchant_id:
        raise Refused(NotFound(kind=type_name, path=path))
    return row


def merchant_of(id_: str, *path: str) -> int:
    """The merchant's id out of a Merchant's global id. Raises BadInput or Refused."""
    return global_number("Merchant", id_, *path)


def optional_merchant(id_: str | None, *path: str) -> int | None:
    """The same where it may be left out. An empty id is a wrong one: raises BadInput or Refused."""
    return None if id_ is None else merchant_of(id_, *path)


def global_number(type_name: str, id_: str, *path: str) -> int:
    """The row's id where it stands for itself, without a merchant. Raises BadInput or Refused."""
    return number(_of_type(type_name, id_, 1, *path)[0], *path)


def picture_of(merchant_id: int | None, id_: str, *path: str) -> str:
    """The hash out of an Evidence's id, if the picture is the merchant's. Raises Refused."""
    merchant, sha256 = _of_type("Evidence", id_, 2, *path)
    if merchant_id is not None and number(merchant, *path) != merchant_id:
        raise Refused(NotFound(kind="Evidence", path=path))
    return sha256


def _of_type(type_name: str, id_: str, parts: int, *path: str) -> tuple[str, ...]:
    return _parts(decode(id_, *path), type_name, parts, *path)


def _parts(found: GlobalId, type_name: str, parts: int, *path: str) -> tuple[str, ...]:
    if found.type_name != type_name or len(found.parts) != parts:
        raise Refused(NotFound(kind=type_name, path=path))
    return found.parts
