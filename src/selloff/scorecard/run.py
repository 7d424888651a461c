"""Running tiers, and the scorecard as one document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from selloff.errors import NotScoredError, ScorecardError
from selloff.explanation.result import rounded
from selloff.scorecard.tier import ScoreContext, Tier, TierResult

SCHEMA_VERSION = 1
TIER_IDS = ("exact", "synthetic", "human", "event", "controls")


def tier_ids() -> tuple[str, ...]:
    """The tiers that are there: each is a package of its name with a function `tier`."""
    return tuple(i for i in TIER_IDS if find_spec(f"{__package__}.{i}") is not None)


def load_tier(tier_id: str) -> Tier:
    """One tier.

    Raises
    ------
    ScorecardError : there is none of that name.
    """
    known = tier_ids()
    if tier_id not in known:
        raise ScorecardError(f"There is no tier {tier_id!r}.", f"The tiers are {', '.join(known)}.")
    found: Tier = import_module(f"{__package__}.{tier_id}").tier()
    return found


@dataclass(frozen=True)
class Scorecard:
    """What the tiers found, in their order."""

    tiers: tuple[TierResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, rounded to six significant digits. With one tier its keys stand at the top level."""
        head: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        if len(self.tiers) == 1:
            return dict(rounded({**head, **self.tiers[0].to_dict()}))
        return dict(rounded({**head, "tiers": {t.id: t.to_dict() for t in self.tiers}}))

    def to_json(self) -> str:
        """As JSON; the same inputs give the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"


def run_scorecard(ids: Sequence[str], context: ScoreContext, *, skip_unscored: bool = False) -> Scorecard:
    """Run tiers, one after the other.

    Parameters
    ----------
    skip_unscored : a tier whose file was not named says so in its result instead of failing.

    Raises
    ------
    ScorecardError : a name is unknown, or a file that a tier needs is missing or malformed.
    """

    def run(tier: Tier) -> TierResult:
        try:
            return tier.run(context)
        except NotScoredError as error:
            if not skip_unscored:
                raise
            return TierResult(tier.id, tier.name, f"Not scored: {error}", ())

    return Scorecard(tuple(run(t) for t in [load_tier(i) for i in ids]))
