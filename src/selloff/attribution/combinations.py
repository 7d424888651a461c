"""Which causes may be active together, and how likely that is before any data."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.catalog import ROLES, Cause, Role
from selloff.panel.transforms import Floats

MOST_ACTIVE: dict[Role, int] = {"trigger": 2, "premium": 1, "amplifier": 2}
"""Several causes at once are normal, but a day has few pieces of news and the two premia exclude each other."""


@dataclass(frozen=True)
class Combinations:
    """Sets of causes that may be active together.

    Attributes
    ----------
    active : (n_sets, n_causes) bool.
    log_prior : (n_sets,), normalised.
    """

    active: npt.NDArray[np.bool_]
    log_prior: Floats


def combinations(causes: Sequence[Cause]) -> Combinations:
    """Every set with at most `MOST_ACTIVE` causes of each role, causes being independent a priori."""
    per_role = []
    for role in ROLES:
        members = [i for i, cause in enumerate(causes) if cause.role == role]
        per_role.append([chosen for n in range(MOST_ACTIVE[role] + 1) for chosen in itertools.combinations(members, n)])
    sets = [sum(parts, ()) for parts in itertools.product(*per_role)]
    active = np.zeros((len(sets), len(causes)), dtype=bool)
    for row, chosen in enumerate(sets):
        active[row, list(chosen)] = True
    prior = np.array([cause.prior for cause in causes])
    log_prior = active @ np.log(prior) + (~active) @ np.log1p(-prior)
    return Combinations(active, log_prior - np.logaddexp.reduce(log_prior))
