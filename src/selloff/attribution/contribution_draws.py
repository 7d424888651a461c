"""Draws of what each cause moved each asset by, given the moves.

Given a set of causes and an intensity, contributions and noise are jointly multivariate t (`likelihood`), so given the
moves they are t again, with ν + n degrees of freedom. Drawn by conditioning a draw from the prior on the moves (Hoffman
and Ribak 1991, Constrained realizations of Gaussian fields, ApJ 380), scaled by the posterior's mixing variable. Sets
are chosen by systematic resampling (Kitagawa 1996, JCGS 5(1)), so that each gets its share of draws to within one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.likelihood import DEGREES_OF_FREEDOM, INTENSITY_VARIANCE, Cells, noise_scale, scale_matrices
from selloff.attribution.signature import Signatures
from selloff.panel.transforms import Floats

N_DRAWS = 1000
"""The ends of a 90 % band are then known to 0.7 points of probability."""

BANDS = {68: (0.16, 0.84), 90: (0.05, 0.95)}


@dataclass(frozen=True)
class Amount:
    """A size that is not known for sure: mean and median (`mid`) of its draws, and bands of 90 and 68 %."""

    mean: float
    mid: float
    low: float
    high: float
    low_68: float
    high_68: float


def amounts(draws: Floats) -> list[Amount]:
    """The amount in each column of draws, (n_draws, n)."""
    edges = np.quantile(draws, [0.5, *BANDS[90], *BANDS[68]], axis=0)
    return [Amount(*row) for row in np.vstack([draws.mean(axis=0), edges]).T.tolist()]


@dataclass(frozen=True)
class ContributionDraws:
    """Posterior draws of contributions.

    Attributes
    ----------
    values : (n_draws, n_causes, n_assets), zero where a cause was not active or not seen.
    active : (n_draws, n_causes) bool; where the moves say nothing of the menu, drawn from the prior.
    """

    values: Floats
    active: npt.NDArray[np.bool_]

    def bands(self) -> dict[int, tuple[Floats, Floats]]:
        """Equal-tailed bands of 68 and 90 %, low and high, each (n_causes, n_assets)."""
        edges = np.quantile(self.values, [q for pair in BANDS.values() for q in pair], axis=0)
        return {level: (edges[2 * i], edges[2 * i + 1]) for i, level in enumerate(BANDS)}

    def unexplained(self, sigmas: Floats) -> Amount:
        """Share of the sigma-weighted move that no cause accounts for.

        Parameters
        ----------
        sigmas : (n_assets,); the draws must be in sigmas too.
        """
        return amounts(unexplained_share(sigmas, self.values.sum(axis=1))[:, None])[0]


def unexplained_share(sigmas: Floats, explained: Floats) -> Floats:
    """Sigma-weighted mean of |unexplained| over |move|, at most one: too much counts as well as too little.

    Parameters
    ----------
    sigmas : (n_assets,). explained : (..., n_assets), what all causes moved together.
    """
    total = float(np.sum(sigmas**2))
    if total < 1e-12:
        return np.ones(explained.shape[:-1])
    return np.asarray(np.minimum(np.abs((sigmas - explained) * sigmas).sum(axis=-1) / total, 1.0))


def systematic(weights: Floats, n: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Rows drawn in proportion to their weights, (n,), each within one of its expected count."""
    edges = np.cumsum(weights)
    points = (np.arange(n) + random.random()) / n * edges[-1]
    return np.asarray(np.minimum(np.searchsorted(edges, points, side="right"), len(weights) - 1), dtype=np.int64)


def draw_contributions(
    sigmas: Floats,
    table: Signatures,
    cells: Cells,
    correlation: Floats,
    active: npt.NDArray[np.bool_],
    intensity: Floats,
    growth: Floats,
    polarity: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> Floats:
    """Contributions given the moves, one draw for each component, (n, n_causes, n_assets), in sigmas.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing. correlation : (n_assets, n_assets), as the likelihood takes it.
    active : (n, n_causes). intensity : (n,); where it is zero contributions are. growth : (n,), of the noise.
    polarity : (n,), which of the means.
    """
    on = intensity[:, None] * active
    mean = cells.mean[polarity]
    n, n_causes, n_assets = mean.shape
    if n_assets == 0:
        return np.zeros((n, n_causes, 0))
    scale = scale_matrices(active.astype(np.float64), intensity, growth, cells, correlation)
    surprise = sigmas - np.einsum("nc,nca->na", on, mean)
    root = np.linalg.cholesky(correlation)
    spread = np.sqrt(table.moments()[1])
    strength = np.sqrt(INTENSITY_VARIANCE) * random.standard_normal((n, n_causes, 1))
    before = on[..., None] * (strength * mean + spread * (random.standard_normal((n, n_causes, n_assets)) @ root.T))
    nu = DEGREES_OF_FREEDOM
    noise = np.sqrt(noise_scale(intensity, growth))[:, None] * (random.standard_normal((n, n_assets)) @ root.T)
    total = before.sum(axis=1) + noise
    solved = np.linalg.solve(scale, np.stack([surprise, total], axis=-1))
    distance = np.einsum("na,na->n", surprise, solved[..., 0])
    mixing = np.sqrt((nu + distance) / random.chisquare(nu + n_assets, n))[:, None]
    along = solved[..., 0] - mixing * solved[..., 1]
    kriged = (along @ cells.covariance.reshape(-1, n_assets).T).reshape(n, n_causes, n_assets)
    level = on[..., None] * mean
    return np.asarray(level + mixing[..., None] * before + (on * intensity[:, None])[..., None] * kriged)
