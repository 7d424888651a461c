"""Running the command line as a user does: a process of its own, with nothing of the developer's environment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
RUN = "from selloff.cli.main import run; run()"
PINNED = "import selloff.catalog.catalogue as c; c.load.__defaults__ = (c.Path({folder!r}), None, ()); "
"""Makes the command line use another catalogue folder: the wheels of a synthetic world have other hashes."""


def environment(home: Path | None = None, **more: str) -> dict[str, str]:
    """A small, fixed environment; no index and no settings of the developer's pip."""
    fixed = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(SOURCE),
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "SELLOFF_MIRRORS": '{"*": "http://127.0.0.1:9"}',  # nothing ever leaves this machine
    }
    return {**fixed, **({"SELLOFF_HOME": str(home)} if home is not None else {}), **more}


def python(code: str, *arguments: str, env: dict[str, str], timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a piece of Python in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=env,
        timeout=timeout,
        check=False,
    )


def selloff(
    *arguments: str, home: Path, catalogue_folder: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run `selloff`; `more` are further environment variables."""
    pinned = PINNED.format(folder=str(catalogue_folder)) if catalogue_folder is not None else ""
    return python(pinned + RUN, *arguments, env=environment(home, **more))


def tree_digest(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by relative path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
