"""Sums over companies whose fiscal quarters end on different days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.panel.transforms import Floats


def calendar_quarters(ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The calendar quarter, counted from year 0, in whose New York days the periods end.

    Parameters
    ----------
    ends : (n,) UTC microseconds; midnight ends the day before.
    """
    local = pl.Series((ends - 1).astype("datetime64[us]")).dt.replace_time_zone("UTC")
    local = local.dt.convert_time_zone("America/New_York")
    months = local.dt.year().cast(pl.Int64) * 12 + local.dt.month().cast(pl.Int64) - 1
    return (months // 3).to_numpy()


def quarter_sum(levels: Floats, ends: npt.NDArray[np.int64]) -> Floats:
    """Sum over companies of the fiscal quarters that end in one calendar quarter.

    Parameters
    ----------
    levels : (n_rows, n_members), a fiscal quarter's value in the row of its end, NaN elsewhere.
    ends : (n_rows, n_members), the instant of that end in UTC microseconds.

    Returns
    -------
    (n_rows,) the sum in the row in which the last member's quarter ends, NaN elsewhere. A calendar quarter in which a
    member has no value, or two (a fiscal year of 52 or 53 weeks can end two), is missing, not partial.
    """
    total = np.full(len(levels), np.nan)
    rows, columns = np.nonzero(~np.isnan(levels))
    quarters = calendar_quarters(ends[rows, columns])
    for quarter in np.unique(quarters):
        of_quarter = quarters == quarter
        if sorted(columns[of_quarter]) == list(range(levels.shape[1])):
            total[rows[of_quarter].max()] = levels[rows[of_quarter], columns[of_quarter]].sum()
    return total
