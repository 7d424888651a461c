"""The freeze: signs, cell probabilities, size priors and priors, fixed by hash before any event is opened."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from selloff.catalog.causes import Cause
from selloff.catalog.indicators import Indicators

FROZEN = Path(__file__).parent / "data" / "frozen.toml"


def causes_digest(causes: Mapping[str, Cause]) -> str:
    """SHA-256 of everything about the causes that enters a number; prose may change without changing it."""
    numbers = {
        cause.id: {
            **cause.model_dump(include={"role", "mirror", "prior", "requires", "signature", "ranking"}),
            "chain": [link.model_dump(exclude={"name"}) for link in cause.chain],
        }
        for cause in causes.values()
    }
    canonical = json.dumps(numbers, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def indicators_digest(indicators: Indicators) -> str:
    """SHA-256 of everything about the indicators that enters a number; names, notes and order may change."""
    numbers = {
        "measured": {i.id: i.model_dump(exclude={"name", "note", "unit"}) for i in indicators.measured.values()},
        "scheduled": {i.id: i.model_dump(exclude={"name", "note"}, mode="json") for i in indicators.scheduled.values()},
    }
    canonical = json.dumps(numbers, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def frozen_digests(path: Path = FROZEN) -> dict[str, str]:
    """The digests that were committed, by what they freeze."""
    digests: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["digest"]
    return digests
