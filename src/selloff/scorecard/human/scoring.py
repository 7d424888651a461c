"""The human tier: read labels, gather what was stated, score the model and every baseline."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.fitted import fitted_on
from selloff.catalog.labelmap import LabelMap
from selloff.errors import NotScoredError, ScorecardError
from selloff.panel import morning_note
from selloff.scorecard.human.baselines import drawdown_only, logit, price_only, recent_labels, up_means_policy
from selloff.scorecard.human.baselines.base_rate import base_rates, policy_shares
from selloff.scorecard.human.baselines.human_ceiling import human_ceiling
from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.human.findings import Comparison, assemble
from selloff.scorecard.human.label_file import CoderVotes, Labels, read_coders, read_labels
from selloff.scorecard.human.methods import Method, Scene
from selloff.scorecard.human.records import Records, make_records
from selloff.scorecard.scores import Floats
from selloff.scorecard.tier import ScoreContext, TierResult

LABELS_FILE, CODERS_FILE = "bbds_jumps_by_day.csv", "bbds_jumps_by_coder.csv"
NO_ARTICLE = "nobody found an article"
FOLDS = 10
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class HumanTier:
    """Triggers against human labels: `trigger_shares` as of each morning note, beside baselines fitted walk-forward."""

    id: str = "human"
    name: str = "Human labels"

    def run(self, context: ScoreContext) -> TierResult:
        """Score.

        Raises
        ------
        NotScoredError : there is no file of labels.
        ScorecardError : a row of it is malformed, or no labelled day can be explained.
        """
        path = context.find_file("labels", LABELS_FILE)
        if path is None:
            raise NotScoredError("The human tier needs labels.", "Name a file with --labels, or a folder with --data.")
        label_map = context.catalogue.label_map
        labels = read_labels(path, label_map)
        coders_path = context.find_file("coders", CODERS_FILE)
        coders = None if coders_path is None else read_coders(coders_path, label_map)
        records = make_records(context, [day.item() for day in labels.days])
        if not records.days:
            raise ScorecardError(
                f"None of the {len(labels.days)} labelled days of {path} can be explained from this store.",
                "Import or pull more data, or name other labels.",
            )
        skipped = dict(records.skipped)
        if labels.without_label:
            skipped[NO_ARTICLE] = len(labels.without_label)
        files = {"labels": path} | ({} if coders_path is None else {"coders": coders_path})
        digests = {k: hashlib.sha256(p.read_bytes()).hexdigest() for k, p in files.items()}
        return assemble(compare(labels, coders, records, label_map), label_map, skipped, digests)


def _unheard_policy_share(label_map: LabelMap) -> Floats:
    """(n_outcomes,): share of policy categories among each outcome's categories, for want of labels."""
    policy = set(label_map.coding.policy)
    return np.array([sum(c in policy for c in o.categories) / len(o.categories) for o in label_map.outcome])


def inputs_of(labels: Labels, records: Records, since: np.datetime64) -> tuple[BaselineInputs, Rows]:
    """Baseline inputs on the labels since a day (or since the first explained one), and their places in the file."""
    recorded = np.array([r.day for r in records.days], dtype="datetime64[D]")
    kept = np.flatnonzero(labels.days >= min(since, recorded[0]))
    days, votes = labels.days[kept], labels.votes[kept]
    inputs = BaselineInputs(
        days=days,
        votes=votes,
        moves=labels.moves[kept],
        base=base_rates(days, votes),
        rows=np.searchsorted(days, recorded),
        records=records.days,
    )
    return inputs, kept


def _stated(inputs: BaselineInputs, label_map: LabelMap) -> Mapping[str, tuple[str, Floats]]:
    """Name and stated shares of the model and every baseline, by id, the model first."""
    model = np.array([label_map.outcome_shares(r.shares) for r in inputs.records])
    return {
        "model": ("selloff", model),
        "base_rate": ("base rate", inputs.own(inputs.base)),
        "recent_labels": ("recent labels", recent_labels.stated(inputs)),
        "drawdown_only": ("drawdown only", drawdown_only.stated(inputs)),
        "up_means_policy": ("up means policy", up_means_policy.stated(inputs)),
        "logit": ("plain logit", logit.stated(inputs)),
        "cieslak_pang": ("price-only shocks (Cieslak–Pang)", price_only.stated(inputs, label_map)),
        "cieslak_pang_fitted": ("price-only shocks, fitted", price_only.stated_fitted(inputs)),
    }


def _methods(
    stated: Mapping[str, tuple[str, Floats]], votes: Floats, policy: Floats, chosen: npt.NDArray[np.bool_]
) -> dict[str, Method]:
    rows = np.arange(int(chosen.sum()))
    weight = np.ones(len(rows))
    return {
        key: Method(key, name, rows, shares[chosen], votes[chosen], policy[chosen], weight)
        for key, (name, shares) in stated.items()
    }


def _ceiling(coders: CoderVotes, scene: Scene) -> Method | None:
    found = human_ceiling(coders, scene.days, scene.base)
    if len(found.rows) == 0:
        return None
    return Method("human_ceiling", "human ceiling", found.rows, found.stated, found.votes, found.policy, found.weight)


def compare(labels: Labels, coders: CoderVotes | None, records: Records, label_map: LabelMap) -> Comparison:
    """What everyone stated on the explained days. Days that the set they used was fitted on are kept apart;
    walk-forward there is none."""
    inputs, kept = inputs_of(labels, records, np.datetime64(label_map.coding.since))
    shares = policy_shares(inputs.days, inputs.votes, labels.policy_by_outcome[kept], _unheard_policy_share(label_map))
    days, votes = inputs.days[inputs.rows], inputs.own(inputs.votes)
    policy = labels.policy[kept][inputs.rows]
    is_fitted = np.array([d.item() in fitted_on(morning_note(d.item())) for d in days], dtype=bool)
    stated = _stated(inputs, label_map)
    scored = [r for r, f in zip(records.days, is_fitted, strict=True) if not f]

    def part(chosen: npt.NDArray[np.bool_]) -> tuple[Scene, dict[str, Method]]:
        scene = Scene.of(days[chosen], inputs.own(inputs.base)[chosen], inputs.own(shares)[chosen])
        return scene, _methods(stated, votes, policy, chosen)

    scene, methods = part(~is_fitted)
    return Comparison(
        scene=scene,
        methods=methods,
        ceiling=None if coders is None else _ceiling(coders, scene),
        in_sample=part(is_fitted) if is_fitted.any() else None,
        in_folds=_folds(inputs, votes),
        testable={t: sum(t in r.tested for r in scored) for t in label_map.triggers},
        rose=(inputs.own(inputs.moves) > 0)[~is_fitted],
        polarities=[r.polarity for r in scored],
        without_shocks=sum(r.shocks is None for r in records.days),
    )


def _folds(inputs: BaselineInputs, votes: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Logit and base rate of ten blocks, and the votes; None with fewer than two days a block."""
    if len(votes) < 2 * FOLDS:
        return None
    fitted, base = logit.stated_in_folds(inputs)
    return fitted, base, votes
