"""Contexts for the scorecard's tiers: an empty store, the shared folder, a pretended method."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selloff.attribution import Attribution
    from selloff.catalog.sessions import Sessions
    from selloff.scorecard import ScoreContext

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def bare_context(sessions: Sessions, tmp_path: Path) -> Callable[..., ScoreContext]:
    """A context with an empty store; keywords as `ScoreContext`."""
    from selloff.catalog import default_catalogue
    from selloff.scorecard import ScoreContext
    from selloff.store import Store

    def make(**changes: object) -> ScoreContext:
        return replace(ScoreContext(Store(tmp_path / "none"), default_catalogue(), sessions, NOW, seed=1), **changes)

    return make


@pytest.fixture
def shared_data() -> Path:
    """The folder of shared data; tests that use it are marked `shared`."""
    from full_data import ROOT

    folder = Path(os.environ.get("SELLOFF_SHARED", str(ROOT.parent / "shared"))) / "data"
    if not (folder / "SOURCES.md").is_file():
        what = f"no shared data in {folder} (set SELLOFF_SHARED)"
        if os.environ.get("SELLOFF_REQUIRE_SHARED") == "1":
            pytest.fail(what)
        pytest.skip(what)
    return folder


def sure_of(cause: str, *arguments: object) -> Attribution:
    """A broken method: it runs the real one and then claims one cause, whatever happened."""
    from selloff.attribution import Amount, attribute

    found = attribute(*arguments)  # type: ignore[arg-type]
    causes = tuple(
        r
        if r.probability is None
        else replace(
            r,
            probability=0.999 if r.cause.id == cause else 0.001,
            status="contributing" if r.cause.id == cause else "ruled_down",
            indistinguishable_from=(),
        )
        for r in found.causes
    )
    shares = {k: 0.99 if k == cause else 0.01 / (len(found.trigger_shares) - 1) for k in found.trigger_shares}
    return replace(found, causes=causes, trigger_shares=shares, unexplained=Amount(0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


def says_nothing(*arguments: object) -> Attribution:
    """A method that knows nothing and says so: every probability is its prior."""
    from selloff.attribution import attribute

    found = attribute(*arguments)  # type: ignore[arg-type]
    causes = tuple(
        r if r.probability is None else replace(r, probability=r.cause.prior, status="undetermined")
        for r in found.causes
    )
    return replace(found, causes=causes)
