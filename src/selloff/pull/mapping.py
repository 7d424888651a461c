"""Mapping files: which columns of a user's files are which series, and what about them needs saying."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

import polars as pl
from pydantic import Field, ValidationError, field_validator, model_validator

from selloff.catalog import Catalogue, Series, Unit
from selloff.catalog.catalogue import did_you_mean
from selloff.catalog.series import CatalogModel, SeriesId
from selloff.errors import MappingError, UnitError

_BAR = re.compile(r"^(\d{1,4})(min|h)$")
_OFFSET = re.compile(r"%[:#]*z|%\+")
Format = Literal["csv", "parquet", "xlsx"]
FORMATS: dict[str, Format] = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}


class Scale(CatalogModel):
    """The file's unit, and the factor that turns its values into the catalogue's unit."""

    from_: Unit = Field(alias="from")
    factor: float = Field(gt=0, allow_inf_nan=False)


class Skip(CatalogModel):
    """Rows or values left out on purpose.

    `dates` as they stand in the file; `values` are texts that mean nothing, such as `-999`. `columns` limits it to
    some columns. The reason is mandatory.
    """

    reason: str = Field(min_length=5)
    dates: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_what(self) -> Skip:
        if bool(self.dates) == bool(self.values):
            raise ValueError("a skip rule needs either dates or values")
        return self


class Aggregate(CatalogModel):
    """Rows of one date added up, or averaged. `rows`: a date with another number of rows is left out as incomplete."""

    kind: Literal["sum", "mean"]
    rows: int | None = Field(default=None, ge=1, le=1_000_000)


class When(CatalogModel):
    """Only the rows in which another column's number has this sign; rows without a number there are left out."""

    column: str
    sign: Literal["positive", "negative"]


