"""The two readers of TOML say the same of every file that ships."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import selloff
from selloff.catalog.toml import read_toml
from selloff.errors import CatalogError

FILES = sorted(Path(selloff.__file__).parent.rglob("*.toml"))


def test_every_shipped_file_reads_as_with_pythons_own_reader():
    assert len(FILES) > 50
    for path in FILES:
        assert repr(read_toml(path)) == repr(tomllib.loads(path.read_text(encoding="utf-8"))), path


def test_a_broken_file_is_one_clear_message(tmp_path: Path):
    path = tmp_path / "broken.toml"
    path.write_text("id = \n")
    with pytest.raises(CatalogError, match=r"broken\.toml is not valid TOML: Invalid value \(at line 1"):
        read_toml(path)


def _folder(path: Path) -> None:
    path.mkdir()


UNREADABLE = [
    (lambda p: p.write_text('id = "x"', encoding="utf-16"), "not in UTF-8"),
    (lambda p: p.write_bytes('name = "Zürich"'.encode("latin-1")), "not in UTF-8"),
    (_folder, "can't be read: Is a directory"),
    (lambda p: p.symlink_to(p.with_name("gone")), "can't be read: No such file"),
    (lambda p: p.write_text("n = " + "9" * 5000), "has a value that can't be read|not valid"),
    (lambda p: p.write_text("n = " + "[" * 5000 + "]" * 5000), "nested too deeply|not valid"),
]


@pytest.mark.parametrize(("make", "says"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, make, says: str):
    path = tmp_path / "odd.toml"
    make(path)
    with pytest.raises(CatalogError, match=rf"odd\.toml.*({says})"):
        read_toml(path)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path):
    path = tmp_path / "marked.toml"
    path.write_text('id = "x"\n', encoding="utf-8-sig")
    assert read_toml(path) == {"id": "x"}
