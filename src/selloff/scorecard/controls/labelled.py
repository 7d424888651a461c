"""Direct evidence dealt out among labelled days: does what it adds to the log score belong to its own day?

Evidence keeps what it says of the causes however it is dealt out, so sizes of answers can't show whether it was earned.
On labelled days the score decides: the gain over no direct evidence has to go when it is another day's evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from selloff.attribution.main_trigger import TriggerModel, trigger_model
from selloff.catalog import Catalogue
from selloff.panel.clock import morning_note
from selloff.panel.transforms import Floats
from selloff.scorecard.bootstrap import block_counts, interval_of, seed_from_days
from selloff.scorecard.human.label_file import Labels, read_labels
from selloff.scorecard.human.records import DayRecord, make_records
from selloff.scorecard.human.scoring import LABELS_FILE
from selloff.scorecard.scores import log_scores
from selloff.scorecard.tier import Row, ScoreContext
from selloff.scorecard.uncertainty import UNKNOWN, at_least, at_most

FEWEST_DAYS = 3
TRUE, DEALT, DIFFERENCE = "labels_own_evidence", "labels_dealt_evidence", "labels_evidence_difference"
NAMES = {
    TRUE: "Log score gained on labelled days by the day's direct evidence, nats",
    DEALT: "Log score gained on labelled days by another day's direct evidence, nats",
    DIFFERENCE: "Gain by the day's direct evidence less that by another day's, nats",
}


@dataclass(frozen=True)
class Gains:
    """Log score less that without direct evidence, (n_days,) each.

    `own` : with the day's evidence. `dealt` : mean over every other day's evidence.
    """

    days: np.ndarray
    own: Floats
    dealt: Floats


def gains(records: Sequence[DayRecord], votes: Floats, catalogue: Catalogue) -> Gains:
    """Gains of each day, its prices and what is read from its moves kept.

    Parameters
    ----------
    records : of days with a move of the S&P 500. votes : (n_days, n_outcomes), coders' shares.
    """
    items, outcomes = catalogue.evidence, catalogue.label_map.outcomes
    standard = np.array([[r.evidence[i.id] for i in items] for r in records]).reshape(len(records), len(items))
    prices = np.array([[r.prices[o] for o in outcomes] for r in records]).reshape(len(records), len(outcomes))
    direct = np.array([not i.from_prices for i in items])
    own, dealt = np.zeros(len(records)), np.zeros(len(records))
    for row, record in enumerate(records):
        assert record.stock_move is not None
        moment = morning_note(record.day)
        model = trigger_model(items, catalogue.label_map, catalogue.causes, moment, record.stock_move)
        told = np.where(direct, standard, standard[row])
        bare = np.where(direct, 0.0, standard[row])[None]
        stated = _stated(model, np.vstack([told, bare]), prices[row])
        scores = log_scores(stated, np.broadcast_to(votes[row], stated.shape))
        own[row] = scores[row] - scores[-1]
        dealt[row] = np.delete(scores[:-1], row).mean() - scores[-1]
    return Gains(np.array([r.day for r in records], dtype="datetime64[D]"), own, dealt)


def _stated(model: TriggerModel, standard: Floats, prices: Floats) -> Floats:
    return np.array([model.shares(values, prices) for values in standard])


def labelled_rows(context: ScoreContext) -> list[Row]:
    """Gain by own evidence, by dealt-out evidence, and the paired difference; intervals resample calendar years."""
    path = context.find_file("labels", LABELS_FILE)
    if path is None:
        return [_not_run(f"no file {LABELS_FILE}")]
    labels = read_labels(path, context.catalogue.label_map)
    records = [r for r in make_records(context, [d.item() for d in labels.days]).days if r.stock_move is not None]
    if len(records) < FEWEST_DAYS:
        return [_not_run("too few labelled days can be explained")]
    found = gains(records, _votes(labels, records), context.catalogue)
    counts = block_counts(found.days, seed_from_days(found.days))
    total = counts.sum(axis=1)
    n = len(records)

    def row(id: str, values: Floats, aim: str, note: str) -> Row:
        value = interval_of(float(values.mean()), counts @ values / total)
        verdict = at_most(value, 0.0) if aim == "≤ 0" else at_least(value, 0.0)
        return Row(id, NAMES[id], value, verdict, aim, n, note)

    dealt = "mean over all other labelled days; what labelled days have in common stays in it"
    return [
        row(TRUE, found.own, "> 0", "against the same day without direct evidence"),
        row(DEALT, found.dealt, "≤ 0", dealt),
        row(DIFFERENCE, found.own - found.dealt, "> 0", "paired; what labelled days have in common drops out"),
    ]


def _votes(labels: Labels, records: Sequence[DayRecord]) -> Floats:
    days = np.array([r.day for r in records], dtype="datetime64[D]")
    return labels.votes[np.searchsorted(labels.days, days)]


def _not_run(why: str) -> Row:
    return Row(DIFFERENCE, NAMES[DIFFERENCE], UNKNOWN, n=0, note=f"not run: {why}")