class FileMapping(CatalogModel):
    """One file, or several of the same layout.

    Attributes
    ----------
    path : relative to the imported folder; `*` and `?` stand for several files.
    format : `csv`, `parquet` or `xlsx`; by the name's ending if left out.
    date, date_format : column of dates and how they are written.
    time, time_format, zone, bar : column of instants instead, their zone, and the length of the bars that open then
        (`1h`, `5min`); without `bar` the values belong to the instant itself.
    decimal, thousands : marks of numbers that are text; `thousands` may stand only between groups of three digits.
    columns : series by column name.
    names, series_column, value_column : a long layout: series by the name in one column, values in another.
    count : series that counts the rows of each date or instant.
    units : unit of a column's values where it should be checked; `scale` where it is another than the catalogue's.
    first, last : rows outside these dates are left out.
    dated : `start` if a week, month or quarter carries its first day.
    shift_sessions, shift_weekdays : move dates by so many New York sessions, or weekdays; rows of other days are left
        out, as their values are those of a neighbour. Markets that trade on New York's holidays move by weekdays.
    drop_last : rows at the end that are no closes.
    keep : `nonzero` leaves out zeros.
    when : only rows in which a further column is positive, or negative.
    note : why the file needs what is said above.
    """

    path: str
    format: Format | None = None
    sheet: str | None = None
    delimiter: str = ","
    decimal: Literal[".", ","] = "."
    thousands: str | None = None
    date: str | None = None
    date_format: str = "%Y-%m-%d"
    time: str | None = None
    time_format: str = "%Y-%m-%dT%H:%M:%SZ"
    zone: str = "UTC"
    bar: str | None = None
    columns: dict[str, SeriesId] = Field(default={})
    series_column: str | None = None
    value_column: str | None = None
    names: dict[str, SeriesId] = Field(default={})
    count: SeriesId | None = None
    units: dict[str, Unit] = Field(default={})
    scale: dict[str, Scale] = Field(default={})
    null: tuple[str, ...] = ()
    skip: tuple[Skip, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    dated: Literal["start", "end"] = "end"
    shift_sessions: int = Field(default=0, ge=-5, le=5)
    shift_weekdays: int = Field(default=0, ge=-5, le=5)
    drop_last: int = Field(default=0, ge=0, le=1_000_000)
    keep: Literal["all", "nonzero"] = "all"
    when: When | None = None
    aggregate: Aggregate | None = None
    note: str | None = None

    @field_validator("path")
    @classmethod
    def _is_inside(cls, value: str) -> str:
        parts = PurePosixPath(value).parts
        outside = PurePosixPath(value).is_absolute() or PureWindowsPath(value).anchor or ".." in parts
        if not parts or outside or "\0" in value:
            raise ValueError(f"{value!r} is not the name of a file inside the folder")
        if any("**" in part and part != "**" for part in parts):
            raise ValueError("`**` stands for folders and must be a part of the path by itself")
        return value

    @field_validator("delimiter")
    @classmethod
    def _is_delimiter(cls, value: str) -> str:
        if len(value) != 1 or not value.isascii() or value.isalnum() or value in '"\r\n\0':
            raise ValueError(f"{value!r} is not one character that can separate fields")
        return value

    @field_validator("thousands")
    @classmethod
    def _is_mark(cls, value: str | None) -> str | None:
        if value is not None and (len(value) != 1 or value.isalnum() or value in "+-"):
            raise ValueError(f"{value!r} is not one character, other than a digit, letter or sign")
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            pl.Series([0], dtype=pl.Datetime("us")).dt.replace_time_zone(value)
            is_zone = bool(value)
        except pl.exceptions.PolarsError:
            is_zone = False
        if not is_zone:
            raise ValueError(f"{value!r} is not a time zone such as Europe/London")
        return value

    @field_validator("bar")
    @classmethod
    def _is_length(cls, value: str | None) -> str | None:
        if value is not None and not _BAR.match(value):
            raise ValueError(f"{value!r} is not a length such as 1h or 5min")
        return value

    @model_validator(mode="after")
    def _is_one_layout(self) -> FileMapping:
        if (self.date is None) == (self.time is None):
            raise ValueError("name either a `date` or a `time` column")
        long = (self.series_column, self.value_column)
        if bool(self.names) != all(long) or any(long) != all(long):
            raise ValueError("a long layout needs `series_column`, `value_column` and `names`")
        if not (self.columns or self.names or self.count):
            raise ValueError("nothing is mapped: give `columns`, `names` or `count`")
        if self.thousands == self.decimal:
            raise ValueError("`thousands` and `decimal` are the same")
        if self.columns and self.names:
            raise ValueError("give either `columns` or `names`")
        if self.shift_sessions and self.shift_weekdays:
            raise ValueError("give either `shift_sessions` or `shift_weekdays`")
        if (self.drop_last or self.shift_sessions or self.shift_weekdays) and not self.note:
            raise ValueError("`drop_last` and a shift need a `note` that says why")
        return self

    @property
    def says_offset(self) -> bool:
        """Whether the file's times say how far they are from UTC, so that `zone` has nothing to add."""
        return _OFFSET.search(self.time_format.replace("%%", "")) is not None

    @property
    def bar_minutes(self) -> int:
        """Length of the bars; 0 where values belong to instants."""
        match = _BAR.match(self.bar or "")
        return 0 if match is None else int(match[1]) * (60 if match[2] == "h" else 1)

    @property
    def series(self) -> tuple[str, ...]:
        """Every series the file feeds, each once."""
        counted = (self.count,) if self.count else ()
        return tuple(dict.fromkeys((*self.columns.values(), *self.names.values(), *counted)))

    def format_of(self, path: Path) -> Format:
        """Format of a file of this mapping.

        Raises
        ------
        MappingError : it isn't given, and the name's ending doesn't tell.
        """
        found = self.format or FORMATS.get(path.suffix.lower())
        if found is None:
            raise MappingError(f"{path.name}: the format can't be told from the name.", 'Add `format = "csv"`.')
        return found

    def factor(self, column: str) -> float:
        """What a column's values are multiplied by."""
        return self.scale[column].factor if column in self.scale else 1.0


class Mapping(CatalogModel):
    """A mapping file."""

    file: tuple[FileMapping, ...] = Field(min_length=1)


def _check_units(entry: FileMapping, column: str, spec: Series) -> None:
    scale = entry.scale.get(column)
    declared = entry.units.get(column)
    if scale is not None:
        if declared is not None and declared is not scale.from_:
            raise UnitError(
                f"{entry.path}, column {column!r}: `units` says {declared.value}, `scale` says {scale.from_.value}.",
                "Leave one of them out.",
            )
        return
    if declared is not None and declared is not spec.unit:
        raise UnitError(
            f"{entry.path}, column {column!r} is in {declared.value}; the series {spec.id!r} is in {spec.unit.value}.",
            f'Declare scale = {{ "{column}" = {{ from = "{declared.value}", factor = … }} }}',
        )


def _check_kind(entry: FileMapping, spec: Series) -> None:
    if spec.formula is not None:
        raise MappingError(
            f"{entry.path} feeds {spec.id!r}, which is computed from {', '.join(spec.formula.members) or 'a table'}.",
            "Map its members instead.",
        )
    if entry.time is None and spec.close is None:
        raise MappingError(f"{entry.path} feeds {spec.id!r}, whose values are instants, with dates.", "Name `time`.")
    if spec.is_intraday and not entry.bar:
        raise MappingError(f"{entry.path} feeds {spec.id!r} and says no length of bars.", 'Add `bar = "1h"`.')
    if entry.time is not None and not (spec.is_intraday or spec.frequency == "irregular"):
        raise MappingError(
            f"{entry.path} feeds {spec.id!r}, a {spec.frequency} series, with instants.", "Name a `date` column."
        )


def check_mapping(mapping: Mapping, catalogue: Catalogue) -> None:
    """Every series exists and may be imported; units agree or a scale is declared.

    Raises
    ------
    MappingError, UnitError : what is wrong, with which file.
    """
    for entry in mapping.file:
        columns = {**entry.columns, **entry.names}
        for column, series_id in [*columns.items(), *([("", entry.count)] if entry.count else [])]:
            if series_id not in catalogue.series:
                hint = did_you_mean(series_id, catalogue.series) or "`selloff data series` lists them."
                raise MappingError(f"{entry.path} names the series {series_id!r}, which does not exist.", hint)
            spec = catalogue.series[series_id]
            _check_kind(entry, spec)
            _check_units(entry, column, spec)
        stray = [c for c in (*entry.units, *entry.scale) if c not in columns]
        if stray:
            raise MappingError(f"{entry.path}: a unit or scale is given for {stray[0]!r}, which is not mapped.", "")


def read_mapping(path: Path, catalogue: Catalogue) -> Mapping:
    """Read and check a mapping file.

    Raises
    ------
    MappingError : it can't be read, is malformed, or names what does not exist.
    UnitError : a declared unit is not the catalogue's, and no scale is given.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(f"The mapping {path} can't be read: {error.strerror}.", "Check the path.") from error
    except (ValueError, RecursionError) as error:  # malformed, not UTF-8, a number or nesting beyond what can be read
        raise MappingError(f"The mapping {path} is not valid TOML: {error}.", "Mend that line.") from error
    try:
        mapping = Mapping.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        entries = values.get("file", [])
        index = first["loc"][1] if len(first["loc"]) > 1 else None
        entry = entries[index] if isinstance(index, int) and isinstance(entries, list) else None
        name = entry.get("path", "?") if isinstance(entry, dict) else "the file"
        raise MappingError(f"{path.name}, {name}, {where}: {first['msg']}.", "Mend that entry.") from error
    check_mapping(mapping, catalogue)
    return mapping
