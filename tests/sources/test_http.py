"""The HTTP client against a server that misbehaves, on 127.0.0.1 only."""

from __future__ import annotations

import logging
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from selloff.catalog import Source
from selloff.catalog.sourcelist import Limit
from selloff.errors import FetchError, OfflineError, PayloadError
from selloff.sources.answers import retry_after
from selloff.sources.contract import Ask
from selloff.sources.domains import Mirrors, redirected, registrable
from selloff.sources.http import Client, MissingKeyError, Patience
from selloff.sources.limits import Clock, Limiter, StoppedError
from tests.sources import replay

URL = "https://data.example.org/v1/prices.csv"
CONTENT = b"date,value\n" + b"".join(b"2026-01-%02d,%d.5\n" % (day, day) for day in range(1, 29))
KEY = "s3cret/with+signs=&%"
HASTY = Patience(attempts=3, first=0.001, longest=0.002, jitter=0.001)
BRIEF = replace(HASTY, read=0.2)
"""For a server that keeps silent. Others may be as slow as a busy machine makes them."""


def entry(**changes: object) -> Source:
    return Source.model_validate({
        "id": "bank", "kind": "network", "name": "Bank", "publisher": "p", "licence": "l", "contact": "https://b.example",
        "limit": {"requests": 1000, "seconds": 1.0, "at_once": 4}, **changes,
    })  # fmt: skip


@pytest.fixture
def server() -> Iterator[replay.Replay]:
    with replay.serving([replay.Answer(URL, CONTENT, headers={"content-type": "text/csv"})]) as running:
        yield running


def client(server: replay.Replay, **changes: object) -> Client:
    settings: dict[str, object] = {
        "mirrors": server.mirrors, "patience": HASTY, "keys": lambda _: None, "limiter": Limiter(), "cap": 1 << 20,
    }  # fmt: skip
    return Client(**{**settings, **changes})  # type: ignore[arg-type]


def test_delivers_the_bytes(server: replay.Replay) -> None:
    with client(server) as http:
        body = http.fetch(Ask(URL, ("A",), (("from", "2026-01-01"), ("q", "a b&c"))), entry())
    assert (body.content, body.status, body.from_cache) == (CONTENT, 200, False)
    assert body.fetched_at.tzinfo is not None
    assert server.seen[0].params == [("from", "2026-01-01"), ("q", "a b&c")]
    assert server.seen[0].headers["user-agent"].startswith("selloff/")


def test_a_source_may_name_its_own_user_agent(server: replay.Replay) -> None:
    with client(server) as http:
        http.fetch(Ask(URL, ("A",), headers={"User-Agent": "someone@example.org"}), entry())
    assert [v for k, v in server.seen[0].headers.items() if k.lower() == "user-agent"] == ["someone@example.org"]


def test_unchanged_bodies_come_from_the_cache_only_after_asking(server: replay.Replay, tmp_path: Path) -> None:
    server.answers[0] = replay.Answer(URL, CONTENT, headers={"cache-control": "max-age=31536000"})
    for expected in (False, True):
        with client(server, cache=tmp_path) as http:
            body = http.fetch(Ask(URL, ("A",)), entry())
        assert (body.content, body.from_cache) == (CONTENT, expected)
    assert (len(server.seen), server.not_modified) == (2, 1)
    server.answers[0] = replay.Answer(URL, b"new")
    with client(server, cache=tmp_path) as http:
        assert http.fetch(Ask(URL, ("A",)), entry()).content == b"new"


def test_a_forgotten_body_is_fetched_again(server: replay.Replay, tmp_path: Path) -> None:
    with client(server, cache=tmp_path) as http:
        http.fetch(Ask(URL, ("A",)), entry())
        http.forget(Ask(URL, ("A",)))
        assert not http.fetch(Ask(URL, ("A",)), entry()).from_cache


@pytest.mark.parametrize("fault", ["cut", "too_long", "gzip_cut", "drop"])
def test_a_broken_body_is_never_cached(server: replay.Replay, tmp_path: Path, fault: str) -> None:
    server.fault, server.times = fault, 1
    with client(server, cache=tmp_path) as http:
        assert http.fetch(Ask(URL, ("A",)), entry()).content == CONTENT
        assert http.fetch(Ask(URL, ("A",)), entry()).content == CONTENT


