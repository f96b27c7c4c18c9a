"""The formats: what a spreadsheet program reads, and what a program reads."""

import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from domain.export_columns import Cell, Coded, ExportColumn
from domain.exports import ExportFormat
from domain.text import Language, Text
from jobs.exports.writers import WRITERS
from tests.exports.running import rows_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
COLUMNS = (ExportColumn.ITEM_NAME, ExportColumn.SKU)
HOSTILE = [
    "=1+1",
    "+86 13812345678",
    "-1",
    "@SUM(A1)",
    "＝1",
    '"=1',
    "\t=1",
    '=HYPERLINK("http://evil.example")',
    "http://evil.example",
    "a\x00b\x0b",
    "_x0041_",
    "12",
    '逗号, "引号"\n换行',
]


def written(path: Path, format_: ExportFormat, *cells: Cell) -> bytes:
    """The bytes of a file with a row for each cell, and another one beside it."""
    file = path / "file"
    writer = WRITERS[format_](file, COLUMNS, Language.EN, SHANGHAI)
    writer.write([cell, 1] for cell in cells)
    writer.close()
    return file.read_bytes()


def sheet_of(content: bytes) -> list[list[tuple[str, str]]]:
    """The type and the text of each cell of a workbook, row by row."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        root = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{name}c")]
        for row in root.iter(f"{name}row")
    ]


def test_a_csv_file_begins_with_a_byte_order_mark_and_follows_rfc_4180(tmp_path: Path) -> None:
    content = written(tmp_path, ExportFormat.CSV, '逗号, "引号"\n换行')
    assert content == (b"\xef\xbb\xbfItem,SKU\r\n" + '"逗号, ""引号""\n换行",1\r\n'.encode())


def test_no_cell_of_csv_is_a_formula(tmp_path: Path) -> None:
    content = written(tmp_path, ExportFormat.CSV, *HOSTILE)
    cells = [row[0] for row in rows_of(content)[1:]]
    armed = HOSTILE[:8]
    assert cells[:8] == [f"'{text}" for text in armed]
    assert cells[8:] == [
        "http://evil.example",
        "ab",
        "_x0041_",
        "12",
        '逗号, "引号"\n换行',
    ]


def test_every_text_of_xlsx_is_a_string_and_none_a_formula_or_a_link(tmp_path: Path) -> None:
    content = written(tmp_path, ExportFormat.XLSX, *HOSTILE)
    [titles, *rows] = sheet_of(content)
    assert titles == [("inlineStr", "Item"), ("inlineStr", "SKU")]
    assert {row[0][0] for row in rows} == {"inlineStr"}
    texts = [row[0][1] for row in rows]
    assert texts[9] == "ab"
    assert texts[10] == "_x005F_x0041_"  # as a workbook writes the text _x0041_
    assert [text for index, text in enumerate(texts) if index not in {9, 10}] == [
        text for index, text in enumerate(HOSTILE) if index not in {9, 10}
    ]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        assert not any("rels" in name and "sheet" in name for name in book.namelist())


def test_ndjson_leaves_texts_as_they_are(tmp_path: Path) -> None:
    content = written(tmp_path, ExportFormat.NDJSON, *HOSTILE)
    lines = content.decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == [
        {"ITEM_NAME": text, "SKU": 1} for text in HOSTILE
    ]


AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DONE = Coded("DONE", Text("完成", "Finished"))


@pytest.mark.parametrize(
    ("cell", "csv", "xlsx", "ndjson"),
    [
        (AT, "2026-11-22 20:00:00", ("n", "46348.83333333334"), "2026-11-22T20:00:00+08:00"),
        (DONE, "Finished", ("inlineStr", "Finished"), "DONE"),
        (Decimal("12.30"), "12.30", ("n", "12.3"), "12.30"),
        (7, "7", ("n", "7"), 7),
        ("7", "7", ("inlineStr", "7"), "7"),
    ],
)
def test_each_format_shows_values_in_its_own_way(
    tmp_path: Path, cell: Cell, csv: str, xlsx: tuple[str, str], ndjson: object
) -> None:
    assert rows_of(written(tmp_path, ExportFormat.CSV, cell))[1][0] == csv
    assert sheet_of(written(tmp_path, ExportFormat.XLSX, cell))[1][0] == xlsx
    assert json.loads(written(tmp_path, ExportFormat.NDJSON, cell))["ITEM_NAME"] == ndjson


@pytest.mark.parametrize("format_", ExportFormat)
def test_a_file_that_is_discarded_leaves_no_open_file(
    tmp_path: Path, format_: ExportFormat
) -> None:
    writer = WRITERS[format_](tmp_path / "file", COLUMNS, Language.ZH, SHANGHAI)
    writer.write([["a", 1]])
    writer.discard()
