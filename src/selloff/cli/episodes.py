"""`selloff episodes`: the named windows of the catalogue."""

from __future__ import annotations

from selloff.cli.console import context, fails_cleanly, out


@fails_cleanly
def episodes() -> None:
    """List the named episodes and their aliases."""
    from selloff.report.stacked import Column, StackedTable

    columns = (*(Column(name) for name in ("name", "aliases", "base", "end")), Column("usual reading", below="{}"))
    ordered = sorted(context.catalogue.episodes.values(), key=lambda e: (e.base, e.end))
    rows = [(e.id, ", ".join(e.aliases), str(e.base), str(e.end), e.consensus) for e in ordered]
    out.print(StackedTable(columns, rows))
