"""Percentile, change and surprise against a slow oracle that goes through every period."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from selloff.catalog import Indicator
from selloff.detection.state.readings import readings

FEWEST = 50


def _indicator(**changes) -> Indicator:
    values = {
        "id": "invented",
        "name": "Invented",
        "group": "rates",
        "formula": {"kind": "level", "terms": [{"series": ["vix"]}]},
        "unit": "percent",
        "stress": "high",
        "stale_after_days": 5,
        "look_back_years": 1,
    }
    return Indicator.model_validate(values | changes)


def _naive(day: list[int], value: list[float], k: int, spec: Indicator) -> dict[str, float]:
    nan = math.nan

    def scale(x: float) -> float:
        if spec.change == "difference":
            return x
        return 100 * math.log(x) if x > 0 else nan

    def new(j: int) -> float:
        if spec.surprise == "deviation":
            return scale(value[j]) - statistics.median(map(scale, value[j - 60 : j])) if j >= 60 else nan
        n = spec.change_periods
        return scale(value[j]) - scale(value[j - n]) if j >= n else nan

    oldest = -math.inf if spec.look_back_years is None else day[k] - int(spec.look_back_years * 365.25)
    past = [j for j in range(k) if day[j] > oldest]
    below = sum((value[j] < value[k]) + 0.5 * (value[j] == value[k]) for j in past)
    n = spec.change_periods
    sizes = [x for j in past if not math.isnan(x := new(j))]
    spread = math.sqrt(sum(x * x for x in sizes) / len(sizes)) if len(sizes) >= FEWEST else 0.0
    return {
        "percentile": 100 * below / len(past) if len(past) >= FEWEST else nan,
        "change": scale(value[k]) - scale(value[k - n]) if k >= n else nan,
        "surprise": new(k) / spread if spread > 0 else nan,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"look_back_years": None},
        {"transform": "change_20"},
        {"surprise": "deviation", "transform": "surprise"},
        {"change": "log"},
    ],
    ids=["plain", "all history", "over 20", "deviation", "log"],
)
def test_against_the_oracle(changes):
    random = np.random.default_rng(3)
    n = 420
    day = np.cumsum(random.integers(1, 4, n)).astype(np.int64)
    value = np.round(np.abs(random.normal(5, 2, n)) + 0.1, 1)  # rounded, so that ties happen
    spec = _indicator(**changes)
    at = np.array([0, 1, 49, 50, 51, 61, 130, 131, 300, 419])
    found = readings(day, value, at, spec, FEWEST)
    for i, k in enumerate(at.tolist()):
        expected = _naive(day.tolist(), value.tolist(), k, spec)
        for name, wanted in expected.items():
            assert getattr(found, name)[i] == pytest.approx(wanted, abs=1e-9, nan_ok=True), (name, k)
    assert np.isfinite(found.surprise).sum() >= 3


def test_what_never_moved_has_no_surprise_and_half_a_percentile():
    day, value = np.arange(400), np.full(400, 0.1)
    found = readings(day, value, np.array([399]), _indicator(), FEWEST)
    assert found.percentile[0] == 50.0
    assert math.isnan(found.surprise[0])


def test_later_values_change_nothing():
    random = np.random.default_rng(4)
    day, value = np.arange(500), random.normal(size=500)
    at = np.array([100, 250])
    for changes in ({}, {"surprise": "deviation"}):
        whole = readings(day, value, at, _indicator(**changes), FEWEST)
        cut = readings(day[:251], value[:251], at, _indicator(**changes), FEWEST)
        for name in ("percentile", "n_past", "change", "surprise"):
            assert np.array_equal(getattr(whole, name), getattr(cut, name), equal_nan=True), name


def test_the_log_of_what_is_not_positive_is_not_known():
    day = np.arange(300)
    value = np.where(day == 299, 0.0, 1.0 + 0.01 * (day % 7))
    found = readings(day, value, np.array([299]), _indicator(change="log"), FEWEST)
    assert math.isnan(found.change[0]) and math.isnan(found.surprise[0])
    assert found.percentile[0] == 0.0
