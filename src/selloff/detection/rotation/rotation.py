"""Rotation: who led before a window, and whether the leaders broke in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import polars as pl

from selloff.catalog import Catalogue, RotationBasket
from selloff.catalog.sessions import Sessions
from selloff.detection.rotation.baskets import BasketMoves, basket_moves, whole_moves
from selloff.detection.rotation.measure import HORIZONS, Measured, measure
from selloff.detection.rotation.ranks import FEWEST_BASKETS, share_as_low, spearman
from selloff.detection.verdict import JOINTNESS_LEVEL
from selloff.panel import Window
from selloff.panel.placement import PLACED, Rows, place
from selloff.panel.slices import rows_since
from selloff.panel.transforms import Floats, last_rows
from selloff.panel.volatility import SLOW_SESSIONS

HISTORY = 2520
"""Sessions before the base from which earlier windows come: ten years."""

Verdict = Literal["leaders_broke", "laggards_broke", "no_pattern", "not_testable"]


@dataclass(frozen=True)
class RunUp:
    """A basket's move over so many sessions up to the base, in log per cent and in sigmas known before it.

    rank : 1 for the largest in sigmas of those known; None where the sigmas are.
    """

    sessions: int
    log_move: float | None
    sigmas: float | None
    rank: int | None


@dataclass(frozen=True)
class BasketTurn:
    """One basket: its run-ups, and its window.

    move : simple per cent (of a difference of two: in per cent points of log moves). sigmas : slow. beta : on the S&P
    500, over the 250 sessions up to the base. adjusted : log move less beta times that of the S&P, in per cent.
    adjusted_sigmas : over the volatility of daily moves so adjusted. flags : `partial_basket`, `no_data`.
    """

    basket: RotationBasket
    members: tuple[str, ...]
    run_ups: tuple[RunUp, ...]
    move: float | None
    log_move: float | None
    sigmas: float | None
    beta: float | None
    adjusted: float | None
    adjusted_sigmas: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Rotation:
    """Who led and who broke.

    correlations : Spearman's, per horizon, of run-up sigmas with adjusted sigmas in the window; minus: leaders broke.
    mean_correlation : over the horizons; the statistic that is tested.
    p_value : share of earlier windows, not overlapping, with one as low. windows : how many those are.
    baskets_used : ids of the baskets in it.
    closes : by member the closes (UTC microseconds) from which the longest to the shortest run-up is measured, at the
        base, and at the window's end; without those that are missing.
    """

    baskets: tuple[BasketTurn, ...]
    correlations: tuple[float | None, ...]
    mean_correlation: float | None
    p_value: float | None
    windows: int
    baskets_used: tuple[str, ...]
    verdict: Verdict
    closes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def rotation_series(catalogue: Catalogue) -> list[str]:
    """Every series that a basket may read, and the S&P 500's."""
    ids = [s for b in catalogue.baskets.values() for s in b.series]
    return list(dict.fromkeys([*ids, *catalogue.assets["spx"].series]))


def _correlations(measured: Measured, rows: Sequence[int], used: Sequence[int]) -> Floats:
    """Spearman's at some bases, (n_horizons, n_rows); NaN where a basket is missing."""
    picked = np.ix_(list(rows), list(used))
    after = measured.adjusted_sigmas[picked]
    before = np.stack([b[picked] for b in measured.run_up_sigmas])
    whole = ~np.isnan(before).any(axis=(0, 2)) & ~np.isnan(after).any(axis=1)
    out = np.full((len(HORIZONS), len(rows)), np.nan)
    out[:, whole] = spearman(before[:, whole], after[whole])
    return out


def _value(array: Floats, row: int, column: int) -> float | None:
    value = float(array[row, column])
    return value if np.isfinite(value) else None


def _ranks(values: Sequence[float | None]) -> list[int | None]:
    known = sorted((v for v in values if v is not None), reverse=True)
    return [None if v is None else known.index(v) + 1 for v in values]


def _turn(found: BasketMoves, measured: Measured, row: int, column: int, ranks: Sequence[int | None]) -> BasketTurn:
    log_move = _value(measured.moves, row, column)
    difference = bool(found.basket.minus)
    simple = log_move if log_move is None or difference else 100.0 * float(np.expm1(log_move / 100.0))
    return BasketTurn(
        basket=found.basket,
        members=found.members,
        run_ups=tuple(
            RunUp(
                h,
                _value(measured.run_ups[i], row, column),
                _value(measured.run_up_sigmas[i], row, column),
                ranks[i],
            )
            for i, h in enumerate(HORIZONS)
        ),
        move=simple,
        log_move=log_move,
        sigmas=_value(measured.sigmas, row, column),
        beta=_value(measured.beta, row, column),
        adjusted=_value(measured.adjusted, row, column),
        adjusted_sigmas=_value(measured.adjusted_sigmas, row, column),
        flags=("partial_basket",) if found.present < found.listed else (),
    )


