"""`selloff scan` and `--window auto` as a user runs them: a process each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import commands
import worlds

CRASH = str(worlds.CRASH)


def test_the_table_names_the_planted_crash(untouched_home: Path):
    done = commands.selloff("scan", "--from", "2019-06-03", "--to", "2019-12-31", home=untouched_home, COLUMNS="160")
    assert (done.returncode, done.stderr) == (0, "")
    assert CRASH in done.stdout
    assert "joint" in done.stdout
    assert "Spells a year" in done.stdout


def test_json_and_page(untouched_home: Path, tmp_path: Path):
    page = tmp_path / "scan.html"
    arguments = ["scan", "--to", "2019-12-31", "--window", "5", "--min-verdict", "joint", "--json", "--html", str(page)]
    done = commands.selloff(*arguments, home=untouched_home)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["windows"] == [5]
    assert {e["verdict"] for e in document["episodes"]} == {"joint"}
    assert page.read_text(encoding="utf-8").count("<tr>") == len(document["episodes"]) + 1


def test_auto_says_what_it_chose(untouched_home: Path):
    done = commands.selloff("explain", CRASH, "--window", "auto", home=untouched_home)
    assert done.returncode == 0, done.stderr
    assert "The window was searched for" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "2020-01-04"], "Saturday"),
        (["--window", "x"], "can't be read"),
        (["--min-verdict", "none"], "no verdict"),
    ],
)
def test_bad_words_are_one_message(untouched_home: Path, arguments, says):
    done = commands.selloff("scan", *arguments, home=untouched_home)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
