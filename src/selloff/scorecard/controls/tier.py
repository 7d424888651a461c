"""The tier of negative controls.

Criteria, fixed before any of them was measured. Quiet days: an answer's information (`scramble.information`) stays
below ln 1.15 = 0.14 nats, the least that counts as evidence elsewhere (`attribution.evidence.NOTEWORTHY`), and at most
5 % of the testable causes are called contributing or ruled down. Scrambled days (asset names permuted, signs by a coin,
moves dealt out in time), by prices alone: at most half of the information that the same days give unscrambled.

Direct evidence dealt out in time has no such criterion: an item says how likely causes were on the day it was read,
and goes on saying so beside another day's moves. What has to vanish is its worth, which labelled days show
(`controls.labelled`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from selloff.attribution import Attribution, attribute
from selloff.attribution.evidence import NOTEWORTHY
from selloff.panel import build_panel
from selloff.panel.transforms import Floats
from selloff.scorecard.controls.labelled import labelled_rows
from selloff.scorecard.controls.scramble import (
    added_information,
    added_to_shares,
    dealt_evidence,
    decided,
    flipped_signs,
    information,
    permuted_names,
    prices_alone,
    shuffled_in_time,
)
from selloff.scorecard.tier import Row, ScoreContext, TierResult, count_misses
from selloff.scorecard.uncertainty import at_most, mean_of, ratio_of, resampled, seed_of
from selloff.scorecard.weighing import Inputs, Method, day_inputs, weigh, without_evidence

MOST_INFORMATION = math.log(NOTEWORTHY)
MOST_DECIDED = 0.05
MOST_KEPT = 0.5
QUIET, LOUD = 0.05, 0.95
"""Quantiles of a session's mean absolute sigma: quiet days are below the first, loud days above the second."""

EACH = 25
"""Days of each sort: enough to tell the criteria, a few seconds' work each."""

FEWEST_ASSETS = 8
SPACING = timedelta(days=10)

NO_AIM = "no aim: what an item says of the causes does not vanish by dealing it out; see the labelled days"

Days = Sequence[Inputs]
Scramble = Callable[[Inputs, np.random.Generator], Inputs]

EVIDENCE_MEASURES: Mapping[str, tuple[str, Callable[[Attribution, Attribution], float]]] = {
    "evidence_information": ("Nats claimed over the priors", lambda found, bare: information(found)),  # noqa: ARG005
    "evidence_causes": ("Nats that direct evidence adds over causes", added_information),
    "evidence_shares": ("Nats that direct evidence adds to the main trigger's shares", added_to_shares),
}
"""Each of an answer and the same day's answer without direct evidence."""


