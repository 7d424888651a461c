"""Base rates shifted by features through a ridge logit, walk-forward: what the fitted baselines share."""

from __future__ import annotations

from functools import partial

import numpy as np

from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.ridge_logit import RidgeLogit, fit_ridge_logit
from selloff.scorecard.scores import Floats
from selloff.scorecard.walk_forward import in_folds, walk_forward

FEWEST_DAYS = 30
"""Explained days before the first fit; until then the base rate is stated."""


def _fit(features: Floats, votes: Floats, k: int, ridge: float) -> RidgeLogit:
    return fit_ridge_logit(features[:, k:], np.log(features[:, :k]), votes, ridge)


def _predict(model: RidgeLogit, features: Floats, k: int) -> Floats:
    return model.predict(features[:, k:], np.log(features[:, :k]))


def shifted(inputs: BaselineInputs, features: Floats, ridge: float) -> Floats:
    """(n, n_outcomes), each day from a logit fitted on earlier explained days around their base rates.

    Parameters
    ----------
    features : (n, n_features), NaN where missing.
    """
    base, votes = inputs.own(inputs.base), inputs.own(inputs.votes)
    k = votes.shape[1]
    found = walk_forward(
        inputs.days[inputs.rows],
        np.hstack([base, features]),
        votes,
        partial(_fit, k=k, ridge=ridge),
        partial(_predict, k=k),
        fewest=FEWEST_DAYS,
    )
    return np.where(np.isnan(found), base, found)


def folded(inputs: BaselineInputs, features: Floats, ridge: float) -> tuple[Floats, Floats]:
    """The same and the base rate in ten blocks of days, each from the nine others: not point in time."""
    votes = inputs.own(inputs.votes)
    k = votes.shape[1]

    def fit(x: Floats, y: Floats) -> tuple[Floats, RidgeLogit]:
        base = (y.sum(axis=0) + 1.0 / k) / (len(y) + 1.0)
        return base, fit_ridge_logit(x, np.tile(np.log(base), (len(y), 1)), y, ridge)

    def predict(model: tuple[Floats, RidgeLogit], x: Floats) -> Floats:
        base, logit = model
        return logit.predict(x, np.tile(np.log(base), (len(x), 1)))

    logit = in_folds(features, votes, fit, predict)
    base = in_folds(features, votes, lambda _, y: (y.sum(axis=0) + 1.0 / k) / (len(y) + 1.0), _repeat)
    return logit, base


def _repeat(rate: Floats, features: Floats) -> Floats:
    return np.tile(rate, (len(features), 1))
