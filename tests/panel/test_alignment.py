"""The alignment audit finds series that were moved by a day, and only these."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue, load
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.panel.alignment import audit_alignment, closes_early, lagged_correlations, peak
from selloff.panel.verify import verify_store
from selloff.store import Payload, Store

NOW = datetime(2024, 6, 1, tzinfo=UTC)
N = 700


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, sessions: Sessions) -> Store:
    """SPY and series that follow it: Nasdaq-100 on its day, S&P futures a day late, the Nikkei half and half."""
    catalogue = load()
    random = np.random.default_rng(11)
    market = random.normal(0, 0.01, N + 1)
    own = random.normal(0, 0.004, (4, N + 1))
    moves = {
        "spy_adj": market,
        "qqq_adj": market + own[0],
        "nasdaq_100": market + own[0] + own[1] / 4,
        "sp500_futures": np.concatenate([[0.0], market[:-1]]) + own[2],
        "ewj_adj": market + own[3],
        "nikkei_225": np.concatenate([[0.0], (market + own[3])[:-1]]),
    }
    end = int(np.searchsorted(sessions.dates, np.datetime64("2024-05-31"))) + 1
    days = pl.Series(sessions.dates[end - N - 1 : end])
    frames = [
        stamp(catalogue.find_series(s), days, pl.Series(100 * np.exp(np.cumsum(m))), sessions) for s, m in moves.items()
    ]
    store = Store(tmp_path_factory.mktemp("moved") / "store")
    rows = pl.concat(frames).with_columns(source=pl.lit("import"), fetched_at=pl.lit(NOW))
    store.append(rows.select(list(OBSERVATION_SCHEMA)), [Payload("import", "made up", b"x", NOW)])
    return store


def test_the_audit_tells_late_files_from_early_closes(moved: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    found = {a.series: a for a in audit_alignment(moved, catalogue, sessions, NOW)}
    assert found["nasdaq_100"].verdict == "aligned"
    assert (found["sp500_futures"].verdict, found["sp500_futures"].lag) == ("misaligned", -1)
    assert (found["nikkei_225"].verdict, found["nikkei_225"].lag) == ("expected", -1)
    assert "Asia/Tokyo" in found["nikkei_225"].reason
    assert {lag for _, lag in found["sp500_futures"].years} == {-1}


def test_verify_reports_the_late_file_as_an_error(moved: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    found = verify_store(moved, catalogue, sessions, lambda _: sessions, NOW)
    assert [(f.check, f.series) for f in found.errors] == [("alignment", "sp500_futures")]
    assert found.n_payloads == 1


def test_verify_finds_altered_bytes_gaps_and_impossible_values(
    tmp_path: Path, catalogue: Catalogue, sessions: Sessions
) -> None:
    store = Store(tmp_path / "store")
    year = sessions.dates[sessions.dates >= np.datetime64("2025-06-02")][:400].tolist()
    days = [d for d in year if not date(2026, 3, 1) <= d <= date(2026, 3, 31)]
    dates, ones = pl.Series(days, dtype=pl.Date), pl.Series([1.0] * len(days))
    rows = stamp(catalogue.find_series("spy_adj"), dates, ones, sessions)
    strange = rows.head(1).with_columns(series=pl.lit("ust_10y"), value=pl.lit(4200.0))
    unknown = rows.head(1).with_columns(series=pl.lit("no_such_series"))
    everything = pl.concat([rows, strange, unknown]).with_columns(source=pl.lit("import"), fetched_at=pl.lit(NOW))
    store.append(everything.select(list(OBSERVATION_SCHEMA)), [Payload("import", "a.csv", b"content", NOW)])
    raw = next((tmp_path / "store" / "raw").rglob("*.gz"))
    raw.write_bytes(raw.read_bytes()[:-1])
    later = datetime(2027, 1, 1, tzinfo=UTC)
    found = verify_store(store, catalogue, sessions, lambda _: sessions, later)
    by_check = {f.check: f for f in found.findings}
    assert by_check["schema"].series == "no_such_series"
    assert "a.csv" in by_check["bytes"].text
    assert "4200" in by_check["range"].text
    assert "2026-03-02 to 2026-03-31" in by_check["gap"].text


def test_correlations_match_plain_ones() -> None:
    random = np.random.default_rng(5)
    x, p = random.normal(size=(2, 300))
    x[::17] = np.nan
    both = ~np.isnan(x)
    found, n = lagged_correlations(x, p)
    kept = list(zip(x[both], p[both], strict=True))
    plain = np.corrcoef([a for a, _ in kept[1:]], [b for _, b in kept[:-1]])[0, 1]
    assert n == both.sum()
    assert found[0] == pytest.approx(plain)


@pytest.mark.parametrize(
    ("correlations", "lag"),
    [((0.1, 0.12, 0.0), None), ((0.6, 0.3, 0.0), -1), ((0.31, 0.30, 0.0), 0), ((0, 0.2, -0.9), 1)],
)
def test_a_peak_must_be_clear(correlations: tuple[float, float, float], lag: int | None) -> None:
    assert peak(correlations, 1000) == lag


@pytest.mark.parametrize(
    ("series", "early"),
    [("nikkei_225", True), ("jgb_10y", True), ("silver_fix_london", True), ("asx_200", True), ("nzx_50", True),
     ("spy_adj", False), ("dxy", False), ("btc_utc", False), ("usdjpy_h10", False), ("ust_10y", False)],
)  # fmt: skip
def test_who_closes_before_new_york(catalogue: Catalogue, series: str, early: bool) -> None:
    for day in (date(2024, 1, 15), date(2024, 7, 1), date(2024, 10, 30)):
        assert closes_early(catalogue.find_series(series), day) == early
