"""Global ids: opaque to clients, and for us the type, the merchant and the key within it."""

import base64
import binascii
from typing import Final, NamedTuple

from domain.refusals import BadInput, NotFound, Refused
from domain.text import Text

_MAX_LENGTH: Final = 200
_LIMIT: Final = 2**63


class GlobalId(NamedTuple):
    """What an id says. ``parts`` are the values of the primary key, as text."""

    type_name: str
    parts: tuple[str, ...]


def encode(type_name: str, *parts: object) -> str:
    """An id in base64url, of which plain ASCII without ``>``, ``?`` and ``~`` needs no ``-_``."""
    said = ":".join([type_name, *map(str, parts)]).encode()
    return binascii.b2a_base64(said, newline=False).rstrip(b"=").decode()


def decode(id_: str, *path: str) -> GlobalId:
    """Raises BadInput for what was never an id of ours."""
    wrong = BadInput(path, Text("不是有效的 ID", "This is not an id."))
    if not 0 < len(id_) <= _MAX_LENGTH:
        raise wrong
    try:
        packed = base64.b64decode(
            id_.encode("ascii") + b"=" * (-len(id_) % 4), altchars=b"-_", validate=True
        )
        type_name, *parts = packed.decode("ascii").split(":")
    except (ValueError, binascii.Error) as error:
        raise wrong from error
    if not parts or not type_name.isidentifier():
        raise wrong
    return GlobalId(type_name, tuple(parts))


def number(part: str, *path: str) -> int:
    """A 63-bit number out of an id. Raises BadInput."""
    if not (part.isascii() and part.isdigit()) or len(part) > 19 or int(part) >= _LIMIT:  # noqa: PLR2004
        raise BadInput(path, Text("不是有效的 ID", "This is not an id."))
    return int(part)


def key_of(type_name: str, id_: str, *path: str) -> tuple[int, int]:
    """The merchant's id and the row's. Raises BadInput, or Refused for an id of another type."""
    found = _of_type(type_name, id_, 2, *path)
    return number(found[0], *path), number(found[1], *path)


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
    found = decode(id_, *path)
    if found.type_name != type_name or len(found.parts) != parts:
        raise Refused(NotFound(kind=type_name, path=path))
    return found.parts
