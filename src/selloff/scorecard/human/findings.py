"""The human tier's result: scores, rows with verdicts, abstention, calibration and the worst misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from selloff.catalog.labelmap import LabelMap
from selloff.scorecard.bootstrap import DRAWS, INTERVAL
from selloff.scorecard.human.abstention import (
    calibration_tables,
    coverage_curve,
    selectivity,
    unknown_contrast,
    unsure_gain,
)
from selloff.scorecard.human.methods import SCORES, Method, MethodScores, Scene, mean_interval, method_scores
from selloff.scorecard.scores import FLOOR, Floats, Scored, log_scores
from selloff.scorecard.tier import Interval, Row, TierResult, Verdict

MISSES = 10
LEAKAGE = 0.84
"""Agreement of two coders of the same newspaper (Baker, Bloom, Davis and Sammon, What triggers stock market jumps?):
nothing that knows prices alone can be better."""


@dataclass(frozen=True)
class Comparison:
    """What everyone stated.

    Attributes
    ----------
    scene, methods : of the scored days; methods by id, the model first.
    ceiling : the coders; None without a file of them.
    in_sample : scene and methods of the days that were fitted on; None if there are none.
    in_folds : stated by the logit and the base rate in ten blocks, and the votes, each (n, n_outcomes).
    testable : days on which each trigger could be tested.
    rose : (n_days,), whether the stock market did. polarities : of each scored day.
    without_shocks : explained days without the four shocks.
    """

    scene: Scene
    methods: Mapping[str, Method]
    ceiling: Method | None
    in_sample: tuple[Scene, Mapping[str, Method]] | None
    in_folds: tuple[Floats, Floats, Floats] | None
    testable: Mapping[str, int]
    rose: npt.NDArray[np.bool_]
    polarities: Sequence[str]
    without_shocks: int


def _all_scores(scene: Scene, methods: Mapping[str, Method], ceiling: Method | None) -> dict[str, MethodScores]:
    model = methods["model"]
    found = {k: method_scores(m, scene, None if k == "model" else model) for k, m in methods.items()}
    if ceiling is not None:
        found[ceiling.id] = method_scores(ceiling, scene, model)
    return found


def above(value: Interval, aim: float) -> Verdict:
    """`passed` if even the low end is above an aim, `failed` if even the high end is below it."""
    if value.low > aim:
        return "passed"
    return "failed" if value.high < aim else "open"


def _gain_rows(scores: Mapping[str, MethodScores]) -> list[Row]:
    """The model against every baseline."""
    rows = []
    for key, other in scores.items():
        if other.gain_of_model is None:
            continue
        gain = other.gain_of_model
        name = f"log score over {other.name} (nats)"
        if key == "human_ceiling":
            rows.append(Row(f"gain_over_{key}", name, gain, "open", "", other.n, "nobody is expected to reach it"))
        else:
            rows.append(Row(f"gain_over_{key}", name, gain, above(gain, 0.0), "above 0", other.n))
    return rows


def _knowing_rows(comparison: Comparison, label_map: LabelMap, n: int) -> list[Row]:
    """Whether the model knows when it does not know."""
    model, scene = comparison.methods["model"], comparison.scene
    found = (
        (
            "selectivity",
            "gain on the more confident half minus the other half (nats)",
            selectivity(model, scene, label_map),
            "",
        ),
        (
            "unsure_gain",
            "gain over base rate on the less confident half (nats)",
            unsure_gain(model, scene, label_map),
            "below zero it had better say unknown there",
        ),
        (
            "unknown_contrast",
            "stated unknown where coders gave no reason, minus where they did",
            unknown_contrast(model, scene, label_map),
            "",
        ),
    )
    return [Row(key, name, value, above(value, 0.0), "above 0", n, note) for key, name, value, note in found]


def _rows(scores: Mapping[str, MethodScores], comparison: Comparison, label_map: LabelMap) -> tuple[Row, ...]:
    own = scores["model"]
    n = own.n
    policy, top1 = own.scores["balanced_accuracy_policy"], own.scores["top1"]
    unstated = _unstated(comparison.methods["model"], comparison.scene)
    leaks: Verdict = "failed" if top1.low > LEAKAGE else "passed"
    return (
        *_gain_rows(scores),
        Row("balanced_accuracy_policy", "policy or not, balanced accuracy", policy, above(policy, 0.5), "above 0.5", n),
        *_knowing_rows(comparison, label_map, n),
        Row(
            "unstated",
            "votes for outcomes stated at zero",
            unstated,
            "passed" if unstated.mid <= 0 else "failed",
            "0",
            n,
            "none of their triggers could be tested on the day",
        ),
        Row("top1", "votes for the top outcome", top1, leaks, f"not above {LEAKAGE:.2f}", n, "more would be leakage"),
        Row("ece", "expected calibration error", own.scores["ece"], n=n),
    )


def _day_lines(comparison: Comparison, label_map: LabelMap) -> list[dict[str, Any]]:
    model, base = comparison.methods["model"], comparison.methods["base_rate"]
    score, usual = log_scores(model.stated, model.votes), log_scores(base.stated, base.votes)
    return [
        {
            "date": str(day),
            "log_score": float(score[i]),
            "base_log_score": float(usual[i]),
            "polarity": comparison.polarities[i],
            "shares": dict(zip(label_map.outcomes, model.stated[i].tolist(), strict=True)),
        }
        for i, day in enumerate(comparison.scene.days)
    ]


def _misses(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The lowest log scores; among equal ones (at the floor) those on which the base rate did best."""
    return sorted(lines, key=lambda line: (line["log_score"], -line["base_log_score"], line["date"]))[:MISSES]


