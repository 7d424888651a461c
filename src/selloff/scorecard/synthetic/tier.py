"""The synthetic tier: does the program find what was planted, and does it know when it does not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from selloff.attribution import attribute
from selloff.catalog import Catalogue
from selloff.scorecard.synthetic import unexplained
from selloff.scorecard.synthetic.outcome import Outcome, score_world
from selloff.scorecard.synthetic.scoring import uniformity
from selloff.scorecard.synthetic.worlds import KINDS, Kind, draw_world
from selloff.scorecard.tier import Interval, Row, ScoreContext, TierResult, Verdict, count_misses
from selloff.scorecard.uncertainty import UNKNOWN, at_least, contains, mean_of, median_of, resampled, seed_of
from selloff.scorecard.weighing import Method

N_DRAWS = 119
"""Posterior draws of contributions per world: 120 possible ranks."""

ENDS_AT_ONE: frozenset[Kind] = frozenset({"prior", "outside"})
"""Kinds in which all is unexplained in many worlds: a band that ends at one holds its end, so it may hold more."""

BINS = 6
IN_SET = 0.95
SMALLEST_P = 0.05

WORLDS: Mapping[Kind, int] = {
    "prior": 60,
    "one": 38,
    "two": 20,
    "outside": 60,
    "wrong_signs": 19,
    "heavy_tails": 19,
    "volatility_break": 19,
}
"""How many worlds of each kind: 235, about a quarter of a second each. A share of one in ten needs more than twenty."""

KIND_NAMES: Mapping[Kind, str] = {
    "prior": "worlds from the method's own prior",
    "one": "one planted cause",
    "two": "two triggers at once",
    "outside": "a shock outside the menu",
    "wrong_signs": "half of the restricted signs wrong",
    "heavy_tails": "heavy-tailed noise",
    "volatility_break": "a volatility break",
}


@dataclass(frozen=True)
class SyntheticTier:
    """Worlds with planted causes, drawn at scoring time.

    `worlds` by kind; `method` is what is scored.
    """

    worlds: Mapping[Kind, int] = field(default_factory=lambda: dict(WORLDS))
    method: Method = attribute
    id: str = "synthetic"
    name: str = "Planted causes"

    def run(self, context: ScoreContext) -> TierResult:
        """Draw the worlds from the context's seed, explain each, score."""
        outcomes = self.outcomes(context.catalogue, context)
        rows = tuple(
            row
            for kind in KINDS
            if outcomes.get(kind)
            for row in (_calibration(outcomes[kind], context.seed) if kind == "prior" else _kind(kind, outcomes[kind]))
        )
        rows += tuple(unexplained.rows(outcomes.get("one", ()), outcomes.get("outside", ()), context.seed))
        n = sum(map(len, outcomes.values()))
        return TierResult(
            id=self.id,
            name=self.name,
            summary=f"{count_misses(rows)} in {n} drawn worlds (seed {context.seed}).",
            rows=rows,
            notes=NOTES,
            details={"worlds": {kind: len(found) for kind, found in outcomes.items()}},
            seed=context.seed,
        )

    def outcomes(self, catalogue: Catalogue, context: ScoreContext) -> dict[Kind, list[Outcome]]:
        """Every world, scored, by kind."""
        causes, assets = list(catalogue.causes.values()), list(catalogue.assets)
        total, done = sum(self.worlds.values()), 0
        found: dict[Kind, list[Outcome]] = {}
        for kind in KINDS:
            for index in range(self.worlds.get(kind, 0)):
                context.progress("synthetic worlds", done, total)
                world = draw_world(kind, index, causes, assets, context.seed)
                draws = N_DRAWS if kind == "prior" else 0
                found.setdefault(kind, []).append(score_world(world, catalogue, self.method, draws, context.seed))
                done += 1
        return found


NOTES = (
    "A `?` cell is drawn as the table has it: falls 0.35, nothing 0.30, rises 0.35, at size 1 times the intensity.",
    "Reported set: the most probable cause of the planted one's role and all that it can't be told apart from.",
    "Log score of the trigger shares; a world without a listed trigger is scored on other plus unknown. The gain is "
    "over the priors of the triggers, other 0.20 and unknown 0.15, made to add up to one.",
    "Intervals of contributions and of the unexplained share are scored on the method's own draws. A draw is exactly "
    "zero where a cause was not active; in worlds from the prior such ties are broken at random.",
    "What a planted cause moved is scored against the band that is given for the case that it was at work, over all "
    "assets, in worlds in which listed causes made the moves.",
    "After a shock from outside the menu all is unexplained, and a share can't be above one: there a band may hold the "
    "truth more often than 0.90. Whether the stated share tells such shocks from planted causes has a row of its own.",
    "The method takes cells as normal around their mean; the worlds draw signs, so even worlds from its own prior are "
    "not quite its model.",
)


