"""Reduced forms: the covariance of a panel under a common heavy-tailed scale, and a daily vector autoregression.

The panel: a day's moves (in sigmas known the day before) are Σ^½ times a standard normal, times a scale of the day's
own whose inverse square is Gamma(ν/2, ν/2): multivariate t. A crisis day gets a large scale and so a small weight; it
cannot dominate Σ. Data augmentation alternates between scales and Σ (Liu 1996, Bayesian robust multivariate linear
regression with incomplete data, JASA 91(435)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.panel.transforms import Floats

DEGREES_OF_FREEDOM = 4.0
"""As in `likelihood`: heavy tails of daily moves."""

PRIOR_SESSIONS = 40
"""The prior is worth so many sessions of uncorrelated assets: as few moves as a volatility needs at least."""

BURN_IN = 50


@dataclass(frozen=True)
class VarPosterior:
    """Draws of y_t = c + Σ_l B_l y_{t−l} + u_t, u ~ N(0, Σ).

    Attributes
    ----------
    coefficients : (n_draws, 1 + lags × n, n), constant first, then lag by lag.
    covariance : (n_draws, n, n).
    residuals : (n_sessions − lags, n), at the coefficients' posterior mean.
    lags : p.
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    lags: int


def wishart_factor(n: int, size: int, degrees: float, random: np.random.Generator) -> Floats:
    """(n, size, size) lower triangles A with A A′ ~ Wishart(degrees, I) (Bartlett 1933)."""
    lower = np.tril(random.standard_normal((n, size, size)), -1)
    index = np.arange(size)
    lower[:, index, index] = np.sqrt(2.0 * random.gamma(0.5 * (degrees - index), size=(n, size)))
    return np.asarray(lower)


def inverse_wishart(scale: Floats, factor: Floats) -> tuple[Floats, Floats]:
    """Σ ~ IW(scale, degrees) from a Bartlett factor of those degrees, and its inverse."""
    root = np.linalg.cholesky(scale)
    inner = np.linalg.solve(root.T, factor)
    outer = np.linalg.inv(inner)
    return outer.T @ outer, inner @ inner.T


def student_covariance(values: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Posterior draws of the scale matrix Σ of a multivariate t about zero.

    Prior: Σ ~ IW(40·I, 40 + n + 1), whose mean is the identity.

    Parameters
    ----------
    values : (n_sessions, n_assets), none missing.

    Returns
    -------
    (draws, n_assets, n_assets).
    """
    n_sessions, size = values.shape
    degrees = PRIOR_SESSIONS + size + 1.0 + n_sessions
    factors = wishart_factor(draws + BURN_IN, size, degrees, random)
    prior = PRIOR_SESSIONS * np.eye(size)
    precision = np.linalg.inv((prior + values.T @ values) / (PRIOR_SESSIONS + n_sessions))
    kept = np.empty((draws, size, size))
    for step in range(draws + BURN_IN):
        distance = np.einsum("ti,ti->t", values @ precision, values)
        weight = random.standard_gamma(0.5 * (DEGREES_OF_FREEDOM + size), n_sessions)
        weight /= 0.5 * (DEGREES_OF_FREEDOM + distance)
        scatter = prior + (values * weight[:, None]).T @ values
        covariance, precision = inverse_wishart(scatter, factors[step])
        if step >= BURN_IN:
            kept[step - BURN_IN] = covariance
    return kept


def var_posterior(values: Floats, lags: int, draws: int, random: np.random.Generator) -> VarPosterior:
    """Posterior of a vector autoregression under the diffuse prior |Σ|^{−(n+1)/2}.

    Σ ~ IW(S, T − k), coefficients normal around least squares given Σ (Zellner 1971, An introduction to Bayesian
    inference in econometrics, section 8.1).

    Parameters
    ----------
    values : (n_sessions, n), none missing. lags : at least 1.
    """
    n_sessions, size = values.shape
    target = values[lags:]
    design = np.column_stack(
        [np.ones(n_sessions - lags), *(values[lags - k : n_sessions - k] for k in range(1, lags + 1))]
    )
    gram = design.T @ design
    centre = np.linalg.solve(gram, design.T @ target)
    residuals = target - design @ centre
    degrees = float(len(target) - design.shape[1])
    factors = wishart_factor(draws, size, degrees, random)
    scatter = residuals.T @ residuals
    covariance = np.stack([inverse_wishart(scatter, f)[0] for f in factors])
    spread = np.linalg.cholesky(np.linalg.inv(gram))
    noise = random.standard_normal((draws, design.shape[1], size))
    coefficients = centre + spread @ noise @ np.linalg.cholesky(covariance).transpose(0, 2, 1)
    return VarPosterior(coefficients, covariance, residuals, lags)


def schwarz_lag(values: Floats, longest: int) -> int:
    """The lag order with the smallest Schwarz criterion, on a common sample (Schwarz 1978, Ann. Stat. 6(2))."""
    n_sessions, size = values.shape
    best, found = np.inf, 1
    for lags in range(1, longest + 1):
        target = values[longest:]
        design = np.column_stack(
            [np.ones(len(target)), *(values[longest - k : n_sessions - k] for k in range(1, lags + 1))]
        )
        residuals = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
        fit = np.linalg.slogdet(residuals.T @ residuals / len(target))[1]
        value = fit + size * design.shape[1] * np.log(len(target)) / len(target)
        if value < best:
            best, found = value, lags
    return found
