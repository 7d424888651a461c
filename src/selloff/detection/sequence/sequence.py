"""The order in which assets broke within a window."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from selloff.catalog import Catalogue, IntradayAsset
from selloff.catalog.sessions import Sessions
from selloff.detection.sequence.bars import Bars, Instants, steps, trading_bars
from selloff.detection.sequence.history import LOOK_BACK, Readable, Reason, read_window
from selloff.detection.sequence.onset import CONFIDENCE, Onset, deepest, find_onset
from selloff.detection.sequence.order import Spread, before, first
from selloff.panel import Window
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.panel.slices import rows_since
from selloff.panel.transforms import Floats

LONGEST = 20
"""Sessions; in a longer window the first fall need not belong to the others."""

OPENING = time(9, 30)
"""Of the New York Stock Exchange, early closes included."""

State = Literal["broke", "did_not_break"] | Reason


@dataclass(frozen=True)
class Break:
    """One asset in the sequence; instants are UTC microseconds.

    Attributes
    ----------
    state : `broke`, `did_not_break`, or why it can't be told.
    series : whose bars were read. sigmas : the deepest fall of the window, in units of what is usual in its time.
    low, high : 90 % interval of the start of the first fall. best : its most likely moment; the opening, if the market
        was closed before it. alarm : when the fall had passed the threshold. move : simple move of that fall
        from its most likely start to its most likely end, in per cent.
    over_closed : the interval reaches over hours in which the market was closed. from_base : it reaches back to the
        base close, so the fall may have begun before the window.
    """

    asset: IntradayAsset
    state: State
    series: str | None = None
    sigmas: float | None = None
    low: int | None = None
    best: int | None = None
    high: int | None = None
    alarm: int | None = None
    move: float | None = None
    over_closed: bool = False
    from_base: bool = False


@dataclass(frozen=True)
class Pair:
    """Two assets that broke, the likelier earlier one first.

    told : their intervals do not overlap, and the probability is at least 90 %; else the order can't be told.
    """

    earlier: str
    later: str
    probability: float
    told: bool


@dataclass(frozen=True)
class BreakOrder:
    """Who broke when, and in which order.

    Attributes
    ----------
    breaks : every followed asset; those that broke come first, by their most likely moment.
    pairs : every pair that broke, the likelier earlier one first. probability_first : by asset id, adding up to one.
    threshold : sigmas by which a price must have fallen; None for a window longer than 20 sessions, which is not read.
    unseen : assets of the signature table without bars in the catalogue.
    """

    breaks: tuple[Break, ...]
    pairs: tuple[Pair, ...]
    probability_first: Mapping[str, float]
    threshold: float | None
    unseen: tuple[str, ...]

    @property
    def broke(self) -> tuple[Break, ...]:
        """Those that broke, earliest first."""
        return tuple(b for b in self.breaks if b.state == "broke")

    def pair(self, a: str, b: str) -> Pair | None:
        """The pair of two assets, whichever way round; None unless both broke."""
        return next((p for p in self.pairs if {p.earlier, p.later} == {a, b}), None)


@lru_cache(maxsize=1)
def shipped_thresholds() -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Window lengths in sessions, and the threshold of each."""
    values = tomllib.loads((Path(__file__).parent / "thresholds.toml").read_text(encoding="utf-8"))
    return tuple(values["sessions"]), tuple(values["sigmas"])


def threshold_of(n_sessions: int) -> float:
    """The threshold of a window, between the lengths of the table linear in the logarithm of the length."""
    lengths, sigmas = shipped_thresholds()
    return float(np.interp(np.log(n_sessions), np.log(lengths), sigmas))


def sequence_series(catalogue: Catalogue) -> list[str]:
    """Every series whose bars the sequence may read."""
    return list(dict.fromkeys(s for a in catalogue.intraday_assets.values() for s in a.series))


def opening_instants(days: np.ndarray) -> Instants:
    """Opening of New York sessions, UTC microseconds, (n,)."""
    moments = [datetime.combine(d.item(), OPENING, NEW_YORK_ZONE) for d in days]
    return np.array([int(m.timestamp()) * 1_000_000 for m in moments], dtype=np.int64)


def bars_of(
    observations: pl.DataFrame, catalogue: Catalogue, ids: Sequence[str], start: int, end: int
) -> dict[str, Bars]:
    """Bars of series that ended in (start, end], by id; a series without any is left out.

    A price that is not positive has no logarithm and is no bar: the step then reaches from the bar before to the next.

    Parameters
    ----------
    observations : as known at one moment, one row per series and period, sorted by both.
    start, end : UTC microseconds.
    """
    instant = pl.col("period_end").to_physical()
    local = (pl.col("period_end") - pl.duration(microseconds=1)).dt.convert_time_zone("America/New_York")
    rows = (
        rows_since(observations, dict.fromkeys(ids, start))
        .lazy()
        .filter((instant > start) & (instant <= end) & (pl.col("value") > 0))
        .select(
            "series",
            "value",
            end=instant,
            slot=local.dt.hour().cast(pl.Int64) + 24 * (local.dt.weekday() >= 6).cast(pl.Int64),
        )
        .collect()
    )
    out = {}
    for (name,), part in rows.partition_by("series", as_dict=True, maintain_order=True).items():
        ends = part["end"].to_numpy()
        logs = 100.0 * catalogue.series[name].fall_sign * np.log(part["value"].to_numpy())
        out[name] = Bars(ends, logs, part["slot"].to_numpy(), np.zeros(len(ends), dtype=np.int64))
    return out


