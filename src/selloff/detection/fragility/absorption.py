"""Absorption ratio: how much of the series' variance a few common factors absorb, and its shift.

Kritzman, Li, Page and Rigobon 2011, Principal Components as a Measure of Systemic Risk, Journal of Portfolio
Management 37(4), 112-126. Its definition of the ratio (equation 1): the variance of the first n eigenvectors over the
variance of all assets, with a window of 500 days, n about a fifth of the number of assets, variances weighted
exponentially with a half-life of half the window. Its standardised shift (equation 2): ΔAR = (AR 15 days - AR 1 year)
/ σ, simple moving averages of AR and the standard deviation of its last year.

The eigenvectors are those of the weighted covariance, so the variance along them is its eigenvalue (the paper leaves
open whether the eigenvectors are weighted too). The ratio follows the most volatile series: for a panel of unlike
assets pass moves in sigmas.

Missing values. Series eligible at t over the window count (see `eligibility`); covariances are of the sessions on
which all of them have a move, which must be at least 40 and twice as many as the series. NaN with fewer than five
series, of which one factor is a fifth. When a series joins or leaves, the ratio's level moves a little with n;
`n_series` shows it. The shift needs 80 % of each average's sessions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from selloff.detection.fragility.eligibility import COVERAGE, complete_rows, eligible, rolling_counts, segments
from selloff.detection.fragility.moments import rolling_moments
from selloff.panel.transforms import Floats
from selloff.panel.volatility import FEWEST_MOVES

WINDOW = 500
HALF_LIFE = 250
SHARE_OF_VECTORS = 0.2
SHORT_AVERAGE = 15
LONG_AVERAGE = 252
FEWEST_SERIES = 5
ROWS_PER_SERIES = 2


@dataclass(frozen=True)
class Absorption:
    """Absorption ratio of each session.

    ratio : (n_sessions,), in (0, 1]; NaN where it can't be told.
    shift : (n_sessions,), ΔAR in standard deviations; NaN where it can't be told.
    n_series : (n_sessions,), series that counted; 0 where NaN.
    """

    ratio: Floats
    shift: Floats
    n_series: npt.NDArray[np.int64]


def absorption(moves: Floats, *, window: int = WINDOW, half_life: float = HALF_LIFE) -> Absorption:
    """Absorption ratio and standardised shift of every session.

    Parameters
    ----------
    moves : (n_sessions, n_series), NaN where missing; in sigmas where the series are unlike.
    window, half_life : sessions.

    Returns
    -------
    Absorption, (n_sessions,); row t uses rows up to t only.
    """
    n_sessions = len(moves)
    ratio = np.full(n_sessions, np.nan)
    n_series = np.zeros(n_sessions, dtype=np.int64)
    for start, stop, columns in segments(eligible(moves, window)):
        k = len(columns)
        if k < FEWEST_SERIES:
            continue
        part = moves[:, columns]
        n_complete = rolling_counts(complete_rows(part)[:, None], window)[:, 0]
        n_vectors = max(1, round(SHARE_OF_VECTORS * k))
        for moments in rolling_moments(part, start, stop, window, 0.5 ** (1.0 / half_life)):
            rows = slice(moments.start, moments.stop)
            enough = n_complete[rows] >= max(FEWEST_MOVES, ROWS_PER_SERIES * k)
            covariance = np.where(enough[:, None, None], moments.covariance, np.eye(k))
            eigenvalues = np.linalg.eigvalsh(covariance)
            absorbed = eigenvalues[:, -n_vectors:].sum(axis=1) / np.einsum("mii->m", covariance)
            ratio[rows] = np.where(enough, absorbed, np.nan)
            n_series[rows] = np.where(enough, k, 0)
    return Absorption(ratio, standardised_shift(ratio), n_series)


def standardised_shift(ratio: Floats) -> Floats:
    """ΔAR: average of the last 15 sessions minus that of the last 252, over the standard deviation of those 252.

    Parameters
    ----------
    ratio : (n_sessions,), NaN where missing.

    Returns
    -------
    (n_sessions,), NaN with less than 80 % of either average's sessions, or where the ratio did not vary.
    """
    shift = np.full(len(ratio), np.nan)
    if len(ratio) < LONG_AVERAGE:
        return shift
    year = sliding_window_view(ratio, LONG_AVERAGE)
    present = ~np.isnan(year)
    n_short, n_long = present[:, -SHORT_AVERAGE:].sum(axis=1), present.sum(axis=1)
    filled = np.where(present, year, 0.0)
    mean = filled.sum(axis=1) / np.maximum(n_long, 1)
    squares = np.where(present, year - mean[:, None], 0.0) ** 2
    deviation = np.sqrt(squares.sum(axis=1) / np.maximum(n_long - 1, 1))
    usable = (n_short >= COVERAGE * SHORT_AVERAGE) & (n_long >= COVERAGE * LONG_AVERAGE) & (deviation > 1e-9)
    short = filled[:, -SHORT_AVERAGE:].sum(axis=1) / np.maximum(n_short, 1)
    shift[LONG_AVERAGE - 1 :] = np.where(usable, (short - mean) / np.where(usable, deviation, 1.0), np.nan)
    return shift
