"""Does the method know when it does not know? Score against coverage, and calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from selloff.catalog.labelmap import OTHER, UNKNOWN, LabelMap
from selloff.scorecard.bootstrap import interval_of
from selloff.scorecard.human.methods import Method, Scene, mean_interval
from selloff.scorecard.scores import Floats, Scored, bin_of, log_scores, reliability, top_scores
from selloff.scorecard.tier import Interval

COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class CoveragePoint:
    """Scores when only the most confident days are answered and the others are left as *unknown*.

    Attributes
    ----------
    coverage, n : share and number of days answered. threshold : smallest named share answered.
    log_score, gain : means over the answered days; gain is over the base rate.
    overall_gain : mean over all days, abstained days stating the base rate.
    """

    coverage: float
    n: int
    threshold: float
    log_score: Interval
    gain: Interval
    overall_gain: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "coverage": self.coverage,
            "n": self.n,
            "threshold": self.threshold,
            "log_score": self.log_score.to_dict(),
            "gain_over_base": self.gain.to_dict(),
            "overall_gain_over_base": self.overall_gain.to_dict(),
        }


def named_confidence(stated: Floats, label_map: LabelMap) -> Floats:
    """(n,): the largest share of an outcome that is neither *other* nor *unknown*."""
    named = [i for i, o in enumerate(label_map.outcomes) if o not in (OTHER, UNKNOWN)]
    return np.asarray(stated[:, named].max(axis=1))


def coverage_curve(method: Method, scene: Scene, label_map: LabelMap) -> list[CoveragePoint]:
    """Score against coverage, from the most confident tenth to all days; ties in confidence go by date."""
    confidence = named_confidence(method.stated, label_map)
    order = np.argsort(-confidence, kind="stable")
    score = log_scores(method.stated, method.votes)
    gain = score - log_scores(scene.base[method.rows], method.votes)
    counts = scene.counts[:, method.rows]
    points = []
    for coverage in COVERAGES:
        n = max(int(np.ceil(coverage * len(order) - 1e-9)), 1)
        answered = np.zeros(len(order))
        answered[order[:n]] = 1.0
        points.append(
            CoveragePoint(
                coverage=coverage,
                n=n,
                threshold=float(confidence[order[n - 1]]),
                log_score=mean_interval([Scored(score, answered)], counts),
                gain=mean_interval([Scored(gain, answered)], counts),
                overall_gain=mean_interval([Scored(gain * answered, method.weight)], counts),
            )
        )
    return points


def selectivity(method: Method, scene: Scene, label_map: LabelMap) -> Interval:
    """Gain over the base rate on the more confident half of the days minus that on the other half, in nats: above
    zero, its confidence says when to listen."""
    confidence = named_confidence(method.stated, label_map)
    order = np.argsort(-confidence, kind="stable")
    upper = np.zeros(len(order))
    upper[order[: (len(order) + 1) // 2]] = 1.0
    gain = log_scores(method.stated, method.votes) - log_scores(scene.base[method.rows], method.votes)
    return _difference(gain, upper, 1.0 - upper, scene.counts[:, method.rows])


def unsure_gain(method: Method, scene: Scene, label_map: LabelMap) -> Interval:
    """Gain over the base rate on the less confident half of the days, in nats: below zero, it had better say *unknown*
    there, which counts as the base rate."""
    confidence = named_confidence(method.stated, label_map)
    unsure = np.zeros(len(confidence))
    unsure[np.argsort(-confidence, kind="stable")[(len(confidence) + 1) // 2 :]] = 1.0
    gain = log_scores(method.stated, method.votes) - log_scores(scene.base[method.rows], method.votes)
    return mean_interval([Scored(gain, unsure)], scene.counts[:, method.rows])


def unknown_contrast(method: Method, scene: Scene, label_map: LabelMap) -> Interval:
    """Stated *unknown* on days when coders gave no reason minus on days when they did, weighted by votes: above zero,
    it says *unknown* where people could not say either."""
    place = label_map.outcomes.index(UNKNOWN)
    votes = method.votes[:, place]
    return _difference(method.stated[:, place], votes, 1.0 - votes, scene.counts[:, method.rows])


def _difference(values: Floats, first: Floats, second: Floats, counts: Floats) -> Interval:
    once = np.ones((1, len(values)))
    a, b = Scored(values, first), Scored(values, second)
    return interval_of(float(a.mean(once)[0] - b.mean(once)[0]), a.mean(counts) - b.mean(counts))


def calibration_tables(method: Method) -> dict[str, list[dict[str, float]]]:
    """Reliability by bin of stated share: of the top outcome of each day, and of all outcomes of all days."""
    top = (method.stated.max(axis=1), top_scores(method.stated, method.votes, 1), method.weight)
    wide = np.repeat(method.weight, method.stated.shape[1])
    every = (method.stated.ravel(), method.votes.ravel(), wide)
    return {
        name: [
            {"stated": stated, "right": right, "n": n, "bin": float(bin_of(np.array([stated]))[0])}
            for stated, right, n in reliability(*values)
        ]
        for name, values in (("top", top), ("all_outcomes", every))
    }
