"""Daily volatility known at each session's close, on two scales.

slow : standard deviation of the daily log moves of the last 250 sessions (at least 40 moves).
fast : exponentially weighted, λ = 0.94, about zero mean (J.P. Morgan/Reuters 1996, RiskMetrics Technical Document,
    4th ed., section 5.2), over the same 250 sessions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import Floats

SLOW_SESSIONS = 250
FEWEST_MOVES = 40
DECAY = 0.94


def _window_sums(values: Floats) -> Floats:
    """Sums over the last 250 rows, (n_sessions,)."""
    totals = np.cumsum(values)
    sums = totals.copy()
    sums[SLOW_SESSIONS:] -= totals[:-SLOW_SESSIONS]
    return sums


def slow_volatility(moves: Floats) -> Floats:
    """Sample standard deviation (n - 1) of the last 250 sessions' moves, up to and including each row.

    Parameters
    ----------
    moves : (n_sessions, n_series) daily log moves, NaN where missing.

    Returns
    -------
    (n_sessions, n_series), column-major, NaN with fewer than 40 moves.
    """
    volatility = np.full(moves.shape, np.nan, order="F")
    for i in range(moves.shape[1]):
        volatility[:, i] = _slow(moves[:, i])
    return volatility


def _slow(moves: Floats) -> Floats:
    """One series, (n_sessions,)."""
    present = ~np.isnan(moves)
    filled = np.where(present, moves, 0.0)
    n = _window_sums(present.astype(np.float64))
    mean = _window_sums(filled) / np.maximum(n, 1)
    squares = _window_sums(filled**2)
    variance = np.maximum(squares - n * mean**2, 0.0) / np.maximum(n - 1, 1)
    return np.where((n >= FEWEST_MOVES) & (variance > 1e-18), np.sqrt(variance), np.nan)


def fast_volatility(recent_moves: Floats) -> Floats:
    """Exponentially weighted volatility at the last of up to 250 rows.

    Parameters
    ----------
    recent_moves : (n_sessions, n_series), the sessions up to the window's base; only the last 250 count.

    Returns
    -------
    (n_series,), NaN with fewer than 40 moves. Weights of missing moves fall to the others.
    """
    recent = recent_moves[-SLOW_SESSIONS:]
    weights = DECAY ** np.arange(len(recent) - 1, -1, -1, dtype=np.float64)[:, None]
    present = ~np.isnan(recent)
    total = np.sum(weights * present, axis=0)
    squares = np.sum(weights * np.where(present, recent, 0.0) ** 2, axis=0)
    enough = present.sum(axis=0) >= FEWEST_MOVES
    variance = np.where(enough & (total > 0), squares / np.where(total > 0, total, 1.0), np.nan)
    return np.where(variance > 1e-18, np.sqrt(variance), np.nan)


def sessions_since_start(levels: Floats, row: int) -> npt.NDArray[np.int64]:
    """Sessions from each series' first level to a row, (n_series,); -1 where there is no level yet."""
    present = ~np.isnan(levels[: row + 1])
    return np.where(present.any(axis=0), row - present.argmax(axis=0), -1)
