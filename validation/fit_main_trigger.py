"""Fit the main trigger's base rates and weights, one set for each month after which new labels were known.

Walk-forward: the set of a month is fitted on labelled days before it, on what the morning note of each knew. The model
is `selloff.attribution.main_trigger`: base rates are the geometric mean of a long (half-life 60 labels) and a short
memory (10), as in the scorecard's baselines; weights maximise the log score of the coders' votes less a quadratic
penalty on their distance from the catalogue's (`catalog/data/evidence/`). Where the catalogue states a weight the
penalty is mild (10: worth ten days of evidence), elsewhere it all but holds the weight at zero (200).

What was seen when: which groups of items help (calendar, news, state, prices) was tried on these labels, walk-forward,
before the catalogue's weights and the penalties were written down. The penalties' effect is flat: ablation below.

Run:  python validation/fit_main_trigger.py --labels FILE [--home FOLDER] [--write]
It prints the ablation (prices; + calendar; + news; + state). Without --write the refit is compared with the shipped
sets, and the script fails if they differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from selloff.attribution.fitted import FittedSet, load_fitted, write_fitted
from selloff.attribution.fitted.parameters import FOLDER
from selloff.attribution.main_trigger import CONSTANT, NAME, PRICE_POWER, prior_weights
from selloff.catalog import default_catalogue
from selloff.catalog.evidence import EvidenceItem
from selloff.catalog.sessions import load_sessions
from selloff.panel import morning_note
from selloff.scorecard import ScoreContext
from selloff.scorecard.human.baselines.base_rate import base_rates
from selloff.scorecard.human.baselines.recent_labels import HALF_LIFE, PRIOR_DAYS
from selloff.scorecard.human.label_file import read_labels
from selloff.scorecard.human.records import make_records
from selloff.scorecard.scores import log_scores
from selloff.settings import load_settings
from selloff.store import Store

Floats = npt.NDArray[np.float64]
STATED, UNSTATED, CONSTANTS = 10.0, 200.0, 30.0
"""Penalties: on weights that the catalogue states, on those it does not, on constants."""

A_DAY = timedelta(days=1)
"""A session's morning note is written a day later: a set that it may use must not have seen its label."""

STEPS, TOLERANCE = 100, 1e-9
SAME = 1e-5
"""Largest difference of a number between a refit and its shipped set. Sets are written with nine digits, and Newton's
steps end at a slope of 1e-9 a day where the mildest penalty is 10; NumPy 2.4 and 2.5 give weights that differ by 2e-6.
A series that changes moves them by a thousandth."""

GROUPS = {
    "prices": ("direction", "size", "aligned", "absolute"),
    "calendar": ("scheduled", "season"),
    "news": ("policy_uncertainty_level", "policy_uncertainty_surprise", "geopolitical_risk_level"),
    "state": ("vix_level", "corporate_spread_level", "financial_conditions_level", "curve_level"),
}


def softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_around(values: Floats, offset: Floats, votes: Floats, prior: Floats, penalty: Floats) -> Floats:
    """Weights that maximise Σ votes × log softmax(offset + [1, values] W) − ½ Σ penalty × (W − prior)², by Newton.

    Parameters
    ----------
    values : (n, p). offset, votes : (n, k). prior, penalty : (1 + p, k), the constant first.
    """
    design = np.column_stack([np.ones(len(values)), values])
    p, k = prior.shape
    weights = prior.copy()
    for _ in range(STEPS):
        stated = softmax(offset + design @ weights)
        gradient = design.T @ (votes - stated) - penalty * (weights - prior)
        if np.abs(gradient).max() < TOLERANCE * max(len(votes), 1):
            break
        pairs = stated[:, :, None] * np.eye(k) - stated[:, :, None] * stated[:, None, :]
        curvature = np.einsum("ip,iab,iq->paqb", design, pairs, design, optimize=True).reshape(p * k, p * k)
        step = np.linalg.solve(curvature + np.diag(penalty.ravel()), gradient.ravel()).reshape(p, k)
        weights = weights + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
    return weights