@pytest.mark.parametrize("fault", ["slow", "cut", "too_long", "429", "500", "drop", "gzip_cut"])
def test_tries_again_and_gives_up(server: replay.Replay, fault: str) -> None:
    server.fault = fault
    with client(server, patience=BRIEF if fault == "slow" else HASTY) as http, pytest.raises(FetchError, match="Bank"):
        http.fetch(Ask(URL, ("A",)), entry())
    assert len(server.seen) == HASTY.attempts


@pytest.mark.parametrize(
    ("fault", "words"),
    [("403", "refuses this program"), ("404", "catalogue entry"), ("451", "legal reasons"), ("429_far", "86400 s"),
     ("redirect_elsewhere", "another domain")],
)  # fmt: skip
def test_does_not_try_again_what_will_not_change(server: replay.Replay, fault: str, words: str) -> None:
    server.fault = fault
    with client(server) as http, pytest.raises(FetchError, match=words):
        http.fetch(Ask(URL, ("A",)), entry())
    assert len(server.seen) == 1


def test_a_bomb_is_not_unpacked(server: replay.Replay) -> None:
    server.fault = "gzip_bomb"
    assert len(replay.bomb()) < 1 << 20
    with client(server) as http:
        tracemalloc.start()
        try:
            with pytest.raises(PayloadError, match="more than 1 MiB"):
                http.fetch(Ask(URL, ("A",)), entry())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < replay.BOMB_BYTES // 4


def test_follows_a_redirect_within_the_domain(server: replay.Replay) -> None:
    server.fault = "redirect_within"
    with client(server) as http:
        assert http.fetch(Ask(URL, ("A",)), entry()).content == CONTENT
    assert ("moved", "1") in server.seen[1].params


