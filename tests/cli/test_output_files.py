"""Files that commands write: whole or not at all, and nothing but a regular file is ever replaced."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import polars as pl
import pytest

import commands
import worlds
from selloff.cli.data.export import FileFormat, _write
from selloff.cli.output import check_place, whole_file, write_file
from selloff.errors import StoreError

ROWS = pl.DataFrame({"series": ["sp500"], "value": [1.0]})


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_is_written_whole_and_nothing_stays_beside_it(tmp_path: Path):
    path = tmp_path / "page.html"
    write_file(path, "old")
    with pytest.raises(StoreError, match=r"page\.html can't be written: No space left"), whole_file(path) as place:
        place.write_text("half")
        assert str(os.getpid()) in place.name
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["page.html"]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "page.html") as place:
        place.write_text("half")
        raise KeyboardInterrupt
    assert _names(tmp_path) == []


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = tmp_path / "page.html"
    link.symlink_to(folder / "real.html")
    for text in ("first", "second"):
        write_file(link, text)
        assert link.is_symlink() and (folder / "real.html").read_text() == text
    assert _names(folder) == ["real.html"]


def _read_from(pipe: Path) -> tuple[threading.Thread, list[bytes]]:
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()), daemon=True)
    reader.start()
    return reader, found


@pytest.mark.parametrize("write", ["page", "export"])
def test_a_pipe_is_written_into(tmp_path: Path, write: str):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_place(pipe)
    reader, found = _read_from(pipe)
    if write == "page":
        write_file(pipe, "text")
    else:
        _write(ROWS, pipe, FileFormat.CSV)
    reader.join(10)
    assert found == [b"text" if write == "page" else b"series,value\nsp500,1.0\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode) and _names(tmp_path) == ["pipe"]


def test_an_export_that_polars_cannot_write_is_one_error(tmp_path: Path):
    nested = pl.DataFrame({"series": ["sp500"], "value": [[1.0]]})
    with pytest.raises(StoreError, match=r"x\.csv can't be written: .*nested"):
        _write(nested, tmp_path / "x.csv", FileFormat.CSV)
    assert _names(tmp_path) == []


def test_an_export_through_a_regular_file_as_its_folder(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Not a directory"):
        _write(ROWS, tmp_path / "file" / "x.csv", FileFormat.PARQUET)


@pytest.mark.parametrize("option", ["--html", "--docs"])
def test_the_scorecard_checks_its_folders_before_it_scores(tmp_path: Path, option: str):
    where = tmp_path / "nowhere" / "x.md"
    done = commands.selloff("scorecard", option, str(where), home=tmp_path / "home")
    assert done.returncode == 2 and done.stdout == ""
    assert f"{where} can't be written: No such file or directory." in " ".join(done.stderr.split())
    assert not (tmp_path / "home").exists()


def test_explain_checks_its_folder_before_it_fetches(tmp_path: Path):
    where = tmp_path / "nowhere" / "x.html"
    done = commands.selloff("explain", str(worlds.CRASH), "--html", str(where), home=tmp_path / "home")
    assert done.returncode == 2 and "can't be written" in done.stderr
    assert not (tmp_path / "home" / "store").exists()
