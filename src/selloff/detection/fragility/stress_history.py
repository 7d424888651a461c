"""Composite stress of every session of a long history, whatever series it had at the time.

The measure is that of `composite` on the indicators of `stress_indicators`. Over decades a class is served by one
series after another, in basis points or per cent, so each series' moves are first divided by the root mean square of
all its earlier ones: that has no unit, and needs nothing from later.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selloff.detection.fragility.composite import composite
from selloff.detection.fragility.fragility import class_mean, stress_indicators
from selloff.panel.transforms import Floats
from selloff.panel.volatility import SLOW_SESSIONS


def scaled_by_past(moves: Floats, fewest: int = SLOW_SESSIONS) -> Floats:
    """Moves over the root mean square of the column's earlier ones.

    Parameters
    ----------
    moves : (n_sessions, n), NaN where missing. fewest : earlier moves that must have been seen.

    Returns
    -------
    (n_sessions, n); NaN where missing, where too few came before, or where none of them moved.
    """
    known = ~np.isnan(moves)
    squares = np.cumsum(np.where(known, moves, 0.0) ** 2, axis=0)
    counts = np.cumsum(known, axis=0)
    out = np.full(moves.shape, np.nan)
    usable = known[1:] & (counts[:-1] >= fewest) & (squares[:-1] > 0)
    scale = np.sqrt(squares[:-1] / np.maximum(counts[:-1], 1))
    out[1:] = np.where(usable, moves[1:] / np.where(usable, scale, 1.0), np.nan)
    return out


def stress_history(moves: Floats, classes: Sequence[Sequence[Sequence[int]]]) -> Floats:
    """Composite stress of each session, from the closes up to it.

    Parameters
    ----------
    moves : (n_sessions, n_series) daily log moves, signed so that minus is a loss, NaN where missing.
    classes : per class its members, per member the columns of its series in order of preference; the first with a move
        on a session speaks for the member on it.

    Returns
    -------
    (n_sessions,), in (0, 1]; NaN where fewer than two classes can be told. Row t uses rows up to t only.
    """
    scaled = scaled_by_past(moves)
    served = [[columns for columns in members if len(columns)] for members in classes]
    by_class = [
        class_mean(np.column_stack([_first_known(scaled[:, list(columns)]) for columns in members]))
        for members in served
        if members
    ]
    if len(by_class) < 2:
        return np.full(len(moves), np.nan)
    n = len(by_class)
    return composite(stress_indicators(np.column_stack(by_class)), [*range(n), *range(n)]).value


def _first_known(values: Floats) -> Floats:
    """(n_sessions,): the first column that is not NaN."""
    place = np.argmax(~np.isnan(values), axis=1)
    return np.take_along_axis(values, place[:, None], axis=1)[:, 0]
