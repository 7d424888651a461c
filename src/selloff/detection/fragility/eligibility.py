"""Which series an estimator uses at a session: the rule for a missing, a young and a stale series.

A series is eligible at session t with a look-back of n sessions if, among the n sessions that end at t, it

- has a move in at least 80 % (a series that starts inside the look-back waits until then; a missing class never is),
- has one in the last five (`LONGEST_GAP`; a stale or delisted series drops out after a week),
- and has moves that are not all equal (a quote that is repeated for the whole look-back has no variance).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import LONGEST_GAP, Floats

Bools = npt.NDArray[np.bool_]

COVERAGE = 0.8
"""Share of the look-back that must be there: a New York calendar leaves markets of other zones about 95 %, two
disjoint holiday calendars 90 %, so that this lets holidays pass and gaps not. A choice; not fitted to anything."""


def rolling_counts(present: Bools, look_back: int) -> npt.NDArray[np.int64]:
    """True values among the last `look_back` rows up to and including each, same shape."""
    totals = np.cumsum(present, axis=0, dtype=np.int64)
    counts = totals.copy()
    counts[look_back:] -= totals[:-look_back]
    return counts


def eligible(moves: Floats, look_back: int) -> Bools:
    """Series that may be used at each session, by the rule above.

    Parameters
    ----------
    moves : (n_sessions, n_series), NaN where missing.
    look_back : sessions, ending at the row itself.

    Returns
    -------
    (n_sessions, n_series); false throughout the first `look_back - 1` rows.
    """
    present = ~np.isnan(moves)
    enough = rolling_counts(present, look_back) >= COVERAGE * look_back
    alive = rolling_counts(present, LONGEST_GAP) > 0
    starts = np.maximum(np.arange(len(moves)) - look_back + 1, 0)[:, None]
    found: Bools = enough & alive & (_last_change(moves) >= starts)
    found[: look_back - 1] = False
    return found


def _last_change(moves: Floats) -> npt.NDArray[np.int64]:
    """Row of the older of the last two neighbouring moves that differ, up to each row; -1 if there are none.

    A window holds two different moves if and only if that row is inside it.
    """
    rows = np.arange(len(moves), dtype=np.int64)
    older = np.full(moves.shape, -1, dtype=np.int64)
    for i in range(moves.shape[1]):
        at = rows[~np.isnan(moves[:, i])]
        differs = moves[at[1:], i] != moves[at[:-1], i]
        older[at[1:][differs], i] = at[:-1][differs]
    return np.maximum.accumulate(older, axis=0)


def complete_rows(values: Floats) -> Bools:
    """Rows without a missing value, (n_rows,)."""
    return np.asarray(np.isfinite(values).all(axis=1))


def segments(found: Bools) -> Iterator[tuple[int, int, npt.NDArray[np.int64]]]:
    """Runs of sessions with the same eligible series, if any: first row, row after the last, columns."""
    if len(found) == 0:
        return
    changes = np.flatnonzero((found[1:] != found[:-1]).any(axis=1)) + 1
    edges = [0, *changes.tolist(), len(found)]
    for start, stop in pairwise(edges):
        columns = np.flatnonzero(found[start])
        if len(columns):
            yield start, stop, columns.astype(np.int64)
