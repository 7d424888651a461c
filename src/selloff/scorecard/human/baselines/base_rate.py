"""Base rate: how often coders have named each outcome so far, recent days weighing more."""

from __future__ import annotations

import numpy as np

from selloff.scorecard.scores import Floats
from selloff.scorecard.walk_forward import Days, walk_forward

HALF_LIFE = 60
PRIOR_DAYS = 4.0
"""Labelled days after which a label counts half, and days that the uniform distribution is worth: so a base rate known
beforehand is as good as the frequencies of the scored days themselves, and better than a plain mean
(`validation/scorecard_baselines.py`). One that forgets faster is better still, but then it is a memory of the last
jumps: `recent_labels`."""


def age_weights(n: int, half_life: float = HALF_LIFE) -> Floats:
    """(n,), weights of labels in order of date."""
    return np.asarray(0.5 ** (np.arange(n)[::-1] / half_life))


def base_rates(days: Days, votes: Floats, half_life: float = HALF_LIFE, prior_days: float = PRIOR_DAYS) -> Floats:
    """Walk-forward base rate of each labelled day, (n_days, n_outcomes); uniform before the first label."""
    k = votes.shape[1]

    def fit(_: Floats, known: Floats) -> Floats:
        weights = age_weights(len(known), half_life)
        return np.asarray((weights @ known + prior_days / k) / (weights.sum() + prior_days))

    nothing = np.zeros((len(days), 0))
    return walk_forward(days, nothing, votes, fit, lambda rate, _: rate[None, :], fewest=0)


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
