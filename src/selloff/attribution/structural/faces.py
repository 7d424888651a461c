"""Exact prior-free ranges over one shock's own restrictions, where these are no more than the factors.

A shock is a direction q on the unit sphere with A q ≥ 0; its loading on something is b·q, its size in a window v·q.
The extremes of v·q and of (b·q)(v·q) over that set lie inside one of its faces (some rows of A at zero, the rest
positive), and inside a face they are those of the face's whole sphere: v itself, and b/‖b‖ ± v/‖v‖, all projected. So
they are found by trying every face (the one-shock set of Giacomini and Kitagawa 2021, Econometrica 89(4), section 2;
active sets: Gafarov, Meier and Montiel Olea 2018, Delta-method inference for a class of set-identified SVARs, J.
Econometrics 203(2)). That shocks are orthogonal to each other, and limits on variance shares, are left out: the
ranges may be wider than the joint set's, never narrower.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from selloff.attribution.structural.restrictions import Restrictions
from selloff.panel.transforms import Floats

INSIDE = 1e-9
"""Slack with which a candidate of length one counts as inside, and a product of unit vectors as zero: else rounding
decides whether a range excludes zero."""


def edges(base: Floats, restrictions: Restrictions, shock: int) -> Floats:
    """Rows A of A q ≥ 0 of one shock, of length one, (n, n_rows, n_columns), without those that others imply.

    A sign is implied where a hard ranking puts the asset above another one with a hard sign.
    """
    hard = restrictions.hard[shock].astype(np.float64)
    ranked = [
        r
        for r in restrictions.rankings
        if r.shock == shock and r.probability is None and hard[r.larger] and hard[r.smaller]
    ]
    above = {r.larger for r in ranked}
    rows = [hard[i] * base[:, i] for i in np.flatnonzero(hard) if i not in above]
    for r in ranked:
        larger = hard[r.larger] * r.scale[0] * base[:, r.larger]
        rows.append(larger - hard[r.smaller] * r.scale[1] * base[:, r.smaller])
    stacked = np.stack(rows, axis=1)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=2, keepdims=True))


def _project(vectors: Floats, active: Floats) -> Floats:
    """Vectors (n, m, r) without what lies along the active rows (n, k, r)."""
    if active.shape[1] == 0:
        return vectors
    gram = active @ active.transpose(0, 2, 1)
    return np.asarray(vectors - (vectors @ active.transpose(0, 2, 1)) @ np.linalg.solve(gram, active))


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.where(length > INSIDE, vectors / np.maximum(length, INSIDE), np.nan))


def _candidates(loads: Floats, size: Floats, rows: Floats) -> Floats:
    """Directions of the set among which the extremes are, (n, m, n_candidates, r); NaN where one is outside."""
    found = []
    n, count, width = rows.shape
    for k in range(min(count, width - 1) + 1):
        for active in combinations(range(count), k):
            face = rows[:, list(active)]
            if width - k == 1:
                # one direction is left: what any vector leaves of itself, so take the longest
                left = _project(np.broadcast_to(np.eye(width), (n, width, width)), face)
                longest = np.argmax(np.linalg.norm(left, axis=2), axis=1)
                one = _unit(left[np.arange(n), longest])[:, None, :]
                tried = [np.broadcast_to(one, loads.shape)]
            else:
                b, v = _unit(_project(loads, face)), _unit(_project(size[:, None], face))
                tried = [_unit(b + v), _unit(b - v), np.broadcast_to(v, loads.shape)]
            found += [sign * q for q in tried for sign in (1.0, -1.0)]
    stacked = np.stack(found, axis=2)
    outside = ~(np.einsum("nmcr,nkr->nmck", stacked, rows) >= -INSIDE).all(axis=-1)
    stacked[outside] = np.nan
    return stacked


def _products(q: Floats, vectors: Floats) -> Floats:
    """Directions (n, m, n_candidates, r) times vectors (n, m, r), zero where they are at right angles."""
    found = np.einsum("nmcr,nmr->nmc", q, vectors)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.where(np.abs(found) <= INSIDE * length, 0.0, found))


def one_shock_ranges(loads: Floats, size: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Exact least and most over a shock's own set.

    Parameters
    ----------
    loads : (n, m, r), what the shock's direction is multiplied with for m quantities. size : (n, r), v.
    rows : (n, k, r), k ≤ r independent rows of length one.

    Returns
    -------
    (n, m, 2) ranges of (b·q)(v·q), and (n, 2) of v·q.
    """
    q = _candidates(loads, size, rows)
    shock = _products(q, np.broadcast_to(size[:, None], loads.shape))
    product = _products(q, loads) * shock
    return (
        np.stack([np.nanmin(product, axis=2), np.nanmax(product, axis=2)], axis=-1),
        np.stack([np.nanmin(shock, axis=(1, 2)), np.nanmax(shock, axis=(1, 2))], axis=-1),
    )
