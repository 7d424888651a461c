"""Lower-tail dependence: how often two series have one of their worst sessions together.

Schmidt and Stadtmüller 2006, Non-parametric estimation of tail dependence, Scandinavian Journal of Statistics 33(2),
307-335, the rank estimator of the lower tail copula at (1, 1): λ(k) = (1/k) Σ 1{R_i ≤ k and R_j ≤ k} with ranks among n
sessions. Averaged over pairs.

Small-sample rule: k = ⌊√n⌋ (Dobrić and Schmid 2005, Nonparametric estimation of the lower tail dependence λL in
bivariate copulas, Journal of Applied Statistics 32(4), 387-407), and no value with fewer than 100 sessions, k < 10.
Independent series are expected at k/n, not at 0 (`independent`; 0.044 for n = 500), and perfectly dependent ones at 1;
one pair's standard error is about √(λ(1 - λ)/k), so that only the average of many pairs says much (on bias against
variance: Frahm, Junker and Schmidt 2005, Insurance: Mathematics and Economics 37, 80-100).

Missing values. Series eligible at t over the window count (see `eligibility`); ranks are among the sessions on which
all of them have a move. Ties at the k-th place go to the earlier session, so that each series has exactly k. NaN with
fewer than two series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from selloff.detection.fragility.eligibility import complete_rows, eligible, rolling_counts, segments
from selloff.panel.transforms import Floats

WINDOW = 500
FEWEST_SESSIONS = 100
CHUNK = 64


@dataclass(frozen=True)
class TailDependence:
    """Average lower-tail dependence of each session's window.

    value : (n_sessions,), in [0, 1]; NaN where it can't be told.
    independent : (n_sessions,), k/n, what independent series would be expected to show.
    n_series : (n_sessions,), series that counted; 0 where NaN.
    """

    value: Floats
    independent: Floats
    n_series: npt.NDArray[np.int64]


def tail_dependence(moves: Floats, *, window: int = WINDOW) -> TailDependence:
    """Average lower-tail dependence over the `window` sessions that end at each row.

    Parameters
    ----------
    moves : (n_sessions, n_series), signed so that minus is a loss, NaN where missing.

    Returns
    -------
    TailDependence, (n_sessions,); row t uses rows up to t only.
    """
    value, independent = np.full(len(moves), np.nan), np.full(len(moves), np.nan)
    n_series = np.zeros(len(moves), dtype=np.int64)
    for start, stop, columns in segments(eligible(moves, window)):
        if len(columns) < 2:
            continue
        part = moves[start - window + 1 : stop, columns]
        complete = complete_rows(part)
        counts = rolling_counts(complete[:, None], window)[window - 1 :, 0]
        ranked = np.where(complete[:, None], part, np.inf)
        windows = sliding_window_view(ranked, window, axis=0)
        for first in range(0, stop - start, CHUNK):
            n = counts[first : first + CHUNK]
            found = _average_dependence(windows[first : first + CHUNK], np.floor(np.sqrt(n)).astype(np.int64))
            enough = n >= FEWEST_SESSIONS
            rows = slice(start + first, start + first + len(n))
            value[rows] = np.where(enough, found, np.nan)
            independent[rows] = np.where(enough, np.floor(np.sqrt(n)) / np.maximum(n, 1), np.nan)
            n_series[rows] = np.where(enough, len(columns), 0)
    return TailDependence(value, independent, n_series)


def _average_dependence(windows: Floats, k: npt.NDArray[np.int64]) -> Floats:
    """Mean over pairs of the sessions both have among their k worst, over k, (m,).

    Parameters
    ----------
    windows : (m, n_series, n_rows), infinite where a row does not count.
    k : (m,).
    """
    place = np.maximum(k, 1)
    ordered = np.partition(windows, np.unique(place - 1), axis=2)
    threshold = np.take_along_axis(ordered, (place - 1)[:, None, None], axis=2)
    below = windows < threshold
    level = windows == threshold
    wanted = place[:, None, None] - below.sum(axis=2, keepdims=True)
    worst = (below | (level & (np.cumsum(level, axis=2) <= wanted))).astype(np.float64)
    joint = worst @ worst.transpose(0, 2, 1)
    n_series = windows.shape[1]
    off_diagonal = joint.sum(axis=(1, 2)) - np.einsum("mii->m", joint)
    return np.asarray(off_diagonal / (n_series * (n_series - 1) * place))
