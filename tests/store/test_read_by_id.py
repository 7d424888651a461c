"""`Store.read` as somebody outside calls it: with ids, and as docs/store.md shows it."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

import commands
from selloff.catalog import default_catalogue
from selloff.errors import NoDataError, SeriesNotFoundError
from selloff.store import Store

DOCS = Path(__file__).parents[2] / "docs" / "store.md"
MOMENT = datetime(2020, 3, 13, 13, tzinfo=UTC)


@pytest.fixture
def filled(home: Path) -> Store:
    return Store(home / "store")


def test_ids_read_what_their_entries_read(filled: Store):
    catalogue = default_catalogue()
    names = ["sp500", "ust_10y"]
    by_id = filled.read(names, MOMENT)
    assert set(by_id["series"]) == set(names)
    assert by_id.equals(filled.read([catalogue.find_series(n) for n in names], MOMENT))
    assert by_id.equals(filled.read(["sp500", catalogue.find_series("ust_10y")], MOMENT))
    assert filled.read("sp500", MOMENT).equals(filled.read(["sp500"], MOMENT))


def test_an_unknown_or_derived_id_says_what_to_do(filled: Store):
    with pytest.raises(SeriesNotFoundError, match=r"no series 'sp50'.*sp500"):
        filled.read(["sp50"], MOMENT)
    with pytest.raises(NoDataError, match=r"derived and never stored\. Read sofr and iorb instead"):
        filled.read(["sofr_minus_iorb"], MOMENT)
    with pytest.raises(NoDataError, match="data show"):
        filled.read(["ioer"], None)


def test_the_example_of_the_docs_runs(home: Path):
    example = textwrap.dedent(DOCS.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0])
    done = commands.python(example, env=commands.environment(home))
    assert done.returncode == 0, done.stderr
    assert "ust_10y" in done.stdout and "known_at" in done.stdout
