"""`selloff data pull`, `quarantine` and `keys` as a user runs them, against a server on 127.0.0.1."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.sources import demo, replay

URL = "https://data.demo-bank.example/v1/observations"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[replay.Replay]:
    with replay.serving(replay.recording(demo.RECORDINGS / "demo_bank")) as running:
        yield running


@pytest.fixture
def selloff(tmp_path: Path, server: replay.Replay) -> Run:
    site = demo.install(tmp_path / "site")
    source = Path(__file__).parents[2] / "src"

    def run(*arguments: str, interrupt_after: float | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "160",
            "PYTHONPATH": os.pathsep.join([str(site), str(source)]), "PYTHONWARNINGS": "ignore",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "SELLOFF_HOME": str(tmp_path / "home"), "SELLOFF_MIRRORS": json.dumps(server.mirrors), **more,
        }  # fmt: skip
        code = "from selloff.cli.main import run; run()"
        command = [sys.executable, "-c", code, *arguments]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as child:
            if interrupt_after is not None:
                while not server.seen:
                    time.sleep(0.01)
                time.sleep(interrupt_after)
                child.send_signal(signal.SIGINT)
            said, errors = child.communicate(timeout=60)
        return subprocess.CompletedProcess(command, child.returncode, said, errors)

    return run


def test_pull_then_again(selloff: Run) -> None:
    first = selloff("data", "pull", "demo_bank", SELLOFF_KEY_DEMO_BANK="k3y-of-mine")
    assert first.returncode == 0, first.stderr
    assert "demo_bank" in first.stderr and "179" in first.stderr and "k3y-of-mine" not in first.stderr
    second = selloff("data", "pull", "demo_bank", "--series", "demo_oil")
    assert second.returncode == 0 and " 0 " in second.stderr


def test_a_failure_is_named_and_the_exit_code_is_2(selloff: Run, server: replay.Replay) -> None:
    server.fault = "captcha"
    done = selloff("data", "pull", "demo_bank", "alfred")
    assert done.returncode == 2
    assert "skipped: no key (SELLOFF_KEY_FRED)" in done.stderr and "data keys set" in done.stderr
    assert "1 of 2 sources failed" in done.stderr
    assert "sent no JSON" in done.stderr and "Traceback" not in done.stderr


def test_series_that_would_be_ignored_are_refused(selloff: Run, server: replay.Replay, tmp_path: Path) -> None:
    starter = selloff("data", "pull", "starter", "--series", "sp500")
    assert starter.returncode == 2 and "comes whole" in starter.stderr
    other = selloff("data", "pull", "demo_bank", "--series", "sofr")
    assert other.returncode == 2
    assert "demo_bank does not deliver 'sofr'. It comes from fred, fredgraph, nyfed" in " ".join(
        other.stderr.replace("\n", " ").split()
    )
    mixed = selloff("data", "pull", "demo_bank", "--series", "demo_oil", "--series", "sofr")
    assert mixed.returncode == 2 and "'sofr'" in mixed.stderr
    assert server.seen == []
    assert not (tmp_path / "home" / "store").exists()


@pytest.mark.parametrize(("series", "says"), [("mega_caps_7", "derived"), ("gold_monthly", "data import")])
def test_a_series_that_no_service_delivers(selloff: Run, series: str, says: str) -> None:
    done = selloff("data", "pull", "--series", series)
    assert done.returncode == 2 and says in done.stderr


def test_offline(selloff: Run, server: replay.Replay) -> None:
    done = selloff("data", "pull", "demo_bank", SELLOFF_OFFLINE="1")
    assert done.returncode == 2 and "SELLOFF_OFFLINE" in done.stderr
    assert server.seen == []


def test_an_interruption_ends_at_once(selloff: Run, server: replay.Replay) -> None:
    server.delay = 300.0  # longer than `selloff` is waited for
    done = selloff("data", "pull", "demo_bank", interrupt_after=0.2)
    assert done.returncode == 130 and "interrupted" in done.stderr and "Traceback" not in done.stderr


def test_a_name_that_does_not_exist(selloff: Run) -> None:
    done = selloff("data", "pull", "demo_bnk")
    assert done.returncode == 2 and "demo_bank" in done.stderr


def test_a_mirror_off_this_machine_is_https(selloff: Run) -> None:
    done = selloff("data", "pull", "demo_bank", SELLOFF_MIRRORS='{"*": "http://192.0.2.1"}')
    assert done.returncode == 2 and "neither https" in done.stderr


def test_quarantine(selloff: Run, server: replay.Replay) -> None:
    start = date(2025, 11, 3)
    values = [(start + timedelta(days=i), 60 + i % 2) for i in range(40)]
    values[30] = (values[30][0], -36.98)
    page = {"code": "OIL.X", "next": None, "observations": [{"date": str(d), "value": str(v)} for d, v in values]}
    server.answers = [replay.Answer(URL, json.dumps(page).encode(), {"code": "OIL.X"})]
    done = selloff("data", "pull", "demo_bank", "--series", "demo_oil")
    assert done.returncode == 0 and "1 value is set aside" in done.stderr
    listed = selloff("data", "quarantine", "list")
    assert "-36.98" in listed.stdout and "demo_oil" in listed.stdout
    wanted = next(w for w in listed.stdout.split() if len(w) == 12 and set(w) <= set("0123456789abcdef"))
    assert selloff("data", "quarantine", "accept", "nothing").returncode == 2
    accepted = selloff("data", "quarantine", "accept", wanted)
    assert accepted.returncode == 0 and "1 new" in accepted.stderr
    assert "No value" in selloff("data", "quarantine", "list").stderr
    assert "accepted" in selloff("data", "quarantine", "list", "--all").stdout
    assert selloff("data", "quarantine", "reject", wanted).returncode == 2


def test_keys(selloff: Run) -> None:
    listed = selloff("data", "keys", "list", SELLOFF_KEY_DEMO_BANK="k3y-of-mine")
    assert listed.returncode == 0 and "environment" in listed.stdout and "k3y-of-mine" not in listed.stdout
    assert selloff("data", "keys", "set", "autots").returncode == 2
    assert selloff("data", "keys", "remove", "demo_bank").returncode == 2


@pytest.mark.parametrize(
    ("source", "words"),
    [("fredgraph", "done"), ("alfred", "done, unverified"), ("nyfed", "done, partly unverified")],
)
def test_the_outcome_says_what_no_real_body_was_seen_of(
    source: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from selloff.cli.console import context
    from selloff.cli.data.pull import _outcome
    from selloff.pull.network import SourceReport

    monkeypatch.setenv("SELLOFF_HOME", str(tmp_path))
    verified = context.catalogue.sources[source].verified
    assert _outcome(SourceReport(source, new=1, verified=verified)) == words
