"""Multinomial logit with a ridge penalty, for fractional votes.

Maximises Σ votes × log softmax(offset + X B) − ridge/2 × Σ B² by Newton's method (Friedman, Hastie and Tibshirani
2010, Regularization paths for generalized linear models, JSS 33(1), section 4: the symmetric multinomial form, which
the penalty identifies). The penalty makes the problem strictly concave, so the maximum is unique.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.scorecard.scores import Floats

STEPS = 50
TOLERANCE = 1e-9


@dataclass(frozen=True)
class RidgeLogit:
    """A fitted logit.

    Attributes
    ----------
    mean, scale : (n_features,), of the fitted days; a missing feature counts as the mean, so it says nothing.
    weights : (1 + n_features, n_outcomes), the constant first.
    """

    mean: Floats
    scale: Floats
    weights: Floats

    def predict(self, features: Floats, offset: Floats) -> Floats:
        """(n, n_outcomes) probabilities; `offset` are log probabilities that the features only shift."""
        return _softmax(offset + _design(features, self.mean, self.scale) @ self.weights)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _design(features: Floats, mean: Floats, scale: Floats) -> Floats:
    standard = np.nan_to_num((features - mean) / scale, nan=0.0)
    return np.column_stack([np.ones(len(features)), standard])


def _objective(design: Floats, offset: Floats, votes: Floats, weights: Floats, ridge: float) -> float:
    scores = offset + design @ weights
    top = scores.max(axis=1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
    return float((votes * scores).sum() - votes.sum(axis=1) @ log_sum - 0.5 * ridge * (weights**2).sum())


def fit_ridge_logit(features: Floats, offset: Floats, votes: Floats, ridge: float) -> RidgeLogit:
    """Fit the logit.

    Parameters
    ----------
    features : (n, n_features), NaN where missing. offset : (n, n_outcomes), log probabilities before the features.
    votes : (n, n_outcomes), rows adding up to one.
    ridge : penalty on standardised features and on the constant; → ∞ gives back the offset.
    """
    present = ~np.isnan(features)
    n = np.maximum(present.sum(axis=0), 1)
    mean = np.where(present, features, 0.0).sum(axis=0) / n
    spread = np.sqrt(np.where(present, (features - mean) ** 2, 0.0).sum(axis=0) / n)
    scale = np.where(spread > 1e-12, spread, 1.0)
    design = _design(features, mean, scale)
    p, k = design.shape[1], votes.shape[1]
    weights = np.zeros((p, k))
    total = votes.sum(axis=1, keepdims=True)
    value = _objective(design, offset, votes, weights, ridge)
    for _ in range(STEPS):
        stated = _softmax(offset + design @ weights)
        gradient = design.T @ (votes - total * stated) - ridge * weights
        pairs = total[:, :, None] * (stated[:, :, None] * np.eye(k) - stated[:, :, None] * stated[:, None, :])
        curvature = np.einsum("ip,iab,iq->paqb", design, pairs, design, optimize=True).reshape(p * k, p * k)
        step = np.linalg.solve(curvature + ridge * np.eye(p * k), gradient.ravel()).reshape(p, k)
        size = 1.0
        while size > 1e-6 and _objective(design, offset, votes, weights + size * step, ridge) < value:
            size /= 2
        weights = weights + size * step
        value = _objective(design, offset, votes, weights, ridge)
        if np.abs(gradient).max() < TOLERANCE * max(len(votes), 1):
            break
    return RidgeLogit(mean, scale, weights)