def _broke(asset: IntradayAsset, read: Readable, onset: Onset, opens: Instants, sign: int) -> Break:
    bars = read.bars
    _, closed = steps(bars)
    best = int(bars.ends[onset.best])
    if closed[onset.best]:
        best = int(opens[np.searchsorted(opens, best, side="right")])
    own = sign * float(bars.logs[onset.trough] - bars.logs[onset.best])
    return Break(
        asset=asset,
        state="broke",
        series=read.series,
        sigmas=onset.sigmas,
        low=int(bars.ends[onset.low]),
        best=best,
        high=int(bars.ends[onset.high + 1]),
        alarm=int(bars.ends[onset.alarm]),
        move=100.0 * math.expm1(own / 100.0),
        over_closed=bool(closed[onset.low : onset.high + 1].any()),
        from_base=onset.low == 0,
    )


def _pairs(found: Sequence[Break], probabilities: Floats) -> tuple[Pair, ...]:
    out = []
    for i, a in enumerate(found):
        for j, b in enumerate(found[i + 1 :], start=i + 1):
            probability = float(probabilities[i, j])
            one, other = (a, b) if probability >= 0.5 else (b, a)
            assert one.high is not None and other.low is not None
            likelier = max(probability, 1 - probability)
            told = one.high <= other.low and likelier >= CONFIDENCE
            out.append(Pair(one.asset.id, other.asset.id, likelier, told))
    return tuple(out)


def find_sequence(
    observations: pl.DataFrame, window: Window, sessions: Sessions, catalogue: Catalogue, bound: Mapping[str, str]
) -> BreakOrder:
    """When each asset first broke within a window, and who before whom.

    Parameters
    ----------
    observations : as known at one moment, one row per series and period, sorted by both; with the bars of
        `sequence_series`, whatever else it holds.
    bound : assets of the signature table that the explanation has, to name those without bars.
    """
    followed = {a.asset for a in catalogue.intraday_assets.values()}
    unseen = tuple(a for a in bound if a not in followed)
    if window.n_sessions > LONGEST:
        return BreakOrder((), (), {}, None, unseen)
    first_row = max(0, window.base_row - LOOK_BACK)
    span = slice(first_row + 1, window.end_row + 1)
    closes, opens = sessions.closes[span], opening_instants(sessions.dates[span])
    start, base, end = (int(sessions.closes[r]) for r in (first_row, window.base_row, window.end_row))
    bars = bars_of(observations, catalogue, sequence_series(catalogue), start, end)
    threshold = threshold_of(window.n_sessions)
    others: list[Break] = []
    found: list[tuple[Break, Spread]] = []
    for asset in catalogue.intraday_assets.values():
        mine = [(s, bars[s]) for s in asset.series if s in bars]
        if asset.market == "XNYS":
            mine = [(s, trading_bars(b, opens, closes)) for s, b in mine]
        read = read_window([(s, b) for s, b in mine if len(b.ends)], base, int(opens[-1]))
        if not isinstance(read, Readable):
            others.append(Break(asset, read))
            continue
        per_session = float(read.variances.sum()) / window.n_sessions
        onset = find_onset(read.bars.logs, read.variances, per_session, threshold)
        if onset is None:
            sigmas = deepest(read.bars.logs, read.variances, per_session)
            others.append(Break(asset, "did_not_break", read.series, sigmas))
            continue
        sign = catalogue.series[read.series].fall_sign
        spread = (read.bars.ends[: onset.alarm + 1], onset.weights)
        found.append((_broke(asset, read, onset, opens, sign), spread))
    return _ordered(found, others, threshold, unseen)


def _ordered(
    found: list[tuple[Break, Spread]], others: list[Break], threshold: float, unseen: tuple[str, ...]
) -> BreakOrder:
    found.sort(key=lambda item: (item[0].best or 0, item[0].asset.id))
    broke, spreads = [b for b, _ in found], [s for _, s in found]
    others.sort(key=lambda b: b.state != "did_not_break")
    return BreakOrder(
        breaks=(*broke, *others),
        pairs=_pairs(broke, before(spreads)) if broke else (),
        probability_first=dict(zip((b.asset.id for b in broke), first(spreads).tolist(), strict=True)) if broke else {},
        threshold=threshold,
        unseen=unseen,
    )


__all__ = [
    "Break",
    "BreakOrder",
    "Pair",
    "bars_of",
    "find_sequence",
    "opening_instants",
    "sequence_series",
    "shipped_thresholds",
    "threshold_of",
]
