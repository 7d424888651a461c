"""Prior-free bounds: what a shock may have contributed, over every rotation that its restrictions allow.

For a reduced form with B and Σ, a shock is a direction q on the unit sphere with A q ≥ 0 (its restrictions). Its
loading on asset i is Bᵢ·q and its conditional mean in the window is v·q, v = B′Σ⁻¹y (Giacomini and Kitagawa 2021,
Robust Bayesian inference for set-identified models, Econometrica 89(4), section 2). The bounds here are outer ones:
they leave out that shocks are orthogonal to each other, and they multiply the range of the loading with the range of
the shock. So they may be too wide, never too narrow; a sign that they fix is fixed.

The range of x·q over the cone is [−‖P(−x)‖, ‖P(x)‖] with P the projection onto the cone, found by Hildreth's dual
coordinate ascent (Hildreth 1957, Naval Research Logistics 4(1)). Where P(x) = 0 the true end is at or beyond 0, and 0
stands for it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.restrictions import Restrictions
from selloff.panel.transforms import Floats

PASSES = 60
RELAXATION = 1.6
"""Over-relaxed passes; any factor below 2 converges. Ended early they give too much, never too little: for any
push ≥ 0, x·q ≤ (x + A′ push)·q ≤ ‖x + A′ push‖ on the cone."""

NOTHING = 1e-3
"""A projection shorter than a thousandth of the vector counts as none; Hildreth's passes converge from above."""


def cone(base: Floats, restrictions: Restrictions, shock: int) -> Floats:
    """Rows A of A q ≥ 0 for one shock, of length one, (n, n_rows, n_columns).

    Hard signs and hard rankings between two hard signs count; anything else leaves the cone wider.
    """
    hard = restrictions.hard[shock].astype(np.float64)
    rows = [hard[i] * base[:, i] for i in np.flatnonzero(hard)]
    for r in restrictions.rankings:
        if r.shock == shock and r.probability is None and hard[r.larger] and hard[r.smaller]:
            larger = hard[r.larger] * r.scale[0] * base[:, r.larger]
            rows.append(larger - hard[r.smaller] * r.scale[1] * base[:, r.smaller])
    if not rows:
        return np.zeros((len(base), 0, base.shape[2]))
    stacked = np.stack(rows, axis=1)
    length = np.linalg.norm(stacked, axis=2, keepdims=True)
    return np.asarray(stacked / np.maximum(length, 1e-300))


def reach(vectors: Floats, rows: Floats, passes: int = PASSES) -> Floats:
    """‖P(x)‖ for each vector, (n, m): the largest x·q over the cone's unit vectors, 0 if none is positive.

    Parameters
    ----------
    vectors : (n, m, n_columns). rows : (n, n_rows, n_columns), of length one.
    """
    gram = rows @ rows.transpose(0, 2, 1)
    slack = vectors @ rows.transpose(0, 2, 1)
    push = np.zeros_like(slack)
    for _ in range(passes):
        for k in range(rows.shape[1]):
            step = np.maximum(push[:, :, k] - RELAXATION * slack[:, :, k], 0.0) - push[:, :, k]
            push[:, :, k] += step
            slack += step[:, :, None] * gram[:, None, k, :]
    length = np.linalg.norm(vectors + push @ rows, axis=2)
    return np.where(length > NOTHING * np.linalg.norm(vectors, axis=2), length, 0.0)


def range_over_cone(vectors: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Smallest and largest x·q, each (n, m); both 0 where the cone is empty."""
    both = reach(np.concatenate([vectors, -vectors], axis=1), rows)
    m = vectors.shape[1]
    return -both[:, m:], both[:, :m]


def not_empty(base: Floats, restrictions: Restrictions) -> npt.NDArray[np.bool_]:
    """Whether every shock has a direction that meets its own hard restrictions, (n,).

    The sum of the rows is positive on every direction strictly inside the cone, so it reaches nothing only if there is
    none.
    """
    possible = np.ones(len(base), dtype=bool)
    for j in range(len(restrictions.shocks)):
        rows = cone(base, restrictions, j)
        if rows.shape[1]:
            possible &= reach(rows.sum(axis=1, keepdims=True), rows)[:, 0] > 0.0
    return possible


def loading_ranges(base: Floats, restrictions: Restrictions) -> Floats:
    """Ranges of every loading, (n, n_shocks, n_assets, 2)."""
    ranges = [
        np.stack(range_over_cone(base, cone(base, restrictions, j)), axis=-1) for j in range(len(restrictions.shocks))
    ]
    return np.stack(ranges, axis=1)


def shock_ranges(base: Floats, restrictions: Restrictions, filtered: Floats) -> Floats:
    """Ranges of each shock's conditional mean, (n, n_shocks, 2); `filtered` is v = B′Σ⁻¹y, (n, n_columns)."""
    ranges = [
        np.stack(range_over_cone(filtered[:, None, :], cone(base, restrictions, j)), axis=-1)[:, 0]
        for j in range(len(restrictions.shocks))
    ]
    return np.stack(ranges, axis=1)


def contribution_bounds(base: Floats, filtered: Floats, loadings: Floats, shocks: Floats) -> tuple[Floats, Floats]:
    """Bounds on λᵢ × f, each (n, n_shocks, n_assets).

    The product of both ranges, cut to what the whole sphere allows: ½(Bᵢ·v ± ‖Bᵢ‖‖v‖).
    """
    products = loadings[:, :, :, :, None] * shocks[:, :, None, None, :]
    products = products.reshape(*products.shape[:3], 4)
    dot = np.einsum("nir,nr->ni", base, filtered)
    length = np.linalg.norm(base, axis=2) * np.linalg.norm(filtered, axis=1)[:, None]
    low = np.maximum(products.min(axis=-1), 0.5 * (dot - length)[:, None, :])
    high = np.minimum(products.max(axis=-1), 0.5 * (dot + length)[:, None, :])
    return low, high
