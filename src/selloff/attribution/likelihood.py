"""How well a set of active causes accounts for a window's moves.

Given the set and its intensity g, the moves (in slow sigmas) are multivariate t with ν = 4: located at g times the sum
of the causes' mean signatures, with scale (ν-2)/ν · R + g² Σ (diag of the cells' variance + v · mean mean'), where R is
the correlation known before the window. Heavy tails keep a wild day from proving anything by its size alone; v lets
causes differ in intensity. g runs over a fixed grid, the smallest of which are too weak to see, so that a quiet day
neither proves nor refutes a cause.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import Floats

DEGREES_OF_FREEDOM = 4.0
INTENSITIES = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
INTENSITY_WEIGHTS = (1.0 / INTENSITIES) / np.sum(1.0 / INTENSITIES)
INTENSITY_VARIANCE = 0.25
CHUNK = 2048


@dataclass(frozen=True)
class Cells:
    """Mean and variance of each cause's cells per unit of intensity, both (n_causes, n_assets)."""

    mean: Floats
    variance: Floats


def _triangular_solve(lower: Floats, right: Floats) -> Floats:
    """Forward substitution for a stack of lower triangles, (n, a, a) and (n, a)."""
    solved = np.empty_like(right)
    for i in range(right.shape[1]):
        known = np.einsum("nj,nj->n", lower[:, i, :i], solved[:, :i]) if i else 0.0
        solved[:, i] = (right[:, i] - known) / lower[:, i, i]
    return solved


def scale_matrices(active: Floats, intensity: Floats, cells: Cells, correlation: Floats) -> Floats:
    """Scale matrix of each component, (n, n_assets, n_assets)."""
    spread = active @ cells.variance
    weighted = active[:, :, None] * cells.mean[None, :, :]
    common = np.matmul(weighted.transpose(0, 2, 1), weighted)
    scale: Floats = INTENSITY_VARIANCE * common
    diagonal = np.arange(correlation.shape[0])
    scale[:, diagonal, diagonal] += spread
    scale *= (intensity**2)[:, None, None]
    scale += (DEGREES_OF_FREEDOM - 2.0) / DEGREES_OF_FREEDOM * correlation
    return scale


def log_likelihoods(
    sigmas: Floats, active: npt.NDArray[np.bool_], intensity: Floats, cells: Cells, correlation: Floats
) -> Floats:
    """Log density of the moves under each component.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas of the window's moves, none missing.
    active : (n, n_causes), the causes active in each component.
    intensity : (n,), its intensity.
    correlation : (n_assets, n_assets), known before the window.

    Returns
    -------
    (n,). Zero assets give zeros: no data, no opinion.
    """
    n_assets = len(sigmas)
    out = np.zeros(len(active))
    if n_assets == 0:
        return out
    nu = DEGREES_OF_FREEDOM
    constant = math.lgamma((nu + n_assets) / 2) - math.lgamma(nu / 2) - n_assets / 2 * math.log(nu * math.pi)
    for start in range(0, len(active), CHUNK):
        part = slice(start, start + CHUNK)
        on = active[part].astype(np.float64)
        g = intensity[part]
        lower: Floats = np.linalg.cholesky(scale_matrices(on, g, cells, correlation)).astype(np.float64, copy=False)
        surprise = sigmas - g[:, None] * (on @ cells.mean)
        distance = np.sum(_triangular_solve(lower, surprise) ** 2, axis=1)
        log_root = np.sum(np.log(np.diagonal(lower, axis1=1, axis2=2)), axis=1)
        out[part] = constant - log_root - (nu + n_assets) / 2 * np.log1p(distance / nu)
    return out


def expected_contributions(
    sigmas: Floats,
    weights: Floats,
    active: npt.NDArray[np.bool_],
    intensity: Floats,
    cells: Cells,
    correlation: Floats,
) -> Floats:
    """Posterior mean of what each cause moved each asset by, in sigmas, (n_causes, n_assets).

    The conditional mean of a multivariate t is linear as a normal's is: g·mean + g²·C Σ⁻¹ (moves - g·Σ means).
    """
    total = np.zeros_like(cells.mean)
    if len(sigmas) == 0:
        return total
    for start in range(0, len(active), CHUNK):
        part = slice(start, start + CHUNK)
        on = active[part].astype(np.float64)
        g, w = intensity[part], weights[part]
        surprise = sigmas - g[:, None] * (on @ cells.mean)
        scale = scale_matrices(on, g, cells, correlation)
        solved = np.linalg.solve(scale, surprise[:, :, None])[:, :, 0]
        total += np.einsum("n,nc->c", w * g, on)[:, None] * cells.mean
        squared = w * g**2
        total += np.einsum("n,nc,na->ca", squared, on, solved) * cells.variance
        along = solved @ cells.mean.T
        total += INTENSITY_VARIANCE * np.einsum("n,nc,nc->c", squared, on, along)[:, None] * cells.mean
    return total
