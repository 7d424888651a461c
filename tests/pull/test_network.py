"""The pull as a whole, on the demo bank served from 127.0.0.1."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.sources import demo, replay

from selloff.catalog import Catalogue, load
from selloff.catalog.catalogue import plugin_folders
from selloff.catalog.sessions import Sessions
from selloff.errors import CatalogError, SeriesNotFoundError
from selloff.pull.network import NetworkReport, SourceReport, pull
from selloff.pull.quarantine import Quarantine, QuarantineError
from selloff.sources.http import Client, Patience
from selloff.sources.limits import Limiter
from selloff.store import Store

URL = "https://data.demo-bank.example/v1/observations"
NOW = datetime(2026, 2, 10, 15, tzinfo=UTC)
START = date(2026, 1, 5)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(demo.install(tmp_path_factory.mktemp("plugin")))
        yield load(plugins=plugin_folders())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def server() -> Iterator[replay.Replay]:
    with replay.serving([]) as running:
        yield running


Pull = Callable[..., NetworkReport]


@pytest.fixture
def run(store: Store, catalogue: Catalogue, sessions: Sessions, server: replay.Replay) -> Pull:
    def go(*, now: datetime = NOW, offline: bool = False, **options: object) -> NetworkReport:
        patience = Patience(attempts=2, first=0.001, longest=0.002, jitter=0.001)
        mirrors = {"data.demo-bank.example": f"{server.base}/data.demo-bank.example", "*": f"{server.base}/elsewhere"}
        settings = {"mirrors": mirrors, "patience": patience, "keys": lambda _: None, "limiter": Limiter()}
        with Client(**settings, offline=offline, clock=lambda: now) as client:
            return pull(store, catalogue, sessions, client, now=now, **{"sources": ["demo_bank"], **options})

    return go


def days(count: int, first: date = START) -> list[date]:
    return [d for d in (first + timedelta(days=i) for i in range(2 * count)) if d.weekday() < 5][:count]


def answer(code: str, values: dict[date, object], **more: object) -> replay.Answer:
    page = {"code": code, "next": None, "observations": [{"date": str(d), "value": str(v)} for d, v in values.items()]}
    params = {"code": code, **({"page": str(more.pop("page"))} if "page" in more else {})}
    return replay.Answer(URL, json.dumps({**page, **more}).encode(), params)


def quiet(code: str, count: int = 20, level: float = 100.0) -> dict[date, object]:
    return {d: round(level * (1 + 0.002 * (-1) ** i), 4) for i, d in enumerate(days(count))}


def line(report: NetworkReport) -> SourceReport:
    assert len(report.sources) == 1
    return report.sources[0]


def stored(store: Store, series: str) -> list[float]:
    return store.scan().filter(series=series).sort("period_end", "fetched_at").collect()["value"].to_list()


def test_asks_from_the_last_stored_period_on(run: Pull, server: replay.Replay, store: Store) -> None:
    values = quiet("METAL.X")
    server.answers = [answer("METAL.X", dict(list(values.items())[:15]))]
    assert line(run(series=["demo_metal"])).new == 15
    server.answers = [answer("METAL.X", values)]
    report = line(run(series=["demo_metal"], now=NOW + timedelta(hours=1)))
    assert (report.new, report.revised, report.unchanged) == (5, 0, 15)
    assert dict(server.seen[0].params) == {"code": "METAL.X"}
    assert dict(server.seen[1].params)["from"] == str(days(15)[-1] - timedelta(days=14))


def test_corrections_are_rows_of_their_own(run: Pull, server: replay.Replay, store: Store) -> None:
    values = quiet("METAL.X")
    last = max(values)
    for number, value in enumerate((100.2, 100.3, 100.2)):
        server.answers = [answer("METAL.X", {**values, last: value})]
        run(series=["demo_metal"], now=NOW + timedelta(hours=number))
    assert stored(store, "demo_metal")[-3:] == [100.2, 100.3, 100.2]
    assert store.payload_index().height == 3


def test_a_value_seen_before_its_release_rule_is_known_from_then(
    run: Pull, server: replay.Replay, store: Store
) -> None:
    """The rate of Monday is due on Tuesday 08:00 New York; a pull at 06:00 saw it."""
    seen = datetime(2026, 2, 10, 11, tzinfo=UTC)
    server.answers = [answer("RATE.ON", {date(2026, 2, 6): 3.9, date(2026, 2, 9): 3.91})]
    run(series=["demo_rate"], now=seen)
    rows = store.scan().sort("period_end").collect()
    assert rows["known_at"].to_list() == [datetime(2026, 2, 9, 13, tzinfo=UTC), seen]
    assert rows["vintage"].to_list() == ["lagged", "first_seen"]


def test_a_period_that_has_not_ended_is_not_stored(run: Pull, server: replay.Replay, store: Store) -> None:
    server.answers = [answer("METAL.X", {date(2026, 2, 9): 100.0, date(2026, 2, 10): 101.0})]
    report = line(run(series=["demo_metal"]))
    assert (report.new, report.unfinished) == (1, 1)
    report = line(run(series=["demo_metal"], now=NOW + timedelta(hours=12)))
    assert (report.new, report.unchanged) == (1, 1)


def test_pages_stand_or_fall_together(run: Pull, server: replay.Replay, store: Store) -> None:
    """A first page without the second would leave a gap that no later pull fills."""
    server.answers = [
        answer("METAL.X", quiet("METAL.X", 5), next=2),
        replay.Answer(URL, b'{"code": "METAL.X"', {"code": "METAL.X", "page": "2"}),
        answer("OIL.X", quiet("OIL.X", 5)),
    ]
    report = line(run(series=["demo_metal", "demo_oil"]))
    assert report.new == 5 and len(report.failed) == 1
    assert stored(store, "demo_metal") == []


def test_pages_in_circles_end(run: Pull, server: replay.Replay) -> None:
    server.answers = [answer("METAL.X", quiet("METAL.X", 5), next=2), answer("METAL.X", {}, page=2, next=2)]
    assert "do not end" in str(line(run(series=["demo_metal"])).failed[0])


def test_requests_for_the_same_codes_stand_or_fall_together() -> None:
    from selloff.pull.deliveries import Delivery
    from selloff.pull.network import _Job
    from selloff.sources.contract import Ask

    asks = [
        Ask("https://x.example/1", ("A", "B")),
        Ask("https://x.example/2", ("B", "C")),
        Ask("https://x.example/3", ("D",)),
    ]
    job = _Job(None, asks)  # type: ignore[arg-type]
    for index in (1, 2):
        job.done[index] = [Delivery(asks[index], b"", pl.DataFrame(), NOW)]
    job.failed[0] = CatalogError("a", "b")
    kept, held = job.deliveries()
    assert ([d.ask for d in kept], held) == ([asks[2]], 1)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({date(2026, 1, 20): 1.0}, "spike"),
        ({date(2026, 1, 20): 0}, "range"),
        ({date(2031, 1, 20): 100.0}, "impossible_date"),
        ({date(1723, 1, 20): 100.0}, "impossible_date"),
        ({days(20)[-1]: 10020.0}, "unit_jump"),
    ],
)
def test_quarantine(run: Pull, server: replay.Replay, store: Store, bad: dict, reason: str) -> None:
    values = {**quiet("METAL.X"), **bad}
    server.answers = [answer("METAL.X", values)]
    report = line(run(series=["demo_metal"]))
    assert (report.new, report.quarantined, report.failed) == (len(values) - 1, 1, ())
    waiting = Quarantine(store.place).listed()
    assert waiting["reason"].to_list() == [reason]
    assert store.payload_of("demo_bank", waiting["fetched_at"][0]) is not None
    again = line(run(series=["demo_metal"], now=NOW + timedelta(hours=1)))
    assert (again.new, again.quarantined) == (0, 0)
    assert Quarantine(store.place).listed().height == 1


def test_a_crash_is_stored_the_day_it_happens(run: Pull, server: replay.Replay, store: Store) -> None:
    server.answers = [answer("METAL.X", {**quiet("METAL.X"), date(2026, 2, 9): 2.2})]
    assert line(run(series=["demo_metal"])).quarantined == 0
    assert stored(store, "demo_metal")[-1] == 2.2


def test_two_values_for_one_period_are_both_set_aside(run: Pull, server: replay.Replay, store: Store) -> None:
    good = answer("METAL.X", quiet("METAL.X", 5))
    page = json.loads(good.content)
    page["observations"] += [{"date": "2026-01-05", "value": "99.7"}, page["observations"][1]]
    server.answers = [replay.Answer(URL, json.dumps(page).encode(), good.params)]
    report = line(run(series=["demo_metal"]))
    assert (report.new, report.quarantined) == (4, 2)
    assert Quarantine(store.place).listed()["reason"].to_list() == ["duplicate"] * 2


def test_accepting_oil_below_zero(run: Pull, server: replay.Replay, store: Store) -> None:
    values = {**quiet("OIL.X", 20, 18.3), days(22)[-2]: -36.98, days(22)[-1]: 16.0}
    server.answers = [answer("OIL.X", values)]
    assert line(run(series=["demo_oil"])).quarantined == 1
    quarantine = Quarantine(store.place)
    row = quarantine.listed().row(0, named=True)
    assert row["value"] == -36.98
    later = NOW + timedelta(days=3)
    assert quarantine.accept([row["id"]], store, later).new == 1
    kept = store.scan().filter(pl.col("value") == -36.98).collect()
    assert kept["fetched_at"].to_list() == [NOW] and kept["vintage"].to_list() == ["exact"]
    assert store.payload_of("demo_bank", NOW) is not None
    assert quarantine.listed().is_empty() and quarantine.listed(None)["event"].to_list() == ["accepted"]
    with pytest.raises(QuarantineError, match="accepted already"):
        quarantine.reject([row["id"]], later)
    assert line(run(series=["demo_oil"], now=later)).quarantined == 0


def test_rejecting_keeps_the_record(run: Pull, server: replay.Replay, store: Store) -> None:
    server.answers = [answer("METAL.X", {**quiet("METAL.X"), date(2026, 1, 20): 1.0})]
    run(series=["demo_metal"])
    quarantine = Quarantine(store.place)
    found = quarantine.listed()["id"][0]
    assert quarantine.reject([found], NOW + timedelta(hours=1)) == 1
    assert quarantine.listed().is_empty()
    assert line(run(series=["demo_metal"], now=NOW + timedelta(hours=2))).quarantined == 0
    assert 1.0 not in stored(store, "demo_metal")
    assert quarantine.listed(None)["event"].to_list() == ["rejected"]


def test_what_can_not_be_accepted(run: Pull, server: replay.Replay, store: Store) -> None:
    bad = {date(2026, 1, 20): 1.0, date(2031, 1, 1): 100.0}
    server.answers = [answer("METAL.X", {**quiet("METAL.X"), **bad})]
    run(series=["demo_metal"])
    quarantine = Quarantine(store.place)
    ids = dict(quarantine.listed().select("reason", "id").iter_rows())
    with pytest.raises(QuarantineError, match="No value"):
        quarantine.accept(["nothing"], store, NOW)
    with pytest.raises(QuarantineError, match="future"):
        quarantine.accept([ids["impossible_date"]], store, NOW)
    server.answers = [answer("METAL.X", quiet("METAL.X"))]
    run(series=["demo_metal"], now=NOW + timedelta(hours=1))
    with pytest.raises(QuarantineError, match="since given"):
        quarantine.accept([ids["spike"]], store, NOW + timedelta(hours=2))


def test_names_that_do_not_exist(run: Pull) -> None:
    with pytest.raises(CatalogError, match="demo_bank"):
        run(sources=["demo_bnk"])
    with pytest.raises(SeriesNotFoundError, match="demo_metal"):
        run(series=["demo_metl"])


def test_skipped_and_why(run: Pull, catalogue: Catalogue, server: replay.Replay) -> None:
    assert line(run(offline=True)).skipped == "offline"
    entry = catalogue.sources["demo_bank"].model_copy(update={"key": "required"})
    strict = Catalogue(**{**vars(catalogue), "sources": {"demo_bank": entry}})
    with Client(keys=lambda _: None) as client:
        report = pull(Store(Path("nowhere")), strict, None, client, now=NOW)  # type: ignore[arg-type]
    assert line(report).skipped == "no key (SELLOFF_KEY_DEMO_BANK)"
    assert server.seen == []


def test_a_source_that_fails_does_not_stop_another(
    store: Store, catalogue: Catalogue, sessions: Sessions, server: replay.Replay
) -> None:
    """Order of the report is the order asked for; what can't be loaded is named."""
    from selloff.sources.registry import load_sources

    broken = catalogue.sources["demo_bank"].model_copy(update={"id": "no_such_source"})
    both = Catalogue(**{**vars(catalogue), "sources": {**catalogue.sources, "no_such_source": broken}})
    server.answers = [answer(c, quiet(c, 5)) for c in ("METAL.X", "OIL.X", "RATE.ON")]
    registry = load_sources(both.sources.values())
    assert set(registry.broken) == {"no_such_source"}
    with Client(mirrors=server.mirrors, keys=lambda _: None, clock=lambda: NOW) as client:
        report = pull(
            store, both, sessions, client, sources=["no_such_source", "demo_bank"], registry=registry, now=NOW
        )
    assert [s.source for s in report.sources] == ["no_such_source", "demo_bank"]
    assert list(report.failed) == ["no_such_source"] and report.sources[1].new > 0


