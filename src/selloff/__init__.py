"""selloff: why is everything falling at once? Answered from public data, reproducibly.

>>> import selloff
>>> result = selloff.explain("2020-03-12")  # doctest: +SKIP
>>> result.joint.verdict  # doctest: +SKIP
'joint'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selloff.explanation import Explanation, Scan, explain, scan
    from selloff.store import Store

__all__ = ["Explanation", "Scan", "Store", "explain", "scan"]

_HOMES = {
    "Explanation": "selloff.explanation",
    "Scan": "selloff.explanation",
    "Store": "selloff.store",
    "explain": "selloff.explanation",
    "scan": "selloff.explanation",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import selloff` costs next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'selloff' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
