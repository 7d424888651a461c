"""Connectedness: how much of each series' forecast error variance comes from the others.

Diebold and Yilmaz 2012, Better to give than to receive: Predictive directional measurement of volatility spillovers,
International Journal of Forecasting 28(1), 57-66. VAR(p) with intercept by least squares; generalised variance
decomposition at horizon H (section 2.1, equation 1, after Pesaran and Shin 1998, with the variance σjj), rows
normalised (equation 2); total (2.2), directional (2.3), net (2.4) and net pairwise (2.5) spillovers. Directional
figures are sums over the other series in per cent, as in the paper's tables, not divided by the number of series.

Rolling: the cross-products of regressors and series are updated by one row in and one row out, and all windows of a
chunk are factorised at once: one Cholesky of [x y]'[x y] holds both the coefficients and the residual covariance.

Missing values. Rolling, series eligible at t over the window count (see `eligibility`); the others are NaN. A session
is used if it and its p lags are complete: a lag is always the session before, never the last one present. A window
needs twice as many such sessions as coefficients per equation; else, and where series are collinear, it is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.detection.fragility.eligibility import Bools, eligible, segments
from selloff.detection.fragility.moments import rolling_cross_products
from selloff.panel.transforms import Floats

WINDOW = 250
LAGS = 2
HORIZON = 10
ROWS_PER_COEFFICIENT = 2
COLLINEAR = 1e-10
"""A variable of which the others explain all but this share is collinear."""


@dataclass(frozen=True)
class Connectedness:
    """Connectedness table of one sample, in per cent.

    shares : (n_series, n_series), row i, column j: part of i's forecast error variance due to j; rows sum to 100.
        NaN rows and columns: series that did not count.
    """

    shares: Floats

    @property
    def total(self) -> float:
        """Average share that comes from others, in per cent; NaN without a table."""
        return float(_total(self.shares))

    @property
    def from_others(self) -> Floats:
        """(n_series,) what each receives from all others."""
        return _from_others(self.shares)

    @property
    def to_others(self) -> Floats:
        """(n_series,) what each gives to all others."""
        return _from_others(self.shares.T)

    @property
    def net(self) -> Floats:
        """(n_series,) given minus received."""
        return self.to_others - self.from_others


@dataclass(frozen=True)
class RollingConnectedness:
    """Connectedness table of each session's window, in per cent.

    shares : (n_sessions, n_series, n_series), as in `Connectedness`; NaN where it can't be told.
    """

    shares: Floats

    @property
    def total(self) -> Floats:
        """(n_sessions,)."""
        return _total(self.shares)

    @property
    def from_others(self) -> Floats:
        """(n_sessions, n_series)."""
        return _from_others(self.shares)

    @property
    def to_others(self) -> Floats:
        """(n_sessions, n_series)."""
        return _from_others(self.shares.transpose(0, 2, 1))

    @property
    def net(self) -> Floats:
        """(n_sessions, n_series)."""
        return self.to_others - self.from_others

    def at(self, row: int) -> Connectedness:
        """The table of one session."""
        return Connectedness(self.shares[row])


def connectedness(values: Floats, *, lags: int = LAGS, horizon: int = HORIZON) -> Connectedness:
    """Connectedness over the whole sample.

    Parameters
    ----------
    values : (n_sessions, n_series), NaN where missing; every series counts.
    lags : order of the VAR.
    horizon : steps ahead, H: the moving-average terms 0 to H - 1.
    """
    vectors = _regression_rows(values, lags)
    ((_, _, sums),) = rolling_cross_products(vectors, len(vectors) - 1, len(vectors), len(vectors) - lags)
    return Connectedness(generalised_shares(sums, values.shape[1], horizon)[0])


def rolling_connectedness(
    values: Floats, *, window: int = WINDOW, lags: int = LAGS, horizon: int = HORIZON
) -> RollingConnectedness:
    """Connectedness over the `window` sessions that end at each row.

    Parameters
    ----------
    values : (n_sessions, n_series), NaN where missing.
    window : sessions, the first `lags` of which serve as lags only.

    Returns
    -------
    RollingConnectedness, (n_sessions, n_series, n_series); row t uses rows up to t only.
    """
    n_sessions, n_series = values.shape
    shares = np.full((n_sessions, n_series, n_series), np.nan)
    for start, stop, columns in segments(eligible(values, window)):
        if len(columns) < 2:
            continue
        first_row = start - window + 1
        vectors = _regression_rows(values[first_row:stop, columns], lags)
        for first, last, sums in rolling_cross_products(vectors, window - 1, len(vectors), window - lags):
            found = generalised_shares(sums, len(columns), horizon)
            shares[np.ix_(np.arange(first_row + first, first_row + last), columns, columns)] = found
    return RollingConnectedness(shares)


def _regression_rows(values: Floats, lags: int) -> Floats:
    """Rows [1, y(t - 1), ..., y(t - p), y(t)], zero where any of them is missing, (n_rows, 1 + (p + 1) n)."""
    n_rows, n = values.shape
    present = ~np.isnan(values)
    shift = np.where(present, values, 0.0)[: lags + 1].sum(axis=0) / np.maximum(present[: lags + 1].sum(axis=0), 1)
    rows = np.full((n_rows, 1 + (lags + 1) * n), np.nan)
    rows[:, 0] = 1.0
    for lag in range(1, lags + 1):
        rows[lag:, 1 + (lag - 1) * n : 1 + lag * n] = values[:-lag] - shift
    rows[:, 1 + lags * n :] = values - shift
    rows[np.isnan(rows).any(axis=1)] = 0.0
    return rows


def generalised_shares(cross_products: Floats, n: int, horizon: int) -> Floats:
    """Row-normalised generalised variance decompositions from the cross-products of regression rows.

    With L the Cholesky factor of [x y]'[x y]: coefficients are L11⁻ᵀ L21ᵀ and L22 L22ᵀ is the residual
    cross-product, of which only ratios matter. N(h) = A(h) L22 follows the VAR's recursion, and A(h) Σ = N(h) L22ᵀ.
    The denominator of equation 1 is the same in the whole row and falls out of equation 2.

    Parameters
    ----------
    cross_products : (m, d, d), d = 1 + (p + 1) n, ordered as `_regression_rows`; [0, 0] is the number of rows.
    n : number of series.
    horizon : H.

    Returns
    -------
    (m, n, n) in per cent, NaN where there are too few rows or collinear series.
    """
    m, d, _ = cross_products.shape
    lags = (d - 1) // n - 1
    factor, usable = _factorise(cross_products, ROWS_PER_COEFFICIENT * (d - n))
    head = d - n
    recursion = _slopes(factor[:, 1:, 1:], head - 1)
    root = np.ascontiguousarray(factor[:, head:, head:])
    # newest term first, so that the p terms a step needs are one block; the last p - 1 blocks are the zeros before it
    terms = np.zeros((m, (horizon + max(lags - 1, 0)) * n, n))
    terms[:, (horizon - 1) * n : horizon * n] = root
    for h in range(1, horizon):
        at = (horizon - h) * n
        np.matmul(recursion, terms[:, at : at + lags * n], out=terms[:, at - n : at])
    effects = terms[:, : horizon * n] @ root.transpose(0, 2, 1)
    effects *= effects
    squared: Floats = effects.reshape(m, horizon, n, n).sum(axis=1)
    variances = np.einsum("mij,mij->mi", root, root)
    squared /= variances[:, None, :]
    squared *= 100.0 / squared.sum(axis=2, keepdims=True)
    squared[~usable] = np.nan
    return squared


def _factorise(cross_products: Floats, fewest_rows: int) -> tuple[Floats, Bools]:
    """Cholesky factors, and where they can be used; where not, the identity stands in."""
    usable: Bools = cross_products[:, 0, 0] >= fewest_rows
    identity = np.eye(cross_products.shape[1])
    safe = cross_products if usable.all() else np.where(usable[:, None, None], cross_products, identity)
    try:
        factor = np.asarray(np.linalg.cholesky(safe), dtype=np.float64)
    except np.linalg.LinAlgError:
        factor = np.empty_like(safe)
        for i, matrix in enumerate(safe):
            try:
                factor[i] = np.linalg.cholesky(matrix)
            except np.linalg.LinAlgError:
                usable[i], factor[i] = False, identity
    unexplained, whole = np.einsum("mii->mi", factor) ** 2, np.einsum("mii->mi", safe)
    collinear = (unexplained <= COLLINEAR * whole).any(axis=1)
    if collinear.any():
        usable &= ~collinear
        factor[collinear] = identity
    return factor, usable


def _slopes(factor: Floats, n_slopes: int) -> Floats:
    """Slopes L21 L11⁻¹ by back-substitution, all windows at once, (m, n, n_slopes).

    The intercept comes first in L and last in the substitution, so it is left out beforehand.
    """
    upper = np.ascontiguousarray(factor[:, :n_slopes, :n_slopes].transpose(0, 2, 1))
    slopes = np.ascontiguousarray(factor[:, n_slopes:, :n_slopes].transpose(0, 2, 1))
    for i in range(n_slopes - 1, -1, -1):
        if i + 1 < n_slopes:
            slopes[:, i] -= np.einsum("mj,mjk->mk", upper[:, i, i + 1 :], slopes[:, i + 1 :])
        slopes[:, i] /= upper[:, i, i, None]
    return np.ascontiguousarray(slopes.transpose(0, 2, 1))


def _from_others(shares: Floats) -> Floats:
    own = np.diagonal(shares, axis1=-2, axis2=-1)
    return np.where(np.isnan(own), np.nan, np.nansum(shares, axis=-1) - own)


def _total(shares: Floats) -> Floats:
    received = _from_others(shares)
    known = ~np.isnan(received)
    n = known.sum(axis=-1)
    return np.where(n > 0, np.nansum(received, axis=-1) / np.maximum(n, 1), np.nan)
