"""Baskets and intraday assets: what they name exists, and a wrong name is one clear error."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from selloff.catalog import default_catalogue, load
from selloff.catalog.catalogue import DATA
from selloff.errors import CatalogError


def _with(folder: Path, file: str, old: str, new: str):
    shutil.copytree(DATA, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(folder)


def test_baskets_that_were_asked_for_are_there():
    asked = {
        "mag7", "memory_storage", "semiconductor_equipment", "software", "gold", "silver", "copper", "energy",
        "small_caps", "equal_minus_cap", "europe", "japan",
    }  # fmt: skip
    assert asked <= set(default_catalogue().baskets)


def test_finest_bars_come_first():
    catalogue = default_catalogue()
    for asset in catalogue.intraday_assets.values():
        frequencies = [catalogue.series[s].frequency for s in asset.series]
        assert frequencies == sorted(frequencies), asset.id  # "5min" before "hourly"


def test_the_dollar_and_the_vix_lose_when_they_rise():
    catalogue = default_catalogue()
    for asset in catalogue.intraday_assets.values():
        falls = {catalogue.series[s].fall for s in asset.series}
        assert falls == ({"up"} if asset.id in ("dxy", "vix") else {"down"}), asset.id


def test_an_unknown_member(tmp_path: Path):
    catalogue = _with(tmp_path / "data", "baskets.toml", '"mu_adj"', '"mu_adjusted"')
    with pytest.raises(CatalogError, match="'memory_storage' names the series 'mu_adjusted'"):
        _ = catalogue.baskets


def test_daily_closes_are_no_bars(tmp_path: Path):
    catalogue = _with(tmp_path / "data", "intraday_assets.toml", '"iwm_hourly"', '"iwm_adj"')
    with pytest.raises(CatalogError, match="'small_caps' names 'iwm_adj', a daily series"):
        _ = catalogue.intraday_assets


def test_an_unknown_market(tmp_path: Path):
    catalogue = _with(tmp_path / "data", "intraday_assets.toml", 'market = "always"', 'market = "sometimes"')
    with pytest.raises(CatalogError, match="market"):
        _ = catalogue.intraday_assets
