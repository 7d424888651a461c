"""Main reasons: triggers' shares added up by outcome."""

from __future__ import annotations

import pytest

from selloff.attribution.main_reasons import main_reasons
from selloff.catalog import default_catalogue

MAP = default_catalogue().label_map


def test_shares_are_sums_the_largest_first():
    shares = {
        "growth": 0.05,
        "china": 0.15,
        "trade_policy": 0.1,
        "crypto_specific": 0.1,
        "other": 0.35,
        "unknown": 0.25,
    }
    found = main_reasons(MAP, shares)
    assert {r.id for r in found} == set(MAP.outcomes)
    assert [(r.id, round(r.share, 9)) for r in found[:4]] == [
        ("other", 0.45),
        ("unknown", 0.25),
        ("macro", 0.2),
        ("trade", 0.1),
    ]
    assert [dict(r.triggers) for r in found[:3]] == [{"crypto_specific": 0.1}, {}, {"china": 0.15, "growth": 0.05}]
    assert list(found[2].triggers) == ["china", "growth"]
    assert sum(r.share for r in found) == pytest.approx(1.0)
