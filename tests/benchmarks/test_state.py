"""The background of every session: four invented years here; about a second for 36 years of the shared data."""

from __future__ import annotations

import numpy as np

from background_rows import FIRST, LAST, frame, invented_rows
from selloff.catalog import load
from selloff.catalog.sessions import Sessions
from selloff.detection.state.history import state_history


def test_state_history(benchmark, sessions: Sessions):
    rows, catalogue = frame(invented_rows()), load()
    first, last = (int(np.searchsorted(sessions.dates, np.datetime64(d))) for d in (FIRST, LAST))
    found = benchmark(state_history, rows, catalogue, sessions, first_row=first, n_rows=last + 1)
    assert np.isfinite(found.percentile).any()
