"""Keep estimated models: one file per panel bytes, restrictions and code version, written atomically."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.model import StructuralModel
from selloff.attribution.structural.restrictions import Restrictions
from selloff.detection.rarity import seed_from
from selloff.panel.transforms import Floats

ARRAYS = tuple(
    f.name for f in fields(StructuralModel) if f.name not in ("restrictions", "n_sessions", "feasible_share")
)
DIGEST = 32
MOST_FILES = 120
"""Two models a month for five years, some 200 MB; the oldest go first."""

Arrays = Mapping[str, npt.NDArray[Any]]


def code_version() -> str:
    """Hash of the source files of this package: a model of other code is another model."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(np.__version__.encode())
    return digest.hexdigest()


def model_key(values: Floats, restrictions: Restrictions) -> str:
    """SHA-256 of the sample's bytes, the restrictions, the seed that the sample gives and the code."""
    claims = asdict(restrictions)
    for name in ("hard", "rises", "still"):
        claims[name] = claims[name].tolist()
    digest = hashlib.sha256(code_version().encode())
    digest.update(json.dumps([values.shape, claims, seed_from(values)]).encode())
    digest.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class ModelCache:
    """Models in a folder, one file each: the hash of its bytes, then an `.npz`.

    A file that can't be read or does not match its hash counts as absent and is written anew.

    Attributes
    ----------
    tell : called with one line before a model is estimated, since that takes seconds; None says nothing.
    """

    folder: Path
    tell: Callable[[str], None] | None = None

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.model"

    def announce(self, line: str) -> None:
        """Say that something slow begins."""
        if self.tell is not None:
            self.tell(line)

    def load_arrays(self, key: str) -> dict[str, npt.NDArray[Any]] | None:
        """The arrays under that key, or None."""
        try:
            stored = self._path(key).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(stored[DIGEST:]).digest() != stored[:DIGEST]:
            return None
        with np.load(io.BytesIO(stored[DIGEST:]), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    def save_arrays(self, key: str, arrays: Arrays) -> None:
        """Keep arrays; readers see the old file or the new one. A folder that can't be written costs only time."""
        packed = io.BytesIO()
        np.savez(packed, **arrays)  # type: ignore[arg-type]
        payload = packed.getvalue()
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(payload).digest() + payload)
                Path(name).replace(self._path(key))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            self._prune()

    def _prune(self) -> None:
        ages = sorted((path.stat().st_mtime_ns, path.name) for path in self.folder.glob("*.model"))
        for _, name in ages[:-MOST_FILES]:
            (self.folder / name).unlink(missing_ok=True)

    def load(self, key: str, restrictions: Restrictions) -> StructuralModel | None:
        """The panel's model of that key, or None."""
        arrays = self.load_arrays(key)
        if arrays is None:
            return None
        return StructuralModel(
            restrictions=restrictions,
            n_sessions=int(arrays["n_sessions"]),
            feasible_share=float(arrays["feasible_share"]),
            **{name: arrays[name] for name in ARRAYS},
        )

    def save(self, key: str, model: StructuralModel) -> None:
        """Keep a panel's model."""
        scalars = {"n_sessions": np.array(model.n_sessions), "feasible_share": np.array(model.feasible_share)}
        self.save_arrays(key, {name: getattr(model, name) for name in ARRAYS} | scalars)
