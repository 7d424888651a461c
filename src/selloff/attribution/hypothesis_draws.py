"""Our hypotheses drawn anew: cells and priors that might as well have been written down.

A cell's probabilities come from a Dirichlet worth its strength in observations, its size and a cause's prior odds are
lognormal around theirs. These draws belong to the hypotheses, not to a window: their seeds are the names of causes and
assets, so a corrected price, another asset or another cause moves an interval by what it says and not by other draws.

Few draws are made to go a long way. They come in antithetic pairs (Hammersley and Morton 1956, A new Monte Carlo
technique, Proceedings of the Cambridge Philosophical Society 52(3)), and within a cause the numbers are put in such an
order that none is correlated with another (Iman and Conover 1982, A distribution-free approach to inducing rank
correlation among input variables, Communications in Statistics B 11(3)): what is left of correlations by chance would
go into every variance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from selloff.attribution.signature import Signatures
from selloff.panel.transforms import Floats

PAIRS = 128
PRIOR_SPREAD = 0.5
"""Standard deviation of the log prior odds."""

SIZE_SPREAD_OF_TYPICAL = 0.35
"""Standard deviation of the log of a cell's size."""

LEAST_SHAPE = 1e-3
"""Of a gamma, where a cell gives a sign no probability at all."""


def _stream(*names: str) -> np.random.Generator:
    """Random numbers that belong to some names."""
    return np.random.default_rng(list(hashlib.sha256("/".join(names).encode()).digest()))


def uncorrelated(scores: Floats) -> Floats:
    """Columns that have a mean square of one and no products: each without what goes along with those before it.

    Parameters
    ----------
    scores : (n, n_columns) standard normal. More columns than rows can't all be so; then each n of them are.
    """
    n, n_columns = scores.shape
    turned = []
    for start in range(0, n_columns, n):
        q, r = np.linalg.qr(scores[:, start : start + n])
        turned.append(q * np.sign(np.diag(r)) * np.sqrt(n))
    return np.hstack(turned)


@lru_cache(maxsize=512)
def _scores(cause: str, assets: tuple[str, ...], pairs: int) -> tuple[Floats, Floats, Floats]:
    """Of a cause's prior odds (n,), its sizes (n, n_assets) and its probabilities (n, n_assets, 3), n = 2 · pairs."""
    cells = [_stream(cause, asset).standard_normal((pairs, 4)) for asset in assets]
    scores = uncorrelated(np.hstack([_stream(cause).standard_normal((pairs, 1)), *cells]))
    both = np.stack([scores, -scores], axis=1).reshape(2 * pairs, -1)
    cell = both[:, 1:].reshape(2 * pairs, len(assets), 4)
    return both[:, 0], cell[..., 0], cell[..., 1:]


def _gammas(cause: str, assets: Sequence[str], shape: Floats, scores: Floats) -> Floats:
    """Gamma draws in the order of their scores, (n, n_assets, 3).

    Parameters
    ----------
    shape : (n_assets, 3). scores : (n, n_assets, 3).
    """
    n = len(scores)
    drawn = [_stream(cause, a, "gamma").standard_gamma(s, (n, 3)) for a, s in zip(assets, shape, strict=True)]
    sizes = np.array(drawn).reshape(len(assets), n, 3).swapaxes(0, 1)
    ordered = np.empty(scores.shape)
    np.put_along_axis(ordered, np.argsort(scores, axis=0), np.sort(sizes, axis=0), axis=0)
    return ordered


def hypothesis_draws(table: Signatures) -> Iterator[tuple[Signatures, Floats]]:
    """Tables, and shifts of the log prior odds, (n_causes,), in antithetic pairs: 2 · `PAIRS` in all."""
    shapes = np.maximum(table.p * table.strength[..., None], LEAST_SHAPE)
    n_causes, n_assets = table.size.shape
    n, scores = 2 * PAIRS, [_scores(cause, table.assets, PAIRS) for cause in table.causes]
    shift = PRIOR_SPREAD * np.array([odds for odds, _, _ in scores]).reshape(n_causes, n)
    size = SIZE_SPREAD_OF_TYPICAL * np.array([size for _, size, _ in scores]).reshape(n_causes, n, n_assets)
    named = zip(table.causes, shapes, scores, strict=True)
    gammas = np.array([_gammas(cause, table.assets, shape, p) for cause, shape, (_, _, p) in named])
    p = (gammas / gammas.sum(axis=-1, keepdims=True)).reshape(n_causes, n, n_assets, 3)
    for k in range(n):
        yield replace(table, p=p[:, k], size=table.size * np.exp(size[:, k])), shift[:, k]
