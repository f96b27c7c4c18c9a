"""Every detail of an event is shown by a typed field, to customers as much as its JSON shows."""

from domain.events import CUSTOMER_DETAILS, DETAILS, EVERY_KIND, EventKind
from projection.fields import Constant, Varying
from schema.build import build
from schema.types.event_readers import COVERED
from schema.types.timeline import ServiceOrderEvent

KEYS = sorted(
    {(kind, key) for kind in EventKind for key in DETAILS.get(kind, frozenset()) | EVERY_KIND}
)
FIELDS = ServiceOrderEvent.__projection__.fields  # type: ignore[attr-defined]  # set by ``projected``


def test_every_detail_of_every_event_is_shown_by_one_typed_field() -> None:
    for kind, key in KEYS:
        names = [name for name, detail in COVERED.items() if detail.covers(kind, key)]
        assert len(names) == 1, f"give {key} of {kind} a field in schema/types/timeline.py"
        assert names[0] in FIELDS


def test_a_detail_that_customers_see_is_listed_for_some_event() -> None:
    listed = {key for keys in DETAILS.values() for key in keys} | EVERY_KIND
    assert listed >= CUSTOMER_DETAILS, "add it to DETAILS in domain/events.py"


def test_customers_see_a_typed_field_if_they_see_its_detail() -> None:
    for name in COVERED.keys() - {"explanation", "pictures"}:
        fetch = FIELDS[name]
        is_hidden = isinstance(fetch, Varying) and fetch.variants["customers"] == Constant(None)
        assert is_hidden == COVERED[name].keys.isdisjoint(CUSTOMER_DETAILS), name


def test_no_two_types_describe_an_actor() -> None:
    types = build()._schema.type_map
    actors = {
        name
        for name, kind in types.items()
        if {"kind", "name"} <= (fields := set(getattr(kind, "fields", {})))
        and str(getattr(kind, "fields", {})["kind"].type) == "ActorKind!"
        and fields <= {"kind", "name", "id"}
    }
    assert actors == {"Actor"}
    shapes = {
        f"{name}.{field}: {value.type}"
        for name, kind in types.items()
        for field, value in getattr(kind, "fields", {}).items()
        if (field in ("by", "actor", "reviewer") or field.endswith("By"))
        and str(value.type).rstrip("!") != "Actor"
    }
    assert shapes == {"Query.serviceOrders"} & shapes, "use schema/acting.py"
