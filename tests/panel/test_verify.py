"""What `data verify` finds beside dates: lost rows, lines in place of values, closes on days without a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.panel.verify import Finding, verify_store
from selloff.store import Payload, Store

NOW = datetime(2024, 6, 1, tzinfo=UTC)


class Bench:
    """A store to put series into, and what is found in it."""

    def __init__(self, root: Path, catalogue: Catalogue, sessions: Sessions) -> None:
        self.root, self.store = root, Store(root)
        self.catalogue, self.sessions = catalogue, sessions

    def put(self, series: str, days: np.ndarray, values: Sequence[float] | np.ndarray) -> None:
        dates = pl.Series(days.astype("datetime64[D]"), dtype=pl.Date)
        frame = stamp(self.catalogue.find_series(series), dates, pl.Series(values, dtype=pl.Float64), self.sessions)
        rows = frame.with_columns(source=pl.lit("import"), fetched_at=pl.lit(NOW)).select(list(OBSERVATION_SCHEMA))
        self.store.append(rows, [Payload("import", "a.csv", b"a", NOW)])

    def found(self, check: str) -> list[Finding]:
        every = verify_store(self.store, self.catalogue, self.sessions, lambda _: self.sessions, NOW).findings
        return [f for f in every if f.check == check]


@pytest.fixture
def bench(tmp_path: Path, catalogue: Catalogue, sessions: Sessions) -> Bench:
    return Bench(tmp_path / "store", catalogue, sessions)


def test_a_lost_log_entry_is_an_error(bench: Bench) -> None:
    bench.put("sp500", np.array(["2024-05-30"]), [1.0])
    assert bench.found("bytes") == []
    log = sorted((bench.root / "observations" / "_delta_log").glob("*.json"))
    log[-1].write_bytes(b"")
    assert any("is empty" in f.text and f.severity == "error" for f in bench.found("bytes"))
    log[-1].unlink()
    assert any("no observation" in f.text and f.severity == "error" for f in bench.found("bytes"))


def test_payloads_without_one_observation_are_an_error(bench: Bench) -> None:
    bench.store.append(pl.DataFrame(schema=OBSERVATION_SCHEMA), [Payload("import", "a.csv", b"a", NOW)])
    assert [f.severity for f in bench.found("bytes")] == ["error"]


def test_closes_on_days_without_a_session_are_named(bench: Bench) -> None:
    days = np.array(["2024-02-15", "2024-02-16", "2024-02-17", "2024-02-19", "2024-02-20"])  # Saturday, a holiday
    for series in ("sp500", "ust_10y"):
        bench.put(series, days, [1.0, 2.0, 3.0, 4.0, 5.0])
    found = {f.series: f.text for f in bench.found("closed")}
    start = "has values on days without a session, "
    assert found == {
        "sp500": f"{start}1 at a weekend and 1 on a weekday without a session of XNYS: 2024-02-17, 2024-02-19",
        "ust_10y": f"{start}1 at a weekend: 2024-02-17",
    }


def test_lines_in_place_of_values_are_an_error(bench: Bench) -> None:
    end = int(np.searchsorted(bench.sessions.dates, np.datetime64("2024-05-01")))
    days, rng = bench.sessions.dates[end - 600 : end], np.random.default_rng(3)
    values = np.round(50 + np.cumsum(rng.normal(0, 0.05, 600)), 2)
    bench.put("sp500", days, values)
    x = days.astype(float)
    filled = values.copy()
    filled[300:401] = np.round(np.interp(x[300:401], x[300:401:20], 50 + np.array([0, 1, 0.2, 0.9, 0.1, 0.5])), 2)
    bench.put("nasdaq_100", days, filled)
    (found,) = bench.found("interpolated")
    assert (found.series, found.severity) == ("nasdaq_100", "error")
    assert str(days[300]) in found.text or str(days[301]) in found.text
