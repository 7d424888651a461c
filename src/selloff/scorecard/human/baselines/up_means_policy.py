"""Up means policy: policy makes up a larger share of upward jumps, and nothing else is looked at.

Baker, Bloom, Davis and Sammon, What triggers stock market jumps?, abstract: policy news triggers a greater share of
upward than of downward jumps.
"""

from __future__ import annotations

import numpy as np

from selloff.scorecard.human.baselines.base_rate import age_weights
from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.scores import Floats
from selloff.scorecard.walk_forward import walk_forward

SHRINKAGE = 10.0
"""Days that the base rate is worth beside the days with the same sign."""


def stated(inputs: BaselineInputs) -> Floats:
    """(n, n_outcomes): the votes of earlier days with the same sign, shrunk to the base rate."""

    def fit(features: Floats, votes: Floats) -> tuple[Floats, Floats]:
        up = (features[:, 0] > 0).astype(np.float64)
        weights = age_weights(len(votes))[:, None] * np.column_stack([1.0 - up, up])
        return weights.T @ votes, weights.sum(axis=0)

    def predict(model: tuple[Floats, Floats], features: Floats) -> Floats:
        sums, totals = model
        side = int(features[0, 0] > 0)
        return np.asarray((sums[side] + SHRINKAGE * features[:, 1:]) / (totals[side] + SHRINKAGE))

    features = np.column_stack([inputs.moves, inputs.base])
    return inputs.own(walk_forward(inputs.days, features, inputs.votes, fit, predict, fewest=0))
