"""The synthetic world and a home filled from it, both made once; nothing of the developer's settings leaks in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import worlds
from buckets import new_bucket, s3  # noqa: F401

if TYPE_CHECKING:
    from selloff.catalog.sessions import Sessions
    from selloff.explanation import Explanation
    from selloff.store import Store

_slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("default", max_examples=20, deadline=None, database=None, suppress_health_check=_slow)
settings.register_profile("full", max_examples=1000, deadline=None, database=None, suppress_health_check=_slow)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

PULLED_AT = datetime(2022, 1, 10, 12, tzinfo=UTC)
NOW = datetime(2022, 1, 11, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(run_folder: Path) -> Iterator[None]:
    """No pip settings, no selloff settings; a home without data, in which a run keeps its structural models."""
    with pytest.MonkeyPatch.context() as patch:
        own = {"SELLOFF_HOME", "SELLOFF_STORE", "SELLOFF_OFFLINE"}
        for name in [n for n in os.environ if n.startswith(("PIP_", "AWS_")) or n in own]:
            patch.delenv(name)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("SELLOFF_MIRRORS", '{"*": "http://127.0.0.1:9"}')
        patch.setenv("SELLOFF_HOME", str(run_folder / "nowhere" / "home"))
        yield


@pytest.fixture(scope="session")
def sessions_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sessions")


@pytest.fixture(scope="session")
def sessions(sessions_cache: Path) -> Sessions:
    from selloff.catalog.sessions import load_sessions

    return load_sessions(sessions_cache, last_year=datetime.now(UTC).year + 1)


@pytest.fixture(scope="session")
def world_files(sessions: Sessions) -> tuple[worlds.Files, dict]:
    """The data files of the five wheels, and their values by source and column."""
    return worlds.data_files(sessions)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, sessions: Sessions, world_files: tuple) -> worlds.World:
    return worlds.build_world(tmp_path_factory.mktemp("world"), sessions, *world_files)


@pytest.fixture(scope="session")
def home(
    run_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    world: worlds.World,
    sessions_cache: Path,
    _clean_environment: None,
) -> Path:
    """A home filled from the world's wheels through pip, once a run. No test writes to it: copy it (`own_home`)."""
    from selloff.store.place import Folder

    filled = run_folder / "filled"
    with Folder(run_folder).lock(exclusive=True):
        if not filled.exists():
            made = _filled(tmp_path_factory.mktemp("filling") / "home", world, sessions_cache)
            made.rename(filled)
            models = Path(os.environ["SELLOFF_HOME"]) / "cache" / "structural"
            shutil.copytree(filled / "cache" / "structural", models, dirs_exist_ok=True)
    return filled


def _filled(folder: Path, world: worlds.World, sessions_cache: Path) -> Path:
    from selloff.explanation import explain
    from selloff.pull import pull_starter
    from selloff.store import Store

    shutil.copytree(sessions_cache, folder / "cache")
    report = pull_starter(
        Store(folder / "store"),
        world.catalogue,
        world.sessions,
        offline=False,
        now=PULLED_AT,
        pip_arguments=world.pip_arguments,
    )
    assert report.failed == {}
    with pytest.MonkeyPatch.context() as patch:
        # The structural models of the planted days, so that not every process that explains one estimates them anew.
        patch.setenv("SELLOFF_HOME", str(folder))
        for day in (worlds.CRASH, worlds.CRYPTO_DAY):
            explain(
                str(day), store=Store(folder / "store"), catalogue=world.catalogue, sessions=world.sessions, now=NOW
            )
    return folder


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A copy of the filled home that a test may spoil."""
    return Path(shutil.copytree(home, tmp_path / "home"))


@pytest.fixture(scope="session")
def store(home: Path) -> Store:
    from selloff.store import Store

    return Store(home / "store")


@pytest.fixture(scope="session")
def explain_world(world: worlds.World, store: Store) -> Callable[..., Explanation]:
    """`explain` on the synthetic world; what was explained before is not computed again."""
    from selloff.explanation import explain

    kept: dict[tuple, Explanation] = {}

    def run(when: str | None = None, **options: object) -> Explanation:
        key = (when, *sorted(options.items()))
        if key not in kept:
            settings = {"store": store, "catalogue": world.catalogue, "sessions": world.sessions, "now": NOW}
            kept[key] = explain(when, **{**settings, **options})
        return kept[key]

    return run
