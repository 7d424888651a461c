"""The cache file of the sessions: a damaged one is replaced, and a failed write leaves nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from selloff.catalog import sessions as module
from selloff.catalog.sessions import Sessions, load_sessions

MADE = Sessions("XNYS", np.array(["2020-03-12", "2020-03-13"], "datetime64[D]"), np.array([1, 2], np.int64))


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "_compute", lambda *_: MADE)
    load_sessions(tmp_path, last_year=2020)
    return next(tmp_path.iterdir())


def _array(path: Path, **arrays: np.ndarray) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)


DAMAGES = {
    "empty": lambda p: p.write_bytes(b""),
    "cut": lambda p: p.write_bytes(p.read_bytes()[:200]),
    "text": lambda p: p.write_text("text"),
    "one array": lambda p: p.write_bytes(_one_array(p)),
    "other type": lambda p: _array(p, dates=MADE.closes, closes=MADE.closes),
    "other length": lambda p: _array(p, dates=MADE.dates, closes=MADE.closes[:1]),
    "no sessions": lambda p: _array(p, dates=MADE.dates[:0], closes=MADE.closes[:0]),
}


def _one_array(path: Path) -> bytes:
    with path.open("wb") as file:
        np.save(file, MADE.closes)
    return path.read_bytes()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_again(cached: Path, damage: str):
    sound = load_sessions(cached.parent, last_year=2020)
    DAMAGES[damage](cached)
    found = load_sessions(cached.parent, last_year=2020)
    assert np.array_equal(found.dates, sound.dates) and np.array_equal(found.closes, sound.closes)
    with np.load(cached) as kept:
        assert np.array_equal(kept["dates"], MADE.dates)
    assert list(cached.parent.iterdir()) == [cached]


def test_a_failed_write_leaves_nothing(cached: Path, monkeypatch: pytest.MonkeyPatch):
    cached.unlink()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.np, "savez", full)
    assert load_sessions(cached.parent, last_year=2020) is MADE
    assert list(cached.parent.iterdir()) == []
