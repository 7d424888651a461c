"""What each cause moved each asset by, if it was at work: the size of its effect apart from whether there was one.

A band over all draws mixes two questions, for a cause that was inactive in most draws moved nothing in them. Given that
it was active and that listed causes made the moves, its contribution to one asset is a mixture of univariate t over the
sets that hold it, the intensities, and the growths of the noise (`likelihood`, `noise_growth`).
"""

from __future__ import annotations

import numpy as np

from selloff.attribution.components import Components
from selloff.attribution.contribution_draws import systematic
from selloff.attribution.likelihood import DEGREES_OF_FREEDOM, Cells, scale_matrices
from selloff.attribution.noise_growth import NoiseGrowth
from selloff.panel.transforms import Floats

N_COMPONENTS, DRAWS_OF_EACH = 120, 5
UNSEEN = 1e-300
"""Weight beside the posterior's, so that a cause that the moves exclude has its prior sets instead of none."""


def draw_if_active(
    sigmas: Floats,
    cells: Cells,
    correlation: Floats,
    parts: Components,
    listed: Floats,
    growth: NoiseGrowth,
    random: np.random.Generator,
) -> Floats:
    """Draws of each cause's contribution given that it was active, (n_causes, n_draws, n_assets), in sigmas.

    Each asset by itself: a draw of one asset says nothing of the same draw of another.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing. correlation : (n_assets, n_assets), known before the window.
    listed : (n_polarities, n), posterior weight of each component; every cause must be active in one at least.
    """
    n_assets, n_causes = len(sigmas), parts.active.shape[1]
    shape = (n_causes, N_COMPONENTS, DRAWS_OF_EACH, n_assets)
    if n_assets == 0 or n_causes == 0:
        return np.zeros((n_causes, N_COMPONENTS * DRAWS_OF_EACH, n_assets))
    weights = listed + UNSEEN * np.exp(parts.log_prior)
    chosen = np.concatenate([systematic((weights * on).ravel(), N_COMPONENTS, random) for on in parts.active.T])
    polarity, component = np.divmod(chosen, len(parts.intensity))
    grown = growth.draw(polarity, component, random)
    cause = np.repeat(np.arange(n_causes), N_COMPONENTS)
    active, intensity = parts.active[component], parts.intensity[component]
    scale = scale_matrices(active.astype(np.float64), intensity, grown, cells, correlation)
    means = cells.mean[polarity]
    surprise = sigmas - intensity[:, None] * np.einsum("nc,nca->na", active, means)
    own = (intensity**2)[:, None, None] * cells.covariance[cause]
    solved = np.linalg.solve(scale, np.concatenate([own, surprise[..., None]], axis=-1))
    centre = intensity[:, None] * means[np.arange(len(cause)), cause] + np.einsum("nab,nb->na", own, solved[..., -1])
    left = np.einsum("naa->na", own) - np.einsum("nab,nba->na", own, solved[..., :-1])
    nu = DEGREES_OF_FREEDOM + n_assets
    distance = np.einsum("na,na->n", surprise, solved[..., -1])
    wide = np.sqrt(np.maximum(left, 0.0) * ((DEGREES_OF_FREEDOM + distance) / nu)[:, None])
    drawn = random.standard_t(nu, shape)
    values = centre.reshape(n_causes, N_COMPONENTS, 1, n_assets) + wide.reshape(*shape[:2], 1, n_assets) * drawn
    return np.asarray(values.reshape(n_causes, -1, n_assets))
