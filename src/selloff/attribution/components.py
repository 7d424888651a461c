"""Everything that may have made a window's moves: sets of causes at every intensity, nothing, or unlisted news."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.combinations import Combinations
from selloff.attribution.likelihood import INTENSITIES, INTENSITY_WEIGHTS
from selloff.panel.transforms import Floats


@dataclass(frozen=True)
class Components:
    """Every set of causes at every intensity above zero.

    Attributes
    ----------
    active : (n, n_causes) bool. intensity : (n,). log_prior : (n,); with the quiet window's weight it adds up to one.
    """

    active: npt.NDArray[np.bool_]
    intensity: Floats
    log_prior: Floats


@dataclass(frozen=True)
class Masses:
    """Weights of all that may have made the moves; together they add up to one.

    Attributes
    ----------
    listed : (n_polarities, n), by component. quiet : nothing happened. unlisted : news outside the menu.
    """

    listed: Floats
    quiet: float
    unlisted: float

    @property
    def silent(self) -> float:
        """Weight of the cases in which the moves say nothing of the menu."""
        return self.quiet + self.unlisted


def components(sets: Combinations) -> Components:
    """Cross the sets with the intensities above zero."""
    above = INTENSITIES[1:]
    return Components(
        active=np.repeat(sets.active, len(above), axis=0),
        intensity=np.tile(above, len(sets.active)),
        log_prior=(sets.log_prior[:, None] + np.log(INTENSITY_WEIGHTS[1:])[None, :]).ravel(),
    )


def heaviest(weights: Floats, share: float) -> npt.NDArray[np.int64]:
    """The fewest rows that hold a share of all weight, the heaviest first, (n_kept,)."""
    order = np.argsort(-weights, kind="stable")
    count = int(np.searchsorted(np.cumsum(weights[order]), share * weights.sum())) + 1
    return order[:count]


def log_odds(probability: Floats) -> Floats:
    """Log odds, kept finite."""
    p = np.clip(probability, 1e-15, 1 - 1e-15)
    return np.asarray(np.log(p) - np.log1p(-p))


def from_log_odds(odds: Floats) -> Floats:
    """Probability of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))
