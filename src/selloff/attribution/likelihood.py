"""How well a set of active causes accounts for a window's moves.

Every window has an intensity g, whatever its causes. Given it and the set, the moves (in slow sigmas) are multivariate
t with ν = 4: located at g times the sum of the causes' mean signatures, with scale (ν-2)/ν · (1 + s²g²) · R + g² Σ K,
where R is the correlation known before the window, s how much of the noise grows with g (1 where causes are weighed,
learnt where contributions are: `noise_growth`), and K = v · mean mean' + (sd sd') ∘ R belongs to a cause: it may be
stronger or weaker than usual as a whole, and its cells miss their means together as the assets usually move together.
Were the cells independent given the cause, fifteen assets would count as fifteen witnesses, though gold and silver, or
two yields, are hardly two. As what no cause accounts for grows with g too, a large move alone proves nothing, only its
shape does, and on a quiet day, when g is small, no cause is proved or refuted.

Whether a window is adverse or a relief is not read off any asset: each set is weighed in both polarities. The means of
causes with a mirror turn round, the covariances stay, so both share one factorisation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.signature import Signatures
from selloff.panel.transforms import Floats

DEGREES_OF_FREEDOM = 4.0
INTENSITIES = np.array([0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
INTENSITY_WEIGHTS = 1.0 / np.maximum(INTENSITIES, 0.25) / np.sum(1.0 / np.maximum(INTENSITIES, 0.25))
"""Falling as 1/g, like the tail of the noise; at zero nothing happened, and no cause can be seen."""
INTENSITY_VARIANCE = 0.25
CHUNK = 1024


@dataclass(frozen=True)
class Cells:
    """What each cause moves per unit of intensity.

    Attributes
    ----------
    mean : (n_polarities, n_causes, n_assets). covariance : (n_causes, n_assets, n_assets), K of the module's text.
    """

    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Fit:
    """How well each component accounts for the moves.

    `log_density` : (n_polarities, n). `solved` : (n_polarities, n, n_assets), the inverse scale matrix times the
    surprise.
    """

    log_density: Floats
    solved: Floats


def cells_of(table: Signatures, correlation: Floats, turns: Floats) -> Cells:
    """Means and covariances of the cells.

    Parameters
    ----------
    correlation : (n_assets, n_assets), known before the window.
    turns : (n_polarities, n_causes), 1, or −1 where a polarity turns a cause's signs round.
    """
    mean, variance = table.moments()
    spread = np.sqrt(variance)
    common = INTENSITY_VARIANCE * mean[:, :, None] * mean[:, None, :]
    covariance = common + spread[:, :, None] * spread[:, None, :] * correlation
    return Cells(turns[..., None] * mean, covariance)


def scale_matrices(active: Floats, intensity: Floats, growth: Floats, cells: Cells, correlation: Floats) -> Floats:
    """Scale matrix of each component, (n, n_assets, n_assets).

    Parameters
    ----------
    active : (n, n_causes). intensity, growth : (n,).
    """
    n_assets = correlation.shape[0]
    scale: Floats = (active @ cells.covariance.reshape(-1, n_assets**2)).reshape(-1, n_assets, n_assets)
    scale *= (intensity**2)[:, None, None]
    scale += noise_scale(intensity, growth)[:, None, None] * correlation
    return scale


def noise_scale(intensity: Floats, growth: Floats | float) -> Floats:
    """Scale of what no cause accounts for, per unit of the known correlation.

    Parameters
    ----------
    growth : standard deviation of the noise per unit of intensity, besides its one sigma at rest.
    """
    return np.asarray((DEGREES_OF_FREEDOM - 2.0) / DEGREES_OF_FREEDOM * (1.0 + (growth * intensity) ** 2))


def _factored(scale: Floats, surprise: Floats) -> tuple[Floats, Floats]:
    """Log root of the determinant and squared distance, by a Cholesky factor of many matrices at once.

    The components run along the last axis, so that each step is one long vector: far quicker for thousands of small
    matrices than one call each.

    Parameters
    ----------
    scale : (n_assets, n_assets, n), overwritten by the factors. surprise : (n_assets, n_polarities, n), overwritten by
        the factors' inverse times it.

    Returns
    -------
    (n,) and (n_polarities, n).
    """
    size, n_polarities, n = surprise.shape
    log_root, distance = np.zeros(n), np.zeros((n_polarities, n))
    for j in range(size):
        column = scale[j:, j]
        if j:
            column -= np.einsum("imn,mn->in", scale[j:, :j], scale[j, :j])
            surprise[j] -= np.einsum("mn,mpn->pn", scale[j, :j], surprise[:j])
        root = np.sqrt(column[0])
        column /= root
        surprise[j] /= root
        log_root += np.log(root)
        distance += surprise[j] ** 2
    return log_root, distance


def _substituted(factors: Floats, halfway: Floats) -> Floats:
    """Backward substitution after `_factored`, in place: the inverse scale times the surprise, of its shape."""
    for i in range(len(halfway) - 1, -1, -1):
        halfway[i] -= np.einsum("mn,mpn->pn", factors[i + 1 :, i], halfway[i + 1 :])
        halfway[i] /= factors[i, i]
    return halfway


def fit(
    sigmas: Floats,
    active: npt.NDArray[np.bool_],
    intensity: Floats,
    cells: Cells,
    correlation: Floats,
    *,
    growth: float = 1.0,
    solve: bool = True,
) -> Fit:
    """Log density of the moves under each component in each polarity, in chunks of a fixed size.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas of the window's moves, none missing.
    active : (n, n_causes), the causes active in each component.
    intensity : (n,), its intensity.
    correlation : (n_assets, n_assets), known before the window.
    growth : of the noise, as `noise_scale` takes it.
    solve : without it `solved` stays zero.

    Returns
    -------
    Fit of every component. Zero assets give a log density of zero: no data, no opinion.
    """
    n_assets, n_polarities = len(sigmas), len(cells.mean)
    density, solved = np.zeros((n_polarities, len(active))), np.zeros((n_polarities, len(active), n_assets))
    if n_assets == 0:
        return Fit(density, solved)
    nu = DEGREES_OF_FREEDOM
    constant = math.lgamma((nu + n_assets) / 2) - math.lgamma(nu / 2) - n_assets / 2 * math.log(nu * math.pi)
    covariance = cells.covariance.reshape(-1, n_assets**2).T
    for start in range(0, len(active), CHUNK):
        part = slice(start, start + CHUNK)
        on, g = active[part].T.astype(np.float64), intensity[part]
        scale: Floats = covariance @ on * g**2 + correlation.reshape(-1, 1) * noise_scale(g, growth)
        surprise: Floats = sigmas[:, None, None] - g * (cells.mean.transpose(2, 0, 1) @ on)
        factors = scale.reshape(n_assets, n_assets, -1)
        log_root, distance = _factored(factors, surprise)
        density[:, part] = constant - log_root - (nu + n_assets) / 2 * np.log1p(distance / nu)
        if solve:
            solved[:, part] = _substituted(factors, surprise).transpose(1, 2, 0)
    return Fit(density, solved)


def expected_contributions(
    fitted: Fit, weights: Floats, active: npt.NDArray[np.bool_], intensity: Floats, cells: Cells
) -> Floats:
    """Posterior mean of what each cause moved each asset by, in sigmas, (n_causes, n_assets).

    The conditional mean of a multivariate t is linear as a normal's is: g·mean + g²·K Σ⁻¹ (moves - g·Σ means).

    Parameters
    ----------
    weights : (n_polarities, n), posterior weight of each component.
    """
    on = active.astype(np.float64)
    level = (weights * intensity) @ on
    along = on.T @ ((weights * intensity**2)[..., None] * fitted.solved).sum(axis=0)
    return np.asarray((level[..., None] * cells.mean).sum(axis=0) + np.einsum("cab,cb->ca", cells.covariance, along))
