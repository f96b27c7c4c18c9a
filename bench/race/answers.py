"""Compares the answers of all peers, before anything is timed."""

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import orjson

from schema import ids

_INSTANTS: Final = {"appliedAt", "updatedAt", "finishedAt", "at"}


class Differs(Exception):
    """Two peers' answers differ; the message has the path and both values."""


def comparable(answer: Any) -> Any:
    """An answer without the parts that may differ: cursors, and the format of instants.

    PostGraphile's answers are converted to the form of the others: its global ids, its `nodes`
    below lists, an event's actor as two columns, pictures as stored JSON.
    Raises Differs for an answer with errors, or without data.
    """
    if answer.get("errors") or not answer.get("data"):
        raise Differs(f"an error: {str(answer)[:400]}")
    return _plain(answer["data"], "")


def compare(name: str, expected: Any, actual: Any) -> None:
    """Raises Differs."""
    for path, first, second in _differences(expected, actual, ""):
        raise Differs(f"{name}{path}: {first!r:.200} and {second!r:.200}")


def _plain(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return [_plain(item, key) for item in value]
    if isinstance(value, dict):
        if set(value) == {"nodes"}:
            return _plain(value["nodes"], key)
        if "actorKind" in value:
            actor = {"kind": value["actorKind"], "name": value["actorName"]}
            rest = {name: part for name, part in value.items() if not name.startswith("actor")}
            value = {**rest, "actor": actor}
        if isinstance(value.get("pictures"), list):
            merchant = _merchant(value)
            value = {
                **value,
                "pictures": [_picture(picture, merchant) for picture in value["pictures"]],
            }
        return {
            name: _plain(part, name)
            for name, part in value.items()
            if name != "endCursor" and not (name == "refusals" and not part)
        }
    if key in _INSTANTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    if key == "id" and isinstance(value, str):
        return _id(value)
    return value


def _id(global_id: str) -> str:
    """A global id in this server's form: PostGraphile's are JSON."""
    try:
        type_name, *parts = orjson.loads(base64.b64decode(global_id, validate=True))
    except ValueError:
        return global_id
    return ids.encode(type_name, *parts)


def _merchant(order: dict[str, Any]) -> str:
    return ids.decode(_id(order["merchant"]["id"])).parts[0]


def _picture(picture: dict[str, Any], merchant: str) -> dict[str, Any]:
    if "sha256" not in picture:
        return picture
    return {
        "id": ids.encode("Evidence", merchant, picture["sha256"]),
        "mediaType": picture["media_type"],
        "bytes": picture["bytes"],
        "width": picture["width"],
        "height": picture["height"],
    }


def _differences(expected: Any, actual: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in {**expected, **actual}:
            yield from _differences(expected.get(key), actual.get(key), f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (first, second) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(first, second, f"{path}[{index}]")
    elif expected != actual:
        yield path, expected, actual
