"""Rows of single series out of rows sorted by series: slices, as comparing every row's name costs more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

EVER = -(2**63)
"""An instant before every period."""


def by_series(rows: pl.DataFrame, first_end: Mapping[str, int]) -> dict[str, pl.DataFrame]:
    """Rows of each wanted series whose period ended at an instant or later; a series without rows is left out.

    Parameters
    ----------
    rows : columns `series` and `period_end`, sorted by both.
    first_end : the instant, UTC microseconds, by wanted series.
    """
    runs = rows["series"].rle().struct
    ends = rows["period_end"].to_physical().to_numpy()
    found: dict[str, pl.DataFrame] = {}
    start = 0
    for series, length in zip(runs.field("value").to_list(), runs.field("len").to_list(), strict=True):
        if series in first_end:
            skip = int(np.searchsorted(ends[start : start + length], first_end[series]))
            found[series] = rows.slice(start + skip, length - skip)
        start += length
    return found


def rows_since(rows: pl.DataFrame, first_end: Mapping[str, int]) -> pl.DataFrame:
    """The rows of `by_series` together, in their order."""
    parts = by_series(rows, first_end)
    return pl.concat(parts.values()) if parts else rows.clear()
