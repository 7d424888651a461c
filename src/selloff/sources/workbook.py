"""Cells of Excel workbooks, in both formats that publishers use. The readers are imported when first needed."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from selloff.errors import PayloadError
from selloff.sources.strict import broken, calendar_day, changed, number, text_of

_LARGEST_BYTES = 200_000_000
"""Of all parts together once unpacked; the largest workbook read here (GPR) has 3.2 MB."""

_MOST_ROWS = 200_000
"""Five centuries of days; a damaged row number would otherwise be filled up to with empty rows."""

_EXCEL_EPOCH = date(1899, 12, 30)
_LAST_SERIAL = 80_000
"""Excel counts days; this is the year 2119."""

_XLS_EMPTY, _XLS_BOOL, _XLS_ERROR = (0, 6), 4, 5
"""Kinds of cells in xlrd."""

Cell = object
"""What a reader gives: text, number, bool, date or None."""


def xls_rows(body: bytes, what: str) -> list[Sequence[Cell]]:
    """Rows of the first sheet of a legacy workbook (.xls); empty cells are None, dates stay Excel serials.

    Raises
    ------
    PayloadError : not a legacy workbook, or damaged.
    """
    import xlrd

    _no_page(body, what)
    try:
        book = xlrd.open_workbook(file_contents=body, logfile=io.StringIO())
        if book.datemode != 0:
            raise broken(f"{what} counts its days from 1904.")
        sheet = book.sheet_by_index(0)
        return [
            [None if c.ctype in _XLS_EMPTY else _xls_cell(c.ctype, c.value, what) for c in sheet.row(i)]
            for i in range(sheet.nrows)
        ]
    except PayloadError:
        raise
    except Exception as error:
        # xlrd walks the bytes unchecked: damage surfaces as struct, index, assertion, Unicode and key errors alike.
        raise broken(f"{what} is not a readable .xls workbook: {str(error)[:120]}.") from error


def _no_page(body: bytes, what: str) -> None:
    """An HTML page is called one, instead of a damaged workbook."""
    if body.lstrip()[:1] == b"<":
        text_of(body, what)


def _xls_cell(kind: int, value: str | float, what: str) -> Cell:
    """A filled cell's value; the kinds are those of xlrd."""
    if kind == _XLS_ERROR:
        raise changed(f"{what} has an error value in a cell.")
    return bool(value) if kind == _XLS_BOOL else value


def xlsx_rows(body: bytes, sheet: str, what: str) -> list[Sequence[Cell]]:
    """Rows of a named sheet of a workbook (.xlsx); empty cells are None.

    Raises
    ------
    SchemaDriftError : there is no such sheet; the message lists those there are.
    PayloadError : not a workbook, damaged, or unreasonably large once unpacked.
    """
    from openpyxl import load_workbook

    _no_page(body, what)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST_BYTES:
                raise broken(f"{what} unpacks to more than {_LARGEST_BYTES} bytes.")
        with warnings.catch_warnings():
            # Styles and validations that openpyxl leaves out have no part in the values.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        if sheet not in book.sheetnames:
            raise changed(f"{what} has no sheet {sheet!r}; it has {', '.join(book.sheetnames)}.")
        # The extent that a file states is sometimes smaller than its data, and reading would stop there.
        book[sheet].reset_dimensions()
        rows: list[Sequence[Cell]] = [
            tuple(row) for row in islice(book[sheet].iter_rows(values_only=True), _MOST_ROWS + 1)
        ]
        if len(rows) > _MOST_ROWS:
            raise broken(f"{what} has more than {_MOST_ROWS} rows.")
        return rows
    except PayloadError:
        raise
    except Exception as error:
        # openpyxl passes on whatever zip, XML and its own descriptors raise.
        raise broken(f"{what} is not a readable .xlsx workbook: {str(error)[:120]}.") from error


def columns(rows: Sequence[Sequence[Cell]], wanted: Sequence[str], what: str) -> Mapping[str, int]:
    """Where the wanted columns stand, by the names in the first row.

    Raises
    ------
    SchemaDriftError : a column is missing or comes twice; the message names it.
    """
    header = [str(c).strip() if c is not None else "" for c in rows[0]] if rows else []
    for name in wanted:
        if name not in header:
            raise changed(f"{what} has no column {name!r}; it has {', '.join(h for h in header if h)[:200]}.")
        if header.count(name) > 1:
            raise changed(f"{what} has the column {name!r} twice.")
    return {name: header.index(name) for name in wanted}


def cell_at(row: Sequence[Cell], place: int) -> Cell:
    """The cell, or None beyond the row's end and for blank text."""
    value = row[place] if place < len(row) else None
    return None if isinstance(value, str) and not value.strip() else value


def serial_day(value: Cell, field: str, where: str) -> date:
    """A day from a date cell: a date, a midnight, or Excel's whole number of days.

    Raises
    ------
    SchemaDriftError : anything else, a time of day included.
    """
    if isinstance(value, datetime):
        if value.time() != datetime.min.time():
            raise changed(f"{where}, column {field!r}: {value} has a time of day.")
        value = value.date()
    if isinstance(value, date):
        return calendar_day(value.year, value.month, value.day, field, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise changed(f"{where}, column {field!r}: {str(value)[:40]!r} should be a date.")
    if not 1 <= value <= _LAST_SERIAL or value != int(value):
        raise changed(f"{where}, column {field!r}: {value} is no day in Excel's count.")
    found = _EXCEL_EPOCH + timedelta(days=int(value))
    return calendar_day(found.year, found.month, found.day, field, where)


def dated_numbers(
    rows: Sequence[Sequence[Cell]], dated: str, wanted: Sequence[str], what: str
) -> Iterator[tuple[str, date, float, str]]:
    """Column, day, number and place of every filled cell of the wanted columns; an empty cell is missing.

    Raises
    ------
    SchemaDriftError : a column is missing, a day is no date cell, a value no number.
    """
    places = columns(rows, (dated, *wanted), what)
    for line, row in enumerate(rows[1:], start=2):
        cells = {name: cell_at(row, places[name]) for name in wanted}
        filled = {name: value for name, value in cells.items() if value is not None}
        stamp = cell_at(row, places[dated])
        if stamp is None and not filled:
            continue
        where = f"{what}, row {line}"
        day = serial_day(stamp, dated, where)
        for name, value in filled.items():
            yield name, day, number(value, name, where), f"{where}, column {name!r}"
