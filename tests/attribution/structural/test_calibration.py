"""Simulation-based calibration on the model's own process (Talts et al. 2018, arXiv 1804.06788): ranks are uniform.

This is the lean version; `validation/structural_calibration.py` runs a thousand worlds.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from attribution.structural.planted import SMALL_RANKED, world
from selloff.attribution.structural.decomposition import decompose
from selloff.attribution.structural.model import structural_model

WORLDS, DRAWS, SESSIONS = 60, 79, 250


def one(seed: int) -> tuple[list[float], list[bool], list[bool]]:
    """Ranks in [0, 1) of three true contributions and the unexplained part, and whether 68 and 90 % bands hold them."""
    random = np.random.default_rng(seed)
    made = world(SMALL_RANKED, 1, random)
    values = made.moves(SESSIONS, random)
    moves, shocks = made.window(random)
    model = structural_model(values, SMALL_RANKED, 10_000 + seed, draws=DRAWS)
    found = decompose(model, moves, np.ones(6), 20_000 + seed)
    contributions = made.loadings[:, :3].T * shocks[:3, None]
    truth = [contributions[0, 0], contributions[1, 4], contributions[2, 1], moves[3] - contributions[:, 3].sum()]
    draws = [found.draws[:, 0, 0], found.draws[:, 1, 4], found.draws[:, 2, 1], found.unexplained_draws[:, 3]]
    ranks = [float((d < t).mean()) for d, t in zip(draws, truth, strict=True)]

    def held(low: float, high: float) -> list[bool]:
        return [bool(np.quantile(d, low) <= t <= np.quantile(d, high)) for d, t in zip(draws, truth, strict=True)]

    return ranks, held(0.16, 0.84), held(0.05, 0.95)


def test_ranks_are_uniform_and_bands_cover():
    found = [one(seed) for seed in range(WORLDS)]
    ranks = np.array([f[0] for f in found])
    for column in ranks.T:
        assert stats.kstest(column, "uniform").pvalue > 0.002
    for k, nominal in ((1, 0.68), (2, 0.90)):
        covered = np.array([f[k] for f in found]).mean(axis=0)
        error = np.sqrt(nominal * (1 - nominal) / WORLDS)
        assert np.all(np.abs(covered - nominal) < 3.5 * error + 1 / DRAWS), covered
