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
