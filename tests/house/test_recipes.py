"""What a new filter or column needs, and that the paths in CONTRIBUTING.md exist."""

import re
from pathlib import Path

import pytest

from doctor.orders import _COMPARED
from models.service_order import ServiceOrder, service_orders
from tests.generated.stage import to_snake

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")

OF_THE_APPLICATION = {
    "merchant_id",
    "id",
    "application_id",
    "order_number",
    "customer_ref",
    "expectation",
    "reason_code",
    "own_reason",
    "description",
    "pictures",
    "logistics_in",
    "sku",
    "item_name",
    "quantity",
    "purchased_quantity",
    "unit_price",
    "paid_amount",
    "category",
    "warehouse",
}
"""The columns of an order that no step changes."""
CLOCKS = {
    "clock_started_at",
    "clock_due_at",
    "clock_pauses",
    "review_started_at",
    "review_due_at",
    "review_paused_at",
    "review_left_ms",
    "review_pauses",
}
"""The columns that the doctor compares as clocks."""
OF_THE_REFUNDS = {"pending_refunds"}
"""The columns that the doctor compares with the rows of the refunds."""
NOT_TOLD = {"review_pictures"}
"""The columns that no event repeats, so that the doctor has nothing to compare them with."""
WITHOUT_INDEX = {"expectation"}
"""A page of this filter reads the queue's index in order, and leaves rows out."""


def paths_in(text: str) -> set[str]:
    """The paths of our folders and files in inline code and links."""
    tokens = re.findall(r"`([\w./*<>-]+)`", text) + re.findall(r"\]\(([\w./-]+)", text)
    begins = tuple(f"{folder}/" for folder in FOLDERS)
    return {token for token in tokens if token.startswith(begins) and "<" not in token}


def test_the_paths_in_contributing_exist() -> None:
    paths = paths_in(CONTRIBUTING)
    assert len(paths) > 60
    missing = sorted(path for path in paths if not list(ROOT.glob(path)))
    assert missing == [], "CONTRIBUTING.md names these paths, which do not exist"


@pytest.mark.parametrize("column", service_orders.c.keys())
def test_the_doctor_compares_every_column_that_a_step_changes(column: str) -> None:
    compared = {
        *_COMPARED,
        *OF_THE_APPLICATION,
        *CLOCKS,
        *OF_THE_REFUNDS,
        *NOT_TOLD,
    }
    assert column in compared, (
        f"add {column} to _COMPARED and to _columns in doctor/orders.py; or, if no event tells of"
        " it, to NOT_TOLD in tests/house/test_recipes.py"
    )


def test_every_filter_for_a_value_has_an_index(schema) -> None:
    fields = schema._schema.type_map["ServiceOrderFilter"].fields
    columns = {to_snake(name) for name in fields} & set(service_orders.c.keys())
    assert len(columns) >= 7
    indexes = [[column.name for column in index.columns] for index in service_orders.indexes]
    indexed = {index[1] for index in indexes if index[0] == "merchant_id" and len(index) > 1}
    partial = {str(index.dialect_options["sqlite"]["where"]) for index in service_orders.indexes}
    missing = columns - indexed - partial - WITHOUT_INDEX - {"merchant_id"}
    assert missing == set(), (
        f'add Index("ix_service_order_…", "merchant_id", "…") for {missing} to'
        f" {ServiceOrder.__module__.replace('.', '/')}.py, and a migration"
    )
