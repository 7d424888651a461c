"""Numbers as people read them: real minus signs, units, hedges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selloff.catalog.units import Unit

MINUS = "−"


def signed(value: float, digits: int = 1) -> str:
    """+1.2 or −1.2; zero has no sign."""
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def move_text(move: float, unit: str) -> str:
    """A displayed move: `−9.5 %`, `+6 bp`."""
    return f"{signed(move, 0 if unit == 'bp' else 1)} {unit}"


def sigma_text(sigmas: float | None) -> str:
    """`−8.4 σ`, or a dash."""
    return "–" if sigmas is None else f"{signed(sigmas)} σ"


def level_text(level: float, unit: Unit) -> str:
    """A level in its unit: `2,480.64 points`, `$31.50/bbl`, `0.50 %`."""
    symbol = unit.info.symbol
    if symbol.startswith("$"):
        return f"{MINUS if level < 0 else ''}${abs(level):,.2f}{symbol[1:]}"
    return f"{f'{level:,.2f}'.replace('-', MINUS)} {symbol}".strip()


def percent(probability: float) -> str:
    """A probability in whole per cent; never 0 or 100, which nothing here can claim."""
    if probability < 0.005:
        return "below 1 %"
    if probability > 0.995:
        return "above 99 %"
    return f"{100 * probability:.0f} %"


def share_text(count: int, total: int) -> str:
    """A counted share, with enough digits to see it: `0.4 %`."""
    share = 100 * count / total
    if share > 99.5:
        return "above 99 %"
    return f"{share:.{0 if share >= 10 else 1 if share >= 0.1 else 2}f} %"


def interval(low: float, high: float) -> str:
    """`18–52`, in per cent."""
    return f"{100 * low:.0f}–{100 * high:.0f}"


def part_text(part: float) -> str:
    """A part of a move, which may be negative or more than all of it: `52 %`, `−4 %`."""
    return f"{signed(100 * part, 0).lstrip('+')} %"


def part_range(low: float, high: float) -> str:
    """`−10 to 95`, in per cent of a move."""
    return f"{part_text(low)[:-2]} to {part_text(high)[:-2]}"


def p_text(p: float) -> str:
    """A p-value."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2f}" if p >= 0.01 else f"p = {p:.3f}"


def years_text(years: float) -> str:
    """A return period in words."""
    if years < 1:
        months = max(round(years * 12), 1)
        return f"{months} month{'s' if months != 1 else ''}"
    rounded = round(years) if years < 20 else round(years, -1)
    return f"{rounded:.0f} year{'s' if rounded != 1 else ''}"


def unbroken(text: str) -> str:
    """Numbers and their units held together by a space at which no line breaks."""
    return re.sub(r"(?<=\d) (?=(?:%|σ|bp)(?!\w))", "\u00a0", text)


def joined(parts: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
