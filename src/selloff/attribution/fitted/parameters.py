"""Fitted parameters as data files: one set per fit date, with what it was fitted on and by what.

A set is one JSON file, `NAME/YYYY-MM-DD.json`, with the keys

- `name`: what the parameters are for; `schema_version`: 1.
- `known_at`: from this instant (UTC) on, an analysis may use the set. Whatever it was fitted on was known before.
- `days`: the labelled days it was fitted on, sorted; the scorecard scores such days apart.
- `inputs`: SHA-256 of each input, by name; `code`: SHA-256 of the script that fitted it, and `script` its path.
- `values`: arrays by name; `axes`: the name of each of their axes.

Nothing in here fits anything: scripts in `validation/` do.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from selloff.errors import CatalogError

Floats = npt.NDArray[np.float64]

SCHEMA_VERSION = 1
FOLDER = Path(__file__).parent / "sets"


@dataclass(frozen=True)
class FittedSet:
    """One set of fitted parameters.

    Attributes
    ----------
    name : what the parameters are for.
    known_at : aware moment from which an analysis may use them.
    days : labelled days they were fitted on, sorted.
    values : arrays by name, finite; axes : names of each array's axes.
    inputs : SHA-256 of each input; script, code : the script that fitted them, and its SHA-256.
    """

    name: str
    known_at: datetime
    days: tuple[date, ...]
    values: Mapping[str, Floats] = field(repr=False)
    axes: Mapping[str, tuple[str, ...]]
    inputs: Mapping[str, str]
    script: str
    code: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in the file."""
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "known_at": self.known_at.astimezone(UTC).isoformat(),
            "days": [d.isoformat() for d in self.days],
            "inputs": dict(sorted(self.inputs.items())),
            "script": self.script,
            "code": self.code,
            "axes": {k: list(v) for k, v in sorted(self.axes.items())},
            "values": {k: v.tolist() for k, v in sorted(self.values.items())},
        }

    def digest(self) -> str:
        """SHA-256 of the whole set."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> FittedSet:
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"its format is {raw['schema_version']!r}, not {SCHEMA_VERSION}")
    known_at = datetime.fromisoformat(raw["known_at"])
    if known_at.tzinfo is None:
        raise ValueError("known_at has no time zone")
    days = tuple(date.fromisoformat(d) for d in raw["days"])
    if list(days) != sorted(set(days)):
        raise ValueError("days are not sorted, or one comes twice")
    if days and days[-1] >= known_at.date():
        raise ValueError(f"it is known from {known_at.date()} on, but was fitted on {days[-1]}")
    values = {k: np.array(v, dtype=np.float64) for k, v in raw["values"].items()}
    axes = {k: tuple(v) for k, v in raw["axes"].items()}
    for name, array in values.items():
        if len(axes.get(name, ())) != array.ndim:
            raise ValueError(f"{name} has {array.ndim} axes, {len(axes.get(name, ()))} of them named")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds a number that is not finite")
    if raw["name"] != path.parent.name or known_at.date().isoformat() != path.stem:
        raise ValueError(f"name and date don't agree with {path.parent.name}/{path.name}")
    return FittedSet(
        raw["name"], known_at, days, values, axes, dict(raw["inputs"]), str(raw["script"]), str(raw["code"])
    )


def load_fitted(name: str, folder: Path = FOLDER) -> tuple[FittedSet, ...]:
    """Every set of a name, by the moment from which it may be used; empty if nothing was ever fitted.

    Raises
    ------
    CatalogError : a file is malformed, or was fitted on a day that is not before its own date.
    """
    found = [_checked(path) for path in sorted((folder / name).glob("*.json"))]
    return tuple(sorted(found, key=lambda s: s.known_at))


def _checked(path: Path) -> FittedSet:
    try:
        return _read(path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogError(f"{path} can't be used: {error}.", "Fit it again with its script.") from error


def parameters_as_of(sets: Sequence[FittedSet], as_of: datetime | None) -> FittedSet | None:
    """The last set that could be used at a moment (None: hindsight, the last of all); None if there was none, and
    the fixed priors hold."""
    usable = [s for s in sets if as_of is None or s.known_at <= as_of]
    return usable[-1] if usable else None


def fitted_as_of(name: str, as_of: datetime | None, folder: Path = FOLDER) -> FittedSet | None:
    """The set that `parameters_as_of` would choose, reading no other file than it.

    Raises
    ------
    CatalogError : its file is malformed.
    """
    day = None if as_of is None else as_of.astimezone(UTC).date().isoformat()
    paths = [p for p in sorted((folder / name).glob("*.json")) if day is None or p.stem <= day]
    for path in reversed(paths):
        found = _checked(path)
        if as_of is None or found.known_at <= as_of:
            return found
    return None


def fitted_on(as_of: datetime, folder: Path = FOLDER) -> frozenset[date]:
    """The labelled days that the sets in use at a moment were fitted on, over all names.

    Raises
    ------
    CatalogError : a file is malformed.
    """
    names = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    used = (fitted_as_of(name, as_of, folder) for name in names)
    return frozenset(day for s in used if s is not None for day in s.days)


def write_fitted(fitted: FittedSet, folder: Path) -> Path:
    """Write a set to `folder/NAME/DATE.json`; arrays are rounded to nine significant digits, so that machines agree.

    Returns
    -------
    The file.
    """
    rounded = {k: _rounded(v) for k, v in fitted.values.items()}
    document = {**fitted.to_dict(), "values": {k: v.tolist() for k, v in sorted(rounded.items())}}
    path = folder / fitted.name / f"{fitted.known_at.astimezone(UTC).date().isoformat()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path


def _rounded(values: Floats) -> Floats:
    flat = [float(f"{v:.9g}") if math.isfinite(v) else v for v in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape)
