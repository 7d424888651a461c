"""The explanation: frozen, complete, and the same bytes for the same input."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from selloff.attribution import Attribution, CauseResult, ChainResult, Evidence
from selloff.attribution.chains import LinkEvidence, chain_log_ratio
from selloff.attribution.policy_shock import PolicyShock
from selloff.catalog import Catalogue
from selloff.detection import JointFall, SafeHaven
from selloff.detection.rotation import Rotation
from selloff.detection.search import Search
from selloff.detection.sequence import BreakOrder
from selloff.explanation.background import Background, calendar_document, fragility_document, state_document
from selloff.explanation.documents import rotation_document, sequence_document
from selloff.explanation.funding import Trace
from selloff.explanation.getting import get_command
from selloff.explanation.joint_document import base_rate_document, gold_document, search_document
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


def utc_text(moment: datetime | int | None) -> str | None:
    """ISO text of an instant, in UTC."""
    if moment is None:
        return None
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment / 1e6, UTC)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Lineage:
    """Where one series' two levels come from: stored observations, and the hashes of the bytes behind them."""

    series: str
    observations: tuple[Mapping[str, Any], ...]


def shock_document(shock: PolicyShock) -> dict[str, Any]:
    """A policy shock as plain types."""
    return {
        "session": shock.session.isoformat(),
        "size": shock.size,
        "moves": dict(shock.moves),
        "learnt_from": shock.n_announcements,
    }


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

    @property
    def hindsight(self) -> bool:
        """Whether later knowledge was allowed."""
        return self.as_of is None

    def move_of(self, asset: str) -> Move | None:
        """The move of an asset, or None if it is not there."""
        series = self.assets.get(asset)
        return next((m for m in self.moves if m.series.id == series), None)

    # -- output --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain types, numbers rounded to six significant digits. See docs/json.md."""
        asset_of = {series: asset for asset, series in self.assets.items()}
        period = self.joint.return_period
        low, mid, high = self.attribution.unexplained
        document = {
            "schema_version": SCHEMA_VERSION,
            "title": self.title,
            "window": {
                "base": self.window.base.isoformat(),
                "start": self.window.start.isoformat(),
                "end": self.window.end.isoformat(),
                "sessions": self.window.n_sessions,
            },
            "as_of": utc_text(self.as_of),
            "hindsight": self.hindsight,
            "polarity": self.attribution.polarity,
            "relief_probability": self.attribution.relief,
            "moves": [self._move(m, asset_of.get(m.series.id)) for m in self.moves],
            "asia_answer": [self._move(m, None) for m in self.asia_answer],
            "joint": {
                "verdict": self.joint.verdict,
                "classes_down": list(self.joint.classes_down),
                "depth": {d.asset_class.id: d.depth for d in self.joint.depths},
                "members": {d.asset_class.id: list(d.members) for d in self.joint.depths},
                "down_threshold": {c: -limit for c, limit in self.joint.limits.items()},
                "base_rate": base_rate_document(self.joint.base_rate),
                "jointness": {
                    "p_value": self.joint.jointness.p_value,
                    "p_value_independent": self.joint.jointness.p_value_independent,
                    "classes": self.joint.jointness.n_classes,
                    "p_value_searched": self.joint.jointness.p_value_searched,
                    "p_value_independent_searched": self.joint.jointness.p_value_independent_searched,
                },
                "return_period_years": {
                    "low": period.low,
                    "mid": period.mid,
                    "high": period.high,
                    "history_years": period.history_years,
                    "depth": self.joint.rarity_depth,
                    "classes": list(self.joint.rarity_classes),
                },
            },
            "gold": gold_document(self.gold),
            "search": search_document(self.search),
            "sequence": sequence_document(self.sequence, utc_text),
            "rotation": rotation_document(self.rotation),
            "causes": [self._cause(c) for c in self.attribution.causes],
            "trigger_shares": dict(self.attribution.trigger_shares),
            "trigger_weights_known_at": utc_text(self.attribution.fitted_at),
            "direct_evidence": [
                {
                    "item": r.item.id,
                    "name": r.item.name,
                    "reading": r.item.reading,
                    "status": r.status,
                    "value": r.value,
                    "source": r.source,
                }
                for r in self.attribution.readings
            ],
            "unexplained": {"low": low, "mid": mid, "high": high},
            "unlisted": self.attribution.unlisted,
            "structural": structural_document(self.attribution.structural),
            "policy_shocks": [shock_document(s) for s in self.policy_shocks],
            "funding": [
                {
                    "series": t.series.id,
                    "name": t.series.name,
                    "unit": t.series.unit.value,
                    "dates": [d.isoformat() for d in t.dates],
                    "values": list(t.values),
                }
                for t in self.funding
            ],
            "recent": self.recent.to_dict(),
            "state": state_document(self.background.state, self.background.economy, self.catalogue),
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
        from selloff.report import html_page

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
        from selloff.report import picture as draw

        return draw(self, picture).chart()

    def to_png(self, picture: str = "fingerprint", scale: float = 2.0) -> bytes:
        """One picture as PNG on white, for alerts and slides; `scale` 1 is 72 dots per inch. Errors as in `plot`."""
        from selloff.report import picture as draw

        return draw(self, picture).png(scale)

    def _repr_html_(self) -> str:
        from selloff.report import html_fragment

        return html_fragment(self)

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

    def _signature(self, result: CauseResult) -> dict[str, Any]:
        """What the cause predicts for each asset, mirrored in a relief window."""
        mirrored = self.attribution.polarity == "relief" and result.cause.mirror
        return {
            asset: {"p": list(cell.p[::-1] if mirrored else cell.p), "size": cell.size, "basis": cell.basis}
            for asset, cell in result.cause.signature.items()
        }

    def _cause(self, result: CauseResult) -> dict[str, Any]:
        return {
            "id": result.cause.id,
            "name": result.cause.name,
            "role": result.cause.role,
            "status": result.status,
            "prior": result.cause.prior,
            "probability": result.probability,
            "low": result.low,
            "high": result.high,
            "main_share": result.main_share,
            "signature": self._signature(result),
            "evidence_for": [_evidence(e) for e in result.evidence_for],
            "evidence_against": [_evidence(e) for e in result.evidence_against],
            "indistinguishable_from": list(result.indistinguishable_from),
            "untested_lookalikes": list(result.untested_lookalikes),
            "direct_evidence": [
                {
                    "item": d.reading.item.id,
                    "likelihood_ratio": d.likelihood_ratio,
                    "basis": d.basis,
                    "in_probability": d.in_probability,
                }
                for d in result.direct
            ],
            "contributions": dict(result.contributions),
            "contribution_bands": {a: {"low": b[0], "high": b[1]} for a, b in result.contribution_bands.items()},
            "silent": result.silent,
            "chain": None if result.chain is None else _chain(result.chain, result.chain_evidence),
            "missing": [
                {"any_of": list(r.any_of), "command": get_command(self.catalogue, r.any_of)} for r in result.missing
            ],
        }


def scan_html(scan: Scan, *, page: bool) -> str:
    """A scan as a page or fragment; results reach the report through this module alone."""
    from selloff.report import scan_markup

    return scan_markup(scan, page=page)


def _chain(chain: ChainResult, evidence: Sequence[LinkEvidence]) -> dict[str, Any]:
    return {
        "verdict": chain.verdict,
        "usual": chain.usual,
        "likelihood_ratio": math.exp(chain_log_ratio(evidence)) if evidence else None,
        "beyond_assets": [
            {"series": e.series, "predicted": e.sign, "sigmas": e.sigmas, "likelihood_ratio": e.likelihood_ratio}
            for e in evidence
        ],
        "links": [
            {
                "name": r.link.name,
                "series": r.series,
                "predicted": r.sign,
                "outcome": r.outcome,
                "sigmas": r.sigmas,
                "session": None if r.session is None else r.session.isoformat(),
                "order": r.order,
            }
            for r in chain.links
        ],
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "asset": item.asset,
        "other": item.other,
        "predicted": item.sign,
        "observed" if item.kind == "ranking" else "observed_sigmas": item.observed,
        "probability": item.probability,
        "usual": item.usual,
        "likelihood_ratio": item.likelihood_ratio,
        "basis": item.basis,
    }
