"""Moments and periods as a user writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from selloff.errors import WindowError
from selloff.panel.clock import MORNING_NOTE, NEW_YORK_ZONE


def parse_moment(text: str, now: datetime) -> datetime:
    """An as-of moment in UTC: New York time if it names no zone, 09:00 if it names no time.

    Raises
    ------
    WindowError : it can't be read, or lies in the future.
    """
    moment = _parse(text, "as-of moment")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
        moment = datetime.combine(moment.date(), MORNING_NOTE)
    moment = _in_utc(moment)
    if moment > now:
        raise WindowError(
            f"The as-of moment {text} is in the future.", "Leave it out, or give an earlier one."
        )
    return moment


def parse_period(text: str) -> tuple[datetime, datetime]:
    """The span [start, end) of period ends that a date (its New York day) or one exact moment means.

    Raises
    ------
    WindowError : it can't be read.
    """
    moment = _parse(text, "period")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
        return _midnight(moment.date()), _midnight(moment.date() + timedelta(days=1))
    moment = _in_utc(moment)
    return moment, moment + timedelta(microseconds=1)


def _parse(text: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise WindowError(
            f"The {what} {text!r} can't be read.", "Write 2020-03-12 or 2020-03-12T16:00."
        ) from error


def _midnight(day: date) -> datetime:
    return _in_utc(datetime.combine(day, time()))


def _in_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=NEW_YORK_ZONE)).astimezone(UTC)
