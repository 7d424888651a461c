"""Moves with every kind of gap, and the eligibility rule as plain loops."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

MARKET, HOLIDAYS, YOUNG, STALE, REPEATED, ABSENT = range(6)


def make_moves(n_sessions: int, n_plain: int, seed: int) -> np.ndarray:
    """Six series with a character (see the names above), then plain ones; fat tails and one common factor."""
    random = np.random.default_rng(seed)
    moves = random.standard_t(4, (n_sessions, 1)) * 0.7 + random.standard_t(4, (n_sessions, 6 + n_plain))
    moves *= random.uniform(0.5, 3.0, moves.shape[1])
    moves[random.random(n_sessions) < 0.06, HOLIDAYS] = math.nan
    moves[: n_sessions // 2, YOUNG] = math.nan
    moves[3 * n_sessions // 4 :, STALE] = math.nan
    moves[:, REPEATED] = 0.25
    moves[:, ABSENT] = math.nan
    return moves


def loop_eligible(moves: np.ndarray, t: int, look_back: int) -> list[int]:
    """Series eligible at t: 80 % there, one of the last five there, not all equal."""
    if t < look_back - 1:
        return []
    out = []
    for i in range(moves.shape[1]):
        seen = [float(x) for x in moves[t - look_back + 1 : t + 1, i] if not math.isnan(x)]
        recent = [x for x in moves[max(0, t - 4) : t + 1, i] if not math.isnan(x)]
        if len(seen) >= 0.8 * look_back and recent and len(set(seen)) > 1:
            out.append(i)
    return out


@pytest.fixture(scope="session")
def gappy() -> Callable[[int, int, int], np.ndarray]:
    return make_moves


@pytest.fixture(scope="session")
def eligible_at() -> Callable[[np.ndarray, int, int], list[int]]:
    return loop_eligible


@pytest.fixture(scope="session")
def shared_file() -> Callable[[str], Path]:
    """A file of the shared data folder; skips without it, fails if SELLOFF_REQUIRE_SHARED=1."""
    root = Path(os.environ.get("SELLOFF_SHARED") or Path(__file__).resolve().parents[4] / "shared")

    def find(name: str) -> Path:
        path = root / "data" / name
        if not path.is_file():
            if os.environ.get("SELLOFF_REQUIRE_SHARED") == "1":
                pytest.fail(f"{path} not found, and SELLOFF_REQUIRE_SHARED=1")
            pytest.skip(f"{path} not found: set SELLOFF_SHARED to the folder with the shared data")
        return path

    return find
