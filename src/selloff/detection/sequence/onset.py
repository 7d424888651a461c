"""When a fall began: the first one of a window, with a confidence set for its start.

Alarm: the first moment at which the price has fallen from an earlier one of the window by at least `threshold` times
what it usually moves in that time, a session at least. This is a generalised likelihood ratio scan for a drift of
unknown size (Siegmund and Venkatraman 1995, Using the generalized likelihood ratio statistic for sequential detection
of a change-point, Annals of Statistics 23(1), section 2), with a floor under the time so that one wild bar is no break.

Start: the change point of the drift before that alarm. For each candidate the likelihood is maximised over the size
and the end of the fall. The set inverts the likelihood ratio (Eo and Morley 2015, Likelihood-ratio-based confidence
sets for the timing of structural breaks, Quantitative Economics 6(2), section 2): it holds every start with
2 (l_max − l) ≤ κ, where (1 − e^{−κ/2})² is the confidence. A crisis is wilder than the sessions before it: where the
mean square of the steps around the fall exceeds the usual one, likelihood ratios are divided by it: the set widens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from selloff.panel.transforms import Floats

CONFIDENCE = 0.90


def critical_value(confidence: float = CONFIDENCE) -> float:
    """κ of the set: 5.94 for 90 %."""
    return -2.0 * math.log(1.0 - math.sqrt(confidence))


@dataclass(frozen=True)
class Onset:
    """Start of a fall, in steps between bars: step k runs from bar k to bar k + 1.

    Attributes
    ----------
    best : the most likely first step of the fall. low, high : first and last step of the confidence set.
    alarm : bar at which the fall passed the threshold. trough : bar at which the likeliest fall ended.
    weights : (alarm,) probability of each step to be the first, from the profile likelihood times the step's usual
        variance (a start is as likely in each unit of usual volatility); sums to one.
    sigmas : depth of the deepest fall of the window in units of what is usual, as the alarm measures it.
    """

    best: int
    low: int
    high: int
    alarm: int
    trough: int
    weights: Floats
    sigmas: float


def falls(logs: Floats) -> Floats:
    """Fall from each bar (row) to each later one (column), (n, n); zero for a rise, and on and below the diagonal."""
    depth = np.triu(logs[:, None] - logs[None, :], 1)
    return np.maximum(depth, 0.0, out=depth)


def highest(depth: Floats, clock: Floats, floor: float) -> Floats:
    """The largest fall that ends at each bar, in units of what is usual in its time, (n,).

    Parameters
    ----------
    depth : (n, n), see `falls`. clock : (n,) usual variance up to each bar. floor : lowest variance of a fall.
    """
    usual = np.maximum(clock[None, :] - clock[:, None], floor)
    return np.asarray(np.sqrt(np.max(depth * depth / usual, axis=0)))


def _clock(variances: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(variances)])


def deepest(logs: Floats, variances: Floats, session_variance: float) -> float:
    """The deepest fall of a window, as the alarm measures it."""
    return float(highest(falls(logs), _clock(variances), session_variance).max())


def find_onset(logs: Floats, variances: Floats, session_variance: float, threshold: float) -> Onset | None:
    """The start of a window's first fall; None if nothing fell by `threshold`.

    Parameters
    ----------
    logs : (n,) log prices at the bars, the base first, signed so that lower is a loss.
    variances : (n - 1,) usual variances of the steps, known before, positive. session_variance : of one session.
    """
    depth, clock = falls(logs), _clock(variances)
    scan = highest(depth, clock, session_variance)
    if not np.any(scan >= threshold):
        return None
    alarm = int(np.argmax(scan >= threshold))
    ratios = depth[:alarm, alarm:] ** 2 / (clock[None, alarm:] - clock[:alarm, None])
    profile = ratios.max(axis=1)
    around = float(np.sum(np.diff(logs) ** 2 / variances)) - float(profile.max())
    profile /= max(1.0, around / max(len(variances) - 1, 1))
    best = int(np.argmax(profile))
    inside = np.flatnonzero(profile >= profile[best] - critical_value())
    weights = variances[:alarm] * np.exp((profile - profile[best]) / 2)
    return Onset(
        best=best,
        low=int(inside[0]),
        high=int(inside[-1]),
        alarm=alarm,
        trough=alarm + int(np.argmax(ratios[best])),
        weights=weights / weights.sum(),
        sigmas=float(scan.max()),
    )
