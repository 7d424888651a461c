"""An explanation as a terminal of some width shows it."""

from __future__ import annotations

import io

from rich.console import Console

from selloff.explanation import Explanation
from selloff.report.text import render


def text_of(e: Explanation, width: int, **options: object) -> str:
    """Its text; `options` are those of rich's console."""
    out = io.StringIO()
    Console(file=out, width=width, **{"force_terminal": False, "highlight": False, **options}).print(render(e))
    return out.getvalue()
