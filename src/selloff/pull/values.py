"""From a table of text to dated values of catalogued series, by a mapping's rules.

Anything that is neither a value nor named as missing is an error with file, row and column; nothing is guessed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

import numpy as np
import polars as pl

from selloff.catalog import Catalogue
from selloff.catalog.periods import last_days
from selloff.catalog.sessions import Sessions
from selloff.errors import PayloadError, UnitError
from selloff.pull.mapping import FileMapping
from selloff.pull.readers import NOTHING, ROW

EARLIEST = date(1700, 1, 1)
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", ".", "-", "#N/A", "#N/A N/A")
COUNT = "number of rows"

# No column of a file has such names, which stand beside the file's own.
_WHEN, _TEXT, _DAY = "\0when", "\0text", "\0day"


def wanted_columns(entry: FileMapping) -> list[str]:
    """Columns that a mapping reads, each once."""
    stamp = entry.date if entry.date is not None else entry.time
    long = [entry.series_column, entry.value_column] if entry.names else []
    when = [entry.when.column] if entry.when is not None else []
    return list(dict.fromkeys(c for c in (stamp, *entry.columns, *long, *when) if c is not None))


def _broken(name: str, row: object, found: object, why: str, hint: str, column: str | None = None) -> PayloadError:
    where = f"{name}, row {row}" + (f", column {column!r}" if column else "")
    return PayloadError(f"{where}: found {found!r}, {why}.", f"{hint} {NOTHING}")


def _with_when(table: pl.DataFrame, entry: FileMapping, name: str, today: date) -> pl.DataFrame:
    """Add a date, or an instant in UTC."""
    text = pl.col(str(entry.date if entry.date is not None else entry.time)).str.strip_chars().fill_null("")
    if entry.date is not None:
        when = text.str.to_date(entry.date_format, strict=False)
        form, latest = entry.date_format, when
    else:
        zone = "UTC" if entry.says_offset else None
        when = text.str.to_datetime(entry.time_format, strict=False, time_unit="us", time_zone=zone)
        if not entry.says_offset:
            when = when.dt.replace_time_zone(entry.zone, ambiguous="earliest", non_existent="null")
            when = when.dt.convert_time_zone("UTC")
        form, latest = entry.time_format, when.dt.date()
    try:
        parsed = table.with_columns(text.alias(_TEXT), when.alias(_WHEN), latest.alias(_DAY))
    except pl.exceptions.PolarsError as error:
        what = f"{name}: {form!r} is no way to write a date or time: {str(error).splitlines()[0]}."
        raise PayloadError(what, f"Correct the mapping's format. {NOTHING}") from error
    unread = parsed.filter(pl.col(_WHEN).is_null())
    if not unread.is_empty():
        row = unread.row(0, named=True)
        why = f"which is no date of the form {form}"
        raise _broken(name, row[ROW], row[_TEXT], why, "Mend it, or correct the mapping's format.")
    impossible = parsed.filter((pl.col(_DAY) > today + timedelta(days=1)) | (pl.col(_DAY) < EARLIEST))
    if not impossible.is_empty():
        row = impossible.row(0, named=True)
        why = f"which lies {'in the future' if row[_DAY] > today else f'before {EARLIEST.year}'}"
        raise _broken(name, row[ROW], row[_TEXT], why, "Mend it, or add a skip rule with a reason to the mapping.")
    return parsed.drop(_DAY)


def _long(table: pl.DataFrame, entry: FileMapping, file: str) -> pl.DataFrame:
    """The row, the date and its text, `column` and `text`, one line per value."""
    keys = [ROW, _WHEN, _TEXT]
    if entry.names:
        name, value = pl.col(str(entry.series_column)), pl.col(str(entry.value_column))
        long = table.select(*keys, name.alias("column"), value.alias("text"))
        nameless = long.filter(pl.col("column").str.strip_chars().fill_null("") == "")
        if not nameless.is_empty():
            row, column = nameless.row(0, named=True)[ROW], entry.series_column
            raise _broken(file, row, "", "which is no name of a series", "Mend that row, or remove it.", column)
        return long.filter(pl.col("column").is_in(list(entry.names)))
    if entry.count:
        table = table.with_columns(pl.lit("1").alias(COUNT))
    columns = [*entry.columns, *([COUNT] if entry.count else [])]
    names = {"\0column": "column", "\0cell": "text"}
    long = table.select(*keys, *columns).unpivot(columns, index=keys, variable_name="\0column", value_name="\0cell")
    return long.rename(names)


def _plain(text: pl.Expr, entry: FileMapping) -> pl.Expr:
    """Numbers as a computer writes them; null for what is no number by the mapping's decimal and thousands marks."""
    if entry.decimal == "." and not entry.thousands:
        return text
    decimal = "[.]" if entry.decimal == "." else ","
    grouped = rf"\d{{1,3}}(?:\x{{{ord(entry.thousands):x}}}\d{{3}})+|" if entry.thousands else ""
    number = rf"^[+-]?(?:{grouped}\d*)(?:{decimal}\d*)?(?:[eE][+-]?\d+)?$"
    plain = text.str.replace_all(entry.thousands, "", literal=True) if entry.thousands else text
    return pl.when(text.str.contains(number)).then(plain.str.replace(entry.decimal, ".", literal=True))


