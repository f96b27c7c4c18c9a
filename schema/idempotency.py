"""The key under which a mutation can be sent again: its field, and what tells requests apart."""

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
            f"A name for this request, 1 to {MAX_KEY} printable characters, new for each intention "
            "(a UUID will do). Sent again with the same input it is not carried out again: the "
            f"answer is that of the first time, with `replayed: true`, for {_HOURS} hours. With "
            "other input, or for another mutation, it is refused as `IDEMPOTENCY_KEY_REUSED`; "
            "while the first one is running, as `IN_PROGRESS`. A refused request does not use it "
            "up."
        ),
    )


def replayed_field() -> Any:  # Any: the same
    return strawberry.field(
        default=False,
        description=(
            "Whether this was done before, by a request with the same `idempotencyKey`. The "
            "answer shows what was done as it is now."
        ),
    )


def key_of(given: object) -> str | None:
    """The key of a mutation's input, if it has one. Raises BadInput."""
    key = getattr(given, ATTRIBUTE, None)
    return None if key is None else printable(key, "idempotencyKey", longest=MAX_KEY)


def hash_of(mutation: str, given: object) -> str:
    """The same for the same mutation with the same input.

    Neither the key counts nor the order of the fields, nor whether a default was given or left out:
    a field that comes with a later version of the server changes no request of before.
    """
    said = json.dumps([mutation, _plain(given)], sort_keys=True, ensure_ascii=False)
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:  # Any: coerced arguments in, JSON out
    if is_dataclass(value):
        found = {one.name: getattr(value, one.name) for one in fields(value)}
        return {
            one.name: _plain(found[one.name])
            for one in fields(value)
            if one.name != ATTRIBUTE and found[one.name] != _default(one)
        }
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | str | None) else str(value)


def _default(one: Field[Any]) -> object:
    return one.default if one.default_factory is MISSING else one.default_factory()
