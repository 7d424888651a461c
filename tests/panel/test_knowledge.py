"""Delays by loop, on observations with planted lags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA, default_catalogue
from selloff.panel import Panel, morning_note
from selloff.panel.knowledge import NEVER, delays
from selloff.panel.panel import build_panel
from selloff.panel.placement import place
from selloff.store import Store


@pytest.fixture(scope="module")
def panel_and_truth(sessions):
    """60 sessions of a stock index that is known at once and a yield that comes with a delay in hours."""
    catalogue = default_catalogue()
    first = int(np.searchsorted(sessions.dates, np.datetime64("2019-01-02")))
    n_rows = first + 60
    random = np.random.default_rng(3)
    rows, truth = [], np.zeros((n_rows, 2), dtype=np.int64)
    notes = [morning_note(d) for d in sessions.dates[:n_rows].tolist()]
    for row in range(first, n_rows):
        end = datetime.fromtimestamp(int(sessions.closes[row]) / 1e6, UTC)
        for column, series in enumerate(("sp500", "ust_10y")):
            hours = 0 if column == 0 else int(random.choice([1, 9, 10, 20, 44, 120, 5000]))
            known = end + timedelta(hours=hours)
            rows.append((series, "import", end, known, 100.0 + row, "exact", known))
            later = [t for t in range(row, n_rows) if notes[t] >= known]
            truth[row, column] = later[0] - row if later else NEVER
    observations = pl.DataFrame(rows, schema=OBSERVATION_SCHEMA, orient="row").sort("series", "period_end")
    observations = observations.with_columns(first_known=pl.col("known_at"))
    specs = [catalogue.find_series(s) for s in ("sp500", "ust_10y")]
    levels, ends = place(observations, specs, sessions, n_rows)
    return Panel(sessions.dates[:n_rows], tuple(specs), levels, ends, observations, None), truth


def test_delays_by_loop(panel_and_truth, sessions):
    panel, truth = panel_and_truth
    found = delays(panel, default_catalogue(), sessions)
    np.testing.assert_array_equal(found, truth)
    assert {0, 1, NEVER} <= set(found[:, 1].tolist())


def test_a_revision_changes_no_delay(panel_and_truth, sessions, tmp_path):
    """Half of the values revised, at once for all of them and long after the last session or within the sixty."""
    panel, truth = panel_and_truth
    rows = panel.observations.select(list(OBSERVATION_SCHEMA))
    n_rows, names = len(panel.sessions), [s.id for s in panel.series]
    for number, seen in enumerate((datetime(2019, 2, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC))):
        store = Store(tmp_path / str(number))
        store.append(rows)
        revised = rows.filter((pl.int_range(pl.len()) % 2 == 0) & (pl.col("known_at") < seen))
        vintage = pl.lit("first_seen")
        moment = pl.lit(seen).dt.cast_time_unit("us")
        again = revised.with_columns(pl.col("value") * 0.996, vintage=vintage, known_at=moment, fetched_at=moment)
        assert store.append(again).revised == revised.height
        made = build_panel(store, default_catalogue(), names, sessions, n_rows=n_rows, as_of=None)
        assert (made.observations["known_at"] == seen).sum() == revised.height
        np.testing.assert_array_equal(delays(made, default_catalogue(), sessions), truth)
