"""Compose an explanation from panel, detection and attribution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from selloff.attribution import Attribution, attribute, chain_series
from selloff.attribution.policy_shock import policy_shocks
from selloff.attribution.structural import ModelCache
from selloff.catalog import Catalogue, Episode, Series, default_catalogue
from selloff.catalog.sessions import Sessions, load_sessions
from selloff.detection import JointFall, joint_fall, safe_haven
from selloff.detection.rotation import find_rotation, rotation_series
from selloff.detection.search import Search, search_length
from selloff.detection.sequence import find_sequence, sequence_series
from selloff.errors import NoDataError, WindowError
from selloff.explanation.arguments import StoreOrPlace, opened, with_zone
from selloff.explanation.background import Background, background_of, evidence_known
from selloff.explanation.funding import funding_background, funding_series
from selloff.explanation.known_later import known_later, later_names, later_words
from selloff.explanation.last_session import last_session
from selloff.explanation.lineage import lineage_of, rows_shown
from selloff.explanation.recent import recent_levels
from selloff.explanation.result import Explanation
from selloff.panel import Move, Panel, Window, build_panel, find_as_of, find_window, window_moves
from selloff.panel.assets import bind_assets
from selloff.panel.clock import NEW_YORK_ZONE, looks_like_date
from selloff.settings import load_settings
from selloff.store import Store

ASIAN_ZONES = ("Asia/", "Australia/", "Pacific/")
AUTO = "auto"


def _today(now: datetime) -> date:
    return now.astimezone(NEW_YORK_ZONE).date()


def shown_series(catalogue: Catalogue) -> list[str]:
    """Every series an explanation may show: assets' lists first, then class members, then the others of a class."""
    ids = [s for a in catalogue.assets.values() for s in a.series]
    for c in catalogue.classes.values():
        ids += [s for member in c.members for s in member]
        ids += c.also
    return list(dict.fromkeys(ids))


def _required_series(catalogue: Catalogue) -> list[str]:
    names = {n for c in catalogue.causes.values() for entry in c.requires for n in entry}
    return [s for s in catalogue.series if s in names]


def weighed_series(catalogue: Catalogue) -> list[str]:
    """Every series that attribution may weigh: the shown ones, those that causes require, and the links of chains."""
    linked = chain_series(list(catalogue.causes.values()), catalogue.assets)
    return list(dict.fromkeys([*shown_series(catalogue), *_required_series(catalogue), *linked]))


def _asia_answer(panel: Panel, window: Window, shown: Sequence[Series]) -> tuple[Move, ...]:
    """Moves of Asian members in the session after the window, as far as known."""
    asian = [s for s in shown if s.close is not None and s.close.zone.startswith(ASIAN_ZONES)]
    if panel.levels.shape[0] <= window.end_row + 1 or not asian:
        return ()
    after = Window(
        window.end,
        panel.sessions[window.end_row + 1].item(),
        panel.sessions[window.end_row + 1].item(),
        window.end_row,
        window.end_row + 1,
    )
    wanted = {s.id for s in asian}
    return tuple(m for m in window_moves(panel, after) if m.series.id in wanted and m.log_move is not None)


def _shown_moves(
    moves: Sequence[Move], bound: dict[str, str], joint: JointFall, catalogue: Catalogue
) -> tuple[Move, ...]:
    """Bound assets first, then members that counted, then the others of each class that moved."""
    by_id = {m.series.id: m for m in moves}
    order = list(bound.values()) + [s for d in joint.depths for s in d.members]
    order += [s for c in catalogue.classes.values() for s in c.also if by_id[s].log_move is not None]
    return tuple(by_id[i] for i in dict.fromkeys(order))


def _caveats(
    catalogue: Catalogue,
    joint: JointFall,
    bound: dict[str, str],
    moves: dict[str, Move],
    later: dict[str, datetime],
    end: date,
) -> tuple[str, ...]:
    out = []
    unbound = [a for a in catalogue.assets if a not in bound]
    dues = later_names(catalogue, later, unbound)
    if absent := [catalogue.assets[a].name for a in unbound if a not in dues]:
        out.append(f"Not in the data for this window: {', '.join(absent)}.")
    if dues:
        out.append(later_words(", ".join(catalogue.assets[a].name for a in dues), dues.values(), end))
    empty = [d.asset_class.name for d in joint.depths if d.depth is None]
    if empty:
        out.append(f"Classes without data: {', '.join(empty)}.")
    for flag, text in (
        ("early", "fixed before most of the New York session"),
        ("late", "closes hours after New York"),
        ("short_history", "volatility from fewer than 250 sessions"),
        ("stand_in", "good for direction and σ alone; rankings by size, structural and policy shocks leave it out"),
        ("partial_basket", "a basket of three, not of all seven mega-caps"),
        ("difference_rule", "a price that was not positive: moves by the difference rule"),
        ("published_late", "a market price published days later, dated at its market's close"),
    ):
        names = [moves[s].series.name for s in dict.fromkeys(bound.values()) if flag in moves[s].flags]
        if names:
            out.append(f"{', '.join(names)}: {text}.")
    return tuple(out)


