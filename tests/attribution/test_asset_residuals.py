"""Residuals against statsmodels, and what they must not do."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from naive import make_panel, window_of
from selloff.attribution.asset_residuals import AssetResiduals
from selloff.attribution.chains import TILT, chain_evidence, chain_log_ratio
from selloff.catalog import default_catalogue
from selloff.panel import window_moves
from selloff.panel.volatility import SLOW_SESSIONS

CATALOGUE = default_catalogue()
ASSETS = {"spx": "sp500", "us10y": "ust_10y"}
BANKS = "xlf_adj"
NAMES = [*ASSETS.values(), BANKS]
N = 700
BETA = 1.2


def drawn(last: float, days: int = 1, seed: int = 3, missing: bool = False, noise: float = 0.5) -> AssetResiduals:
    """Banks follow shares by 1.2 plus noise of 0.5 %; in the window shares lose 4 % and banks `last` beyond that."""
    random = np.random.default_rng(seed)
    moves = random.standard_normal((N, 3)) * [1.0, 5.0, noise]
    moves[-days:, 0] = -4.0 / days
    moves[-days:, 2] = last / days
    moves[:, 2] += BETA * moves[:, 0]
    path = np.cumsum(moves / 100.0, axis=0)
    levels = np.column_stack([100 * np.exp(path[:, 0]), 50.0 + path[:, 1], 100 * np.exp(path[:, 2])])
    if missing:
        levels[: N - 100, 2] = np.nan
    panel = make_panel(levels, NAMES)
    window = window_of(panel, N - 1 - days, N - 1)
    of = {m.series.id: m for m in window_moves(panel, window)}
    return AssetResiduals(panel, window, {asset: of[series] for asset, series in ASSETS.items()})


@pytest.mark.parametrize("days", [1, 5])
def test_the_residual_is_statsmodels_s(days):
    found = drawn(-2.0, days)
    panel, window = found.panel, found.window
    moves = panel.daily_moves[1 : window.base_row + 1]
    fitted = sm.OLS(moves[:, 2], moves[:, :2]).fit()
    spread = fitted.resid[-SLOW_SESSIONS:].std()
    levels = panel.levels[[window.base_row, window.end_row]]
    now = np.array([np.log(levels[1, j] / levels[0, j]) * 100 for j in (0, 2)])
    expected = fitted.params @ [now[0], (levels[1, 1] - levels[0, 1]) * 100]
    assert found.of(BANKS).sigmas == pytest.approx((now[1] - expected) / (spread * np.sqrt(days)), rel=1e-6)
    standard = fitted.resid / fitted.resid.std()
    below, above = (standard <= -0.5).sum(), (standard >= 0.5).sum()
    usual = (np.array([below, len(standard) - below - above, above]) + 1) / (len(standard) + 3)
    np.testing.assert_allclose(found.of(BANKS).usual, usual)


def test_a_fall_that_shares_explain_proves_nothing_and_one_beyond_it_does():
    cause = CATALOGUE.causes["credit_bank"]
    link = next(x for x in cause.chain if BANKS in x.of)
    cause = cause.model_copy(update={"chain": (link,)})
    (explained,) = chain_evidence(cause, drawn(0.0))["adverse"]
    (beyond,) = chain_evidence(cause, drawn(-2.0))["adverse"]
    (spared,) = chain_evidence(cause, drawn(+2.0))["adverse"]
    usual = drawn(-2.0).of(BANKS).usual
    assert explained.likelihood_ratio < 1.0 < beyond.likelihood_ratio
    assert beyond.likelihood_ratio == pytest.approx(TILT[2] / (TILT[::-1] @ usual))
    assert spared.likelihood_ratio == pytest.approx(TILT[0] / (TILT[::-1] @ usual))
    assert chain_log_ratio([beyond, spared]) == pytest.approx(
        (np.log(beyond.likelihood_ratio) + np.log(spared.likelihood_ratio)) / 2
    )


def test_a_series_that_is_what_the_assets_are_made_of_says_nothing():
    """With noise of 0.45 % the assets explain 88 % of banks, with 0.3 % 94 %, with none all of it."""
    assert drawn(-2.0, noise=0.45).of(BANKS) is not None
    assert drawn(-2.0, noise=0.3).of(BANKS) is None
    assert drawn(0.0, noise=0.0).of(BANKS) is None


def test_a_relief_turns_the_links_of_a_cause_with_a_mirror_only():
    plain = CATALOGUE.causes["credit_bank"]
    link = next(x for x in plain.chain if BANKS in x.of)
    for mirror in (True, False):
        cause = plain.model_copy(update={"chain": (link,), "mirror": mirror})
        (adverse,) = chain_evidence(cause, drawn(-2.0))["adverse"]
        (relief,) = chain_evidence(cause, drawn(-2.0))["relief"]
        assert (relief.sign != adverse.sign) == mirror


def test_likelihood_ratios_average_to_one_over_what_is_usual():
    usual = drawn(-2.0).of(BANKS).usual
    for tilt in (TILT, TILT[::-1]):
        assert usual @ (tilt / (tilt @ usual)) == pytest.approx(1.0)


def test_silent_without_history_a_column_or_a_move():
    assert drawn(-2.0, missing=True).of(BANKS) is None
    cause = CATALOGUE.causes["credit_bank"]
    link = next(x for x in cause.chain if BANKS in x.of)
    own = cause.model_copy(update={"chain": (link,)})
    found = drawn(-2.0)
    assert chain_evidence(own, found, weighed=[BANKS])["adverse"] == ()
    signature_link = link.model_copy(update={"of": ("spx",)})
    assert chain_evidence(cause.model_copy(update={"chain": (signature_link,)}), found)["adverse"] == ()
    assert chain_log_ratio(()) == 0.0