def _with_values(long: pl.DataFrame, entry: FileMapping, name: str) -> pl.DataFrame:
    """Add `value`, null where missing."""
    text = pl.col("text").str.strip_chars()
    for rule in (r for r in entry.skip if r.values):
        there = pl.col("column").is_in(rule.columns) if rule.columns else pl.lit(True)
        text = pl.when(there & text.is_in(rule.values)).then(None).otherwise(text)
    plain = _plain(text, entry)
    missing = text.is_null() | text.is_in([*MISSING, *entry.null])
    parsed = long.with_columns(missing.alias("_missing"), plain.cast(pl.Float64, strict=False).alias("value"))
    broken = parsed.filter(~pl.col("_missing") & ~pl.col("value").is_finite().fill_null(False))
    if not broken.is_empty():
        row = broken.row(0, named=True)
        hint = "Mend it, or name it in a skip rule with a reason."
        raise _broken(name, row[ROW], row["text"], "which is no number", hint, row["column"])
    return parsed.filter(~pl.col("_missing")).drop("_missing", "text")


def _check_twice(values: pl.DataFrame, name: str) -> None:
    twice = values.filter(values.select("series", _WHEN).is_duplicated()).sort("series", _WHEN, ROW)
    if not twice.is_empty():
        first, again = twice.row(0, named=True), twice.row(1, named=True)
        why = f"which row {first[ROW]} has already"
        raise _broken(name, again[ROW], again[_TEXT], why, "Remove one of the rows.", again["column"])


def _check_range(values: pl.DataFrame, catalogue: Catalogue, name: str) -> None:
    """No value is outside what its unit can be."""
    for (series_id,), part in values.group_by("series", maintain_order=True):
        unit = catalogue.series[str(series_id)].unit
        outside = part.filter((pl.col("value") < unit.info.low) | (pl.col("value") > unit.info.high))
        if outside.is_empty():
            continue
        row = outside.row(0, named=True)
        raise UnitError(
            f"{name}, row {row[ROW]}, column {row['column']!r}: {row['value']:g} can't be {unit.value} "
            f"({series_id!r} lies between {unit.info.low:g} and {unit.info.high:g}).",
            f"Declare the file's unit with `scale`, or mend the row. {NOTHING}",
        )


