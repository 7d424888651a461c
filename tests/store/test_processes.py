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
from tests.store.oracle import Oracle, frame, rows_of
from tests.store.worker import batch

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("SELLOFF_KILLS", "20"))


def start(kind: str, store: Path, name: str, first: int, stop: int) -> subprocess.Popen[str]:
    """A worker process of its own, never a fork: Delta's threads don't survive one."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker", kind, str(store), name, str(first), str(stop)],
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


def test_four_writers_and_two_readers_end_with_the_oracles_content(tmp_path):
    """The rows that all four send alike are stored once; the store is made by whoever is first."""
    store, n = tmp_path / "store", 8
    names = ["a", "b", "c", "d"]
    wanted = expected(dict.fromkeys(names, n))
    readers = [start("read", store, "r", 0, len(wanted)) for _ in range(2)]
    writers = [start("append", store, name, 0, n) for name in names]
    for process in [*writers, *readers]:
        finished(process)
    stored = Store(store)
    assert sorted(rows_of(stored.scan().collect())) == wanted
    assert_sound(stored)
    assert stored.payload_index().height == 4 * n


def killed(store: Path, name: str, first: int, delay: float) -> int:
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


def files_of(path: Path) -> set[str]:
    return {str(p.relative_to(path)) for p in path.rglob("*.parquet")}


@pytest.mark.parametrize("part", range(2))
def test_kills_at_random_moments_lose_and_double_nothing(tmp_path, part):
    chance = random.Random(part)
    path, done = tmp_path / "store", {"a": 0, "b": 0}
    store = Store(path)
    for _ in range(max(1, KILLS * 3 // 8)):
        name = chance.choice(list(done))
        acknowledged = killed(path, name, done[name], chance.uniform(0, 0.4))
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
    for table in ("observations", "payloads"):
        uris = {Path(u.removeprefix("file://")).name for u in DeltaTable(str(path / table)).file_uris()}
        assert files_of(path / table) == uris
    assert not [p for p in path.rglob(".*") if p.is_file() and p.name != ".lock" and "_delta_log" not in p.parts]


def test_kills_while_the_store_is_made(tmp_path):
    chance = random.Random(7)
    for number in range(max(1, KILLS // 4)):
        path = tmp_path / str(number)
        acknowledged = killed(path, "a", 0, chance.uniform(0, 0.06))
        store = Store(path)
        done = settle(store, "a", acknowledged)
        rows, payload = batch("a", done)
        store.append(frame(rows), [payload])
        assert settle(store, "a", done + 1) == done + 1
        assert_sound(store)
