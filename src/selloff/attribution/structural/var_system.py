"""Small systems: a daily vector autoregression with published restrictions, one shock per variable at most.

What moved over a window splits into what the autoregression expected and the sum of its surprises, and the surprises
into shocks: y = expected + Σⱼ aⱼ εⱼ. Shocks count on the day they hit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.attribution.structural.reduced_form import var_posterior
from selloff.attribution.structural.restrictions import Ranking, Restrictions, Share
from selloff.attribution.structural.sampler import Infeasible, draw_loadings
from selloff.panel.transforms import Floats

CANDIDATES = 512
"""Tight sets: about seven in a thousand orbits of the Cieslak–Pang system hold a candidate."""

SWEEPS = 10


def signs(
    assets: tuple[str, ...], table: dict[str, str], rankings: tuple[tuple[str, str, str], ...] = ()
) -> Restrictions:
    """Hard restrictions from a table of `+`, `-` and `?` per shock, and rankings (shock, larger, smaller)."""
    shocks = tuple(table)
    value = {"+": 1, "-": -1, "?": 0}
    hard = np.array([[value[c] for c in row] for row in table.values()], dtype=np.int8)
    open_cells = np.full(hard.shape, 0.5)
    ranked = tuple(Ranking(shocks.index(s), assets.index(a), assets.index(b)) for s, a, b in rankings)
    return Restrictions(assets, shocks, hard, open_cells, np.zeros(hard.shape), ranked)


def cieslak_pang() -> Restrictions:
    """Growth, monetary, hedging premium and common premium in 2y, 5y, 10y yields and stocks (Cieslak and Pang 2021,
    Common shocks in stocks and bonds, JFE 142(2), section 3, in the form of the replication at
    matdehaven/Replicate_CommonShocks)."""
    claims = signs(
        ("us2y", "us5y", "us10y", "spx"),
        {"growth": "++++", "monetary": "+++-", "hedging_premium": "----", "common_premium": "+++-"},
        (
            ("growth", "us2y", "us10y"),
            ("growth", "us5y", "us10y"),
            ("monetary", "us2y", "us5y"),
            ("monetary", "us5y", "us10y"),
            ("hedging_premium", "us10y", "us5y"),
            ("hedging_premium", "us5y", "us2y"),
            ("common_premium", "us10y", "us5y"),
            ("common_premium", "us5y", "us2y"),
        ),
    )
    news, premia = (0, 1), (2, 3)
    shares = (Share(0, news, premia), Share(2, premia, news))
    return Restrictions(claims.assets, claims.shocks, claims.hard, claims.rises, claims.still, claims.rankings, shares)


def matheson_stavrev() -> Restrictions:
    """News and tightening in the 10-year yield and stocks (Matheson and Stavrev 2014, IMF WP 14/167)."""
    return signs(("us10y", "spx"), {"news": "++", "tightening": "+-"})


def adams_ibert_liao() -> Restrictions:
    """Tightening and risk premium in the 2-year yield, stocks and Bitcoin (Adams, Ibert and Liao 2024, What drives
    crypto asset prices?, without their stablecoins); the third column is whatever else moves Bitcoin."""
    return signs(("us2y", "spx", "btc"), {"tightening": "+--", "risk_premium": "?--"})


@dataclass(frozen=True)
class VarSystem:
    """Posterior of a small system.

    Attributes
    ----------
    restrictions : names of variables and shocks.
    impact : (n_draws, n_variables, n_columns), named shocks first.
    coefficients : (n_draws, 1 + lags × n, n). lags : p.
    values : (n_sessions, n_variables), what it was estimated on.
    feasible_share : share of reduced forms for which a rotation was found.
    """

    restrictions: Restrictions
    impact: Floats
    coefficients: Floats
    lags: int
    values: Floats
    feasible_share: float

    def variance_shares(self, horizon: int) -> Floats:
        """Shares of the forecast error variance at a horizon ≥ 1, (n_draws, n_variables, n_columns)."""
        n, size, _ = self.impact.shape
        lagged = self.coefficients[:, 1:].reshape(n, self.lags, size, size).transpose(0, 1, 3, 2)
        responses = [self.impact]
        for h in range(1, horizon):
            parts = [lagged[:, k] @ responses[h - 1 - k] for k in range(min(h, self.lags))]
            responses.append(np.sum(parts, axis=0))
        variance = np.sum(np.stack(responses) ** 2, axis=0)
        return np.asarray(variance / variance.sum(axis=2, keepdims=True))

    def decompose(self, first: int, last: int) -> tuple[Floats, Floats]:
        """What shocks moved over rows `first` to `last` of the values, both included.

        Returns
        -------
        (n_draws, n_variables, n_columns) contributions and (n_draws, n_variables) the expected part; they add up to
        the move.
        """
        rows = np.arange(first, last + 1)
        lagged = [self.values[rows - k].sum(axis=0) for k in range(1, self.lags + 1)]
        design = np.concatenate([[float(len(rows))], *lagged])
        expected = np.einsum("k,nkj->nj", design, self.coefficients)
        surprise = self.values[rows].sum(axis=0) - expected
        shocks = np.linalg.solve(self.impact, surprise[..., None])[..., 0]
        return self.impact * shocks[:, None, :], expected


def var_system(
    values: Floats, restrictions: Restrictions, seed: int, *, lags: int = 1, draws: int = 1000
) -> VarSystem | Infeasible:
    """Estimate a small system under a diffuse prior; columns beyond the named shocks are unnamed.

    Parameters
    ----------
    values : (n_sessions, n_variables) daily moves, none missing.
    """
    random = np.random.default_rng(seed)
    reduced = var_posterior(values, lags, draws, random)
    base = np.asarray(np.linalg.cholesky(reduced.covariance), dtype=np.float64)
    found = draw_loadings(base, restrictions, random, candidates=CANDIDATES, sweeps=SWEEPS)
    if isinstance(found, Infeasible):
        return found
    return VarSystem(restrictions, found.loadings, reduced.coefficients[found.kept], lags, values, found.feasible_share)
