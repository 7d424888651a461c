"""Is what the menu lacks left unexplained? Worlds outside the menu beside worlds with one planted cause."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic.outcome import Outcome
from selloff.scorecard.tier import Row
from selloff.scorecard.uncertainty import above, area_under_roc, at_most, contains, mean_of, resampled, seed_of

CHANCE = 0.5
"""Area under the ROC of a share that says nothing of where a shock came from."""

MOST_RAISED = 0.10
"""A cause is raised if the low end of its 90 % band is above its prior, so no more than one in ten by mistake."""


def _column(outcomes: Sequence[Outcome], name: str) -> Floats:
    return np.array([getattr(o, name) for o in outcomes], dtype=np.float64)


def rows(planted: Sequence[Outcome], outside: Sequence[Outcome], seed: int) -> list[Row]:
    """Rows on the stated unexplained share, and on causes that are raised where none was at work.

    Parameters
    ----------
    planted, outside : worlds with one planted cause, and worlds whose shock is outside the menu; independent draws.
    """
    stated, true = (_column(planted, name) for name in ("stated_unexplained", "true_unexplained"))
    beyond, raised = (_column(outside, name) for name in ("stated_unexplained", "any_raised"))
    found = []
    if len(beyond):
        value = resampled(beyond, mean_of, seed_of("stated_outside", seed))
        name = "Mean stated unexplained share, a shock outside the menu"
        found.append(Row("unexplained_stated_outside", name, value, n=len(beyond), note="the truth is 1"))
    if len(stated):
        value = resampled(stated, mean_of, seed_of("stated_one", seed))
        name, note = "Mean stated unexplained share, one planted cause", f"the true mean is {true.mean():.3f}"
        found.append(Row("unexplained_stated_one", name, value, n=len(stated), note=note))
        bias = resampled(stated - true, mean_of, seed_of("bias_one", seed))
        name = "Stated less true unexplained share, one planted cause"
        found.append(Row("unexplained_bias_one", name, bias, contains(bias, 0.0), "0", len(stated), "paired"))
    if len(beyond) and len(stated):
        area = area_under_roc(beyond, stated, seed_of("unexplained_auc", seed))
        name = "How often more is stated as unexplained after a shock outside the menu than after a planted cause"
        n = len(beyond) + len(stated)
        found.append(Row("unexplained_auc", name, area, above(area, CHANCE), f"> {CHANCE}", n))
    if len(raised):
        share = resampled(raised, mean_of, seed_of("raised_outside", seed))
        name = "Worlds in which a cause of the menu is raised, a shock outside the menu"
        verdict = at_most(share, MOST_RAISED)
        found.append(Row("raised_outside", name, share, verdict, f"≤ {MOST_RAISED:.2f}", len(raised)))
    return found
