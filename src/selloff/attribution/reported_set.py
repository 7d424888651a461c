"""The answer for a role: every cause that can't be told apart from the best-supported one.

A cause is in the set if its Bayes factor (posterior over prior odds of being active, given that listed causes made
the moves) is large enough beside the mean of its role's. For a given number of causes that is a limit on shares:
where these are true probabilities no rule that holds the true cause as often makes smaller sets on average (Sadinle,
Lei and Wasserman 2019, JASA 114(525), section 2). The mean, not the sum, since a cause that a user adds should not
push the others out. The limit is made so that a planted cause is in the set in 95 % of worlds: split-conformal
prediction with a limit per group (Vovk, Gammerman and Shafer 2005, Algorithmic learning in a random world, sections
4.2 and 4.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from selloff.attribution.evidence import NOTEWORTHY
from selloff.attribution.signature import Signatures
from selloff.catalog import ROLES, Role
from selloff.panel.transforms import Floats

SMALLEST: Mapping[Role, float] = {"trigger": 0.41, "premium": 0.5, "amplifier": 0.5}
"""By `validation/attribution_calibration.py` on worlds with one planted cause; results in `validation/results`."""


def over_mean(log_factor: Floats) -> Floats:
    """Bayes factors of one role's causes by their mean, (n,).

    Parameters
    ----------
    log_factor : (n,), of the causes of one role.
    """
    raised = np.exp(log_factor - np.max(log_factor))
    return np.asarray(raised / raised.mean())


def reported_sets(
    log_factor: Floats, probability: Floats, roles: Sequence[int], out: Sequence[bool]
) -> tuple[frozenset[int], ...]:
    """The set of each role that has a candidate, as rows.

    Parameters
    ----------
    log_factor, probability, roles : (n_causes,). out : (n_causes,), causes that are ruled down and never enter.

    Returns
    -------
    The most probable cause of each role, and all whose Bayes factor is at least the role's `SMALLEST` times the mean.
    """
    found = []
    for role in range(len(ROLES)):
        rows = [i for i, r in enumerate(roles) if r == role and not out[i]]
        if rows:
            beside_mean = over_mean(log_factor[rows])
            first = max(rows, key=lambda i: (float(probability[i]), i))
            large = {i for i, ratio in zip(rows, beside_mean, strict=True) if ratio >= SMALLEST[ROLES[role]]}
            found.append(frozenset({first} | large))
    return tuple(found)


def moves_agree(row: int, table: Signatures, price_log_factor: Floats) -> bool:
    """Whether the moves themselves speak for a cause: a Bayes factor of prices above 1.15, or no cell that could speak.

    What was scheduled says that news came, not that it moved anything: by itself it makes no cause contributing.
    """
    return not _has_opinion(row, table) or bool(price_log_factor[row] >= np.log(NOTEWORTHY))


def _has_opinion(row: int, table: Signatures) -> bool:
    return bool(np.any(np.abs(table.p[row, :, 2] - table.p[row, :, 0]) > 1e-12))


def silent(row: int, table: Signatures, log_factor: Floats, told: bool) -> bool:
    """Whether the data say nothing of a cause: a Bayes factor within 1.15 either way, or no cell with an opinion.

    Parameters
    ----------
    row : of the cause. log_factor : (n_causes,). told : whether a ranking, a chain or direct evidence speaks.
    """
    return not (told or _has_opinion(row, table)) or bool(abs(log_factor[row]) < np.log(NOTEWORTHY))