def test_a_key_goes_to_the_service_and_nowhere_else(
    server: replay.Replay, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers[0] = replay.Answer(URL, f'{{"next": "?apikey={KEY}"}}'.encode())
    with client(server, cache=tmp_path, keys=lambda _: KEY) as http:
        body = http.fetch(Ask(URL, ("A",), key_param="apikey", key_header="X-Key"), entry(key="optional"))
    assert dict(server.seen[0].params)["apikey"] == KEY
    assert server.seen[0].headers["X-Key"] == KEY
    assert KEY.encode() not in body.content
    assert KEY not in caplog.text
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_key_is_not_in_an_error(server: replay.Replay) -> None:
    server.answers[0] = replay.Answer(URL, f"bad key {KEY}".encode(), status=400)
    with client(server, keys=lambda _: KEY) as http, pytest.raises(FetchError) as caught:
        http.fetch(Ask(URL, ("A",), key_param="apikey"), entry(key="required"))
    assert "bad key ***" in str(caught.value)
    seen: BaseException | None = caught.value
    while seen is not None:
        assert KEY not in repr(seen)
        seen = None if seen.__suppress_context__ else seen.__context__


def test_a_required_key_that_is_missing(server: replay.Replay) -> None:
    with client(server) as http, pytest.raises(MissingKeyError, match="SELLOFF_KEY_BANK"):
        http.fetch(Ask(URL, ("A",), key_param="apikey"), entry(key="required"))
    assert server.seen == []


def test_a_redirect_that_echoes_the_key_does_not_double_it(server: replay.Replay) -> None:
    server.fault = "redirect_within"
    with client(server, keys=lambda _: KEY) as http:
        http.fetch(Ask(URL, ("A",), key_param="apikey"), entry(key="optional"))
    assert [v for k, v in server.seen[1].params if k == "apikey"] == [KEY]


def test_offline_is_before_any_socket(server: replay.Replay) -> None:
    with client(server, offline=True) as http, pytest.raises(OfflineError):
        http.fetch(Ask(URL, ("A",)), entry())
    assert server.seen == []


@pytest.mark.parametrize("url", ["http://data.example.org/x", "ftp://data.example.org/x", "https://me@example.org/"])
def test_only_https(url: str) -> None:
    with Client(keys=lambda _: None) as http, pytest.raises(FetchError):
        http.fetch(Ask(url, ("A",)), entry())


def test_an_unverified_certificate_is_refused(tmp_path: Path) -> None:
    """A server that speaks TLS with nobody's certificate; the mirror may be https on any host."""
    import ssl
    import subprocess
    from http.server import BaseHTTPRequestHandler, HTTPServer

    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    made += ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            return None

    running = Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        mirrors = {"*": f"https://127.0.0.1:{running.server_address[1]}"}
        http = Client(mirrors=mirrors, patience=HASTY, keys=lambda _: None)
        with http, pytest.raises(FetchError, match="certificate"):
            http.fetch(Ask(URL, ("A",)), entry())
    finally:
        running.shutdown()
        running.server_close()


@pytest.mark.parametrize("base", ["http://mirror.example.org", "http://10.0.0.1:80", "ftp://127.0.0.1"])
def test_a_mirror_is_https_or_on_this_machine(base: str) -> None:
    with pytest.raises(FetchError):
        Mirrors({"data.example.org": base})


@pytest.mark.parametrize(
    ("host", "owner"),
    [("api.stlouisfed.org", "stlouisfed.org"), ("data.gov.uk", "data.gov.uk"), ("a.b.co.jp", "b.co.jp"),
     ("x.s3.amazonaws.com", "s3.amazonaws.com"), ("localhost", "localhost"), ("127.0.0.1", "127.0.0.1")],
)  # fmt: skip
def test_registrable(host: str, owner: str) -> None:
    assert registrable(host) == owner


@pytest.mark.parametrize(
    ("asked", "location"),
    [("https://a.example.org/x", "https://example.net/"), ("https://a.example.org/x", "http://a.example.org/x"),
     ("https://a.co.uk/x", "https://b.co.uk/x"), ("https://a.example.org/x", "http://127.0.0.1:8000/x"),
     ("http://127.0.0.1:8000/x", "http://127.0.0.1:8001/x"), ("https://a.example.org/x", "//example.net/x"),
     ("https://a.example.org/x", "")],
)  # fmt: skip
def test_redirects_that_are_refused(asked: str, location: str) -> None:
    with pytest.raises(FetchError):
        redirected(asked, asked, location)


@pytest.mark.parametrize(
    ("location", "target"),
    [("/y?z=1", "https://a.example.org/y?z=1"), ("https://b.example.org/y", "https://b.example.org/y")],
)
def test_redirects_that_are_followed(location: str, target: str) -> None:
    assert redirected("https://a.example.org/x", "https://a.example.org/x", location) == target


def test_retry_after() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert retry_after("7", now) == 7.0
    assert retry_after("Thu, 01 Jan 2026 12:00:09 GMT", now) == 9.0
    assert retry_after("soon", now) is None
    assert retry_after(None, now) is None


class Ticks:
    """A clock that only moves when someone sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_no_window_holds_more_requests_than_the_limit() -> None:
    ticks = Ticks()
    limiter = Limiter(Clock(lambda: ticks.time, ticks.sleep))
    limit, starts = Limit(requests=3, seconds=6.0), []
    for _ in range(20):
        with limiter.turn("bank", limit):
            starts.append(ticks.time)
    assert all(later - earlier >= 6.0 for earlier, later in zip(starts, starts[3:], strict=False))
    assert starts[-1] == pytest.approx(36.0)


def test_two_sources_of_one_service_share_its_limit_and_its_key(server: replay.Replay) -> None:
    ticks = Ticks()
    limiter = Limiter(Clock(lambda: ticks.time, ticks.sleep))
    fred = entry(id="fred", limit={"requests": 2, "seconds": 6.0}, key="required")
    alfred = entry(id="alfred", limit={"requests": 2, "seconds": 6.0}, key="required", service="fred")
    asked: list[str] = []

    def keys(name: str) -> str:
        asked.append(name)
        return KEY

    starts = []
    with client(server, limiter=limiter, keys=keys) as http:
        for one in (fred, alfred, alfred, fred, alfred):
            http.fetch(Ask(URL, ("A",), key_param="api_key"), one)
            starts.append(ticks.time)
    assert starts == [0.0, 0.0, 6.0, 6.0, 12.0]
    assert set(asked) == {"fred"}
    with client(server) as http, pytest.raises(MissingKeyError, match="SELLOFF_KEY_FRED"):
        http.fetch(Ask(URL, ("A",), key_param="api_key"), alfred)


def test_no_more_at_once_than_the_limit() -> None:
    limiter, limit = Limiter(), Limit(requests=1000, seconds=1.0, at_once=2)
    inside, most, lock = [0], [0], threading.Lock()

    def work() -> None:
        with limiter.turn("bank", limit):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            threading.Event().wait(0.02)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def test_who_waits_can_be_stopped() -> None:
    limiter, limit = Limiter(), Limit(requests=1, seconds=3600.0)
    with limiter.turn("bank", limit):
        pass
    threading.Timer(0.05, limiter.stop.set).start()
    with pytest.raises(StoppedError), limiter.turn("bank", limit):
        pass
