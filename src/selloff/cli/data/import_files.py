"""`selloff data import`: bring in the user's own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from selloff.cli.console import context, err, fails_cleanly, out, show_error

if TYPE_CHECKING:
    from selloff.pull.importing import ImportReport

SHOWN_ERRORS = 10


def _table(report: ImportReport) -> Table:
    """What failed and what brought something new; a file that is imported again would fill the screen."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("file")
    table.add_column("series")
    for name in ("new", "revised", "unchanged"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", style="bold red")
    for file in report.files:
        if file.error is not None:
            table.add_row(file.file, "", "", "", "", "failed")
        for number, s in enumerate(s for s in file.series if s.new or s.revised):
            counts = [f"{n:,}" if n else "" for n in (s.new, s.revised, s.unchanged)]
            table.add_row(file.file if number == 0 else "", s.series, *counts, "")
    return table


@fails_cleanly
def import_files(
    folder: Path = typer.Argument(help="The folder that holds the files.", metavar="DIR"),
    mapping: Path = typer.Option(help="TOML file that says which columns are which series.", dir_okay=False),
) -> None:
    """Import a folder of CSV, Parquet or Excel files."""
    from selloff.pull.importing import import_folder
    from selloff.pull.mapping import read_mapping

    rules = read_mapping(mapping, context.catalogue)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("importing", total=None)

        def step(what: str, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=what)

        report = import_folder(
            folder,
            rules,
            store=context.store,
            catalogue=context.catalogue,
            sessions=context.sessions,
            now=context.now,
            progress=step,
        )
    table, stored = _table(report), report.appended
    if table.row_count:
        out.print(table)
    known = [s for file in report.files for s in file.series if not (s.new or s.revised)]
    if known:
        out.print(f"nothing new in {len(known)} series ({sum(s.unchanged for s in known):,} values)")
    out.print(f"stored {stored.new:,} new and {stored.revised:,} revised values in {context.store.place}")
    for file in report.failed[:SHOWN_ERRORS]:
        assert file.error is not None
        show_error(file.error)
    if report.failed:
        if len(report.failed) > SHOWN_ERRORS:
            err.print(f"and {len(report.failed) - SHOWN_ERRORS} further errors")
        err.print(_failed_text(len(report.failed), len(report.files)))
        raise SystemExit(2)


def _failed_text(n_failed: int, n_all: int) -> str:
    if n_failed == n_all:
        return "No file could be imported; nothing was stored."
    what = "nothing of it was" if n_failed == 1 else "nothing of them was"
    return f"{n_failed} of {n_all} files failed: {what} stored, the others were."
