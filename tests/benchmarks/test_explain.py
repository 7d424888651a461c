"""Whole processes: `selloff explain DATE` within 1.5 s and 450 MB, `import selloff` within 0.3 s, on 2 cores.

`pytest tests/benchmarks --benchmark-enable` measures; without it each runs once and only has to work.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

import commands
import worlds

SECONDS, MEGABYTES, IMPORT_SECONDS = 1.5, 450, 0.3


def _peak_megabytes(code: str, env: dict[str, str]) -> float:
    """Peak resident size of one process of its own, from the kernel's accounting."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], env, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_maxrss / 1024


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
    if benchmark.enabled:
        assert benchmark.stats.stats.median < SECONDS


def test_import_selloff(benchmark, tmp_path: Path):
    env = commands.environment(tmp_path)

    def run() -> None:
        assert commands.python("import selloff", env=env).returncode == 0

    benchmark.extra_info["peak_megabytes"] = round(_peak_megabytes("import selloff", env))
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    if benchmark.enabled:
        assert benchmark.stats.stats.median < IMPORT_SECONDS
