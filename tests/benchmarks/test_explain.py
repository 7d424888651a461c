"""Whole processes; the bounds are 1.5 s and 450 MB for `selloff explain DATE`, 0.3 s for `import selloff`, on 2 cores.

`pytest tests/benchmarks --benchmark-enable` measures; without it each runs once and only has to work.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import commands
import worlds

MEGABYTES = 450


REPORT = "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\n' + open('/proc/self/status').read())); "


def _peak_megabytes(code: str, env: dict[str, str]) -> float:
    """Peak resident size of a process, as it reads it from the kernel when it leaves.

    Not `ru_maxrss`: on Linux a spawned child starts with its parent's peak, and pytest is larger than selloff.
    """
    done = commands.python(REPORT + code, env=env)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


@pytest.fixture(scope="module")
def own_copy(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real starter history if there is one, else the synthetic world."""
    source = Path(os.environ.get("SELLOFF_STARTER_HOME") or home)
    return Path(shutil.copytree(source, tmp_path_factory.mktemp("bench") / "home"))


def _date() -> str:
    return "2020-03-12" if os.environ.get("SELLOFF_STARTER_HOME") else str(worlds.CRASH)


def _code() -> str:
    return f"import sys; sys.argv = ['selloff', 'explain', '{_date()}']; {commands.RUN}"


def test_explain_whole_process(benchmark, own_copy: Path):
    env = commands.environment(own_copy)
    code = _code()

    def run() -> None:
        done = commands.python(code, env=env)
        assert done.returncode == 0, done.stderr

    benchmark.extra_info["peak_megabytes"] = round(_peak_megabytes(code, env))
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    assert benchmark.extra_info["peak_megabytes"] < MEGABYTES


def test_explain_with_page(benchmark, own_copy: Path, tmp_path: Path):
    """The bound is 3.5 s."""
    env = commands.environment(own_copy)
    code = _code().replace(f"'{_date()}'", f"'{_date()}', '--html', '{tmp_path / 'page.html'}'")

    def run() -> None:
        done = commands.python(code, env=env)
        assert done.returncode == 0, done.stderr

    benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    assert 50_000 < (tmp_path / "page.html").stat().st_size < 1_500_000


def test_import_selloff(benchmark, tmp_path: Path):
    env = commands.environment(tmp_path)

    def run() -> None:
        assert commands.python("import selloff", env=env).returncode == 0

    benchmark.extra_info["peak_megabytes"] = round(_peak_megabytes("import selloff", env))
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
