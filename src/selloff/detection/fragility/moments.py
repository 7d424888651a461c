"""Rolling sums of cross-products by update: each window adds one row and drops one, nothing is refitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from selloff.detection.fragility.eligibility import complete_rows
from selloff.panel.transforms import Floats

CHUNK = 256
"""Rows between exact restarts of the running sum: bounds both rounding and memory."""


@dataclass(frozen=True)
class Moments:
    """Moments of the complete rows of each window.

    rows : the windows' last rows, `start` to `stop` - 1.
    weight : (m,), sum of weights of the complete rows; with decay 1 their number.
    mean : (m, k).
    covariance : (m, k, k), divided by `weight` (no small-sample correction).
    """

    start: int
    stop: int
    weight: Floats
    mean: Floats
    covariance: Floats


def rolling_cross_products(
    vectors: Floats, start: int, stop: int, window: int, decay: float = 1.0
) -> Iterator[tuple[int, int, Floats]]:
    """Weighted sums of z z' over the `window` rows that end at each row, in chunks.

    S(t) = decay · S(t - 1) + z(t) z(t)' - decay^window · z(t - window) z(t - window)', restarted from the full sum at
    the first row of each chunk. Chunks are counted from `start`, so a longer history does not change earlier sums.

    Parameters
    ----------
    vectors : (n_rows, k), no NaN: rows to be left out are zero.
    start, stop : the windows' last rows, `window - 1 <= start`.
    decay : weight of a row relative to the next one.

    Yields
    ------
    First row, row after the last, (m, k, k).
    """
    weights = decay ** np.arange(window - 1, -1, -1, dtype=np.float64)[:, None]
    signs = np.array([[1.0], [-(decay**window)]])
    for first in range(start, stop, CHUNK):
        last = min(first + CHUNK, stop)
        window_rows = vectors[first - window + 1 : first + 1]
        both = np.stack([vectors[first + 1 : last], vectors[first + 1 - window : last - window]], axis=1)
        sums = np.empty((last - first, vectors.shape[1], vectors.shape[1]))
        sums[0] = (window_rows * weights).T @ window_rows
        np.matmul((both * signs).transpose(0, 2, 1), both, out=sums[1:])
        if decay == 1.0:
            np.cumsum(sums, axis=0, out=sums)
        else:
            for i in range(1, len(sums)):
                sums[i] += decay * sums[i - 1]
        yield first, last, sums


def rolling_moments(values: Floats, start: int, stop: int, window: int, decay: float = 1.0) -> Iterator[Moments]:
    """Moments of the rows without a missing value in the window that ends at each row.

    Parameters
    ----------
    values : (n_rows, k), NaN where missing.
    start, stop : the windows' last rows, `window - 1 <= start`.
    """
    complete = complete_rows(values)
    opening = values[start - window + 1 : start + 1][complete[start - window + 1 : start + 1]]
    shift = opening.mean(axis=0) if len(opening) else np.zeros(values.shape[1])
    vectors = np.column_stack([complete, np.where(complete[:, None], values - shift, 0.0)])
    for first, last, sums in rolling_cross_products(vectors, start, stop, window, decay):
        weight = sums[:, 0, 0]
        divisor = np.where(weight > 0, weight, np.nan)
        mean = sums[:, 0, 1:] / divisor[:, None]
        covariance = sums[:, 1:, 1:] / divisor[:, None, None] - mean[:, :, None] * mean[:, None, :]
        yield Moments(first, last, weight, mean + shift, covariance)