def _when_words(when: str | date | None) -> str | date | None:
    """A moment stands for its day in New York."""
    if not isinstance(when, datetime):
        return when
    return when.date() if when.tzinfo is None else _today(when)


def _window_words(window: str | int | None) -> str | None:
    """A number of sessions as it is written."""
    if window is None or isinstance(window, str):
        return window
    if isinstance(window, bool) or not isinstance(window, int):
        raise WindowError(f"The window {window!r} can't be read.", "Write it as 1d, 5d, START:END or auto.")
    return f"{window}d"


def _given_length(window: str | None) -> str | None:
    """The length as `find_window` reads it; a search starts from the last session alone."""
    return "1d" if window == AUTO else window


def _searched(panel: Panel, last: Window, catalogue: Catalogue) -> tuple[Window, Search]:
    """The window that a search over lengths chooses, and the search."""
    search = search_length(panel, [c for c in catalogue.classes.values() if c.members], last.end_row)
    base_row = max(last.end_row - search.chosen, 0)
    day = panel.sessions
    return Window(day[base_row].item(), day[base_row + 1].item(), last.end, base_row, last.end_row), search


def check_words(
    when: str | date | None,
    window: str | None,
    as_of: str | date | None,
    hindsight: bool,
    catalogue: Catalogue,
    sessions: Sessions,
    now: datetime,
) -> None:
    """Reject words that no data could make sense of, before any data is fetched.

    Raises
    ------
    WindowError, EpisodeNotFoundError : as `explain` would.
    """
    if hindsight and as_of is not None:
        raise WindowError("hindsight and as-of contradict each other.", "Leave one of them out.")
    if when is not None or (window is not None and ":" in window):
        words = str(when) if when is not None else str(window)
        window = _given_length(window)
        span = find_window(words, window if when is not None else None, catalogue, sessions, _today(now))
        find_as_of(as_of, span, sessions, now)


def explain(
    when: str | date | None = None,
    *,
    window: str | int | None = None,
    as_of: str | date | None = None,
    hindsight: bool = False,
    store: StoreOrPlace = None,
    catalogue: Catalogue | None = None,
    sessions: Sessions | None = None,
    now: datetime | None = None,
    progress: Callable[[str], None] | None = None,
) -> Explanation:
    """Explain a window: what fell, how rare and joint, and which causes fit.

    Parameters
    ----------
    when : a session, `START:END`, an episode's id or alias, or None for the last session.
    window : None, `5d` or 5, `START:END`, or `auto` for the length of 1, 3, 5, 10 and 20 sessions that makes the fall
    rarest.
    as_of : None for the morning note, `close`, or a timestamp, as text or as `datetime`.
    hindsight : use everything that was ever stored, and say so.
    store, catalogue, sessions : default to the user's store, the shipped catalogue and New York; the store may be
    given by its place.
    now : the present moment; nothing later is ever used.
    progress : called with a line before something that takes seconds.

    Raises
    ------
    WindowError, EpisodeNotFoundError : the words can't be turned into a window or moment.
    NoDataError : the store holds nothing for it.
    """
    now = with_zone(now)
    when, window = _when_words(when), _window_words(window)
    settings = load_settings()
    store = opened(store, settings)
    catalogue = catalogue or default_catalogue(settings.causes_path)
    sessions = sessions or load_sessions(settings.cache_path, last_year=now.year + 1)
    if store.is_empty():
        raise NoDataError(f"There is no data in {store.place}.", "Run `selloff data pull starter` first.")
    span, moment, episode = _asked(when, window, as_of, hindsight, store, catalogue, sessions, now)
    panel = _panel_of(store, catalogue, sessions, span, moment or now)
    span, search = _searched(panel, span, catalogue) if window == AUTO else (span, None)
    is_its_own = episode is not None and (episode.base, episode.end) == (span.base, span.end)
    title = episode.name if episode is not None and is_its_own else None
    models = ModelCache(settings.cache_path / "structural", progress)
    return _explained(panel, span, search, moment, title, store, catalogue, sessions, now, models)


