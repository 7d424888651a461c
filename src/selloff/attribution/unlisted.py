"""News outside the menu: a shock that moves every asset by a size and a sign of its own.

Its cells are open ones (`?`): P(falls), P(unchanged), P(rises) as in any window, size 1 per unit of intensity, and
independent, since nothing is known of how it reaches the assets. One common direction is in the noise already, which
grows with the intensity along the correlation known before. Where it made the moves, they say nothing of the menu: any
listed cause may have been there besides, unseen, with the probability that it had before.
"""

from __future__ import annotations

import numpy as np

from selloff.attribution.likelihood import Cells, fit
from selloff.attribution.signature import SIZE_SPREAD, UNCONDITIONAL
from selloff.panel.transforms import Floats

ALMOST_SURE = 1.0 - 2.0**-53
"""Prior of news outside the menu where no trigger can be tested."""

OPEN_VARIANCE = (UNCONDITIONAL[0] + UNCONDITIONAL[2]) * (1.0 + SIZE_SPREAD**2)
"""Second moment of an open cell of size 1."""


def unlisted_prior(other: float, triggers: float) -> float:
    """Prior that news outside the menu made the moves, given that something did.

    Parameters
    ----------
    other : weight of news that no testable trigger stands for. triggers : sum of the testable triggers' priors.
    """
    return min(other / (other + triggers), ALMOST_SURE)


def unlisted_log_density(sigmas: Floats, intensities: Floats, correlation: Floats) -> Floats:
    """Log density of the moves if an unlisted shock made them, (n_intensities,).

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing. correlation : (n_assets, n_assets), known before the window.
    """
    n = len(sigmas)
    cells = Cells(np.zeros((1, 1, n)), OPEN_VARIANCE * np.eye(n)[None])
    fitted = fit(sigmas, np.ones((len(intensities), 1), dtype=bool), intensities, cells, correlation)
    return np.asarray(fitted.log_density[0])
