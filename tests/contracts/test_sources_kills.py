"""Kills in the midst of a pull, over the sources of the contract suite. `SELLOFF_KILLS` sets how many."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contracts.test_sources_contract import NETWORK, folder_of, run
from tests.sources import replay

from selloff.catalog.sessions import Sessions
from selloff.store import Store

KILLS = int(os.environ.get("SELLOFF_KILLS", "20"))
MOST_TRIES = 5
KILLED = tuple(dict.fromkeys(["demo_bank", *NETWORK[:3]]))

PULLS = """
import json, os, sys, time
import hishel.httpx2, selloff.sources.wire, stamina
sys.path[:0] = sys.argv[3:]
from selloff.catalog.sessions import load_sessions
from tests.contracts.test_sources_contract import *
from tests.contracts.test_sources_kills import KILLED
cache, mirrors = Path(sys.argv[1]), json.loads(sys.argv[2])
sessions, registry = load_sessions(cache, last_year=datetime.now(UTC).year + 1), playing(KILLED)
names = [file.read_text() for file in Path("/proc/self/task").glob("*/comm")]
assert not [n for n in names if n.startswith(("polars-0", "tokio"))], "a pool of threads would not survive the fork"
while line := sys.stdin.readline():
    pid = os.fork()
    if pid == 0:
        home = Path(line.strip())
        client = Client(home / "cache", mirrors=mirrors, keys=lambda _: KEY, limiter=Unhurried(), clock=lambda: NOW)
        print("ready", os.getpid(), flush=True)
        started = time.monotonic()
        pull(Store(home), CATALOGUE, sessions, client, sources=KILLED, registry=registry, now=NOW)
        print("done", time.monotonic() - started, flush=True)
        os._exit(0)
    sys.stdin.readline()
    os.waitpid(pid, 0)
    print("over", flush=True)
"""
"""A process that forks one pull for each folder it is told: importing everything each time would be most of the test.
It buries a pull only when told, so that its number can't be another's when the signal is sent."""


@contextmanager
def pulls(server: replay.Replay, cache: Path) -> Iterator[subprocess.Popen[str]]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "ignore", "-c", PULLS, str(cache), json.dumps(server.mirrors)]
    with subprocess.Popen(
        [*command, str(root), str(root / "tests")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        yield parent
        assert parent.stdin is not None
        parent.stdin.close()
        assert parent.wait() == 0


def test_kills_leave_the_store_whole(tmp_path: Path, sessions: Sessions, sessions_cache: Path) -> None:
    """SIGKILL at random moments of a pull: what is stored is right, opens to its bytes, and the next pull completes it.

    The moments are spread over the time that the last whole pull took. A pull that was over before its kill says how
    fast the machine is now, and another takes its place.
    """
    dice = random.Random(4)
    columns = ["series", "source", "period_end", "value"]
    answers = [a for name in KILLED for a in replay.recording(folder_of(name))]
    with replay.serving(answers) as server, pulls(server, sessions_cache) as parent:

        def pulled(home: Path, kill_after: float | None) -> float | None:
            """How long a pull took, or None if it was killed in its midst."""
            assert parent.stdin is not None and parent.stdout is not None
            print(home, file=parent.stdin, flush=True)
            ready, _, pid = parent.stdout.readline().partition(" ")
            assert ready == "ready"
            if kill_after is not None:
                time.sleep(kill_after)
                os.kill(int(pid), signal.SIGKILL)
            print(file=parent.stdin, flush=True)
            said = list(iter(parent.stdout.readline, "over\n"))
            return float(said[0].removeprefix("done ")) if said else None

        server.delay = 0.01
        whole = Store(tmp_path / "whole")
        needed = pulled(whole.place.path, None)
        expected = whole.scan().select(columns).collect().sort(columns)
        assert needed is not None and expected.height > 0
        unfinished = 0
        for number in range(MOST_TRIES * KILLS):
            store = Store(tmp_path / f"killed-{number}")
            took = pulled(store.place.path, dice.uniform(0.0, needed))
            rows = store.scan().collect()
            assert rows.select(columns).join(expected, on=columns, how="anti").is_empty()
            for source, fetched_at in rows.select("source", "fetched_at").unique().iter_rows():
                assert store.payload_of(source, fetched_at) is not None
            if took is not None:
                needed = took
                continue
            unfinished += 1
            assert run(KILLED, server, store, sessions, None).failed == {}
            assert store.scan().select(columns).collect().sort(columns).equals(expected)
            if unfinished == KILLS:
                break
        assert unfinished == KILLS
