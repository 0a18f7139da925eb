"""A report as a file: CSV and xlsx. What people wrote is text in both, also where it begins like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import xlsxwriter

from bot.console.lists import as_text
from bot.console.report import Block

WIDEST, LONGEST_NAME = 60, 31  # characters of a column, and of a sheet's name
NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")


def as_csv(head: str, blocks: Sequence[Block]) -> bytes:
    """Return the tables one below the other, in UTF-8 with the mark by which Excel knows it."""
    made = io.StringIO()
    rows = csv.writer(made)
    rows.writerow([as_text(head)])
    for block in blocks:
        rows.writerow([])
        if block.title != block.columns[0]:
            rows.writerow([as_text(block.title)])
        rows.writerow([as_text(one) for one in block.columns])
        rows.writerows([as_text(cell) for cell in row] for row in block.rows)
    return made.getvalue().encode("utf-8-sig")


def as_xlsx(head: str, blocks: Sequence[Block]) -> bytes:
    """Return a workbook with a sheet for each table."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    bold, numbers = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
    taken: set[str] = set()
    for block in blocks:
        sheet = book.add_worksheet(sheet_name(block.title, taken))
        sheet.set_paper(9)  # A4
        sheet.write_string(0, 0, f"{head} · {block.title}", bold)
        for column, title in enumerate(block.columns):
            sheet.write_string(2, column, title, bold)
            widths = (len(str(row[column])) for row in block.rows)
            sheet.set_column(column, column, min(WIDEST, max(len(title), *widths, 8)) + 2)
        for at, row in enumerate(block.rows, 3):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, column, cell)
                else:
                    sheet.write_number(at, column, cell, numbers)
        sheet.freeze_panes(3, 0)
    book.close()
    return made.getvalue()


def sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that Excel takes, and that no other sheet has."""
    plain = title.translate(NOT_IN_NAMES)[:LONGEST_NAME].strip() or "-"
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain[: LONGEST_NAME - 4]} {number}", number + 1
    taken.add(found.lower())
    return found
