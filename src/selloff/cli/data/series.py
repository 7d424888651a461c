"""`selloff data series`: every catalogued series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.cli.console import context, fails_cleanly, out

if TYPE_CHECKING:
    from selloff.catalog import Series


def _sources(series: Series) -> str:
    return ", ".join(series.sources) if series.formula is None else f"from {', '.join(series.formula.members)}"


@fails_cleanly
def series() -> None:
    """List every catalogued series with unit, class and sources."""
    from selloff.report.stacked import Column, StackedTable

    columns = (*(Column(name) for name in ("id", "class", "unit")), Column("name", below="{}"), Column("sources", "{}"))
    rows = [(s.id, s.asset_class or "", s.unit.value, s.name, _sources(s)) for s in context.catalogue.series.values()]
    out.print(StackedTable(columns, rows))
