"""Draws of contributions from the method's own posterior.

`attribute` gives contributions as posterior means without intervals. Their intervals follow from the model it states:
given a set of causes and an intensity, contributions and noise are jointly multivariate t
(`attribution.likelihood`), so given the moves they are t again, with ν + n degrees of freedom. Drawn by conditioning a
draw from the prior on the moves (Hoffman and Ribak 1991, Constrained realizations of Gaussian fields), scaled by the
posterior's mixing variable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selloff.attribution.combinations import combinations
from selloff.attribution.likelihood import DEGREES_OF_FREEDOM, INTENSITY_VARIANCE, Cells, fit, scale_matrices
from selloff.attribution.posterior import components
from selloff.attribution.signature import Polarity, signatures
from selloff.catalog import Cause
from selloff.panel.transforms import Floats


def draw_contributions(
    sigmas: Floats,
    causes: Sequence[Cause],
    assets: Sequence[str],
    polarity: Polarity,
    correlation: Floats,
    ranking_log_ratio: Floats,
    n_draws: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Contributions given the moves, and the causes that are active in each draw.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas. correlation : (n_assets, n_assets), as the likelihood takes it.
    ranking_log_ratio : (n_causes,).

    Returns
    -------
    (n_draws, n_causes, n_assets) in sigmas, and (n_draws, n_causes) of 1.0 and 0.0.
    """
    random = np.random.default_rng(seed)
    cells = Cells(*signatures(causes, assets, polarity).moments())
    parts = components(combinations(causes))
    fitted = fit(sigmas, parts.active, parts.intensity, cells, correlation)
    log_weights = parts.log_prior + parts.active @ ranking_log_ratio + fitted.log_density
    weights = np.exp(log_weights - log_weights.max())
    chosen = random.choice(len(weights), n_draws, p=weights / weights.sum())
    active, intensity = parts.active[chosen].astype(np.float64), parts.intensity[chosen]
    scale = scale_matrices(active, intensity, cells, correlation)
    surprise = sigmas - intensity[:, None] * (active @ cells.mean)

    shape = (n_draws, len(causes), len(assets))
    common = np.sqrt(INTENSITY_VARIANCE) * random.standard_normal(shape[:2])[..., None] * cells.mean
    own = np.sqrt(cells.variance) * random.standard_normal(shape)
    before = (intensity[:, None] * active)[..., None] * (common + own)
    nu = DEGREES_OF_FREEDOM
    noise_scale = np.sqrt((nu - 2.0) / nu * (1.0 + intensity**2))
    root = np.linalg.cholesky(correlation)
    total = before.sum(axis=1) + noise_scale[:, None] * (random.standard_normal((n_draws, len(assets))) @ root.T)

    solved = np.linalg.solve(scale, np.stack([surprise, total], axis=-1))
    distance = np.einsum("na,na->n", surprise, solved[..., 0])
    mixing = np.sqrt((nu + distance) / random.chisquare(nu + len(assets), n_draws))

    def gain(vector: Floats) -> Floats:
        """Prior covariance of each cause's contributions times a vector, (n_draws, n_causes, n_assets)."""
        along = INTENSITY_VARIANCE * (vector @ cells.mean.T)[..., None] * cells.mean
        return np.asarray((intensity[:, None] ** 2 * active)[..., None] * (along + cells.variance * vector[:, None, :]))

    level = (intensity[:, None] * active)[..., None] * cells.mean
    draws = level + gain(solved[..., 0]) + mixing[:, None, None] * (before - gain(solved[..., 1]))
    return np.asarray(draws), active
