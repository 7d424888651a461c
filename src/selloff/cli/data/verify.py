"""`selloff data verify`: is what is stored whole, possible, and dated right?"""

from __future__ import annotations

import json

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from selloff.catalog.sessions import NEW_YORK, Sessions
from selloff.cli.console import context, fails_cleanly, out, write_data
from selloff.errors import NoDataError


def _exchange(name: str) -> Sessions:
    from selloff.catalog.sessions import load_sessions

    if name == NEW_YORK:
        return context.sessions
    return load_sessions(context.settings.cache_path, last_year=context.now.year + 1, exchange=name)


@fails_cleanly
def verify(as_json: bool = typer.Option(False, "--json", help="Print as JSON.")) -> None:
    """Check schema, hashes, gaps, ranges and alignment. Exit code 1 if something wants attention."""
    from selloff.panel.verify import verify_store

    if not context.store.exists():
        raise NoDataError(f"There is no data in {context.store.place}.", "Run `selloff data pull starter` first.")
    found = verify_store(context.store, context.catalogue, context.sessions, _exchange, context.now)
    if as_json:
        write_data(json.dumps(found.to_dict(), indent=1) + "\n")
    else:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("check", "", "series", "finding"):
            table.add_column(name, overflow="fold")
        early = {a.series for a in found.alignments if a.verdict == "expected"}
        for f in found.findings:
            if f.check == "alignment" and f.series in early:
                continue
            mark = Text(f.severity, style="bold red") if f.severity == "error" else ""
            table.add_row(f.check, mark, f.series or "", f.text)
        if table.row_count:
            out.print(table)
        aligned = sum(a.verdict == "aligned" for a in found.alignments)
        if early:
            out.print(
                f"These close before New York and answer a day later, as they should: {', '.join(sorted(early))}."
            )
        n = len(found.errors)
        out.print(
            f"{found.n_rows:,} rows and {found.n_payloads:,} payloads checked; {aligned} of {len(found.alignments)} "
            f"series peak on their day; {f'{n} findings want' if n != 1 else '1 finding wants'} attention."
        )
    if found.errors:
        raise SystemExit(1)
