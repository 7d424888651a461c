"""What every network source has to keep: one suite, over every network entry of the catalogue and the example plugin.

Nothing leaves 127.0.0.1. `SELLOFF_MUTATIONS` sets the length of the campaigns. A source meets a part
of the faults, which rotates with its place in the catalogue; `SELLOFF_FULL` makes every source meet every fault.
"""

from __future__ import annotations

import atexit
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest
from tests.sources import demo, replay

from selloff.catalog import Catalogue, load
from selloff.catalog.catalogue import plugin_folders
from selloff.catalog.sessions import Sessions
from selloff.errors import FetchError, PayloadError, SelloffError
from selloff.pull.network import NetworkReport, SourceReport, pull
from selloff.pull.quarantine import Quarantine
from selloff.sources.contract import PARSED_SCHEMA, Ask, NetworkSource
from selloff.sources.http import Client, Patience
from selloff.sources.limits import Limiter
from selloff.sources.registry import Registry, load_sources
from selloff.store import Store

MUTATIONS = int(os.environ.get("SELLOFF_MUTATIONS", "200"))
RECORDINGS = [
    Path(__file__).parents[1] / "recordings",
    demo.RECORDINGS,
    *([Path(os.environ["SELLOFF_PLUGIN_RECORDINGS"])] if "SELLOFF_PLUGIN_RECORDINGS" in os.environ else []),
]
PLUGIN = Path(tempfile.mkdtemp(prefix="selloff-plugin-"))
atexit.register(shutil.rmtree, PLUGIN, ignore_errors=True)
sys.path.insert(0, str(demo.install(PLUGIN)))

CATALOGUE: Catalogue = load(plugins=plugin_folders())
REGISTRY: Registry = load_sources(CATALOGUE.sources.values())
NETWORK = [s.id for s in CATALOGUE.sources.values() if s.kind == "network"]
MOST_ASKS = 6
KEY = "k3y-of-the-tests-0123456789"
LAST = [None, *(date(y, 1, 1) for y in (2020, 2023, 2024, 2025, 2026))]
PATIENCE = Patience(attempts=2, first=0.001, longest=0.002, jitter=0.001, read=30.0, total=60.0)
BRIEF = replace(PATIENCE, read=0.05)
"""For a server that keeps silent: only the number of times that it is waited for matters. Others may be as slow as a
busy machine makes them."""
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()

every_source = pytest.mark.parametrize("name", NETWORK)


def rotated(faults: tuple[str, ...], one_in: int) -> list[tuple[str, str]]:
    """Pairs of source and fault: each source meets one fault in so many, and each fault one source in so many."""
    full = os.environ.get("SELLOFF_FULL")
    return [(n, f) for i, n in enumerate(NETWORK) for j, f in enumerate(faults) if full or (i + j) % one_in == 0]


LASTING = rotated(replay.FAULTS, 4)
PASSING = rotated(("cut", "too_long", "429", "500", "drop", "gzip_cut", "redirect_within"), 3)


def folder_of(name: str) -> Path:
    found = [root / name for root in RECORDINGS if (root / name / "requests.toml").is_file()]
    assert found, f"tests/recordings/{name}/requests.toml is missing"
    return found[0]


def source_of(name: str) -> NetworkSource:
    assert name not in REGISTRY.broken, REGISTRY.broken.get(name)
    return REGISTRY.sources[name]


def plans(source: NetworkSource) -> list[Ask]:
    """What the source asks for on an empty store, on stores that end at several dates, and as its recording says."""
    today, stored = replay.plan_dates(folder_of(source.id))
    recorded = [] if today is None else source.plan(dict.fromkeys(source.entry.codes, stored), today)
    return [*recorded, *(a for last in LAST for a in source.plan(dict.fromkeys(source.entry.codes, last), TODAY))]


