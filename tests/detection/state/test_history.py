"""The background of every session: equal to the single day's, and blind to what came later."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from selloff.detection.state import state_at
from selloff.detection.state.history import NAMES, StateHistory, state_history
from selloff.panel.clock import morning_note
from selloff.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHOWN = {
    *("vix", "sofr_minus_iorb", "mortgage_spread", "curve_10y2y", "financial_conditions"),
    *("geopolitical_risk", "posts", "btc_implied_volatility", "hy_spread"),
    *("vol_control_sp500", "trend_sp500", "trend_us10y"),
}


def _row(sessions, day: date) -> int:
    return int(np.searchsorted(sessions.dates, np.datetime64(day)))


def _history(rows: pl.DataFrame, catalogue, sessions, last: date = date(2019, 12, 31)) -> StateHistory:
    first_row, n_rows = _row(sessions, date(2016, 1, 4)), _row(sessions, last) + 1
    return state_history(rows, catalogue, sessions, first_row=first_row, n_rows=n_rows)


@pytest.fixture(scope="module")
def history(background_store: Store, catalogue, sessions) -> StateHistory:
    return _history(background_store.scan().collect(), catalogue, sessions)


def test_every_planted_indicator_is_there(history: StateHistory):
    filled = np.isfinite(history.surprise).any(axis=0)
    assert {i for i, there in zip(history.indicators, filled, strict=True) if there} >= SHOWN


def test_each_day_equals_the_single_days_reading(history, background_store, catalogue, sessions, window_of):
    random = np.random.default_rng(11)
    picked = [3, 60, *random.integers(0, len(history.sessions), 10).tolist(), len(history.sessions) - 1]
    n_numbers = 0
    for row in picked:
        window = window_of(str(history.sessions[row]))
        moment = morning_note(window.end)
        state = state_at(background_store, catalogue, sessions, window, moment, NOW)
        for column, reading in enumerate(state.readings):
            where = (str(window.end), reading.indicator.id)
            assert bool(history.evidence[row, column]) == reading.evidence, where
            for name in NAMES:
                found = getattr(history, name)[row, column]
                expected = getattr(reading, name) if reading.status == "known" else None
                assert found == pytest.approx(math.nan if expected is None else expected, nan_ok=True), (*where, name)
                n_numbers += expected is not None
    assert n_numbers > 300


def test_deleting_what_was_known_later_changes_nothing(history, background_store, catalogue, sessions):
    rows = background_store.scan().collect()
    for last in (date(2016, 6, 3), date(2018, 2, 5), date(2019, 7, 3)):
        cut = rows.filter(pl.col("known_at") <= morning_note(last))
        assert cut.height < rows.height
        found = _history(cut, catalogue, sessions, last)
        n = len(found.sessions)
        for name in (*NAMES, "evidence"):
            assert np.array_equal(getattr(found, name), getattr(history, name)[:n], equal_nan=name != "evidence"), (
                last,
                name,
            )


def test_the_check_can_fail(history, background_store, catalogue, sessions):
    """A revision backdated to its period's end does change an earlier row."""
    rows = background_store.scan().collect()
    backdated = rows.with_columns(known_at=pl.when(pl.col("series") == "nfci").then("period_end").otherwise("known_at"))
    found = _history(backdated, catalogue, sessions)
    column = history.indicators.index("financial_conditions")
    assert not np.array_equal(found.value[:, column], history.value[:, column], equal_nan=True)


def test_a_revision_is_read_from_the_day_it_was_known(history, background_store, catalogue):
    """Each week stands at its first estimate until the next week's is out."""
    column = history.indicators.index("financial_conditions")
    first = (
        background_store.scan()
        .filter((pl.col("series") == "nfci") & (pl.col("source") == "alfred"))
        .collect()
        .sort("period_end", "known_at")
        .group_by("period_end", maintain_order=True)
        .first()
    )
    shown = history.value[300:, column]
    assert np.isin(np.round(shown, 3), first["value"].to_numpy().round(3)).all()


def test_the_order_of_rows_does_not_matter(history, background_store, catalogue, sessions):
    shuffled = background_store.scan().collect().sample(fraction=1.0, shuffle=True, seed=5)
    found = _history(shuffled, catalogue, sessions)
    for name in NAMES:
        assert np.array_equal(getattr(found, name), getattr(history, name), equal_nan=True), name
