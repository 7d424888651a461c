from __future__ import annotations

import pytest

from selloff.catalog import Catalogue, load


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load()
