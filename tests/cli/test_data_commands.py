"""The data commands, each through typer, against a home of their own."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from selloff.cli import console

NAMES = {"import_files": "import", "show": "show", "status": "status", "verify": "verify"}
MODULES = {name: importlib.import_module(f"selloff.cli.data.{name}") for name in NAMES}
"""Imported by name, as the package may offer the functions under the same names."""

MAPPING = """[[file]]
path = "index.csv"
date = "date"
columns = { value = "sp500" }

[[file]]
path = "yield.csv"
date = "date"
columns = { value = "ust_10y" }
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("SELLOFF_HOME", str(tmp_path / "home"))
    context = console.Context()
    for module in MODULES.values():
        monkeypatch.setattr(module, "context", context)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "index.csv").write_text("date,value\n2024-01-02,4742.83\n2024-01-03,4704.81\n")
    (tmp_path / "files" / "yield.csv").write_text("date,value\n2024-01-02,3.95\n")
    (tmp_path / "mapping.toml").write_text(MAPPING)
    return CliRunner()


def command(*words: str) -> tuple[typer.Typer, list[str]]:
    app = typer.Typer()
    for function, name in NAMES.items():
        app.command(name)(getattr(MODULES[function], function))
    return app, list(words)


def test_import_then_look(run: CliRunner, tmp_path: Path) -> None:
    words = ("import", str(tmp_path / "files"), "--mapping", str(tmp_path / "mapping.toml"))
    done = run.invoke(*command(*words))
    assert done.exit_code == 0, done.output
    assert "stored 3 new and 0 revised values" in done.output.replace("\n", " ")
    shown = json.loads(run.invoke(*command("show", "ust_10y", "--json")).stdout)
    assert (shown["unit"], shown["values"][0]["value"]) == ("percent", 3.95)
    assert shown["values"][0]["known_at"] == "2024-01-02T23:00:00Z"
    found = json.loads(run.invoke(*command("status", "--json")).stdout)
    assert {s["series"] for s in found["series"]} == {"sp500", "ust_10y"}
    assert run.invoke(*command("status")).exit_code == 0
    verified = run.invoke(*command("verify"))
    assert verified.exit_code == 0
    assert "3 rows and 2 payloads checked" in verified.output.replace("\n", " ")


def test_a_broken_file_ends_with_exit_code_2_and_the_others_are_stored(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "files" / "index.csv").write_text("date,value\n2024-01-02,x\n")
    words = ("import", str(tmp_path / "files"), "--mapping", str(tmp_path / "mapping.toml"))
    done = run.invoke(*command(*words))
    assert done.exit_code == 2
    assert "stored 1 new" in done.output
    assert run.invoke(*command("show", "ust_10y")).exit_code == 0


def test_importing_again_says_that_nothing_is_new_and_no_more(run: CliRunner, tmp_path: Path) -> None:
    words = ("import", str(tmp_path / "files"), "--mapping", str(tmp_path / "mapping.toml"))
    run.invoke(*command(*words))
    again = run.invoke(*command(*words))
    assert again.exit_code == 0
    text = again.output.replace("\n", " ")
    assert "nothing new in 2 series (3 values)" in text and "stored 0 new and 0 revised" in text
    assert "index.csv" not in text


def test_when_every_file_fails_nothing_is_said_to_be_stored(run: CliRunner, tmp_path: Path) -> None:
    for name in ("index.csv", "yield.csv"):
        (tmp_path / "files" / name).write_text("date,value\n2024-01-02,abc\n")
    done = run.invoke(*command("import", str(tmp_path / "files"), "--mapping", str(tmp_path / "mapping.toml")))
    assert done.exit_code == 2
    assert "No file could be imported; nothing was stored." in done.output.replace("\n", " ")
    assert "index.csv, row 2, column 'value'" in done.output


def test_status_names_licences_only_when_asked(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(*command("import", str(tmp_path / "files"), "--mapping", str(tmp_path / "mapping.toml")))
    short = run.invoke(*command("status")).output
    assert "2 series with 3 rows" in short.replace("\n", " ") and "--licences" in short
    assert "Yahoo" not in short
    assert "Yahoo" in run.invoke(*command("status", "--licences")).output
    assert "kB" in short


def test_show_as_of_before_it_was_known(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(*command("import", str(tmp_path / "files"), "--mapping", str(tmp_path / "mapping.toml")))
    assert run.invoke(*command("show", "ust_10y", "--as-of", "2024-01-02T17:59")).exit_code == 2
    assert run.invoke(*command("show", "ust_10y", "--as-of", "2024-01-02T18:01")).exit_code == 0


def test_show_of_a_series_from_a_table(run: CliRunner) -> None:
    shown = json.loads(run.invoke(*command("show", "ioer", "--as-of", "2019-09-20", "--last", "2", "--json")).stdout)
    assert [v["value"] for v in shown["values"]] == [2.1, 1.8]


def test_an_unknown_series_and_an_empty_store(run: CliRunner) -> None:
    assert run.invoke(*command("show", "ust_11y")).exit_code == 2
    assert run.invoke(*command("verify")).exit_code == 2
    assert run.invoke(*command("status")).exit_code == 0
