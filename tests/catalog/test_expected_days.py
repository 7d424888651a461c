from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from selloff.catalog import Catalogue
from selloff.catalog.expected import expected_days, next_due, period_date
from selloff.catalog.sessions import Sessions


def test_expected_days_of_each_calendar(sessions: Sessions) -> None:
    def days(calendar: str) -> list[date]:
        return expected_days(calendar, date(2024, 3, 27), date(2024, 4, 2), lambda _: sessions).tolist()

    good_friday, saturday = date(2024, 3, 29), date(2024, 3, 30)
    assert len(days("every_day")) == 7
    assert saturday not in days("weekdays")
    assert good_friday in days("us_federal")
    assert good_friday not in days("us_bond")
    assert good_friday not in days("XNYS")


@pytest.mark.parametrize(
    ("series", "last_end", "due"),
    [
        ("spy_adj", datetime(2023, 11, 22, 21, tzinfo=UTC), datetime(2023, 11, 24, 18, tzinfo=UTC)),
        ("fed_assets", datetime(2020, 3, 18, 21, tzinfo=UTC), datetime(2020, 3, 26, 20, 30, tzinfo=UTC)),
        ("gold_monthly", datetime(2024, 4, 30, 21, tzinfo=UTC), datetime(2024, 6, 7, 22, tzinfo=UTC)),
        ("capex_hyperscalers", datetime(2025, 10, 1, 3, 59, tzinfo=UTC), datetime(2026, 2, 14, 23, tzinfo=UTC)),
        ("btc_utc", datetime(2024, 1, 2, 0, tzinfo=UTC), datetime(2024, 1, 3, 0, tzinfo=UTC)),
        ("presidential_posts", datetime(2024, 1, 2, 0, tzinfo=UTC), None),
    ],
)
def test_when_the_next_value_is_due(
    catalogue: Catalogue, sessions: Sessions, series: str, last_end: datetime, due: datetime | None
) -> None:
    assert next_due(catalogue.find_series(series), last_end, sessions) == due


def test_the_date_of_a_utc_day_is_not_the_next_one(catalogue: Catalogue) -> None:
    assert period_date(catalogue.find_series("btc_utc"), datetime(2020, 3, 13, tzinfo=UTC)) == date(2020, 3, 12)
