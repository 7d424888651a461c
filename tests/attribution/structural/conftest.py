"""Panels, windows and bound moves of the synthetic world."""

from __future__ import annotations

import pytest

from conftest import NOW
from selloff.explanation.explain import shown_series
from selloff.panel import build_panel, find_as_of, find_window, window_moves
from selloff.panel.assets import bind_assets


@pytest.fixture(scope="session")
def at(world, store):
    """Panel, window and bound moves of words, from a store."""

    def one(words: str, source=store):
        window = find_window(words, None, world.catalogue, world.sessions, NOW.date())
        moment = find_as_of(None, window, world.sessions, NOW)
        ids = shown_series(world.catalogue)
        panel = build_panel(source, world.catalogue, ids, world.sessions, n_rows=window.end_row + 2, as_of=moment)
        moves = {m.series.id: m for m in window_moves(panel, window)}
        return panel, window, {a: moves[s] for a, s in bind_assets(world.catalogue, moves).items()}

    return one


@pytest.fixture(scope="session")
def causes(world):
    return list(world.catalogue.causes.values())
