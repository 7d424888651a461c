"""Which command brings what the store lacks, as far as anybody has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from selloff.catalog import Catalogue, Series

IMPORT_COMMAND = "selloff data import DIR --mapping FILE"
SOURCES_NAMED = 3


def not_yet(catalogue: Catalogue, names: Iterable[str], day: date) -> dict[str, date]:
    """The names of which nobody has a value as early as a day, each with the first day of which there is one.

    Parameters
    ----------
    names : ids of assets and series; any other name (a table of the calendar) is never among them.
    """
    found = {}
    for name in names:
        begins = [_begins(catalogue, spec) for spec in _series_of(catalogue, name)]
        if begins and min(begins) > day:
            found[name] = min(begins)
    return found


def nothing_yet(catalogue: Catalogue, names: Sequence[str], day: date) -> bool:
    """Whether nobody has a value of any of the names as early as a day."""
    return len(not_yet(catalogue, names, day)) == len(names)


def pulling_sources(catalogue: Catalogue, names: Iterable[str], day: date) -> dict[str, str]:
    """Network sources that deliver a series behind any of the names for a day, and what limits each, if anything.

    Those without a key come first, those that hold only the latest part of what they have of it last.

    Parameters
    ----------
    names : ids of assets and series; any other name (a table of the calendar) has no source.
    day : the window's last session; what begins later is left out.
    """
    limits: dict[str, str] = {}
    for spec in _stored_behind(catalogue, names, day):
        for name in spec.sources:
            source = catalogue.sources[name]
            delivers = spec.id in source.codes.values() and not source.files_only
            if not delivers or source.begins.get(spec.id, date.min) > day:
                continue
            part = source.latest_only.get(spec.id)
            words = f"{name} has only the latest {part} of {spec.id}" if part else ""
            limits[name] = words and limits.get(name, words)
    return dict(sorted(limits.items(), key=lambda item: (bool(item[1]), catalogue.sources[item[0]].key == "required")))


def get_command(catalogue: Catalogue, names: Sequence[str], day: date) -> str | None:
    """The command that brings at least one of the names: a pull where a network source has it, else an import.

    A comment behind it says which source holds only the latest part. None where no name had a value by that day.
    """
    limits = pulling_sources(catalogue, names, day)
    if limits:
        return _pull(dict(list(limits.items())[:SOURCES_NAMED]))
    return None if nothing_yet(catalogue, names, day) else IMPORT_COMMAND


def get_commands(catalogue: Catalogue, needs: Iterable[Sequence[str]], day: date) -> list[str]:
    """The fewest commands that bring one name of each need: one pull of first sources, and one import for the rest.

    Needs of which nobody had anything by that day are passed over.
    """
    first: dict[str, str] = {}
    rest = False
    for names in needs:
        limits = pulling_sources(catalogue, names, day)
        for source, words in list(limits.items())[:1]:
            first[source] = first.get(source) or words
        rest |= not limits and not nothing_yet(catalogue, names, day)
    return ([_pull(dict(sorted(first.items())))] if first else []) + ([IMPORT_COMMAND] if rest else [])


def _pull(limits: Mapping[str, str]) -> str:
    comment = "; ".join(words for words in limits.values() if words)
    return f"selloff data pull {' '.join(limits)}" + (f"  # {comment}" if comment else "")


def _series_of(catalogue: Catalogue, name: str) -> list[Series]:
    ids = catalogue.assets[name].series if name in catalogue.assets else [name]
    return [catalogue.series[s] for s in ids if s in catalogue.series]


def _begins(catalogue: Catalogue, spec: Series) -> date:
    """The first day of which a series can have a value; a derived one needs all its members."""
    members = [] if spec.formula is None else [catalogue.series[m] for m in spec.formula.members]
    return max([spec.begins or date.min, *(_begins(catalogue, m) for m in members)])


def _stored_behind(catalogue: Catalogue, names: Iterable[str], day: date) -> list[Series]:
    """The stored series behind names, each once, without what had no value by a day."""
    begun = [s.id for name in names for s in _series_of(catalogue, name) if _begins(catalogue, s) <= day]
    return [spec for series in begun for spec in catalogue.with_members([series])]
