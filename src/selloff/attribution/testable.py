"""Which causes can be tested: what each one requires, and what of it is there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from selloff.catalog import Cause


@dataclass(frozen=True)
class Requirement:
    """One entry of a cause's `requires` that nothing meets: any one of `any_of` would."""

    any_of: tuple[str, ...]


def missing_requirements(cause: Cause, available: Collection[str]) -> tuple[Requirement, ...]:
    """The requirements of a cause that no available asset or series meets.

    Parameters
    ----------
    available : ids of bound assets, of series with a value for the window, and of series whose last known value may
        stand for it.
    """
    return tuple(Requirement(entry) for entry in cause.requires if not any(name in available for name in entry))
