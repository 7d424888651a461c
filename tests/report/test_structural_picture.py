"""The picture of the four shocks: what it shows is what the JSON says."""

from __future__ import annotations

import json

import pytest

import worlds
from selloff.report.charts.structural import shock_rows, structural


@pytest.fixture(scope="module")
def document(explain_world) -> dict:
    return json.loads(explain_world(str(worlds.CRASH)).to_json())


def test_rows_are_the_json_s(document):
    system = document["structural"]["system"]
    shown = shock_rows(document, {"growth": "Growth scare"})
    assert {r["cause"] for r in shown} == {"Growth scare", "policy_tightening", "flight_to_quality", "balance_sheet"}
    assert sum(r["mean"] for r in shown) == pytest.approx(system["log_moves"]["spx"], abs=1e-3)
    assert [abs(r["mean"]) for r in shown] == sorted((abs(r["mean"]) for r in shown), reverse=True)
    for r in shown:
        assert r["least"] <= r["most"] and r["low"] <= r["high"]


def test_its_words_hold_every_shock_and_it_is_drawn(document):
    picture = structural(document, {"balance_sheet": "Balance sheet and supply"})
    for name in ("(growth)", "(monetary)", "(hedging premium)", "Balance sheet and supply (common premium)"):
        assert name in picture.alt
    labels = {v["label"] for data in picture.spec["datasets"].values() for v in data if "label" in v}
    assert "Balance sheet and supply|(common premium)" in labels
    free = [r for r in shock_rows(document, {}) if not r["excludes_zero"]]
    assert picture.alt.count("which allow that it moved nothing") == len(free)
    assert picture.svg().startswith("<svg")


def test_without_an_estimate_there_is_no_picture(document):
    assert structural({**document, "structural": None}, {}) is None
    gone = {**document["structural"], "system": {"status": "unavailable", "reason": "none"}}
    assert structural({**document, "structural": gone}, {}) is None
