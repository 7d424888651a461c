"""Every bad input: exit code 2, one error, a next step, no traceback, and a store as it was."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import commands
import worlds

CRASH = str(worlds.CRASH)


def fails(done: subprocess.CompletedProcess[str], says: str, hint: str) -> None:
    """One error that says what was wrong and what to do next."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.count("error:") == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    message = " ".join(done.stderr.split())
    assert says in message, message
    after = message.split("error:", 1)[1]
    assert hint in after, message
    assert after.index(says) <= after.index(hint)


BAD = [
    (["2019-13-45"], "'2019-13-45' is not a date", "YYYY-MM-DD"),
    (["2019-02-30"], "'2019-02-30' is not a date", "YYYY-MM-DD"),
    (["14/08/2019"], "'14/08/2019' is not a date", "YYYY-MM-DD"),
    (["2099-01-05"], "2099-01-05 is in the future", "session that is over"),
    (["1950-01-03"], "before the first session", "starts 1985"),
    (["2014-06-02"], "no US equities", "mport or pull more"),
    (["2015-01-20"], "40 sessions", "later date"),
    (["2019-08-11"], "2019-08-11 is a Sunday", "2019-08-09 and 2019-08-12"),
    (["2019-07-04"], "2019-07-04 is a market holiday", "2019-07-03 and 2019-07-05"),
    (["31"], "'31' is neither a date", "Did you mean 312"),
    (["covid-2021"], "neither a date nor an episode", "Did you mean"),
    (["zzzzzzzz"], "neither a date nor an episode", "selloff episodes"),
    ([""], "neither a date nor an episode", "selloff episodes"),
    (["[/x]"], "'[/x]' is neither a date nor an episode", "selloff episodes"),
    (["[bold]x"], "'[bold]x' is neither a date nor an episode", "selloff episodes"),
    (["2019-08-16:2019-08-12"], "runs backwards", "START:END"),
    (["2019-08-12:"], "is not a date", "YYYY-MM-DD"),
    (["2019-08-10:2019-08-16"], "is a Saturday", "2019-08-09 and 2019-08-12"),
    (["2019-08-12:2019-08-16", "--window", "5d"], "already says", "--window"),
    ([CRASH, "--window", "5w"], "'5w' can't be read", "1d, 5d"),
    ([CRASH, "--window", "0d"], "'0d' can't be read", "1d, 5d"),
    ([CRASH, "--window", "-3d"], "can't be read", "1d, 5d"),
    ([CRASH, "--window", "999d"], "999 sessions", "longest is 250"),
    ([CRASH, "--window", "1000d"], "1000 sessions", "longest is 250"),
    (["312", "--window", "20000d"], "20000 sessions", "longest is 250"),
    ([CRASH, "--as-of", "yesterday"], "'yesterday' can't be read", "close"),
    ([CRASH, "--as-of", "2019-08-14T12:00"], "was not over", "later moment"),
    ([CRASH, "--as-of", "2019-08-13"], "was not over", "later moment"),
    (["312", "--window", "2019-08-12:2019-08-14"], "different windows", "Leave 312 out"),
    (["2019-08-13", "--window", "2019-08-12:2019-08-14"], "different windows", "Leave 2019-08-13 out"),
    (["2019-08-12:2019-08-13", "--window", "2019-08-12:2019-08-14"], "different windows", "Leave"),
    ([CRASH, "--as-of", "9999-12-31T23:59:59-23:00"], "outside the years", "another"),
    ([CRASH, "--as-of", "0001-01-01T00:00+14:00"], "outside the years", "another"),
    ([CRASH, "--as-of", "2099-01-01"], "in the future", "earlier one"),
    ([CRASH, "--as-of", "close", "--hindsight"], "contradict", "Leave one"),
]


@pytest.mark.parametrize(("arguments", "says", "hint"), BAD, ids=[" ".join(a) or "empty" for a, _, _ in BAD])
def test_words_that_cannot_be_used(untouched_home: Path, arguments, says, hint):
    done = commands.selloff("explain", *arguments, home=untouched_home)
    fails(done, says, hint)
    assert done.stdout == ""


