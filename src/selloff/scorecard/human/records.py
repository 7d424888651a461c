"""What was stated and known on each labelled day, as of its morning note: made once per day, kept by a hash of its
inputs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from selloff.errors import NoDataError, WindowError
from selloff.explanation import explain
from selloff.panel import build_panel, morning_note
from selloff.panel.levels import levels_as_of
from selloff.scorecard.human.baselines import cieslak_pang
from selloff.scorecard.human.baselines.cieslak_pang import SERIES, shock_contributions
from selloff.scorecard.knowledge import code_digest, key_of, knowledge_digests
from selloff.scorecard.tier import ScoreContext

LEVELS = ("vix", "gpr_daily", "epu_us_daily")
DRAWDOWN_SESSIONS = 250

TOO_EARLY = "before the first New York session selloff knows"
NO_SESSION = "not a New York session"
NOT_OVER = "its morning note is still to come"
NO_PANEL = "not enough data known by then to explain it"


@dataclass(frozen=True)
class DayRecord:
    """One day as of its morning note; None where the data lack it.

    Attributes
    ----------
    stock_move : log move of the S&P 500, in per cent.
    shares : the explanation's `trigger_shares`. tested : the triggers that could be tested.
    evidence : standardised values of its direct evidence, by item. prices : its log price ratios, by outcome.
    sigmas : slow sigmas by asset. levels : last known values of `LEVELS`.
    drawdown : log of the S&P 500's close over its highest of 250 sessions, in per cent.
    fomc : 1 if prices answered an FOMC announcement that day, None before the table's first.
    first_friday : 1 on the first Friday of a month.
    shocks : contributions of the four Cieslak–Pang shocks to the day's stock move, in its standard deviations.
    """

    day: date
    polarity: str
    stock_move: float | None
    shares: Mapping[str, float]
    tested: tuple[str, ...]
    evidence: Mapping[str, float]
    prices: Mapping[str, float]
    sigmas: Mapping[str, float]
    levels: Mapping[str, float]
    drawdown: float | None
    fomc: float | None
    first_friday: float
    shocks: tuple[float, ...] | None


@dataclass(frozen=True)
class Records:
    """Records of the days that could be explained, in order of date, and why the others could not, by reason."""

    days: tuple[DayRecord, ...]
    skipped: Mapping[str, int]


def _skip_reason(context: ScoreContext, day: date) -> str | None:
    """Why a day can't even be asked about; None if it can."""
    if day < context.sessions.dates[0].item():
        return TOO_EARLY
    if morning_note(day) > context.now:
        return NOT_OVER
    return None if context.sessions.position(day) is not None else NO_SESSION


def make_record(context: ScoreContext, day: date) -> DayRecord | None:
    """Explain one day and gather what the baselines use; None if the data can't explain it."""
    catalogue, sessions, store = context.catalogue, context.sessions, context.store
    try:
        explanation = explain(day, store=store, catalogue=catalogue, sessions=sessions, now=context.now)
    except (NoDataError, WindowError):
        return None
    moment = morning_note(day)
    row = sessions.position(day)
    assert row is not None
    panel = build_panel(store, catalogue, SERIES, sessions, n_rows=row + 1, as_of=moment)
    stocks = panel.levels[max(0, row + 1 - DRAWDOWN_SESSIONS) :, panel.column[SERIES[-1]]]
    known = stocks[~np.isnan(stocks)]
    calendar = catalogue.events
    fomc = calendar.tables["fomc"].events if "fomc" in calendar.tables else ()
    answered = [e for e in calendar.events_on(day, day, sessions, moment) if e.table == "fomc"]
    moves = {asset: explanation.move_of(asset) for asset in explanation.assets}
    return DayRecord(
        day=day,
        polarity=explanation.attribution.polarity,
        stock_move=spx.log_move if (spx := moves.get("spx")) is not None else None,
        shares=dict(explanation.attribution.trigger_shares),
        tested=tuple(
            c.cause.id
            for c in explanation.attribution.causes
            if c.cause.role == "trigger" and c.probability is not None
        ),
        evidence={r.item.id: r.standard for r in explanation.attribution.readings},
        prices=dict(explanation.attribution.price_ratios),
        sigmas={a: m.sigmas_slow for a, m in moves.items() if m is not None and m.sigmas_slow is not None},
        levels={k: v.value for k, v in levels_as_of(store, catalogue, LEVELS, moment).items()},
        drawdown=100.0 * float(np.log(known[-1] / known.max())) if len(known) else None,
        fomc=None if not fomc or day < fomc[0].date else float(bool(answered)),
        first_friday=float(day.weekday() == 4 and day.day <= 7),
        shocks=shock_contributions(panel.levels),
    )


def _load(path: Path, key: str) -> Any:
    """A kept record as plain values, `False` for a kept "can't be explained", None if there is none for this key."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept["record"] if isinstance(kept, dict) and kept.get("key") == key else None


def _keep(path: Path, key: str, record: DayRecord | None) -> None:
    values: Any = False if record is None else {**asdict(record), "day": record.day.isoformat()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps({"key": key, "record": values}), encoding="utf-8")
    partial.replace(path)


def _from_plain(values: Mapping[str, Any]) -> DayRecord:
    shocks = values["shocks"]
    return DayRecord(
        **{
            **values,
            "day": date.fromisoformat(values["day"]),
            "tested": tuple(values["tested"]),
            "shocks": None if shocks is None else tuple(shocks),
        }
    )


def make_records(context: ScoreContext, days: Sequence[date]) -> Records:
    """Records of days, out of the cache where the same code saw the same data.

    Interrupted, it loses at most the day in hand.
    """
    skipped: dict[str, int] = {}
    asked = []
    for day in days:
        reason = _skip_reason(context, day)
        if reason is None:
            asked.append(day)
        else:
            skipped[reason] = skipped.get(reason, 0) + 1
    folder = None if context.cache is None else context.cache / "scorecard" / "human"
    code = code_digest(context.catalogue, context.sessions, (Path(__file__), Path(cieslak_pang.__file__)))
    digests = knowledge_digests(context.store, [morning_note(day) for day in asked])
    found = []
    for i, (day, digest) in enumerate(zip(asked, digests, strict=True)):
        context.progress("explaining labelled days", i, len(asked))
        key = key_of(code, digest, day.isoformat())
        path = None if folder is None else folder / f"{day}.json"
        kept = None if path is None else _load(path, key)
        if kept is None:
            record = make_record(context, day)
            if path is not None:
                _keep(path, key, record)
        else:
            record = _from_plain(kept) if kept else None
        if record is None:
            skipped[NO_PANEL] = skipped.get(NO_PANEL, 0) + 1
        else:
            found.append(record)
    context.progress("explaining labelled days", len(asked), len(asked))
    return Records(tuple(found), dict(sorted(skipped.items())))
