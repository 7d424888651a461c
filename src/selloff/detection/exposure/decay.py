"""Exponentially weighted means with a memory of fixed length, so that a value depends on no more than it says."""

from __future__ import annotations

import numpy as np

from selloff.panel.transforms import Floats


def decayed_mean(values: Floats, decay: float, length: int) -> Floats:
    """Weighted mean of the last `length` values, weights proportional to `decay` to the power of their age.

    Parameters
    ----------
    values : (n,). A NaN makes every mean NaN that reaches it.

    Returns
    -------
    (n,), NaN for the first `length` - 1.
    """
    out = np.full(len(values), np.nan)
    if len(values) >= length:
        weights = decay ** np.arange(length, dtype=np.float64)
        out[length - 1 :] = np.convolve(values, weights / weights.sum(), mode="valid")
    return out
