"""Who broke before whom, from the distributions of the starts.

A start that lies in a step is spread evenly over the step's time, closed hours included. Assets are taken as
independent given their prices; a common disturbance makes the true difference smaller than that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selloff.detection.sequence.bars import Instants
from selloff.panel.transforms import Floats

Spread = tuple[Instants, Floats]
"""Edges of the steps, (n + 1,) instants, and the probability of each, (n,)."""


def _shares(spreads: Sequence[Spread]) -> Floats:
    """Distribution functions on the union of all edges, (n_assets, n_edges)."""
    edges = np.unique(np.concatenate([e for e, _ in spreads])).astype(np.float64)
    cumulated = [np.concatenate([[0.0], np.cumsum(w)]) for _, w in spreads]
    return np.stack([np.interp(edges, e, c) for (e, _), c in zip(spreads, cumulated, strict=True)])


def before(spreads: Sequence[Spread]) -> Floats:
    """P(row broke before column), (n_assets, n_assets); the diagonal is one half.

    Exact for piecewise uniform starts: ∫ F_row dF_column.
    """
    shares = _shares(spreads)
    return (shares[:, 1:] + shares[:, :-1]) / 2 @ np.diff(shares, axis=1).T


def first(spreads: Sequence[Spread]) -> Floats:
    """P(this one broke first of all), (n_assets,); sums to one.

    Within a cell between two edges the others' distribution functions are linear: a product of n lines is integrated
    exactly by Gauss–Legendre quadrature of ⌈n / 2⌉ points.
    """
    shares = _shares(spreads)
    points, weights = np.polynomial.legendre.leggauss(max(1, (len(spreads) + 1) // 2))
    at, weights = (points + 1) / 2, weights / 2
    rise = np.diff(shares, axis=1)
    total = np.zeros(len(spreads))
    for share, weight in zip(at, weights, strict=True):
        unbroken = 1.0 - (shares[:, :-1] + share * rise)
        for i in range(len(spreads)):
            total[i] += weight * float(np.sum(np.prod(np.delete(unbroken, i, axis=0), axis=0) * rise[i]))
    return total
