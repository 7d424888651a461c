"""Which class serves which catalogue entry: built in by file name, third parties by entry point."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from selloff.catalog import Source
from selloff.errors import CatalogError
from selloff.sources.contract import NetworkSource

GROUP = "selloff.sources"


@dataclass(frozen=True)
class Registry:
    """Network sources that can be asked, and the error of each that can't be loaded, by entry id."""

    sources: Mapping[str, NetworkSource]
    broken: Mapping[str, CatalogError]


def _error(entry_id: str, reason: str, hint: str) -> CatalogError:
    return CatalogError(f"The source {entry_id!r} can't be loaded: {reason}.", hint)


def _built_in(entry_id: str) -> type[NetworkSource] | None:
    module_name = f"selloff.sources.{entry_id}"
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name == module_name:
            return None
        raise
    found = [
        item
        for item in vars(module).values()
        if isinstance(item, type)
        and issubclass(item, NetworkSource)
        and item.__module__ == module_name
        and getattr(item, "id", None) == entry_id
    ]
    return found[0] if len(found) == 1 else None


def _plugged(point: EntryPoint) -> type[NetworkSource]:
    found = point.load()
    if not (isinstance(found, type) and issubclass(found, NetworkSource)):
        raise TypeError(f"{point.value} is not a NetworkSource")
    if getattr(found, "id", None) != point.name:
        raise TypeError(f"{point.value} has the id {getattr(found, 'id', None)!r}")
    return found


def load_sources(entries: Iterable[Source], points: Iterable[EntryPoint] | None = None) -> Registry:
    """The classes of all network entries, in catalogue order. One that fails to import is named, and stops no other.

    Parameters
    ----------
    points : entry points of the group `selloff.sources`, named by entry id; those installed by default.
    """
    plugged = {point.name: point for point in (entry_points(group=GROUP) if points is None else points)}
    sources: dict[str, NetworkSource] = {}
    broken: dict[str, CatalogError] = {}
    for entry in entries:
        if entry.kind != "network":
            continue
        try:
            found = _built_in(entry.id)
            if found is None and entry.id in plugged:
                found = _plugged(plugged[entry.id])
            if found is None:
                hint = f"Add src/selloff/sources/{entry.id}.py, or install the package that provides it."
                broken[entry.id] = _error(entry.id, "no class with this id", hint)
                continue
            sources[entry.id] = found(entry)
        except Exception as error:
            # A third party's module may raise anything; it must not take the other sources down.
            reason = f"{type(error).__name__}: {error}".rstrip(".")
            broken[entry.id] = _error(entry.id, reason, "Mend or uninstall it; the other sources work.")
    return Registry(sources, broken)