def recorded(source: NetworkSource, answers: list[replay.Answer]) -> list[tuple[Ask, replay.Answer]]:
    """Requests of the plans, and of the pages after them, that the recording answers with values; each body once.

    A source that plans nothing (its files are imported) is taken by the codes that its recording names.
    """
    found: dict[tuple[str, tuple[str, ...]], tuple[Ask, replay.Answer]] = {}
    waiting = plans(source) or [Ask(a.url, a.codes, tuple(a.pairs)) for a in answers if a.codes]
    seen = set()
    while waiting:
        ask = waiting.pop(0)
        answer = replay.matching(answers, ask.url, ask.params)
        if answer is None or ask.name in seen:
            continue
        seen.add(ask.name)
        if not answer.is_error and (answer.file, ask.codes) not in found:
            found[answer.file, ask.codes] = (ask, answer)
            following = source.more(ask, answer.content)
            waiting += [following] if following is not None else []
    return list(found.values())


class Recorded(NetworkSource):
    """A source that plans only what its recording answers."""

    def __init__(self, source: NetworkSource, answers: list[replay.Answer]) -> None:
        super().__init__(source.entry)
        self.id = source.id  # type: ignore[misc]
        self._source = source
        self._asks: list[Ask] = []
        taken: set[str] = set()
        pages = {a.name for a, answer in recorded(source, answers) for a in [source.more(a, answer.content)] if a}
        for ask, _ in recorded(source, answers):
            if ask.name not in pages and not taken & set(ask.codes) and len(self._asks) < MOST_ASKS:
                self._asks.append(ask)
                taken |= set(ask.codes)

    def plan(self, wanted: object, today: date) -> list[Ask]:  # noqa: ARG002
        return self._asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        return self._source.parse(ask, body)

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        return self._source.more(ask, body)


def client_for(server: replay.Replay, cache: Path | None, **changes: object) -> Client:
    settings: dict[str, object] = {
        "cache": cache, "mirrors": server.mirrors, "keys": lambda _: KEY, "patience": PATIENCE, "limiter": Unhurried(),
        "cap": 16 << 20, "clock": lambda: NOW,
    }  # fmt: skip
    return Client(**{**settings, **changes})  # type: ignore[arg-type]


class Unhurried(Limiter):
    """As many at once as the service allows, but no waiting between requests."""

    def _wait(self, turn: object) -> None:  # noqa: ARG002
        return None


@lru_cache
def playing(names: tuple[str, ...]) -> Registry:
    """The sources, each planning what its recording answers."""
    return Registry({n: Recorded(source_of(n), replay.recording(folder_of(n))) for n in names}, {})


def run(
    names: str | tuple[str, ...],
    server: replay.Replay,
    store: Store,
    sessions: Sessions,
    cache: Path | None,
    **changes: object,
) -> NetworkReport:
    wanted = (names,) if isinstance(names, str) else names
    with client_for(server, cache, **changes) as client:
        return pull(store, CATALOGUE, sessions, client, sources=wanted, registry=playing(wanted), now=NOW)


def test_no_source_is_broken() -> None:
    assert REGISTRY.broken == {}
    assert "demo_bank" in NETWORK


@every_source
def test_its_series_list_it(name: str) -> None:
    """A source that a series does not list is never read."""
    entry = CATALOGUE.sources[name]
    assert [s for s in dict.fromkeys(entry.codes.values()) if name not in CATALOGUE.series[s].sources] == []


@every_source
def test_has_a_recording_that_its_plan_reaches(name: str) -> None:
    answers = replay.recording(folder_of(name))
    reached = {answer.file for _, answer in recorded(source_of(name), answers)}
    assert reached, "no request of plan() is answered by the recording"


