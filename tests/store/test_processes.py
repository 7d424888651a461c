"""Several processes at once, and processes that are killed: nothing lost, doubled or unreadable."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

from selloff.store import Store
from selloff.store.place import Folder
from tests.store.oracle import Oracle, frame, rows_of
from tests.store.worker import batch

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("SELLOFF_KILLS", "20"))


def start(kind: str, store: Store, name: str, first: int, stop: int) -> subprocess.Popen[str]:
    """A worker process of its own, never a fork: Delta's threads don't survive one."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker", kind, str(store.place), name, str(first), str(stop)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "POLARS_MAX_THREADS": "1"},
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def expected(batches: dict[str, int]) -> list:
    """What the oracle holds after the first so many batches of each worker."""
    oracle = Oracle()
    for name, number in batches.items():
        for n in range(number):
            oracle.append(r for r in batch(name, n)[0] if r.series != "shared")
    for n in range(max(batches.values(), default=0)):
        oracle.append(r for r in batch("any", n)[0] if r.series == "shared")
    return sorted(oracle.rows)


def test_four_writers_beside_readers_end_with_the_oracles_content(store):
    """The rows that all four send alike are stored once; the store is made by whoever is first."""
    n, n_readers = (8, 2) if isinstance(store.place, Folder) else (3, 1)
    names = ["a", "b", "c", "d"]
    wanted = expected(dict.fromkeys(names, n))
    readers = [start("read", store, "r", 0, len(wanted)) for _ in range(n_readers)]
    writers = [start("append", store, name, 0, n) for name in names]
    for process in [*writers, *readers]:
        finished(process)
    assert sorted(rows_of(store.scan().collect())) == wanted
    assert_sound(store)
    assert store.payload_index().height == 4 * n


def killed(store: Store, name: str, first: int, delay: float) -> int:
    """Start a worker, kill it after a delay, and give the number of batches it had acknowledged by then."""
    process = start("append", store, name, first, 10**6)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    process.kill()
    out, _ = process.communicate(timeout=60)
    acknowledged = [int(line) for line in out.split("\n")[:-1]]
    return acknowledged[-1] + 1 if acknowledged else first


def settle(store: Store, name: str, acknowledged: int) -> int:
    """How many batches are stored after a kill: those acknowledged, and perhaps the one in flight; never
    half."""
    own = sorted(r for r in rows_of(store.scan().collect()) if r.series == f"own_{name}")
    for number in (acknowledged, acknowledged + 1):
        if own == [r for r in expected({name: number}) if r.series != "shared"]:
            return number
    raise AssertionError(f"{name}: {len(own)} rows are neither {acknowledged} nor {acknowledged + 1} batches")


def assert_sound(store: Store) -> None:
    """Every payload of the index is there and has its hash; every own row leads to one."""
    assert {(f.problem, f.fetched_at.microsecond) for f in store.verify_payloads()} <= {("unlinked", 0)}


def assert_only_what_is_referred_to(store: Store) -> None:
    """No data file that the log does not name, and nothing half-written. Delta keeps checkpoints beside its log."""
    names = [e.name for e in store.place.entries()]
    data = [n for n in names if "_delta_log" not in n]
    for table in ("observations", "payloads"):
        opened = DeltaTable(store.place.address(table), storage_options=store.place.options)
        kept = {Path(n).name for n in data if n.startswith(f"{table}/") and n.endswith(".parquet")}
        assert kept == {Path(uri).name for uri in opened.file_uris()}
    assert not [name for name in (Path(n).name for n in data) if name.startswith(".") and name != ".lock"]


@pytest.mark.parametrize("part", range(2))
def test_kills_at_random_moments_lose_and_double_nothing(store, part):
    """On S3 a kill hits an append that takes longer, so fewer of them find as much."""
    chance = random.Random(part)
    done = {"a": 0, "b": 0}
    in_folder = isinstance(store.place, Folder)
    for _ in range(-(-KILLS * 3 // (8 if in_folder else 20))):
        name = chance.choice(list(done))
        acknowledged = killed(store, name, done[name], chance.uniform(0, 0.4 if in_folder else 0.8))
        done[name] = settle(store, name, acknowledged)
        assert_sound(store)
    for name, number in done.items():
        rows, payload = batch(name, number)
        store.append(frame(rows), [payload])
        done[name] = settle(store, name, number + 1)
    before = sorted(rows_of(store.scan().collect()))
    assert before == expected(done)
    store.compact(keep_hours=0)
    assert sorted(rows_of(store.scan().collect())) == before
    assert_sound(store)
    assert_only_what_is_referred_to(store)


def kill_while_made(store: Store, delay: float) -> None:
    """What a first append leaves behind when it is killed is sound, and the next one completes it."""
    done = settle(store, "a", killed(store, "a", 0, delay))
    rows, payload = batch("a", done)
    store.append(frame(rows), [payload])
    assert settle(store, "a", done + 1) == done + 1
    assert_sound(store)


def test_kills_while_the_store_is_made(tmp_path):
    chance = random.Random(7)
    for number in range(-(-KILLS // 4)):
        kill_while_made(Store(tmp_path / str(number)), chance.uniform(0, 0.06))


def test_kills_while_a_store_is_made_in_a_bucket(new_bucket):
    chance = random.Random(8)
    for _ in range(-(-KILLS // 10)):
        kill_while_made(Store(new_bucket()), chance.uniform(0, 0.2))
