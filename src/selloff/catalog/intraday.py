"""Assets followed within the day: which bars stand for them, and when their market is open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from selloff.catalog.series import CatalogModel, SeriesId


class IntradayAsset(CatalogModel):
    """An asset of the sequence.

    series : its bars, finest first. market : `XNYS` counts regular New York hours only, `always` never closes.
    group : assets of one group are named together ("crypto was sold first"). asset : the column of the signature table
    that it stands for, if any.
    """

    id: SeriesId
    name: str
    group: str
    market: Literal["XNYS", "always"]
    series: tuple[SeriesId, ...] = Field(min_length=1)
    asset: SeriesId | None = None
