"""What the program said of many single sessions, kept where the same code saw the same data."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from selloff.attribution import attribute
from selloff.attribution.policy_shock import policy_shocks
from selloff.panel.clock import morning_note
from selloff.scorecard import weighing
from selloff.scorecard.knowledge import code_digest, key_of, knowledge_digests
from selloff.scorecard.synthetic.scoring import reported_set
from selloff.scorecard.tier import ScoreContext
from selloff.scorecard.weighing import Method, day_inputs, weigh

POLICY = "policy_tightening"


@dataclass(frozen=True)
class WeighedDay:
    """One session, weighed as known in its morning note.

    Attributes
    ----------
    probability : by cause; testable causes only. prior : the same causes' priors.
    trigger_set : the most probable trigger and what it can't be told apart from.
    shock_2y : what the policy shock of an announcement moved the 2-year yield by; None on a day without one.
    policy_2y, policy_spx : what `policy_tightening` moved the 2-year yield (basis points) and the S&P 500 (log per
        cent) by; None if it or the asset is missing.
    move_2y, move_spx : the log moves; None if missing.
    """

    day: date
    polarity: str
    probability: Mapping[str, float]
    prior: Mapping[str, float]
    trigger_set: tuple[str, ...]
    shock_2y: float | None
    policy_2y: float | None
    policy_spx: float | None
    move_2y: float | None
    move_spx: float | None


def weigh_day(
    context: ScoreContext, day: date, without: Collection[str] = (), method: Method = attribute
) -> WeighedDay | None:
    """One session, without some items of direct evidence; None if the data can't explain it."""
    given = day_inputs(context, day, without)
    if given is None:
        return None
    found = weigh(given, context.catalogue, method)
    by_id = {r.cause.id: r for r in found.causes}
    policy = by_id[POLICY].contributions if POLICY in by_id else {}
    shocks = policy_shocks(
        given.panel, given.window, given.bound, context.catalogue, context.sessions, morning_note(day)
    )
    moves = {asset: move.log_move for asset, move in given.bound.items()}
    return WeighedDay(
        day=day,
        polarity=found.polarity,
        probability={i: r.probability for i, r in by_id.items() if r.probability is not None},
        prior={i: r.cause.prior for i, r in by_id.items() if r.probability is not None},
        trigger_set=tuple(sorted(reported_set(found.causes, "trigger"))),
        shock_2y=shocks[-1].moves["us2y"] if shocks else None,
        policy_2y=policy.get("us2y"),
        policy_spx=policy.get("spx"),
        move_2y=moves.get("us2y"),
        move_spx=moves.get("spx"),
    )


def weigh_days(context: ScoreContext, days: Sequence[date], without: Collection[str] = ()) -> dict[date, WeighedDay]:
    """Every session that the data can explain, in order of date, without some items of direct evidence.

    Interrupted, it loses at most the day in hand.
    """
    wanted = sorted(set(days))
    keys = _keys(context, wanted) if context.cache is not None else {}
    found = {}
    left_out = "".join(f"-without-{item}" for item in sorted(without))
    for done, day in enumerate(wanted):
        context.progress("weighing dated days", done, len(wanted))
        path = None if context.cache is None else context.cache / "scorecard" / "days" / f"{day}{left_out}.json"
        kept = None if path is None else _load(path, keys[day])
        if kept is not None:
            weighed = _from_plain(kept["day"]) if kept["day"] else None
        else:
            weighed = weigh_day(context, day, without)
            if path is not None:
                _keep(path, keys[day], weighed)
        if weighed is not None:
            found[day] = weighed
    return found


def _keys(context: ScoreContext, days: Sequence[date]) -> dict[date, str]:
    code = code_digest(context.catalogue, context.sessions, (Path(__file__), Path(weighing.__file__)))
    digests = knowledge_digests(context.store, [morning_note(day) for day in days])
    return {day: key_of(code, digest, day.isoformat()) for day, digest in zip(days, digests, strict=True)}


def _load(path: Path, key: str) -> dict[str, dict[str, object]] | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) and kept.get("key") == key else None


def _keep(path: Path, key: str, weighed: WeighedDay | None) -> None:
    values = None if weighed is None else {**asdict(weighed), "day": weighed.day.isoformat()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps({"key": key, "day": values}), encoding="utf-8")
    partial.replace(path)


def _from_plain(values: Mapping[str, object]) -> WeighedDay:
    day, members = str(values["day"]), values["trigger_set"]
    assert isinstance(members, list)
    return WeighedDay(**{**values, "day": date.fromisoformat(day), "trigger_set": tuple(members)})  # type: ignore[arg-type]