ODD = [
    (["explain", CRASH, "--window", "[/x]"], "'[/x]' can't be read", "1d, 5d"),
    (["explain", CRASH, "--as-of", "[/x]"], "'[/x]' can't be read", "close"),
    (["scan", "--window", "[/x]"], "'[/x]' can't be read", "number of sessions"),
    (["scan", "--min-verdict", "[/x]"], "'[/x]' is no verdict", "isolated"),
    (["scorecard", "--tier", "[/x]"], "'[/x]'", "exact"),
    (["data", "show", "[/x]"], "'[/x]'", "data series"),
    (["data", "vintages", "sp500", "[/x]"], "'[/x]' can't be read", "YYYY-MM"),
    (["data", "vintages", "sp500", "9999-12-31"], "'9999-12-31' can't be read", "YYYY-MM"),
    (["data", "show", "sp500", "--as-of", "close"], "'close' can't be read", "Write a date, or a time"),
    (["data", "export", "x.csv", "--as-of", "close"], "'close' can't be read", "Write a date, or a time"),
    (["data", "export", "[/x]"], "'x]'", "--format"),
    (["data", "sql", "[/x]"], "starts with 'x'", "SELECT"),
    (["data", "pull", "[/x]"], "'[/x]'", "There are: alfred"),
    (["data", "keys", "set", "[/x]"], "'[/x]'", "Sources"),
    (["data", "quarantine", "accept", "[/x]"], "[/x]", "quarantine list"),
]


@pytest.mark.parametrize(("arguments", "says", "hint"), ODD, ids=[" ".join(a) for a, _, _ in ODD])
def test_odd_words_are_echoed_as_they_are(untouched_home: Path, arguments, says, hint):
    fails(commands.selloff(*arguments, home=untouched_home), says, hint)


def test_more_values_than_there_are(untouched_home: Path):
    done = commands.selloff("data", "show", "sp500", "--last", "9" * 30, home=untouched_home)
    assert done.returncode == 0 and "Traceback" not in done.stderr


def test_names_in_brackets_are_printed_as_they_are(untouched_home: Path):
    query = r"""SELECT '\[/b] [bold]y' AS "[/x]", ':warning:' AS "\[/z]" FROM observations LIMIT 1"""
    done = commands.selloff("data", "sql", query, home=untouched_home)
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in ("[/x]", r"\[/z]", r"\[/b] [bold]y", ":warning:")), done.stdout


def test_files_in_brackets_are_imported_and_exported(own_home: Path, tmp_path: Path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "[a].csv").write_text("not,a,table\n")
    (tmp_path / "map.toml").write_text('[[file]]\npath = "*.csv"\ndate = "d"\ncolumns = { v = "sp500" }\n')
    done = commands.selloff("data", "import", str(folder), "--mapping", str(tmp_path / "map.toml"), home=own_home)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "[a].csv" in done.stdout and "[a].csv" in done.stderr
    done = commands.selloff("data", "export", str(tmp_path / "[a].csv"), "--series", "sp500", home=own_home)
    assert done.returncode == 0, done.stderr
    assert "[a].csv" in done.stdout and (tmp_path / "[a].csv").exists()


def test_an_error_leaves_json_empty(untouched_home: Path):
    done = commands.selloff("explain", "2019-08-11", "--json", home=untouched_home)
    fails(done, "Sunday", "nearest sessions")
    assert done.stdout == ""


@pytest.mark.parametrize("where", ["missing/folder/x.html", "file/x.html"])
def test_html_that_cannot_be_written(untouched_home: Path, tmp_path: Path, where):
    (tmp_path / "file").write_text("")
    done = commands.selloff("explain", CRASH, "--html", str(tmp_path / where), home=untouched_home)
    fails(done, "can't be written", "folder that can be written")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file"]


def test_html_into_a_folder(untouched_home: Path, tmp_path: Path):
    done = commands.selloff("explain", CRASH, "--html", str(tmp_path), home=untouched_home)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "directory" in done.stderr


@pytest.mark.parametrize("arguments", [["explain", "--no-such-option"], ["no-such-command"], ["data", "no-such"]])
def test_unknown_words(untouched_home: Path, arguments):
    done = commands.selloff(*arguments, home=untouched_home)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No such" in done.stderr


def test_store_of_a_newer_version(own_home: Path):
    (own_home / "store" / "FORMAT").write_text(json.dumps({"format": 99}))
    before = commands.tree_digest(own_home / "store")
    fails(commands.selloff("explain", CRASH, home=own_home), "format 99", "Update selloff")
    assert commands.tree_digest(own_home / "store") == before


