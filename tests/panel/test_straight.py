"""Lines in place of values, on invented series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selloff.panel.straight import LEAST_RISE, SHORTEST_RUN, rounding_unit, straight_spans

N = 1500
DAYS = np.arange(np.datetime64("2015-01-01"), np.datetime64("2024-01-01"))
DAYS = DAYS[np.is_busday(DAYS)][:N]
X = DAYS.astype(float)


def walk(seed: int, step: float, n: int = N) -> np.ndarray:
    return 5 + np.cumsum(np.random.default_rng(seed).normal(0, step, n))


def filled(values: np.ndarray, first: int, last: int, every: int = 21) -> np.ndarray:
    """The values between every 21st of a stretch drawn as lines in calendar days."""
    knots = np.append(np.arange(first, last, every), last)
    out = values.copy()
    out[first : last + 1] = np.interp(X[first : last + 1], X[knots], values[knots])
    return out


@given(st.integers(0, 10_000), st.integers(100, 800), st.integers(150, 500))
def test_what_lines_fill_is_found_and_what_they_do_not_is_not(seed: int, first: int, n: int) -> None:
    spans = straight_spans(DAYS, np.round(filled(walk(seed, 0.06), first, first + n), 2))
    inside = np.zeros(N, dtype=bool)
    for span in spans:
        inside[span.start : span.end + 1] = True
    # A line too short or too flat to tell breaks a span, and a part shorter than the shortest span is lost with it: of
    # 150 values one part is long enough at least. A line may reach a few values beyond by chance.
    assert not inside[: first - SHORTEST_RUN].any()
    assert not inside[first + n + SHORTEST_RUN :].any()
    assert inside[first : first + n + 1].mean() > 1 / 3


def test_points_on_days_without_a_value_are_no_hindrance() -> None:
    values = walk(1, 0.06)
    months = DAYS.astype("datetime64[M]")
    knots = np.unique(months[300:700]).astype("datetime64[D]").astype(float)  # the first of a month, often no weekday
    at = (knots[0] <= X) & (knots[-1] >= X)
    values[at] = np.interp(X[at], knots, 5 + np.resize([0.0, 0.7, 0.2, 1.1, 0.4], len(knots)))
    spans = straight_spans(DAYS, np.round(values, 2))
    assert sum(s.n_values for s in spans) >= 0.95 * at.sum()


def test_lines_that_are_not_rounded_are_found_too() -> None:
    values = np.round(walk(2, 0.06), 2)
    assert straight_spans(DAYS, filled(values, 200, 400))
    assert straight_spans(DAYS, filled(values, 100, 1300))


@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.03, 0.06, 0.5]))
def test_a_random_walk_is_none(seed: int, step: float) -> None:
    assert straight_spans(DAYS, np.round(walk(seed, step), 2)) == []


@given(st.integers(0, 10_000), st.sampled_from([0.002, 0.005, 0.01]))
def test_a_slow_series_is_none(seed: int, step: float) -> None:
    assert straight_spans(DAYS, np.round(walk(seed, step), 2)) == []


def test_a_quiet_time_of_a_lively_series_is_seldom_one() -> None:
    """In 9 of the first 3,000 histories chance makes it look like one."""
    found = 0
    for seed in range(400):
        steps = np.random.default_rng(seed).normal(0, 0.06, N)
        steps[400:800] /= 12
        found += bool(straight_spans(DAYS, np.round(5 + np.cumsum(steps), 2)))
    assert found <= 4


def test_a_policy_rate_and_a_constant_are_none() -> None:
    assert straight_spans(DAYS, np.round(np.floor(X / 45) * 0.25 % 5, 2)) == []
    assert straight_spans(DAYS, np.full(N, 1.25)) == []
    pegged = np.round(walk(3, 0.06), 2)
    pegged[200:900] = 7.8
    assert straight_spans(DAYS, pegged) == []


def test_a_few_values_are_none() -> None:
    assert straight_spans(DAYS[:0], np.array([])) == []
    assert straight_spans(DAYS[:59], np.arange(59.0)) == []


@pytest.mark.parametrize(
    ("values", "unit"), [([1.0, 25.0], 1.0), ([1.5, 2.0], 0.1), ([3.25, 4.01], 0.01), ([0.125] * 9, 0.001)]
)
def test_the_rounding_unit_is_read_off_the_values(values: list[float], unit: float) -> None:
    assert rounding_unit(np.array(values)) == pytest.approx(unit)
    assert LEAST_RISE * unit > 0