@dataclass(frozen=True)
class ControlsTier:
    """Quiet days, scrambled ones, and direct evidence dealt out in time.

    `each`: days of each sort. `fewest_assets`: that a day must have. `method`: what is scored.
    """

    each: int = EACH
    fewest_assets: int = FEWEST_ASSETS
    method: Method = attribute
    id: str = "controls"
    name: str = "Negative controls"

    def run(self, context: ScoreContext) -> TierResult:
        """Weigh quiet days, and loud ones as they were and scrambled; score labelled days with other days' evidence.

        Raises
        ------
        ScorecardError : a row of the labels is malformed.
        """
        quiet_days, loud_days = quiet_and_loud(context, self.each, self.fewest_assets)
        quiet = self._inputs(context, quiet_days, "quiet days")
        loud = self._inputs(context, loud_days, "loud days")
        rows = self._quiet(context, quiet) + self._scrambled(context, loud)
        rows += self._evidence(context, loud) + labelled_rows(context)
        short = len(quiet_days) + len(loud_days) - len(quiet) - len(loud)
        return TierResult(
            id=self.id,
            name=self.name,
            summary=f"{count_misses(rows)}.",
            rows=tuple(rows),
            skipped={"days that the data can't explain": short} if short else {},
            notes=NOTES,
            seed=context.seed,
        )

    def _inputs(self, context: ScoreContext, days: Sequence[date], what: str) -> list[Inputs]:
        found = []
        for done, day in enumerate(days):
            context.progress(what, done, len(days))
            given = day_inputs(context, day)
            if given is not None:
                found.append(given)
        return found

    def _measure(self, context: ScoreContext, days: Days) -> Floats:
        """Information and decided share of each day, (n, 2)."""
        answers = [weigh(d, context.catalogue, self.method) for d in days]
        return np.array([[information(a), decided(a)] for a in answers]).reshape(len(days), 2)

    def _quiet(self, context: ScoreContext, days: Days) -> list[Row]:
        versions = (
            ("quiet", "on a quiet day", list(days), "direct evidence included"),
            ("quiet_prices", "on a quiet day, from prices alone", [prices_alone(d) for d in days], ""),
        )
        rows = []
        for id, where, given, note in versions:
            table = self._measure(context, given)
            seed, n = seed_of("quiet", context.seed, len(table)), len(table)
            learnt, called = (resampled(table[:, column], mean_of, seed) for column in (0, 1))
            verdicts = at_most(learnt, MOST_INFORMATION), at_most(called, MOST_DECIDED)
            aims = f"≤ {MOST_INFORMATION:.2f}", f"≤ {MOST_DECIDED}"
            rows += [
                Row(f"{id}_information", f"Nats claimed {where}", learnt, verdicts[0], aims[0], n, note),
                Row(f"{id}_decided", f"Share of causes decided {where}", called, verdicts[1], aims[1], n, note),
            ]
        return rows

    def _scrambled(self, context: ScoreContext, days: Days) -> list[Row]:
        bare = [prices_alone(d) for d in days]
        real = self._measure(context, bare)
        seed = seed_of("loud", context.seed, len(real))
        n = len(real)
        learnt, called = (resampled(real[:, column], mean_of, seed) for column in (0, 1))
        rows = [
            Row("loud_information", "Nats claimed on a loud day as it was, from prices alone", learnt, n=n),
            Row("loud_decided", "Share of causes decided on a loud day, from prices alone", called, n=n),
        ]
        for id, name, scrambled in self._versions(context, bare):
            table = self._measure(context, scrambled)
            kept = resampled(np.column_stack([table[:, 0], real[:, 0]]), ratio_of, seed)
            called = resampled(table[:, 1], mean_of, seed)
            note = f"{float(table[:, 0].mean()):.3f} nats" if n else ""
            rows += [
                Row(f"{id}_information", f"Information kept with {name}, as a share of the real days'", kept,
                    at_most(kept, MOST_KEPT), f"≤ {MOST_KEPT}", n, note),
                Row(f"{id}_decided", f"Share of causes decided with {name}", called, n=n),
            ]  # fmt: skip
        return rows

    def _evidence(self, context: ScoreContext, days: Days) -> list[Row]:
        """What direct evidence claims on its own day, and beside another day's moves."""
        dealt_days = dealt_evidence(days, np.random.default_rng([context.seed, 5]))
        given = (days, dealt_days, [without_evidence(d) for d in days]) if dealt_days else ([], [], [])
        true, dealt, bare = ([weigh(d, context.catalogue, self.method) for d in which] for which in given)
        seed, n = seed_of("evidence", context.seed, len(dealt)), len(dealt)
        rows = []
        for id, (name, measure) in EVIDENCE_MEASURES.items():
            table = np.array([[measure(t, b), measure(d, b)] for t, d, b in zip(true, dealt, bare, strict=True)])
            table = table.reshape(n, 2)
            own, other = (resampled(table[:, column], mean_of, seed) for column in (0, 1))
            kept = resampled(table[:, ::-1], ratio_of, seed)
            rows += [
                Row(f"{id}_own", f"{name}, loud days as they were", own, n=n),
                Row(f"{id}_dealt", f"{name}, evidence dealt out in time", other, n=n),
                Row(f"{id}_kept", f"{name}: dealt out, as a share of the true days'", kept, n=n, note=NO_AIM),
            ]
        return rows

    def _versions(self, context: ScoreContext, days: Days) -> list[tuple[str, str, list[Inputs]]]:
        def each(change: Scramble, number: int) -> list[Inputs]:
            return [change(d, np.random.default_rng([context.seed, number, i])) for i, d in enumerate(days)]

        return [
            ("names", "asset names permuted", each(permuted_names, 1)),
            ("signs", "signs by a coin", each(flipped_signs, 2)),
            ("time", "moves dealt out in time", shuffled_in_time(days, np.random.default_rng([context.seed, 3]))),
        ]


NOTES = (
    "Quiet and loud days: the calmest and the wildest twentieth of sessions by mean absolute slow sigma, at least ten "
    "days apart, drawn by the seed.",
    "Information: Σ over testable causes of the Kullback–Leibler divergence of the probability from the prior.",
    "Scrambled days are weighed by prices alone, their direct evidence set aside; links of chains beyond the assets "
    "keep their own moves.",
    "Evidence dealt out in time: each loud day keeps its moves and gets the direct readings of another loud day. What "
    "is read from the day's own moves stays.",
    "Labelled days: main-trigger shares of the human tier's outcomes by the weights known then, with the day's direct "
    "evidence, without any, and with every other labelled day's in turn.",
)


def quiet_and_loud(context: ScoreContext, each: int, fewest_assets: int) -> tuple[list[date], list[date]]:
    """Sessions of both sorts, chosen by the size of moves alone."""
    catalogue = context.catalogue
    names = list(dict.fromkeys(s for a in catalogue.assets.values() for s in a.series))
    end = int(np.searchsorted(context.sessions.dates, np.datetime64(context.now.date()), side="right"))
    panel = build_panel(context.store, catalogue, names, context.sessions, n_rows=end, as_of=context.now)
    before = np.vstack([np.full((1, len(names)), np.nan), panel.volatility[:-1]])
    sigmas = np.abs(panel.daily_moves / before)
    by_asset = np.full((end, len(catalogue.assets)), np.nan)
    for j, asset in enumerate(catalogue.assets.values()):
        for series in reversed(asset.series):
            column = sigmas[:, panel.column[series]]
            by_asset[:, j] = np.where(np.isnan(column), by_asset[:, j], column)
    count = np.sum(~np.isnan(by_asset), axis=1)
    size = np.where(count >= fewest_assets, np.nansum(by_asset, axis=1) / np.maximum(count, 1), np.nan)
    if np.isnan(size).all():
        return [], []
    low, high = np.nanquantile(size, [QUIET, LOUD])
    random = np.random.default_rng([context.seed, 4])
    found = []
    for rows in (np.flatnonzero(size <= low), np.flatnonzero(size >= high)):
        chosen: list[date] = []
        for row in random.permutation(rows):
            day = panel.sessions[int(row)].item()
            if len(chosen) < each and all(abs(day - other) >= SPACING for other in chosen):
                chosen.append(day)
        found.append(sorted(chosen))
    return found[0], found[1]


def tier() -> ControlsTier:
    """The tier."""
    return ControlsTier()
