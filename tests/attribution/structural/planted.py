"""The structural model's own data-generating process, and restrictions to go with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.attribution.structural.image_factors import common_part
from selloff.attribution.structural.reduced_form import (
    DEGREES_OF_FREEDOM,
    PRIOR_SESSIONS,
    inverse_wishart,
    wishart_factor,
)
from selloff.attribution.structural.restrictions import Ranking, Restrictions
from selloff.attribution.structural.sampler import Infeasible, draw_loadings


def claims(n_assets: int, hard_table: list[str], soft_table: list[str], p: float = 0.84) -> Restrictions:
    """Restrictions from strings of `+`, `-` and `?`, one string per shock."""
    value = {"+": 1, "-": -1, "?": 0}
    hard = np.array([[value[c] for c in row] for row in hard_table], dtype=np.int8)
    soft = np.array([[value[c] for c in row] for row in soft_table], dtype=np.float64)
    assets = tuple(f"asset{i}" for i in range(n_assets))
    shocks = tuple(f"shock{j}" for j in range(len(hard)))
    return Restrictions(assets, shocks, hard, 0.5 + (p - 0.5) * soft, np.zeros(hard.shape))


SMALL = claims(6, ["+++???", "+--???", "??????"], ["???+??", "????-+", "-?+?++"])
SMALL_RANKED = Restrictions(SMALL.assets, SMALL.shocks, SMALL.hard, SMALL.rises, SMALL.still, (Ranking(0, 0, 1),))


@dataclass(frozen=True)
class World:
    """A draw from the prior and data from it."""

    loadings: np.ndarray
    covariance: np.ndarray
    own_root: np.ndarray

    def moves(self, n_sessions: int, random: np.random.Generator) -> np.ndarray:
        """(n_sessions, n_assets) daily moves."""
        root = np.linalg.cholesky(self.covariance)
        scale = 1.0 / np.sqrt(random.gamma(DEGREES_OF_FREEDOM / 2, 2 / DEGREES_OF_FREEDOM, n_sessions))
        return scale[:, None] * (random.standard_normal((n_sessions, len(root))) @ root.T)

    def window(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Moves of a window (n_assets,) and its shocks (n_columns,)."""
        scale = 1.0 / np.sqrt(random.gamma(DEGREES_OF_FREEDOM / 2, 2 / DEGREES_OF_FREEDOM))
        shocks = scale * random.standard_normal(self.loadings.shape[1])
        own = scale * (self.own_root @ random.standard_normal(len(self.own_root)))
        return self.loadings @ shocks + own, shocks


def world(restrictions: Restrictions, unnamed: int, random: np.random.Generator) -> World:
    """A world whose restrictions can be met."""
    size = len(restrictions.assets)
    while True:
        factor = wishart_factor(1, size, PRIOR_SESSIONS + size + 1.0, random)[0]
        covariance, precision = inverse_wishart(PRIOR_SESSIONS * np.eye(size), factor)
        base = common_part(covariance[None], precision[None], len(restrictions.shocks) + unnamed)
        found = draw_loadings(base, restrictions, random)
        if not isinstance(found, Infeasible):
            loadings = found.loadings[0]
            values, vectors = np.linalg.eigh(covariance - loadings @ loadings.T)
            return World(loadings, covariance, vectors * np.sqrt(np.maximum(values, 0.0)))
