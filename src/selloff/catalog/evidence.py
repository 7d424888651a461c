"""Direct evidence: what speaks for or against causes beside the signature, and how strongly, before anything is fitted.

One block `[[item]]` of `data/evidence/*.toml` is one item: where its value comes from, how it is standardised, and its
weights. A weight is the log likelihood ratio per standardised unit. Weights on outcomes of the label map (groups of
triggers) are the means that `validation/fit_main_trigger.py` shrinks to; weights on causes are judgement and never
fitted, since labels know neither premia nor amplifiers, nor triggers of one outcome apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from selloff.catalog.series import CatalogModel, SeriesId
from selloff.catalog.toml import build_entry, read_toml
from selloff.errors import CatalogError

Reading = Literal[
    "scheduled", "season", "percentile", "surprise", "direction", "size", "aligned", "absolute", "run_up", "held"
]
PRICES: tuple[Reading, ...] = ("direction", "size", "aligned", "absolute")
"""Readings of the window's own moves: the signature has seen them, so they don't enter the probability once more."""

STANDARD: Mapping[str, tuple[float, float, float]] = {
    "scheduled": (0.0, 1.0, 1.0),
    "season": (0.0, 1.0, 1.0),
    "percentile": (50.0, 29.0, 2.0),
    "surprise": (0.0, 1.5, 2.0),
    "direction": (0.0, 1.0, 0.5),
    "size": (0.92, 0.5, 2.0),
    "aligned": (0.0, 1.5, 2.0),
    "absolute": (1.0, 1.0, 3.0),
    "run_up": (0.0, 1.5, 2.0),
    "held": (50.0, 29.0, 2.0),
}
"""Centre, scale and limit of each reading's standardised value: 29 is the standard deviation of a percentile, 0.92 the
log of 2.5 sigmas. Fixed, so that nothing is learnt from the days that are scored."""


class EvidenceItem(CatalogModel):
    """One item of direct evidence.

    reading : `scheduled` (an event of the calendar is present: 1, absent: 0), `season` (the window's last day lies in
        `months` and `days`), `percentile` or `surprise` of an indicator, `direction` of the S&P 500, `size` (log of its
        sigmas), `aligned` (sigmas of an asset, less those of `minus`, times the S&P's direction), `absolute` (sigmas
        without sign), `run_up` (sigmas over the `sessions` before the window), `held` (percentile of an exposure
        at the window's base; its change in the window follows from the window's own moves, and is not read).
    of : the indicators, assets or series it is read from; the first with a value counts.
    in_signature : its indicator is made of columns of the signature alone, read inside the window.
    seen_in : columns of the signature that show the same thing: with any of them it weighs nothing.
    above : a level at or below it never speaks for a cause.
    outcomes : weight by outcome of the label map. triggers : those of the outcomes that it speaks for; of the others
        it says what it says of any other outcome. None named: all of them.
    causes : weight by cause. A trigger's moves the probability that it was active, not its outcome's share.
    """

    id: SeriesId
    name: str
    reading: Reading
    of: tuple[str, ...] = ()
    minus: str | None = None
    months: tuple[int, ...] = ()
    days: tuple[int, int] = (1, 31)
    sessions: Annotated[int, Field(ge=5, le=250)] = 60
    in_signature: bool = False
    seen_in: tuple[str, ...] = ()
    above: float | None = None
    triggers: tuple[str, ...] = ()
    outcomes: dict[str, float] = Field(default_factory=dict)
    causes: dict[str, float] = Field(default_factory=dict)
    why: str

    @model_validator(mode="after")
    def _has_what_it_reads(self) -> EvidenceItem:
        needs = self.reading not in ("season", "direction", "size")
        if needs != bool(self.of):
            raise ValueError(f"{self.reading!r} {'needs' if needs else 'takes no'} `of`")
        if (self.reading == "season") != bool(self.months):
            raise ValueError("`months` belong to a season, and a season needs them")
        if not self.outcomes and not self.causes:
            raise ValueError("it has no weight")
        if self.from_prices and self.causes:
            raise ValueError("what the signature has seen can't weigh on a cause once more")
        if self.above is not None and min([*self.outcomes.values(), *self.causes.values()]) < 0:
            raise ValueError("`above` limits what speaks for a cause, so its weights must be positive")
        if self.triggers and not self.outcomes:
            raise ValueError("`triggers` are those of its outcomes, and it has none")
        return self

    @property
    def is_move(self) -> bool:
        """Whether it says what moved in the window: the surprise of a mechanism's indicator.

        Such a one must be dated in the window, and turns its sign round in a relief as the cause does.
        """
        return self.reading == "surprise" and bool(self.causes)

    @property
    def from_prices(self) -> bool:
        """Whether it reads the window's own moves, which the signature has seen."""
        return self.reading in PRICES or self.in_signature


def load_evidence(folder: Path) -> tuple[EvidenceItem, ...]:
    """Every item of a catalogue folder's `evidence/`, in the order of the files.

    Raises
    ------
    CatalogError : a file is malformed, or an id comes twice.
    """
    found: dict[str, EvidenceItem] = {}
    for path in sorted((folder / "evidence").glob("*.toml")):
        for item in (build_entry(EvidenceItem, block, path) for block in read_toml(path).get("item", [])):
            if item.id in found:
                raise CatalogError(f"{path.name} defines {item.id!r} a second time.", "Ids are unique: rename one.")
            found[item.id] = item
    return tuple(found.values())


def evidence_digest(items: tuple[EvidenceItem, ...]) -> str:
    """SHA-256 of all that enters a number; names and reasons may change without changing it."""
    numbers = [item.model_dump(exclude={"name", "why"}) for item in items]
    text = json.dumps([numbers, sorted(STANDARD.items())], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