def _by_outcome(model: Method, base: Method, label_map: LabelMap) -> dict[str, dict[str, float]]:
    """Mean shares by outcome: stated by the model and the base rate, and voted."""
    return {
        outcome: {
            "stated": float(model.stated[:, i].mean()),
            "base_rate": float(base.stated[:, i].mean()),
            "voted": float(model.votes[:, i].mean()),
        }
        for i, outcome in enumerate(label_map.outcomes)
    }


def _unstated(model: Method, scene: Scene) -> Interval:
    """Votes for outcomes whose share was exactly zero, since none of their triggers could be tested that day."""
    votes = (model.votes * (model.stated <= 0.0)).sum(axis=1)
    return mean_interval([Scored(votes, model.weight)], scene.counts[:, model.rows])


def _in_folds(comparison: Comparison) -> dict[str, Any] | None:
    if comparison.in_folds is None:
        return None
    fitted, base, votes = comparison.in_folds
    gain = log_scores(fitted, votes) - log_scores(base, votes)
    n = len(votes)
    scene = comparison.scene
    counts = scene.counts if scene.counts.shape[1] == n else np.empty((0, n))
    return {
        "folds": 10,
        "n": n,
        "logit_gain_over_base": mean_interval([Scored(gain, np.ones(n))], counts).to_dict(),
        "note": "Ten blocks of consecutive days, each from the nine others: later labels are used, so this is not "
        "point in time. It is here to compare with published figures.",
    }


def _in_sample(comparison: Comparison) -> dict[str, Any]:
    if comparison.in_sample is None:
        return {"n": 0, "model": None, "baselines": {}}
    scene, methods = comparison.in_sample
    scores = _all_scores(scene, methods, None)
    return {
        "n": len(scene.days),
        "model": scores["model"].to_dict(),
        "baselines": {k: s.to_dict() for k, s in scores.items() if k != "model"},
    }


def _summary(scores: Mapping[str, MethodScores], n: int) -> str:
    gain = scores["model"].gain_over_base
    verdict = above(gain, 0.0)
    words = {
        "failed": "worse than the base rate",
        "passed": "better than the base rate",
        "open": "not told apart from the base rate",
    }[verdict]
    others = [s for k, s in scores.items() if s.gain_of_model is not None and k != "human_ceiling"]
    verdicts = [above(s.gain_of_model, 0.0) for s in others if s.gain_of_model is not None]
    counts = f"of {len(others)} baselines it beats {verdicts.count('passed')} and loses to {verdicts.count('failed')}"
    return f"On {n} labelled days the shares of triggers are {words}; {counts} beyond doubt."


def assemble(
    comparison: Comparison, label_map: LabelMap, skipped: Mapping[str, int], digests: Mapping[str, str]
) -> TierResult:
    """The tier's result.

    Parameters
    ----------
    skipped : labelled days left out, by reason. digests : SHA-256 of each file, by role.
    """
    scores = _all_scores(comparison.scene, comparison.methods, comparison.ceiling)
    n = len(comparison.scene.days)
    lines = _day_lines(comparison, label_map)
    relief = np.array([p == "relief" for p in comparison.polarities], dtype=bool)
    own = scores["model"].to_dict()
    details = {
        "n": n,
        "n_skipped": sum(skipped.values()),
        "first": lines[0]["date"] if lines else None,
        "last": lines[-1]["date"] if lines else None,
        "up_days": int(comparison.rose.sum()),
        "up_days_read_as_adverse": int((comparison.rose & ~relief).sum()),
        "down_days_read_as_relief": int((~comparison.rose & relief).sum()),
        "model": own,
        "baselines": {k: s.to_dict() for k, s in scores.items() if k != "model"},
        "gain_over_base": own["gain_over_base"],
        "in_sample": _in_sample(comparison),
        "in_folds": _in_folds(comparison),
        "outcomes": {o.id: o.name for o in label_map.outcome},
        "by_outcome": _by_outcome(comparison.methods["model"], comparison.methods["base_rate"], label_map),
        "testable_days": dict(comparison.testable),
        "label_map_sha256": label_map.digest(),
        "files_sha256": dict(sorted(digests.items())),
        "interval": INTERVAL[1] - INTERVAL[0],
        "resamples": DRAWS,
        "floor": FLOOR,
        "abstention": [p.to_dict() for p in coverage_curve(comparison.methods["model"], comparison.scene, label_map)],
        "calibration": {k: calibration_tables(comparison.methods[k]) for k in ("model", "logit")},
        "misses": _misses(lines),
        "days": lines,
    }
    return TierResult(
        id="human",
        name="Human labels",
        summary=_summary(scores, n),
        rows=_rows(scores, comparison, label_map),
        skipped=skipped,
        notes=_notes(comparison, relief),
        details=details,
    )


def _notes(comparison: Comparison, relief: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    found = [
        "Labels code triggers only; premia and amplifiers are not scored here.",
        f"Stocks rose on {comparison.rose.sum()} of the days; {(comparison.rose & ~relief).sum()} of these were read "
        f"as adverse, and {(~comparison.rose & relief).sum()} falls as relief, since other classes went the other way.",
        "A label counts as known from the next day on; every baseline is fitted on earlier days only.",
        "Gains are paired, in nats; intervals resample calendar years and hold nine in ten resamples.",
    ]
    if comparison.without_shocks:
        found.append(
            f"On {comparison.without_shocks} explained days a bond or stock close was missing, or no rotation was "
            "kept: the price-only baselines state the base rate there."
        )
    if comparison.ceiling is None:
        found.append("No file of coders was given: the human ceiling is not known.")
    else:
        found.append(
            "The ceiling predicts each coder from the day's other coders, so its Brier score is against one coder and "
            "not against the mean of all; the other scores compare directly."
        )
    return tuple(found)


__all__ = ["SCORES", "Comparison", "above", "assemble"]
