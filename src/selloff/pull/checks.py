"""What makes a delivered value suspicious: pure functions over levels, without store or clock.

A suspicious value is set aside for a person to decide. A crash is not suspicious: it stays fallen. The last value of a
body is never judged by what follows it, so today's crash is stored today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Series
from selloff.catalog.units import Quantity

FIRST_YEAR = 1800
SIGMAS = 20.0
"""A move this many standard deviations large that is undone by the next value."""
SPIKE_RATIO = 20.0
"""A level this many times the one before, undone by the next value, is a spike whatever the volatility."""
UNDONE = 0.25
"""A move is undone if at most this part of it is left at the next value."""
FACTORS = (100.0, 1e3, 1e6, 1e9)
"""Cents for dollars, thousands, millions, billions for units: what a service gets wrong when it changes a unit."""
FACTOR_SLACK = 0.10
"""Log distance within which a ratio counts as one of the factors."""
WINDOW = 250
FEWEST = 20
FLOOR_LOG = 0.005
FLOOR_PERCENT = 0.15

Levels = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reason:
    """Why a value was set aside."""

    id: str
    text: str
    acceptable: bool = True


IMPOSSIBLE_DATE = Reason("impossible_date", "its date is in the future or before 1800", acceptable=False)
KNOWN_BEFORE_END = Reason("known_before_end", "it claims to be known before its period ended", acceptable=False)
DUPLICATE = Reason("duplicate", "the body has two values for this period")
RANGE = Reason("range", "its unit can't have such a value")
UNIT_JUMP = Reason("unit_jump", "it differs by a factor that a change of unit would give")
SPIKE = Reason("spike", "a move of more than 20 sigmas, or 20-fold, that the next value undoes")
REASONS = {r.id: r for r in (IMPOSSIBLE_DATE, KNOWN_BEFORE_END, DUPLICATE, RANGE, UNIT_JUMP, SPIKE)}


def impossible_date(day: pl.Expr, today: date) -> pl.Expr:
    """True where a date is later than tomorrow or earlier than 1800."""
    return (day > pl.lit(today).dt.offset_by("1d")) | (day.dt.year() < FIRST_YEAR)


def outside_range(values: pl.Expr, series: Series) -> pl.Expr:
    """True where the unit can't have the value; a price or index with a log transform can't be zero either."""
    info = series.unit.info
    bad = (values < info.low) | (values > info.high)
    if info.low == 0.0 and series.transform == "log" and info.quantity in {Quantity.PRICE, Quantity.INDEX}:
        bad = bad | (values == 0.0)
    return bad


def steps(levels: Levels, transform: str) -> Levels:
    """(n,) moves between neighbours, the first NaN: log moves, or differences.

    Where a log move does not exist (a price at or below zero) the difference over the earlier level stands for it.
    """
    out = np.full(len(levels), np.nan)
    before, after = levels[:-1], levels[1:]
    if transform != "log":
        out[1:] = after - before
        return out
    with np.errstate(all="ignore"):
        out[1:] = np.where((before > 0) & (after > 0), np.log(after / before), (after - before) / np.abs(before))
    out[~np.isfinite(out)] = np.nan
    return out


def sigmas_before(moves: Levels, transform: str, percent: bool) -> Levels:
    """(n,) standard deviation of the up to 250 moves before each one; NaN with fewer than 20.

    It has a floor (0.5 % for log moves, 15 bp for rates): without one, an administered rate or a pegged currency, which
    hardly ever moves, would make a lone policy week or a funding squeeze look like an error.
    """
    column = pl.Series(moves).fill_nan(None)
    spread = column.rolling_std(WINDOW, min_samples=FEWEST).shift(1).to_numpy().astype(np.float64)
    floor = FLOOR_LOG if transform == "log" else FLOOR_PERCENT if percent else 0.0
    floored = np.maximum(spread, floor)
    return np.where(floored > 0, floored, np.nan)


def spikes(levels: Levels, transform: str, percent: bool) -> Flags:
    """(n,) True at a move of more than 20 sigmas, or 20-fold, of which the next level leaves at most a quarter."""
    out = np.zeros(len(levels), dtype=bool)
    if len(levels) < 3:
        return out
    moves = steps(levels, transform)
    with np.errstate(all="ignore"):
        large = np.abs(moves) > SIGMAS * sigmas_before(moves, transform, percent)
        if transform == "log":
            large |= np.abs(moves) > np.log(SPIKE_RATIO)
        undone = np.abs(levels[2:] - levels[:-2]) <= UNDONE * np.abs(levels[1:-1] - levels[:-2])
    out[1:-1] = large[1:-1] & undone
    return out


def _is_factor(ratio: float) -> bool:
    if ratio <= 0:
        return False
    distance = abs(np.log(ratio))
    return any(abs(distance - np.log(f)) <= FACTOR_SLACK for f in FACTORS)


def unit_jumps(levels: Levels, transform: str, percent: bool, trusted: Flags) -> Flags:
    """(n,) True where a level is about 100, 1,000, a million or a billion times the last good one, or that part of it.

    A change of unit stays, so every later level is measured against the last one before it. The move must also be above
    20 sigmas where enough is known: a bill rate may well go from 0.01 to 1 %. Trusted levels are good by definition.
    """
    out = np.zeros(len(levels), dtype=bool)
    with np.errstate(all="ignore"):
        ratios = np.abs(np.log(np.abs(levels[1:] / levels[:-1])))
    if not np.any(ratios > np.log(FACTORS[0]) - FACTOR_SLACK):
        return out
    moves = steps(levels, transform)
    sigma = sigmas_before(moves, transform, percent)
    good, spread = levels[0], np.nan
    for i in range(1, len(levels)):
        spread = sigma[i] if not out[i - 1] else spread
        ratio = levels[i] / good if good != 0 else 0.0
        move = np.log(ratio) if transform == "log" and ratio > 0 else levels[i] - good
        known = np.isfinite(spread)
        out[i] = not trusted[i] and _is_factor(ratio) and (abs(move) > SIGMAS * spread if known else transform == "log")
        if not out[i]:
            good = levels[i]
    return out


def suspicious_levels(levels: Levels, series: Series, trusted: Flags) -> list[Reason | None]:
    """For each level of a series, in order of time, the reason to set it aside, or None.

    Parameters
    ----------
    trusted : (n,) True for levels that are stored already; they are context only.
    """
    percent = series.unit.info.quantity is Quantity.RATE
    jumps = unit_jumps(levels, series.transform, percent, trusted)
    found: list[Reason | None] = [UNIT_JUMP if j else None for j in jumps]
    for i in np.flatnonzero(spikes(levels, series.transform, percent) & ~trusted):
        found[i] = SPIKE
    return found
