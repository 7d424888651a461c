"""Keys of cached results: a hash of all that a result of one moment depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

from selloff.catalog import Catalogue
from selloff.catalog.freeze import causes_digest
from selloff.catalog.sessions import Sessions
from selloff.store import Store

UNRELATED = ("cli", "report", "scorecard", "pull", "sources")
"""Parts of the program that no explanation depends on."""

LIBRARIES = ("numpy", "polars", "scipy")


def _files_digest(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def code_digest(catalogue: Catalogue, sessions: Sessions, modules: Sequence[Path]) -> str:
    """SHA-256 of what an explanation is computed by, catalogue, sessions and numerical libraries.

    Parameters
    ----------
    modules : files of the scorecard that add to the explanation.
    """
    package = Path(__file__).parents[1]
    code = [
        p
        for pattern in ("*.py", "*.toml", "*.json")
        for p in package.rglob(pattern)
        if p.relative_to(package).parts[0] not in UNRELATED
    ]
    parts = [
        _files_digest(package, [*code, *modules]),
        _files_digest(catalogue.folder, catalogue.folder.rglob("*.toml")),
        causes_digest(catalogue.causes),
        ",".join(catalogue.series),
        hashlib.sha256(sessions.dates.tobytes() + sessions.closes.tobytes()).hexdigest(),
        *(f"{name} {version(name)}" for name in LIBRARIES if _installed(name)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def knowledge_digests(store: Store, moments: Sequence[datetime]) -> list[str]:
    """A digest of the observations known at each moment.

    The digest is a sum of row hashes, so that one pass over the table serves all moments.
    """
    rows = store.collect(store.scan())
    known = rows["known_at"].to_physical().to_numpy()
    order = np.argsort(known, kind="stable")
    sums = [
        np.concatenate([np.zeros(1, np.uint64), np.cumsum(rows.hash_rows(seed=seed).to_numpy()[order])])
        for seed in (1, 2)
    ]
    instants = np.array([int(m.astimezone(UTC).timestamp() * 1e6) for m in moments], dtype=np.int64)
    counts = np.searchsorted(known[order], instants, side="right")
    return [f"{n}-{sums[0][n]:016x}{sums[1][n]:016x}" for n in counts.tolist()]


def key_of(*parts: str) -> str:
    """One key out of several digests and words."""
    return hashlib.sha256("\n".join([*parts, pl.__version__]).encode()).hexdigest()
