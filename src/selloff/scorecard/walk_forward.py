"""Walk-forward: what is fitted for a day uses only labels and data of earlier days."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from selloff.scorecard.scores import Floats

Model = TypeVar("Model")
Days = npt.NDArray[np.datetime64]


def walk_forward(
    days: Days,
    features: Floats,
    labels: Floats,
    fit: Callable[[Floats, Floats], Model],
    predict: Callable[[Model, Floats], Floats],
    refit_every: int = 1,
    fewest: int = 1,
) -> Floats:
    """Predict each day from a model fitted on earlier days.

    A label counts as known from the day after its own: newspapers explain a session on the next morning, and the
    morning note of a session is written then, so its own label is never used for it, nor is another one of that date.

    Parameters
    ----------
    days : (n_days,), not decreasing.
    features : (n_days, n_features); labels : (n_days, n_outcomes).
    fit : (features, labels) of the earlier days → a model.
    predict : (model, (1, n_features)) → (1, n_outcomes).
    refit_every : days with new labels after which the model is fitted again.
    fewest : earlier days below which there is no prediction.

    Returns
    -------
    (n_days, n_outcomes), NaN where fewer than `fewest` days came before.
    """
    if np.any(np.diff(days.astype(np.int64)) < 0):
        raise ValueError("days must be in order")
    out = np.full((len(days), labels.shape[1]), np.nan)
    model: Model | None = None
    fitted_on = 0
    for i, day in enumerate(days):
        known = int(np.searchsorted(days, day, side="left"))
        if known < fewest:
            continue
        if model is None or known - fitted_on >= refit_every:
            model = fit(features[:known], labels[:known])
            fitted_on = known
        out[i] = predict(model, features[i : i + 1])[0]
    return out


def in_folds(
    features: Floats,
    labels: Floats,
    fit: Callable[[Floats, Floats], Model],
    predict: Callable[[Model, Floats], Floats],
    folds: int = 10,
) -> Floats:
    """Predict each of several blocks of consecutive days from a model fitted on all other blocks, later ones included.

    Not point in time: only to compare with published figures that were made so.
    """
    out = np.full(labels.shape, np.nan)
    for rows in np.array_split(np.arange(len(labels)), folds):
        rest = np.setdiff1d(np.arange(len(labels)), rows)
        if len(rows) and len(rest):
            out[rows] = predict(fit(features[rest], labels[rest]), features[rows])
    return out
