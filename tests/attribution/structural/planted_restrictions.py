"""Restrictions of every kind, and their weight cell by cell."""

from __future__ import annotations

import math

import numpy as np

from selloff.attribution.structural.restrictions import SOFTNESS, STILL_SIZE, Ranking, Restrictions

CASES = Restrictions(
    assets=("a", "b", "c", "d", "e"),
    shocks=("x", "y", "z"),
    hard=np.array([[1, -1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0]], dtype=np.int8),
    rises=np.array([[0.5, 0.5, 0.84, 0.16, 0.5], [0.77, 0.5, 0.5, 0.84, 0.2], [0.5, 0.5, 0.5, 0.5, 0.5]]),
    still=np.array([[0.0] * 5, [0.0] * 5, [0.74, 0.74, 0.0, 0.0, 0.74]]),
    rankings=(Ranking(0, 0, 1, None, (2.0, 1.0)), Ranking(1, 3, 4, 0.7)),
)


def slow_log_weight(column: np.ndarray, shock: int, claims: Restrictions) -> float:
    """One column, one cell at a time; −∞ where a hard restriction fails."""
    rms = math.sqrt(sum(x * x for x in column) / len(column))
    total = 0.0
    for i, x in enumerate(column):
        rho = x / rms
        if claims.hard[shock, i] and x * claims.hard[shock, i] <= 0:
            return -math.inf
        p = claims.rises[shock, i]
        h = 1.0 / (1.0 + math.exp(-rho / SOFTNESS))
        total += math.log(2 * (p * h + (1 - p) * (1 - h)))
        p0 = claims.still[shock, i]
        total += math.log(p0 * math.exp(-(rho**2) / (2 * STILL_SIZE**2)) + 1 - p0)
    for r in claims.rankings:
        if r.shock != shock:
            continue
        larger, smaller = abs(column[r.larger]) * r.scale[0], abs(column[r.smaller]) * r.scale[1]
        if r.probability is None:
            if larger <= smaller:
                return -math.inf
            continue
        h = 1.0 / (1.0 + math.exp(-(larger - smaller) / (larger + smaller) / SOFTNESS))
        total += math.log(2 * (r.probability * h + (1 - r.probability) * (1 - h)))
    return total
