"""The catalogue: every series, source, asset, class, cause and episode, read from TOML and checked as a whole."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from selloff.catalog.baskets import RotationBasket
from selloff.catalog.causes import ROLES, Cause
from selloff.catalog.episodes import Episode
from selloff.catalog.events import Calendar, EventTable, RateTable, event_table
from selloff.catalog.evidence import EvidenceItem, load_evidence
from selloff.catalog.indicators import Indicators, check_indicators, read_indicators
from selloff.catalog.intraday import IntradayAsset
from selloff.catalog.labelmap import LabelMap, load_label_map
from selloff.catalog.late import LateTable, with_late_releases
from selloff.catalog.series import Asset, AssetClass, Series
from selloff.catalog.sourcelist import Source
from selloff.catalog.toml import build_entry, read_toml
from selloff.errors import CatalogError, EpisodeNotFoundError, SeriesNotFoundError

DATA = Path(__file__).parent / "data"

GROUP = "selloff.catalogue"

Model = TypeVar("Model", bound=BaseModel)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the closest known names, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(close)}?" if close else ""


@dataclass(frozen=True)
class Catalogue:
    """Everything selloff knows to exist, by id."""

    series: Mapping[str, Series]
    sources: Mapping[str, Source]
    assets: Mapping[str, Asset]
    classes: Mapping[str, AssetClass]
    causes: Mapping[str, Cause]
    episodes: Mapping[str, Episode]
    folder: Path = DATA

    @cached_property
    def intraday_assets(self) -> Mapping[str, IntradayAsset]:
        """Assets followed within the day, by id, read when first needed.

        Raises
        ------
        CatalogError : an entry is malformed, or names a series that does not exist or holds no bars.
        """
        found = _by_id(_tables(IntradayAsset, self.folder / "intraday_assets.toml", "intraday"))
        for item in found.values():
            need(item.series, self.series, f"Intraday asset {item.id!r}", "series")
            need([item.asset] if item.asset else [], self.assets, f"Intraday asset {item.id!r}", "asset")
            for series in (self.series[s] for s in item.series):
                if not series.is_intraday:
                    what = f"Intraday asset {item.id!r} names {series.id!r}, a {series.frequency} series."
                    raise CatalogError(what, "Name hourly or 5-minute bars.")
        return found

    @cached_property
    def baskets(self) -> Mapping[str, RotationBasket]:
        """Baskets of the rotation, by id, read when first needed.

        Raises
        ------
        CatalogError : an entry is malformed, or names a series that does not exist.
        """
        found = _by_id(_tables(RotationBasket, self.folder / "baskets.toml", "basket"))
        for basket in found.values():
            need(basket.series, self.series, f"Basket {basket.id!r}", "series")
        return found

    @cached_property
    def events(self) -> Calendar:
        """Dated events, read when first needed.

        Raises
        ------
        CatalogError : a table is malformed.
        """
        return _calendar(self.folder / "calendar")

    @cached_property
    def rates(self) -> Mapping[str, RateTable]:
        """Dated tables of rates that no source delivers, by id, read when first needed.

        Raises
        ------
        CatalogError : a table is malformed.
        """
        return _by_id(_files(RateTable, self.folder / "rates"))

    @cached_property
    def indicators(self) -> Indicators:
        """What the background is read from, read when first needed.

        Raises
        ------
        CatalogError : a file is malformed, or names a series or cause that does not exist.
        """
        found = read_indicators(self.folder / "indicators")
        check_indicators(found, self.series, set(self.causes))
        return found

    @cached_property
    def evidence(self) -> tuple[EvidenceItem, ...]:
        """Items of direct evidence, read when first needed.

        Raises
        ------
        CatalogError : a file is malformed, or names something that does not exist.
        """
        found = load_evidence(self.folder)
        outcomes = set(self.label_map.outcomes)
        for item in found:
            who = f"Evidence item {item.id!r}"
            need(item.outcomes, dict.fromkeys(outcomes), who, "outcome")
            need(item.causes, self.causes, who, "cause")
            need(item.seen_in, self.assets, f"{who} in its seen_in", "asset")
            speaks_for = {t for o in self.label_map.outcome if o.id in item.outcomes for t in o.triggers}
            need(item.triggers, dict.fromkeys(speaks_for), f"{who} in its triggers", "trigger of its outcomes")
            known: Mapping[str, object] = {**self.assets, **self.series}
            if item.reading == "scheduled":
                known = self.indicators.scheduled
            elif item.reading in ("percentile", "surprise"):
                known = self.indicators.measured
            elif item.reading == "held":
                known = {i.id: i for i in self.indicators.measured.values() if i.formula.is_exposure}
            need(item.of, known, who, "indicator, asset or series")
        return found

    @cached_property
    def label_map(self) -> LabelMap:
        """Outcomes that human labels are scored on, read when first needed."""
        return load_label_map(self.folder, self.causes)

    def find_series(self, series_id: str) -> Series:
        """The series of that id.

        Raises
        ------
        SeriesNotFoundError : the catalogue has no such series.
        """
        try:
            return self.series[series_id]
        except KeyError:
            hint = did_you_mean(series_id, self.series) or "`selloff data series` lists them."
            raise SeriesNotFoundError(f"The catalogue has no series {series_id!r}.", hint) from None

    def proxy_of(self, series: Series) -> str | None:
        """The liquid New York series that a series should move with on the same day; None if there is none."""
        by_class = self.classes[series.asset_class].proxy if series.asset_class is not None else None
        return series.proxy or by_class

    def find_episode(self, name: str) -> Episode:
        """The episode with that id or alias.

        Raises
        ------
        EpisodeNotFoundError : no episode has that id or alias.
        """
        wanted = name.strip().lower()
        if wanted in self._episode_names:
            return self._episode_names[wanted]
        hint = did_you_mean(wanted, self._episode_names) or "`selloff episodes` lists them."
        raise EpisodeNotFoundError(f"{name!r} is neither a date nor an episode or alias of the catalogue.", hint)

    @cached_property
    def _episode_names(self) -> dict[str, Episode]:
        return {name: e for e in self.episodes.values() for name in (e.id, *e.aliases)}

    def with_members(self, series_ids: Iterable[str]) -> list[Series]:
        """The stored series that these series are, or are derived from, each once, in catalogue order."""
        wanted: set[str] = set()
        stack = list(series_ids)
        while stack:
            spec = self.find_series(stack.pop())
            if spec.formula is None:
                wanted.add(spec.id)
            else:
                stack.extend(spec.formula.members)
        return [s for s in self.series.values() if s.id in wanted]


def _by_id(items: Iterable[tuple[Model, Path]]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for item, path in items:
        key: str = item.id  # type: ignore[attr-defined]
        if key in found:
            raise CatalogError(f"{path.name} defines {key!r} a second time.", "Ids are unique: rename one.")
        found[key] = item
    return found


def _series(folder: Path, late: Mapping[str, LateTable]) -> list[tuple[Series, Path]]:
    found = []
    for path in sorted(folder.glob("*.toml")):
        for values in read_toml(path).get("series", []):
            try:
                resolved = with_late_releases(values, late)
            except ValueError as error:
                what = f"{path.name}, {values.get('id', 'an entry without id')!r}: {error}."
                raise CatalogError(what, f"The tables are {', '.join(late) or 'none'}.") from error
            found.append((build_entry(Series, resolved, path), path))
    return found


def _files(model: type[Model], folder: Path) -> list[tuple[Model, Path]]:
    return [(build_entry(model, read_toml(path), path), path) for path in sorted(folder.glob("*.toml"))]


def _tables(model: type[Model], path: Path, key: str) -> list[tuple[Model, Path]]:
    return [(build_entry(model, values, path), path) for values in read_toml(path)[key]]


def _calendar(folder: Path) -> Calendar:
    tables: list[tuple[EventTable, Path]] = []
    for path in sorted(folder.glob("*.toml")):
        values = read_toml(path)
        try:
            tables.append((event_table(values), path))
        except (ValueError, KeyError, TypeError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise CatalogError(f"{path.name}: {reason}.", "Mend that entry.") from error
    return Calendar(_by_id(tables))


def need(ids: Iterable[str], known: Mapping[str, object], who: str, what: str) -> None:
    """Every id is known.

    Raises
    ------
    CatalogError : one is not.
    """
    for missing in (i for i in ids if i not in known):
        hint = did_you_mean(missing, known) or f"Add the {what}, or correct the name."
        raise CatalogError(f"{who} names the {what} {missing!r}, which does not exist.", hint)


def _check_references(catalogue: Catalogue) -> None:
    """Every id that one file names exists in another."""
    for series in catalogue.series.values():
        need(series.sources, catalogue.sources, f"Series {series.id!r}", "source")
        if series.formula is not None:
            need(series.formula.members, catalogue.series, f"Series {series.id!r}", "series")
            if series.formula.kind == "rate_table":
                tables = {path.stem: path for path in (catalogue.folder / "rates").glob("*.toml")}
                need([series.formula.table], tables, f"Series {series.id!r}", "rate table")
        if series.proxy is not None:
            need([series.proxy], catalogue.series, f"Series {series.id!r}", "series")
        if series.asset_class is not None:
            need([series.asset_class], catalogue.classes, f"Series {series.id!r}", "asset class")
    for asset in catalogue.assets.values():
        need(asset.series, catalogue.series, f"Asset {asset.id!r}", "series")
    for asset_class in catalogue.classes.values():
        members = [s for member in asset_class.members for s in member]
        proxy = [asset_class.proxy] if asset_class.proxy else []
        need([*members, *asset_class.also, *proxy], catalogue.series, f"Class {asset_class.id!r}", "series")
    for source in catalogue.sources.values():
        columns = [s for member in source.member for s in member.columns.values()]
        need([*columns, *source.codes.values()], catalogue.series, f"Source {source.id!r}", "series")
        if source.service is not None:
            need([source.service], catalogue.sources, f"Source {source.id!r}", "source")
            other = catalogue.sources[source.service]
            if (other.limit, other.key, other.service) != (source.limit, source.key, None):
                what = f"Source {source.id!r} shares the service of {other.id!r}, but not its limit and key."
                raise CatalogError(what, "Give both the same [limit] and key, and only one of them `service`.")
        for series_id in columns:
            if source.id not in catalogue.series[series_id].sources:
                what = f"Source {source.id!r} delivers {series_id!r}, whose sources do not list it."
                raise CatalogError(what, "Add it to the series' `sources`.")
    tables = {path.stem: path for path in (catalogue.folder / "calendar").glob("*.toml")}
    for cause in catalogue.causes.values():
        named = [*cause.helps, *(name for entry in cause.requires for name in entry)]
        who = f"Cause {cause.id!r} in its requires or helps"
        need(named, {**catalogue.assets, **catalogue.series, **tables}, who, "column, series or dated table")
        if list(cause.signature) != list(catalogue.assets):
            what = f"Cause {cause.id!r} has the columns {', '.join(cause.signature)}."
            raise CatalogError(what, f"It needs exactly {', '.join(catalogue.assets)}, in this order.")
        linked = [name for link in cause.chain for name in link.of if name not in catalogue.assets]
        need(linked, catalogue.series, f"Cause {cause.id!r} in its chain", "series")


def plugin_folders(points: Iterable[EntryPoint] | None = None) -> list[Path]:
    """Catalogue folders of installed plugins, sorted by name of their entry point.

    An entry point of the group `selloff.catalogue` names a package whose folder holds `series/` and `sources/`.

    Raises
    ------
    CatalogError : the package has no such folder.
    """
    found = []
    for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda p: p.name):
        try:
            spec = find_spec(point.value)
        except Exception as error:
            what = f"The catalogue plugin {point.name!r} ({point.value}) can't be imported: {type(error).__name__}."
            raise CatalogError(what, "Mend or uninstall it.") from error
        places = spec.submodule_search_locations if spec is not None else None
        if not places:
            what = f"The catalogue plugin {point.name!r} names {point.value}, which is no package."
            raise CatalogError(what, "Mend or uninstall it.")
        found.append(Path(next(iter(places))))
    return found


def load(folder: Path = DATA, user_causes: Path | None = None, plugins: Sequence[Path] = ()) -> Catalogue:
    """Read and check the catalogue of a folder.

    Parameters
    ----------
    plugins : further folders with `series/` and `sources/`.

    Raises
    ------
    CatalogError : a file is malformed, or names something that does not exist.
    """
    causes = _files(Cause, folder / "causes")
    if user_causes is not None and user_causes.is_dir():
        causes += _files(Cause, user_causes)
    causes.sort(key=lambda item: ROLES.index(item[0].role))
    late = _by_id(_files(LateTable, folder / "late"))
    catalogue = Catalogue(
        series=_by_id(e for f in (folder, *plugins) for e in _series(f / "series", late)),
        sources=_by_id(e for f in (folder, *plugins) for e in _files(Source, f / "sources")),
        assets=_by_id(_tables(Asset, folder / "assets.toml", "asset")),
        classes=_by_id(_tables(AssetClass, folder / "asset_classes.toml", "class")),
        causes=_by_id(causes),
        episodes=_by_id(_tables(Episode, folder / "episodes.toml", "episode")),
        folder=folder,
    )
    _check_references(catalogue)
    return catalogue


def _contents(folder: Path | None) -> tuple[tuple[str, str], ...]:
    """Name and hash of every cause file of the user; one that can't be read has the hash of nothing."""
    found = []
    for path in sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else ():
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        found.append((path.name, hashlib.sha256(content).hexdigest()))
    return tuple(found)


@lru_cache(maxsize=4)
def _loaded(user_causes: Path | None, _contents: tuple[tuple[str, str], ...]) -> Catalogue:
    return load(user_causes=user_causes, plugins=plugin_folders())


def default_catalogue(user_causes: Path | None = None) -> Catalogue:
    """The catalogue that ships with selloff, those of installed plugins, and the user's own causes.

    It is read once, and again when a file of the user was added, changed or removed.

    Parameters
    ----------
    user_causes : folder of cause files; one that does not exist holds none.

    Raises
    ------
    CatalogError : a file is malformed, names something that does not exist, or reuses an id.
    """
    return _loaded(user_causes, _contents(user_causes))