def _moved(values: pl.DataFrame, entry: FileMapping, sessions: Sessions) -> pl.DataFrame:
    """Dates moved by the mapping's rule; days that are no sessions (or no weekdays) have nothing to move."""
    if entry.shift_sessions:
        rows = np.searchsorted(sessions.dates, values[_WHEN].to_numpy().astype("datetime64[D]"))
        rows = np.minimum(rows, len(sessions.dates) - 1)
        is_session = sessions.dates[rows] == values[_WHEN].to_numpy().astype("datetime64[D]")
        target = np.clip(rows + entry.shift_sessions, 0, len(sessions.dates) - 1)
        return values.with_columns(pl.Series(_WHEN, sessions.dates[target])).filter(pl.Series(is_session))
    if entry.shift_weekdays:
        values = values.filter(pl.col(_WHEN).dt.weekday() <= 5)
        days = values[_WHEN].to_numpy().astype("datetime64[D]")
        return values.with_columns(pl.Series(_WHEN, np.busday_offset(days, entry.shift_weekdays)))
    return values


def _aggregated(values: pl.DataFrame, entry: FileMapping) -> pl.DataFrame:
    assert entry.aggregate is not None
    value = pl.col("value").sum() if entry.aggregate.kind == "sum" else pl.col("value").mean()
    sums = values.group_by("series", _WHEN, maintain_order=True).agg(
        value, pl.len().alias("n"), pl.col(ROW, _TEXT, "column").first()
    )
    return sums.filter(pl.col("n") == entry.aggregate.rows) if entry.aggregate.rows else sums


def parse_values(
    table: pl.DataFrame, entry: FileMapping, catalogue: Catalogue, sessions: Sessions, *, name: str, today: date
) -> pl.DataFrame:
    """Values of a table in the catalogue's units.

    Parameters
    ----------
    table : what `read_table` gives.
    today : the latest date that is possible, give or take a time zone.

    Returns
    -------
    Frame of `series, when, value, row, column`; `when` is a date, or the instant (UTC) at which a bar opens or a
    value belongs. Missing values are absent.

    Raises
    ------
    PayloadError : a date or number can't be read or is impossible, or a date comes twice.
    UnitError : a value can't be in the series' unit.
    """
    if entry.drop_last:
        table = table.head(-entry.drop_last)
    if entry.when is not None:
        number = pl.col(entry.when.column).str.strip_chars().cast(pl.Float64, strict=False)
        table = table.filter(number > 0 if entry.when.sign == "positive" else number < 0)
    stamp = str(entry.date if entry.date is not None else entry.time)
    left_out = [d for rule in entry.skip if not rule.columns for d in rule.dates]
    # A row without a date is no row that a rule leaves out.
    dated = _with_when(table.filter(~pl.col(stamp).is_in(left_out).fill_null(False)), entry, name, today)
    values = _with_values(_long(dated, entry, name), entry, name)
    for rule in (r for r in entry.skip if r.dates and r.columns):
        values = values.filter(~(pl.col(_TEXT).is_in(rule.dates) & pl.col("column").is_in(rule.columns)))
    ids = {**entry.columns, **entry.names, **({COUNT: entry.count} if entry.count else {})}
    factors = {c: entry.factor(c) for c in ids}
    values = values.with_columns(
        pl.col("column").replace_strict(ids, return_dtype=pl.String).alias("series"),
        pl.col("value") * pl.col("column").replace_strict(factors, return_dtype=pl.Float64),
    )
    day = pl.col(_WHEN).cast(pl.Date)
    limits = [*([day >= entry.first] if entry.first else []), *([day <= entry.last] if entry.last else [])]
    if entry.keep == "nonzero":
        limits.append(pl.col("value") != 0)
    values = reduce(lambda frame, limit: frame.filter(limit), limits, values)
    values = _moved(values, entry, sessions)
    if entry.dated == "start" and not values.is_empty():
        frequency = catalogue.series[entry.series[0]].frequency
        values = values.with_columns(last_days(values[_WHEN], frequency).alias(_WHEN))
    if entry.aggregate is not None:
        values = _aggregated(values, entry)
    else:
        _check_twice(values, name)
    _check_range(values, catalogue, name)
    return values.select("series", pl.col(_WHEN).alias("when"), "value", pl.col(ROW).alias("row"), "column")
