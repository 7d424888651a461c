"""Files of a user as tables of text: CSV, Parquet and Excel.

Everything becomes text, so that one set of rules decides what a number or a date is. Rows keep their place: row 1 is
the header, as a spreadsheet counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from selloff.catalog.catalogue import did_you_mean
from selloff.errors import PayloadError
from selloff.pull.mapping import FileMapping, Format

NOTHING = "Nothing of this file was stored."
ROW = "\0row"
"""Name that no column of a file has."""

FIRST_ROW = 2

_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null, pl.Time)


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        what = f"{name}, row {row}: byte 0x{content[error.start]:02x} is not UTF-8."
        raise PayloadError(what, f"Save the file as UTF-8. {NOTHING}") from error


def _check_fields(text: str, delimiter: str, name: str) -> None:
    """Every row has as many fields as the header."""
    lines = pl.Series(text.rstrip("\r\n").split("\n"))
    if '"' not in text:
        counts = lines.str.count_matches(delimiter, literal=True) + 1
        wrong = (counts != counts[0]).arg_max()
        assert wrong is not None
        if counts[wrong] == counts[0]:
            return
        row, found, expected = wrong + 1, int(counts[wrong]), int(counts[0])
    else:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        expected = len(next(rows))
        broken = next(((i, len(r)) for i, r in enumerate(rows, FIRST_ROW) if r and len(r) != expected), None)
        if broken is None:
            return
        row, found = broken
    what = f"{name}, row {row} has {found} field{'s' if found != 1 else ''} where the header has {expected}."
    raise PayloadError(what, f"Mend that row. {NOTHING}")


def _read_csv(content: bytes, entry: FileMapping, wanted: Sequence[str], name: str) -> pl.DataFrame:
    text = _decode(content, name)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if not text.strip():
        raise PayloadError(f"{name} is empty.", f"Export it again, or take it out of the mapping. {NOTHING}")
    try:
        header = next(csv.reader([text.split("\n", 1)[0].rstrip("\r")], delimiter=entry.delimiter))
        _check_header(header, wanted, name)
        _check_fields(text, entry.delimiter, name)
        table = pl.read_csv(text.encode(), separator=entry.delimiter, infer_schema=False, columns=list(wanted))
        return _numbered(table.select(wanted))
    except (csv.Error, pl.exceptions.PolarsError) as error:
        raise PayloadError(f"{name} is no CSV: {str(error).splitlines()[0]}.", NOTHING) from error


def _read_parquet(content: bytes, entry: FileMapping, wanted: Sequence[str], name: str) -> pl.DataFrame:
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise PayloadError(f"{name} is no Parquet file: {str(error).splitlines()[0]}.", NOTHING) from error
    _check_header(table.columns, wanted, name)
    moment = entry.date_format if entry.date is not None else entry.time_format
    texts = []
    for column in wanted:
        kind = table.schema[column]
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
            texts.append(pl.col(column).dt.convert_time_zone(entry.zone).dt.strftime(moment))
        elif isinstance(kind, pl.Date | pl.Datetime):
            texts.append(pl.col(column).dt.strftime(moment))
        elif kind.is_float() or kind.is_decimal():
            texts.append(pl.col(column).cast(pl.String).str.replace(".", entry.decimal, literal=True))
        elif kind.is_integer() or isinstance(kind, _TEXT):
            texts.append(pl.col(column).cast(pl.String))
        else:
            what = f"{name}, column {column!r} holds {kind}, which is neither text nor number nor date."
            raise PayloadError(what, f"Export it as one of these. {NOTHING}")
    try:
        return _numbered(table.select(texts))
    except pl.exceptions.PolarsError as error:
        what = f"{name}: {moment!r} can't write its dates: {str(error).splitlines()[0]}."
        raise PayloadError(what, f"Correct the mapping's format. {NOTHING}") from error


def _numbered(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_row_index(ROW, offset=FIRST_ROW).cast({ROW: pl.Int64})


def _sheet_rows(content: bytes, sheet_name: str | None, name: str) -> list[tuple[object, ...]]:
    """Cells of a worksheet, row by row."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise PayloadError(
            f"{name}: reading Excel files needs openpyxl.", "Install it (`pip install openpyxl`), or export as CSV."
        ) from error
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        sheet = sheets.get(sheet_name) if sheet_name else next(iter(sheets.values()), None)
        rows = None if sheet is None else list(sheet.iter_rows(values_only=True))
    except Exception as error:  # openpyxl lets through whatever a damaged archive or sheet makes its readers raise
        reason = (str(error).splitlines() or [type(error).__name__])[0].strip("'\".")
        what = f"{name} is no Excel file (xlsx): {reason}."
        raise PayloadError(what, f"Save it as .xlsx or CSV. {NOTHING}") from error
    if rows is None:
        what = f"{name} has no sheet {sheet_name!r}." if sheet_name else f"{name} has no sheet of cells."
        raise PayloadError(what, f"It has {', '.join(sheets) or 'none'}. {NOTHING}")
    return rows


def _read_xlsx(content: bytes, entry: FileMapping, wanted: Sequence[str], name: str) -> pl.DataFrame:
    rows = _sheet_rows(content, entry.sheet, name)
    if not rows:
        raise PayloadError(f"{name} is empty.", f"Export it again, or take it out of the mapping. {NOTHING}")
    header = ["" if cell is None else str(cell).strip() for cell in rows[0]]
    _check_header(header, wanted, name)
    moment = entry.date_format if entry.date is not None else entry.time_format

    def text(cell: object) -> str | None:
        if cell is None:
            return None
        if isinstance(cell, float):
            return str(cell).replace(".", entry.decimal)
        return cell.strftime(moment) if isinstance(cell, date | datetime) else str(cell)

    body = [(n, row) for n, row in enumerate(rows[1:], FIRST_ROW) if any(cell is not None for cell in row)]
    places = {column: header.index(column) for column in wanted}
    cells = {c: [text(row[i]) if i < len(row) else None for _, row in body] for c, i in places.items()}
    return pl.DataFrame(
        {ROW: [n for n, _ in body], **cells}, schema={ROW: pl.Int64, **dict.fromkeys(wanted, pl.String)}
    )


def _check_header(header: Sequence[str], wanted: Sequence[str], name: str) -> None:
    missing = [c for c in wanted if c not in header]
    if missing:
        shown = ", ".join(header[:8]) + (", …" if len(header) > 8 else "")
        hint = did_you_mean(missing[0], header) or "Correct the mapping, or export the column."
        raise PayloadError(f"{name}, row 1: no column {missing[0]!r}; the header has {shown}.", f"{hint} {NOTHING}")
    doubled = [c for c in wanted if list(header).count(c) > 1]
    if doubled:
        raise PayloadError(f"{name}, row 1: the column {doubled[0]!r} comes twice.", f"Remove one. {NOTHING}")


_READERS = {"csv": _read_csv, "parquet": _read_parquet, "xlsx": _read_xlsx}


def read_table(content: bytes, kind: Format, entry: FileMapping, wanted: Sequence[str], name: str) -> pl.DataFrame:
    """The wanted columns as text, with the row each line has in the file.

    Returns
    -------
    Frame of `ROW` (Int64, the header being row 1) and the wanted columns (String).

    Raises
    ------
    PayloadError : empty, not of its format, not UTF-8, a wrong header, or a row with too few or too many fields.
    """
    table = _READERS[kind](content, entry, wanted, name)
    if table.is_empty():
        raise PayloadError(f"{name} has a header and no rows.", f"Export it again. {NOTHING}")
    return table.filter(pl.any_horizontal(pl.col(wanted).is_not_null()))
