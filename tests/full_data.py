"""What the tests on the shared data have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from selloff.catalog import Catalogue
from selloff.catalog.sessions import Sessions
from selloff.pull.importing import ImportReport
from selloff.store import Store

ROOT = Path(__file__).parents[1]
MAPPING = ROOT / "validation" / "shared_data.toml"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FullData:
    """A store with the shared data, what the import said, and how to run it again."""

    store: Store
    catalogue: Catalogue
    sessions: Sessions
    report: ImportReport
    again: Callable[[], ImportReport]