@every_source
def test_asks_https_urls_without_secrets(name: str) -> None:
    source = source_of(name)
    for ask in plans(source):
        parts = urlsplit(ask.url)
        assert parts.scheme == "https" and parts.hostname and not parts.query and parts.username is None
        assert ask.codes and set(ask.codes) <= set(source.entry.codes)
        assert ask.key_param not in {k for k, _ in ask.params}
        assert ask.key_header not in ask.headers
    if source.entry.key == "none":
        assert all(a.key_param is None and a.key_header is None for a in plans(source))


@every_source
def test_every_code_is_asked_for(name: str) -> None:
    source = source_of(name)
    asked = {c for a in source.plan(dict.fromkeys(source.entry.codes), TODAY) for c in a.codes}
    assert asked == (set(source.entry.codes) if plans(source) else set())


@every_source
def test_parses_its_recording(name: str) -> None:
    source = source_of(name)
    rows = 0
    for ask, answer in recorded(source, replay.recording(folder_of(name))):
        values = source.parse(ask, answer.content)
        assert dict(values.schema) == PARSED_SCHEMA, answer.file
        assert values["code"].is_in(list(source.entry.codes)).all(), answer.file
        assert values["value"].null_count() == 0 and values["value"].is_finite().all(), answer.file
        assert values.filter(pl.col("date").is_null() & pl.col("period_end").is_null()).is_empty(), answer.file
        rows += values.height
    assert rows > 0


@every_source
def test_errors_of_the_service_are_errors(name: str) -> None:
    """A body that reports an error is no data to any request that may get it."""
    source = source_of(name)
    answers = replay.recording(folder_of(name))
    asks = [ask for ask, _ in recorded(source, answers)]
    for answer in answers:
        for ask in [a for a in asks if a.url == answer.url] or asks[:1]:
            if answer.is_error:
                with pytest.raises(SelloffError):
                    source.parse(ask, answer.content)


def mutated(body: bytes, dice: random.Random) -> bytes:
    """A body with a few bytes changed, lost, doubled or cut off."""
    out = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        where = dice.randrange(len(out)) if out else 0
        kind = dice.randrange(6)
        if kind == 0 and out:
            out[where] = dice.randrange(256)
        elif kind == 1:
            del out[where : where + dice.randint(1, 20)]
        elif kind == 2:
            out[where:where] = out[where : where + dice.randint(1, 40)]
        elif kind == 3:
            del out[where:]
        elif kind == 4:
            out[where:where] = bytes(dice.choice(b'0123456789.-,"{}[]<>:\nxNnull \x00\xff') for _ in range(3))
        elif out:
            out[where] ^= 1 << dice.randrange(8)
    return bytes(out)


