"""Documents from numbers made by hand: each in its place."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from selloff.attribution import CauseResult
from selloff.attribution.leading import Structural
from selloff.attribution.signature import Polarity
from selloff.attribution.structural import CommonShocks, SystemWindow, Unavailable
from selloff.catalog import default_catalogue
from selloff.explanation.cause_document import cause_document
from selloff.explanation.structural_document import structural_document

CATALOGUE = default_catalogue()
ASSETS = ("us2y", "us5y", "us10y", "spx")
SHOCKS = ("growth", "monetary", "hedging_premium", "common_premium")


def test_the_system_s_bounds_shares_and_robustness_by_shock_and_asset():
    random = np.random.default_rng(1)
    contributions, share = random.standard_normal((4, 4)), np.array([0.5, 0.3, 0.15, 0.05])
    parts = SystemWindow(
        ASSETS, SHOCKS, contributions.sum(axis=0), contributions, contributions + random.standard_normal((50, 4, 4)),
        share, share + 0.1 * random.standard_normal((50, 4)), contributions - 1.0, contributions + 2.0,
        share - 0.2, share + 0.3, np.array([0.95, 0.2, 0.9, 0.89]),
    )  # fmt: skip
    system = CommonShocks(parts, "2015-01-01", "2019-12-31", 1250, 3, 0.4)
    document = structural_document(Structural(system, Unavailable("none"), ()))
    assert document is not None
    found = document["system"]["shocks"]
    assert [found[s]["excludes_zero"] for s in SHOCKS] == [True, False, True, False]
    for j, shock in enumerate(SHOCKS):
        assert found[shock]["share_bounds"] == pytest.approx([share[j] - 0.2, share[j] + 0.3])
        low, high = np.quantile(parts.share_draws[:, j], [0.05, 0.95])
        assert found[shock]["share_bands"]["90"] == pytest.approx([low, high])
        for i, asset in enumerate(ASSETS):
            moved = contributions[j, i]
            assert found[shock]["contributions"][asset] == moved
            assert found[shock]["bounds"][asset] == pytest.approx([moved - 1.0, moved + 2.0])


@pytest.mark.parametrize(("cause", "turned"), [("growth", True), ("dash_for_cash", False)])
def test_a_relief_turns_the_signature_of_a_cause_with_a_mirror_only(cause, turned):
    def document(polarity: Polarity) -> dict:
        result = CauseResult(
            CATALOGUE.causes[cause], "undetermined", polarity, 0.1, 0.1, 0.1, None, (), (), (), (), {}, ()
        )
        return cause_document(result, CATALOGUE, date(2020, 3, 12), {})

    assert CATALOGUE.causes[cause].mirror == turned
    adverse, relief = (document(p)["signature"]["spx"]["p"] for p in ("adverse", "relief"))
    assert adverse == list(CATALOGUE.causes[cause].signature["spx"].p) and adverse[0] != adverse[2]
    assert relief == (adverse[::-1] if turned else adverse)
