"""Sums of fiscal quarters, against a slow count by hand and as of moments around a filing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.catalog.units import Unit
from selloff.panel import build_panel
from selloff.panel.quarter_sum import quarter_sum
from selloff.store import Store
from tests.truncation import assert_truncation_proof

NEW_YORK = ZoneInfo("America/New_York")
SUM = "capex_hyperscalers_filed"
CALENDAR = ("capex_msft", "capex_amzn", "capex_meta", "capex_googl")
FILED = datetime(2024, 2, 2, 23, tzinfo=UTC)


def by_hand(levels: np.ndarray, ends: np.ndarray) -> list[float]:
    """One calendar quarter after the other, in plain Python."""
    total = [float("nan")] * len(levels)
    cells: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    for row, column in np.ndindex(levels.shape):
        if not np.isnan(levels[row, column]):
            last = datetime.fromtimestamp((int(ends[row, column]) - 1) / 1e6, NEW_YORK)
            cells.setdefault((last.year, (last.month - 1) // 3), []).append((row, column, levels[row, column]))
    for found in cells.values():
        if sorted(c for _, c, _ in found) == list(range(levels.shape[1])):
            total[max(r for r, _, _ in found)] = sum(v for _, _, v in found)
    return total


def test_the_sum_is_that_of_a_count_by_hand() -> None:
    dice = np.random.default_rng(20260228)
    n_rows, n_members = 900, 3
    levels, ends = np.full((n_rows, n_members), np.nan), np.zeros((n_rows, n_members), dtype=np.int64)
    start = datetime(2015, 1, 1, tzinfo=UTC)
    for column in range(n_members):
        for row in range(int(dice.integers(0, 25)), n_rows, 25):
            if dice.random() < 0.9:
                moment = start + timedelta(days=int(3.65 * row), hours=int(dice.integers(0, 30)))
                levels[row, column], ends[row, column] = dice.uniform(1, 30), int(moment.timestamp() * 1e6)
    found = quarter_sum(levels, ends)
    assert np.array_equal(found, by_hand(levels, ends), equal_nan=True)
    assert 5 < np.isfinite(found).sum() < 36


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("2024-01-01T04:59:59.999999", 5.0),  # the last microsecond of the New York year
        ("2024-01-01T05:00:00", 5.0),  # midnight ends that year's last day
        ("2024-01-01T05:00:00.000001", None),
    ],
)
def test_midnight_ends_the_quarter_before(second: str, expected: float | None) -> None:
    ends = np.zeros((2, 2), dtype=np.int64)
    ends[0, 0] = int(datetime(2023, 11, 30, 12, tzinfo=UTC).timestamp() * 1e6)
    ends[1, 1] = round(datetime.fromisoformat(second).replace(tzinfo=UTC).timestamp() * 1e6)
    found = quarter_sum(np.array([[2.0, np.nan], [np.nan, 3.0]]), ends)
    assert np.array_equal(found, [np.nan, np.nan if expected is None else expected], equal_nan=True)


def test_two_quarters_of_one_company_in_one_calendar_quarter_are_no_sum() -> None:
    """As Apple's in 2017: 1 July and 30 September."""
    days = [datetime(2017, 7, 1, 20, tzinfo=UTC), datetime(2017, 9, 30, 20, tzinfo=UTC)]
    ends = np.array([[int(d.timestamp() * 1e6)] * 2 for d in days])
    assert np.isnan(quarter_sum(np.array([[1.0, np.nan], [2.0, 5.0]]), ends)).all()


@pytest.fixture
def store(tmp_path: Path, catalogue: Catalogue, sessions: Sessions) -> Store:
    """Two calendar quarters of five companies; the last of them files the second one on `FILED`, and corrects it."""
    frames = []
    for series, value in [*((s, 10.0) for s in CALENDAR), ("capex_orcl", 2.0)]:
        ends = ["2023-08-31", "2023-11-30"] if series == "capex_orcl" else ["2023-09-30", "2023-12-31"]
        days = pl.Series([date.fromisoformat(d) for d in ends], dtype=pl.Date)
        frame = stamp(catalogue.find_series(series), days, pl.Series([value, value + 1.0]), sessions)
        late = FILED if series == "capex_meta" else datetime(2024, 1, 25, tzinfo=UTC)
        known = pl.Series([datetime(2023, 11, 1, tzinfo=UTC), late]).dt.cast_time_unit("us")
        frames.append(frame.with_columns(known_at=known, vintage=pl.lit("exact")))
    corrected = frames[2].tail(1).with_columns(value=pl.lit(12.0), known_at=pl.lit(FILED + timedelta(days=30)))
    rows = pl.concat([*frames, corrected]).with_columns(source=pl.lit("sec_edgar"), fetched_at=pl.lit(FILED))
    made = Store(tmp_path / "store")
    made.append(rows.select(list(OBSERVATION_SCHEMA)))
    return made


def test_a_company_that_has_not_filed_leaves_the_quarter_missing(
    store: Store, catalogue: Catalogue, sessions: Sessions, tmp_path: Path
) -> None:
    def sums(of: Store, as_of: datetime) -> list[tuple[str, float]]:
        panel = build_panel(of, catalogue, [SUM], sessions, n_rows=len(sessions.dates), as_of=as_of)
        rows = np.flatnonzero(~np.isnan(panel.levels[:, 0]))
        return [(str(sessions.dates[row]), float(panel.levels[row, 0])) for row in rows]

    # 30 September and 31 December 2023 were a Saturday and a Sunday: the rows of the next sessions.
    third, fourth = ("2023-10-02", 42.0), ("2024-01-02", 47.0)
    assert sums(store, FILED - timedelta(microseconds=1)) == [third]
    assert sums(store, FILED) == [third, fourth]
    assert sums(store, FILED + timedelta(days=31)) == [third, ("2024-01-02", 48.0)]
    assert_truncation_proof(lambda s: repr(sums(s, FILED)).encode(), store, FILED, tmp_path / "cut")


def test_members_share_the_unit_of_their_sum(catalogue: Catalogue) -> None:
    spec = catalogue.find_series(SUM)
    assert spec.formula is not None
    assert {catalogue.find_series(m).unit for m in spec.formula.members} == {spec.unit} == {Unit.USD_BILLION}
