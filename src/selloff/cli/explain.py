"""`selloff explain`: why did it fall?"""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import RenderableType

from selloff.cli.console import context, fails_cleanly, say_progress
from selloff.cli.output import check_place, deliver
from selloff.cli.starter import ensure_data


@fails_cleanly
def explain(
    when: str | None = typer.Argument(
        None, help="A session (2020-03-12), START:END, or an episode (312). Default: the last session."
    ),
    window: str | None = typer.Option(
        None, help="Length ending on WHEN, such as 1d or 5d, START:END, or auto: the length that makes the fall rarest."
    ),
    as_of: str | None = typer.Option(
        None, help="`close`, a date or a timestamp (New York). Default: 09:00 the day after."
    ),
    hindsight: bool = typer.Option(False, "--hindsight", help="Use what only became known later; labelled."),
    as_json: bool = typer.Option(False, "--json", help="Print the whole result as JSON."),
    html: Path | None = typer.Option(None, help="Write a self-contained page to this file.", dir_okay=False),
) -> None:
    """Explain a sell-off: what fell, how rare and joint, and which causes fit."""
    from selloff.explanation import check_words
    from selloff.explanation import explain as explain_window

    check_words(when, window, as_of, hindsight, context.catalogue, context.sessions, context.now)
    check_place(html)
    failed = ensure_data(context)

    result = explain_window(
        when,
        window=window,
        as_of=as_of,
        hindsight=hindsight,
        store=context.store,
        catalogue=context.catalogue,
        sessions=context.sessions,
        now=context.now,
        progress=say_progress,
    )

    def terminal() -> RenderableType:
        from selloff.report.text import render

        return render(result)

    deliver(result, terminal, failed, as_json=as_json, html=html)
