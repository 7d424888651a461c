"""Raw payloads: the bytes every number came from, compressed, named by their hash."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from selloff.errors import StoreError


@dataclass(frozen=True)
class Payload:
    """Bytes that a source delivered.

    `fetched_at` is unique per source: together they lead from an observation to its bytes.
    `name` says what was asked for, without secrets.
    """

    source: str
    name: str
    content: bytes
    fetched_at: datetime

    @cached_property
    def sha256(self) -> str:
        """Hash of the uncompressed content."""
        return hashlib.sha256(self.content).hexdigest()

    def index_row(self) -> dict[str, object]:
        """The payload's row in the index."""
        return {
            "source": self.source,
            "fetched_at": self.fetched_at,
            "name": self.name,
            "sha256": self.sha256,
            "bytes": len(self.content),
        }


def _file(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / f"{sha256}.gz"


def keep_payload(folder: Path, payload: Payload) -> None:
    """Write the content once; the same bytes are never kept twice."""
    target = _file(folder, payload.sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_bytes(gzip.compress(payload.content, compresslevel=6, mtime=0))
    partial.replace(target)


def read_payload(folder: Path, sha256: str) -> bytes:
    """The content with that hash.

    Raises
    ------
    StoreError : the file is gone, or its bytes no longer have that hash.
    """
    try:
        content = gzip.decompress(_file(folder, sha256).read_bytes())
    except (OSError, EOFError) as error:
        raise StoreError(f"The raw payload {sha256[:12]}… can't be read.", "Restore it from a backup.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StoreError(f"The raw payload {sha256[:12]}… was altered on disk.", "Restore it from a backup.")
    return content