@pytest.mark.parametrize(("fault", "words"), [("429_far", "86400 s"), ("451", "legal reasons")])
def test_a_service_that_refuses_is_not_asked_again(run: Pull, server: replay.Replay, fault: str, words: str) -> None:
    server.answers = [answer(c, quiet(c, 5)) for c in ("METAL.X", "OIL.X", "RATE.ON")]
    server.fault = fault
    report = line(run(sources=["demo_bank"]))
    asked = len(server.seen)
    assert asked <= 2  # as many as may be under way at once
    assert words in str(report.failed[0]) and f"not sent, as they would be refused too: {3 - asked}" in str(
        report.failed[-1]
    )
    assert report.new == 0
    server.fault = None
    assert line(run(sources=["demo_bank"])).new == 15


def test_an_interruption_keeps_whole_sources(
    store: Store, catalogue: Catalogue, sessions: Sessions, server: replay.Replay
) -> None:
    server.answers = [answer(c, quiet(c, 5)) for c in ("METAL.X", "OIL.X", "RATE.ON")]

    def interrupt(_what: str, done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with Client(mirrors=server.mirrors, keys=lambda _: None, clock=lambda: NOW) as client:
        with pytest.raises(KeyboardInterrupt):
            pull(store, catalogue, sessions, client, sources=["demo_bank"], now=NOW, progress=interrupt)
        assert store.scan().collect().is_empty()
        report = pull(store, catalogue, sessions, client, sources=["demo_bank"], now=NOW)
    assert report.failed == {}


def test_installed_by_pip_it_is_found(tmp_path: Path) -> None:
    """The example plugin, built and installed as a user would."""
    pytest.importorskip("hatchling")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(tmp_path), str(demo.FOLDER)], check=True, capture_output=True)
    code = (
        "from selloff.catalog import default_catalogue as c; from selloff.sources.registry import load_sources as l;"
        "r = l(s for s in c().sources.values() if s.id == 'demo_bank');"
        "print(type(r.sources['demo_bank']).__name__, c().series['demo_oil'].unit.value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["DemoBank", "usd_per_barrel"]
