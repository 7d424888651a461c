from __future__ import annotations

import pytest

from selloff.catalog import Catalogue, load
from selloff.catalog.sessions import Sessions, load_sessions


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    return load_sessions(None, last_year=2026)
