"""Files that a tier scores against: where they are looked for, and how their columns are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from selloff.errors import ScorecardError
from selloff.scorecard.tier import ScoreContext

SUBFOLDERS = ("", "published", "labels")


def find_input(context: ScoreContext, role: str, name: str) -> Path | None:
    """The user's file for a role; else that name in the folder of published data, or in the scorecard's folder.

    Both folders are searched with their subfolders `published` and `labels`. None if it is nowhere.
    """
    if role in context.files:
        return context.files[role]
    folders = [f for f in (context.files.get("published"), context.folder) if f is not None]
    places = (folder / sub / name for folder in folders for sub in SUBFOLDERS)
    return next((place for place in places if place.is_file()), None)


def read_columns(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns of a file, as text is read by polars; `NaN` and empty are missing.

    Raises
    ------
    ScorecardError : the file can't be read, or lacks one of the columns.
    """
    try:
        frame = pl.read_csv(path, null_values=["NaN"], infer_schema_length=None)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise ScorecardError(f"{path} can't be read as CSV: {reason}.", "Give the file as published.") from error
    absent = [c for c in columns if c not in frame.columns]
    if absent:
        what = f"{path} has no column {absent[0]!r}; it has {', '.join(frame.columns)}."
        raise ScorecardError(what, "Give the file as published.")
    return frame.select(columns)
