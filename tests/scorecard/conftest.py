"""The synthetic world with invented labels, scored once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import worlds
from conftest import NOW
from scorecard.invented import Rows, label_rows, write
from selloff.scorecard import ScoreContext, TierResult
from selloff.scorecard.human import tier
from selloff.store import Store

N_DAYS = 40


@pytest.fixture(scope="session")
def labelled_days(world: worlds.World) -> list[date]:
    """Every 22nd session from mid-2018, and before them a day too early and a Sunday."""
    dates = world.sessions.dates
    first = int(np.searchsorted(dates, np.datetime64("2018-06-01")))
    chosen = [dates[first + 22 * i].item() for i in range(N_DAYS)]
    return [date(1960, 5, 2), date(2018, 5, 6), *chosen]


@pytest.fixture(scope="session")
def rows(labelled_days: list[date]) -> tuple[Rows, Rows]:
    return label_rows(labelled_days, seed=3)


@pytest.fixture(scope="session")
def label_files(rows: tuple[Rows, Rows], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("labels")
    return {"labels": write(folder / "by_day.csv", rows[0]), "coders": write(folder / "by_coder.csv", rows[1])}


@pytest.fixture(scope="session")
def score_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("score_cache")


@pytest.fixture(scope="session")
def score_context(
    world: worlds.World, store: Store, label_files: dict[str, Path], score_cache: Path
) -> Callable[..., ScoreContext]:
    def make(**options: object) -> ScoreContext:
        settings = {
            "store": store,
            "catalogue": world.catalogue,
            "sessions": world.sessions,
            "now": NOW,
            "files": label_files,
            "cache": score_cache,
        }
        return ScoreContext(**{**settings, **options})  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def human(score_context: Callable[..., ScoreContext]) -> TierResult:
    """The human tier of the world; its records fill the cache."""
    return tier().run(score_context())
