"""Which command brings what the store lacks."""

from __future__ import annotations

from collections.abc import Iterable

from selloff.catalog import Catalogue

IMPORT_COMMAND = "selloff data import DIR --mapping FILE"
SOURCES_NAMED = 3


def pulling_sources(catalogue: Catalogue, names: Iterable[str]) -> list[str]:
    """Network sources that deliver a series behind any of the names; those that work without a key come first.

    Parameters
    ----------
    names : ids of assets and series; any other name (a table of the calendar) has no source.
    """
    series: list[str] = []
    for name in names:
        series += catalogue.assets[name].series if name in catalogue.assets else [name]
    stored = [s for name in series if name in catalogue.series for s in catalogue.with_members([name])]
    delivering = [
        name
        for spec in stored
        for name in spec.sources
        if spec.id in catalogue.sources[name].codes.values() and not catalogue.sources[name].files_only
    ]
    return sorted(dict.fromkeys(delivering), key=lambda name: catalogue.sources[name].key == "required")


def get_command(catalogue: Catalogue, names: Iterable[str]) -> str:
    """The command that brings at least one of the names: a pull where a network source has it, else an import."""
    sources = pulling_sources(catalogue, names)[:SOURCES_NAMED]
    return f"selloff data pull {' '.join(sources)}" if sources else IMPORT_COMMAND


def get_commands(catalogue: Catalogue, needs: Iterable[Iterable[str]]) -> list[str]:
    """The fewest commands that bring one name of each need: one pull of first sources, and one import for the rest."""
    found = [pulling_sources(catalogue, names)[:1] for names in needs]
    first = sorted({source for sources in found for source in sources})
    pull = [f"selloff data pull {' '.join(first)}"] if first else []
    return pull + ([IMPORT_COMMAND] if [] in found else [])
