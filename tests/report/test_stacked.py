"""Lists on narrow terminals: names stay whole, and every cell is somewhere."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from selloff.report.stacked import LEAST, Column, StackedTable

COLUMNS = (
    Column("id"),
    Column("rows", right=True),
    Column("to"),
    Column("due", below="due {}"),
    Column("reading", below="{}"),
)
LONG = "a reading of many words that takes more room than a narrow terminal has"
ROWS = (
    ("metals-blow-off-2026-and-after", "9,000", "2026-02-27", "2026-03-02", LONG),
    ("ual-1989", "7", "1989-10-13", "", Text(LONG)),
    ("bare", "1", "2000-01-03", "", ""),
)


def _lines(width: int) -> list[str]:
    console = Console(width=width, file=None, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(StackedTable(COLUMNS, ROWS))
    lines = captured.get().splitlines()
    assert all(len(line) <= width for line in lines)
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize("width", [34, 60, 80, 100, 140, 250])
def test_no_name_is_cut_and_no_cell_is_lost(width: int):
    lines = _lines(width)
    text = " ".join(" ".join(lines).split())
    for row in ROWS:
        assert any(line.split()[:1] == [row[0]] for line in lines)
        assert all(cell in text for cell in row[1:4])
    assert "…" not in text
    assert text.count("terminal") == 2


def test_what_does_not_fit_beside_goes_below():
    narrow, wide = _lines(80), _lines(200)
    assert narrow[0].split() == ["id", "rows", "to"]
    assert narrow[1].strip() == "due · reading"
    assert narrow[3].split() == ["metals-blow-off-2026-and-after", "9,000", "2026-02-27"]
    assert narrow[4] == f"    due 2026-03-02 · {LONG}"[:80].rsplit(" ", 1)[0]
    assert narrow[-1].split() == ["bare", "1", "2000-01-03"]
    assert wide[0].split() == ["id", "rows", "to", "due", "reading"]
    assert LONG in wide[2]


def test_a_column_beside_has_room_to_be_read():
    """The narrowest terminal with all columns beside: the reading has its least width there."""
    beside = next(w for w in range(40, 200) if _lines(w)[0].split()[-1] == "reading")
    assert beside == sum([len(ROWS[0][0]), len("9,000"), 10, 10, LEAST]) + 4 * 3


def test_the_last_columns_go_below_where_even_the_row_does_not_fit():
    assert _lines(50)[0].split() == ["id", "rows"]
    assert _lines(50)[3].split() == ["metals-blow-off-2026-and-after", "9,000"]
    assert _lines(50)[4].startswith("    2026-02-27 · due 2026-03-02 · ")
