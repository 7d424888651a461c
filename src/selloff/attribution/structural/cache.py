"""Keep estimated models: one file per panel bytes, restrictions and code version, written atomically."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from selloff.attribution.structural.model import StructuralModel
from selloff.attribution.structural.restrictions import Restrictions
from selloff.panel.transforms import Floats

ARRAYS = tuple(
    f.name for f in fields(StructuralModel) if f.name not in ("restrictions", "n_sessions", "feasible_share")
)


def code_version() -> str:
    """Hash of the source files of this package: a model of other code is another model."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(np.__version__.encode())
    return digest.hexdigest()


def model_key(values: Floats, restrictions: Restrictions) -> str:
    """SHA-256 of the sample's bytes, the restrictions and the code."""
    claims = asdict(restrictions)
    for name in ("hard", "rises", "still"):
        claims[name] = claims[name].tolist()
    digest = hashlib.sha256(code_version().encode())
    digest.update(json.dumps([values.shape, claims]).encode())
    digest.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class ModelCache:
    """Models in a folder, one `.npz` each. A file that can't be read counts as absent and is written anew."""

    folder: Path

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def load(self, key: str, restrictions: Restrictions) -> StructuralModel | None:
        """The model of that key, or None."""
        try:
            with self._path(key).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in ARRAYS}
                n_sessions, feasible_share = int(file["n_sessions"]), float(file["feasible_share"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return StructuralModel(
            restrictions=restrictions, n_sessions=n_sessions, feasible_share=feasible_share, **arrays
        )

    def save(self, key: str, model: StructuralModel) -> None:
        """Keep a model; readers see the old file or the new one. A folder that can't be written costs only time."""
        arrays = {name: getattr(model, name) for name in ARRAYS}
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(file, n_sessions=model.n_sessions, feasible_share=model.feasible_share, **arrays)
                Path(name).replace(self._path(key))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
