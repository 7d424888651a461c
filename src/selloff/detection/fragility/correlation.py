"""Average pairwise correlation, and the same when both fall.

Downside correlation is the exceedance correlation at the mean: Ang and Chen 2002, Asymmetric correlations of equity
portfolios, Journal of Financial Economics 63, 443-494, section 2 (exceedance level 0, both below). For a bivariate
normal pair it lies below the plain correlation (ρ = 0.5 gives about 0.27), so the two are not compared by level but
each with its own history. Averages of pairs weigh all pairs alike.

Missing values. Series eligible at t over the window count (see `eligibility`). A pair's correlation is of the sessions
on which both have a move (and, for the downside, both lie below their own mean of the window): at least 20
(`FEWEST_COMMON`), and both must vary. The average is of the pairs that have a correlation; NaN if fewer than half of
the eligible pairs do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from selloff.detection.fragility.eligibility import eligible, segments
from selloff.panel.correlation import CORRELATION_SESSIONS, FEWEST_COMMON
from selloff.panel.transforms import Floats

CHUNK = 64
"""Windows handled at once: bounds memory. Chunks count from a segment's start, so appended rows change nothing."""


@dataclass(frozen=True)
class AverageCorrelation:
    """Average pairwise correlation of each session's window.

    plain, downside : (n_sessions,), in [-1, 1]; NaN where they can't be told.
    n_series : (n_sessions,), eligible series.
    """

    plain: Floats
    downside: Floats
    n_series: npt.NDArray[np.int64]


def average_correlation(moves: Floats, *, window: int = CORRELATION_SESSIONS) -> AverageCorrelation:
    """Average pairwise and downside correlation over the `window` sessions that end at each row.

    Parameters
    ----------
    moves : (n_sessions, n_series), signed so that minus is a loss, NaN where missing.

    Returns
    -------
    AverageCorrelation, (n_sessions,); row t uses rows up to t only.
    """
    found = eligible(moves, window)
    plain, downside = np.full(len(moves), np.nan), np.full(len(moves), np.nan)
    for start, stop, columns in segments(found):
        if len(columns) < 2:
            continue
        part = moves[start - window + 1 : stop, columns]
        windows = sliding_window_view(part, window, axis=0).transpose(0, 2, 1)
        for first in range(0, stop - start, CHUNK):
            chunk = windows[first : first + CHUNK]
            present = ~np.isnan(chunk)
            filled = np.where(present, chunk, 0.0)
            centred = np.where(present, filled - filled.sum(axis=1, keepdims=True) / present.sum(1, keepdims=True), 0.0)
            rows = slice(start + first, start + first + len(chunk))
            plain[rows] = _average(pairwise_correlation(centred, present))
            downside[rows] = _average(pairwise_correlation(centred, present & (centred < 0)))
    return AverageCorrelation(plain, downside, found.sum(axis=1))


def pairwise_correlation(values: Floats, used: npt.NDArray[np.bool_]) -> Floats:
    """Correlation of each pair over the rows on which both are used.

    Parameters
    ----------
    values : (m, n_rows, k), no NaN.
    used : (m, n_rows, k).

    Returns
    -------
    (m, k, k), NaN for a pair with fewer than 20 common rows or without variance on them.
    """
    mask = used.astype(np.float64)
    kept = values * mask
    across = kept.transpose(0, 2, 1)
    n = mask.transpose(0, 2, 1) @ mask
    total = across @ mask
    squares = (across**2) @ mask
    products = across @ kept
    count = np.maximum(n, 1.0)
    variance = squares / count - (total / count) ** 2
    both = variance * variance.transpose(0, 2, 1)
    usable = (n >= FEWEST_COMMON) & (variance > 1e-18) & (variance.transpose(0, 2, 1) > 1e-18)
    covariance = products / count - total * total.transpose(0, 2, 1) / count**2
    return np.where(usable, np.clip(covariance / np.sqrt(np.where(usable, both, 1.0)), -1.0, 1.0), np.nan)


def _average(correlation: Floats) -> Floats:
    """Mean over the pairs that have a correlation, (m,); NaN if fewer than half have one."""
    above = np.triu_indices(correlation.shape[1], 1)
    pairs = correlation[:, above[0], above[1]]
    known = ~np.isnan(pairs)
    n = known.sum(axis=1)
    mean = np.where(known, pairs, 0.0).sum(axis=1) / np.maximum(n, 1)
    return np.where(2 * n >= pairs.shape[1], mean, np.nan)
