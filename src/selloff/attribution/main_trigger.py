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
    """(n_causes,) log likelihood ratio of the direct evidence for each cause, what prices said left out.

    Triggers: log of their outcome's share given the evidence over its base. Premia and amplifiers: the catalogue's
    weights times the values.
    """
    values = np.array([0.0 if r.item.from_prices else r.standard for r in readings])
    raised = model.base * np.exp(values @ model.weights[1:])
    by_outcome = dict(zip(model.outcomes, np.log(raised / raised.sum() / model.base).tolist(), strict=True))
    place = {t: o.id for o in label_map.outcome for t in o.triggers}

    def one(cause: Cause) -> float:
        if cause.role == "trigger":
            return float(by_outcome[place[cause.id]]) if cause.id in place else 0.0
        return float(sum(r.item.causes.get(cause.id, 0.0) * v for r, v in zip(readings, values, strict=True)))

    return np.array([one(cause) for cause in causes])


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
    model: TriggerModel, readings: Sequence[DirectReading], label_map: LabelMap, cause: Cause
) -> dict[str, float]:
    """Log likelihood ratio of each item for one cause, by item id: weight times value, against the other outcomes.

    Of a trigger's weights the mean over outcomes, by their base rates, is taken off: an item that speaks for every
    outcome alike speaks for none.
    """
    if cause.role != "trigger":
        return {r.item.id: r.item.causes.get(cause.id, 0.0) * r.standard for r in readings}
    column = next((i for i, o in enumerate(label_map.outcome) if cause.id in o.triggers), None)
    if column is None:
        return {}
    weights = model.weights[1:]
    centred = weights[:, column] - weights @ model.base
    return {r.item.id: float(w * r.standard) for r, w in zip(readings, centred, strict=True)}
