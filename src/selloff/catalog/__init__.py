"""What exists: series, sources, assets, causes, episodes, sessions, and the observation type."""

from selloff.catalog.baskets import RotationBasket
from selloff.catalog.catalogue import Catalogue, default_catalogue, load
from selloff.catalog.causes import ROLES, Cause, Cell, Link, Ranking, Role
from selloff.catalog.episodes import Episode
from selloff.catalog.events import Calendar, Event, EventTable, RateTable
from selloff.catalog.indicators import Indicator, Indicators, ScheduledIndicator, WithoutSource
from selloff.catalog.intraday import IntradayAsset
from selloff.catalog.observation import OBSERVATION_SCHEMA, Vintage
from selloff.catalog.series import Asset, AssetClass, Series
from selloff.catalog.sourcelist import Member, Source, Wheel
from selloff.catalog.units import Unit

__all__ = [
    "OBSERVATION_SCHEMA",
    "ROLES",
    "Asset",
    "AssetClass",
    "Calendar",
    "Catalogue",
    "Cause",
    "Cell",
    "Episode",
    "Event",
    "EventTable",
    "Indicator",
    "Indicators",
    "IntradayAsset",
    "Link",
    "Member",
    "Ranking",
    "RateTable",
    "Role",
    "RotationBasket",
    "ScheduledIndicator",
    "Series",
    "Source",
    "Unit",
    "Vintage",
    "Wheel",
    "WithoutSource",
    "default_catalogue",
    "load",
]
