"""As-of rules on observation frames: which source, then which vintage, counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Series

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Stretch:
    """The part of one series that is read from one source: period ends in [start, end), None is unbounded."""

    series: str
    source: str
    start: datetime | None = None
    end: datetime | None = None


def _day_start(day: date) -> datetime:
    return datetime.combine(day, time(), _NEW_YORK).astimezone(UTC)


def choose_sources(series: Iterable[Series], present: dict[str, set[str]]) -> list[Stretch]:
    """Which source is read for which stretch of each series.

    The catalogue's order decides: the first source that has any row known by then. If that source belongs to
    the series' splice, the splice is read, each stretch from its own source only; else that one source. A
    source that the catalogue does not list is never read.

    Parameters
    ----------
    present : the sources that have any row known by then, per series.
    """
    chosen: list[Stretch] = []
    for spec in series:
        first = next((s for s in spec.sources if s in present.get(spec.id, ())), None)
        if first is None:
            continue
        if first not in {s.source for s in spec.splice}:
            chosen.append(Stretch(spec.id, first))
            continue
        start = None
        for part in spec.splice:
            end = None if part.until is None else _day_start(part.until + timedelta(days=1))
            chosen.append(Stretch(spec.id, part.source, start, end))
            start = end
    return chosen


FIRST_KNOWN = "first_known"
"""Column: from when on the source had any value of the period; `known_at` is that of the value itself."""


def resolve(rows: pl.DataFrame, series: Sequence[Series], *, first_known: bool = False) -> pl.DataFrame:
    """One row per series and period: its source's last known, `exact` vintages hiding `lagged` ones.

    Ties of `known_at` go to the later `fetched_at`.

    Parameters
    ----------
    rows : observations already cut at the as-of moment; `series` may hold others, which are left out.
    first_known : whether to add the column `FIRST_KNOWN`.

    Returns
    -------
    Frame of the columns of `OBSERVATION_SCHEMA` and what was asked for, sorted by series and period.
    """
    ids = sorted({s.id for s in series})
    sources = sorted({source for s in series for source in s.sources})
    # Numbers once per run of equal names: comparing half a million strings costs more than all the rest of a read.
    (series_start, series_run), (source_start, source_run) = _runs(rows["series"], ids), _runs(rows["source"], sources)
    start = np.union1d(series_start, source_start)
    lengths = np.diff(start, append=rows.height)
    series_run = series_run[np.searchsorted(series_start, start, side="right") - 1]
    source_run = source_run[np.searchsorted(source_start, start, side="right") - 1]
    pairs = np.where((series_run >= 0) & (source_run >= 0), series_run * len(sources) + source_run, -1)
    present: dict[str, set[str]] = {}
    for code in np.unique(pairs[pairs >= 0]).tolist():
        present.setdefault(ids[code // len(sources)], set()).add(sources[code % len(sources)])
    kept = _kept(choose_sources(series, present), ids, sources, np.repeat(pairs, lengths), rows["period_end"])
    series_code = np.repeat(series_run, lengths)
    if not kept.all():
        rows, series_code = rows.filter(pl.Series(kept)), series_code[kept]
    columns = [*OBSERVATION_SCHEMA, FIRST_KNOWN] if first_known else list(OBSERVATION_SCHEMA)
    return _last_known(rows.with_columns(series_code=pl.Series(series_code))).select(columns)


def _runs(column: pl.Series, names: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First row of each run of equal names, and the name's place in a list; -1 if it is not there."""
    runs = column.rle().struct
    lengths = runs.field("len").to_numpy().astype(np.int64)
    codes = runs.field("value").cast(pl.Enum(names), strict=False).to_physical().cast(pl.Int64).fill_null(-1)
    return np.cumsum(lengths) - lengths, codes.to_numpy()


def _kept(
    chosen: Sequence[Stretch], ids: list[str], sources: list[str], pairs: npt.NDArray[np.int64], ends: pl.Series
) -> npt.NDArray[np.bool_]:
    """The rows that lie on a chosen stretch.

    Parameters
    ----------
    pairs : (n_rows,) number of series and source of each row; -1 where one of them is not among those asked for.
    ends : (n_rows,) period ends.
    """
    whole = np.zeros(len(ids) * len(sources) + 1, dtype=bool)
    parts = []
    for stretch in chosen:
        code = ids.index(stretch.series) * len(sources) + sources.index(stretch.source)
        if stretch.start is None and stretch.end is None:
            whole[code] = True
        else:
            parts.append((code, stretch))
    kept = whole[pairs]
    for code, stretch in parts:
        own = pairs == code
        if stretch.start is not None:
            own &= (ends >= stretch.start).to_numpy()
        if stretch.end is not None:
            own &= (ends < stretch.end).to_numpy()
        kept |= own
    return kept


def _last_known(coded: pl.DataFrame) -> pl.DataFrame:
    """One row per period of rows that hold one source per period, with `FIRST_KNOWN`."""
    end = pl.col("period_end").to_physical()
    series, earlier = pl.col("series_code"), pl.col("series_code").shift(1)
    new_series = series != earlier
    ordered = (series > earlier) | (~new_series & (end > end.shift(1)))
    if coded.select(ordered.all()).item():
        return coded.with_columns(pl.col("known_at").alias(FIRST_KNOWN))
    # Only what decides is sorted; the rows themselves are gathered once, at the end.
    order = coded.select(
        "series_code",
        "period_end",
        "known_at",
        "fetched_at",
        is_exact=pl.col("vintage") == "exact",
        is_lagged=pl.col("vintage") == "lagged",
        row=pl.int_range(pl.len()),
    ).sort("series_code", "period_end", "known_at", "fetched_at")
    starts = (new_series | (end != end.shift(1))).fill_null(True)
    position = pl.int_range(pl.len())
    last = order.select(
        "row",
        start=pl.when(starts).then(position).forward_fill(),
        last_exact=pl.when("is_exact").then(position).forward_fill(),
        last_unhidden=pl.when(~pl.col("is_lagged")).then("row").forward_fill(),
        is_last=starts.shift(-1, fill_value=True),
    ).filter("is_last")
    hides = pl.col("last_exact") >= pl.col("start")
    winners = last.select(pl.when(hides).then("last_unhidden").otherwise("row"))
    first = order["known_at"].gather(last["start"]).alias(FIRST_KNOWN)
    return coded[winners.to_series()].with_columns(first)
