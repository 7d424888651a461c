"""Moves between levels.

Displayed moves are simple per cent, or basis points for rates and spreads; models and sums use log moves. Where a
price is not positive, both are the difference over the median positive level of the 250 sessions before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LONGEST_GAP = 5
"""Sessions a series may have been closed for a move across the gap still to count: a week of local holidays."""

SCALE_SESSIONS = 250


def last_rows(levels: Floats, longest: int = LONGEST_GAP) -> npt.NDArray[np.int64]:
    """Row of the last level at or before each row, at most `longest` rows back; -1 where there is none.

    Parameters
    ----------
    levels : (n_sessions, n_series), NaN where missing.

    Returns
    -------
    (n_sessions, n_series).
    """
    rows = np.arange(levels.shape[0])[:, None]
    last: npt.NDArray[np.int64] = np.maximum.accumulate(np.where(np.isnan(levels), -1, rows), axis=0)
    return np.where(rows - last <= longest, last, -1)


def price_scale(level_column: Floats, row: int) -> float:
    """Median positive level of the 250 sessions up to a row: the scale of the difference rule."""
    recent = level_column[max(0, row - SCALE_SESSIONS + 1) : row + 1]
    positive = recent[recent > 0]
    return float(np.median(positive)) if len(positive) else float("nan")


def log_moves(
    levels: Floats,
    from_rows: npt.NDArray[np.int64],
    to_rows: npt.NDArray[np.int64],
    is_difference: npt.NDArray[np.bool_],
) -> Floats:
    """Log moves in per cent (or basis points for difference series) between pairs of rows, column by column.

    Parameters
    ----------
    levels : (n_sessions, n_series), NaN where missing.
    from_rows, to_rows : (m, n_series), rows of `levels`; -1 gives NaN.
    is_difference : (n_series,), true for rates and spreads.

    Returns
    -------
    (m, n_series), NaN where either level is missing.
    """
    before = np.where(from_rows >= 0, np.take_along_axis(levels, np.maximum(from_rows, 0), axis=0), np.nan)
    after = np.where(to_rows >= 0, np.take_along_axis(levels, np.maximum(to_rows, 0), axis=0), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.where(is_difference, after - before, np.log(after / before))
    not_positive = ~is_difference & ((before <= 0) | (after <= 0))
    for i, column in zip(*np.nonzero(not_positive), strict=True):
        scale = price_scale(levels[:, column], int(from_rows[i, column]))
        moves[i, column] = (after[i, column] - before[i, column]) / scale
    return 100.0 * moves


def simple_move(before: float, after: float, log_move: float, *, is_difference: bool) -> float:
    """The displayed move: simple per cent, or basis points; equals the log move under the difference rule."""
    if is_difference or before <= 0 or after <= 0:
        return log_move
    return 100.0 * (after / before - 1.0)


def daily_log_moves(levels: Floats, is_difference: npt.NDArray[np.bool_]) -> Floats:
    """Log moves from the last earlier level, each divided by the root of the sessions it spans.

    A move over more than `LONGEST_GAP` sessions is missing, and so is every session without a level. Column by column:
    one fits into the processor's cache, a panel of thirty years does not.

    Returns
    -------
    (n_sessions, n_series), column-major.
    """
    moves = np.full(levels.shape, np.nan, order="F")
    for i in range(levels.shape[1]):
        column = levels[:, [i]]
        present = np.flatnonzero(~np.isnan(column[:, 0]))
        gaps = np.diff(present)
        near = gaps <= LONGEST_GAP
        before, after = present[:-1][near], present[1:][near]
        spanned = log_moves(column, before[:, None], after[:, None], is_difference[[i]])[:, 0]
        moves[after, i] = spanned / np.sqrt(gaps[near])
    return moves
