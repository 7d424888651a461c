"""What is set aside, and above all what is not: crashes are data."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from selloff.catalog import Series
from selloff.pull import checks


def series(unit: str = "usd", transform: str = "log") -> Series:
    close = {"time": "16:00", "zone": "America/New_York"}
    return Series.model_validate(
        {"id": "x", "name": "x", "unit": unit, "transform": transform, "close": close, "release": {"kind": "at_close"}}
    )


def walk(*tail: float, start: float = 100.0, sigma: float = 0.01, n: int = 300) -> np.ndarray:
    """A quiet random walk that ends at `start`, then the tail."""
    moves = np.random.default_rng(3).normal(0, sigma, n)
    levels = np.exp(np.cumsum(moves))
    return np.append(levels / levels[-1] * start, tail)


def flagged(levels: np.ndarray, spec: Series, trusted: np.ndarray | None = None) -> dict[int, str]:
    """Position from the end → reason."""
    known = np.zeros(len(levels), dtype=bool) if trusted is None else trusted
    reasons = checks.suspicious_levels(levels, spec, known)
    return {i - len(levels): r.id for i, r in enumerate(reasons) if r is not None}


@pytest.mark.parametrize(
    "tail",
    [
        (2.0,),  # -98 % on the last day
        (2.0, 2.1, 1.9),  # -98 % that stays
        (79.5, 84.1, 86.0),  # 19 October 1987
        (60.0, 55.0, 58.0),  # a crash with a rebound that undoes little
        (100.0 / 31, 100.0 / 29, 3.3),  # a collapse of a token
        (115.0, 108.0),  # half undone
    ],
)
def test_crashes_are_data(tail: tuple[float, ...]) -> None:
    assert flagged(walk(*tail), series()) == {}


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ((10.0, 100.5), {-2: "spike"}),  # a lost digit
        ((160.0, 101.0), {-2: "spike"}),
        ((1e4, 101.0), {-2: "spike"}),
        ((1e4, 1.01e4, 0.99e4), {-3: "unit_jump", -2: "unit_jump", -1: "unit_jump"}),  # cents from now on
        ((1e5,), {-1: "unit_jump"}),
        ((0.1, 0.101), {-2: "unit_jump", -1: "unit_jump"}),
    ],
)
def test_errors_are_set_aside(tail: tuple[float, ...], expected: dict[int, str]) -> None:
    assert flagged(walk(*tail), series()) == expected


def test_oil_below_zero_is_set_aside_for_a_person_to_accept() -> None:
    """20 April 2020: it was real, far more than 20 sigmas, and undone the next day. Only a person can tell."""
    levels = walk(18.31, -36.98, 8.91, 13.64, start=18.0, sigma=0.05)
    spec = series("usd_per_barrel")
    assert flagged(levels, spec) == {-3: "spike"}
    assert pl.select(checks.outside_range(pl.lit(-36.98), spec)).item() is False


def test_a_funding_squeeze_is_data() -> None:
    """17 September 2019: 2.43, 5.25, 2.55 % after months of moves of a few basis points."""
    rates = 2.4 + np.random.default_rng(4).normal(0, 0.02, 300)
    assert flagged(np.append(rates, [2.43, 5.25, 2.55]), series("percent", "difference")) == {}


def test_a_rate_of_a_hundred_times_is_an_error_unless_rates_are_near_zero() -> None:
    spec = series("percent", "difference")
    rates = 4.0 + np.random.default_rng(4).normal(0, 0.02, 300)
    assert flagged(np.append(rates, [0.04]), spec) == {-1: "unit_jump"}
    assert flagged(np.append(rates, [400.0]), spec) == {-1: "unit_jump"}
    assert flagged(np.append(np.full(300, 0.01), [1.0]), spec) == {}


def test_what_is_stored_is_context_only() -> None:
    levels = walk(1e4, 1.01e4, 1.02e4)
    trusted = np.zeros(len(levels), dtype=bool)
    trusted[:-2] = True
    assert flagged(levels, series(), trusted) == {}


def test_volatile_series_may_move_more() -> None:
    assert flagged(walk(160.0, 101.0, sigma=0.06), series()) == {}


@pytest.mark.parametrize(
    ("unit", "value", "bad"),
    [("usd", 0.0, True), ("usd", -1.0, True), ("usd_per_barrel", -36.98, False), ("usd_per_barrel", -101.0, True),
     ("percent", 250.0, True), ("usd", 1e-9, False), ("usd_million", 0.0, False)],
)  # fmt: skip
def test_range(unit: str, value: float, bad: bool) -> None:
    assert pl.select(checks.outside_range(pl.lit(value), series(unit))).item() is bad


@pytest.mark.parametrize(
    ("day", "bad"),
    [(date(2026, 1, 2), False), (date(2026, 1, 3), False), (date(2026, 1, 4), True), (date(1799, 12, 31), True),
     (date(1800, 1, 1), False)],
)  # fmt: skip
def test_dates(day: date, bad: bool) -> None:
    assert pl.select(checks.impossible_date(pl.lit(day), date(2026, 1, 2))).item() is bad
