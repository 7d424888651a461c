"""Base rate: how often coders have named each outcome so far, recent days weighing more."""

from __future__ import annotations

import numpy as np

from selloff.scorecard.scores import Floats
from selloff.scorecard.walk_forward import Days, walk_forward

HALF_LIFE = 60
PRIOR_DAYS = 4.0
"""Labelled days after which a label counts half, and days that the uniform distribution is worth. Chosen in this
baseline's favour from a few values (`validation/scorecard_baselines.py`): a base rate that forgets is harder to beat
than a plain mean, by about 0.07 nats."""


def age_weights(n: int) -> Floats:
    """(n,), weights of labels in order of date."""
    return np.asarray(0.5 ** (np.arange(n)[::-1] / HALF_LIFE))


def fit_base_rate(votes: Floats) -> Floats:
    """(n_outcomes,): weighted mean of the votes and of the uniform distribution."""
    weights = age_weights(len(votes))
    k = votes.shape[1]
    return np.asarray((weights @ votes + PRIOR_DAYS / k) / (weights.sum() + PRIOR_DAYS))


def base_rates(days: Days, votes: Floats) -> Floats:
    """Walk-forward base rate of each labelled day, (n_days, n_outcomes); uniform before the first label."""
    nothing = np.zeros((len(days), 0))
    return walk_forward(days, nothing, votes, lambda _, y: fit_base_rate(y), lambda rate, _: rate[None, :], fewest=0)


def fit_policy_share(nothing_known: Floats, votes: Floats, policy: Floats) -> Floats:
    """(n_outcomes,): what part of an outcome's votes was for policy categories, one day of `nothing_known` added.

    Parameters
    ----------
    nothing_known : (n_outcomes,), the share without any vote. votes, policy : (n_days, n_outcomes).
    """
    weights = age_weights(len(votes))
    return np.asarray((weights @ policy + nothing_known) / (weights @ votes + 1.0))


def policy_shares(days: Days, votes: Floats, policy: Floats, nothing_known: Floats) -> Floats:
    """Walk-forward policy share within each outcome, (n_days, n_outcomes)."""
    k = votes.shape[1]

    def fit(_: Floats, labels: Floats) -> Floats:
        return fit_policy_share(nothing_known, labels[:, :k], labels[:, k:])

    nothing = np.zeros((len(days), 0))
    both = np.hstack([votes, policy])
    wide = walk_forward(
        days, nothing, both, fit, lambda share, _: np.concatenate([share, np.zeros(k)])[None, :], fewest=0
    )
    return np.asarray(wide[:, :k])
