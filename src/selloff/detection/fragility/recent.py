"""Fragility before a window, cheaply: every estimator on the last sessions only.

Values of turbulence, absorption, correlations, tail dependence and connectedness are those of `fragility_history`:
their windows are two years or shorter. Percentiles are among the last 250 levels, a year, instead of the whole history;
the absorption ratio's shift, in standard deviations of its year already, has none.
The composite ranks stress within the last four years instead of since the beginning, so its value differs from that of
the whole history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from selloff.detection.fragility.absorption import LONG_AVERAGE, absorption
from selloff.detection.fragility.absorption import WINDOW as ABSORPTION_WINDOW
from selloff.detection.fragility.composite import composite
from selloff.detection.fragility.connectedness import WINDOW as CONNECTEDNESS_WINDOW
from selloff.detection.fragility.connectedness import rolling_connectedness
from selloff.detection.fragility.correlation import average_correlation
from selloff.detection.fragility.fragility import (
    FEWEST_LEVELS,
    Fragility,
    class_mean,
    level_at,
    stress_indicators,
)
from selloff.detection.fragility.tail_dependence import WINDOW as TAIL_WINDOW
from selloff.detection.fragility.tail_dependence import tail_dependence
from selloff.detection.fragility.turbulence import LOOK_BACK, turbulence
from selloff.panel.correlation import CORRELATION_SESSIONS
from selloff.panel.transforms import Floats

LEVELS = FEWEST_LEVELS
COMPOSITE_SESSIONS = 1008
"""Four years: one and a half until indicators are ranked and correlated, and then more than the year of levels."""


def recent_fragility(moves: Floats, volatility: Floats, members: Mapping[str, Sequence[int]]) -> Fragility:
    """Fragility known at the close of the last session.

    Parameters
    ----------
    moves, volatility, members : as of `fragility_history`; only the last four years are looked at.

    Returns
    -------
    Fragility; `row` is the last one of `moves`, and percentiles are among the last 250 levels.
    """
    n_rows = len(moves)
    n_kept = min(n_rows, COMPOSITE_SESSIONS)
    moves, scale = moves[n_rows - n_kept :], volatility[max(n_rows - n_kept - 1, 0) : n_rows - 1]
    sigmas = np.full(moves.shape, np.nan)
    sigmas[n_kept - len(scale) :] = moves[n_kept - len(scale) :] / scale
    by_class = np.column_stack([class_mean(sigmas[:, list(m)]) for m in members.values()])
    unscaled = np.column_stack([class_mean(moves[:, list(m)]) for m in members.values()])
    absorbed = absorption(_last(sigmas, ABSORPTION_WINDOW + LONG_AVERAGE - LEVELS))
    correlated = average_correlation(_last(by_class, CORRELATION_SESSIONS))
    tables = rolling_connectedness(_last(by_class, CONNECTEDNESS_WINDOW))
    segments = [*range(len(members)), *range(len(members))]
    measures = {
        "turbulence": turbulence(_last(moves, LOOK_BACK + 1)).value,
        "absorption": absorbed.ratio,
        "absorption_shift": absorbed.shift,
        "correlation": correlated.plain,
        "downside_correlation": correlated.downside,
        "tail_dependence": tail_dependence(_last(by_class, TAIL_WINDOW)).value,
        "connectedness": tables.total,
        "composite": composite(stress_indicators(unscaled), segments).value,
    }
    levels = {name: level_at(values[-LEVELS:], min(LEVELS, len(values)) - 1) for name, values in measures.items()}
    classes = tuple(members)
    missing = tuple(c for c, move in zip(classes, by_class[-1].tolist(), strict=True) if np.isnan(move))
    return Fragility(row=n_rows - 1, classes=classes, classes_missing=missing, table=tables.at(-1), **levels)


def _last(values: Floats, window: int) -> Floats:
    """The rows that a year of levels needs."""
    return values[max(len(values) - (window + LEVELS - 1), 0) :]
