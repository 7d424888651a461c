"""The scored methods: what each stated, against which votes, and its scores with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.scorecard.bootstrap import block_counts, interval_of, seed_from_days
from selloff.scorecard.scores import (
    Floats,
    Scored,
    balanced_accuracy,
    brier_scores,
    calibration_error,
    log_scores,
    top_scores,
)
from selloff.scorecard.tier import Interval

SCORES = ("log_score", "brier", "top1", "top2", "balanced_accuracy_policy", "ece")


@dataclass(frozen=True)
class Method:
    """One way of stating shares of outcomes, on its rows.

    Attributes
    ----------
    id, name : of the method.
    rows : (n,), place of the day among the scored ones; a method on coders has several rows a day.
    stated, votes : (n, n_outcomes). policy : (n,), votes for policy categories. weight : (n,).
    """

    id: str
    name: str
    rows: npt.NDArray[np.int64]
    stated: Floats
    votes: Floats
    policy: Floats
    weight: Floats


@dataclass(frozen=True)
class Scene:
    """What all methods share.

    Attributes
    ----------
    days : (n_days,), the scored days.
    base : (n_days, n_outcomes), base rates, which gains are measured against.
    policy_share : (n_days, n_outcomes), what part of each outcome was policy in labels known before.
    counts : (n_draws, n_days), how often each day is taken in each resample.
    """

    days: npt.NDArray[np.datetime64]
    base: Floats
    policy_share: Floats
    counts: Floats

    @classmethod
    def of(cls, days: npt.NDArray[np.datetime64], base: Floats, policy_share: Floats) -> Scene:
        """A scene with its resamples, seeded by the days."""
        return cls(days, base, policy_share, block_counts(days, seed_from_days(days)))


@dataclass(frozen=True)
class MethodScores:
    """Scores of one method; `gain_over_base` and `gain_of_model` are paired differences of log scores, in nats."""

    id: str
    name: str
    n: int
    scores: dict[str, Interval]
    gain_over_base: Interval
    gain_of_model: Interval | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain values."""
        found: dict[str, object] = {"name": self.name, "n": self.n}
        found |= {k: v.to_dict() for k, v in self.scores.items()}
        found["gain_over_base"] = self.gain_over_base.to_dict()
        if self.gain_of_model is not None:
            found["gain_of_model"] = self.gain_of_model.to_dict()
        return found


def mean_interval(values: Sequence[Scored], counts: Floats) -> Interval:
    """The mean over several scores of their weighted means, with its interval.

    Parameters
    ----------
    counts : (n_draws, n_rows).
    """
    once = np.ones((1, len(values[0].value)))
    mid = float(np.mean([v.mean(once)[0] for v in values]))
    draws = np.mean([v.mean(counts) for v in values], axis=0)
    return interval_of(mid, draws)


def method_scores(method: Method, scene: Scene, model: Method | None = None) -> MethodScores:
    """Score a method.

    Parameters
    ----------
    model : the method whose gain over this one is wanted; on the days both have.
    """
    counts = scene.counts[:, method.rows]
    log_score = log_scores(method.stated, method.votes)
    base = log_scores(scene.base[method.rows], method.votes)
    top1 = top_scores(method.stated, method.votes, 1)
    share = scene.policy_share[method.rows]
    called = balanced_accuracy(
        (method.stated * share).sum(axis=1),
        method.policy,
        (scene.base[method.rows] * share).sum(axis=1),
        method.weight,
    )
    confidence = method.stated.max(axis=1)

    def one(values: Floats) -> Interval:
        return mean_interval([Scored(values, method.weight)], counts)

    def errors(draws: Floats) -> Floats:
        return calibration_error(confidence, top1, method.weight, draws)

    scores = {
        "log_score": one(log_score),
        "brier": one(brier_scores(method.stated, method.votes)),
        "top1": one(top1),
        "top2": one(top_scores(method.stated, method.votes, 2)),
        "balanced_accuracy_policy": mean_interval(called, counts),
        "ece": interval_of(float(errors(np.ones((1, len(top1))))[0]), errors(counts)),
    }
    gain_of_model = None
    if model is not None:
        stated = model.stated[np.searchsorted(model.rows, method.rows)]
        gain_of_model = one(log_scores(stated, method.votes) - log_score)
    n = len(np.unique(method.rows))
    return MethodScores(method.id, method.name, n, scores, one(log_score - base), gain_of_model)
