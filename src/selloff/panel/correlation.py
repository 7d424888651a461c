"""Correlation known before a window."""

from __future__ import annotations

import numpy as np

from selloff.panel.transforms import Floats

CORRELATION_SESSIONS = 250
SHRINKAGE = 0.1
"""Towards zero: Ledoit and Wolf 2004 (Honey, I shrunk the sample covariance matrix, JPM 30(4)) find intensities of
this order for 250 observations of a dozen series; fixed here so that the matrix is the same for every subset."""

FEWEST_COMMON = 20
SMALLEST_EIGENVALUE = 0.02


def recent_correlation(daily: Floats, shrinkage: float = SHRINKAGE) -> Floats:
    """Correlation over the last 250 rows, pairwise, shrunk to zero and made positive definite.

    Parameters
    ----------
    daily : (n_sessions, n), NaN where missing; a pair with fewer than 20 common rows counts as uncorrelated.
    shrinkage : weight of zero correlation.

    Returns
    -------
    (n, n).
    """
    recent = daily[-CORRELATION_SESSIONS:]
    present = ~np.isnan(recent)
    counts = present.sum(axis=0)
    means = np.where(present, recent, 0.0).sum(axis=0) / np.maximum(counts, 1)
    centred = np.where(present, recent - means, 0.0)
    common = present.T.astype(np.float64) @ present.astype(np.float64)
    covariance = (centred.T @ centred) / np.maximum(common, 1.0)
    deviation = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    correlation = covariance / np.outer(deviation, deviation) * (1.0 - shrinkage)
    correlation[common < FEWEST_COMMON] = 0.0
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    fixed = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(fixed))
    return np.asarray(fixed / np.outer(scale, scale))
