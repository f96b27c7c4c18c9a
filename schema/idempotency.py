"""The idempotency key of a mutation: its field, and the hash that identifies a request."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from hashlib import sha256
from typing import Any

import strawberry

from domain.words import printable
from models.idempotency import KEEP, MAX_KEY

ATTRIBUTE = "idempotency_key"
_HOURS = int(KEEP.total_seconds() // 3600)


def key_field() -> Any:  # Any: a field stands as the default of an attribute
    return strawberry.field(
        default=None,
        description=(
            f"A unique key for this request, such as a UUID: 1 to {MAX_KEY} printable characters. "
            f"For {_HOURS} hours, a repeated request with the same key and input is not carried "
            "out again and returns the first answer with `replayed: true`. The same key with "
            "another input or mutation is refused with `IDEMPOTENCY_KEY_REUSED`; while the first "
            "request is running, with `IN_PROGRESS`. A refused request does not use up the key."
        ),
    )


def replayed_field() -> Any:  # Any: the same
    return strawberry.field(
        default=False,
        description=(
            "Whether an earlier request with the same `idempotencyKey` made the change. The answer "
            "shows the current state of the changed object."
        ),
    )


def key_of(arguments: object) -> str | None:
    """The idempotency key of a mutation's input, or None. Raises BadInput."""
    key = getattr(arguments, ATTRIBUTE, None)
    return None if key is None else printable(key, "idempotencyKey", longest=MAX_KEY)


def hash_of(mutation: str, arguments: object) -> str:
    """A hash that is equal for requests with the same mutation and input.

    The key itself, the order of fields and values equal to the default do not count. A field that a
    later version of the server adds therefore does not change the hash of earlier requests.
    """
    text = json.dumps([mutation, _plain(arguments)], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:  # Any: coerced arguments in, JSON out
    if is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.name != ATTRIBUTE and getattr(value, field.name) != _default(field)
        }
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | str | None) else str(value)


def _default(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()