def _empty(basket: RotationBasket) -> BasketTurn:
    run_ups = tuple(RunUp(h, None, None, None) for h in HORIZONS)
    return BasketTurn(basket, (), run_ups, None, None, None, None, None, None, ("no_data",))


def _verdict(p_value: float | None) -> Verdict:
    if p_value is None:
        return "not_testable"
    if p_value <= JOINTNESS_LEVEL:
        return "leaders_broke"
    return "laggards_broke" if p_value >= 1 - JOINTNESS_LEVEL else "no_pattern"


def find_rotation(
    observations: pl.DataFrame, window: Window, sessions: Sessions, catalogue: Catalogue, market: str
) -> Rotation:
    """Who led before a window and who broke in it.

    Parameters
    ----------
    observations : as known at one moment, one row per series and period, sorted by both; with those of
        `rotation_series`, whatever else it holds.
    market : the series that stands for the S&P 500.
    """
    first = max(0, window.base_row + 1 - HISTORY - SLOW_SESSIONS - max(HORIZONS))
    rows = slice(first, window.end_row + 1)
    ids = rotation_series(catalogue)
    start = int(sessions.dates[first].astype("datetime64[us]").astype(np.int64))
    recent = rows_since(observations.select(PLACED), dict.fromkeys(ids, start))
    part = Sessions(sessions.exchange, sessions.dates[rows], sessions.closes[rows])
    levels, ends = place(recent, [catalogue.series[s] for s in ids], part, len(part.dates))
    found = rotate(levels, ids, window.n_sessions, catalogue, market)
    members = list(dict.fromkeys(s for b in found.baskets for s in b.members))
    columns = [ids.index(s) for s in members]
    closes = _closes(levels[:, columns], ends[:, columns], window.n_sessions)
    return replace(found, closes=dict(zip(members, closes, strict=True)))


def _closes(levels: Floats, ends: Rows, n: int) -> list[tuple[int, ...]]:
    """Per series the instants of the levels between which run-ups and window are measured."""
    base = len(levels) - 1 - n
    at = np.array([*(base - h for h in reversed(HORIZONS)), base, base + n])
    rows = last_rows(levels)[at[at >= 0]]
    return [tuple(dict.fromkeys(ends[row[row >= 0], i].tolist())) for i, row in enumerate(rows.T)]


def rotate(levels: Floats, ids: Sequence[str], n: int, catalogue: Catalogue, market: str) -> Rotation:
    """The rotation of the last n sessions.

    Parameters
    ----------
    levels : (n_sessions, n_series) of the series `ids`, which are those of `rotation_series`; NaN where missing.
    """
    base = len(levels) - 1 - n
    daily = whole_moves(levels)
    by_series = {s: daily[:, i] for i, s in enumerate(ids)}
    found = {b.id: basket_moves(by_series, b, n) for b in catalogue.baskets.values()}
    there = [f for f in found.values() if f is not None]
    absent = [_empty(catalogue.baskets[i]) for i, f in found.items() if f is None]
    if not there:
        return Rotation(tuple(absent), (None,) * len(HORIZONS), None, None, 0, (), "not_testable")
    moves = np.column_stack([f.moves for f in there])
    measured = measure(moves, by_series[market], n)
    ranks = [_ranks([_value(s, base, i) for i in range(len(there))]) for s in measured.run_up_sigmas]
    turns = [_turn(f, measured, base, i, [r[i] for r in ranks]) for i, f in enumerate(there)]
    whole = ~np.isnan(measured.run_up_sigmas[:, base]).any(axis=0) & ~np.isnan(measured.adjusted_sigmas[base])
    used = np.flatnonzero(whole).tolist()
    now: Floats = np.full(len(HORIZONS), np.nan)
    earlier: Floats = np.empty(0)
    if len(used) >= FEWEST_BASKETS:
        now = _correlations(measured, [base], used)[:, 0]
        earlier = _correlations(measured, range(base - n, max(base - HISTORY, 0), -n), used).mean(axis=0)
    mean = float(now.mean())
    p_value = share_as_low(mean, earlier)
    return Rotation(
        baskets=(*turns, *absent),
        correlations=tuple(float(c) if np.isfinite(c) else None for c in now),
        mean_correlation=mean if np.isfinite(mean) else None,
        p_value=p_value,
        windows=int(np.count_nonzero(~np.isnan(earlier))),
        baskets_used=tuple(there[i].basket.id for i in used),
        verdict=_verdict(p_value),
    )
