"""The answer for a role: every cause that can't be told apart from the best-supported one.

A cause is in the set if its Bayes factor (posterior over prior odds of being active, given that listed causes made the
moves) is at most exp(limit) times smaller than the largest of its role. The limits are made so that a planted cause is
in the set in 95 % of worlds: split-conformal prediction with a limit per group (Vovk, Gammerman and Shafer 2005,
Algorithmic learning in a random world, sections 4.2 and 4.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from selloff.attribution.evidence import NOTEWORTHY
from selloff.attribution.signature import Signatures
from selloff.catalog import ROLES, Role
from selloff.panel.transforms import Floats

LIMITS: Mapping[Role, float] = {"trigger": 2.3, "premium": 1.1, "amplifier": 1.8}
"""By `validation/attribution_calibration.py` on worlds with one planted cause; results in `validation/results`."""


def reported_sets(
    log_factor: Floats, probability: Floats, roles: Sequence[int], out: Sequence[bool]
) -> tuple[frozenset[int], ...]:
    """The set of each role that has a candidate, as rows.

    Parameters
    ----------
    log_factor, probability, roles : (n_causes,). out : (n_causes,), causes that are ruled down and never enter.

    Returns
    -------
    The most probable cause of each role, and all within the role's limit of the best-supported.
    """
    found = []
    for role in range(len(ROLES)):
        rows = [i for i, r in enumerate(roles) if r == role and not out[i]]
        if rows:
            best = max(float(log_factor[i]) for i in rows) - LIMITS[ROLES[role]]
            first = max(rows, key=lambda i: (float(probability[i]), i))
            found.append(frozenset({first, *(i for i in rows if log_factor[i] >= best)}))
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
