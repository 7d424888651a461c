"""Slow oracles of computed exposures: both rules written out as sums over days, from prices and without arrays."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise


def _weighted(values: Sequence[float], decay: float) -> float:
    """Weighted mean, the last value the heaviest."""
    weights = [decay**age for age in range(len(values))]
    return sum(w * x for w, x in zip(weights, reversed(values), strict=True)) / sum(weights)


def naive_vol_control(prices: Sequence[float]) -> float:
    """Share of its money that a fund with a target of 10 % holds at the last of 253 prices."""
    squares = [math.log(b / a) ** 2 for a, b in pairwise(prices)]
    volatility = max(math.sqrt(252 * _weighted(squares, decay)) for decay in (0.94, 0.97))
    return min(1.5, 0.10 / volatility)


def naive_trend(prices: Sequence[float]) -> float:
    """Position of a follower at the last of 253 prices."""
    moves = [math.log(b / a) for a, b in pairwise(prices)]
    mean = _weighted(moves, 60 / 61)
    volatility = math.sqrt(261 * _weighted([(m - mean) ** 2 for m in moves], 60 / 61))
    signs = [(prices[-1] > prices[-1 - n]) - (prices[-1] < prices[-1 - n]) for n in (21, 63, 252)]
    return statistics.mean(signs) * 0.40 / volatility
