"""Computed exposures as records: what a rule asks for at each close of one series."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from selloff.detection.exposure import trend_exposure, vol_control_exposure
from selloff.detection.exposure.trend import MEMORY as TREND_MEMORY
from selloff.detection.exposure.vol_control import MEMORY as VOL_CONTROL_MEMORY
from selloff.detection.state.records import Records
from selloff.panel.transforms import Floats

LONGEST_GAP_DAYS = 14
"""The longest closure of an exchange is eleven days (Tokyo, May 2019). After a longer gap the history starts anew: the
move across it is no session's."""

RULES = {
    "vol_control": (vol_control_exposure, VOL_CONTROL_MEMORY),
    "trend": (trend_exposure, TREND_MEMORY),
    "yield_trend": (trend_exposure, TREND_MEMORY),
}


def exposure_records(kind: str, closes: Records) -> Records:
    """The exposure at each close from the closes up to it, known once all of these are.

    A close without the memory before it, or of zero or less where logs are taken, has none.

    Parameters
    ----------
    closes : closes of one series; for `yield_trend` its yield times minus a duration.
    """
    rule, memory = RULES[kind]
    exposure, known = np.full(len(closes), np.nan), closes.known.copy()
    in_order = bool((np.diff(known) >= 0).all())  # then the last close is the last known
    breaks = np.flatnonzero(np.diff(closes.day) > LONGEST_GAP_DAYS) + 1
    levels = closes.value if kind == "yield_trend" else _logs(closes.value)
    for part in np.split(np.arange(len(closes)), breaks):
        if len(part) > memory:
            exposure[part] = rule(levels[part])
        if len(part) > memory and not in_order:
            known[part[memory:]] = sliding_window_view(closes.known[part], memory + 1).max(axis=1)
    return Records(closes.day, closes.end, known, exposure).where(~np.isnan(exposure))


def _logs(value: Floats) -> Floats:
    positive = value > 0
    return np.where(positive, np.log(np.where(positive, value, 1.0)), np.nan)
