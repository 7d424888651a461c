"""The scan on the synthetic world: what it finds, that it agrees with `explain`, and that nothing later matters."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import worlds
from conftest import NOW
from selloff.errors import NoDataError, WindowError
from selloff.explanation import Scan, scan
from selloff.panel import morning_note
from selloff.store import Store
from truncation import assert_truncation_proof


@pytest.fixture(scope="module")
def run(world, store):
    def one(*arguments, **options) -> Scan:
        settings = {"store": store, "catalogue": world.catalogue, "sessions": world.sessions, "now": NOW}
        return scan(*arguments, **{**settings, **options})

    return one


@pytest.fixture(scope="module")
def whole(run) -> Scan:
    return run()


def test_planted_falls_are_found_and_the_calm_week_is_not(whole, run):
    """Falls over weeks may reach into the calm week from before; none begins there, and no session of it is one."""

    def on(day, found=whole):
        return [e for e in found.episodes if e.start <= day <= e.end]

    (crash,) = on(worlds.CRASH)
    assert crash.verdict == "joint"
    assert crash.peak.start <= worlds.CRASH <= crash.peak.end
    (crypto,) = on(worlds.CRYPTO_DAY)
    assert crypto.classes_down == ("crypto",)
    assert all(e.peak.start < worlds.CALM_FIRST for e in on(worlds.CALM_FIRST + timedelta(days=2)))
    sessions = run(window=1)
    assert not [e for day in range(5) for e in on(worlds.CALM_FIRST + timedelta(days=day), sessions)]


def test_scan_and_explain_never_disagree(whole, explain_world):
    for e in whole.episodes[-8:]:
        said = explain_world(f"{e.peak.start}:{e.peak.end}").joint
        assert (said.verdict, said.classes_down) == (e.verdict, e.classes_down)
        for d in said.depths:
            there = e.depth[d.asset_class.id]
            assert (d.depth is None) == (there is None)
            assert (d.depth or 0.0) == pytest.approx(there or 0.0, rel=1e-9)
        assert (said.return_period.mid or 0.0) == pytest.approx(e.return_period.mid or 0.0, rel=1e-9)


def test_an_earlier_end_changes_nothing_before_it(run, whole):
    """Walk-forward: what a scan up to a day says is what a longer one says of the time before."""
    day = worlds.CRASH + timedelta(days=2)
    short = run(end=day)
    done = [e for e in whole.episodes if e.end < worlds.CRASH - timedelta(days=40)]
    assert len(done) >= 2
    assert [e for e in short.episodes if e.end < worlds.CRASH - timedelta(days=40)] == done


@pytest.mark.parametrize("as_of", [None, "close"])
def test_what_became_known_later_has_no_influence(world, store: Store, tmp_path: Path, as_of):
    day = worlds.CRASH
    row = world.sessions.position(day)
    closed = np.datetime64(int(world.sessions.closes[row]), "us").item()
    moment = morning_note(day) if as_of is None else closed.replace(tzinfo=NOW.tzinfo)
    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW, "as_of": as_of}
    found = assert_truncation_proof(
        lambda s: scan(end=day, store=s, **settings).to_json().encode(), store, moment, tmp_path / "cut"
    )
    assert json.loads(found)["episodes"][-1]["verdict"] == "joint"


def test_bounds_lengths_and_verdicts(run):
    first, last = "2019-01-02", "2020-12-31"
    joint = run(first, last, window=5, min_verdict="joint")
    assert (str(joint.first), str(joint.last), joint.lengths) == (first, last, (5,))
    assert {e.verdict for e in joint.episodes} == {"joint"}
    assert all(str(e.start) >= first and str(e.end) <= last and e.peak.n_sessions == 5 for e in joint.episodes)
    assert run(first, last, window="5d", min_verdict="joint") == joint


def test_forms_of_the_result(whole):
    document = json.loads(whole.to_json())
    assert set(document) == {
        "schema_version", "first", "last", "as_of", "windows", "min_verdict", "years", "counts", "episodes",
    }  # fmt: skip
    table = whole.to_pandas()
    assert len(table) == len(whole.episodes)
    assert {"start", "end", "verdict", "peak_sessions", "depth_crypto", "return_period_years"} <= set(table.columns)
    page, fragment = whole.to_html(), whole._repr_html_()
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert fragment in page
    assert str(worlds.CRASH) in fragment


def test_the_same_bytes_twice(run, whole):
    assert run().to_json() == whole.to_json()


def test_catalogue_episodes_that_overlap_are_named(whole):
    for e in whole.episodes:
        for name in e.episodes:
            named = whole.catalogue.find_episode(name)
            assert named.base < e.end
            assert named.end >= e.start


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"start": "2020-01-04"}, "Saturday"),
        ({"start": "2020-12-25"}, "holiday"),
        ({"end": "2031-01-02"}, "future"),
        ({"start": "2020-03-12", "end": "2020-03-11"}, "backwards"),
        ({"start": "yesterday"}, "not a date"),
        ({"window": 0}, "can't be read"),
        ({"window": "5w"}, "can't be read"),
        ({"window": 251}, "can't be read"),
        ({"min_verdict": "none"}, "no verdict"),
        ({"end": "2020-03-12", "as_of": "2020-03-11"}, "not over"),
    ],
)
def test_words_that_mean_nothing(run, options, says):
    with pytest.raises(WindowError, match=says):
        run(**options)


def test_before_the_data_there_is_nothing(run, tmp_path):
    with pytest.raises(NoDataError, match="No member"):
        run(end="2014-12-30")
    with pytest.raises(NoDataError, match="no data"):
        run(store=Store(tmp_path / "empty"))
