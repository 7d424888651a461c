"""Names inside sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation

PROPER = {"China", "Bitcoin", "Nikkei"}
BARE = {"gold", "silver", "copper", "oil", "btc", "m7", "breakeven"}
"""Assets whose names take no article."""


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def asset_title(e: Explanation, asset: str) -> str:
    """An asset's name; with what stands in for it, where something does."""
    move = e.move_of(asset)
    return move.series.name if move is not None and move.series.is_stand_in else e.catalogue.assets[asset].name


def asset_name(e: Explanation, asset: str) -> str:
    """An asset's name inside a sentence."""
    return plain_name(asset_title(e, asset))


def with_article(e: Explanation, asset: str) -> str:
    """An asset's name as the object of a sentence."""
    name = asset_name(e, asset)
    return name if asset in BARE else f"the {name}"


def plain_name(name: str) -> str:
    """A name inside a sentence: proper nouns and abbreviations keep their capitals."""
    first = name.split(maxsplit=1)[0]
    return name if first in PROPER or not first[1:].islower() else name[0].lower() + name[1:]
