"""The sequence inside an explanation: bars in the store, known bar by bar."""

from __future__ import annotations

import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

import worlds
from conftest import NOW, PULLED_AT
from selloff.explanation import explain
from selloff.report.text import render
from selloff.store import Store
from truncation import assert_truncation_proof

HOUR = 3_600_000_000


def _bars(sessions, series: str, source: str, fall_at: int, seed: int) -> pl.DataFrame:
    """Hourly bars from 30 sessions before the crash to 10 after, down by a seventh after an instant."""
    row = sessions.position(worlds.CRASH)
    ends = np.arange(int(sessions.closes[row - 30]), int(sessions.closes[row + 10]), HOUR)
    random = np.random.default_rng(seed)
    logs = np.cumsum(random.standard_normal(len(ends)) * 0.4) - np.where(ends > fall_at, 15.0, 0.0)
    moments = pl.Series(ends).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame(
        {
            "series": [series] * len(ends),
            "source": [source] * len(ends),
            "period_end": moments,
            "known_at": moments,
            "value": 1000.0 * np.exp(logs / 100.0),
            "vintage": ["exact"] * len(ends),
            "fetched_at": pl.Series([PULLED_AT] * len(ends)).cast(pl.Datetime("us", "UTC")),
        }
    )


@pytest.fixture(scope="module")
def with_bars(world, home: Path, sessions, tmp_path_factory) -> Store:
    """The world's store, with hourly bars of Bitcoin, Ether and a fund in which the crash comes in a known order."""
    store = Store(Path(shutil.copytree(home / "store", tmp_path_factory.mktemp("bars") / "store")))
    close = int(sessions.closes[sessions.position(worlds.CRASH)])
    for number, (series, hours) in enumerate((("btc_hourly", 12), ("eth_hourly", 2), ("spy_hourly", 3))):
        store.append(_bars(sessions, series, world.catalogue.series[series].sources[0], close - hours * HOUR, number))
    return store


def _explain(store: Store, world, when=worlds.CRASH, **options):
    return explain(str(when), store=store, catalogue=world.catalogue, sessions=world.sessions, now=NOW, **options)


def test_the_planted_order(with_bars, world):
    e = _explain(with_bars, world)
    assert e.sequence.broke[0].asset.id == "btc"
    assert {b.asset.id for b in e.sequence.broke} == {"btc", "eth", "spx"}
    assert e.sequence.pair("btc", "eth").told
    assert e.sequence.pair("btc", "eth").earlier == "btc"
    assert "nky" in e.sequence.unseen
    document = json.loads(e.to_json())["sequence"]
    assert document["breaks"][0]["id"] == "btc"
    for b in document["breaks"][:3]:
        ends = {o["period_end"] for o in json.loads(e.to_json())["lineage"][b["series"]]}
        assert {b["low"], b["high"], b["alarm"]} <= ends
    assert document["breaks"][0]["low"] <= document["breaks"][0]["best"] <= document["breaks"][0]["high"]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_text_and_page(with_bars, world, width):
    e = _explain(with_bars, world)
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(render(e))
    assert max(cell_len(line) for line in out.getvalue().splitlines()) <= width
    text = " ".join(out.getvalue().split())
    assert "Bitcoin most likely broke first of 3" in text
    assert re.search(r"It broke before .*Ether by [\d.]+ h \([\d.]+ to [\d.]+\)", text)
    assert "No intraday data: " in text and "Nikkei 225" in text
    page = e.to_html()
    assert "Bitcoin most likely broke first of 3" in page
    assert "Bitcoin before Ether" in page


@pytest.mark.parametrize("days", [0.0, 0.3, 1.4, 3.0])
@pytest.mark.parametrize("ahead", [-2, 0, 3])
def test_bars_known_later_do_not_matter(with_bars, world, tmp_path: Path, ahead, days, monkeypatch):
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    row = world.sessions.position(worlds.CRASH) + ahead
    moment = datetime.fromtimestamp(int(world.sessions.closes[row]) / 1e6, UTC) + timedelta(days=days)
    when = world.sessions.dates[row].item()
    window = "5d" if ahead == 3 else "1d"

    def analysis(store: Store) -> bytes:
        e = _explain(store, world, when, window=window, as_of=moment.isoformat())
        assert {b.state for b in e.sequence.breaks} & {"broke", "did_not_break"}
        return e.to_json().encode()

    assert_truncation_proof(analysis, with_bars, moment, tmp_path / "cut")
