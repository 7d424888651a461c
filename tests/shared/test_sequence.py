"""Sequence and rotation on the full data: what the docs say, and falls found in the files by eye's rule."""

from __future__ import annotations

import csv
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from full_data import NOW, ROOT, FullData
from selloff.explanation import Explanation, explain
from selloff.report.numbers import percent
from selloff.report.sequence_text import marks, moment_text

pytestmark = pytest.mark.shared
COLUMNS = {"btc": "BTC", "eth": "ETH", "spx": "SPY", "nasdaq_100": "QQQ", "gold": "GLD"}


def _explain(full: FullData, when: str) -> Explanation:
    return explain(when, store=full.store, catalogue=full.catalogue, sessions=full.sessions, now=NOW)


def test_the_docs_give_the_programs_answer(full: FullData):
    text = (ROOT / "docs" / "sequence.md").read_text(encoding="utf-8")
    order = _explain(full, "2026-01-29:2026-02-06").sequence
    table = re.findall(r"^\| (\w[^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", text, flags=re.MULTILINE)
    shown = [row for row in table if "Jan" in row[1] or "Feb" in row[1]]
    assert shown == [
        (
            b.asset.name + marks(b),
            moment_text(b.best),
            f"{moment_text(b.low)} to {moment_text(b.high)}",
            percent(order.probability_first[b.asset.id]),
        )
        for b in order.broke
    ]
    crypto = sum(p for a, p in order.probability_first.items() if a in ("btc", "eth"))
    assert f"that crypto did has {percent(crypto)}" in text
    assert order.pair("gold", "eth").told
    assert not order.pair("gold", "btc").told


def _steepest(folder: Path, column: str, day: str) -> tuple[datetime, datetime]:
    """The half hour of regular hours in which the closes of the file fell most."""
    with (folder / "intraday_5min_2026.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["date"].startswith(day) and r[column]]
    ends = [datetime.fromisoformat(r["date"]) + timedelta(minutes=5) for r in rows]
    closes = [float(r[column]) for r in rows]
    inside = [i for i, end in enumerate(ends) if "14:35" <= f"{end:%H:%M}" <= "21:00"]
    first = min(inside[:-6], key=lambda i: closes[i + 6] / closes[i])
    return ends[first], ends[first + 6]


@pytest.mark.parametrize("asset", COLUMNS)
def test_the_steepest_half_hour_lies_in_the_fall_that_was_found(full: FullData, shared_folder: Path, asset):
    order = _explain(full, "2026-01-29").sequence
    found = next(b for b in order.broke if b.asset.id == asset)
    start, end = _steepest(shared_folder, COLUMNS[asset], "2026-01-29")
    assert found.low <= end.timestamp() * 1e6
    assert found.alarm >= start.timestamp() * 1e6


def test_metals_had_led_and_broke(full: FullData):
    rotation = _explain(full, "2026-01-30").rotation
    assert rotation.verdict == "leaders_broke"
    silver = next(b for b in rotation.baskets if b.basket.id == "silver")
    assert silver.run_ups[0].rank == 1
    assert silver.sigmas < -10
