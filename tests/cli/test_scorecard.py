"""`selloff scorecard` as its users run it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import commands
import worlds
from scorecard.invented import label_rows, write

DAYS = [date(2019, 8, 14), date(2020, 10, 21), date(2021, 3, 1)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labels")
    by_day, by_coder = label_rows(DAYS, seed=1)
    write(folder / "bbds_jumps_by_day.csv", by_day)
    write(folder / "bbds_jumps_by_coder.csv", by_coder)
    return folder


def test_json_page_and_docs_agree(untouched_home: Path, world: worlds.World, files: Path, tmp_path: Path):
    page, docs = tmp_path / "s.html", tmp_path / "s.md"
    reasons = tmp_path / "r.toml"
    arguments = ["scorecard", "--tier", "human", "--data", str(files)]
    done = commands.selloff(
        *arguments, "--json", "--html", str(page), home=untouched_home, catalogue_folder=world.catalogue_folder
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["tier"], found["n"], found["n_skipped"]) == ("human", 3, 0)
    worst = found["misses"][0]
    reasons.write_text(f'[reading]\n{worst["date"]} = "Seen | late"\n')
    again = commands.selloff(
        *arguments,
        *("--docs", str(docs), "--readings", str(reasons)),
        home=untouched_home,
        catalogue_folder=world.catalogue_folder,
        PYTHONHASHSEED="7",
    )
    assert again.returncode == 0, again.stderr
    score = f"{abs(found['model']['log_score']['mid']):.3f}"
    for text in (page.read_text(), docs.read_text(), again.stdout):
        assert f"−{score}" in text
    assert "Seen \\| late" in docs.read_text()
    picture = (tmp_path / "s_calibration.svg").read_text()
    assert picture.startswith("<svg") and "stated share" in picture and "plain logit" in picture
    assert "s_calibration.svg" in docs.read_text()
    assert "Calibration: what was stated" in page.read_text()
    assert "<script" not in page.read_text() and "http:" not in page.read_text().replace("http://www.w3.org", "")
    third = commands.selloff(*arguments, "--json", home=untouched_home, catalogue_folder=world.catalogue_folder)
    assert third.stdout == done.stdout


@pytest.mark.parametrize(
    ("arguments", "says", "hint"),
    [
        (["--tier", "astral"], "no tier 'astral'", "human"),
        (["--tier", "human"], "needs labels", "--labels"),
        (["--tier", "human", "--labels", "none.csv"], "none.csv can't be read", "existing file"),
        (["--tier", "human", "--readings", "none.toml"], "none.toml can't be used", "[reading]"),
    ],
)
def test_what_cannot_be_scored(untouched_home: Path, arguments: list[str], says: str, hint: str):
    done = commands.selloff("scorecard", *arguments, home=untouched_home)
    assert done.returncode == 2
    message = " ".join(done.stderr.split())
    assert message.count("error:") == 1 and "Traceback" not in message
    assert says in message and hint in message.split(says)[1]


def test_a_bad_row_names_its_line(untouched_home: Path, files: Path, tmp_path: Path):
    text = (files / "bbds_jumps_by_day.csv").read_text().replace("2020-10-21", "2020-10-32")
    (tmp_path / "bad.csv").write_text(text)
    done = commands.selloff("scorecard", "--tier", "human", "--labels", str(tmp_path / "bad.csv"), home=untouched_home)
    assert done.returncode == 2
    assert "bad.csv, line 3: '2020-10-32' is not a date" in " ".join(done.stderr.split())
