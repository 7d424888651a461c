"""The structural decomposition of a window of a panel: sample, shocks, model, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from selloff.attribution.structural.cache import ModelCache, model_key
from selloff.attribution.structural.decomposition import Decomposition, decompose
from selloff.attribution.structural.model import FEWEST_SESSIONS, UNNAMED, structural_model
from selloff.attribution.structural.sampler import Infeasible
from selloff.attribution.structural.shocks import Shock, restrictions_of, shocks_of
from selloff.catalog import Cause
from selloff.detection.rarity import seed_from
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import Floats

SAMPLE_SESSIONS = 1250
"""Five years: long enough for a dozen assets, short enough that how they move together is still about the same."""

FEWEST_ASSETS = 5

WINDOW_DRAWS = 500
"""Half of the sampler's thousand: a share's Monte-Carlo error is then below a hundredth, in half of the time."""


@dataclass(frozen=True)
class Sample:
    """What a model is estimated on.

    Attributes
    ----------
    assets : names, sorted. values : (n_sessions, n_assets), daily moves over the volatility known the day before.
    volatility : (n_assets,), daily, known at the last session, in the asset's move unit.
    first, last : sessions. dropped : sessions left out because an asset had no move.
    excluded : why an asset takes no part, by asset.
    """

    assets: tuple[str, ...]
    values: Floats
    volatility: Floats
    first: date
    last: date
    dropped: int
    excluded: Mapping[str, str]


@dataclass(frozen=True)
class Unavailable:
    """No model can be made of this panel and window, and why."""

    reason: str


@dataclass(frozen=True)
class WindowDecomposition:
    """A decomposition with what it rests on. `causes_of` : the causes that each shock stands for, by shock."""

    decomposition: Decomposition
    causes_of: Mapping[str, tuple[str, ...]]
    sample_start: date
    sample_end: date
    dropped_sessions: int
    excluded: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The decomposition and its sample."""
        return {
            **self.decomposition.to_dict(),
            "causes": {shock: list(causes) for shock, causes in self.causes_of.items()},
            "sample_start": self.sample_start.isoformat(),
            "sample_end": self.sample_end.isoformat(),
            "dropped_sessions": self.dropped_sessions,
            "excluded": dict(self.excluded),
        }


def cut_off(panel: Panel, window: Window) -> int:
    """Row of the last session of the last whole month before the window; windows of one month share it."""
    months = panel.sessions[: window.base_row + 2].astype("datetime64[M]")
    return int(np.searchsorted(months, months[window.base_row + 1])) - 1


def sample_of(
    panel: Panel, window: Window, bound: Mapping[str, Move], *, fewest: int = FEWEST_ASSETS
) -> Sample | Unavailable:
    """The sessions up to the cut-off on which every asset moved.

    A stand-in takes no part, since rankings compare basis points, nor an asset with fewer than 250 moves; while too few
    sessions are common to all, neither does the one with the fewest moves.
    """
    last = cut_off(panel, window)
    first = max(1, last - SAMPLE_SESSIONS + 1)
    if last - first + 1 < FEWEST_SESSIONS:
        return Unavailable(f"Sessions of the data before the window's month: {max(last, 0)}; 250 are needed.")
    names = sorted(a for a, m in bound.items() if not m.series.is_stand_in)
    columns = [panel.column[bound[a].series.id] for a in names]
    values = panel.daily_moves[first : last + 1, columns] / panel.volatility[first - 1 : last, columns]
    present = ~np.isnan(values)
    excluded = {a: "a stand-in, whose moves are of another size" for a, m in bound.items() if m.series.is_stand_in}
    kept = []
    for i, asset in enumerate(names):
        if present[:, i].sum() < FEWEST_SESSIONS:
            excluded[asset] = f"{int(present[:, i].sum())} moves with a known volatility before the window's month"
        else:
            kept.append(i)
    while kept and int(present[:, kept].all(axis=1).sum()) < FEWEST_SESSIONS:
        shortest = min(kept, key=lambda i: (int(present[:, i].sum()), names[i]))
        excluded[names[shortest]] = "too few sessions in common with the other assets"
        kept.remove(shortest)
    if len(kept) < fewest:
        return Unavailable(
            f"Assets with 250 common sessions before the window's month: {len(kept)}; {fewest} are needed."
        )
    rows = present[:, kept].all(axis=1)
    return Sample(
        assets=tuple(names[i] for i in kept),
        values=values[rows][:, kept],
        volatility=panel.volatility[last, [columns[i] for i in kept]],
        first=panel.sessions[first + int(np.argmax(rows))].item(),
        last=panel.sessions[last].item(),
        dropped=int((~rows).sum()),
        excluded=excluded,
    )


def decompose_window(
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    causes: Sequence[Cause],
    cache: ModelCache | None,
    *,
    stated: bool = True,
) -> WindowDecomposition | Infeasible | Unavailable:
    """Decompose a window by asset and shock.

    Parameters
    ----------
    bound : move of each bound asset, by asset id.
    causes : those that may be tested; the others get no shock.
    cache : where estimated models are kept; None keeps none.
    stated : whether the bounds with every stated sign taken as hard are wanted; they cost most of a cached answer.
    """
    sample = sample_of(panel, window, bound)
    if isinstance(sample, Unavailable):
        return sample
    shocks = shocks_of(causes, sample.assets, len(sample.assets) - UNNAMED - 1)
    if not shocks or len(shocks) > len(sample.assets) - UNNAMED - 1:
        return Unavailable(f"Assets: {len(sample.assets)}, too few to carry {len(shocks)} shocks.")
    volatility = dict(zip(sample.assets, sample.volatility.tolist(), strict=True))
    restrictions = restrictions_of(shocks, sample.assets, volatility)
    key = model_key(sample.values, restrictions)
    model = cache.load(key, restrictions) if cache is not None else None
    if model is None:
        if cache is not None:
            cache.announce(f"Estimating the shocks of {len(sample.assets)} assets on {len(sample.values):,} sessions …")
        found = structural_model(sample.values, restrictions, seed_from(sample.values), draws=WINDOW_DRAWS)
        if isinstance(found, Infeasible):
            return found
        model = found
        if cache is not None:
            cache.save(key, model)
    sigmas = np.array([_number(bound[a].sigmas_slow) for a in sample.assets])
    logs = np.array([_number(bound[a].log_move) for a in sample.assets])
    # a move of nothing has no unit of its own; its volatility then stands for it
    per_sigma = np.where(sigmas != 0.0, logs / np.where(sigmas != 0.0, sigmas, 1.0), sample.volatility)
    return WindowDecomposition(
        decomposition=decompose(model, sigmas, per_sigma, seed_from(sigmas), stated=stated),
        causes_of=_causes_of(shocks),
        sample_start=sample.first,
        sample_end=sample.last,
        dropped_sessions=sample.dropped,
        excluded=sample.excluded,
    )


def _causes_of(shocks: Sequence[Shock]) -> dict[str, tuple[str, ...]]:
    return {s.name: tuple(c.id for c in s.causes) for s in shocks}


def _number(value: float | None) -> float:
    """NaN for what is missing: the asset then takes no part."""
    return float("nan") if value is None else float(value)
