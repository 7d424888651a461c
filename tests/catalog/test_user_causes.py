"""A user's cause file that is added, changed or removed is seen by the next look into the catalogue."""

from __future__ import annotations

from pathlib import Path

from selloff.catalog import default_catalogue
from selloff.catalog.catalogue import DATA


def test_a_changed_file_is_seen_in_the_same_process(tmp_path: Path):
    text = (DATA / "causes" / "growth.toml").read_text(encoding="utf-8").replace('id = "growth"', 'id = "own"')
    assert "own" not in default_catalogue(tmp_path).causes
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    first = default_catalogue(tmp_path)
    assert first.causes["own"].name == "Growth scare"
    assert default_catalogue(tmp_path) is first
    path.write_text(text.replace("Growth scare", "Own scare"), encoding="utf-8")
    assert default_catalogue(tmp_path).causes["own"].name == "Own scare"
    path.unlink()
    assert "own" not in default_catalogue(tmp_path).causes
