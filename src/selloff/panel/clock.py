"""The clock: New York sessions, windows between them, and the moments at which they are looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from selloff.catalog import Catalogue
from selloff.catalog.sessions import Sessions
from selloff.errors import WindowError

NEW_YORK_ZONE = ZoneInfo("America/New_York")
MORNING_NOTE = time(9, 0)
LONGEST_WINDOW = 250

_LENGTH = re.compile(r"^(\d{1,18})d$")


@dataclass(frozen=True)
class Window:
    """First to last session of an event, inclusive; moves run from the close of `base`.

    `base_row` and `end_row` are positions in the session list.
    """

    base: date
    start: date
    end: date
    base_row: int
    end_row: int

    @property
    def n_sessions(self) -> int:
        """Number of sessions."""
        return self.end_row - self.base_row


def morning_note(session: date) -> datetime:
    """09:00 New York on the calendar day after a session: the default as-of moment."""
    return datetime.combine(session + timedelta(days=1), MORNING_NOTE, NEW_YORK_ZONE).astimezone(UTC)


def closing_moment(sessions: Sessions, row: int) -> datetime:
    """The close of a session, early closes included."""
    return datetime.fromtimestamp(int(sessions.closes[row]) / 1e6, UTC)


def _session_row(sessions: Sessions, day: date, today: date) -> int:
    if day > today:
        raise WindowError(f"{day} is in the future.", "Give a session that is over.")
    row = sessions.position(day)
    if row is not None:
        return row
    if day < sessions.dates[0].item():
        raise WindowError(f"{day} is before the first session selloff knows.", f"It starts {sessions.dates[0]}.")
    before, after = sessions.neighbours(day)
    kind = f"a {day:%A}" if day.weekday() >= 5 else f"a market holiday ({day:%A})"
    raise WindowError(f"{day} is {kind}, not a New York session.", f"The nearest sessions are {before} and {after}.")


def _check_any_session(sessions: Sessions, first: date, last: date, today: date) -> None:
    """Reject a window between two sessions, such as a weekend, by what it is rather than by its first day."""
    before, after = sessions.neighbours(first)
    inside = before is None or after is None or sessions.position(first) is not None or after <= last
    if first <= last <= today and not inside:
        raise WindowError(
            f"No New York session lies in {first}:{last}.",
            f"The nearest sessions are {before} and {after}; what traded in between is in the moves of {after}.",
        )


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WindowError(f"{text!r} is not a date.", "Write it as YYYY-MM-DD.") from error


def _check_length(n_sessions: int) -> None:
    if n_sessions > LONGEST_WINDOW:
        raise WindowError(f"The window has {n_sessions} sessions.", f"The longest is {LONGEST_WINDOW}: shorten it.")


def _between(sessions: Sessions, base_row: int, end_row: int) -> Window:
    if base_row < 0:
        raise WindowError(
            f"The window starts before {sessions.dates[1]}, the first session with a close before it.", "Start later."
        )
    if end_row <= base_row:
        raise WindowError(
            f"The window runs backwards: {sessions.dates[base_row + 1]} is after {sessions.dates[end_row]}.",
            "Write START:END with the earlier day first.",
        )
    _check_length(end_row - base_row)
    day = sessions.dates
    return Window(day[base_row].item(), day[base_row + 1].item(), day[end_row].item(), base_row, end_row)


def looks_like_date(text: str) -> bool:
    """Whether a text is meant as a date rather than a name."""
    return bool(re.match(r"^\d{4}-", text) or re.match(r"^\d{1,4}[/.]\d", text) or re.match(r"^\d{8}$", text))


def _same_window(when: str, given: str, catalogue: Catalogue, sessions: Sessions, today: date) -> Window:
    """The window `given`, if `when` does not mean another one: a date has to be its last session."""
    window = find_window(given, None, catalogue, sessions, today)
    named = find_window(when, None, catalogue, sessions, today)
    if named != window and not (looks_like_date(when) and ":" not in when and named.end == window.end):
        raise WindowError(
            f"{when!r} and the window {given!r} are different windows.",
            f"Leave {when} out, or give the window as a number of sessions such as 5d.",
        )
    return window


def find_window(when: str, length: str | None, catalogue: Catalogue, sessions: Sessions, today: date) -> Window:
    """The window that a user's words mean.

    Parameters
    ----------
    when : a date, `START:END` (both inclusive), or an episode's id or alias.
    length : None, `5d` for so many sessions ending on `when`, or `START:END`, which may not contradict `when`.

    Raises
    ------
    WindowError : not a session, in the future, backwards, or too long.
    EpisodeNotFoundError : neither a date nor a known name.
    """
    if length is not None and ":" in length:
        return _same_window(when, length, catalogue, sessions, today)
    if ":" in when:
        first, _, last = when.partition(":")
        days = [_parse_day(part.strip()) for part in (first, last)]
        _check_any_session(sessions, days[0], days[1], today)
        rows = [_session_row(sessions, day, today) for day in days]
        if length is not None:
            raise WindowError(f"{when} already says how long the window is.", "Leave --window out.")
        return _between(sessions, rows[0] - 1, rows[1])
    n_sessions = None
    if length is not None:
        match = _LENGTH.match(length)
        if match is None or int(match[1]) == 0:
            hint = f"Write it as 1d, 5d (at most {LONGEST_WINDOW}d), START:END or auto."
            raise WindowError(f"The window {length!r} can't be read.", hint)
        n_sessions = int(match[1])
        _check_length(n_sessions)
    if looks_like_date(when):
        end_row = _session_row(sessions, _parse_day(when), today)
        return _between(sessions, end_row - (n_sessions or 1), end_row)
    episode = catalogue.find_episode(when)
    end_row = _session_row(sessions, episode.end, today)
    base_row = _session_row(sessions, episode.base, today)
    return _between(sessions, end_row - n_sessions if n_sessions else base_row, end_row)


A_MOMENT = "a date, or a time such as 2020-03-12T16:30"


def parse_moment(text: str, hint: str = f"Write {A_MOMENT}.") -> datetime:
    """A moment in UTC: New York time if the text names no zone, 09:00 if it is a bare date.

    Raises
    ------
    WindowError : it can't be read.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WindowError(f"The as-of moment {text!r} can't be read.", hint) from error
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        moment = datetime.combine(moment.date(), MORNING_NOTE)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=NEW_YORK_ZONE)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise WindowError(
            f"The as-of moment {text!r} lies outside the years 1 to 9999.", "Give another one."
        ) from error


def find_as_of(text: str | date | None, window: Window, sessions: Sessions, now: datetime) -> datetime:
    """The as-of moment that a user's words mean, in UTC.

    Parameters
    ----------
    text : None for the morning note, `close` for the window's last close, or a timestamp, as text or as `datetime`
        (New York time if it names no zone; a bare date means 09:00).

    Raises
    ------
    WindowError : it can't be read, lies in the future, or lies before the window's last close.
    """
    close = closing_moment(sessions, window.end_row)
    if now < close:
        raise WindowError(f"The session of {window.end} is not over.", "Wait for its close, or name an earlier one.")
    if text is None:
        return min(morning_note(window.end), now)
    text = text.isoformat() if isinstance(text, date) else str(text)
    if text.strip().lower() == "close":
        return close
    moment = parse_moment(text, f"Write `close`, {A_MOMENT}.")
    if moment > now:
        raise WindowError(f"The as-of moment {text} is in the future.", "Leave it out, or give an earlier one.")
    if moment < close:
        last = f"{close.astimezone(NEW_YORK_ZONE):%Y-%m-%d %H:%M}"
        what = f"As of {text} the window was not over: its last close is {last} New York."
        raise WindowError(what, "Give a later moment, or an earlier window.")
    return moment
