"""A filled home that no command of these tests changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import commands


@pytest.fixture(scope="module")
def shared_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(home, tmp_path_factory.mktemp("cli") / "home"))


@pytest.fixture
def untouched_home(shared_home: Path) -> Iterator[Path]:
    """The filled home; its store must be the same afterwards, byte for byte."""
    before = commands.tree_digest(shared_home / "store")
    yield shared_home
    assert commands.tree_digest(shared_home / "store") == before
