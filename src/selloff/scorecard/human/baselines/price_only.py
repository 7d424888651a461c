"""Price-only baselines: what the four Cieslak–Pang shocks say of the news.

`stated`: growth's share of the day's stock move means news of the economy, monetary's the central bank; premia are not
news and leave the base rate as it is. `stated_fitted`: the four contributions as features of a ridge logit instead.
"""

from __future__ import annotations

import numpy as np

from selloff.catalog.labelmap import LabelMap
from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.human.baselines.shifted_base_rate import shifted
from selloff.scorecard.scores import Floats

RIDGE = 30.0
"""As for the logit."""

LARGEST = 8.0


def shock_shares(contributions: Floats) -> Floats:
    """Shares of the shocks that pushed the way the market went, (n, 4), adding up to one; NaN rows stay NaN."""
    way = np.sign(contributions.sum(axis=1, keepdims=True))
    pushed = np.maximum(contributions * way, 0.0)
    total = pushed.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(pushed, total, out=np.full(pushed.shape, np.nan), where=total > 0))


def _contributions(inputs: BaselineInputs) -> Floats:
    none = (np.nan,) * 4
    return np.array([none if r.shocks is None else r.shocks for r in inputs.records]).reshape(-1, 4)


def stated(inputs: BaselineInputs, label_map: LabelMap) -> Floats:
    """(n, n_outcomes); the base rate where the shocks can't be told."""
    base = inputs.own(inputs.base)
    shares = shock_shares(_contributions(inputs))
    out = (shares[:, 2] + shares[:, 3])[:, None] * base
    for shock, trigger in enumerate(("growth", "policy_tightening")):
        out += shares[:, shock][:, None] * label_map.outcome_shares({trigger: 1.0})
    return np.where(np.isnan(out), base, out)


def stated_fitted(inputs: BaselineInputs) -> Floats:
    """(n, n_outcomes), walk-forward."""
    return shifted(inputs, np.clip(_contributions(inputs), -LARGEST, LARGEST), RIDGE)
