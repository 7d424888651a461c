"""Whole processes: `selloff explain DATE` and `import selloff`.

The bounds on 2 cores are 1.5 s and 450 MB, 3.5 s with the HTML report, and 0.3 s for the import.
`pytest tests/benchmarks/test_explain.py --benchmark-enable -s` measures; without it each runs once and only has to
work. Beside the time on the clock stand CPU seconds, which other processes hardly change, and the peak of resident
memory. Homes: the starter history (`SELLOFF_STARTER_HOME`, else the synthetic world), and the measurer's own
(`SELLOFF_HOME`). As the bounds have it, calendar and model are there: another session of the month was explained first.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
from datetime import timedelta
from pathlib import Path

import pytest

import commands
import worlds

MEGABYTES = 450
OWN_HOME = os.environ.get("SELLOFF_HOME")
"""Read before the tests take it out of the environment."""

REAL_DAYS, SYNTHETIC_DAYS = ("2020-03-11", "2020-03-12"), (str(worlds.CRASH - timedelta(days=1)), str(worlds.CRASH))
"""The session that is explained before, and the one that is measured."""

REPORT = "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\n' + open('/proc/self/status').read())); "


def _peak_megabytes(code: str, env: dict[str, str]) -> float:
    """Peak resident size of a process, as it reads it from the kernel when it leaves.

    Not `ru_maxrss`: on Linux a spawned child starts with its parent's peak, and pytest is larger than selloff.
    """
    done = commands.python(REPORT + code, env=env)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def _cpu_seconds() -> float:
    """User and system time of all children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _explain(*arguments: str) -> str:
    """Code of the command."""
    return f"import sys; sys.argv = {['selloff', 'explain', *arguments]!r}; {commands.RUN}"


@pytest.fixture(scope="module", params=["starter", "own"])
def copied(request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of a home, and a date to explain in it."""
    real = os.environ.get("SELLOFF_STARTER_HOME") if request.param == "starter" else OWN_HOME
    if request.param == "own" and not (real and request.config.getoption("benchmark_enable")):
        pytest.skip("only measured with --benchmark-enable and SELLOFF_HOME")
    copy = shutil.copytree(real or home, tmp_path_factory.mktemp("bench") / "home")
    before, day = REAL_DAYS if real else SYNTHETIC_DAYS
    done = commands.python(_explain(before), env=commands.environment(copy))
    assert done.returncode == 0, done.stderr
    return Path(copy), day


@pytest.mark.parametrize("options", [[], ["--html", "page.html"]], ids=["text", "html"])
def test_explain_whole_process(benchmark, copied: tuple[Path, str], options: list[str], tmp_path: Path):
    where, day = copied
    code = _explain(day, *(str(tmp_path / o) if o.endswith(".html") else o for o in options))
    env = commands.environment(where)
    spent = []

    def run() -> None:
        before = _cpu_seconds()
        done = commands.python(code, env=env)
        spent.append(_cpu_seconds() - before)
        assert done.returncode == 0, done.stderr

    peak = _peak_megabytes(code, env)
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    found = {"cpu_seconds": round(statistics.median(spent[-5:]), 2), "peak_megabytes": round(peak)}
    benchmark.extra_info.update(found)
    print(f"\n{found}", end=" ")
    assert peak < MEGABYTES
    if options:
        assert 50_000 < (tmp_path / options[1]).stat().st_size < 1_500_000


def test_import_selloff(benchmark, tmp_path: Path):
    env = commands.environment(tmp_path)

    def run() -> None:
        assert commands.python("import selloff", env=env).returncode == 0

    benchmark.extra_info["peak_megabytes"] = round(_peak_megabytes("import selloff", env))
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
