"""The formats of exports: CSV, XLSX and NDJSON, written row by row.

The functions of a writer block: they run in a thread.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from domain.export_columns import COLUMNS, Cell, Coded, ExportColumn
from domain.exports import ExportFormat
from domain.spreadsheets import disarmed, storable
from domain.text import Language

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Rows = Iterable[Sequence[Cell]]


class Writer(Protocol):
    """Writes the rows of one file."""

    def write(self, rows: Rows) -> None:
        """Append rows."""

    def close(self) -> None:
        """Complete the file."""

    def discard(self) -> None:
        """Close the file without completing it."""


class CsvWriter:
    """RFC 4180 in UTF-8, with a byte order mark, without which Excel takes Chinese for Latin."""

    def __init__(
        self, file: Path, columns: Sequence[ExportColumn], language: Language, zone: tzinfo
    ) -> None:
        self._file = file.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file, lineterminator="\r\n")
        self._show = _CsvCells(language, zone).show
        self._csv.writerow([disarmed(title) for title in _titles(columns, language)])

    def write(self, rows: Rows) -> None:
        show = self._show
        self._csv.writerows([show(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._file.close()

    discard = close


class _CsvCells:
    def __init__(self, language: Language, zone: tzinfo) -> None:
        self._language = language
        self._zone = zone

    def show(self, cell: Cell) -> str | int | Decimal | None:
        if isinstance(cell, str):
            return disarmed(cell)
        if isinstance(cell, Coded):
            return disarmed(cell.name.in_(self._language))
        if isinstance(cell, datetime):
            return cell.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")
        return cell


class XlsxWriter:
    """One sheet, written in constant memory. Every text is a string, never a formula or a link."""

    def __init__(
        self, file: Path, columns: Sequence[ExportColumn], language: Language, zone: tzinfo
    ) -> None:
        # Loaded only here: it takes 12 MB, in each process that serves.
        open_book: Callable[..., Workbook] = import_module("xlsxwriter").Workbook
        self._book = open_book(
            str(file),
            {
                "constant_memory": True,
                "tmpdir": str(file.parent),
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self._book.use_zip64()
        self._sheet = self._book.add_worksheet()
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._money = self._book.add_format({"num_format": "0.00"})
        self._language = language
        self._zone = zone
        self._row = 1
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(len(columns) - 1, 0), _WIDTH)
        for index, title in enumerate(_titles(columns, language)):
            self._sheet.write_string(0, index, title)

    def write(self, rows: Rows) -> None:
        for row in rows:
            for index, cell in enumerate(row):
                if cell is not None:
                    self._write(index, cell)
            self._row += 1

    def _write(self, column: int, cell: Cell) -> None:
        sheet, row = self._sheet, self._row
        match cell:
            case str():
                sheet.write_string(row, column, storable(cell))
            case Coded():
                sheet.write_string(row, column, storable(cell.name.in_(self._language)))
            case datetime():
                local = cell.astimezone(self._zone).replace(tzinfo=None)
                sheet.write_datetime(row, column, local, self._instant)
            case Decimal():
                sheet.write_number(row, column, float(cell), self._money)
            case _:
                sheet.write_number(row, column, cell)

    def close(self) -> None:
        self._book.close()

    def discard(self) -> None:
        # Closing the book would package all rows first.
        self._sheet.row_data_fh.close()


class NdjsonWriter:
    """One JSON object a line, with codes and instants as in the API, and texts as they are."""

    def __init__(
        self, file: Path, columns: Sequence[ExportColumn], language: Language, zone: tzinfo
    ) -> None:
        del language  # programs read it: codes are the same in every language
        self._file = file.open("w", encoding="utf-8", errors="replace", newline="")
        self._keys = [column.value for column in columns]
        self._zone = zone

    def write(self, rows: Rows) -> None:
        for row in rows:
            content = {key: self._show(cell) for key, cell in zip(self._keys, row, strict=True)}
            self._file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
            self._file.write("\n")

    def _show(self, cell: Cell) -> str | int | None:
        if isinstance(cell, Coded):
            return cell.code
        if isinstance(cell, datetime):
            return cell.astimezone(self._zone).isoformat()
        return str(cell) if isinstance(cell, Decimal) else cell

    def close(self) -> None:
        self._file.close()

    discard = close


_WIDTH: Final = 20
"""The width of the columns, in characters."""

WRITERS: Final[Mapping[ExportFormat, Callable[..., Writer]]] = {
    ExportFormat.CSV: CsvWriter,
    ExportFormat.XLSX: XlsxWriter,
    ExportFormat.NDJSON: NdjsonWriter,
}


def _titles(columns: Sequence[ExportColumn], language: Language) -> list[str]:
    return [COLUMNS[column].title.in_(language) for column in columns]
