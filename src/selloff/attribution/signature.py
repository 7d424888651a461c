"""Signatures as numbers: what each cause says about each asset, in sigmas per unit of intensity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from selloff.catalog import Cause
from selloff.panel.transforms import Floats

Polarity = Literal["adverse", "relief"]
POLARITIES: tuple[Polarity, ...] = get_args(Polarity)

SIZE_SPREAD = 0.5
"""Coefficient of variation of a size around its prior."""

UNCHANGED = 0.5
"""Within so many slow sigmas an asset counts as about unchanged."""

UNCONDITIONAL = (0.35, 0.30, 0.35)
"""P(falls), P(about unchanged), P(rises) of any asset in any window, as in the causes' README."""


@dataclass(frozen=True)
class Signatures:
    """Cells of several causes for several assets.

    Attributes
    ----------
    p : (n_causes, n_assets, 3), P(falls), P(about unchanged), P(rises), mirrored where polarity says so.
    size : (n_causes, n_assets), typical absolute move per unit of intensity, in sigmas.
    strength : (n_causes, n_assets), how many observations the cell's probabilities are worth.
    causes, assets : ids of the rows and columns.
    """

    p: Floats
    size: Floats
    strength: Floats
    causes: tuple[str, ...]
    assets: tuple[str, ...]

    def moments(self) -> tuple[Floats, Floats]:
        """Mean and variance of each cell per unit of intensity, both (n_causes, n_assets)."""
        mean = self.size * (self.p[..., 2] - self.p[..., 0])
        second = self.size**2 * (self.p[..., 0] + self.p[..., 2]) * (1.0 + SIZE_SPREAD**2)
        return mean, second - mean**2


STRENGTH = {"published": 40.0, "hypothesis": 10.0, "open": 10.0}


def signatures(causes: Sequence[Cause], assets: Sequence[str], polarity: Polarity) -> Signatures:
    """Signatures of causes on the assets that are available.

    In a relief window a cause that has a mirror predicts the opposite signs; the others keep theirs.
    """
    cells = [[cause.signature[a] for a in assets] for cause in causes]
    p = np.array([[cell.p for cell in row] for row in cells], dtype=np.float64).reshape(len(causes), len(assets), 3)
    for i, cause in enumerate(causes):
        if cause.is_turned(polarity):
            p[i] = p[i, :, ::-1]
    shape = (len(causes), len(assets))
    return Signatures(
        p=p,
        size=np.array([[cell.size for cell in row] for row in cells], dtype=np.float64).reshape(shape),
        strength=np.array([[STRENGTH[cell.basis] for cell in row] for row in cells]).reshape(shape),
        causes=tuple(cause.id for cause in causes),
        assets=tuple(assets),
    )


def observed_bucket(sigmas: float) -> int:
    """0 for a fall, 1 for about unchanged, 2 for a rise."""
    return 1 if abs(sigmas) < UNCHANGED else (0 if sigmas < 0 else 2)
