"""Reading of tables: workbooks, and CSV in the encodings and with the delimiters of office programs."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Literal

from bot.content.said import Notice, said
from bot.content.tree import Mistake

Format = Literal["csv", "xlsx"]
DELIMITERS = {",": "read-with-commas", ";": "read-with-semicolons", "\t": "read-with-tabs"}
MOST_ROWS = 50_000  # of one table
LARGEST = 50 << 20  # bytes of a file
MOST_UNPACKED = 128 << 20  # bytes of a workbook's parts
HEAD = 20  # rows searched for the header
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # signatures of .xlsx and .ods, and of .xls
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # a stream in password-protected workbooks
COMMON = 0.5  # minimum share of GB2312 among the non-ASCII characters of a GBK text
FEW = 0.1  # maximum share of non-ASCII characters in a Windows-1252 text


class NotImported(Exception):
    """The file cannot be imported; `mistakes` lists the lines and corrections."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Table:
    """The non-empty rows of a file or sheet, with their numbers from 1."""

    file: str  # with the sheet
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    word: Literal["line", "row"]
    delimiter: str = ""
    bare: frozenset[tuple[int, int]] = frozenset()  # (row, column) of numeric cells, whose display format is lost

    def mistake(self, row: int, message: Notice, *, warning: bool = False) -> Mistake:
        return Mistake(self.file, row, message, warning)


def form_of(data: bytes, file: str) -> Format:
    """Tell a workbook from a text by what it holds, and what is neither by its name."""
    named = file.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods"))
    return "xlsx" if data.startswith((ZIP, OLE)) or (named and not is_text(data, file)) else "csv"


def tables(
    data: bytes,
    file: str,
    form: Format,
    names_columns: Callable[[Sequence[str]], object],
    notes: list[Mistake],
    most: int = MOST_ROWS,
) -> list[Table]:
    """Read the tables of a file, each of at most `most` rows; `names_columns` recognises a header. Raises NotImported."""
    if len(data) > LARGEST:
        raise NotImported([Mistake(file, 1, said("table-too-large", most=LARGEST >> 20))])
    if form == "xlsx":
        return parse_workbook(data, file, notes, most)
    text, encoding = decode(data, file)
    if encoding:
        notes.append(Mistake(file, 1, said("read-as", encoding=encoding), warning=True))
    return [parse_csv(text, file, names_columns, notes, most)]


def decode(data: bytes, file: str) -> tuple[str, str]:
    """Decode a text file. Returns the text, and the encoding's name unless it is UTF-8. Raises NotImported."""
    if data.startswith((ZIP, OLE)):
        raise NotImported([Mistake(file, 1, said("is-workbook"))])
    for encoding, name in candidate_encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and is_plausible(text, encoding):
            return text.removeprefix("\ufeff"), name
    line = 1
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    raise NotImported([Mistake(file, line, said("not-text"))])


