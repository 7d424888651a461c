"""Lists in a pipe and on narrow terminals: every name that one might paste back is there as a word of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import commands
from selloff.catalog import default_catalogue, load

WIDTHS = ["80", "100", "140"]


def _words(*arguments: str, home: Path, width: str) -> set[str]:
    done = commands.selloff(*arguments, home=home, COLUMNS=width)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= int(width)
    return {word.rstrip(",") for word in done.stdout.split()}


@pytest.mark.parametrize("width", WIDTHS)
def test_episodes_and_their_aliases(untouched_home: Path, width: str):
    names = {n for e in default_catalogue().episodes.values() for n in (e.id, *e.aliases)}
    assert names <= _words("episodes", home=untouched_home, width=width)


@pytest.mark.parametrize("width", WIDTHS)
def test_series_of_the_catalogue(untouched_home: Path, width: str):
    assert set(load().series) <= _words("data", "series", home=untouched_home, width=width)


@pytest.mark.parametrize("width", WIDTHS)
def test_series_of_the_store(untouched_home: Path, width: str):
    words = _words("data", "status", home=untouched_home, width=width)
    assert {"sp500", "gold_fix_london", "ust_10y"} <= words
    assert not [w for w in words if "…" in w]


@pytest.mark.parametrize("width", WIDTHS)
def test_sell_offs(untouched_home: Path, width: str):
    """Windows and episodes as they are pasted; classes in words that are not broken."""
    words = _words("scan", "--from", "2019-06-03", "--to", "2020-12-31", home=untouched_home, width=width)
    assert {"2019-08-14", "equity", "regions", "covid-2020"} <= words
