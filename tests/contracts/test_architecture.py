"""The architecture, checked: layers, diagram, imports, sizes, names, and no date in code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import commands

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "selloff"
MODULES = sorted(SOURCE.rglob("*.py"))
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
DATE_TEXT = re.compile(r"(?<!\d)(?:19|20)\d\d-[01]\d(?:-[0-3]\d)?(?!\d)")
"""`2020-03` or `2020-03-12` inside a longer text is a date; a bare year is one only where it is the whole text."""


def _relative(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def _contract() -> dict:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return contract


def test_import_linter_contract_holds(tmp_path: Path):
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        env=commands.environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_contract_is_exhaustive_with_one_exception():
    contract = _contract()
    assert contract["type"] == "layers"
    assert contract["exhaustive"] is True
    assert contract["ignore_imports"] == ["selloff.explanation.result -> selloff.report.*"]


def test_the_diagram_is_the_contract():
    """ARCHITECTURE.md has one fenced block whose lines are the layers: `name | name`, two spaces, what it does."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    layers = [re.sub(r"[()]", "", layer) for layer in _contract()["layers"]]
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    drawn = [
        [re.sub(r"[()]", "", re.split(r"\s{2,}", line.strip())[0]) for line in block.splitlines() if line.strip()]
        for block in blocks
    ]
    assert layers in drawn, f"no fenced block of ARCHITECTURE.md has the lines {layers}"
    block = blocks[drawn.index(layers)]
    assert all(re.match(r"^\S.*?\S {2,}\S", line) for line in block.splitlines() if line.strip()), "a layer undescribed"


def test_every_folder_is_a_layer_and_every_layer_without_brackets_is_there():
    names = {part.strip() for layer in _contract()["layers"] for part in re.split(r"[|:]", layer)}
    there = {p.stem for p in SOURCE.iterdir() if (p.is_dir() or p.suffix == ".py") and not p.name.startswith("_")}
    assert {n for n in names if not n.startswith("(")} <= there
    assert there <= {n.strip("()") for n in names}


@pytest.mark.parametrize("path", MODULES, ids=_relative)
def test_module_says_what_it_is(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path} has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}: {node.name} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=_relative)
def test_module_is_of_a_readable_size(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=_relative)
def test_module_name_says_something(path: Path):
    assert not set(path.stem.lower().split("_")) & {"utils", "util", "helpers", "helper", "misc", "common", "manager"}


def _docstrings(tree: ast.AST) -> set[int]:
    """Ids of the nodes of texts that stand alone: docstrings of modules, classes, functions and attributes."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def dates_in(text: str) -> list[str]:
    """Date literals of a module: texts with a date, texts that are a year, and date or datetime calls with one."""
    tree = ast.parse(text)
    prose, found = _docstrings(tree), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if DATE_TEXT.search(node.value) or YEAR.fullmatch(node.value.strip()):
                found.append(node.value)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            years = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, int)]
            if name in {"date", "datetime", "Timestamp", "datetime64"} and any(1900 <= y < 2100 for y in years):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"""As in 2020-03-12."""\n# 2020-03-12\nx = 1985', 0),
        ('x = "2020-03-12"', 1),
        ("x = date(2020, 3, 12)", 1),
        ("x = dt.datetime(2020, 3, 12)", 1),
        ('x = "2020"', 1),
        ('x = f"{y}-01-01"', 0),
        ('if day > "2021-05": pass', 1),
    ],
)
def test_the_date_rule_itself(text, count):
    assert len(dates_in(text)) == count


ALLOWED = {
    "explain.py": {"A session (2020-03-12), START:END, or an episode (312). Default: the last session."},
    "clock.py": {"a date, or a time such as 2020-03-12T16:30"},
}
"""Help and hints may show how a date is written."""


def _named_dates(text: str) -> list[str]:
    """Dates of a module's named constants: where a service's data begin, or when its format changed."""
    constants = [n for n in ast.parse(text).body if isinstance(n, ast.Assign | ast.AnnAssign)]
    return [d for n in constants for d in dates_in(ast.unparse(n))]


@pytest.mark.parametrize("path", MODULES, ids=_relative)
def test_no_date_in_code(path: Path):
    """None at all; in a source, none but named constants."""
    text = path.read_text(encoding="utf-8")
    allowed = ALLOWED.get(path.name, set()) | (set(_named_dates(text)) if path.parent.name == "sources" else set())
    assert [d for d in dates_in(text) if d not in allowed] == []


def test_no_alias_of_an_episode_in_code():
    """No code treats an episode by name: no text constant is an id or alias of the catalogue."""
    from selloff.catalog import default_catalogue

    names = {n for e in default_catalogue().episodes.values() for n in (e.id, *e.aliases)}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = _docstrings(tree)
        texts = {
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant)
            and isinstance(n.value, str | int)
            and not isinstance(n.value, bool)
            and id(n) not in prose
        }
        assert not {str(t).strip().lower() for t in texts} & names, path
