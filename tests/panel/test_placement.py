from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from naive_clock import NEW_YORK, bar_of_session, level_of_session, utc
from selloff.catalog import Catalogue
from selloff.catalog.holidays import easter
from selloff.catalog.periods import bar_ends, stamp, stamp_instants
from selloff.catalog.sessions import Sessions
from selloff.panel.placement import place

SPANS = [
    (date(2001, 9, 4), date(2001, 9, 24)),  # New York closed from 11 to 14 September
    (date(2012, 10, 22), date(2012, 11, 6)),  # and on 29 and 30 October, with the clocks changing on 4 November
    (date(2024, 3, 4), date(2024, 3, 15)),  # clocks forward in New York on the 10th, in Europe on the 31st
    (date(2024, 10, 21), date(2024, 11, 8)),  # clocks back in Europe on 27 October, in New York on 3 November
    (date(2023, 11, 20), date(2023, 11, 30)),  # Thanksgiving and a close at 13:00
    (date(2020, 12, 21), date(2021, 1, 6)),
    (date(1985, 12, 20), date(1986, 1, 10)),
]
DAILY = ["spy_adj", "nikkei_225", "gold_fix_london", "btc_utc", "eurusd_ecb", "ust_10y", "dxy", "vix", "jgb_10y"]


def rows_of(sessions: Sessions, first: date, last: date) -> np.ndarray:
    return np.flatnonzero((sessions.dates >= np.datetime64(first)) & (sessions.dates <= np.datetime64(last)))


@pytest.mark.parametrize(("first", "last"), SPANS)
@pytest.mark.parametrize("series", DAILY)
def test_daily_series_stand_where_the_oracle_puts_them(
    catalogue: Catalogue, sessions: Sessions, series: str, first: date, last: date
) -> None:
    spec = catalogue.find_series(series)
    everyday = series == "btc_utc"
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    days = [d for d in days if everyday or d.weekday() < 5]
    values = [100.0 + i for i in range(len(days))]
    stamped = stamp(spec, pl.Series(days, dtype=pl.Date), pl.Series(values), sessions)
    levels, ends = place(stamped, [spec], sessions, len(sessions.dates))
    known = [d.item() for d in sessions.dates]
    for row in rows_of(sessions, first + timedelta(days=4), last):
        wanted = level_of_session(known[row], known, stamped["period_end"].to_list(), values)
        found = levels[row, 0]
        assert (np.isnan(found) and wanted is None) or found == wanted, (series, known[row])
        assert (ends[row, 0] > 0) == (wanted is not None)


@pytest.mark.parametrize(("first", "last"), SPANS)
@pytest.mark.parametrize("series", ["hy_oas", "ust_10y", "dxy", "nikkei_225", "gold_fix_london", "btc_utc"])
def test_values_between_sessions_close_the_next_one_abroad_alone(
    catalogue: Catalogue, sessions: Sessions, series: str, first: date, last: date
) -> None:
    """Values on weekends and holidays too, with holes, as a series looks before the session's own value is known."""
    spec = catalogue.find_series(series)
    random = np.random.default_rng(3)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    days = [d for d in days if random.random() > 0.4]
    values = [100.0 + i for i in range(len(days))]
    stamped = stamp(spec, pl.Series(days, dtype=pl.Date), pl.Series(values), sessions)
    levels, _ = place(stamped, [spec], sessions, len(sessions.dates))
    known = [d.item() for d in sessions.dates]
    own_day = series in ("hy_oas", "ust_10y", "dxy")
    for row in rows_of(sessions, first + timedelta(days=4), last):
        wanted = level_of_session(known[row], known, stamped["period_end"].to_list(), values, own_day)
        assert (np.isnan(levels[row, 0]) and wanted is None) or levels[row, 0] == wanted, (series, known[row])


def test_a_spread_of_a_holiday_is_no_close_of_the_day_after(catalogue: Catalogue, sessions: Sessions) -> None:
    """Thanksgiving's value, and that of a month's end on a Saturday: the move of the session after is not theirs."""
    spec = catalogue.find_series("hy_oas")
    for held, off, after in (("2020-11-25", "2020-11-26", "2020-11-27"), ("2020-02-28", "2020-02-29", "2020-03-02")):
        dates = [date.fromisoformat(d) for d in (held, off, after)]
        row = sessions.position(dates[2])
        assert row is not None
        for n, wanted in ((2, [4.0, np.nan]), (3, [4.0, 4.4])):  # before and after the session's own value is known
            stamped = stamp(spec, pl.Series(dates[:n], dtype=pl.Date), pl.Series([4.0, 4.2, 4.4][:n]), sessions)
            levels, _ = place(stamped, [spec], sessions, len(sessions.dates))
            assert np.array_equal(levels[row - 1 : row + 1, 0], wanted, equal_nan=True)


