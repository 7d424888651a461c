"""The scan on the synthetic world: what it finds, that it agrees with `explain`, and that nothing later matters."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from deltalake import write_deltalake

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


REVISED = datetime(2021, 6, 1, 12, tzinfo=UTC)
LATER = "2021-06-02"


def _revised(store: Store, folder: Path, values: pl.Expr, which: pl.Expr) -> Store:
    """A copy of the store in which some values were revised on the first of June 2021."""
    shutil.copytree(store.place.path, folder, ignore=shutil.ignore_patterns("observations"))
    rows = store.scan().collect()
    moment = pl.lit(REVISED).dt.cast_time_unit("us")
    again = rows.filter((pl.col("known_at") < REVISED) & which).with_columns(
        values.alias("value"), vintage=pl.lit("first_seen"), known_at=moment, fetched_at=moment
    )
    assert again.height > 0
    write_deltalake(str(folder / "observations"), pl.concat([rows, again.select(rows.columns)]), mode="overwrite")
    return Store(folder)


def test_a_rescaled_history_leaves_every_verdict(run, store, tmp_path, world):
    """An adjusted file is rescaled as a whole at each dividend: prices of every day change, and no move."""
    prices = [i for i, s in world.catalogue.series.items() if s.formula is None and s.transform == "log"]
    rescaled = _revised(store, tmp_path / "rescaled", pl.col("value") * 0.996, pl.col("series").is_in(prices))
    ends = {"end": "2021-05-28", "as_of": LATER}
    before, after = run(**ends), run(**ends, store=rescaled)
    assert len(before.episodes) > 5
    assert after.counts == before.counts
    for a, b in zip(before.episodes, after.episodes, strict=True):
        assert (a.peak, a.verdict, a.classes_down, a.n_windows) == (b.peak, b.verdict, b.classes_down, b.n_windows)
        assert [d or 0.0 for d in b.depth.values()] == pytest.approx([d or 0.0 for d in a.depth.values()], rel=1e-6)


def test_scan_and_explain_agree_on_a_store_with_revisions(run, store, tmp_path, explain_world):
    """Corrections of one in twenty values by up to one per cent, read once they are known."""
    picked = pl.int_range(pl.len()) % 20 == 0
    corrected = pl.col("value") * (1 + (pl.int_range(pl.len()) % 3 - 1) / 100)
    revised = _revised(store, tmp_path / "revised", corrected, picked & (pl.col("value") != 0))
    found = run(end="2021-05-28", as_of=LATER, store=revised)
    assert len(found.episodes) > 5
    for e in found.episodes[-6:]:
        said = explain_world(f"{e.peak.start}:{e.peak.end}", store=revised, as_of=LATER).joint
        assert (said.verdict, said.classes_down) == (e.verdict, e.classes_down)
        assert [d.depth or 0.0 for d in said.depths] == pytest.approx([d or 0.0 for d in e.depth.values()], rel=1e-9)


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
        "schema_version", "first", "last", "as_of", "windows", "min_verdict", "years", "counts", "episodes", "stress",
    }  # fmt: skip
    table = whole.to_pandas()
    assert len(table) == len(whole.episodes)
    assert {"start", "end", "verdict", "peak_sessions", "depth_crypto", "return_period_years"} <= set(table.columns)
    page, fragment = whole.to_html(), whole._repr_html_()
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert str(worlds.CRASH) in fragment and "<html" not in fragment
    assert "Stress, and every sell-off" in fragment and "Stress, and every sell-off" in page
    stress = document["stress"]
    days = [date.fromisoformat(d) for d in stress["dates"]]
    assert len(days) == len(stress["values"]) > 100
    assert len({d.isocalendar()[:2] for d in days}) == len(days)
    assert days == sorted(days) and all(0 < v <= 1 for v in stress["values"])


def test_the_same_bytes_twice(run, whole):
    assert run().to_json() == whole.to_json()


# -- where a scan begins and ends


def test_it_ends_where_the_data_end_whenever_it_is_run(run, whole, explain_world):
    """Years without data are neither claimed nor counted, and the moment of the run leaves no trace."""
    years_later = NOW + timedelta(days=1000, seconds=1, microseconds=7)
    assert whole.last == worlds.LAST == explain_world().window.end
    assert whole.as_of == morning_note(worlds.LAST)
    assert max(whole.stress.dates) <= worlds.LAST
    assert run(now=years_later).to_json() == whole.to_json()


def test_it_begins_with_the_first_window_that_can_be_judged(run, whole, world, explain_world):
    row = world.sessions.position(whole.first)
    assert any(d.depth is not None for d in explain_world(str(whole.first)).joint.depths)
    eve = world.sessions.dates[row - 1].item()
    with pytest.raises(NoDataError, match="No window"):
        run(end=eve)
    assert whole.years == pytest.approx((world.sessions.position(whole.last) - row + 1) / 252)


def test_a_last_session_beyond_the_data_is_cut_to_them(run, whole):
    cut = run(end="2022-03-01", now=datetime(2022, 3, 2, 15, tzinfo=UTC))
    assert (cut.last, cut.years, cut.counts) == (whole.last, whole.years, whole.counts)
    assert cut.stress.dates[-1] <= worlds.LAST
    with pytest.raises(NoDataError, match="end on 2021-12-31"):
        run("2022-02-01", "2022-03-01", now=datetime(2022, 3, 2, 15, tzinfo=UTC))


def test_before_the_morning_note_two_runs_still_give_the_same_bytes(run, world):
    """At 18:00 and at 19:00 on a session's evening the same is known."""
    evening = datetime(2021, 11, 17, 23, 30, 0, 1, tzinfo=UTC)
    one, two = run(now=evening), run(now=evening + timedelta(minutes=20, microseconds=5))
    assert one.last == date(2021, 11, 17)
    assert one.as_of <= evening
    assert one.to_json() == two.to_json()


def test_catalogue_episodes_that_overlap_are_named(whole):
    for e in whole.episodes:
        for name in e.episodes:
            named = whole.catalogue.find_episode(name)
            assert named.base < e.end
            assert named.end >= e.start


def test_a_catalogue_episode_is_named_once_it_is_over(whole, run, world):
    """The catalogue knows when covid-2020 ended; nobody did in February 2020."""
    names = sorted({n for e in whole.episodes for n in e.episodes})
    shared = 0
    for named in map(whole.catalogue.find_episode, names):
        eve = world.sessions.dates[world.sessions.position(named.end) - 1].item()
        found = run(end=eve).episodes
        assert not any(named.id in e.episodes for e in found)
        shared += any(named.base < e.end for e in found)
    assert shared >= 3


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
