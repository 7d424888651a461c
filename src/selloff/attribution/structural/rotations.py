"""Rotations: Haar draws, and a slice sampler that turns two columns at a time.

Turning two columns by an angle leaves the Haar measure as it is, and given everything else the angle's density is the
product of the two columns' weights: slice sampling with a shrinking bracket on a circle (Murray, Adams and MacKay
2010, Elliptical slice sampling, AISTATS 9), used for sign restrictions by Arias, Rubio-Ramírez and Shin 2025 (arXiv
2505.23542). All draws move side by side.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.restrictions import Restrictions, log_weight, shares_hold
from selloff.panel.transforms import Floats

SHRINKS = 40
"""A bracket shrinks by a third on average, so after 40 tries it is below 1e-6 of the circle: the draw then stays."""

ColumnWeight = Callable[[Floats, int], Floats]


def haar(n: int, size: int, random: np.random.Generator) -> Floats:
    """(n, size, size) orthogonal matrices, uniform (Stewart 1980, SIAM J. Numer. Anal. 17(3))."""
    q, r = np.linalg.qr(random.standard_normal((n, size, size)))
    return np.asarray(q * np.sign(np.einsum("nii->ni", r))[:, None, :])


def turn(
    loadings: Floats,
    pair: tuple[int, int],
    weight: ColumnWeight,
    random: np.random.Generator,
    allowed: Callable[[Floats], npt.NDArray[np.bool_]] | None,
) -> None:
    """Turn one pair of columns of every draw in place, by a slice-sampled angle."""
    a, b = pair
    first, second = loadings[:, :, a].copy(), loadings[:, :, b].copy()
    n = len(loadings)
    level = weight(first, a) + weight(second, b) + np.log(random.random(n))
    angle = random.random(n) * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle.copy()
    left = np.arange(n)
    for _ in range(SHRINKS):
        c, s = np.cos(angle[left])[:, None], np.sin(angle[left])[:, None]
        x, y = c * first[left] + s * second[left], c * second[left] - s * first[left]
        good = weight(x, a) + weight(y, b) > level[left]
        if allowed is not None and good.any():
            tried = loadings[left[good]]
            tried[:, :, a], tried[:, :, b] = x[good], y[good]
            good[good] = allowed(tried)
        done = left[good]
        loadings[done, :, a], loadings[done, :, b] = x[good], y[good]
        left = left[~good]
        if len(left) == 0:
            return
        below = angle[left] < 0.0
        low[left] = np.where(below, angle[left], low[left])
        high[left] = np.where(below, high[left], angle[left])
        angle[left] = low[left] + random.random(len(left)) * (high[left] - low[left])


def refresh(loadings: Floats, restrictions: Restrictions, sweeps: int, random: np.random.Generator) -> Floats:
    """Move every draw by `sweeps` passes over all pairs of columns; a draw that meets the hard restrictions stays so.

    Parameters
    ----------
    loadings : (n, n_assets, n_columns), each with a positive weight.
    """
    moved = loadings.copy()
    size = loadings.shape[2]
    pairs = np.array([(i, j) for i in range(size) for j in range(i + 1, size)])
    allowed = (lambda tried: shares_hold(tried, restrictions.shares)) if restrictions.shares else None
    for _ in range(sweeps):
        for a, b in pairs[random.permutation(len(pairs))]:
            turn(moved, (int(a), int(b)), lambda x, j: log_weight(x, j, restrictions), random, allowed)
    return moved
