"""The example plugin, importable as if it were installed: its package beside metadata made from its pyproject."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "packages" / "selloff-demo-source"
RECORDINGS = FOLDER / "recordings"


def install(target: Path) -> Path:
    """Copy the plugin into a folder that goes onto sys.path."""
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copytree(FOLDER / "src", target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    info = target / f"selloff_demo_source-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return target