def penalties(prior: Floats) -> Floats:
    """(1 + p, k) penalties of a table of prior weights."""
    found = np.where(prior != 0.0, STATED, UNSTATED)
    found[0] = CONSTANTS
    return np.asarray(found)


def mixed(long: Floats, short: Floats) -> Floats:
    """Geometric mean of two base rates, adding up to one."""
    both = np.sqrt(long * short)
    return np.asarray(both / both.sum(axis=-1, keepdims=True))


def months_with_news(days: Sequence[date]) -> list[datetime]:
    """First moments of the months that follow a month with a label."""
    starts = {(d.year + d.month // 12, d.month % 12 + 1) for d in days}
    return [datetime(y, m, 1, tzinfo=UTC) for y, m in sorted(starts)]


class Days:
    """Labelled days: votes, base rates as known before each, and what the explained ones knew."""

    def __init__(self, labels_path: Path, home: Path) -> None:
        self.catalogue = default_catalogue()
        label_map = self.catalogue.label_map
        labels = read_labels(labels_path, label_map)
        kept = labels.days >= np.datetime64(label_map.coding.since)
        self.days, self.votes = labels.days[kept], labels.votes[kept]
        context = ScoreContext(
            store=Store(home / "store"),
            catalogue=self.catalogue,
            sessions=load_sessions(home / "cache", last_year=2027),
            now=datetime.now(UTC),
            cache=home / "cache",
        )
        self.records = make_records(context, [d.item() for d in self.days]).days
        self.rows = np.searchsorted(self.days, np.array([r.day for r in self.records], dtype="datetime64[D]"))
        self.items: tuple[EvidenceItem, ...] = tuple(i for i in self.catalogue.evidence if i.outcomes)
        self.outcomes = label_map.outcomes
        self.values = np.array([[r.evidence[i.id] for i in self.items] for r in self.records])
        self.prices = PRICE_POWER * np.array([[r.prices[o] for o in self.outcomes] for r in self.records])
        self.prior = prior_weights(self.items, self.outcomes)
        self.base = mixed(base_rates(self.days, self.votes), base_rates(self.days, self.votes, HALF_LIFE, PRIOR_DAYS))

    def base_before(self, moment: datetime) -> Floats:
        """(k,) base rate from labels of days before a moment."""
        known = int(np.searchsorted(self.days, np.datetime64(moment.date() - A_DAY), side="left"))
        after = [*self.days[:known], np.datetime64(moment.date())]
        votes = np.vstack([self.votes[:known], np.full((1, len(self.outcomes)), np.nan)])
        days = np.array(after, dtype="datetime64[D]")
        return mixed(base_rates(days, votes)[-1], base_rates(days, votes, HALF_LIFE, PRIOR_DAYS)[-1])

    def weights_before(self, moment: datetime, used: npt.NDArray[np.bool_]) -> tuple[Floats, int]:
        """Weights fitted on explained days before a moment, with some of the items; and how many days."""
        before = np.array([r.day < moment.date() - A_DAY for r in self.records])
        prior = self.prior[np.concatenate([[True], used])]
        offset = np.log(self.base[self.rows][before]) + self.prices[before]
        values = self.values[before][:, used]
        weights = fit_around(values, offset, self.votes[self.rows][before], prior, penalties(prior))
        return weights, int(before.sum())


def walk_forward(known: Days, groups: Sequence[str]) -> Floats:
    """(n, k) shares of the explained days with the items of some groups, from the set of the month's beginning."""
    wanted = {n for g in groups for n in GROUPS[g]}
    used = np.array([i.reading in wanted or i.id in wanted for i in known.items])
    stated, weights, at = [], None, None
    starts = months_with_news([d.item() for d in known.days])
    for i, record in enumerate(known.records):
        moment = max((m for m in starts if m < morning_note(record.day)), default=datetime(1900, 1, 1, tzinfo=UTC))
        if moment != at:
            at, (weights, _) = moment, known.weights_before(moment, used)
        assert weights is not None
        scores = np.log(known.base_before(moment)) + known.prices[i] + weights[0] + known.values[i, used] @ weights[1:]
        stated.append(softmax(scores[None, :])[0])
    return np.array(stated)


def ablation(known: Days) -> None:
    votes = known.votes[known.rows]
    base = log_scores(base_rates(known.days, known.votes)[known.rows], votes)
    for groups in ([], ["prices"], ["calendar"], ["prices", "calendar"], ["prices", "calendar", "news"], [*GROUPS]):
        gain = log_scores(walk_forward(known, groups), votes) - base
        print(f"{' + '.join(groups) or 'base rates and signatures':40s} gain {gain.mean():+.3f} nats, n = {len(gain)}")


def fitted_sets(known: Days, labels_path: Path) -> list[FittedSet]:
    """A set for each month after which new labels were known."""
    everything = np.ones(len(known.items), dtype=bool)
    code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    inputs = {
        "labels": hashlib.sha256(labels_path.read_bytes()).hexdigest(),
        "evidence": hashlib.sha256(np.round(known.values, 6).tobytes()).hexdigest(),
        "prices": hashlib.sha256(np.round(known.prices, 6).tobytes()).hexdigest(),
    }
    axis = (" ".join(known.outcomes),)
    found = []
    for moment in months_with_news([d.item() for d in known.days]):
        if moment.year < known.records[0].day.year:
            continue
        weights, _ = known.weights_before(moment, everything)
        names = [CONSTANT, *(i.id for i in known.items)]
        values = {"base": known.base_before(moment), **dict(zip(names, weights, strict=True))}
        days = tuple(r.day for r in known.records if r.day < moment.date() - A_DAY)
        axes = dict.fromkeys(values, axis)
        found.append(FittedSet(NAME, moment, days, values, axes, inputs, "validation/fit_main_trigger.py", code))
    return found


def differences(refitted: Sequence[FittedSet], shipped: Sequence[FittedSet]) -> list[str]:
    """Where refitted sets are not the shipped ones, the worst first: dates, days, names, or a number by over `SAME`."""
    ours, theirs = ({s.known_at: s for s in sets} for sets in (refitted, shipped))
    found = [(np.inf, f"{moment.date()}: only one of the two has a set") for moment in sorted(set(ours) ^ set(theirs))]
    for moment in sorted(set(ours) & set(theirs)):
        one, other = ours[moment], theirs[moment]
        if (one.days, set(one.values), dict(one.axes)) != (other.days, set(other.values), dict(other.axes)):
            found.append((np.inf, f"{moment.date()}: fitted on other days, or with other items or outcomes"))
            continue
        largest, name = max((float(np.abs(v - other.values[k]).max()), k) for k, v in one.values.items())
        if largest > SAME:
            found.append((largest, f"{moment.date()}: {name} differs by {largest:.2g}"))
    return [text for _, text in sorted(found, key=lambda item: -item[0])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--home", type=Path, default=load_settings().home)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    known = Days(options.labels, options.home)
    print(json.dumps({"explained days": len(known.records), "labels": len(known.days)}))
    ablation(known)
    sets = fitted_sets(known, options.labels)
    if options.write:
        for fitted in sets:
            write_fitted(fitted, FOLDER)
        print(f"{len(sets)} sets written")
        return
    differ = differences(sets, load_fitted(NAME))
    if differ:
        told = "; ".join(differ[:3])
        raise SystemExit(f"fit_main_trigger: {len(differ)} of {len(sets)} sets are not the shipped ones, first {told}")
    print(f"{len(sets)} refitted sets are the shipped ones, to {SAME:g}")


if __name__ == "__main__":
    main()
