"""The filter of an export: stored as JSON, and read again when the export runs."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.columns import Stored
from models.queries.export_rows import Matching
from projection.conditions import Condition, ParameterNames, parameters_of
from schema import (
    enums,  # noqa: F401 - names the enums of the filter before its type is made
    ids,
)
from schema.service_order_filter import ServiceOrderFilter


def stored_filter(filter_: ServiceOrderFilter | None) -> Stored | None:
    """The fields of the filter that are given, as JSON."""
    return None if filter_ is None else _stored(filter_)


def read_filter(stored: Stored | None) -> ServiceOrderFilter | None:
    """The filter that ``stored_filter`` stored."""
    return None if stored is None else _read(stored, ServiceOrderFilter)


def matching(stored: Stored | None, merchant_id: int, at: datetime) -> Matching:
    """The orders of a stored filter, as of an instant.

    Raises BadInput, or Refused for an id of another type.
    """
    filter_ = read_filter(stored)
    conditions: Sequence[Condition] = ()
    if filter_ is not None:
        conditions = filter_.conditions(at, merchant_id, customer=False)
    names = ParameterNames("filter_")
    where = [names.build(condition) for condition in conditions]
    parameters = parameters_of(names.names, conditions)
    return Matching(merchant_id=merchant_id, until=at, where=where, parameters=parameters)


def check_own(filter_: ServiceOrderFilter | None, merchant_id: int) -> None:
    """Raises BadInput, or Refused for an id of another merchant: no order would match it."""
    if filter_ is None:
        return
    for name, type_name, id_ in (
        ("applicationId", "Application", filter_.application_id),
        ("assigneeId", "Employee", filter_.assignee_id),
        ("reviewerId", "Employee", filter_.reviewer_id),
    ):
        if id_ is not None:
            ids.within(merchant_id, type_name, id_, "filter", name)
    path = ("filter", "merchantId")
    if ids.optional_merchant(filter_.merchant_id, *path) not in {None, merchant_id}:
        raise Refused(NotFound(kind="Merchant", path=path))


_NO_VALUE: Final = type(None)


def _stored(value: Any) -> Any:  # Any: coerced arguments in, JSON out
    if is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _stored(item) for name, item in given.items() if item is not None}
    if isinstance(value, list):
        return [_stored(item) for item in value]
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, datetime) else value


def _read(stored: Any, hint: Any) -> Any:  # Any: JSON and types in, coerced arguments out
    if get_origin(hint) is UnionType:
        [hint] = [kind for kind in get_args(hint) if kind is not _NO_VALUE]
    if get_origin(hint) is list:
        return [_read(item, get_args(hint)[0]) for item in stored]
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{name: _read(item, hints[name]) for name, item in stored.items()})  # type: ignore[operator]  # a class
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint[stored]
    return datetime.fromisoformat(stored) if hint is datetime else stored
