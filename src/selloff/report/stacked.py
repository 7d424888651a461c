"""A list with many columns on a narrow terminal: what does not fit beside goes below, and no name is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP = 3
INDENT = 4
LEAST = 24
"""Columns of text that a cell needs to be read across; one that gets less is put below."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    below : how a cell is written below its row, `{}` for the cell; None: it always stands in the row, whole.
    """

    name: str
    below: str | None = None
    right: bool = False


@dataclass(frozen=True)
class StackedTable:
    """Rows of cells. With too little room for every column, those with `below` go under the row, joined by dots.

    A column without `below` is never cut or broken as long as it is no wider than the terminal; on a very narrow one
    the last of them go below too.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        widest = [max([cell_len(c.name), *(_width(row[i]) for row in self.rows)]) for i, c in enumerate(self.columns)]
        least = [w if c.below is None else self._least(i, w) for i, (c, w) in enumerate(self._columns(widest))]
        if sum(least) + GAP * (len(least) - 1) <= options.max_width:
            yield self._beside(least)
        else:
            yield from self._below(widest, options.max_width)

    def _columns(self, widest: Sequence[int]) -> Iterator[tuple[Column, int]]:
        return zip(self.columns, widest, strict=True)

    def _least(self, column: int, widest: int) -> int:
        words = (cell_len(word) for row in self.rows for word in str(row[column]).split())
        return max(min(widest, LEAST), *words, 0)

    def _beside(self, least: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for c, width in self._columns(least):
            table.add_column(
                c.name,
                justify="right" if c.right else "left",
                no_wrap=c.below is None,
                overflow="fold",
                min_width=width,
            )
        for row in self.rows:
            table.add_row(*row)
        return table

    def _below(self, widest: Sequence[int], room: int) -> Iterator[RenderableType]:
        beside: list[int] = []
        for i, c in enumerate(self.columns):
            if c.below is None and (not beside or sum(widest[j] + GAP for j in beside) + widest[i] <= room):
                beside.append(i)
        below = [i for i in range(len(self.columns)) if i not in beside]

        def line(cells: Sequence[str | Text]) -> Text:
            parts = [_padded(cells[i], widest[i], right=self.columns[i].right) for i in beside]
            text = Text(" " * GAP, overflow="fold").join(parts)
            text.rstrip()
            return text

        yield line([Text(c.name, style="bold") for c in self.columns])
        yield Padding(Text(" · ".join(self.columns[i].name for i in below), style="dim"), (0, 0, 0, INDENT))
        yield Text("─" * room)
        for row in self.rows:
            yield line(row)
            said = [(self.columns[i].below or "{}").format(row[i]) for i in below if str(row[i])]
            if said:
                yield Padding(Text(" · ".join(said), overflow="fold"), (0, 0, 0, INDENT))


def _width(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)


def _padded(cell: str | Text, width: int, *, right: bool) -> Text:
    text = cell.copy() if isinstance(cell, Text) else Text(cell)
    space = " " * (width - text.cell_len)
    return Text.assemble(space, text) if right else Text.assemble(text, space)
