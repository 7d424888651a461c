"""What every baseline may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.scorecard.human.records import DayRecord
from selloff.scorecard.scores import Floats


@dataclass(frozen=True)
class BaselineInputs:
    """Labelled days and what was known on them.

    Attributes
    ----------
    days : (n_labelled,), in order; votes : (n_labelled, n_outcomes); moves : (n_labelled,), the stock market's, in %.
    base : (n_labelled, n_outcomes), the walk-forward base rate of each day.
    rows : (n,), places of the explained days among the labelled ones; records : their records.
    """

    days: npt.NDArray[np.datetime64]
    votes: Floats
    moves: Floats
    base: Floats
    rows: npt.NDArray[np.int64]
    records: Sequence[DayRecord]

    def own(self, values: Floats) -> Floats:
        """The explained days' part of an array over labelled days."""
        return np.asarray(values[self.rows])
