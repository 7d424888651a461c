"""The scripts of `examples/` as a reader runs them: on the synthetic world, and on the real starter history."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import commands

EXAMPLES = Path(__file__).parents[2] / "examples"
HOME = os.environ.get("SELLOFF_STARTER_HOME")


@pytest.fixture(scope="module", params=["world", pytest.param("starter", marks=pytest.mark.starter)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "starter" and HOME is None:
        pytest.skip("SELLOFF_STARTER_HOME names no home with the real starter history")
    source = request.getfixturevalue("home") if request.param == "world" else HOME
    return Path(shutil.copytree(source, tmp_path_factory.mktemp("examples") / "home"))


def _run(script: str, *arguments: str, home: Path) -> list[str]:
    code = (EXAMPLES / script).read_text(encoding="utf-8")
    done = commands.python(code, *arguments, env=commands.environment(home))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_every_example_is_run_here():
    assert sorted(p.name for p in EXAMPLES.iterdir()) == ["explain_a_window.py", "scan_for_joint_falls.py"]


def test_a_window_explained(filled: Path, request: pytest.FixtureRequest):
    lines = _run("explain_a_window.py", home=filled)
    assert lines[0].startswith("2020-03-12 to 2020-03-12: ")
    assert any(line.startswith("  S&P 500 ") and line.endswith(" sigma") for line in lines)
    roles = [line for line in lines if line in ("trigger:", "premium:", "amplifier:")]
    assert roles == ["trigger:", "premium:", "amplifier:"]
    causes = [line for line in lines if " to " in line and "%]" in line]
    assert causes
    if "starter" in request.node.name:
        assert "joint" in lines[0] and "equity_regions" in lines[0]
        assert any(" ".join(line.split()).startswith("Mega-cap valuation 58% [") for line in causes)


def test_joint_sell_offs_listed(filled: Path, request: pytest.FixtureRequest):
    lines = _run("scan_for_joint_falls.py", "1", home=filled)
    head = lines[0].split()
    assert head[1:5] == ["joint", "sell-offs", "from", head[4]] and int(head[0]) == len(lines) - 1 > 0
    said = "2020-03-12:2020-03-12" if "starter" in request.node.name else "2019-08-14:2019-08-14"
    assert any(line.startswith(said) for line in lines)
