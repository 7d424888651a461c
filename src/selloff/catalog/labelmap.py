"""The label map: human categories and our triggers, taken to the outcomes on which both are scored."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError, model_validator

from selloff.catalog.causes import Cause
from selloff.catalog.series import CatalogModel
from selloff.errors import CatalogError

OTHER, UNKNOWN = "other", "unknown"


class Outcome(CatalogModel):
    """One thing that can be said to have moved the market: a group of categories and the triggers that mean it."""

    id: str
    name: str
    categories: tuple[str, ...] = Field(min_length=1)
    triggers: tuple[str, ...]
    why: str


class Coding(CatalogModel):
    """How the human coding works: its policy categories, what is no label, what a primary category gets, and the day
    since which baselines learn from it."""

    policy: tuple[str, ...]
    not_a_label: tuple[str, ...]
    primary_share: float = Field(gt=0.5, le=1.0)
    since: date
    why: str


class LabelMap(CatalogModel):
    """Outcomes that exclude each other and hold every category and every trigger once."""

    coding: Coding
    outcome: tuple[Outcome, ...]

    @model_validator(mode="after")
    def _partitions(self) -> LabelMap:
        for what, names in (("category", [c for o in self.outcome for c in o.categories]), ("trigger", self.triggers)):
            twice = [name for name, n in Counter(names).items() if n > 1]
            if twice:
                raise ValueError(f"the {what} {twice[0]!r} is in two outcomes")
        for name in (*self.coding.policy, *self.coding.not_a_label):
            if (name in self.categories) == (name in self.coding.not_a_label):
                raise ValueError(f"{name!r} must be either in one outcome or no label")
        for needed in (OTHER, UNKNOWN):
            if needed not in self.outcomes:
                raise ValueError(f"there is no outcome {needed!r}")
        return self

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcome ids, in the file's order: the order of every array over outcomes."""
        return tuple(o.id for o in self.outcome)

    @property
    def triggers(self) -> tuple[str, ...]:
        """Triggers, in the file's order."""
        return tuple(t for o in self.outcome for t in o.triggers)

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories that are labels, in the file's order."""
        return tuple(c for o in self.outcome for c in o.categories)

    def category_matrix(self, categories: Sequence[str]) -> npt.NDArray[np.float64]:
        """(n_categories, n_outcomes): 1 where a category belongs to an outcome; a row of zeros is no label."""
        return np.array([[float(c in o.categories) for o in self.outcome] for c in categories])

    def outcome_shares(self, trigger_shares: Mapping[str, float]) -> npt.NDArray[np.float64]:
        """(n_outcomes,): shares of triggers, *other* and *unknown*, added up by outcome.

        Raises
        ------
        CatalogError : a trigger belongs to no outcome.
        """
        place = {t: i for i, o in enumerate(self.outcome) for t in (*o.triggers, *({o.id} & {OTHER, UNKNOWN}))}
        shares = np.zeros(len(self.outcome))
        for trigger, share in trigger_shares.items():
            if trigger not in place:
                raise CatalogError(f"The trigger {trigger!r} is in no outcome of label_map.toml.", "Add it to one.")
            shares[place[trigger]] += share
        return shares

    def digest(self) -> str:
        """SHA-256 of all that decides a score; reasons in prose may change without changing it."""
        numbers = {
            "policy": sorted(self.coding.policy),
            "not_a_label": sorted(self.coding.not_a_label),
            "primary_share": self.coding.primary_share,
            "since": self.coding.since.isoformat(),
            "outcomes": [[o.id, sorted(o.categories), sorted(o.triggers)] for o in self.outcome],
        }
        return hashlib.sha256(json.dumps(numbers, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def load_label_map(folder: Path, causes: Mapping[str, Cause]) -> LabelMap:
    """The label map of a catalogue folder.

    Raises
    ------
    CatalogError : it is malformed, or leaves out a trigger. A trigger of the user's own counts as *other*.
    """
    path = folder / "label_map.toml"
    try:
        found = LabelMap(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise CatalogError(f"{path} can't be used: {error}.", "Correct it.") from error
    new = [c.id for c in causes.values() if c.role == "trigger" and c.id not in found.triggers]
    if not new:
        return found
    outcomes = [o.model_copy(update={"triggers": (*o.triggers, *new)}) if o.id == OTHER else o for o in found.outcome]
    return found.model_copy(update={"outcome": tuple(outcomes)})
