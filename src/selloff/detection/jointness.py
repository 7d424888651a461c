"""How joint: did more classes fall together than each one's own fall would give?

Each class's depth is turned into its rank in its own history, which takes the depth out. The statistic is the k-th
lowest rank with k half of the classes: small when half of them had one of their worst windows at once. Two nulls:
classes independent (the k-th order statistic of uniforms, exact), and classes as correlated as they were in the 250
sessions before the window (simulated, multivariate t).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from selloff.detection.rarity import seed_from
from selloff.panel.correlation import recent_correlation
from selloff.panel.transforms import Floats

DRAWS = 20_000
SEARCH_DRAWS = 4_000
DEGREES_OF_FREEDOM = 4
FEWEST_RANKS = 40


@dataclass(frozen=True)
class Jointness:
    """P-values of the joint statistic; None with fewer than three classes that have a history.

    `p_value` is given the correlation known before the window, `p_value_independent` against independent classes. The
    `searched` ones are corrected for a choice among window lengths; None if there was none.
    """

    p_value: float | None
    p_value_independent: float | None
    n_classes: int
    p_value_searched: float | None = None
    p_value_independent_searched: float | None = None


def ranks(history: Floats, depths: Floats) -> Floats:
    """Rank of each class's depth in its own history, in (0, 1]; NaN with fewer than 40 earlier windows."""
    out = np.full(len(depths), np.nan)
    for i, depth in enumerate(depths):
        known = history[~np.isnan(history[:, i]), i]
        if len(known) >= FEWEST_RANKS and np.isfinite(depth):
            out[i] = (1 + np.count_nonzero(known <= depth)) / (len(known) + 1)
    return out


def order_statistic_p(value: float, k: int, n: int) -> float:
    """P(the k-th lowest of n independent uniforms ≤ value): at least k of n successes."""
    return math.fsum(math.comb(n, j) * value**j * (1 - value) ** (n - j) for j in range(k, n + 1))


def _simulated_p(value: float, k: int, correlation: Floats) -> float:
    n = len(correlation)
    random = np.random.default_rng(seed_from(correlation, np.array([value])))
    normal = random.standard_normal((DRAWS, n)) @ np.linalg.cholesky(correlation).T
    chi = random.chisquare(DEGREES_OF_FREEDOM, (DRAWS, 1))
    draws = normal / np.sqrt(chi / DEGREES_OF_FREEDOM)
    uniform = (np.argsort(np.argsort(draws, axis=0), axis=0) + 1) / (DRAWS + 1)
    statistic = np.sort(uniform, axis=1)[:, k - 1]
    return float((1 + np.count_nonzero(statistic <= value)) / (DRAWS + 1))


def searched_p(p_value: float, lengths: Sequence[int], correlation: Floats) -> float:
    """P-value of the smallest jointness p-value over windows of several lengths that end at one session.

    Daily depths are drawn under the null and added up; each length's statistic is ranked among the draws. P(smallest of
    these ≤ `p_value`) holds for any way of choosing among the lengths, also by depth.

    Parameters
    ----------
    p_value : of the window that was chosen.
    correlation : (n, n) of the classes, the identity for independent ones.
    """
    n, longest = len(correlation), max(lengths)
    k = math.ceil(n / 2)
    random = np.random.default_rng(seed_from(correlation, np.array([p_value, *lengths], dtype=np.float64)))
    lower = np.linalg.cholesky(correlation).T
    lowest = np.ones(SEARCH_DRAWS)
    sums = np.zeros((SEARCH_DRAWS, n))
    for session in range(1, longest + 1):
        chi = random.chisquare(DEGREES_OF_FREEDOM, (SEARCH_DRAWS, 1))
        sums += (random.standard_normal((SEARCH_DRAWS, n)) @ lower) / np.sqrt(chi / DEGREES_OF_FREEDOM)
        if session in lengths:
            statistic = np.sort(np.argsort(np.argsort(sums, axis=0), axis=0), axis=1)[:, k - 1]
            rank = np.searchsorted(np.sort(statistic), statistic, side="right")
            lowest = np.minimum(lowest, rank / SEARCH_DRAWS)
    return float((1 + np.count_nonzero(lowest <= p_value)) / (SEARCH_DRAWS + 1))


def jointness(history: Floats, daily_history: Floats, depths: Floats, searched: Sequence[int] = ()) -> Jointness:
    """Jointness of a window.

    Parameters
    ----------
    history : (n_windows, n_classes), depths of earlier windows of the same length.
    daily_history : (n_sessions, n_classes), one-session depths up to the base, for the correlation.
    depths : (n_classes,), the event; NaN where missing.
    searched : the window lengths that the event's was chosen from; empty if it was given.
    """
    place = ranks(history, depths)
    usable = ~np.isnan(place)
    n = int(usable.sum())
    if n < 3:
        return Jointness(None, None, n)
    k = math.ceil(n / 2)
    statistic = float(np.sort(place[usable])[k - 1])
    correlation = recent_correlation(daily_history[:, usable])
    p_value = _simulated_p(statistic, k, correlation)
    independent = order_statistic_p(statistic, k, n)
    if not searched:
        return Jointness(p_value, independent, n)
    return Jointness(
        p_value,
        independent,
        n,
        max(p_value, searched_p(p_value, searched, correlation)),
        max(independent, searched_p(independent, searched, np.eye(n))),
    )
