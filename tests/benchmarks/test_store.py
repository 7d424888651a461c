"""As-of reads out of 5 million rows (bound: 0.3 s for 40 series) and the append that finds nothing new.

Not asserted: the figures belong to one machine. Each is printed with its ratio to a naive read of the whole
table in the same run.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.store import Store
from tests.store.strategies import series

N_SERIES, N_PERIODS, N_WANTED = 250, 10_000, 40
N_BATCHES = 4
AS_OF = datetime(2017, 1, 3, 13, tzinfo=UTC)
SPECS = [series(f"s{number:03}", sources=("first", "second")) for number in range(N_SERIES)]
WANTED = SPECS[::6][:N_WANTED]


def generated(specs, n_periods: int, fetched_at: datetime, seed: int) -> pl.DataFrame:
    """Two vintages a period: a lagged one, and an exact one known later that differs."""
    rng = np.random.default_rng(seed)
    first = datetime(1990, 1, 1, 21, tzinfo=UTC)
    ends = pl.datetime_range(first, first + timedelta(days=n_periods - 1), "1d", time_unit="us", eager=True)
    one = pl.DataFrame({"source": "first", "period_end": ends, "fetched_at": fetched_at})
    parts = [
        one.with_columns(
            series=pl.lit(spec.id),
            known_at=pl.col("period_end").dt.offset_by(f"{lag}d"),
            value=pl.Series(rng.normal(size=n_periods)),
            vintage=pl.lit(vintage),
        )
        for spec in specs
        for lag, vintage in ((1, "lagged"), (40, "exact"))
    ]
    return pl.concat(parts).select(list(OBSERVATION_SCHEMA))


@pytest.fixture(scope="module")
def big(tmp_path_factory, request) -> Store:
    """5 million rows in a few appends, compacted; when nothing is measured 25 thousand, so that the code still runs."""
    n_periods = N_PERIODS if request.config.getoption("benchmark_enable") else 50
    store = Store(tmp_path_factory.mktemp("big") / "store")
    step = N_SERIES // N_BATCHES
    for number in range(0, N_SERIES, step):
        rows = generated(SPECS[number : number + step], n_periods, datetime(2026, 1, 1, tzinfo=UTC), number)
        start = time.perf_counter()
        store.append(rows)
        print(f"\nappended {rows.height:,} rows in {time.perf_counter() - start:.2f} s", end="")
    start = time.perf_counter()
    result = store.compact(keep_hours=0)
    print(f"\ncompacted in {time.perf_counter() - start:.2f} s: {result}")
    return store


def naive(store: Store, first_known: bool) -> pl.DataFrame:
    """The whole table read and sorted, then cut: what a store without any order or rule for pruning would
    do."""
    rows = store.scan().collect().filter(
        pl.col("series").is_in([s.id for s in WANTED]) & (pl.col("known_at") <= AS_OF)
    )  # fmt: skip
    rows = rows.sort("series", "period_end", "known_at", "fetched_at")
    exact = (pl.col("vintage") == "exact").any().over("series", "period_end")
    if first_known:
        rows = rows.with_columns(first_known=pl.col("known_at").min().over("series", "period_end"))
    return rows.filter(~exact | (pl.col("vintage") != "lagged")).unique(
        ["series", "period_end"], keep="last", maintain_order=True
    )


@pytest.mark.parametrize("first_known", [False, True])
def test_as_of_panel_of_40_series_out_of_5_million_rows(big, benchmark, first_known):
    rows = benchmark.pedantic(lambda: big.read(WANTED, AS_OF, first_known=first_known), rounds=7, warmup_rounds=1)
    start = time.perf_counter()
    slow = naive(big, first_known)
    took = time.perf_counter() - start
    assert rows.equals(slow)
    if benchmark.stats is not None:
        print(f"\nnaive {took:.2f} s, ratio {took / benchmark.stats.stats.median:.1f}")


def test_append_of_a_days_rows_that_are_all_there(big, benchmark):
    day = pl.col("period_end") == big.scan().select(pl.col("period_end").max()).collect().item()
    rows = big.scan().filter(day & (pl.col("vintage") == "exact")).collect()
    done = benchmark.pedantic(lambda: big.append(rows), rounds=3)
    assert done.unchanged == rows.height


def test_append_of_a_days_new_rows(big, benchmark):
    last = big.scan().select(pl.col("period_end").max()).collect().item()
    rows = big.scan().filter((pl.col("period_end") == last) & (pl.col("vintage") == "exact")).collect()
    days = iter(range(1, 100))

    def append():
        later = pl.duration(days=next(days))
        return big.append(rows.with_columns(pl.col("period_end") + later, pl.col("known_at") + later))

    assert benchmark.pedantic(append, rounds=3).new == rows.height
