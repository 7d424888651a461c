"""Run-up before each session and move after it, in units known at that session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.panel.transforms import Floats
from selloff.panel.volatility import FEWEST_MOVES, SLOW_SESSIONS, slow_volatility

HORIZONS = (20, 60, 120)
"""Sessions before the window: a month, a quarter, half a year."""


def sums(moves: Floats, n: int) -> Floats:
    """Sum of the last n rows at each row, missing ones as no move; NaN where none of them is there or n rows are not.

    Parameters
    ----------
    moves : (n_sessions, n_series).
    """
    present = ~np.isnan(moves)
    totals = np.cumsum(np.where(present, moves, 0.0), axis=0)
    counts = np.cumsum(present, axis=0)
    out = np.full(moves.shape, np.nan)
    total, count = totals[n - 1 :].copy(), counts[n - 1 :].copy()
    total[1:] -= totals[:-n]
    count[1:] -= counts[:-n]
    out[n - 1 :] = np.where(2 * count >= n, total, np.nan)
    return out


def betas(moves: Floats, market: Floats) -> Floats:
    """Least-squares slope on the market over the last 250 sessions at each row.

    Returns
    -------
    (n_sessions, n_series); NaN with fewer than 40 sessions on which both moved.
    """
    both = ~np.isnan(moves) & ~np.isnan(market)[:, None]
    y = np.where(both, moves, 0.0)
    x = np.where(both, market[:, None], 0.0)

    def recent(values: Floats) -> Floats:
        totals = np.cumsum(values, axis=0)
        out = totals.copy()
        out[SLOW_SESSIONS:] -= totals[:-SLOW_SESSIONS]
        return out

    n = recent(both.astype(np.float64))
    at_least = np.maximum(n, 1.0)
    covariance = recent(x * y) - recent(x) * recent(y) / at_least
    variance = recent(x * x) - recent(x) ** 2 / at_least
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where((n >= FEWEST_MOVES) & (variance > 1e-12), covariance / variance, np.nan))


@dataclass(frozen=True)
class Measured:
    """What the test reads, by the row that is the base.

    run_ups, run_up_sigmas : (n_horizons, n_sessions, n_baskets); the others (n_sessions, n_baskets). NaN where unknown.
    """

    run_ups: Floats
    run_up_sigmas: Floats
    moves: Floats
    sigmas: Floats
    beta: Floats
    adjusted: Floats
    adjusted_sigmas: Floats


def measure(moves: Floats, market: Floats, n: int) -> Measured:
    """Run-up before each row, and the move over the n sessions after it, in units known at that row.

    Parameters
    ----------
    moves : (n_sessions, n_baskets) daily log moves. market : (n_sessions,) of the S&P 500.
    """
    volatility = slow_volatility(moves)
    beta = betas(moves, market)
    residual = slow_volatility(moves - beta * market[:, None])
    run_ups, sigmas = [], []
    for h in HORIZONS:
        total = sums(moves, h)
        known = np.full(moves.shape, np.nan)
        known[h:] = volatility[:-h]
        run_ups.append(total)
        sigmas.append(total / (known * np.sqrt(h)))

    def ahead(values: Floats) -> Floats:
        out = np.full(values.shape, np.nan)
        out[:-n] = values[n:]
        return out

    after = ahead(sums(moves, n))
    adjusted = after - beta * ahead(sums(market[:, None], n))
    root = np.sqrt(n)
    return Measured(
        np.stack(run_ups),
        np.stack(sigmas),
        after,
        after / (volatility * root),
        beta,
        adjusted,
        adjusted / (residual * root),
    )
