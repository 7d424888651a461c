"""Which days are quiet and which loud, against a loop over sessions, assets and their series."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise

import numpy as np

from selloff.panel import build_panel
from selloff.scorecard.controls.tier import quiet_and_loud


def test_they_are_the_calmest_and_wildest_twentieth_by_the_volatility_of_the_session_before(
    bare_context, store, world
) -> None:
    context = bare_context(store=store, catalogue=world.catalogue, sessions=world.sessions)
    assets = list(world.catalogue.assets.values())
    names = list(dict.fromkeys(s for a in assets for s in a.series))
    end = int(np.searchsorted(world.sessions.dates, np.datetime64(context.now.date()), side="right"))
    panel = build_panel(store, world.catalogue, names, world.sessions, n_rows=end, as_of=context.now)
    moves, known = panel.daily_moves, panel.volatility
    size = {}
    for row in range(1, end):
        found = []
        for asset in assets:
            sigmas = [moves[row, panel.column[s]] / known[row - 1, panel.column[s]] for s in asset.series]
            first = next((abs(x) for x in sigmas if not math.isnan(x)), None)
            if first is not None:
                found.append(float(first))
        if len(found) >= 4:
            size[row] = sum(found) / len(found)
    low, high = np.quantile(list(size.values()), [0.05, 0.95])
    quiet = {panel.sessions[r].item() for r, x in size.items() if x <= low}
    loud = {panel.sessions[r].item() for r, x in size.items() if x >= high}
    for chosen, allowed in zip(quiet_and_loud(context, 400, 4), (quiet, loud), strict=True):
        assert len(chosen) > 10 and set(chosen) <= allowed
        assert all(b - a >= timedelta(days=10) for a, b in pairwise(chosen))
        # each that was left out is too near one that was chosen
        assert all(min(abs(d - c) for c in chosen) < timedelta(days=10) for d in allowed - set(chosen))
    assert [len(c) for c in quiet_and_loud(context, 3, 4)] == [3, 3]
