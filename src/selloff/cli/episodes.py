"""`selloff episodes`: the named windows of the catalogue."""

from __future__ import annotations

from rich import box
from rich.table import Table

from selloff.cli.console import context, fails_cleanly, out


@fails_cleanly
def episodes() -> None:
    """List the named episodes and their aliases."""
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("name", "aliases", "base", "end", "usual reading"):
        table.add_column(name)
    for e in sorted(context.catalogue.episodes.values(), key=lambda e: (e.base, e.end)):
        table.add_row(e.id, ", ".join(e.aliases), str(e.base), str(e.end), e.consensus)
    out.print(table)
