"""Average correlations against loops with scipy's Pearson correlation."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from selloff.detection.fragility import average_correlation


def naive(moves, window, eligible_at, downside):
    out = []
    for t in range(len(moves)):
        columns = eligible_at(moves, t, window)
        pairs = list(combinations(columns, 2))
        known = []
        for i, j in pairs:
            part = moves[t - window + 1 : t + 1]
            mean_i, mean_j = np.nanmean(part[:, i]), np.nanmean(part[:, j])
            rows = [
                (x, y)
                for x, y in part[:, [i, j]].tolist()
                if not math.isnan(x + y) and (not downside or (x < mean_i and y < mean_j))
            ]
            if len(rows) >= 20:
                known.append(stats.pearsonr(*zip(*rows, strict=True)).statistic)
        out.append(float(np.mean(known)) if pairs and 2 * len(known) >= len(pairs) else math.nan)
    return out


@pytest.mark.parametrize(("n_sessions", "window", "seed"), [(260, 60, 0), (300, 120, 1)])
def test_equals_the_loop(gappy, eligible_at, n_sessions, window, seed):
    moves = gappy(n_sessions, 2, seed)
    found = average_correlation(moves, window=window)
    np.testing.assert_allclose(found.plain, naive(moves, window, eligible_at, False), rtol=1e-9)
    np.testing.assert_allclose(found.downside, naive(moves, window, eligible_at, True), rtol=1e-9)
    assert [len(eligible_at(moves, t, window)) for t in range(n_sessions)] == found.n_series.tolist()
    assert np.isfinite(found.downside).any()


def test_too_few_falls_together_give_no_downside():
    first = np.random.default_rng(2).standard_normal(200)
    found = average_correlation(np.column_stack([first, -first]), window=100)
    assert found.plain[-1] == pytest.approx(-1.0)
    assert np.isnan(found.downside).all()


def test_normal_pair_shows_the_known_exceedance_correlation():
    """Ang and Chen 2002: for a bivariate normal the exceedance correlation is below ρ. At ρ = 0.5 and level 0 the
    truncated moments (Rosenbaum 1961, JRSS B 23) give 0.269."""
    random = np.random.default_rng(3)
    z = random.standard_normal((100_000, 2))
    moves = np.column_stack([z[:, 0], 0.5 * z[:, 0] + math.sqrt(0.75) * z[:, 1]])
    found = average_correlation(moves, window=len(moves))
    assert found.plain[-1] == pytest.approx(0.5, abs=0.01)
    assert found.downside[-1] == pytest.approx(_exceedance(0.5), abs=0.015)


def _exceedance(rho: float) -> float:
    """Correlation of a standard normal pair given both negative, from its moments (Rosenbaum 1961, h = k = 0)."""
    p = 0.25 + math.asin(rho) / (2 * math.pi)
    density = 1 / math.sqrt(2 * math.pi)
    mean = -density * (1 + rho) / 2 / p
    root = math.sqrt(1 - rho**2) / (2 * math.pi)
    square = 1 + rho * root / p
    product = rho + root / p
    return (product - mean**2) / (square - mean**2)
