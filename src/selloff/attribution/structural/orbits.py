"""Permutations and sign flips inside each draw.

A Haar-distributed rotation stays Haar when its columns are permuted and their signs flipped, so one rotation gives
2^r · r! candidates (Chan, Matthes and Yu 2025, arXiv 2503.20668, section 3). Weights factorise over columns, so their
sum over all candidates is a permanent, and one candidate is drawn exactly by working back through its dynamic program
over subsets of columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.restrictions import VIOLATED, Restrictions, log_weight
from selloff.panel.transforms import Floats

CHUNK = 512


@dataclass(frozen=True)
class Orbit:
    """One candidate from each rotation's orbit.

    Attributes
    ----------
    columns : (n, n_columns) int64, which column plays each shock.
    signs : (n, n_columns) of ±1.
    log_total : (n,), log of the summed weight of the orbit's candidates over their number; `VIOLATED` if all fail.
    """

    columns: npt.NDArray[np.int64]
    signs: Floats
    log_total: Floats


def _scores(loadings: Floats, restrictions: Restrictions) -> tuple[Floats, Floats]:
    """Log weights of every column (axis 1) for every shock (axis 2), as it is and flipped."""
    columns = np.ascontiguousarray(loadings.transpose(0, 2, 1))
    n_columns = columns.shape[1]
    plus = np.stack([log_weight(columns, j, restrictions) for j in range(n_columns)], axis=2)
    minus = np.stack([log_weight(-columns, j, restrictions) for j in range(n_columns)], axis=2)
    return plus, minus


def _permanents(weights: Floats) -> Floats:
    """(2^r, n) partial permanents: columns in the mask play the first shocks, as many as the mask has bits."""
    n, size, _ = weights.shape
    by_column = np.ascontiguousarray(weights.transpose(1, 2, 0))
    totals = np.zeros((1 << size, n))
    totals[0] = 1.0
    for mask in range(1, 1 << size):
        shock = mask.bit_count() - 1
        for k in range(size):
            if mask >> k & 1:
                totals[mask] += totals[mask ^ (1 << k)] * by_column[k, shock]
    return totals


def _walk_back(totals: Floats, weights: Floats, random: np.random.Generator) -> npt.NDArray[np.int64]:
    n, size, _ = weights.shape
    rows = np.arange(n)
    mask = np.full(n, (1 << size) - 1)
    chosen = np.zeros((n, size), dtype=np.int64)
    for shock in range(size - 1, -1, -1):
        share = np.zeros((n, size))
        for k in range(size):
            free = (mask >> k & 1) == 1
            share[free, k] = totals[mask[free] ^ (1 << k), rows[free]] * weights[free, k, shock]
        edges = np.cumsum(share, axis=1)
        point = random.random(n) * edges[:, -1]
        chosen[:, shock] = np.minimum((edges <= point[:, None]).sum(axis=1), size - 1)
        mask = mask & ~(1 << chosen[:, shock])
    return chosen


def draw_from_orbits(loadings: Floats, restrictions: Restrictions, random: np.random.Generator) -> Orbit:
    """Draw one signed permutation per rotation, in proportion to its weight.

    Parameters
    ----------
    loadings : (n, n_assets, n_columns). Columns beyond the named shocks are unnamed.
    """
    parts = []
    for start in range(0, len(loadings), CHUNK):
        plus, minus = _scores(loadings[start : start + CHUNK], restrictions)
        best = np.maximum(plus, minus)
        either = best + np.log(0.5 * (np.exp(plus - best) + np.exp(minus - best)))
        top = np.maximum(either.max(axis=1, keepdims=True), VIOLATED / 2)
        weights = np.exp(either - top)
        totals = _permanents(weights)
        columns = _walk_back(totals, weights, random)
        # where every candidate fails there is nothing to draw, and the rotation stays as it is
        columns[totals[-1] <= 0.0] = np.arange(columns.shape[1])
        rows = np.arange(len(weights))[:, None]
        shocks = np.arange(columns.shape[1])[None, :]
        flip = np.exp(np.minimum(plus - minus, 700.0)[rows, columns, shocks])
        signs = np.where(random.random(columns.shape) * (1.0 + flip) < flip, 1.0, -1.0)
        count = float(np.prod(np.arange(1.0, columns.shape[1] + 1.0)))
        full = totals[-1]
        log_total = np.where(full > 0.0, np.log(np.maximum(full, 1e-300) / count) + top.sum(axis=(1, 2)), VIOLATED)
        parts.append(Orbit(columns, signs, np.maximum(log_total, VIOLATED)))
    return Orbit(
        np.concatenate([p.columns for p in parts]),
        np.concatenate([p.signs for p in parts]),
        np.concatenate([p.log_total for p in parts]),
    )


def apply(loadings: Floats, orbit: Orbit) -> Floats:
    """Loadings with their columns permuted and flipped, (n, n_assets, n_columns)."""
    moved = np.take_along_axis(loadings, orbit.columns[:, None, :], axis=2)
    return np.asarray(moved * orbit.signs[:, None, :])
