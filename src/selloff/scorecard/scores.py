"""Scores of stated probabilities against fractional votes. Higher is better for all but the Brier score and the ECE.

Every score is a ratio of weighted sums over rows (`Scored`), so that resampling rows is one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FLOOR = 0.01
"""Share of the uniform distribution mixed into every stated distribution, the model's, the baselines' and the coders'
alike, before its log score, so that no single day can cost more than log(outcomes / 0.01), 6.7 nats for eight."""

BINS = 10
"""Equal-width bins of confidence (Guo, Pleiss, Sun and Weinberger 2017, On calibration of modern neural networks,
section 2, use 15 for thousands of cases; there are a few hundred here)."""


@dataclass(frozen=True)
class Scored:
    """One score by row: the mean is Σ weight × value / Σ weight.

    Attributes
    ----------
    value, weight : (n_rows,).
    """

    value: Floats
    weight: Floats

    def mean(self, counts: Floats) -> Floats:
        """(n_draws,) weighted means when row i is taken counts[d, i] times; NaN where no weight is left."""
        total = counts @ self.weight
        sums = counts @ (self.weight * self.value)
        return np.asarray(np.divide(sums, total, out=np.full(len(counts), np.nan), where=total > 1e-12))


def floored(stated: Floats) -> Floats:
    """Stated distributions, (n_rows, n_outcomes), with the floor mixed in."""
    return np.asarray((1.0 - FLOOR) * stated + FLOOR / stated.shape[1])


def log_scores(stated: Floats, votes: Floats) -> Floats:
    """Σ votes × log(stated), in nats, (n_rows,): the expected log score against one coder drawn at random.

    Parameters
    ----------
    stated, votes : (n_rows, n_outcomes), rows adding up to one.
    """
    return np.asarray((votes * np.log(floored(stated))).sum(axis=1))


def brier_scores(stated: Floats, votes: Floats) -> Floats:
    """Σ (stated − votes)², (n_rows,), from 0 to 2 (Brier 1950, Monthly Weather Review 78(1), for several classes)."""
    return np.asarray(((stated - votes) ** 2).sum(axis=1))


def top_scores(stated: Floats, votes: Floats, k: int) -> Floats:
    """Votes held by the k outcomes with the largest stated shares, (n_rows,); ties go to the earlier outcome."""
    order = np.argsort(-stated, axis=1, kind="stable")[:, :k]
    return np.asarray(np.take_along_axis(votes, order, axis=1).sum(axis=1))


def balanced_accuracy(
    stated_policy: Floats, voted_policy: Floats, threshold: Floats, weight: Floats
) -> tuple[Scored, Scored]:
    """Sensitivity and specificity of calling a day policy; their mean is the balanced accuracy.

    A day is called policy if its stated share is above the threshold; at the threshold it is not called.

    Parameters
    ----------
    stated_policy, voted_policy, threshold, weight : (n_rows,).
    """
    called = (stated_policy > threshold + 1e-12).astype(np.float64)
    return Scored(called, weight * voted_policy), Scored(1.0 - called, weight * (1.0 - voted_policy))


def bin_of(confidence: Floats) -> npt.NDArray[np.int64]:
    """Bin of each confidence, 0 to `BINS` − 1; 1 belongs to the last."""
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)


def calibration_error(confidence: Floats, right: Floats, weight: Floats, counts: Floats) -> Floats:
    """Expected calibration error, (n_draws,): the mean over bins of |right − confidence|, by weight.

    Parameters
    ----------
    confidence, right, weight : (n_rows,), the largest stated share, the votes for its outcome, and row weights.
    counts : (n_draws, n_rows).
    """
    in_bin = (bin_of(confidence)[:, None] == np.arange(BINS)).astype(np.float64)
    gaps = counts @ (in_bin * (weight * (right - confidence))[:, None])
    return np.asarray(np.abs(gaps).sum(axis=1) / np.maximum(counts @ weight, 1e-12))


def reliability(confidence: Floats, right: Floats, weight: Floats) -> list[tuple[float, float, float]]:
    """Non-empty bins: (mean confidence, mean share that was right, weight in it)."""
    bins = bin_of(confidence)
    found = []
    for b in range(BINS):
        inside = weight * (bins == b)
        total = float(inside.sum())
        if total > 0:
            found.append((float(inside @ confidence) / total, float(inside @ right) / total, total))
    return found
