"""Financial turbulence: how unusual a session's moves are, given how the series moved together before.

Kritzman and Li 2010, Skulls, Financial Turbulence, and Risk Management, Financial Analysts Journal 66(5), 30-41,
its definition of turbulence (equation 1): d(t) = (y(t) - μ) Σ⁻¹ (y(t) - μ)'. The paper takes μ and Σ from the
whole sample; here they come from the sessions before t alone. The distance is divided by the number of series, so
that it is near 1 on an ordinary session whatever their number.

Missing values. Candidates at t are the series eligible at t - 1 (see `eligibility`). μ and Σ are of the sessions of
the look-back on which every candidate has a move; they must be at least twice as many as the candidates, and at least
40. y(t) takes the candidates that have a move at t: a market closed at t is left out, not counted as zero. NaN with
fewer than two of them. Directions in which the history has no variance (a series held twice) are left out, and not
counted: of a correlation matrix, eigenvalues below 1e-9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.detection.fragility.eligibility import Bools, eligible, segments
from selloff.detection.fragility.moments import Moments, rolling_moments
from selloff.panel.transforms import Floats
from selloff.panel.volatility import FEWEST_MOVES

LOOK_BACK = 500
"""Two years, as the absorption ratio's window, so that the two speak of the same past."""

ROWS_PER_SERIES = 2
SMALLEST_EIGENVALUE = 1e-9


@dataclass(frozen=True)
class Turbulence:
    """Turbulence of each session.

    value : (n_sessions,), squared Mahalanobis distance over the number of series; NaN where it can't be told.
    n_series : (n_sessions,), series that counted; 0 where NaN.
    """

    value: Floats
    n_series: npt.NDArray[np.int64]


def turbulence(moves: Floats, *, look_back: int = LOOK_BACK) -> Turbulence:
    """Turbulence of every session against the `look_back` sessions before it.

    Parameters
    ----------
    moves : (n_sessions, n_series) daily log moves, any unit (the distance does not depend on it), NaN where missing.
    look_back : sessions before t that give mean and covariance.

    Returns
    -------
    Turbulence, (n_sessions,); row t uses rows up to t only.
    """
    n_sessions = len(moves)
    value = np.full(n_sessions, np.nan)
    n_series = np.zeros(n_sessions, dtype=np.int64)
    candidates = eligible(moves, look_back)[:-1]
    for start, stop, columns in segments(candidates):
        part = moves[:, columns]
        for moments in rolling_moments(part, start, stop, look_back):
            rows = slice(moments.start + 1, moments.stop + 1)
            value[rows], n_series[rows] = _distances(part[rows], moments)
    return Turbulence(value, n_series)


def _distances(today: Floats, moments: Moments) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Distance of each row from the moments before it, and the number of directions that counted."""
    n_rows, n_candidates = today.shape
    value = np.full(n_rows, np.nan)
    n_series = np.zeros(n_rows, dtype=np.int64)
    enough = moments.weight >= max(FEWEST_MOVES, ROWS_PER_SERIES * n_candidates)
    patterns, kind = np.unique(~np.isnan(today), axis=0, return_inverse=True)
    for i, pattern in enumerate(patterns):
        chosen = np.flatnonzero((kind.reshape(-1) == i) & enough)
        if pattern.sum() < 2 or len(chosen) == 0:
            continue
        value[chosen], n_series[chosen] = _same_pattern(today[chosen], moments, chosen, pattern)
    return value, n_series


def _same_pattern(
    today: Floats, moments: Moments, chosen: npt.NDArray[np.intp], pattern: Bools
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Distances of sessions on which the same candidates have a move."""
    columns = np.flatnonzero(pattern)
    weight = moments.weight[chosen]
    covariance = moments.covariance[np.ix_(chosen, columns, columns)] * (weight / (weight - 1))[:, None, None]
    deviation = np.sqrt(np.maximum(np.einsum("mii->mi", covariance), 0.0))
    moving = deviation > 0
    scale = np.where(moving, deviation, 1.0)
    score = np.where(moving, (today[:, columns] - moments.mean[np.ix_(chosen, columns)]) / scale, 0.0)
    correlation = covariance / (scale[:, :, None] * scale[:, None, :])
    eigenvalues, vectors = np.linalg.eigh(correlation)
    counted = eigenvalues > SMALLEST_EIGENVALUE
    along = np.einsum("mi,mik->mk", score, vectors)
    squared = np.where(counted, along**2 / np.where(counted, eigenvalues, 1.0), 0.0)
    n_counted = counted.sum(axis=1)
    value = np.where(n_counted >= 2, squared.sum(axis=1) / np.maximum(n_counted, 1), np.nan)
    return value, np.where(n_counted >= 2, n_counted, 0)
