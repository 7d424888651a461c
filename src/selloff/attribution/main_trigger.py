"""The main trigger: how likely each outcome of the label map is the reason that people would give.

A multinomial logit around base rates: the share of outcome o is proportional to

    base(o) × (price ratio of o)^τ × exp(constant(o) + Σ over items of weight(item, o) × value(item)).

The price ratio is the mean Bayes factor of the outcome's triggers by the signature posterior; τ is small because that
posterior takes a cause's cells as independent, which a dozen correlated assets are not.
Base, constants and weights come from the last set fitted before the as-of moment (`validation/fit_main_trigger.py`,
walk-forward on human labels); before the first set, the base is that of the causes' priors and the weights are those of
the catalogue. Within an outcome its share is split in proportion to the probabilities that its triggers were active; a
trigger that can't be tested takes part with its prior times what became of the tested ones' on average.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from selloff.attribution.direct import DirectReading
from selloff.attribution.fitted import FittedSet, fitted_as_of, parameters_as_of
from selloff.attribution.signature import POLARITIES, Polarity
from selloff.catalog import Cause
from selloff.catalog.evidence import EvidenceItem
from selloff.catalog.labelmap import OTHER, UNKNOWN, LabelMap

Floats = npt.NDArray[np.float64]

NAME = "main_trigger"
CONSTANT = "constant"
"""In a fitted set: `base`, `constant` and one array per item, each (k,), whose axis is named by the outcomes' ids."""

PRICE_POWER = 0.25
"""τ. A power posterior (Miller and Dunson 2019, Robust Bayesian inference via coarsening, JASA 114(527), section 2):
signatures are hypotheses, so prices count for less than they say. The human tier's walk-forward gain is flat in it
from 0.05 to 0.3."""

JUMP = 2.0
"""Per cent: coders read days on which the US market moved by 2.5 % or more; the S&P 500 may move a little less."""

OTHER_WEIGHT = 0.20
"""Known reasons outside the list of triggers, our judgement: in the prior of news outside the menu, and among
the shares wherever nothing fitted may be used."""

UNKNOWN_WEIGHT = 0.15
"""14.8 % of coded US jumps have no known reason (Baker, Bloom, Davis and Sammon, What triggers stock market jumps?)."""


@dataclass(frozen=True)
class TriggerModel:
    """Base rates and weights.

    Attributes
    ----------
    outcomes : (k,) ids. items : (p,) ids.
    base : (k,), positive, adding up to one. weights : (1 + p, k), the constant first.
    price_power : the power at which prices count.
    fitted : the set they come from; None if none may be used.
    """

    outcomes: tuple[str, ...]
    items: tuple[str, ...]
    base: Floats
    weights: Floats
    price_power: float
    fitted: FittedSet | None

    def shares(self, standard: Floats, price_log_ratio: Floats) -> Floats:
        """(k,) shares given standardised values, (p,), and the log price ratio of each outcome, (k,)."""
        scores = np.log(self.base) + self.price_power * price_log_ratio + self.weights[0] + standard @ self.weights[1:]
        raised = np.exp(scores - scores.max())
        return np.asarray(raised / raised.sum())


def prior_weights(items: Sequence[EvidenceItem], outcomes: Sequence[str]) -> Floats:
    """(1 + p, k): the catalogue's weights, no constants."""
    return np.array([[0.0] * len(outcomes), *[[item.outcomes.get(o, 0.0) for o in outcomes] for item in items]])


def prior_base(label_map: LabelMap, causes: Mapping[str, Cause]) -> Floats:
    """(k,): the triggers' priors by outcome, with fixed weights for *other* and *unknown*."""
    weights = []
    for outcome in label_map.outcome:
        own = sum(causes[t].prior for t in outcome.triggers if t in causes)
        weights.append(own + {OTHER: OTHER_WEIGHT, UNKNOWN: UNKNOWN_WEIGHT}.get(outcome.id, 0.0))
    return np.array(weights) / sum(weights)


def trigger_model(
    items: Sequence[EvidenceItem],
    label_map: LabelMap,
    causes: Mapping[str, Cause],
    as_of: datetime | None,
    stock_move: float,
    sets: Sequence[FittedSet] | None = None,
) -> TriggerModel:
    """The model that may be used at a moment, for a window in which US stocks moved by so much.

    Labels exist only of days on which stocks jumped, so the fitted sets say nothing of other windows: there the causes'
    priors and the catalogue's weights hold, and prices count in full, as in the signature posterior.

    An item that a fitted set does not know (one of the user's own) keeps the catalogue's weight.
    """
    names = tuple(i.id for i in items)
    weights = prior_weights(items, label_map.outcomes)
    if abs(stock_move) < JUMP:
        return TriggerModel(label_map.outcomes, names, prior_base(label_map, causes), weights, 1.0, None)
    fitted = fitted_as_of(NAME, as_of) if sets is None else parameters_as_of(sets, as_of)
    if fitted is None:
        return TriggerModel(label_map.outcomes, names, prior_base(label_map, causes), weights, PRICE_POWER, None)
    order = fitted.axes["base"][0].split()
    columns = [order.index(o) for o in label_map.outcomes]
    for row, name in enumerate([CONSTANT, *names]):
        if name in fitted.values:
            weights[row] = fitted.values[name][columns]
    return TriggerModel(label_map.outcomes, names, fitted.values["base"][columns], weights, PRICE_POWER, fitted)


