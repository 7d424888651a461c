"""Explain a window: what fell, and every testable cause with its probability.

    python examples/explain_a_window.py             12 March 2020
    python examples/explain_a_window.py 2008-10-06:2008-10-10

Needs data: `selloff data pull starter` fetches some.
"""

from __future__ import annotations

import sys

import selloff


def main(when: str) -> None:
    """Print the verdict, the moves in slow sigmas, and the causes, most probable first within each role."""
    result = selloff.explain(when)
    window = result.window
    print(
        f"{window.start} to {window.end}: {result.joint.verdict}; down: {', '.join(result.joint.classes_down) or '-'}"
    )
    for asset in result.assets:
        move = result.move_of(asset)
        if move is not None and move.sigmas_slow is not None:
            print(f"  {result.catalogue.assets[asset].name:32}{move.sigmas_slow:+6.1f} sigma")
    tested = [c for c in result.attribution.causes if c.probability is not None]
    for role in ("trigger", "premium", "amplifier"):
        print(f"{role}:")
        for c in sorted((c for c in tested if c.cause.role == role), key=lambda c: -(c.probability or 0.0)):
            print(f"  {c.cause.name:32}{c.probability:5.0%} [{c.low:.0%} to {c.high:.0%}], {c.status}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "2020-03-12")
