"""What every tier of the scorecard is: a name, a run over a context, and a frozen result, failures first."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from selloff.catalog import Catalogue
from selloff.catalog.sessions import Sessions
from selloff.store import Store

Verdict = Literal["failed", "open", "passed"]
VERDICTS: tuple[Verdict, ...] = ("failed", "open", "passed")
"""In the order in which they are shown. `open`: a number without an aim, or one that its interval leaves undecided."""

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """A progress report that goes nowhere."""


@dataclass(frozen=True)
class Interval:
    """A number with its uncertainty; NaN where it can't be known (null in JSON, never zero)."""

    mid: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Plain values."""
        return {"mid": self.mid, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Row:
    """One scored number.

    Attributes
    ----------
    id : unique within its tier, in snake case; name : plain words, with the unit.
    value : low and high equal mid where the number is exact.
    verdict : against `aim`.
    aim : what it should be, in words, such as "≥ 0.95"; empty without one.
    n : observations behind it; None where counting makes no sense.
    note : what the reader must know, such as why it failed or is open.
    """

    id: str
    name: str
    value: Interval
    verdict: Verdict = "open"
    aim: str = ""
    n: int | None = None
    note: str = ""

    @property
    def scored(self) -> bool:
        """Whether there is a number, or a failure to give one; else the row was not run."""
        return self.verdict != "open" or not math.isnan(self.value.mid)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "id": self.id,
            "name": self.name,
            **self.value.to_dict(),
            "verdict": self.verdict,
            "aim": self.aim,
            "n": self.n,
            "note": self.note,
        }


@dataclass(frozen=True)
class TierResult:
    """What a tier found.

    Attributes
    ----------
    summary : one plain sentence, the worst first.
    rows : in the tier's own order; `to_dict` and every report show failures first.
    skipped : how many cases were left out, by reason.
    notes : plain sentences on what was compared with what, and on what could not be scored.
    details : further plain values of this tier (`to_dict` puts them beside the rows), such as curves.
    seed : the seed it drew from, where results depend on one that isn't derived from the inputs.
    """

    id: str
    name: str
    summary: str
    rows: tuple[Row, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None

    @property
    def failures_first(self) -> tuple[Row, ...]:
        """Rows: failed, then open, then passed; the tier's order within each."""
        return tuple(sorted(self.rows, key=lambda row: VERDICTS.index(row.verdict)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, not rounded; `details` at the top level, where a tier documents its keys."""
        return {
            "tier": self.id,
            "name": self.name,
            "summary": self.summary,
            "seed": self.seed,
            "failed": sum(row.verdict == "failed" for row in self.rows),
            "rows": [row.to_dict() for row in self.failures_first],
            "skipped": dict(self.skipped),
            "notes": list(self.notes),
            **self.details,
        }


def count_misses(rows: Sequence[Row]) -> str:
    """`3 of 35 numbers miss their aim`, of those that were scored; `No number was scored` without any."""
    n, n_scored = sum(row.verdict == "failed" for row in rows), sum(row.scored for row in rows)
    if n_scored == 0:
        return "No number was scored"
    said = "number misses its" if n_scored == 1 else f"numbers {'misses its' if n == 1 else 'miss their'}"
    return f"{n} of {n_scored} {said} aim"


@dataclass(frozen=True)
class ScoreContext:
    """What a tier may use.

    Attributes
    ----------
    now : nothing known later is used.
    files : the user's files by role (`labels`, `coders`, …); `folder` is where a tier looks for a file by name if its
        role is not among them.
    cache : folder of results that can be computed again, each keyed by a hash of what it depends on; None: keep none.
    seed : for tiers whose worlds must not be known before scoring.
    progress : called with (what, done, total); printing and bars live in the command line.
    """

    store: Store
    catalogue: Catalogue
    sessions: Sessions
    now: datetime
    files: Mapping[str, Path] = field(default_factory=dict)
    folder: Path | None = None
    cache: Path | None = None
    seed: int = 0
    progress: Progress = silent

    def find_file(self, role: str, name: str) -> Path | None:
        """The user's file for a role, else the file of that name in the folder, else None."""
        if role in self.files:
            return self.files[role]
        found = self.folder / name if self.folder is not None else None
        return found if found is not None and found.is_file() else None


class Tier(Protocol):
    """One way of being right or wrong. Each tier is a package `selloff.scorecard.ID` with `tier() -> Tier`."""

    @property
    def id(self) -> str:
        """`exact`, `synthetic`, `human`, `event` or `controls`."""

    @property
    def name(self) -> str:
        """Plain words for headings."""

    def run(self, context: ScoreContext) -> TierResult:
        """Score.

        Raises
        ------
        NotScoredError : a file without which it has nothing to score was not named.
        ScorecardError : a file is malformed.
        """
