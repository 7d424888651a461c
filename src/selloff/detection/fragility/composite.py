"""Composite stress: sub-indices by market segment, weighted by how far stress is in several segments at once.

Holló, Kremer and Lo Duca 2012, CISS - a composite indicator of systemic stress in the financial system, ECB Working
Paper 1426: its part on the transformation of raw indicators (empirical distribution function, recursive), on the
sub-indices (arithmetic means) and on their aggregation (portfolio theory: sub-indices as positions, time-varying
cross-correlations around the theoretical median 0.5, exponentially weighted with λ = 0.93). The result here is the
square root √((w∘s)' C (w∘s)), on the scale of the sub-indices; the paper's index is its square.

Point in time. The paper orders a first sample as a whole and recurses from there; here the recursion starts with the
first value, so nothing is known before its day: no transformed value before 250 values, no correlation before 40
sessions of both segments. λ is the paper's; it was chosen there for weekly data.

Missing values. A missing indicator is left out of its sub-index; a segment without any is missing. On a session
where a segment is missing (a holiday, or not started) its correlations freeze, and the others' weights are scaled to
one. Where a present pair's correlation is not known yet, the segment with most such pairs is left out too. NaN with
fewer than two segments. A stale indicator is the caller's to mark as missing: a level that is repeated can't be told
from one that did not move.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.detection.fragility.eligibility import Bools
from selloff.panel.transforms import Floats
from selloff.panel.volatility import FEWEST_MOVES, SLOW_SESSIONS

DECAY = 0.93
MEDIAN = 0.5
FEWEST_SEGMENTS = 2


@dataclass(frozen=True)
class Composite:
    """Composite stress of each session.

    value : (n_sessions,), in (0, 1]; NaN where it can't be told.
    sub_indices : (n_sessions, n_segments), in (0, 1], NaN where missing.
    correlation : (n_sessions, n_segments, n_segments), as used; NaN for a pair not known yet.
    n_segments : (n_sessions,), segments that counted.
    """

    value: Floats
    sub_indices: Floats
    correlation: Floats
    n_segments: npt.NDArray[np.int64]


def composite(
    indicators: Floats, segments: Sequence[int], weights: Sequence[float] | None = None, *, decay: float = DECAY
) -> Composite:
    """Composite stress of every session.

    Parameters
    ----------
    indicators : (n_sessions, n_indicators), higher is more stress, NaN where missing.
    segments : (n_indicators,), the segment of each indicator, counted from 0.
    weights : (n_segments,), scaled to one; equal if not given.
    decay : λ of the correlations.

    Returns
    -------
    Composite, (n_sessions,); row t uses rows up to t only.
    """
    transformed = recursive_distribution(indicators)
    place = np.asarray(segments, dtype=np.int64)
    n_segments = int(place.max()) + 1
    sub_indices = np.column_stack([_mean_of_known(transformed[:, place == i]) for i in range(n_segments)])
    weight = np.ones(n_segments) if weights is None else np.asarray(weights, dtype=np.float64)
    correlation = frozen_ewma_correlation(sub_indices - MEDIAN, decay)
    used = _segments_used(correlation, ~np.isnan(sub_indices))
    count = used.sum(axis=1)
    position = np.where(used, weight * sub_indices, 0.0)
    position /= np.maximum(np.where(used, weight, 0.0).sum(axis=1), 1e-300)[:, None]
    squared = np.einsum("ti,tij,tj->t", position, np.where(np.isnan(correlation), 0.0, correlation), position)
    value = np.where(count >= FEWEST_SEGMENTS, np.sqrt(np.maximum(squared, 0.0)), np.nan)
    return Composite(value, sub_indices, correlation, count)


def recursive_distribution(values: Floats, fewest: int = SLOW_SESSIONS) -> Floats:
    """Share of a column's values up to and including each row that are not above it, in (0, 1].

    Parameters
    ----------
    values : (n_sessions, n), NaN where missing.
    fewest : values that must have been seen, the row's own included.

    Returns
    -------
    (n_sessions, n), NaN where missing or too few.
    """
    out = np.full(values.shape, np.nan)
    for i in range(values.shape[1]):
        rows = np.flatnonzero(~np.isnan(values[:, i]))
        seen: list[float] = []
        not_above = []
        for value in values[rows, i].tolist():
            place = bisect_right(seen, value)
            seen.insert(place, value)
            not_above.append(place + 1)
        out[rows, i] = np.array(not_above) / np.arange(1, len(rows) + 1)
        out[rows[: fewest - 1], i] = np.nan
    return out


def frozen_ewma_correlation(deviations: Floats, decay: float = DECAY) -> Floats:
    """Exponentially weighted correlation about zero, frozen where either is missing.

    A pair's covariance and both its variances are of the sessions on which both are there, so that it stays in [-1, 1].

    Parameters
    ----------
    deviations : (n_sessions, n), NaN where missing.

    Returns
    -------
    (n_sessions, n, n), NaN before 40 common sessions or without variance; the diagonal is one.
    """
    present = ~np.isnan(deviations)
    filled = np.where(present, deviations, 0.0)
    both = present[:, :, None] & present[:, None, :]
    kept = np.where(both, decay, 1.0)
    added = (1.0 - decay) * both
    covariance = filled[:, :, None] * filled[:, None, :] * added
    variance = (filled**2)[:, :, None] * added
    for t in range(1, len(deviations)):
        covariance[t] += kept[t] * covariance[t - 1]
        variance[t] += kept[t] * variance[t - 1]
    scale = variance * variance.transpose(0, 2, 1)
    known = (np.cumsum(both, axis=0) >= FEWEST_MOVES) & (scale > 0)
    correlation = np.where(known, covariance / np.sqrt(np.where(known, scale, 1.0)), np.nan)
    correlation = np.clip(correlation, -1.0, 1.0)
    np.einsum("tii->ti", correlation)[:] = 1.0
    return correlation


def _segments_used(correlation: Floats, present: Bools) -> Bools:
    """Present segments, without the one with the most unknown correlations until none is unknown; ties: the last."""
    used = present.copy()
    unknown = np.isnan(correlation)
    pairs = used[:, :, None] & used[:, None, :]
    for t in np.flatnonzero((unknown & pairs).any(axis=(1, 2))).tolist():
        while (missing := (unknown[t] & used[t] & used[t][:, None]).sum(axis=1)).any():
            used[t, len(missing) - 1 - int(np.argmax(missing[::-1]))] = False
    return used


def _mean_of_known(values: Floats) -> Floats:
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    return np.where(n > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)
