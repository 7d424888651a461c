"""The calibration plot: stated share against the share that was right, as a plain SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

SIZE, MARGIN = 320, 48
COLOURS = ("#a40e26", "#0969da", "#57606a")
LARGEST_DOT = 9.0


def _place(x: float, y: float) -> tuple[float, float]:
    return MARGIN + x * SIZE, MARGIN / 2 + (1.0 - y) * SIZE


def _axes() -> list[str]:
    left, bottom = _place(0, 0)
    right, top = _place(1, 1)
    parts = [
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#57606a"/>',
        f'<line x1="{left:.1f}" y1="{bottom:.1f}" x2="{right:.1f}" y2="{top:.1f}" stroke="#57606a" '
        'stroke-dasharray="4 4"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _place(tick, tick)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{100 * tick:.0f} %</text>')
        parts.append(f'<text x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{100 * tick:.0f} %</text>')
    middle = _place(0.5, 0.5)
    parts.append(f'<text x="{middle[0]:.1f}" y="{bottom + 34:.1f}" text-anchor="middle">stated share</text>')
    parts.append(f'<text x="{left + 6:.1f}" y="{top + 16:.1f}">share of the votes</text>')
    return parts


def calibration_svg(tables: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """A dot per bin, its area in proportion to the cases in it; the dashed line is perfect calibration.

    Parameters
    ----------
    tables : bins by method name: `stated`, `right`, `n`.
    """
    width, height = SIZE + 2 * MARGIN + 110, SIZE + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="#57606a" role="img" '
        'aria-label="Calibration: stated share against share of the votes">',
        *_axes(),
    ]
    for i, (name, bins) in enumerate(tables.items()):
        colour = COLOURS[i % len(COLOURS)]
        most = max((b["n"] for b in bins), default=1.0)
        for b in bins:
            x, y = _place(b["stated"], b["right"])
            radius = max(LARGEST_DOT * (b["n"] / most) ** 0.5, 1.5)
            title = f"{name}: stated {b['stated']:.2f}, right {b['right']:.2f}, {b['n']:.0f} cases"
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.6">'
                f"<title>{escape(title)}</title></circle>"
            )
        x, y = _place(1.0, 0.95 - 0.07 * i)
        parts.append(f'<circle cx="{x + 14:.1f}" cy="{y - 4:.1f}" r="5" fill="{colour}" fill-opacity="0.6"/>')
        parts.append(f'<text x="{x + 24:.1f}" y="{y:.1f}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
