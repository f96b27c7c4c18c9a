"""The table of columns: each has a title, and masks contacts unless they are revealed."""

import pytest

from domain.export_columns import COLUMNS, CONTACT_COLUMNS, ExportColumn, Table

CONTACT = {
    "customer_name": "李小花",
    "customer_phone": "13812345678",
    "pickup_address": {
        "contact": "李小花",
        "phone": "13812345678",
        "zip": None,
        "province_code": "440000",
        "city_code": "440300",
        "district_code": "440305",
        "detail": "科技园路 1 号",
        "region": "广东省 深圳市 南山区",
    },
}


def test_every_column_stands_in_the_table_with_a_title_of_its_own() -> None:
    assert list(COLUMNS) == list(ExportColumn)
    for language in range(2):
        assert len({entry.title[language] for entry in COLUMNS.values()}) == len(COLUMNS)


def test_the_columns_of_the_contact_are_those_made_from_it() -> None:
    made = {column for column, entry in COLUMNS.items() if set(entry.needs) & set(CONTACT)}
    assert made == CONTACT_COLUMNS


@pytest.mark.parametrize("reveals", [False, True])
def test_a_contact_is_masked_unless_it_is_revealed(reveals: bool) -> None:
    table = Table(tuple(sorted(CONTACT_COLUMNS)), reveals)
    cells = table.reader()([CONTACT[need] for need in table.needs])
    assert dict(zip(table.columns, cells, strict=True)) == (
        {
            "CONTACT_NAME": "李小花",
            "CONTACT_PHONE": "13812345678",
            "CONTACT_ADDRESS": "广东省 深圳市 南山区 科技园路 1 号 李小花 13812345678",
        }
        if reveals
        else {
            "CONTACT_NAME": "李**",
            "CONTACT_PHONE": "138****5678",
            "CONTACT_ADDRESS": None,
        }
    )


def test_only_what_the_chosen_columns_need_is_read() -> None:
    table = Table((ExportColumn.SKU, ExportColumn.REASON, ExportColumn.NUMBER), reveals=False)
    assert table.needs == ("sku", "reason_code", "own_reason", "id")
