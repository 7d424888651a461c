"""How much what no cause accounts for grows with the intensity of a window, learnt from its moves.

Sets of causes are weighed as if the noise grew as fast as the intensity: then a signature that is wrong proves little.
But how much the causes moved depends on it. So for each set and intensity, noise that does not grow, grows half as fast
and as fast are taken as equally likely beforehand, and weighed by the moves. The weights of the sets stay as they are:
what is learnt here does not flow back (a cut: Plummer 2015, Cuts in Bayesian graphical models, Statistics and
Computing 25(1)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.components import Components
from selloff.attribution.likelihood import Cells, Fit, expected_contributions, fit
from selloff.panel.transforms import Floats

GROWTHS = np.array([0.0, 0.5, 1.0])


@dataclass(frozen=True)
class NoiseGrowth:
    """Each growth of the noise, by component.

    Attributes
    ----------
    fits : one per growth. weights : (n_growths, n_polarities, n), probability of each growth given the component.
    """

    fits: Sequence[Fit]
    weights: Floats

    def contributions(self, listed: Floats, parts: Components, cells: Cells) -> Floats:
        """Posterior mean of what each cause moved each asset by, in sigmas, (n_causes, n_assets).

        Parameters
        ----------
        listed : (n_polarities, n), posterior weight of each component.
        """
        each = zip(self.fits, self.weights, strict=True)
        means = [expected_contributions(f, listed * w, parts.active, parts.intensity, cells) for f, w in each]
        return np.asarray(np.sum(means, axis=0))

    def draw(
        self, polarity: npt.NDArray[np.int64], component: npt.NDArray[np.int64], random: np.random.Generator
    ) -> Floats:
        """A growth for each of some components, (n_chosen,).

        Parameters
        ----------
        polarity, component : (n_chosen,), which ones; a component may be named often.
        """
        edges = np.cumsum(self.weights[:, polarity, component], axis=0)
        above = edges < random.random(len(component)) * edges[-1]
        return np.asarray(GROWTHS[np.minimum(above.sum(axis=0), len(GROWTHS) - 1)])


def learn_noise_growth(sigmas: Floats, parts: Components, whole: Fit, cells: Cells, correlation: Floats) -> NoiseGrowth:
    """Weigh the growths of the noise given each component.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing. whole : the fit at a growth of one.
    correlation : (n_assets, n_assets), known before the window.
    """
    slower = [fit(sigmas, parts.active, parts.intensity, cells, correlation, growth=g) for g in GROWTHS[:-1].tolist()]
    fits = [*slower, whole]
    density = np.stack([f.log_density for f in fits])
    weights = np.exp(density - density.max(axis=0))
    return NoiseGrowth(fits, weights / weights.sum(axis=0))
