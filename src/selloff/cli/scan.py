"""`selloff scan`: every sell-off in history."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import RenderableType

from selloff.cli.console import context, fails_cleanly
from selloff.cli.output import check_place, deliver
from selloff.cli.starter import ensure_data


@fails_cleanly
def scan(
    start: str | None = typer.Option(
        None, "--from", help="First session, YYYY-MM-DD. Default: the first that can be judged."
    ),
    end: str | None = typer.Option(None, "--to", help="Last session, YYYY-MM-DD. Default: where the data end."),
    window: str | None = typer.Option(None, help="Sessions in a window, such as 5. Default: 1, 3, 5, 10 and 20."),
    min_verdict: str = typer.Option("isolated", help="Weakest verdict that counts: isolated, partial or joint."),
    as_of: str | None = typer.Option(
        None, help="`close`, a date or a timestamp. Default: 09:00 the day after the last session."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the whole result as JSON."),
    html: Path | None = typer.Option(None, help="Write a self-contained page to this file.", dir_okay=False),
) -> None:
    """Find every sell-off in history: when, which classes, how deep, how rare."""
    from selloff.explanation.scan import check_verdict, window_lengths
    from selloff.explanation.scan import scan as scan_history

    window_lengths(window)
    check_verdict(min_verdict)
    check_place(html)
    failed = ensure_data(context)
    result = scan_history(
        start,
        end,
        window=window,
        min_verdict=min_verdict,
        as_of=as_of,
        store=context.store,
        catalogue=context.catalogue,
        sessions=context.sessions,
        now=context.now,
    )

    def terminal() -> RenderableType:
        from selloff.report.scan import render_scan

        return render_scan(result)

    deliver(result, terminal, failed, as_json=as_json, html=html)
