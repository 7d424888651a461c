"""What an import and a command drag in: heavy modules stay away from paths that do not need them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import commands
import worlds

LOADED = "; import sys, json; sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))"


def _modules(code: str, home: Path) -> set[str]:
    done = commands.python(code + LOADED, env=commands.environment(home))
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("heavy", ["polars", "numpy", "pydantic", "pandas", "scipy", "deltalake", "typer", "rich"])
def test_import_selloff_costs_nothing(heavy, bare_modules: set[str]):
    assert heavy not in bare_modules


@pytest.fixture(scope="module")
def bare_modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return _modules("import selloff", tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def explain_modules(home: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    own = Path(shutil.copytree(home, tmp_path_factory.mktemp("explain") / "home"))
    code = f"""
import sys
sys.argv = ["selloff", "explain", "{worlds.CRASH}"]
from selloff.cli.main import app
app(standalone_mode=False)
"""
    return _modules(code.strip() + "\npass", own)


@pytest.mark.parametrize(
    "heavy",
    [
        "scipy.stats",
        "pandas",
        "exchange_calendars",
        "pip",
        "altair",
        "fastapi",
        "httpx2",
        "pytest",
        "matplotlib",
        "obstore",
        "asyncio",
        "jinja2",
        "rich.progress",
        "selloff.cli.data",
        "selloff.pull",
        "selloff.scorecard",
    ],
)
def test_explain_does_not_load(heavy, explain_modules: set[str]):
    assert heavy not in explain_modules


def test_the_test_can_see_modules(explain_modules: set[str]):
    assert {"polars", "numpy", "selloff.explanation.explain", "selloff.report.text"} <= explain_modules


def test_public_names_are_there():
    import selloff

    assert set(selloff.__all__) == {"Explanation", "Scan", "Store", "explain", "scan"}
    for name in selloff.__all__:
        assert getattr(selloff, name).__doc__
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = selloff.no_such_name
