"""Records: what is known of one series, period by period, as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Catalogue, Series
from selloff.catalog.sessions import Sessions
from selloff.panel.transforms import Floats

Ints = npt.NDArray[np.int64]

LAST_MINUTE, FIRST_MINUTE = 16 * 60, 14 * 60
"""An intraday series stands for a day by its last bar that ended in these minutes of the New York day: the panel's
rule, a bar by the usual close that is at most two hours old."""


@dataclass(frozen=True)
class Records:
    """One series as known at one moment, in order of period.

    day : (n,) New York date of the period's end, days since 1970.
    end, known : (n,) instants, UTC microseconds; in a history `known` is the row of the moment.
    value : (n,), never NaN.
    """

    day: Ints
    end: Ints
    known: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.day)

    def to(self, last_day: int) -> Records:
        """Without the periods that ended after a New York day."""
        n = int(np.searchsorted(self.day, last_day, side="right"))
        return Records(self.day[:n], self.end[:n], self.known[:n], self.value[:n])

    def where(self, kept: npt.NDArray[np.bool_]) -> Records:
        """Some of the records."""
        return Records(self.day[kept], self.end[kept], self.known[kept], self.value[kept])


def new_york_days(ends: pl.Series) -> Ints:
    """New York date of instants, days since 1970."""
    local = ends.dt.convert_time_zone("America/New_York")
    return np.asarray(local.dt.date().to_physical().to_numpy(), dtype=np.int64)


def new_york_minutes(ends: pl.Series) -> Ints:
    """Minute of the New York day of instants."""
    local = ends.dt.convert_time_zone("America/New_York")
    hour, minute = local.dt.hour().to_numpy(), local.dt.minute().to_numpy()
    return np.asarray(hour, dtype=np.int64) * 60 + np.asarray(minute, dtype=np.int64)


def records_of(
    parts: Mapping[str, pl.DataFrame], specs: Mapping[str, Series], known: str = "known_at"
) -> dict[str, Records]:
    """Records of each series out of rows as known at one moment; a series without rows is left out.

    Parameters
    ----------
    parts : rows by series, one per period, in order of period.
    known : the column that says when.
    """
    kept = {s: p for s, p in parts.items() if p.height}
    if not kept:
        return {}
    ends, knowns, values = (pl.concat([p[c] for p in kept.values()]) for c in ("period_end", known, "value"))
    day = new_york_days(ends)
    end, known_by, value = ends.to_physical().to_numpy(), knowns.to_physical().to_numpy(), values.to_numpy()
    found: dict[str, Records] = {}
    start = 0
    for series, part in kept.items():
        cut = slice(start, start + part.height)
        start += part.height
        records = Records(day[cut], end[cut], known_by[cut], value[cut])
        if specs[series].is_intraday:
            records = last_bars(records, new_york_minutes(part["period_end"]))
        if len(records):
            found[series] = records
    return found


def last_bars(records: Records, minute: Ints) -> Records:
    """The last bar of each day by the usual close."""
    records = records.where((minute > FIRST_MINUTE) & (minute <= LAST_MINUTE))
    is_last = np.ones(len(records), dtype=bool)
    is_last[:-1] = records.day[1:] != records.day[:-1]
    return records.where(is_last)


def table_records(
    catalogue: Catalogue, series: Sequence[str], sessions: Sessions, n_rows: int, known: Ints
) -> dict[str, Records]:
    """Records of the series that are dated tables of rates: one per session, known at `known`, its close.

    Parameters
    ----------
    known : (n_rows,).
    """
    found: dict[str, Records] = {}
    for name in series:
        formula = catalogue.series[name].formula
        if formula is None or formula.kind != "rate_table":
            continue
        dates = sessions.dates[:n_rows]
        value = catalogue.rates[formula.table].on(dates)
        records = Records(dates.astype(np.int64), sessions.closes[:n_rows], known[:n_rows], value)
        found[name] = records.where(~np.isnan(value))
    return found
