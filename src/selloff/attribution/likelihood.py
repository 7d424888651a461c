"""How well a set of active causes accounts for a window's moves.

Every window has an intensity g, whatever its causes. Given it and the set, the moves (in slow sigmas) are multivariate
t with ν = 4: located at g times the sum of the causes' mean signatures, with scale (ν-2)/ν · (1 + g²) · R +
g² Σ (diag of the cells' variance + v · mean mean'), where R is the correlation known before the window. What no cause
accounts for grows with g too: a large move alone proves nothing, only its shape does, and on a quiet day, when g is
small, no cause is proved or refuted. Heavy tails and v let causes and assets differ in intensity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import Floats

DEGREES_OF_FREEDOM = 4.0
INTENSITIES = np.array([0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
INTENSITY_WEIGHTS = 1.0 / np.maximum(INTENSITIES, 0.25) / np.sum(1.0 / np.maximum(INTENSITIES, 0.25))
"""Falling as 1/g, like the tail of the noise; at zero nothing happened, and no cause can be seen."""
INTENSITY_VARIANCE = 0.25
CHUNK = 2048


@dataclass(frozen=True)
class Cells:
    """Mean and variance of each cause's cells per unit of intensity, both (n_causes, n_assets)."""

    mean: Floats
    variance: Floats


@dataclass(frozen=True)
class Fit:
    """How well each component accounts for the moves.

    `log_density` : (n,). `solved` : (n, n_assets), the inverse scale matrix times the surprise.
    """

    log_density: Floats
    solved: Floats


def _cholesky_solve(lower: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Forward, then backward substitution for a stack of lower triangles, (n, a, a) and (n, a)."""
    size = right.shape[1]
    forward = np.empty_like(right)
    for i in range(size):
        known = np.einsum("nj,nj->n", lower[:, i, :i], forward[:, :i])
        forward[:, i] = (right[:, i] - known) / lower[:, i, i]
    backward = np.empty_like(right)
    for i in range(size - 1, -1, -1):
        known = np.einsum("nj,nj->n", lower[:, i + 1 :, i], backward[:, i + 1 :])
        backward[:, i] = (forward[:, i] - known) / lower[:, i, i]
    return forward, backward


def scale_matrices(active: Floats, intensity: Floats, cells: Cells, correlation: Floats) -> Floats:
    """Scale matrix of each component, (n, n_assets, n_assets)."""
    n_causes, n_assets = cells.mean.shape
    # What each cause adds to the matrix, with the noise as one row more: the sum over causes is one matrix product.
    parts = np.empty((n_causes + 1, n_assets, n_assets))
    parts[:-1] = INTENSITY_VARIANCE * cells.mean[:, :, None] * cells.mean[:, None, :]
    diagonal = np.arange(n_assets)
    parts[:-1, diagonal, diagonal] += cells.variance
    parts[-1] = correlation
    weights = np.empty((len(active), n_causes + 1))
    weights[:, :-1] = active * (intensity**2)[:, None]
    weights[:, -1] = (DEGREES_OF_FREEDOM - 2.0) / DEGREES_OF_FREEDOM * (1.0 + intensity**2)
    return np.asarray(weights @ parts.reshape(n_causes + 1, -1)).reshape(-1, n_assets, n_assets)


def fit(sigmas: Floats, active: npt.NDArray[np.bool_], intensity: Floats, cells: Cells, correlation: Floats) -> Fit:
    """Log density of the moves under each component, in chunks of a fixed size.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas of the window's moves, none missing.
    active : (n, n_causes), the causes active in each component.
    intensity : (n,), its intensity.
    correlation : (n_assets, n_assets), known before the window.

    Returns
    -------
    Fit of every component. Zero assets give a log density of zero: no data, no opinion.
    """
    n_assets = len(sigmas)
    density, solved = np.zeros(len(active)), np.zeros((len(active), n_assets))
    if n_assets == 0:
        return Fit(density, solved)
    nu = DEGREES_OF_FREEDOM
    constant = math.lgamma((nu + n_assets) / 2) - math.lgamma(nu / 2) - n_assets / 2 * math.log(nu * math.pi)
    for start in range(0, len(active), CHUNK):
        part = slice(start, start + CHUNK)
        on = active[part].astype(np.float64)
        g = intensity[part]
        lower: Floats = np.linalg.cholesky(scale_matrices(on, g, cells, correlation)).astype(np.float64, copy=False)
        forward, solved[part] = _cholesky_solve(lower, sigmas - g[:, None] * (on @ cells.mean))
        log_root = np.sum(np.log(np.diagonal(lower, axis1=1, axis2=2)), axis=1)
        distance = np.sum(forward**2, axis=1)
        density[part] = constant - log_root - (nu + n_assets) / 2 * np.log1p(distance / nu)
    return Fit(density, solved)


def expected_contributions(
    fitted: Fit, weights: Floats, active: npt.NDArray[np.bool_], intensity: Floats, cells: Cells
) -> Floats:
    """Posterior mean of what each cause moved each asset by, in sigmas, (n_causes, n_assets).

    The conditional mean of a multivariate t is linear as a normal's is: g·mean + g²·C Σ⁻¹ (moves - g·Σ means).

    Parameters
    ----------
    weights : (n,), posterior weight of each component.
    """
    on = active.astype(np.float64)
    squared = weights * intensity**2
    level = (weights * intensity) @ on
    idiosyncratic = (on * squared[:, None]).T @ fitted.solved
    common = np.einsum("n,nc,nc->c", squared, on, fitted.solved @ cells.mean.T)
    return np.asarray((level + INTENSITY_VARIANCE * common)[:, None] * cells.mean + idiosyncratic * cells.variance)
