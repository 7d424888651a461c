"""Indicators: what the catalogue holds, what a newcomer's file needs, and what the digest covers."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from selloff.catalog import Catalogue, load
from selloff.catalog.catalogue import DATA
from selloff.catalog.freeze import indicators_digest
from selloff.catalog.indicators import Group, read_indicators
from selloff.errors import CatalogError

WANTED_SERIES = {
    *("vix", "vix_9d", "vix_3m", "vvix", "skew", "move_index", "ovx", "gvz", "hy_oas", "ig_oas", "baa_10y_spread"),
    *("ust_2y", "ust_3m", "ust_10y", "real_yield_10y", "breakeven_10y", "term_premium_10y", "mortgage_30y", "dxy"),
    *("reserves", "sofr", "iorb", "ioer", "effr", "on_rrp", "tga", "fed_assets", "standing_repo", "swap_lines"),
    *("discount_window", "primary_dealer_treasuries", "forward_pe_sp500", "capex_hyperscalers", "cot_yen", "cot_gold"),
    *("cot_treasury_leveraged", "gpr_daily", "epu_us_daily", "trade_policy_uncertainty", "news_sentiment"),
    *("federal_register_trade", "presidential_posts", "btc_funding_rate", "btc_open_interest", "btc_implied_vol"),
    *("btc_etf_flows", "stablecoin_supply", "initial_claims", "fear_greed", "ofr_fsi", "nfci", "stlfsi"),
}
EXAMPLE = """
[[indicator]]
id = "mine"
name = "Mine"
group = "rates"
formula = { kind = "difference", terms = [{ series = ["ust_30y"] }, { series = ["ust_10y"] }] }
unit = "percent"
stress = "high"
stale_after_days = 5
causes = ["fiscal"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def test_what_an_analyst_would_look_at_is_read(catalogue: Catalogue):
    assert set(catalogue.indicators.series()) >= WANTED_SERIES


def test_every_group_has_some(catalogue: Catalogue):
    groups = Counter(i.group for i in catalogue.indicators.measured.values())
    assert min(groups.values()) >= 4
    assert set(groups) == set(get_args(Group)) - {"calendar"}


def test_what_has_no_keyless_source_is_named(catalogue: Catalogue):
    assert set(catalogue.indicators.without_source) >= {
        *("swap_spreads", "dealer_gamma", "cross_currency_basis", "pension_flows")
    }


def test_units_of_levels_are_those_of_their_series(catalogue: Catalogue):
    for i in catalogue.indicators.measured.values():
        if i.formula.kind == "level" and not i.formula.per_session:
            assert i.unit is catalogue.series[i.formula.series[0]].unit, i.id


def test_growth_holds_no_price(catalogue: Catalogue):
    for i in catalogue.indicators.measured.values():
        if i.group == "growth":
            assert all(catalogue.series[s].is_level for s in i.formula.series), i.id


def test_a_limit_of_age_outlasts_the_release(catalogue: Catalogue):
    """A value that its release rule brings days late must not be stale when it comes."""
    for i in catalogue.indicators.measured.values():
        for s in i.formula.series:
            release = catalogue.series[s].release
            if release is not None and release.kind == "days_after":
                days = release.days * (7 / 5 if release.business else 1)
                assert i.stale_after_days > days, (i.id, s)


def test_a_newcomer_adds_a_file(folder: Path):
    (folder / "indicators" / "mine.toml").write_text(EXAMPLE)
    assert load(folder).indicators.measured["mine"].causes == ("fiscal",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("ust_30y", "ust_31y"), "names the series 'ust_31y'"),
        (("ust_30y", "curve_10y2y"), "derived from other series"),
        (('"fiscal"', '"fiscale"'), "speaks for the cause 'fiscale'"),
        (('stress = "high"', 'stress = "up"'), "stress"),
        (('stress = "high"', 'stress = "high"\ntransform = "change_0"'), "not level, surprise or change_N"),
        (("difference", "level"), "has 2 terms"),
        (('id = "mine"', 'id = "vix"'), "a second time"),
        (('name = "Mine"', 'name = "Mine"\nweight = 1'), "weight"),
        (("[[indicator]]", "[[indicators]]"), "unknown block"),
        (("group", "group ="), "not valid TOML"),
    ],
)
def test_a_wrong_file_gets_a_precise_error(folder: Path, change, message):
    (folder / "indicators" / "zz_mine.toml").write_text(EXAMPLE.replace(*change))
    with pytest.raises(CatalogError, match=message):
        load(folder).indicators  # noqa: B018


def test_the_digest_covers_numbers_and_not_prose(folder: Path, catalogue: Catalogue):
    before = indicators_digest(catalogue.indicators)
    path = folder / "indicators" / "volatility.toml"
    text = path.read_text()
    path.write_text(text.replace('name = "VIX"', 'name = "Fear"'))
    assert indicators_digest(read_indicators(folder / "indicators")) == before
    path.write_text(text.replace("stale_after_days = 5", "stale_after_days = 6", 1))
    assert indicators_digest(read_indicators(folder / "indicators")) != before
