"""The spike of the repo rate in September 2019: funding was as tight as it had ever been, and nothing was sold off."""

from __future__ import annotations

import pytest

from full_data import NOW, FullData
from selloff.explanation import explain

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("when", ["2019-09-17", "2019-09-16:2019-09-18"])
def test_a_funding_spike_without_a_rout_is_no_selloff(full: FullData, when: str) -> None:
    found = explain(when, store=full.store, catalogue=full.catalogue, sessions=full.sessions, now=NOW)
    spread = found.background.state.reading("sofr_minus_iorb")
    assert spread is not None and spread.percentile is not None and spread.percentile > 99
    assert found.joint.verdict == "none"
    raised = {r.cause.id: r for r in found.attribution.causes if r.raised}
    assert not [c for c, r in raised.items() if r.status == "leading" or r.cause.role == "trigger"]
    # Scarce reserves are what it was; whatever premium moved was falling.
    assert "reserve_scarcity" in raised
    assert all(r.is_turned for r in raised.values() if r.cause.role == "premium")
