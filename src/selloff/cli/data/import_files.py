"""`selloff data import`: bring in the user's own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.progress import Progress
from rich.table import Table

from selloff.cli.console import context, err, fails_cleanly, out, show_error

if TYPE_CHECKING:
    from selloff.pull.importing import ImportReport


def _table(report: ImportReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("file")
    table.add_column("series")
    for name in ("new", "revised", "unchanged"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", style="bold red")
    for file in report.files:
        if file.error is not None:
            table.add_row(file.file, "", "", "", "", "failed")
        for number, s in enumerate(file.series):
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
    with Progress(console=err, transient=True) as progress:
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
    out.print(_table(report))
    stored = report.appended
    out.print(f"stored {stored.new:,} new and {stored.revised:,} revised values in {context.store.place}")
    for file in report.failed:
        assert file.error is not None
        show_error(file.error)
    if report.failed:
        n_failed, n_all = len(report.failed), len(report.files)
        err.print(f"{n_failed} of {n_all} files failed; nothing of them was stored, all others were.")
        raise SystemExit(2)
