"""Every sell-off in a history: frozen, and the same bytes for the same input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from selloff.catalog import Catalogue
from selloff.detection import ReturnPeriod, Verdict
from selloff.explanation.documents import utc_text
from selloff.explanation.result import SCHEMA_VERSION, rounded, scan_html
from selloff.panel import Window

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ScanEpisode:
    """One sell-off: windows that share sessions.

    Attributes
    ----------
    start, end : first and last session of its windows. n_windows : how many they are.
    verdict : the strongest of them. peak : the deepest window with that verdict.
    classes_down, depth : of the peak; mean slow sigmas by class id, minus is a loss, None where missing.
    rarity_depth, return_period : of the peak, as in the joint-fall test, without the interval.
    episodes : ids of the catalogue's episodes that share a session with it and were over by the scan's last one.
    """

    start: date
    end: date
    n_windows: int
    verdict: Verdict
    peak: Window
    classes_down: tuple[str, ...]
    depth: Mapping[str, float | None]
    rarity_depth: float | None
    return_period: ReturnPeriod
    episodes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "verdict": self.verdict,
            "peak": {
                "base": self.peak.base.isoformat(),
                "start": self.peak.start.isoformat(),
                "end": self.peak.end.isoformat(),
                "sessions": self.peak.n_sessions,
            },
            "windows": self.n_windows,
            "classes_down": list(self.classes_down),
            "depth": dict(self.depth),
            "return_period_years": {
                "mid": self.return_period.mid,
                "history_years": self.return_period.history_years,
                "depth": self.rarity_depth,
            },
            "episodes": list(self.episodes),
        }


@dataclass(frozen=True)
class Stress:
    """Composite stress through history, from closes up to each day: of each week the session on which it was highest.

    Attributes
    ----------
    dates : in order of time; weeks in which it can't be told are absent. values : in (0, 1], one per date.
    """

    dates: tuple[date, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Scan:
    """Every sell-off between two sessions.

    Attributes
    ----------
    first, last : the sessions looked at. as_of : the moment whose knowledge was used (aware, UTC).
    lengths : window lengths in sessions. min_verdict : the weakest verdict that counts.
    counts : by length and verdict, `windows` and `spells` (runs of such windows), whatever `min_verdict` is.
    years : sessions looked at, in years. episodes : in order of time.
    stress : composite stress over the same sessions.
    """

    first: date
    last: date
    as_of: datetime
    lengths: tuple[int, ...]
    min_verdict: Verdict
    years: float
    counts: Mapping[int, Mapping[str, Mapping[str, int]]]
    episodes: tuple[ScanEpisode, ...]
    stress: Stress
    catalogue: Catalogue = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain types, numbers rounded to six significant digits. See docs/scan.md."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "as_of": utc_text(self.as_of),
            "windows": list(self.lengths),
            "min_verdict": self.min_verdict,
            "years": self.years,
            "counts": {
                str(n): {
                    v: {**count, "spells_per_year": count["spells"] / self.years} for v, count in by_verdict.items()
                }
                for n, by_verdict in self.counts.items()
            },
            "episodes": [e.to_dict() for e in self.episodes],
            "stress": {"dates": [d.isoformat() for d in self.stress.dates], "values": list(self.stress.values)},
        }
        return dict(rounded(document))

    def to_json(self) -> str:
        """The result as JSON; the same input gives the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def to_pandas(self) -> pd.DataFrame:
        """One row per episode; a column `depth_CLASS` for each class."""
        import pandas as pd

        rows = []
        for e in self.to_dict()["episodes"]:
            depth, peak, period = e.pop("depth"), e.pop("peak"), e.pop("return_period_years")
            rows.append(
                {
                    **e,
                    "peak_start": peak["start"],
                    "peak_end": peak["end"],
                    "peak_sessions": peak["sessions"],
                    "return_period_years": period["mid"],
                    **{f"depth_{c}": d for c, d in depth.items()},
                }
            )
        return pd.DataFrame(rows)

    def to_html(self) -> str:
        """The result as one self-contained page."""
        return scan_html(self, page=True)

    def _repr_html_(self) -> str:
        return scan_html(self, page=False)
