"""Fitted parameter sets: what is read, what is refused, and which one counts at a moment."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from selloff.attribution.fitted import (
    FittedSet,
    fitted_as_of,
    fitted_on,
    load_fitted,
    parameters_as_of,
    write_fitted,
)
from selloff.errors import CatalogError
from selloff.panel import morning_note


def _set(year: int, days: tuple[date, ...] = ()) -> FittedSet:
    return FittedSet(
        name="weights",
        known_at=datetime(year, 1, 1, 14, tzinfo=UTC),
        days=days or (date(year - 1, 3, 4), date(year - 1, 8, 9)),
        values={"slope": np.array([[1 / 3, 2.0], [0.0, -1.5]]), "scale": np.array(0.25)},
        axes={"slope": ("cause", "outcome"), "scale": ()},
        inputs={"labels": "ab" * 32},
        script="validation/fit_weights.py",
        code="cd" * 32,
    )


def test_written_and_read_again(tmp_path: Path):
    for year in (2012, 2010):
        write_fitted(_set(year), tmp_path)
    first, second = load_fitted("weights", tmp_path)
    assert (first.known_at.year, second.known_at.year) == (2010, 2012)
    np.testing.assert_allclose(first.values["slope"], _set(2010).values["slope"], rtol=1e-8)
    assert first.axes == _set(2010).axes and first.inputs == _set(2010).inputs and first.code == _set(2010).code
    again = write_fitted(first, tmp_path / "again")
    assert again.read_bytes() == (tmp_path / "weights" / "2010-01-01.json").read_bytes()
    assert first.digest() != second.digest()


def test_the_last_set_known_counts(tmp_path: Path):
    for year in (2010, 2012):
        write_fitted(_set(year), tmp_path)
    sets = load_fitted("weights", tmp_path)
    assert parameters_as_of(sets, datetime(2010, 1, 1, 13, 59, tzinfo=UTC)) is None
    assert parameters_as_of(sets, datetime(2010, 1, 1, 14, tzinfo=UTC)) == sets[0]
    assert parameters_as_of(sets, datetime(2011, 12, 31, tzinfo=UTC)) == sets[0]
    assert parameters_as_of(sets, None) == sets[1]
    assert parameters_as_of((), datetime(2020, 1, 1, tzinfo=UTC)) is None


def test_days_of_the_set_in_use_are_in_sample(tmp_path: Path):
    write_fitted(_set(2010), tmp_path)
    write_fitted(_set(2012, (date(2009, 3, 4), date(2011, 8, 9))), tmp_path)
    assert fitted_on(datetime(2010, 1, 1, 13, tzinfo=UTC), tmp_path) == frozenset()
    assert fitted_on(datetime(2011, 1, 1, tzinfo=UTC), tmp_path) == {date(2009, 3, 4), date(2009, 8, 9)}
    assert fitted_on(datetime(2013, 1, 1, tzinfo=UTC), tmp_path) == {date(2009, 3, 4), date(2011, 8, 9)}
    assert fitted_on(datetime(2013, 1, 1, tzinfo=UTC), tmp_path / "nothing") == frozenset()
    assert load_fitted("weights", tmp_path / "nothing") == ()


@pytest.mark.parametrize(
    "moment",
    [
        None,
        datetime(2010, 1, 1, 13, 59, tzinfo=UTC),
        datetime(2010, 1, 1, 14, tzinfo=UTC),
        datetime(2011, 7, 1, tzinfo=UTC),
    ],
)
def test_reading_one_file_finds_what_reading_all_finds(tmp_path: Path, moment: datetime | None):
    for year in (2010, 2012):
        write_fitted(_set(year), tmp_path)
    found = fitted_as_of("weights", moment, tmp_path)
    expected = parameters_as_of(load_fitted("weights", tmp_path), moment)
    assert (found is None) == (expected is None)
    assert found is None or found.to_dict() == expected.to_dict()


def test_no_shipped_set_saw_the_label_of_a_day_that_may_use_it():
    sets = load_fitted("main_trigger")
    assert len(sets) > 50
    for fitted in sets:
        assert all(morning_note(day) < fitted.known_at for day in fitted.days)
        assert len({fitted.axes[name] for name in fitted.values}) == 1
        assert fitted.values["base"].sum() == pytest.approx(1.0)
    assert [len(s.days) for s in sets] == sorted(len(s.days) for s in sets)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("schema_version", 2, "its format is 2"),
        ("known_at", "2010-01-01T14:00:00", "no time zone"),
        ("days", ["2009-08-09", "2009-03-04"], "not sorted"),
        ("days", ["2009-03-04", "2010-01-01"], "was fitted on 2010-01-01"),
        ("axes", {"slope": ["cause"], "scale": []}, "slope has 2 axes, 1 of them named"),
        ("values", {"slope": [[None]]}, "slope"),
        ("name", "sizes", "don't agree"),
    ],
)
def test_a_bad_set_is_refused(tmp_path: Path, key: str, value: object, said: str):
    path = write_fitted(_set(2010), tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(CatalogError, match=said):
        load_fitted("weights", tmp_path)