@every_source
def test_parse_is_total(name: str) -> None:
    """Whatever the bytes: values by the contract, or a selloff error; never another exception."""
    source = source_of(name)
    pairs = recorded(source, replay.recording(folder_of(name)))
    by_file = {answer.file: (ask, answer) for ask, answer in pairs}
    for file, (ask, answer) in by_file.items():
        dice = random.Random(f"{name}/{file}")
        for _ in range(max(1, MUTATIONS // len(by_file))):
            body = mutated(answer.content, dice)
            try:
                values = source.parse(ask, body)
                source.more(ask, body)
            except SelloffError:
                continue
            assert dict(values.schema) == PARSED_SCHEMA
            assert values["value"].null_count() == 0 and values["value"].is_finite().all()
            assert values["code"].is_in(list(source.entry.codes)).all()


@every_source
def test_a_cut_body_gives_no_wrong_number(name: str) -> None:
    """Cut anywhere, and with no length to tell: an error, or values that the whole body has too."""
    source = source_of(name)
    pairs = {answer.file: (ask, answer) for ask, answer in recorded(source, replay.recording(folder_of(name)))}
    for file, (ask, answer) in pairs.items():
        whole = set(source.parse(ask, answer.content).rows())
        dice = random.Random(f"cut {name}/{file}")
        places = range(len(answer.content))
        for place in dice.sample(places, min(len(places), max(1, MUTATIONS // len(pairs)))):
            try:
                values = source.parse(ask, answer.content[:place])
            except SelloffError:
                continue
            assert set(values.rows()) <= whole, f"{file} cut after {place} bytes"


@dataclass(frozen=True)
class Pulled:
    """Two pulls of one source into one folder, and what was stored after each."""

    folder: Path
    store: Store
    reports: tuple[SourceReport, SourceReport]
    rows: tuple[pl.DataFrame, pl.DataFrame]
    payloads: tuple[int, int]


@pytest.fixture(scope="module", params=NETWORK)
def pulled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sessions: Sessions) -> Pulled:
    name, folder = request.param, tmp_path_factory.mktemp("pulled")
    store = Store(folder / "store")

    def once(server: replay.Replay) -> tuple[SourceReport, pl.DataFrame, int]:
        report = run(name, server, store, sessions, folder / "cache").sources[0]
        return report, store.scan().collect(), store.payload_index().height

    with replay.serving(replay.recording(folder_of(name))) as server:
        first, second = once(server), once(server)
    return Pulled(folder, store, *zip(first, second, strict=True))


def test_from_server_to_store_and_nothing_the_second_time(pulled: Pulled) -> None:
    (first, second), (rows, later) = pulled.reports, pulled.rows
    assert first.failed == second.failed == () and first.skipped is None
    assert rows.height == first.new + first.revised > 0
    assert (second.new, second.revised, second.quarantined) == (0, 0, 0)
    assert later.height == rows.height
    assert pulled.payloads[0] == pulled.payloads[1]
    assert (rows["known_at"] >= rows["period_end"]).all()
    for source, fetched_at in rows.select("source", "fetched_at").unique().iter_rows():
        assert pulled.store.payload_of(source, fetched_at) is not None


def test_no_secret_reaches_the_disk(pulled: Pulled) -> None:
    assert not [p for p in pulled.folder.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]
    assert not pulled.store.payload_index()["name"].str.contains(KEY, literal=True).any()


@pytest.mark.parametrize("pairs", [LASTING, PASSING], ids=["lasting", "passing"])
def test_every_fault_and_every_source_has_its_turns(pairs: list[tuple[str, str]]) -> None:
    assert {name for name, _ in pairs} == set(NETWORK)
    assert min(Counter(name for name, _ in pairs).values()) >= 2
    assert min(Counter(fault for _, fault in pairs).values()) >= 5


def test_every_fault_is_met() -> None:
    assert {fault for _, fault in LASTING} == set(replay.FAULTS)


@pytest.mark.parametrize(("name", "fault"), LASTING)
def test_a_fault_is_a_typed_error_and_stores_nothing(name: str, fault: str, tmp_path: Path, sessions: Sessions) -> None:
    store = Store(tmp_path / "store")
    with replay.serving(replay.recording(folder_of(name))) as server:
        server.fault = fault
        patience = BRIEF if fault == "slow" else PATIENCE
        report = run(name, server, store, sessions, None, patience=patience).sources[0]
        assert report.failed, "the fault went unnoticed"
        assert all(isinstance(e, FetchError | PayloadError) for e in report.failed)
        assert all(e.message and KEY not in str(e) for e in report.failed)
        assert not any("elsewhere.example.net" in s.url for s in server.seen)
    assert (report.new, report.revised, report.quarantined) == (0, 0, 0)
    assert store.scan().collect().is_empty()
    assert Quarantine(store.place).events().is_empty()


@pytest.mark.parametrize(("name", "fault"), PASSING)
def test_a_passing_fault_is_overcome(name: str, fault: str, tmp_path: Path, sessions: Sessions) -> None:
    store = Store(tmp_path / "store")
    with replay.serving(replay.recording(folder_of(name))) as server:
        server.fault, server.times = fault, 1
        report = run(name, server, store, sessions, tmp_path / "cache").sources[0]
    assert report.failed == () and report.new > 0
