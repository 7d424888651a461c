from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from selloff.catalog import Catalogue
from selloff.catalog.freeze import causes_digest, frozen_digests, indicators_digest
from selloff.catalog.sessions import Sessions

STARTER = {
    "spx": ["sp500"],
    "m7": ["mega_caps_3_vs_sp500"],
    "nky": ["nikkei_225"],
    "gold": ["gold_fix_london"],
    "silver": [],
    "copper": [],
    "oil": ["wti_spot"],
    "btc": ["btc_utc"],
    "dxy": ["dollar_index_ecb"],
    "usdjpy": ["usdjpy_ecb"],
    "us2y": ["ust_2y"],
    "us10y": ["ust_10y"],
    "breakeven": ["breakeven_10y", "breakeven_5y"],
    "vix": ["vix"],
    "hy": [],
}
STARTER_MEMBERS = {
    "equity_regions": [
        ["sp500"],
        ["tsx_composite"],
        ["bovespa"],
        ["ipc_mexico"],
        ["euro_stoxx_50", "dax"],
        ["nikkei_225"],
        ["hang_seng"],
        ["kospi"],
    ],
    "mega_caps": [["aapl_adj"], ["msft_adj"], ["nvda_adj"]],
    "precious_metals": [["gold_fix_london"]],
    "industrial_metals": [],
    "energy": [["wti_spot"]],
    "crypto": [["btc_utc"]],
    "government_bonds": [["ust_2y"], ["ust_10y"], ["ust_30y"]],
    "credit": [],
    "fx": [
        [f"{pair}_ecb"]
        for pair in ("eurusd", "usdjpy", "gbpusd", "usdchf", "usdcad", "audusd", "usdsek", "usdkrw", "usdmxn")
    ],
}


def from_wheels(catalogue: Catalogue, series: str) -> bool:
    """Whether the starter history alone gives a series."""
    spec = catalogue.find_series(series)
    if spec.formula is None:
        return any(catalogue.sources[s].kind == "wheel" for s in spec.sources)
    return bool(spec.formula.members) and all(from_wheels(catalogue, m) for m in spec.formula.members)


def test_there_are_at_least_150_series(catalogue: Catalogue) -> None:
    assert len(catalogue.series) >= 150


def test_every_stored_series_can_be_imported_first_of_all(catalogue: Catalogue) -> None:
    assert all(s.sources[0] == "import" for s in catalogue.series.values() if s.formula is None)


def test_every_stored_series_states_its_licence(catalogue: Catalogue) -> None:
    assert [s.id for s in catalogue.series.values() if s.formula is None and not s.licence] == []


def test_the_causes_are_as_frozen(catalogue: Catalogue) -> None:
    assert causes_digest(catalogue.causes) == frozen_digests()["causes"]


def test_the_indicators_are_as_frozen(catalogue: Catalogue) -> None:
    assert indicators_digest(catalogue.indicators) == frozen_digests()["indicators"]


def test_the_starter_history_alone_binds_as_before(catalogue: Catalogue) -> None:
    for asset in catalogue.assets.values():
        assert [s for s in asset.series if from_wheels(catalogue, s)] == STARTER[asset.id], asset.id
    for asset_class in catalogue.classes.values():
        members = [[s for s in member if from_wheels(catalogue, s)] for member in asset_class.members]
        assert [m for m in members if m] == STARTER_MEMBERS[asset_class.id], asset_class.id


def test_new_york_closes_stand_before_early_late_and_misaligned_series(catalogue: Catalogue) -> None:
    lists = [a.series for a in catalogue.assets.values()]
    lists += [member for c in catalogue.classes.values() for member in c.members]
    for ids in lists:
        behind = [bool({"early", "late"} & set(catalogue.find_series(i).flags)) for i in ids]
        assert behind == sorted(behind), ids
        assert not any("misaligned" in catalogue.find_series(i).flags for i in ids)


def test_an_asset_never_mixes_prices_with_yields_or_spreads(catalogue: Catalogue) -> None:
    for asset in catalogue.assets.values():
        listed = [catalogue.find_series(s) for s in asset.series]
        assert len({s.transform for s in listed if not s.is_stand_in}) <= 1, asset.id
        assert len({s.fall for s in listed}) <= 1, asset.id


def test_what_stands_in_is_named_as_such_and_comes_behind_what_it_stands_for(catalogue: Catalogue) -> None:
    standing = {s.id for s in catalogue.series.values() if s.is_stand_in}
    listed = {s for a in catalogue.assets.values() for s in a.series}
    assert standing == {s for s in listed if catalogue.find_series(s).is_stand_in}
    for asset in catalogue.assets.values():
        assert asset.series[0] not in standing
    for series in standing:
        spec = catalogue.find_series(series)
        assert spec.formula is not None
        assert spec.formula.kind == "stand_in"
        funds = [m.removesuffix("_adj").upper() for m in spec.formula.members]
        assert all(fund in spec.name for fund in funds), spec.name
    # another series that a cause asks for by name is the thing itself
    assert standing.isdisjoint(n for c in catalogue.causes.values() for entry in c.requires for n in entry)


def test_adjusted_prices_have_no_levels(catalogue: Catalogue) -> None:
    for series in catalogue.series.values():
        if series.id.endswith("_adj") or (series.formula is not None and series.formula.kind == "stand_in"):
            assert series.levels_mean_nothing, series.id


def test_slow_and_irregular_series_are_levels(catalogue: Catalogue) -> None:
    assert catalogue.series["fed_assets"].is_level
    assert catalogue.series["presidential_posts"].is_level
    assert not catalogue.series["btc_hourly"].is_level
    assert not catalogue.series["sofr"].is_level


@pytest.mark.parametrize("exchange", ["XTKS", "XKRX", "XHKG", "XSHG", "XTAI", "XETR", "BVMF"])
def test_calendars_of_series_are_known_exchanges(catalogue: Catalogue, exchange: str) -> None:
    import exchange_calendars

    named = {s.days for s in catalogue.series.values() if s.days}
    assert exchange in named
    assert exchange in exchange_calendars.get_calendar_names()


def test_windows_of_episodes_are_sessions(catalogue: Catalogue, sessions: Sessions) -> None:
    for episode in catalogue.episodes.values():
        assert sessions.position(episode.base) is not None, episode.id
        assert sessions.position(episode.end) is not None, episode.id
        inside = np.sum((sessions.dates > np.datetime64(episode.base)) & (sessions.dates <= np.datetime64(episode.end)))
        assert 1 <= inside <= 100, episode.id


def test_the_shared_mapping_names_series_that_exist(catalogue: Catalogue) -> None:
    from selloff.pull.mapping import Mapping, check_mapping

    path = Path(__file__).parents[2] / "validation" / "shared_data.toml"
    mapping = Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    check_mapping(mapping, catalogue)
    assert len({s for entry in mapping.file for s in entry.series}) > 200
