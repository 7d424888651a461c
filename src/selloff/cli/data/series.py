"""`selloff data series`: every catalogued series."""

from __future__ import annotations

from rich import box
from rich.table import Table

from selloff.cli.console import context, fails_cleanly, out


@fails_cleanly
def series() -> None:
    """List every catalogued series with unit, class and sources."""
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("id", "name", "class", "unit", "sources"):
        table.add_column(name, overflow="fold", no_wrap=name == "id")
    for s in context.catalogue.series.values():
        sources = ", ".join(s.sources) if s.formula is None else f"from {', '.join(s.formula.members)}"
        table.add_row(s.id, s.name, s.asset_class or "", s.unit.value, sources)
    out.print(table)
