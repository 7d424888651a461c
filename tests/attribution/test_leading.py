"""Which causes lead: every rule by itself, on windows that are built to fail just that one."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.leading import LEADING_SHARE, candidates_of, same_marks
from selloff.attribution.structural import CommonShocks, SystemWindow
from selloff.catalog import default_catalogue

ASSETS = ("us2y", "us5y", "us10y", "spx")
SHOCKS = ("growth", "monetary", "hedging_premium", "common_premium")
CAUSES = list(default_catalogue().causes.values())
RAISED, FELL = ["policy_tightening"], ["equity_regions", "crypto"]


def system(share: float = 0.6, robust: float = 1.0, spx: float = -2.0) -> CommonShocks:
    """A window of tightening; the other shocks share what is left."""
    shares = np.full(4, (1.0 - share) / 3)
    shares[1] = share
    contributions = np.tile([1.0, 1.0, 1.0, -0.1], (4, 1))
    contributions[1, 3] = spx
    zero = np.zeros((4, 4))
    parts = SystemWindow(
        ASSETS,
        SHOCKS,
        contributions.sum(axis=0),
        contributions,
        contributions[None],
        shares,
        shares[None],
        zero,
        zero,
        np.zeros(4),
        np.ones(4),
        np.array([0.0, robust, 0.0, 0.0]),
    )
    return CommonShocks(parts, "2015-01-01", "2019-12-31", 1250, 0, 0.4)


def short(found: CommonShocks, raised=RAISED, fallen=FELL, polarity="adverse", causes=CAUSES) -> str:
    return next(c.short for c in candidates_of(found, causes, raised, fallen, polarity) if c.shock == "monetary")


def test_with_everything_it_leads():
    assert short(system()) == "leads"
    assert short(system(share=LEADING_SHARE)) == "leads"
    assert short(system(robust=0.9)) == "leads"


@pytest.mark.parametrize(
    ("expected", "found", "changes"),
    [
        ("small", system(share=LEADING_SHARE - 1e-9), {}),
        ("not_robust", system(robust=0.89), {}),
        ("mirrored", system(spx=0.5), {}),
        ("mirrored", system(), {"polarity": "relief"}),
        ("no_fall", system(), {"fallen": ["crypto", "precious_metals"]}),
        ("no_fall", system(), {"fallen": []}),
        ("not_raised", system(), {"raised": ["growth"]}),
        ("not_tested", system(), {"causes": [c for c in CAUSES if c.id != "policy_tightening"]}),
    ],
)
def test_each_rule_can_stop_it(expected, found, changes):
    assert short(found, **changes) == expected


def test_the_largest_share_comes_first():
    found = candidates_of(system(), CAUSES, RAISED, FELL, "adverse")
    assert [c.share for c in found] == sorted([c.share for c in found], reverse=True)
    assert found[0].cause == "policy_tightening"


def test_same_marks_are_those_that_no_sign_contradicts():
    by_id = {c.id: c for c in CAUSES}
    outside = [by_id[c] for c in ("fiscal", "inflation", "credit_bank", "dash_for_cash", "reserve_scarcity")]
    assert same_marks(by_id["policy_tightening"], outside, "adverse") == ("fiscal", "inflation", "dash_for_cash")
    assert same_marks(by_id["growth"], outside, "adverse") == ("credit_bank", "dash_for_cash")
    # what has no mirror keeps its signs on a relief day, and so contradicts
    assert "dash_for_cash" not in same_marks(by_id["growth"], outside, "relief")


def test_names_of_the_axes_are_the_causes_that_carry_published_restrictions():
    published = {c.id for c in CAUSES if any(cell.basis == "published" for cell in c.signature.values())}
    assert {c.cause for c in candidates_of(system(), CAUSES, [], FELL, "adverse")} == published
