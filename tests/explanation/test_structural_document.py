"""The structural part of the JSON: shape, sums, the words made from it, and the same bytes in another process."""

from __future__ import annotations

import json
import shutil

import pytest

import commands
import worlds
from explanation.test_json import NUMBER, WINDOWS, check
from selloff.report.structural_text import leading_words

PAIR = [NUMBER]
SHOCK = {
    "causes": [str],
    "share": NUMBER,
    "excludes_zero": bool,
    "contributions": {str: NUMBER},
    "bands": {str: {str: PAIR}},
    "bounds": {str: PAIR},
}
SYSTEM = {
    "status": str,
    "sample": {"from": str, "to": str, "sessions": int, "dropped_sessions": int, "assets": [str]},
    "log_moves": {str: NUMBER},
    "shocks": {str: {**SHOCK, "share_bands": {str: PAIR}, "share_bounds": PAIR}},
    "unexplained": {"moves": {str: NUMBER}, "share": NUMBER},
    "effective_draws": NUMBER,
    "feasible_share": NUMBER,
}
PANEL = {
    **SYSTEM,
    "sample": {**SYSTEM["sample"], "excluded": {str: str}},
    "shocks": {str: {**SHOCK, "share_bounds": type(None), "shock": {"mean": NUMBER, "sd": NUMBER, "positive": NUMBER}}},
    "unexplained": {"moves": {str: NUMBER}, "share": NUMBER, "bands": {str: {str: PAIR}}},
}
WHOLE = {
    "leading": [str],
    "candidates": [
        {"cause": str, "shock": str, "share": NUMBER, "short_of_leading": (str, type(None)), "same_marks": [str]}
    ],
    "system": dict,
    "panel": dict,
}
UNAVAILABLE = {"status": str, "reason": str}


def structural(explain_world, when: str) -> dict:
    return json.loads(explain_world(when).to_json())["structural"]


@pytest.mark.parametrize("when", WINDOWS)
def test_shape_and_sums(explain_world, when):
    found = structural(explain_world, when)
    check(found, WHOLE)
    for name, shape in (("system", SYSTEM), ("panel", PANEL)):
        answer = found[name]
        if answer["status"] != "estimated":
            assert answer["status"] == "unavailable"
            check(answer, UNAVAILABLE)
            continue
        check(answer, shape)
        assert answer["sample"]["to"] < when[:7]
        for asset, move in answer["log_moves"].items():
            parts = sum(s["contributions"][asset] for s in answer["shocks"].values())
            assert parts + answer["unexplained"]["moves"][asset] == pytest.approx(move, abs=1e-4 * (1 + abs(move)))
        shares = sum(s["share"] for s in answer["shocks"].values())
        assert shares + answer["unexplained"]["share"] == pytest.approx(1.0, abs=1e-4)
        for shock in answer["shocks"].values():
            for asset, (low, high) in shock["bands"]["90"].items():
                assert low <= shock["bands"]["68"][asset][0] <= shock["bands"]["68"][asset][1] <= high
    assert [c["cause"] for c in found["candidates"] if c["short_of_leading"] is None] == found["leading"]


def test_there_is_an_estimate_and_an_absence(explain_world):
    assert structural(explain_world, str(worlds.CRASH))["system"]["status"] == "estimated"
    early = structural(explain_world, "2015-04-15")
    assert early["system"]["status"] == early["panel"]["status"] == "unavailable"
    assert "250 common sessions" in early["system"]["reason"]


@pytest.mark.parametrize("when", WINDOWS)
def test_words_name_the_rule(explain_world, when):
    e = explain_world(when)
    said, found = leading_words(e), structural(explain_world, when)
    if found["leading"]:
        assert said.startswith("Leading the move of")
    elif found["system"]["status"] == "unavailable":
        assert found["system"]["reason"] in said
    elif found["candidates"][0]["short_of_leading"] == "no_fall":
        assert said == (
            "Nothing is called leading: neither equity regions nor mega-caps nor government bonds count as down as a "
            "class."
        )
    else:
        first = found["candidates"][0]
        assert said.startswith("Nothing is called leading: ")
        rule = {
            "small": "below a quarter",
            "not_raised": "do not clearly raise it",
            "not_robust": "moved nothing",
            "mirrored": "other way",
        }
        assert rule[first["short_of_leading"]] in said


def test_cold_and_warm_processes_print_the_same_bytes(own_home):
    """Two models estimated by one process, read by the next."""
    shutil.rmtree(own_home / "cache" / "structural", ignore_errors=True)
    cold = commands.selloff("explain", str(worlds.CRASH), "--json", home=own_home)
    assert cold.stderr.count("Estimating") == 2
    warm = commands.selloff("explain", str(worlds.CRASH), "--json", home=own_home)
    assert warm.stderr == "" and warm.stdout == cold.stdout
