"""`selloff scorecard`: how often is it right?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from selloff.cli.console import context, err, fails_cleanly, out, write_data
from selloff.cli.output import check_place, write_file

if TYPE_CHECKING:
    from selloff.scorecard import Scorecard


@contextmanager
def _progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        tasks = {}

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield step


def _write_files(result: Scorecard, html: Path | None, docs: Path | None, reasons: Mapping[str, str]) -> None:
    """The page and the Markdown with its plot, as far as asked for."""
    if html is not None:
        from selloff.report.scorecard_html import scorecard_page

        write_file(html, scorecard_page(result))
    if docs is not None:
        from selloff.report.scorecard_docs import scorecard_markdown

        plot = docs.with_name(f"{docs.stem}_calibration.svg")
        text, picture = scorecard_markdown(result, reasons, plot.name)
        write_file(docs, text)
        if picture is not None:
            write_file(plot, picture)


@fails_cleanly
def scorecard(
    tier: list[str] | None = typer.Option(
        None, help="exact, synthetic, human, event or controls; may be given several times. Default: all of them."
    ),
    labels: Path | None = typer.Option(None, help="Human labels by day, in the layout of docs/scorecard-method.md."),
    coders: Path | None = typer.Option(None, help="Human labels by coder, for the human ceiling."),
    data: Path | None = typer.Option(
        None, help="Folder in which a tier looks for a file that no option names.", file_okay=False
    ),
    seed: int | None = typer.Option(None, help="Seed of the synthetic worlds. Default: drawn now, and printed.", min=0),
    as_json: bool = typer.Option(False, "--json", help="Print every score as JSON."),
    html: Path | None = typer.Option(None, help="Write a self-contained page to this file.", dir_okay=False),
    docs: Path | None = typer.Option(
        None, help="Write the scorecard as Markdown to this file, its plot beside it.", dir_okay=False
    ),
    readings: Path | None = typer.Option(
        None, help="With --docs: why the worst misses were missed, by date (TOML).", dir_okay=False
    ),
) -> None:
    """Score the program: against published numbers, planted causes, human labels, dated events and quiet days."""
    import secrets

    from selloff.report.scorecard_docs import read_readings
    from selloff.scorecard import ScoreContext, run_scorecard, tier_ids
    from selloff.scorecard.run import load_tier

    check_place(html)
    check_place(docs)
    ids = tuple(dict.fromkeys(tier)) if tier else tier_ids()
    for name in ids:
        load_tier(name)
    reasons = read_readings(readings) if readings is not None else {}
    with _progress_bar() as progress:
        scoring = ScoreContext(
            store=context.store,
            catalogue=context.catalogue,
            sessions=context.sessions,
            now=context.now,
            files={role: path for role, path in (("labels", labels), ("coders", coders)) if path is not None},
            folder=data,
            cache=context.settings.cache_path,
            seed=secrets.randbits(32) if seed is None else seed,
            progress=progress,
        )
        result = run_scorecard(ids, scoring, skip_unscored=not tier)
    _write_files(result, html, docs, reasons)
    if as_json:
        write_data(result.to_json())
        return
    from selloff.report.scorecard_text import render_scorecard

    out.print(render_scorecard(result))
