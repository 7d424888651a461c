"""From causes to shocks and restrictions."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.structural.shocks import LOOKALIKE, MOST_SHOCKS, restrictions_of, shocks_of
from selloff.catalog import default_catalogue

CATALOGUE = default_catalogue()
CAUSES = list(CATALOGUE.causes.values())
ASSETS = sorted(CATALOGUE.assets)
VOLATILITY = dict.fromkeys(ASSETS, 2.0)


def test_every_usable_cause_is_in_one_shock():
    shocks = shocks_of(CAUSES, ASSETS, 13)
    inside = [c.id for s in shocks for c in s.causes]
    assert len(inside) == len(set(inside))
    open_causes = {"reserve_scarcity", "crypto_leverage"}
    assert set(inside) == set(CATALOGUE.causes) - open_causes
    assert 8 <= len(shocks) <= MOST_SHOCKS


def test_causes_with_published_restrictions_stay_by_themselves():
    for most in (4, 8, 13):
        alone = {s.name for s in shocks_of(CAUSES, ASSETS, most) if s.published}
        assert alone == {"growth", "policy_tightening", "balance_sheet", "flight_to_quality"}


def test_lookalikes_are_merged_and_no_others_without_need():
    shocks = shocks_of(CAUSES, ASSETS, 13)
    free = [s for s in shocks if not s.published]
    for i, one in enumerate(free):
        for other in free[i + 1 :]:
            a, b = one.expected(), other.expected()
            assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) <= LOOKALIKE
    few = [c for c in CAUSES if c.id in ("dollar_policy", "crowded_metals", "inflation")]
    assert [s.name for s in shocks_of(few, ASSETS, 13)] == ["crowded_metals", "dollar_policy", "inflation"]


@pytest.mark.parametrize("most", [5, 7])
def test_no_more_shocks_than_the_assets_carry(most):
    assert len(shocks_of(CAUSES, ASSETS, most)) == most


def test_the_order_of_causes_does_not_matter():
    assert [s.name for s in shocks_of(CAUSES[::-1], ASSETS, 9)] == [s.name for s in shocks_of(CAUSES, ASSETS, 9)]


def test_published_cells_are_hard_and_hypotheses_soft():
    shocks = shocks_of(CAUSES, ASSETS, 13)
    found = restrictions_of(shocks, ASSETS, VOLATILITY)
    for j, shock in enumerate(shocks):
        for i, asset in enumerate(ASSETS):
            cells = [c.signature[asset] for c in shock.causes]
            assert (found.hard[j, i] != 0) == any(c.basis == "published" for c in cells)
            if len(cells) > 1:
                continue
            (cell,) = cells
            if cell.basis == "published":
                assert found.hard[j, i] == (1 if cell.sign == "+" else -1)
            elif cell.basis == "open":
                assert found.rises[j, i] == 0.5 and found.still[j, i] == 0.0
            elif cell.sign == "0":
                assert found.still[j, i] == cell.p[1]
            else:
                assert found.rises[j, i] == pytest.approx(cell.p[2] / (cell.p[0] + cell.p[2]))


def test_rankings_carry_the_units_they_compare():
    shocks = shocks_of(CAUSES, ASSETS, 13)
    found = restrictions_of(shocks, ASSETS, {**VOLATILITY, "us2y": 4.0, "us10y": 6.0})
    by_shock = {shocks[r.shock].name: r for r in found.rankings}
    growth = by_shock["growth"]
    assert (ASSETS[growth.larger], ASSETS[growth.smaller]) == ("us2y", "us10y")
    assert growth.probability is None and growth.scale == (4.0, 6.0)
    metals = by_shock["crowded_metals"]
    assert metals.probability == 0.70 and metals.scale == (1.0, 1.0)