@pytest.mark.parametrize(("first", "last"), SPANS)
@pytest.mark.parametrize(("series", "minutes"), [("btc_hourly", 60), ("btc_5min", 5)])
def test_bars_stand_where_the_oracle_puts_them(
    catalogue: Catalogue, sessions: Sessions, series: str, minutes: int, first: date, last: date
) -> None:
    spec = catalogue.find_series(series)
    random = np.random.default_rng(7)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    n_bars = (last - first).days * 24 * 60 // minutes
    kept = np.flatnonzero(random.random(n_bars) > 0.4)  # holes, so that some closes find only an older bar, or none
    opens = [start + timedelta(minutes=minutes * int(i)) for i in kept]
    values = [float(i) for i in kept]
    ends = bar_ends(pl.Series(opens, dtype=pl.Datetime("us", "UTC")), minutes, spec.close, sessions)
    stamped = stamp_instants(spec, ends, pl.Series(values))
    levels, _ = place(stamped, [spec], sessions, len(sessions.dates))
    for row in rows_of(sessions, first, last):
        close = datetime.fromtimestamp(int(sessions.closes[row]) / 1e6, UTC)
        wanted = bar_of_session(close, [o + timedelta(minutes=minutes) for o in opens], values)
        assert (np.isnan(levels[row, 0]) and wanted is None) or levels[row, 0] == wanted, close


def test_an_old_bar_is_no_close(catalogue: Catalogue, sessions: Sessions) -> None:
    spec = catalogue.find_series("btc_hourly")
    row = sessions.position(date(2024, 1, 3))
    for age, is_there in ((timedelta(hours=2), True), (timedelta(hours=2, seconds=1), False)):
        end = utc("2024-01-03T21:00") - age
        stamped = stamp_instants(spec, pl.Series([end], dtype=pl.Datetime("us", "UTC")), pl.Series([1.0]))
        assert np.isnan(place(stamped, [spec], sessions, len(sessions.dates))[0][row, 0]) != is_there


def test_the_cut_is_the_early_close_on_a_short_day(catalogue: Catalogue, sessions: Sessions) -> None:
    spec = catalogue.find_series("btc_hourly")
    ends = pl.Series([utc("2023-11-24T18:00"), utc("2023-11-24T21:00")], dtype=pl.Datetime("us", "UTC"))
    levels, _ = place(stamp_instants(spec, ends, pl.Series([1.0, 2.0])), [spec], sessions, len(sessions.dates))
    assert levels[sessions.position(date(2023, 11, 24)), 0] == 1.0


def test_regular_hours_bars_end_at_the_close(catalogue: Catalogue, sessions: Sessions) -> None:
    spec = catalogue.find_series("spy_hourly")
    opens = pl.Series(
        [utc("2024-01-03T19:30"), utc("2024-01-03T20:30"), utc("2023-11-24T17:30"), utc("2024-07-05T19:30")],
        dtype=pl.Datetime("us", "UTC"),
    )
    ends = bar_ends(opens, 60, spec.close, sessions)
    assert ends.dt.strftime("%H:%M").to_list() == ["20:30", "21:00", "18:00", "20:00"]


def test_a_holiday_is_missing_and_not_zero(catalogue: Catalogue, sessions: Sessions) -> None:
    spec = catalogue.find_series("nikkei_225")
    days = pl.Series([date(2024, 2, 9), date(2024, 2, 13)], dtype=pl.Date)  # Tokyo closed on Monday the 12th
    levels, _ = place(stamp(spec, days, pl.Series([1.0, 2.0]), sessions), [spec], sessions, len(sessions.dates))
    assert np.isnan(levels[sessions.position(date(2024, 2, 12)), 0])


def test_sessions_know_the_closures(sessions: Sessions) -> None:
    closed = [date(2001, 9, d) for d in (11, 12, 13, 14)] + [date(2012, 10, 29), date(2012, 10, 30)]
    closed += [date(1985, 9, 27), date(1994, 4, 27), date(2004, 6, 11), date(2007, 1, 2), date(2018, 12, 5)]
    assert [sessions.position(d) for d in closed] == [None] * len(closed)
    assert sessions.position(date(2001, 9, 10)) is not None
    assert sessions.dates[0] == np.datetime64("1985-01-02")


def nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th weekday of a month; 0 is the last one."""
    days = [date(year, month, 1) + timedelta(days=i) for i in range(31)]
    found = [d for d in days if d.month == month and d.weekday() == weekday]
    return found[n - 1]


def observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def new_york_holidays(year: int) -> set[date]:
    """Days on which the exchange was closed, after its Rule 7.2 (51 before) and its announcements."""
    days = {nth(year, 2, 0, 3), nth(year, 5, 0, 0), nth(year, 9, 0, 1), nth(year, 11, 3, 4)}
    days |= {easter(year) - timedelta(days=2), observed(date(year, 7, 4)), observed(date(year, 12, 25))}
    new_year = date(year, 1, 1)
    days |= {observed(new_year)} if new_year.weekday() != 5 else set()  # a Saturday is not made up for
    days |= {nth(year, 1, 0, 3)} if year >= 1998 else set()
    days |= {observed(date(year, 6, 19))} if year >= 2022 else set()
    return days


STORMS_AND_MOURNING = {
    date(1985, 9, 27), date(1994, 4, 27), *(date(2001, 9, d) for d in (11, 12, 13, 14)), date(2004, 6, 11),
    date(2007, 1, 2), date(2012, 10, 29), date(2012, 10, 30), date(2018, 12, 5), date(2025, 1, 9),
}  # fmt: skip


def test_new_york_is_open_on_every_weekday_but_its_holidays_since_1985(sessions: Sessions) -> None:
    days = [date(1985, 1, 1) + timedelta(days=i) for i in range((date(2026, 12, 31) - date(1985, 1, 1)).days + 1)]
    closed = {d for d in days if d.weekday() < 5 and sessions.position(d) is None}
    wanted = {d for year in range(1985, 2027) for d in new_york_holidays(year) if d.weekday() < 5}
    assert closed == wanted | STORMS_AND_MOURNING
    assert all(sessions.position(d) is None for d in days if d.weekday() >= 5)


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("1992-12-24", "14:00"),
        ("1996-07-05", "13:00"),
        ("1997-12-26", "13:00"),
        ("2002-07-05", "13:00"),
        ("2013-07-03", "13:00"),
        ("2018-12-24", "13:00"),
        ("2024-07-03", "13:00"),
        ("2024-07-05", "16:00"),
        ("2024-11-29", "13:00"),
    ],
)
def test_early_closes_of_new_york(sessions: Sessions, day: str, close: str) -> None:
    ended = datetime.fromtimestamp(int(sessions.closes[sessions.position(date.fromisoformat(day))]) / 1e6, UTC)
    assert f"{ended.astimezone(NEW_YORK):%H:%M}" == close


def test_the_first_session_after_a_closure_takes_what_traded_meanwhile(
    catalogue: Catalogue, sessions: Sessions
) -> None:
    """London fixed gold while New York was closed in September 2001: the last fixing before the reopening counts."""
    spec = catalogue.find_series("gold_fix_london")
    days = [date(2001, 9, d) for d in (10, 11, 12, 13, 14, 17)]
    stamped = stamp(spec, pl.Series(days, dtype=pl.Date), pl.Series([float(d.day) for d in days]), sessions)
    levels, _ = place(stamped, [spec], sessions, len(sessions.dates))
    assert sessions.position(date(2001, 9, 17)) == sessions.position(date(2001, 9, 10)) + 1
    assert levels[sessions.position(date(2001, 9, 10)), 0] == 10.0
    assert levels[sessions.position(date(2001, 9, 17)), 0] == 17.0
    without = stamped.filter(pl.col("value") < 17)
    assert place(without, [spec], sessions, len(sessions.dates))[0][sessions.position(date(2001, 9, 17)), 0] == 14.0


def test_tokyo_and_new_york_share_a_row_in_summer_and_winter(catalogue: Catalogue, sessions: Sessions) -> None:
    """Tokyo closes at 01:00 or 02:00 New York of its own date, and keeps no summer time."""
    spec = catalogue.find_series("nikkei_225")
    for day, hour in ((date(2024, 1, 10), 1), (date(2024, 7, 10), 2)):
        stamped = stamp(spec, pl.Series([day], dtype=pl.Date), pl.Series([1.0]), sessions)
        assert stamped["period_end"][0].astimezone(NEW_YORK).hour == hour
        assert place(stamped, [spec], sessions, len(sessions.dates))[0][sessions.position(day), 0] == 1.0


@pytest.mark.parametrize(
    ("exchange", "closed", "opened"),
    [
        ("XLON", [date(1985, 5, 6), date(1995, 5, 8), date(1999, 12, 31), date(2012, 6, 5)], date(1985, 5, 7)),
        ("XHKG", [date(1997, 7, 1), date(1999, 12, 31), date(2008, 2, 7)], date(1985, 5, 6)),
        ("XFRA", [date(1999, 12, 31), date(2010, 12, 24), date(2019, 5, 1)], date(1989, 11, 10)),
        ("XTKS", [date(2019, 4, 30), date(2019, 5, 6), date(2024, 2, 12)], date(2024, 2, 13)),
        ("XLON", [date(2022, 6, 2), date(2022, 6, 3), date(2011, 4, 29)], date(2022, 6, 6)),
        ("XHKG", [date(2024, 2, 12), date(2020, 1, 28)], date(2024, 2, 14)),
    ],
)
def test_holidays_of_other_exchanges(exchange: str, closed: list[date], opened: date) -> None:
    from selloff.catalog.sessions import load_sessions

    there = load_sessions(None, last_year=2026, exchange=exchange)
    assert [there.position(d) for d in closed] == [None] * len(closed)
    assert there.position(opened) is not None


def test_slow_series_have_no_moves(catalogue: Catalogue) -> None:
    slow = ("fed_assets", "nfci", "cape_shiller", "capex_hyperscalers", "on_rrp")
    assert all(catalogue.find_series(s).is_level for s in slow)
