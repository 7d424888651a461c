"""Did the leaders break? Rank correlation of run-up and fall, against earlier windows.

Spearman 1904, The proof and measurement of association between two things, American Journal of Psychology 15(1).
A table of p-values takes baskets as independent, and they are not: so the p-value is the share of earlier windows of
the same length, not overlapping, with a rank correlation as low. It holds whatever the baskets share with each other.
"""

from __future__ import annotations

import numpy as np

from selloff.panel.transforms import Floats

FEWEST_BASKETS = 5
FEWEST_WINDOWS = 20
"""With fewer earlier windows the lowest possible p-value is above the customary 5 %."""


def mean_ranks(values: Floats) -> Floats:
    """Ranks along the last axis from 1, ties sharing their mean; no value may be NaN."""
    lower, same = np.zeros(values.shape), np.zeros(values.shape)
    for other in np.moveaxis(values, -1, 0)[..., None]:
        lower += values > other
        same += values == other
    return lower + (same + 1) / 2


def spearman(first: Floats, second: Floats) -> Floats:
    """Rank correlation along the last axis; NaN where all values of one are the same."""
    a, b = mean_ranks(first), mean_ranks(second)
    a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sum(a * b, axis=-1) / np.sqrt(np.sum(a**2, axis=-1) * np.sum(b**2, axis=-1)))


def share_as_low(value: float, earlier: Floats) -> float | None:
    """P-value of a rank correlation as low: (1 + earlier ones at or below it) / (1 + earlier ones); None with under 20.

    Parameters
    ----------
    earlier : of earlier windows; NaN ones are left out.
    """
    known = earlier[~np.isnan(earlier)]
    if len(known) < FEWEST_WINDOWS or not np.isfinite(value):
        return None
    return float((1 + np.count_nonzero(known <= value + 1e-12)) / (1 + len(known)))
