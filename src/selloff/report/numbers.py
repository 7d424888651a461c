"""Numbers as people read them: real minus signs, units, hedges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selloff.catalog.units import Unit

MINUS = "−"
MORE_DIGITS = 5
"""Numbers that are the same in so many digits more are told as the same."""


def signed(value: float, digits: int = 1) -> str:
    """+1.2 or −1.2; zero has no sign."""
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def move_text(move: float, unit: str) -> str:
    """A displayed move: `−9.5 %`, `+6 bp`."""
    return f"{signed(move, 0 if unit == 'bp' else 1)} {unit}"


def sigma_text(sigmas: float | None, digits: int = 1) -> str:
    """`−8.4 σ`, or a dash."""
    return "–" if sigmas is None else f"{signed(sigmas, digits)} σ"


def digits_apart(value: float, limit: float, digits: int) -> int:
    """How many digits show that a value is not its limit: at least so many, and more until the two print differently.

    Both are then told with that many: a class at −2.0995 is not down by a limit of −2.1000.
    """
    different = (n for n in range(digits, digits + MORE_DIGITS + 1) if f"{value:.{n}f}" != f"{limit:.{n}f}")
    return digits if value == limit else next(different, digits)


def depth_digits(depth: float | None, limit: float | None) -> int:
    """Digits for a class's depth and its limit, minus a loss: one where it reached the limit, else `digits_apart`."""
    return 1 if depth is None or limit is None or depth <= -limit else digits_apart(depth, -limit, 1)


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


def interval(low: float, high: float, prior: float | None = None) -> str:
    """`18–52`, in per cent; `<1` and `99+` for ends that nothing here can call 0 and 100.

    A low end above a prior that would print the same has more digits: `4.2–37` for a prior of 4 %.
    """
    digits = 0
    if prior is not None and low > prior:
        digits = digits_apart(100 * low, 100 * prior, 0)
    return f"{_end(low, digits)}–{_end(high, 0)}"


def _end(share: float, digits: int) -> str:
    return "<1" if share < 0.005 else "99+" if share > 0.995 else f"{100 * share:.{digits}f}"


def part_text(part: float) -> str:
    """A part of a move, which may be negative or more than all of it: `52 %`, `−4 %`."""
    return f"{signed(100 * part, 0).lstrip('+')} %"


def part_range(low: float, high: float) -> str:
    """`−10 to 95`, in per cent of a move."""
    return f"{part_text(low)[:-2]} to {part_text(high)[:-2]}"


def p_text(p: float) -> str:
    """A p-value; never 0 or 1."""
    if p < 0.001 or p > 0.995:
        return "p < 0.001" if p < 0.001 else "p > 0.99"
    return f"p = {p:.2f}" if p >= 0.01 else f"p = {p:.3f}"


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


def listed(names: Sequence[str]) -> str:
    """Names as `joined` gives them, or with semicolons where a name holds a comma."""
    return "; ".join(names) if any("," in name for name in names) else joined(names)


def day_text(day: date, year: int | None = None, month: str = "%b") -> str:
    """`12 Mar 2020`, or `12 Mar` in the year that is named."""
    return f"{day.day} {day.strftime(month)}{'' if day.year == year else f' {day.year}'}"
