"""A scan for people: a table in the terminal, and a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from selloff.report.charts.stress import stress
from selloff.report.html import framed, styled, template
from selloff.report.numbers import joined, signed, years_text
from selloff.report.rarity_text import BEYOND
from selloff.report.stacked import Column, StackedTable
from selloff.report.text import NOT_ADVICE

if TYPE_CHECKING:
    from selloff.explanation.scan_result import Scan, ScanEpisode

CLASSES_SHOWN = 4
LOOK_CLOSER = "One of them closer: selloff explain START:END. Every number: --json. Page: --html FILE."


COLUMNS = (
    *(Column(name) for name in ("from", "to", "verdict", "deepest window")),
    Column("classes down there, slow σ", below="{}"),
    Column("half the classes that deep", below="half the classes that deep: {}"),
    Column("episode", below="{}"),
)


def scan_heading(scan: Scan) -> str:
    """What was looked at, and what came out."""
    n = len(scan.episodes)
    lengths = joined([str(x) for x in scan.lengths])
    found = f"{n} sell-off{'s' if n != 1 else ''}"
    return (
        f"{found} from {scan.first} to {scan.last}: windows of {lengths} session{'s' if scan.lengths != (1,) else ''}, "
        f"verdict {scan.min_verdict}{' or stronger' if scan.min_verdict != 'joint' else ''}"
    )


def rarity_text(episode: ScanEpisode) -> str:
    """How rare half of the classes are that deep."""
    period = episode.return_period
    if period.mid is None:
        return "–"
    if period.mid >= BEYOND * period.history_years:
        return f"rarer than once in {years_text(period.history_years)}"
    return f"once in {years_text(period.mid)}"


def depths_text(scan: Scan, episode: ScanEpisode, most: int | None = None) -> str:
    """`credit −5.4, energy −3.6`: the classes down, deepest first."""
    down = sorted(episode.classes_down, key=lambda c: episode.depth[c] or 0.0)
    shown = down if most is None else down[:most]
    text = ", ".join(f"{scan.catalogue.classes[c].name.lower()} {signed(episode.depth[c] or 0.0)}" for c in shown)
    return text if len(shown) == len(down) else f"{text} and {len(down) - len(shown)} more"


def peak_text(episode: ScanEpisode) -> str:
    """The deepest window."""
    peak = episode.peak
    return str(peak.end) if peak.n_sessions == 1 else f"{peak.start}:{peak.end}"


def count_lines(scan: Scan) -> list[str]:
    """Spells a year of each verdict, by window length."""
    return [
        f"{n} session{'s' if n != 1 else ''}: "
        + " · ".join(f"{v} {c['spells'] / scan.years:.2f}" for v, c in counts.items())
        for n, counts in scan.counts.items()
    ]


def render_scan(scan: Scan) -> Group:
    """Everything a terminal shows of a scan."""
    rows = [
        (
            str(e.start),
            str(e.end),
            Text(e.verdict, style="bold" if e.verdict == "joint" else ""),
            peak_text(e),
            depths_text(scan, e, CLASSES_SHOWN),
            rarity_text(e),
            ", ".join(e.episodes),
        )
        for e in scan.episodes
    ]
    return Group(
        Text(scan_heading(scan), style="bold"),
        Text(""),
        StackedTable(COLUMNS, rows),
        Text("\nSpells a year, by window length", style="bold underline"),
        *[Text(line) for line in count_lines(scan)],
        Text(f"\n{LOOK_CLOSER} {NOT_ADVICE}", style="dim"),
    )


def scan_markup(scan: Scan, *, page: bool) -> str:
    """The result as a self-contained page, or without its frame for notebooks."""
    values = {
        "scan": scan,
        "heading": scan_heading(scan),
        "rarity": rarity_text,
        "peak": peak_text,
        "counts": count_lines(scan),
        "picture": stress(scan.to_dict(), {i: e.name for i, e in scan.catalogue.episodes.items()}),
        "not_advice": NOT_ADVICE,
    }
    if page:
        return framed("scan_page.html", {**values, "ids": ""})
    ids = f"selloff-scan-{scan.first:%Y%m%d}-{scan.last:%Y%m%d}-"
    return template("scan_fragment.html").render({**values, "ids": ids}, style=styled("notebook.css")[0])