def _weights(
    triggers: Sequence[str], causes: Mapping[str, Cause], probability: Mapping[str, float]
) -> dict[str, float]:
    """Probability of each trigger of an outcome; one that can't be tested fares as the tested ones do on average."""
    tested = [t for t in triggers if t in probability]
    before = sum(causes[t].prior for t in tested)
    factor = sum(probability[t] for t in tested) / before if before > 0 else 1.0
    return {t: probability.get(t, factor * causes[t].prior) for t in triggers if t in causes}


def trigger_shares(
    shares: Floats, label_map: LabelMap, causes: Mapping[str, Cause], probability: Mapping[str, float]
) -> dict[str, float]:
    """Shares of every trigger, *other* and *unknown*, adding up to one.

    Parameters
    ----------
    shares : (k,) by outcome. probability : that each testable trigger was active.
    """
    found: dict[str, float] = {}
    left = {OTHER: 0.0, UNKNOWN: 0.0}
    for outcome, share in zip(label_map.outcome, shares.tolist(), strict=True):
        weights = _weights(outcome.triggers, causes, probability)
        own = {OTHER: OTHER_WEIGHT, UNKNOWN: UNKNOWN_WEIGHT}.get(outcome.id, 0.0)
        total = sum(weights.values()) + own
        for trigger, weight in weights.items():
            found[trigger] = share * weight / total if total > 0 else share / len(weights)
        if outcome.id in left:
            left[outcome.id] = share - sum(found[t] for t in weights)
        elif not weights:
            left[OTHER] += share
    ordered = {c: found[c] for c in causes if c in found}
    shares_by_name = {**ordered, OTHER: left[OTHER]}
    return {**shares_by_name, UNKNOWN: 1.0 - sum(shares_by_name.values())}


def direct_log_ratios(
    model: TriggerModel, readings: Sequence[DirectReading], label_map: LabelMap, causes: Sequence[Cause]
) -> Floats:
    """(n_causes,) log likelihood ratio of the direct evidence for each cause, what moved in the window left out.

    Weights on causes times the values. Triggers: besides, the log of their outcome's share given the evidence that
    speaks for them over its base.
    """
    values = np.array([0.0 if r.item.from_prices or r.item.is_move else r.standard for r in readings])
    weights = model.weights[1:]
    usual = float(np.log(model.base @ np.exp(values @ weights)))

    def one(cause: Cause) -> float:
        own = np.array([r.item.causes.get(cause.id, 0.0) for r in readings])
        column = _column(label_map, cause)
        if column is None:
            return float(values @ own)
        return float(values @ (own + np.where(_speaks_for(readings, cause), weights[:, column], 0.0))) - usual

    return np.array([one(cause) for cause in causes])


def window_log_ratios(readings: Sequence[DirectReading], causes: Sequence[Cause]) -> Floats:
    """(n_polarities, n_causes) log likelihood ratio of what moved in the window beside the assets."""
    return np.array(
        [
            [sum(_as_moved(r, cause, polarity) for r in readings if r.item.is_move) for cause in causes]
            for polarity in POLARITIES
        ]
    )


def _as_moved(reading: DirectReading, cause: Cause, polarity: Polarity) -> float:
    return reading.item.causes.get(cause.id, 0.0) * (
        -reading.standard if cause.is_turned(polarity) else reading.standard
    )


def _column(label_map: LabelMap, cause: Cause) -> int | None:
    """Place of a trigger's outcome; None of a cause that labels don't know."""
    return next((i for i, o in enumerate(label_map.outcome) if cause.id in o.triggers), None)


def _speaks_for(readings: Sequence[DirectReading], cause: Cause) -> npt.NDArray[np.bool_]:
    """(p,): items that speak for a trigger if they speak for its outcome."""
    return np.array([not r.item.triggers or cause.id in r.item.triggers for r in readings], dtype=np.bool_)


def price_log_ratios(
    label_map: LabelMap, causes: Mapping[str, Cause], log_bayes_factors: Mapping[str, float]
) -> Floats:
    """(k,) log of the mean Bayes factor of each outcome's triggers, weighed by their priors.

    What can't be tested, and what is no trigger (the rest of *other*, *unknown*), has a Bayes factor of one.
    """
    found = []
    for outcome in label_map.outcome:
        own = {OTHER: OTHER_WEIGHT, UNKNOWN: UNKNOWN_WEIGHT}.get(outcome.id, 0.0)
        priors = {t: causes[t].prior for t in outcome.triggers if t in causes}
        total = sum(priors.values()) + own
        raised = sum(p * np.exp(log_bayes_factors.get(t, 0.0)) for t, p in priors.items()) + own
        found.append(float(np.log(raised / total)) if total > 0 else 0.0)
    return np.array(found)


def item_log_ratios(
    model: TriggerModel, readings: Sequence[DirectReading], label_map: LabelMap, cause: Cause, polarity: Polarity
) -> dict[str, float]:
    """Log likelihood ratio of each item for one cause, by item id: weight times value, against the other outcomes.

    Of a trigger's weights the mean over outcomes, by their base rates, is taken off: an item that speaks for every
    outcome alike speaks for none.
    """
    found = {
        r.item.id: _as_moved(r, cause, polarity) if r.item.is_move else r.item.causes.get(cause.id, 0.0) * r.standard
        for r in readings
    }
    column = _column(label_map, cause)
    if column is None:
        return found
    weights = model.weights[1:]
    centred = np.where(_speaks_for(readings, cause), weights[:, column], 0.0) - weights @ model.base
    return {r.item.id: found[r.item.id] + float(w * r.standard) for r, w in zip(readings, centred, strict=True)}
