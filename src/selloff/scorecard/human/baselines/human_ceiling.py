"""Human ceiling: each coder predicted from the other coders of the same day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.scorecard.human.label_file import CoderVotes
from selloff.scorecard.scores import Floats

BASE_DAYS = 0.2
"""Coders that the base rate is worth beside the others. Chosen in the ceiling's favour from a few values
(`validation/scorecard_baselines.py`)."""


@dataclass(frozen=True)
class Ceiling:
    """One row per coder of a day with two or more.

    Attributes
    ----------
    rows : (n,), place of the day among the explained ones.
    stated, votes : (n, n_outcomes); policy : (n,); weight : (n,), adding up to one per day.
    """

    rows: npt.NDArray[np.int64]
    stated: Floats
    votes: Floats
    policy: Floats
    weight: Floats


def human_ceiling(coders: CoderVotes, days: npt.NDArray[np.datetime64], base: Floats) -> Ceiling:
    """Predict each coder.

    Parameters
    ----------
    days : (n_days,), the explained days. base : (n_days, n_outcomes), their base rates.
    """
    rows, stated, votes, policy, weight = [], [], [], [], []
    for i, day in enumerate(days):
        of_day = np.flatnonzero(coders.days == day)
        if len(of_day) < 2:
            continue
        total = coders.votes[of_day].sum(axis=0)
        for j in of_day:
            others = total - coders.votes[j]
            rows.append(i)
            stated.append((others + BASE_DAYS * base[i]) / (len(of_day) - 1 + BASE_DAYS))
            votes.append(coders.votes[j])
            policy.append(coders.policy[j])
            weight.append(1.0 / len(of_day))
    k = base.shape[1]
    return Ceiling(
        rows=np.array(rows, dtype=np.int64),
        stated=np.array(stated).reshape(-1, k),
        votes=np.array(votes).reshape(-1, k),
        policy=np.array(policy),
        weight=np.array(weight),
    )
