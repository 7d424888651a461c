"""The explanation: frozen, complete, and the same bytes for the same input."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from selloff.attribution import Attribution
from selloff.attribution.main_reasons import MainReason, main_reasons
from selloff.attribution.policy_shock import PolicyShock
from selloff.catalog import Catalogue
from selloff.detection import JointFall, SafeHaven
from selloff.detection.rotation import Rotation
from selloff.detection.search import Search
from selloff.detection.sequence import BreakOrder
from selloff.explanation.background import Background, calendar_document, fragility_document, state_document
from selloff.explanation.cause_document import cause_document, reading_document, shock_document
from selloff.explanation.documents import rotation_document, sequence_document, utc_text
from selloff.explanation.funding import Trace
from selloff.explanation.joint_document import gold_document, joint_document, search_document
from selloff.explanation.recent import Recent
from selloff.explanation.structural_document import structural_document
from selloff.panel import Move, Window

if TYPE_CHECKING:
    import pandas as pd

    from selloff.explanation.scan_result import Scan

SCHEMA_VERSION = 1
DIGITS = 6


def rounded(value: Any) -> Any:
    """The value with every number rounded to six significant digits; NaN and infinity are None."""
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return 0.0 if value == 0 else float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {str(k): rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value]


@dataclass(frozen=True)
class Lineage:
    """Where one series' two levels come from: stored observations, and the hashes of the bytes behind them."""

    series: str
    observations: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Explanation:
    """What fell over a window, how rare and joint it was, and what may have caused it.

    Attributes
    ----------
    window : base, start and end session.
    as_of : the moment whose knowledge was used (aware, UTC); None with hindsight.
    moves : every series shown, assets first. `assets` maps asset id to the bound series' id.
    joint : the joint-fall test. attribution : every cause. background : indicators, calendar, economy, fragility.
    gold : whether the safe haven held; None without gold or US equities.
    search : how the window's length was chosen; None if it was given.
    policy_shocks : of the window's sessions with a central bank announcement.
    funding : money market and Fed balance sheet over the year before the window and in it.
    recent : the assets' last sessions.
    sequence : who broke first. rotation : who had led, and who broke.
    asia_answer : moves of Asian series in the session after the window, where known.
    lineage : by series id. caveats : plain sentences.
    known_later : when series come out that had no value for the window at `as_of`, by series id.
    """

    window: Window
    as_of: datetime | None
    moves: tuple[Move, ...]
    assets: Mapping[str, str]
    joint: JointFall
    gold: SafeHaven | None
    search: Search | None
    attribution: Attribution
    policy_shocks: tuple[PolicyShock, ...]
    funding: tuple[Trace, ...]
    recent: Recent
    background: Background
    sequence: BreakOrder
    rotation: Rotation
    asia_answer: tuple[Move, ...]
    caveats: tuple[str, ...]
    lineage: Mapping[str, Lineage]
    title: str | None
    catalogue: Catalogue = field(repr=False, compare=False)
    known_later: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def hindsight(self) -> bool:
        """Whether later knowledge was allowed."""
        return self.as_of is None

    def move_of(self, asset: str) -> Move | None:
        """The move of an asset, or None if it is not there."""
        series = self.assets.get(asset)
        return next((m for m in self.moves if m.series.id == series), None)

    @property
    def main_reasons(self) -> tuple[MainReason, ...]:
        """The main trigger's shares by what people's words can tell apart, the largest first."""
        return main_reasons(self.catalogue.label_map, self.attribution.trigger_shares)

    # -- output --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain types, numbers rounded to six significant digits. See docs/json.md."""
        asset_of = {series: asset for asset, series in self.assets.items()}
        end, causes = self.window.end, self.attribution.causes
        document = {
            "schema_version": SCHEMA_VERSION,
            "title": self.title,
            "window": self._window(),
            "as_of": utc_text(self.as_of),
            "hindsight": self.hindsight,
            "polarity": self.attribution.polarity,
            "relief_probability": self.attribution.relief,
            "moves": [self._move(m, asset_of.get(m.series.id)) for m in self.moves],
            "asia_answer": [self._move(m, None) for m in self.asia_answer],
            "joint": joint_document(self.joint),
            "gold": gold_document(self.gold),
            "search": search_document(self.search),
            "sequence": sequence_document(self.sequence, utc_text),
            "rotation": rotation_document(self.rotation),
            "causes": [cause_document(c, self.catalogue, end, self.known_later) for c in causes],
            "trigger_shares": dict(self.attribution.trigger_shares),
            "main_reasons": [{**asdict(r), "triggers": list(r.triggers)} for r in self.main_reasons],
            "trigger_weights_known_at": utc_text(self.attribution.fitted_at),
            "direct_evidence": [reading_document(r) for r in self.attribution.readings],
            "unexplained": asdict(self.attribution.unexplained),
            "unlisted": self.attribution.unlisted,
            "unlisted_prior": self.attribution.unlisted_prior,
            "structural": structural_document(self.attribution.structural),
            "policy_shocks": [shock_document(s) for s in self.policy_shocks],
            "funding": [t.to_dict() for t in self.funding],
            "recent": self.recent.to_dict(),
            "state": state_document(self.background.state, self.background.economy, self.catalogue, end),
            "calendar": calendar_document(self.background.state.scheduled),
            "fragility": fragility_document(
                self.background.fragility, self.background.state, self.window.base.isoformat()
            ),
            "caveats": list(self.caveats),
            "lineage": {k: [dict(o) for o in v.observations] for k, v in sorted(self.lineage.items())},
        }
        return dict(rounded(document))

    def to_json(self) -> str:
        """The result as JSON; the same input gives the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def to_pandas(self) -> pd.DataFrame:
        """The moves as a table, one row per series."""
        import pandas as pd

        return pd.DataFrame(self.to_dict()["moves"])

    def to_html(self) -> str:
        """The result as one self-contained page."""
        from selloff.report.html import html_page

        return html_page(self)

    def plot(self, picture: str = "fingerprint") -> Any:
        """One picture as an altair chart, to show, change or save.

        Parameters
        ----------
        picture : `fingerprint`, `depths`, `probabilities`, `contributions`, `chains`, `funding`, `sequence` or
            `rotation`; see docs/charts.md.

        Raises
        ------
        PictureNotFoundError : no such picture, or nothing to show in it.
        """
        from selloff.report.pictures import picture as draw

        return draw(self, picture).chart()

    def to_png(self, picture: str = "fingerprint", scale: float = 2.0) -> bytes:
        """One picture as PNG on white, for alerts and slides; `scale` 1 is 72 dots per inch. Errors as in `plot`."""
        from selloff.report.pictures import picture as draw

        return draw(self, picture).png(scale)

    def _repr_html_(self) -> str:
        from selloff.report.html import html_fragment

        return html_fragment(self)

    def _window(self) -> dict[str, Any]:
        return {
            "base": self.window.base.isoformat(),
            "start": self.window.start.isoformat(),
            "end": self.window.end.isoformat(),
            "sessions": self.window.n_sessions,
        }

    def _move(self, move: Move, asset: str | None) -> dict[str, Any]:
        spec = move.series
        return {
            "series": spec.id,
            "name": spec.name,
            "asset": asset,
            "asset_class": spec.asset_class,
            "move": move.move,
            "log_move": move.log_move,
            "unit": spec.move_unit,
            "sigmas_slow": move.sigmas_slow,
            "sigmas_fast": move.sigmas_fast,
            "depth": move.depth,
            "unexplained": self.attribution.unexplained_moves.get(asset) if asset else None,
            "flags": list(move.flags),
            "level_base": move.level_base,
            "level": move.level,
            "level_unit": spec.unit.value,
            "base_period_end": utc_text(move.base_end),
            "period_end": utc_text(move.last_end),
        }


def scan_html(scan: Scan, *, page: bool) -> str:
    """A scan as a page or fragment; results reach the report through this module alone."""
    from selloff.report.scan import scan_markup

    return scan_markup(scan, page=page)
