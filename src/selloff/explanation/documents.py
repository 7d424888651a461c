"""Instants, the sequence and the rotation as plain types, for the JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from selloff.detection.rotation import HORIZONS, BasketTurn, Rotation
from selloff.detection.sequence import CONFIDENCE, Break, BreakOrder

Instant = Callable[[int | None], str | None]


def utc_text(moment: datetime | int | None) -> str | None:
    """ISO text of an instant, in UTC."""
    if moment is None:
        return None
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment / 1e6, UTC)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sequence_document(order: BreakOrder, instant: Instant) -> dict[str, Any]:
    """Who broke when and in which order; `instant` writes UTC microseconds."""
    return {
        "threshold_sigmas": order.threshold,
        "confidence": CONFIDENCE,
        "breaks": [_break(b, instant) for b in order.breaks],
        "pairs": [
            {"earlier": p.earlier, "later": p.later, "probability": p.probability, "told": p.told} for p in order.pairs
        ],
        "probability_first": dict(order.probability_first),
        "no_intraday_data": list(order.unseen),
    }


def _break(item: Break, instant: Instant) -> dict[str, Any]:
    return {
        "id": item.asset.id,
        "name": item.asset.name,
        "group": item.asset.group,
        "asset": item.asset.asset,
        "state": item.state,
        "series": item.series,
        "sigmas": item.sigmas,
        "low": instant(item.low),
        "best": instant(item.best),
        "high": instant(item.high),
        "alarm": instant(item.alarm),
        "move": item.move,
        "over_closed": item.over_closed,
        "from_base": item.from_base,
    }


def rotation_document(rotation: Rotation) -> dict[str, Any]:
    """Who led and who broke."""
    return {
        "verdict": rotation.verdict,
        "mean_correlation": rotation.mean_correlation,
        "p_value": rotation.p_value,
        "windows": rotation.windows,
        "correlations": {str(h): c for h, c in zip(HORIZONS, rotation.correlations, strict=True)},
        "baskets_used": list(rotation.baskets_used),
        "baskets": [_turn(b) for b in rotation.baskets],
    }


def _turn(item: BasketTurn) -> dict[str, Any]:
    return {
        "id": item.basket.id,
        "name": item.basket.name,
        "members": list(item.members),
        "run_ups": [
            {"sessions": r.sessions, "log_move": r.log_move, "sigmas": r.sigmas, "rank": r.rank} for r in item.run_ups
        ],
        "move": item.move,
        "log_move": item.log_move,
        "sigmas": item.sigmas,
        "beta": item.beta,
        "adjusted": item.adjusted,
        "adjusted_sigmas": item.adjusted_sigmas,
        "flags": list(item.flags),
    }
