"""How much what no cause accounts for grows with the intensity of a window, learnt from its moves.

Sets of causes are weighed as if the noise grew as fast as the intensity: then a signature that is wrong proves little.
But how much the causes moved depends on it. So for each set and intensity, noise that does not grow, grows half as fast
and as fast are taken as equally likely beforehand, and weighed by the moves. The weights of the sets stay as they are:
what is learnt here does not flow back (a cut: Plummer 2015, Cuts in Bayesian graphical models, Statistics and
Computing 25(1)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.components import Components, heaviest
from selloff.attribution.likelihood import Cells, Fit, fit
from selloff.panel.transforms import Floats

GROWTHS = np.array([0.0, 0.5, 1.0])
"""The last is the one with which sets are weighed."""

KEPT_MASS = 0.999
"""Components beyond the heaviest with this mass keep the growth with which they were weighed."""


@dataclass(frozen=True)
class NoiseGrowth:
    """The growth of the noise, by component.

    Attributes
    ----------
    weights : (n_growths, n_polarities, n), probability of each growth given the component.
    fitted : the fit with `solved` averaged over growths, so that what is linear in it is a mean over them.
    """

    weights: Floats
    fitted: Fit

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


def learn_noise_growth(
    sigmas: Floats, parts: Components, fastest: Fit, listed: Floats, cells: Cells, correlation: Floats
) -> NoiseGrowth:
    """Weigh the growths of the noise given each component.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing. fastest : the fit of every component at the last of the growths.
    listed : (n_polarities, n), posterior weight of each component.
    correlation : (n_assets, n_assets), known before the window.
    """
    kept = heaviest(listed.sum(axis=0), KEPT_MASS)
    active, intensity = parts.active[kept], parts.intensity[kept]
    slower = [fit(sigmas, active, intensity, cells, correlation, growth=g) for g in GROWTHS[:-1].tolist()]
    density = np.stack([*(f.log_density for f in slower), fastest.log_density[:, kept]])
    found = np.exp(density - density.max(axis=0))
    found /= found.sum(axis=0)
    weights = np.zeros((len(GROWTHS), *listed.shape))
    weights[-1] = 1.0
    weights[:, :, kept] = found
    solved = fastest.solved * weights[-1][..., None]
    solved[:, kept] += sum(w[..., None] * f.solved for w, f in zip(found[:-1], slower, strict=True))
    return NoiseGrowth(weights, Fit(fastest.log_density, solved))
