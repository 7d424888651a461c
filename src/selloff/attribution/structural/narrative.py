"""Narrative restrictions: on a dated session, a named shock had a known sign.

Given loadings and the session's moves y a shock is Student t, so the restriction holds with a known probability, which
weighs the draw (importance weights of Antolín-Díaz and Rubio-Ramírez 2018, AER 108(10), section I.C; for factors, arXiv
2505.19244).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.attribution.structural.reduced_form import DEGREES_OF_FREEDOM
from selloff.panel.transforms import Floats


@dataclass(frozen=True)
class Narrative:
    """On the session with these moves (n_assets,), in sigmas, the shock had this sign (−1 or 1)."""

    moves: Floats
    shock: int
    sign: int


def student_cdf(x: Floats, degrees: int) -> Floats:
    """Distribution function of Student's t with whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3–4)."""
    angle = np.arctan(x / np.sqrt(degrees))
    cosine, sine = np.cos(angle), np.sin(angle)
    odd = degrees % 2 == 1
    term = cosine.copy() if odd else np.ones_like(angle)
    total = term.copy() if degrees > 1 else np.zeros_like(angle)
    for k in range(3 if odd else 2, degrees - 1, 2):
        term = term * cosine**2 * ((k - 1) / k)
        total = total + term
    central = 2.0 / np.pi * (angle + sine * total) if odd else sine * total
    return np.asarray(0.5 * (1.0 + central))


def narrative_log_weights(loadings: Floats, covariance: Floats, narratives: tuple[Narrative, ...]) -> Floats:
    """Log probability of all narratives under each draw, (n,).

    Parameters
    ----------
    loadings : (n, n_assets, n_columns). covariance : (n, n_assets, n_assets).
    """
    total = np.zeros(len(loadings))
    size = loadings.shape[1]
    for story in narratives:
        column = loadings[:, :, story.shock]
        solved = np.linalg.solve(covariance, np.stack([np.broadcast_to(story.moves, column.shape), column], axis=2))
        mean = np.einsum("ni,ni->n", column, solved[:, :, 0])
        left = 1.0 - np.einsum("ni,ni->n", column, solved[:, :, 1])
        stretch = (DEGREES_OF_FREEDOM + solved[:, :, 0] @ story.moves) / (DEGREES_OF_FREEDOM + size)
        scale = np.sqrt(np.maximum(left * stretch, 1e-12))
        total += np.log(np.maximum(student_cdf(story.sign * mean / scale, int(DEGREES_OF_FREEDOM) + size), 1e-300))
    return total
