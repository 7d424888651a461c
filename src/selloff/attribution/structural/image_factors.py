"""Split a covariance into what common factors explain and the rest.

Image factor analysis (Jöreskog 1969, Efficient estimation in image factor analysis, Psychometrika 34(1)): each asset's
own variance is θ times its variance given all other assets. With Ψ₀ = diag(1/(Σ⁻¹)ᵢᵢ) and the eigenvalues l of
Ψ₀^−½ Σ Ψ₀^−½, θ is the mean of those beyond the r largest and Σ = BB′ + E with B = Ψ₀^½ V (L − θ)^½. E keeps what is
left, so that Σ is met exactly. Rescaling an asset rescales its row of B and nothing else.
"""

from __future__ import annotations

import numpy as np

from selloff.panel.transforms import Floats


def common_part(covariance: Floats, precision: Floats, n_factors: int) -> Floats:
    """B of Σ = BB′ + E, (n, n_assets, n_factors); E is positive semidefinite.

    Parameters
    ----------
    covariance, precision : (n, n_assets, n_assets), Σ and its inverse.
    n_factors : fewer than assets.
    """
    own = 1.0 / np.sqrt(np.einsum("nii->ni", precision))
    scaled = covariance / (own[:, :, None] * own[:, None, :])
    values, vectors = np.linalg.eigh(scaled)
    rest = values.shape[1] - n_factors
    noise = values[:, :rest].mean(axis=1, keepdims=True)
    size = np.sqrt(np.maximum(values[:, rest:] - noise, 0.0))
    # eigh leaves the sign of a vector open; fixing it makes results the same on every LAPACK
    signs = np.sign(vectors[:, :, rest:].sum(axis=1, keepdims=True))
    return np.asarray(own[:, :, None] * vectors[:, :, rest:] * np.where(signs == 0.0, 1.0, signs) * size[:, None, :])