def _column(outcomes: Sequence[Outcome], name: str) -> np.ndarray:
    values = np.array([getattr(o, name) for o in outcomes], dtype=np.float64)
    return values[~np.isnan(values)]


def _mean(outcomes: Sequence[Outcome], name: str, seed: int) -> tuple[Interval, int]:
    values = _column(outcomes, name)
    return resampled(values, mean_of, seed_of(name, seed)), len(values)


def _kind(kind: Kind, outcomes: Sequence[Outcome]) -> list[Row]:
    """Rows of a kind of world."""
    what, seed = KIND_NAMES[kind], seed_of(kind, len(outcomes))
    rows = []
    if kind != "outside":
        caught, n = _mean(outcomes, "in_set", seed)
        aim = IN_SET if kind in {"one", "two"} else None
        verdict: Verdict = "open" if aim is None else at_least(caught, aim)
        name = f"Planted cause in the reported set, {what}"
        rows.append(Row(f"in_set_{kind}", name, caught, verdict, f"≥ {aim}" if aim else "", n))
    sizes = _column(outcomes, "set_size")
    size = resampled(sizes, median_of, seed)
    rows.append(Row(f"set_size_{kind}", f"Median size of the reported set, {what}", size, n=len(sizes)))
    score, n = _mean(outcomes, "log_score", seed)
    rows.append(Row(f"log_score_{kind}", f"Log score with unknown, nats, {what}", score, n=n))
    gain, n = _mean(outcomes, "gain", seed)
    rows.append(Row(f"gain_{kind}", f"Gain over the prior shares, nats, {what}", gain, at_least(gain, 0.0), "≥ 0", n))
    return rows + _bands(kind, outcomes, seed)


def _bands(kind: Kind, outcomes: Sequence[Outcome], seed: int) -> list[Row]:
    """Rows of the bands of the unexplained share, and of what planted causes moved."""
    what, rows = KIND_NAMES[kind], []
    for level in (68, 90):
        aim = level / 100
        share, n = _mean(outcomes, f"unexplained_covered_{level}", seed)
        name = f"Coverage of the unexplained share's {level} % band, {what}"
        fair, goal = (at_least, f"≥ {aim:.2f}") if kind in ENDS_AT_ONE else (contains, f"{aim:.2f}")
        rows.append(Row(f"unexplained_{level}_{kind}", name, share, fair(share, aim), goal, n))
        amount, n = _mean(outcomes, f"amount_covered_{level}", seed)
        if n:
            name = f"Coverage of the {level} % band of what a planted cause moved, {what}"
            rows.append(Row(f"amount_{level}_{kind}", name, amount, contains(amount, aim), f"{aim:.2f}", n))
    return rows


def _calibration(outcomes: Sequence[Outcome], seed: int) -> list[Row]:
    """Rows of worlds drawn from the method's own prior: these must be calibrated."""
    rows = []
    excess, n = _mean(outcomes, "excess_active", seed)
    name = "Causes it takes to be active minus causes that were, per world"
    rows.append(Row("active_bias", name, excess, contains(excess, 0.0), "0", n))
    skill, n = _mean(outcomes, "brier_gain", seed)
    name = "Brier score of the priors minus that of the probabilities, all causes"
    rows.append(Row("brier_gain", name, skill, at_least(skill, 0.0), "≥ 0", n))
    for level in (68, 90):
        share, n = _mean(outcomes, f"covered_{level}", seed)
        name = f"Coverage of the {level} % interval of what all causes together moved an asset by"
        rows.append(Row(f"coverage_{level}", name, share, contains(share, level / 100), f"{level / 100:g}", n))
        each, n = _mean(outcomes, f"cause_covered_{level}", seed)
        name = f"Coverage of the {level} % interval of each cause's contribution"
        rows.append(Row(f"cause_coverage_{level}", name, each, contains(each, level / 100), f"{level / 100:g}", n))
    rows += _bands("prior", outcomes, seed)
    crps, n = _mean(outcomes, "crps", seed)
    rows.append(Row("crps", "CRPS of what all causes together moved an asset by, sigmas", crps, n=n))
    for what, name in (
        ("contribution_rank", "SBC: p-value of uniform ranks, all causes' contribution to one asset"),
        ("active_rank", "SBC: p-value of uniform ranks, number of active causes"),
    ):
        ranks = [int(r) for r in _column(outcomes, what)]
        p = uniformity(ranks, N_DRAWS, BINS, seed_of(what, seed))
        value = Interval(p, p, p) if ranks else UNKNOWN
        verdict: Verdict = "open" if not ranks else "passed" if p >= SMALLEST_P else "failed"
        rows.append(Row(f"sbc_{what}", name, value, verdict, f"≥ {SMALLEST_P}", len(ranks)))
    return rows


def tier() -> SyntheticTier:
    """The tier."""
    return SyntheticTier()
