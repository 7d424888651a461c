"""The two sorts of place keep one contract; a bucket that can't be used is one clear error."""

from __future__ import annotations

import http.server
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import polars as pl
import pytest

from selloff.errors import SettingsError, StoreError
from selloff.settings import Settings
from selloff.store import Store
from selloff.store.place import Folder, open_place
from tests.buckets import NOBODY
from tests.commands import selloff
from tests.store.oracle import Row, frame
from tests.store.strategies import SERIES, day

ROW = Row("plain", "first", day(0), day(0), 1.0, "exact", day(1))


def names(place, folder=""):
    return sorted(e.name for e in place.entries(folder))


def test_bytes_are_written_read_replaced_and_removed(place):
    with pytest.raises(FileNotFoundError):
        place.read("a/b")
    place.write("a/b", b"one")
    place.write("a/b", b"two")
    assert place.read("a/b") == b"two"
    place.remove("a/b")
    place.remove("a/b")
    assert names(place) == []


def test_a_name_is_created_once(place):
    assert place.create("FORMAT", b"first")
    assert not place.create("FORMAT", b"second")
    assert place.read("FORMAT") == b"first"
    assert names(place) == ["FORMAT"]


def test_of_several_that_create_a_name_one_wins(place):
    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda n: place.create("FORMAT", bytes([n])), range(6)))
    assert sum(won) == 1
    assert place.read("FORMAT") == bytes([won.index(True)])


def test_entries_are_those_of_the_folder_with_size_and_age(place):
    assert names(place, "raw") == []
    before = datetime.now(UTC).timestamp()
    for name in ("raw/ab/x", "raw/y", "rawhide/z", "top"):
        place.write(name, b"12345")
    assert names(place, "raw") == ["raw/ab/x", "raw/y"]
    assert names(place) == ["raw/ab/x", "raw/y", "rawhide/z", "top"]
    [entry] = place.entries("rawhide")
    assert entry.size == 5
    # S3 gives whole seconds
    assert before - 1 <= entry.modified <= time.time() + 1


def test_sizes_are_those_of_the_names_asked_for(place):
    place.write("t/one", b"1")
    place.write("t/two", b"22")
    place.write("t/deep/three", b"333")
    assert place.sizes("t", ["two", "deep/three"]) == {"two": 2, "deep/three": 3}
    assert place.sizes("t", []) == {}
    with pytest.raises(FileNotFoundError, match="four"):
        place.sizes("t", ["one", "four"])


def test_a_folder_goes_with_all_that_is_below_it_and_nothing_beside(place):
    for name in ("a/x", "a/b/y", "ab/z"):
        place.write(name, b"1")
    place.remove_folder("a")
    place.remove_folder("nothing")
    assert names(place) == ["ab/z"]


def test_delta_finds_what_a_place_lists(place):
    pl.DataFrame({"n": [1, 2]}).write_delta(place.address("table"), storage_options=place.options)
    assert pl.read_delta(place.address("table"), storage_options=place.options)["n"].to_list() == [1, 2]
    assert "table/_delta_log/00000000000000000000.json" in names(place, "table")


def test_an_address_is_a_folder_or_a_bucket(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(open_place("~/data")) == str(tmp_path / "data")
    assert isinstance(open_place(str(tmp_path)), Folder)
    for wrong in ("gs://bucket/prefix", "http://host/store"):
        with pytest.raises(SettingsError, match="s3://bucket/prefix"):
            open_place(wrong)
    with pytest.raises(SettingsError, match="names no bucket"):
        open_place("s3:///prefix")


def test_the_store_lies_in_the_home_folder_unless_said_otherwise(tmp_path):
    assert Settings(home=tmp_path).store_place == str(tmp_path / "store")
    assert Settings(home=tmp_path, store="s3://b/p").store_place == "s3://b/p"
    assert Settings(home=tmp_path, store="s3://b/p").cache_path == tmp_path / "cache"


# -- buckets that can't be used


class Refusing(http.server.BaseHTTPRequestHandler):
    """What S3 says to keys that it does not know."""

    def do_GET(self):
        body = b"<?xml version='1.0'?><Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def refusing(s3, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


def each_use(address):
    """Every way into a store, each with what it raises."""
    uses = (
        lambda: Store(address).read(SERIES, None),
        lambda: Store(address).append(frame([ROW])),
        lambda: Store(address).is_empty(),
        lambda: Store(address).disk_use(),
        lambda: Store(address).compact(),
    )
    for use in uses:
        with pytest.raises(StoreError) as raised:
            use()
        assert "\n" not in str(raised.value)
        assert address in raised.value.message
        yield raised.value


def test_a_bucket_that_is_not_there(s3):
    for error in each_use("s3://no-such-bucket/store"):
        assert "there is no bucket 'no-such-bucket'" in error.message
        assert "SELLOFF_STORE" in error.hint


def test_keys_that_are_refused(refusing):
    for error in each_use("s3://bucket/store"):
        assert "refuses the credentials" in error.message
        assert "AWS_SECRET_ACCESS_KEY" in error.hint


def test_no_keys(s3, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreError, match="no credentials were found"):
        Store("s3://bucket/store").is_empty()


def test_nobody_answers(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY)
    with pytest.raises(StoreError, match=f"{NOBODY} does not answer"):
        Store("s3://bucket/store").is_empty()


def test_an_endpoint_without_encryption_needs_the_users_word(s3, monkeypatch):
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(StoreError, match="AWS_ALLOW_HTTP"):
        Store("s3://bucket/store").is_empty()


def test_without_the_extra_the_error_names_it(monkeypatch):
    for name in ("obstore", "obstore.store", "obstore.exceptions"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(StoreError, match=r"selloff\[s3\]"):
        Store("s3://bucket/store")


def aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


@pytest.mark.parametrize("command", [("explain", "2020-03-12"), ("data", "status"), ("data", "verify")])
def test_the_command_line_says_it_once_and_exits_with_2(s3, tmp_path, command):
    run = selloff(*command, home=tmp_path / "home", SELLOFF_STORE="s3://no-such-bucket/x", SELLOFF_OFFLINE="1", **aws())
    assert run.returncode == 2
    assert run.stderr.count("there is no bucket 'no-such-bucket'") == 1
    assert "Traceback" not in run.stderr


def test_a_store_in_a_bucket_answers_on_the_command_line(new_bucket, tmp_path):
    address = new_bucket()
    series = "sp500"
    rows = frame([Row(series, "import", day(n), day(n), 3000.0 + n, "exact", day(9)) for n in range(3)])
    Store(address).append(rows)
    where = {"home": tmp_path / "home", "SELLOFF_STORE": address, "SELLOFF_OFFLINE": "1", **aws()}
    status = selloff("data", "status", **where)
    assert status.returncode == 0, status.stderr
    assert address in status.stdout.replace("\n", "")
    counted = selloff("data", "sql", "SELECT count(*) AS n FROM observations", "--format", "csv", **where)
    assert counted.stdout.split() == ["n", "3"]
    compacted = selloff("data", "compact", **where)
    assert compacted.returncode == 0, compacted.stderr
    assert not (tmp_path / "home" / "store").exists()