@pytest.mark.parametrize("content", ["", "garbage", "[]", '{"format": null}', "{}"])
def test_damaged_format(own_home: Path, content):
    (own_home / "store" / "FORMAT").write_text(content)
    before = commands.tree_digest(own_home / "store")
    fails(commands.selloff("explain", CRASH, home=own_home), "FORMAT is damaged", "backup")
    assert commands.tree_digest(own_home / "store") == before


def test_home_below_a_regular_file(world, tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    done = commands.selloff(
        "explain",
        CRASH,
        home=tmp_path / "file" / "home",
        catalogue_folder=world.catalogue_folder,
        PIP_FIND_LINKS=str(world.wheels),
    )
    fails(done, "can't be used", "SELLOFF_HOME")
    assert (tmp_path / "file").read_text() == "mine"


def test_wheels_with_other_hashes(world, tmp_path: Path):
    """The shipped catalogue pins the real wheels; this index has others of the same names."""
    done = commands.selloff("explain", CRASH, home=tmp_path / "home", PIP_FIND_LINKS=str(world.wheels))
    fails(done, "its hash differs", "try again")
    assert not (tmp_path / "home" / "store").exists()
    assert done.stdout == ""


def test_no_index_at_all(tmp_path: Path):
    done = commands.selloff("data", "pull", "starter", home=tmp_path / "home")
    fails(done, "can't be reached", "try again")
    assert not (tmp_path / "home" / "store").exists()


def test_one_wheel_gone_explains_with_the_rest_and_says_so(world, tmp_path: Path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for path in world.wheels.iterdir():
        if not path.name.startswith("autots"):
            (wheels / path.name).symlink_to(path)
    done = commands.selloff(
        "explain",
        CRASH,
        "--json",
        home=tmp_path / "home",
        catalogue_folder=world.catalogue_folder,
        PIP_FIND_LINKS=str(wheels),
    )
    fails(done, "no wheel of autots", "selloff data pull starter")
    document = json.loads(done.stdout)
    assert document["joint"]["verdict"] == "joint"
    assert "oil" not in {m["asset"] for m in document["moves"]}


def test_offline_without_data(tmp_path: Path):
    done = commands.selloff("explain", CRASH, home=tmp_path / "home", SELLOFF_OFFLINE="1")
    fails(done, "SELLOFF_OFFLINE forbids", "Unset SELLOFF_OFFLINE")
    assert not (tmp_path / "home" / "store").exists()


def test_pull_offline(untouched_home: Path):
    fails(
        commands.selloff("data", "pull", "starter", home=untouched_home, SELLOFF_OFFLINE="1"),
        "SELLOFF_OFFLINE",
        "Unset",
    )


@pytest.mark.parametrize("value", ["perhaps", "2"])
def test_a_setting_that_cannot_be_read(untouched_home: Path, value):
    done = commands.selloff("explain", CRASH, home=untouched_home, SELLOFF_OFFLINE=value)
    fails(done, f"SELLOFF_OFFLINE is {value!r}", "Correct or unset it")


FULL_DISK = """
import errno, os, sys
import selloff.store.table as table
wheel_folder = sys.argv.pop(1)
real = table.keep_payload
left = [3]
def keep(folder, payload):
    left[0] -= 1
    if left[0] < 0:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    real(folder, payload)
table.keep_payload = keep
"""


def _pull_on_a_full_disk(world, home: Path) -> subprocess.CompletedProcess[str]:
    code = FULL_DISK + commands.PINNED.format(folder=str(world.catalogue_folder)) + commands.RUN
    env = commands.environment(home, PIP_FIND_LINKS=str(world.wheels))
    return commands.python(code, str(world.wheels), "data", "pull", "starter", env=env)


def test_full_disk(world, tmp_path: Path):
    done = _pull_on_a_full_disk(world, tmp_path / "home")
    fails(done, "No space left on device", "disk is not full")


def test_after_a_full_disk_explain_fetches_again(world, tmp_path: Path):
    home = tmp_path / "home"
    assert _pull_on_a_full_disk(world, home).returncode == 2
    done = commands.selloff(
        "explain", CRASH, home=home, catalogue_folder=world.catalogue_folder, PIP_FIND_LINKS=str(world.wheels)
    )
    assert done.returncode == 0, done.stderr
