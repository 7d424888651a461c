"""How a store of format n becomes one of format n + 1.

A migration is two transformations of lazy frames. A read of an older store applies them on the way; the first
write applies them for good, into a folder of its own beside the old tables, and then replaces FORMAT in one
step: a crash leaves the old store or the new one, never half of each. Raw payloads are named by their hash
and stay where they are.

To change the schema: raise `CURRENT` by one, add the step from the old number to `MIGRATIONS`, and a test
that opens a store of the old format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

Table = Literal["observations", "payloads"]
TABLES: tuple[Table, ...] = ("observations", "payloads")

CURRENT = 1
"""The format that this selloff writes."""


def unchanged(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The table as it was."""
    return frame


@dataclass(frozen=True)
class Migration:
    """One step; `why` says what changed, for the message."""

    why: str
    observations: Callable[[pl.LazyFrame], pl.LazyFrame] = unchanged
    payloads: Callable[[pl.LazyFrame], pl.LazyFrame] = unchanged


MIGRATIONS: dict[int, Migration] = {}
"""The step from each older format to the next."""


def can_migrate(found: int) -> bool:
    """Whether every step from a format to the current one is known."""
    return all(n in MIGRATIONS for n in range(found, CURRENT))


def migrated(frame: pl.LazyFrame, table: Table, found: int) -> pl.LazyFrame:
    """A table of an older format as one of the current format; of the current format, itself."""
    for number in range(found, CURRENT):
        step = MIGRATIONS[number]
        frame = (step.observations if table == "observations" else step.payloads)(frame)
    return frame
