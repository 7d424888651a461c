"""The one strict form of text, JSON, numbers and days."""

from __future__ import annotations

import math
from datetime import date

import pytest

from selloff.sources import literals


@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb\xbf", b"\xff1", b"<!DOCTYPE html>", b" <Html>", b"<feed/>"])
def test_no_text(body):
    with pytest.raises(ValueError):
        literals.text(body)


def test_text():
    assert literals.text(b"\xef\xbb\xbfa,b\n") == "a,b\n"
    assert literals.text(b"<feed/>", xml=True) == "<feed/>"
    with pytest.raises(ValueError, match="JavaScript"):
        literals.text(b"<html><script>1</script></html>", xml=True)


@pytest.mark.parametrize("source", ["NaN", "[Infinity]", '{"a": 1, "a": 2}', "[1,", "[" * 200_000, "1" * 5000, ""])
def test_no_json(source):
    with pytest.raises(ValueError):
        literals.json_value(source)


@pytest.mark.parametrize("value", [True, None, "1", [1], math.nan, math.inf, 10**400])
def test_no_number(value):
    with pytest.raises(ValueError):
        literals.number(value)


@pytest.mark.parametrize(
    "value", ["", ".", "1.", "+1", "1,000", "1_000", " 1", "1e5", "nan", "inf", "١", "--1", 1, None]
)
def test_no_plain_decimal(value):
    with pytest.raises(ValueError):
        literals.decimal(value)


@pytest.mark.parametrize("value", ["1e999", "1e", "e5", "1e5.5", "1.e5", "0x10", "-"])
def test_no_scientific_decimal(value):
    with pytest.raises(ValueError):
        literals.decimal(value, scientific=True)


def test_decimals():
    assert [literals.decimal(v) for v in ("0", "-1.50", "007")] == [0.0, -1.5, 7.0]
    assert [literals.decimal(v, scientific=True) for v in ("1E-3", ".5", "-2e+2")] == [0.001, 0.5, -200.0]


@pytest.mark.parametrize("parts", [(2023, 2, 29), (2024, 13, 1), (1699, 1, 1), (2101, 1, 1), (0, 1, 1), (2024, 1, 0)])
def test_no_day(parts):
    with pytest.raises(ValueError):
        literals.day(*parts)


def test_days():
    assert literals.day(2024, 2, 29) == date(2024, 2, 29)
