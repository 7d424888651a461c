"""Assets: the signature table's columns, each bound to one series for a whole explanation."""

from __future__ import annotations

from collections.abc import Mapping

from selloff.catalog import Catalogue
from selloff.panel.moves import Move


def bind_assets(catalogue: Catalogue, moves: Mapping[str, Move]) -> dict[str, str]:
    """The series of each asset: the first of its list that moved over the window and has a slow sigma.

    Returns
    -------
    Series id by asset id, in the catalogue's order; an asset without an available series is left out.
    """
    bound = {}
    for asset in catalogue.assets.values():
        series_id = next((s for s in asset.series if s in moves and moves[s].sigmas_slow is not None), None)
        if series_id is not None:
            bound[asset.id] = series_id
    return bound