def _asked(
    when: str | date | None,
    window: str | None,
    as_of: str | date | None,
    hindsight: bool,
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    now: datetime,
) -> tuple[Window, datetime | None, Episode | None]:
    """The window that the words name, the moment whose knowledge counts, and the episode if they name one."""
    check_words(when, window, as_of, hindsight, catalogue, sessions, now)
    if when is None and (window is None or ":" not in window):
        when = last_session(store, catalogue, sessions, now)
    words = str(when) if when is not None else str(window)
    length = _given_length(window) if when is not None else None
    span = find_window(words, length, catalogue, sessions, _today(now))
    moment = None if hindsight else find_as_of(as_of, span, sessions, now)
    return span, moment, None if looks_like_date(words) or ":" in words else catalogue.find_episode(words)


def _explained(
    panel: Panel,
    span: Window,
    search: Search | None,
    moment: datetime | None,
    title: str | None,
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    now: datetime,
    models: ModelCache,
) -> Explanation:
    """Detection and attribution on the panel of a window, with the lineage of all that they show."""
    moves = {m.series.id: m for m in window_moves(panel, span)}
    bound = bind_assets(catalogue, moves)
    if "spx" not in bound or len(bound) < 3:
        _nothing_there(panel, span, catalogue)
    joint = joint_fall(panel, span, moves, catalogue, search.lengths if search else ())
    by_asset = {a: moves[s] for a, s in bound.items()}
    later = known_later(panel, span, catalogue, sessions, moment)
    background = background_of(store, catalogue, sessions, panel, span, moment, now, joint)
    shown = _shown_moves(list(moves.values()), bound, joint, catalogue)
    explanation = Explanation(
        window=span,
        as_of=moment,
        moves=shown,
        assets=bound,
        joint=joint,
        gold=safe_haven(panel, span, by_asset.get("gold"), by_asset.get("spx")),
        search=search,
        attribution=_attribution(
            panel, span, moves, by_asset, catalogue, sessions, background, moment, now, models, joint
        ),
        policy_shocks=policy_shocks(panel, span, by_asset, catalogue, sessions, moment),
        funding=funding_background(panel, span),
        recent=recent_levels(panel, span, bound),
        background=background,
        sequence=find_sequence(panel.observations, span, sessions, catalogue, bound),
        rotation=find_rotation(panel.observations, span, sessions, catalogue, bound["spx"]),
        asia_answer=_asia_answer(panel, span, [m.series for m in shown]),
        caveats=_caveats(catalogue, joint, bound, moves, later, span.end),
        lineage={},
        title=title,
        catalogue=catalogue,
        known_later=later,
    )
    return replace(explanation, lineage=lineage_of(rows_shown(explanation, moves, panel), panel, store))


def _panel_of(store: Store, catalogue: Catalogue, sessions: Sessions, span: Window, moment: datetime) -> Panel:
    """Everything that an explanation reads, as known at a moment, up to one session beyond the window."""
    ids = list(dict.fromkeys([*weighed_series(catalogue), *funding_series()]))
    also = [*sequence_series(catalogue), *rotation_series(catalogue), *catalogue.indicators.series()]
    return build_panel(store, catalogue, ids, sessions, n_rows=span.end_row + 2, as_of=moment, also_read=also)


def _attribution(
    panel: Panel,
    span: Window,
    moves: dict[str, Move],
    by_asset: dict[str, Move],
    catalogue: Catalogue,
    sessions: Sessions,
    background: Background,
    moment: datetime | None,
    now: datetime,
    models: ModelCache,
    joint: JointFall,
) -> Attribution:
    """Every cause weighed, with direct evidence and structural shocks."""
    known_by = moment or now
    available, readings = evidence_known(background.state, catalogue, panel, span, sessions, by_asset, moves, known_by)
    return attribute(
        panel, span, by_asset, catalogue, available, readings, moment, models=models, fallen=joint.classes_down
    )


def _nothing_there(panel: Panel, span: Window, catalogue: Catalogue) -> None:
    columns = [panel.column[s] for s in catalogue.assets["spx"].series]
    present = np.flatnonzero((~np.isnan(panel.levels[:, columns])).any(axis=1))
    if len(present) == 0:
        raise NoDataError(f"The store has no US equities known by then for {span.end}.", "Import or pull more data.")
    first, last = panel.sessions[present[0]], panel.sessions[present[-1]]
    if present[-1] < span.end_row:
        raise NoDataError(f"US equities end on {last} in the data, before {span.end}.", "Import or pull more data.")
    raise NoDataError(
        f"The data can't explain {span.start}: they start on {first}, and three assets need 40 sessions before it.",
        "Name a later date, or import more data.",
    )


__all__ = ["check_words", "explain", "last_session", "shown_series", "weighed_series"]
