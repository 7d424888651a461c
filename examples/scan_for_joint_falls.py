"""Scan the whole history, and list the sell-offs in which half of the asset classes fell together.

    python examples/scan_for_joint_falls.py            windows of 5 sessions
    python examples/scan_for_joint_falls.py 20         windows of 20 sessions

Needs data: `selloff data pull starter` fetches some.
"""

from __future__ import annotations

import sys

import selloff


def main(window: str) -> None:
    """Print each joint sell-off with its deepest window, the classes down there, and its name if it has one."""
    found = selloff.scan(window=window, min_verdict="joint")
    print(f"{len(found.episodes)} joint sell-offs from {found.first} to {found.last}")
    for e in found.episodes:
        down = sorted(e.classes_down, key=lambda c: e.depth[c] or 0.0)
        print(f"{e.peak.start}:{e.peak.end}  {', '.join(down)}  {', '.join(e.episodes)}".rstrip())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "5")
