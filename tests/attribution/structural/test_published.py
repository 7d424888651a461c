"""Published figures on the shared data; the scripts in `validation/` say what is compared, how closely and why."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import pytest

from full_data import ROOT

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def check() -> Callable[[str], Callable[..., dict[str, Any]]]:
    """The `check` of a validation script."""

    def find(name: str) -> Callable[..., dict[str, Any]]:
        return importlib.import_module(name).check

    sys.path.insert(0, str(ROOT / "validation"))
    yield find
    sys.path.remove(str(ROOT / "validation"))


def test_cieslak_pang(check):
    """Seed and draws are fixed; naive accept–reject without limit of draws gives .105, .049, .395, .282."""
    found = check("check_cieslak_pang")(draws=1500)
    assert found["lags"] == 1
    assert found["feasible_share"] > 0.9
    assert found["passed"]["2020-03-09:2020-03-18"] and found["passed"]["2020-02-20:2020-03-23"]
    shares = list(found["stock_shares_median"].values())
    naive = (0.105, 0.049, 0.395, 0.282)
    # the median of n draws of a share with spread .25 has a standard error of 1.25 × .25 / √n
    assert all(abs(a - b) < 4 * 1.25 * 0.25 / 1350**0.5 for a, b in zip(shares, naive, strict=True))


def test_matheson_stavrev(check):
    assert all(check("check_matheson_stavrev")(draws=2000)["passed"].values())


def test_adams_ibert_liao(check):
    found = check("check_adams_ibert_liao")(draws=1000)
    assert found["passed"] == {"over_two_thirds": True}
    low, high = found["share_of_surprises_90"]
    assert low < 1 / 3 and high > 1, "the claim rests on the median; its band is as wide as the docs say"


def test_jarocinski_karadi(check):
    found = check("check_jarocinski_karadi")()
    assert found["passed"] == {"linear": True}
    assert found["announcements"] > 150
