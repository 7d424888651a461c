"""Release rules against days and hours at which figures really came out."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from pydantic import ValidationError

from selloff.catalog import Catalogue
from selloff.catalog.catalogue import DATA, load
from selloff.catalog.late import LateTable
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.errors import CatalogError

NEW_YORK = ZoneInfo("America/New_York")

REAL = [
    # H.4.1: on Thursday 16:30; on Friday in the week of Thanksgiving
    ("fed_assets", "2020-03-18", "2020-03-19T16:30"),
    ("reserves", "2019-09-18", "2019-09-19T16:30"),
    ("tga", "2023-11-22", "2023-11-24T16:30"),
    # claims: the 3.28 million for the week to 21 March 2020 came on the 26th
    ("initial_claims", "2020-03-21", "2020-03-26T08:30"),
    # NFCI: on Wednesday for the week to the Friday before
    ("nfci", "2020-03-06", "2020-03-11T08:30"),
    ("stlfsi", "2020-03-13", "2020-03-19T17:00"),
    # commitments of traders: Friday 15:30 as of Tuesday; Monday after Thanksgiving
    ("cot_yen", "2024-07-30", "2024-08-02T15:30"),
    ("cot_yen", "2023-11-21", "2023-11-27T15:30"),
    # commitments of traders held back by shutdowns, and the first and last beside them
    ("cot_gold", "2013-09-24", "2013-09-27T15:30"),
    ("cot_yen", "2018-12-18", "2018-12-21T15:30"),
    ("cot_yen", "2018-12-24", "2019-02-01T15:30"),
    ("cot_silver", "2019-01-08", "2019-02-08T15:30"),
    ("cot_wti", "2019-02-26", "2019-03-05T15:30"),
    ("cot_yen", "2019-03-05", "2019-03-08T15:30"),
    ("cot_gold", "2025-09-23", "2025-09-26T15:30"),
    ("cot_gold", "2025-09-30", "2025-11-19T15:30"),
    ("cot_copper", "2025-11-10", "2025-12-12T15:30"),
    ("cot_yen_leveraged", "2026-01-13", "2026-01-20T15:30"),
    ("cot_gold", "2026-01-20", "2026-01-23T15:30"),
    # claims: none between 25 September and 20 November 2025
    ("initial_claims", "2025-09-20", "2025-09-25T08:30"),
    ("initial_claims", "2025-10-11", "2025-11-20T08:30"),
    ("initial_claims", "2025-11-15", "2025-11-20T08:30"),
    # SOFR of 17 September 2019 (5.25 per cent) came at 08:00 on the 18th; a Friday's on Monday, and on Tuesday
    # where Monday is a holiday; none on Good Friday
    ("sofr", "2019-09-17", "2019-09-18T08:00"),
    ("sofr", "2026-01-30", "2026-02-02T08:00"),
    ("sofr", "2024-01-12", "2024-01-16T08:00"),
    ("sofr", "2024-03-28", "2024-04-01T08:00"),
    ("effr", "2024-03-28", "2024-03-29T09:00"),
    # Freddie Mac: Thursday at noon, the day it is dated
    ("mortgage_30y", "2023-10-26", "2023-10-26T12:00"),
    # par yields: the same evening
    ("ust_10y", "2020-03-12", "2020-03-12T18:00"),
    ("primary_dealer_treasuries", "2024-01-03", "2024-01-11T16:30"),
]


def known_at(catalogue: Catalogue, sessions: Sessions, series: str, day: date) -> datetime:
    dates = pl.Series([day], dtype=pl.Date)
    rows = stamp(catalogue.find_series(series), dates, pl.Series([1.0]), sessions)
    known: datetime = rows["known_at"][0]
    return known


@pytest.mark.parametrize(("series", "day", "published"), REAL)
def test_a_value_is_known_when_it_was_published(
    catalogue: Catalogue, sessions: Sessions, series: str, day: str, published: str
) -> None:
    wanted = datetime.fromisoformat(published).replace(tzinfo=NEW_YORK)
    assert known_at(catalogue, sessions, series, date.fromisoformat(day)) == wanted


def test_every_report_of_a_publication_that_was_late_has_its_table(catalogue: Catalogue) -> None:
    late = {s.id for s in catalogue.series.values() if s.release is not None and s.release.late}
    assert late == {s for s in catalogue.series if s.startswith("cot_")} | {"initial_claims"}


def test_late_reports_never_overtake_each_other(catalogue: Catalogue, sessions: Sessions) -> None:
    """They come out in order, so a week that seems known before an earlier one is a slip in the table."""
    for series, weekday in (("cot_gold", 1), ("initial_claims", 5)):
        days = pl.date_range(date(2012, 1, 1), date(2026, 6, 30), eager=True)
        days = days.filter(days.dt.weekday() == weekday + 1)
        known = stamp(catalogue.find_series(series), days, pl.Series([1.0] * len(days)), sessions)["known_at"]
        assert (known.diff().drop_nulls() >= timedelta(0)).all(), series


def test_a_release_rule_that_names_no_table_is_an_error(tmp_path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(DATA, folder)
    path = folder / "series" / "cftc.toml"
    path.write_text(path.read_text().replace('late = "cot"', 'late = "cots"'))
    with pytest.raises(CatalogError, match=r"cftc.toml, 'cot_wti'.*'cots'.*claims, cot"):
        load(folder)


@pytest.mark.parametrize(
    "stretches",
    [
        [("2025-10-04", "2025-10-10", "2025-11-21"), ("2025-09-27", "2025-10-03", "2025-11-19")],
        [("2025-09-27", "2025-10-05", "2025-11-19"), ("2025-10-04", "2025-10-10", "2025-11-21")],
        [("2025-10-04", "2025-10-10", "2025-10-07")],
        [],
    ],
)
def test_a_table_of_late_releases_out_of_order_is_an_error(stretches) -> None:
    late = [dict(zip(("first", "last", "released"), days, strict=True)) for days in stretches]
    with pytest.raises(ValidationError):
        LateTable(id="x", name="x", source="x", note="", unverified_years=(), late=late)


def test_gpr_is_never_known_on_its_day(catalogue: Catalogue, sessions: Sessions) -> None:
    for offset in range(28):
        day = date(2026, 1, 1) + timedelta(days=offset)
        known = known_at(catalogue, sessions, "gpr_daily", day).astimezone(NEW_YORK)
        assert known.date() > day
        assert known.weekday() == (1 if known.date() == date(2026, 1, 20) else 0)  # Tuesday after King's birthday


def test_nothing_is_known_before_its_period_ended(catalogue: Catalogue, sessions: Sessions) -> None:
    days = pl.date_range(date(2019, 1, 1), date(2024, 12, 31), eager=True)
    for series in catalogue.series.values():
        if series.formula is None and series.close is not None:
            rows = stamp(series, days, pl.Series([1.0] * len(days)), sessions)
            assert (rows["known_at"] >= rows["period_end"]).all(), series.id


def test_estimates_and_statistics_are_never_exact(catalogue: Catalogue, sessions: Sessions) -> None:
    day = pl.Series([date(2024, 5, 1)], dtype=pl.Date)
    for series in catalogue.series.values():
        if series.formula is None and series.close is not None and "estimate" in series.flags:
            assert stamp(series, day, pl.Series([1.0]), sessions)["vintage"][0] == "lagged", series.id


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("2024-03-08", "2024-03-08T21:00"),  # Friday before the clocks change
        ("2024-03-11", "2024-03-11T20:00"),
        ("2024-11-01", "2024-11-01T20:00"),
        ("2024-11-04", "2024-11-04T21:00"),
        ("2023-11-24", "2023-11-24T18:00"),  # 13:00, the day after Thanksgiving
        ("2020-12-24", "2020-12-24T18:00"),
    ],
)
def test_closes_follow_the_clock_and_early_closes(
    catalogue: Catalogue, sessions: Sessions, day: str, close: str
) -> None:
    dates = pl.Series([date.fromisoformat(day)], dtype=pl.Date)
    rows = stamp(catalogue.find_series("spy_adj"), dates, pl.Series([1.0]), sessions)
    assert rows["period_end"][0] == datetime.fromisoformat(close).replace(tzinfo=UTC)
