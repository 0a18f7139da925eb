"""A list as a file: CSV and xlsx. What people wrote is text in both, also where it begins like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TypeVar

import xlsxwriter

T = TypeVar("T")

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # begin what spreadsheet programs calculate
WIDEST = 60  # characters of a column
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_text(cell: T) -> T | str:
    """Return a cell that no spreadsheet program calculates when it opens a CSV file."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Return the list in UTF-8 with the mark by which Excel knows it."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(columns)
    writer.writerows([as_text(one) for one in row] for row in rows)
    return made.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for place, title in enumerate(columns):
            sheet.write_string(0, place, title, bold)
            sheet.set_column(place, place, min(WIDEST, max([len(title), *(len(row[place]) for row in rows)]) + 2))
        for number, row in enumerate(rows, 1):
            for place, one in enumerate(row):
                sheet.write_string(number, place, one)
        sheet.freeze_panes(1, 0)
    return made.getvalue()
