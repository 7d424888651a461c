"""Slices of single series against a filter of every row."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selloff.panel.slices import EVER, by_series, rows_since

SERIES = ["a", "b", "c", "d"]
DAY = 86_400_000_000


def _frame(rows: list[tuple[str, int]], n_chunks: int) -> pl.DataFrame:
    whole = pl.DataFrame(sorted(set(rows)), schema={"series": pl.String, "day": pl.Int64}, orient="row").select(
        "series", period_end=(pl.col("day") * DAY).cast(pl.Datetime("us", "UTC")), value=pl.int_range(pl.len())
    )
    size = max(whole.height // n_chunks, 1)
    return pl.concat([whole.slice(i, size) for i in range(0, whole.height, size)] or [whole], rechunk=False)


@given(
    st.lists(st.tuples(st.sampled_from(SERIES), st.integers(-5, 20)), max_size=40),
    st.dictionaries(st.sampled_from([*SERIES, "elsewhere"]), st.integers(-6, 21)),
    st.integers(1, 4),
)
def test_slices_are_what_a_filter_finds(rows, first_days, n_chunks):
    frame = _frame(rows, n_chunks)
    first_end = {series: day * DAY for series, day in first_days.items()}
    found = by_series(frame, first_end)
    assert set(found) == set(first_end) & set(frame["series"])
    end = pl.col("period_end").to_physical()
    for series, part in found.items():
        assert part.equals(frame.filter((pl.col("series") == series) & (end >= first_end[series])))
    assert rows_since(frame, first_end).sort("value").equals(pl.concat([*found.values(), frame.clear()]).sort("value"))
    assert rows_since(frame, first_end)["value"].is_sorted()


@pytest.mark.parametrize("day", [datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)])
def test_ever_is_before_everything(day: datetime):
    frame = pl.DataFrame(
        {"series": ["a"], "period_end": [day]}, schema_overrides={"period_end": pl.Datetime("us", "UTC")}
    )
    assert by_series(frame, {"a": EVER})["a"].height == 1