def candidate_encodings(data: bytes) -> list[tuple[str, str]]:
    """List candidate encodings. UTF-16 is recognised by its byte order mark or the position of zero bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [("utf-16", "UTF-16")]
    if b"\0" in data:
        little = data[1::2].count(0) >= data[::2].count(0)
        return [("utf-16-le" if little else "utf-16-be", "UTF-16")]
    return [("utf-8", ""), ("gb18030", "GBK"), ("cp1252", "Windows-1252")]


def is_plausible(text: str, encoding: str) -> bool:
    """True if a decoded text is plausible: nearly any bytes are valid GB18030."""
    strange = [character for character in text if ord(character) > 127]
    if encoding == "gb18030":
        known = sum(bool(character.encode("gb2312", "ignore")) for character in strange)
        return known >= COMMON * len(strange)
    return encoding != "cp1252" or len(strange) <= FEW * len(text)


def parse_csv(
    text: str, file: str, names_columns: Callable[[Sequence[str]], object], notes: list[Mistake], most: int
) -> Table:
    """Parse CSV. The delimiter is the one that yields a header, else the most frequent one. Raises NotImported."""
    first = 1
    if told := re.match(r"sep=(.)\r?\n", text):  # Excel's delimiter line
        text, first = text[told.end() :], 2
    head = next((line for line in text.splitlines() if line.strip()), "")
    likely = sorted(DELIMITERS, key=head.count, reverse=True)
    delimiter = next(
        (one for one in likely if any(map(names_columns, islice(csv.reader(text.splitlines(), delimiter=one), HEAD)))),
        likely[0],
    )
    if delimiter != "," and delimiter in text:
        notes.append(Mistake(file, 1, said(DELIMITERS[delimiter]), warning=True))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    line = first
    try:
        for cells in reader:
            here, line = line, reader.line_num + first
            if any(cell.strip() for cell in cells):
                rows.append((here, tuple(map(clean, cells))))
            if len(rows) > most:
                raise NotImported([Mistake(file, here, said("too-many-rows", most=f"{most:,}"))])
    except csv.Error as error:
        why = said("quote-open") if '"' in text else str(error)
        raise NotImported([Mistake(file, line, said("line-unread", why=why))]) from error
    return Table(file, tuple(rows), "line", delimiter)


def parse_workbook(data: bytes, file: str, notes: list[Mistake], most: int) -> list[Table]:
    """Read the visible sheets of a workbook. Raises NotImported."""
    import python_calamine as calamine  # deferred: only an import needs it

    protected = said("workbook-protected")
    if data.startswith(OLE) and ENCRYPTED in data:
        raise NotImported([Mistake(file, 1, protected)])
    if not data.startswith((ZIP, OLE)):
        raise NotImported([Mistake(file, 1, said("workbook-is-text" if is_text(data, file) else "no-workbook"))])
    if data.startswith(ZIP):
        require_bounded(data, file)
    found = []
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for about in book.sheets_metadata:
                if about.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                if about.visible != calamine.SheetVisibleEnum.Visible:
                    notes.append(Mistake(file, 1, said("sheet-hidden", name=about.name), warning=True))
                    continue
                sheet = book.get_sheet_by_name(about.name)
                cells = sheet.to_python(skip_empty_area=False, nrows=most + 1)
                place = f"{file}, sheet {about.name}"
                if len(cells) > most:
                    raise NotImported([Mistake(place, most, said("too-many-rows", most=f"{most:,}"))])
                found.append(rows_of(place, cells, sheet.merged_cell_ranges or []))
    except calamine.PasswordError as error:
        raise NotImported([Mistake(file, 1, protected)]) from error
    except calamine.CalamineError as error:
        raise NotImported([Mistake(file, 1, said("workbook-unread", why=error))]) from error
    return found


def require_bounded(data: bytes, file: str) -> None:
    """Unpack a workbook piece by piece, to refuse a decompression bomb before it is read. Raises NotImported."""
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for part in packed.infolist():
                with packed.open(part) as opened:
                    while piece := opened.read(1 << 20):
                        left -= len(piece)
                        if left < 0:
                            raise NotImported([Mistake(file, 1, said("workbook-swells", most=MOST_UNPACKED >> 20))])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise NotImported([Mistake(file, 1, said("workbook-unread", why=error))]) from error


def is_text(data: bytes, file: str) -> bool:
    try:
        decode(data, file)
    except NotImported:
        return False
    return True


Cell = str | int | float | bool | date | datetime | time | timedelta
Corner = tuple[int, int]


def rows_of(place: str, cells: Sequence[Sequence[Cell]], merged: Sequence[tuple[Corner, Corner]]) -> Table:
    """Convert a sheet to a table; vertically merged cells are repeated in each row."""
    filled = [list(row) for row in cells]
    for (top, left), (bottom, _) in merged:
        for row in filled[top + 1 : bottom + 1]:
            row[left] = filled[top][left]
    return Table(
        place,
        tuple((number, tuple(map(cell_text, row))) for number, row in enumerate(filled, 1) if any(map(cell_text, row))),
        "row",
        bare=frozenset(
            (number, index)
            for number, row in enumerate(filled, 1)
            for index, cell in enumerate(row)
            if isinstance(cell, int | float) and not isinstance(cell, bool)
        ),
    )


def cell_text(cell: Cell) -> str:
    """Format a cell as text: 10 rather than 10.0, a date without midnight."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M}"
    return f"{cell:%H:%M}" if isinstance(cell, time) else str(cell)


def clean(text: str) -> str:
    """Remove invisible characters and normalise line breaks."""
    text = re.sub(r"_x000D_\n?|\r\n?|[\v\u2028\u2029]", "\n", text)
    text = re.sub(r"[\u200b\ufeff\xad]", "", text.replace("\xa0", " "))
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) != "Cc").strip()
