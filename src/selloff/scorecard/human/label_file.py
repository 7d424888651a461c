"""Reading files of human labels; a bad row is one clear error."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from selloff.catalog.labelmap import LabelMap
from selloff.errors import ScorecardError
from selloff.scorecard.scores import Floats

SUM_TOLERANCE = 0.011
"""Shares of a day are published with two to three decimals."""

CODER_CATEGORIES = {
    "commodities": "commodities",
    "corporate earnings & outlook": "corporate",
    "elections and political transitions": "elections",
    "exchange rate policy & capital controls": "exrate",
    "foreign stock market": "foreign",
    "government spending": "govspend",
    "international trade policy": "trade",
    "macroeconomic news & outlook": "macro",
    "monetary policy and central banking": "monetary",
    "no article found": "noart",
    "other - specify": "other",
    "other policy - specify": "otherpol",
    "regulation": "reg",
    "sovereign military & security actions": "sovmil",
    "taxes": "taxes",
    "terrorist attacks & large-scale violence by non-state actors": "terror",
    "unknown & no explanation": "unknown",
}
"""Long names of the file by coder → columns of the file by day."""


@dataclass(frozen=True)
class Labels:
    """Human labels of days, one row per day, in order of date.

    Attributes
    ----------
    days : (n_days,) datetime64[D]. moves : (n_days,), the stock market's move, in per cent.
    votes : (n_days, n_outcomes), coders' shares by outcome, adding up to one.
    policy : (n_days,), share of the votes for policy categories.
    policy_by_outcome : (n_days, n_outcomes), the part of `votes` that is for policy categories.
    without_label : days for which nobody found an article.
    """

    days: npt.NDArray[np.datetime64]
    moves: Floats
    votes: Floats
    policy: Floats
    policy_by_outcome: Floats
    without_label: tuple[date, ...]


@dataclass(frozen=True)
class CoderVotes:
    """One row per coder and day, in order of date.

    Attributes
    ----------
    days : (n_rows,). votes, policy : as in `Labels`, of one coder.
    """

    days: npt.NDArray[np.datetime64]
    votes: Floats
    policy: Floats


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and fields of each row.

    Raises
    ------
    ScorecardError : the file can't be read, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in needed if c not in (reader.fieldnames or ())]
            if missing:
                raise ScorecardError(
                    f"{path} has no column {missing[0]!r}.",
                    "See docs/scorecard-method.md for the layout of label files.",
                )
            for row in reader:
                yield reader.line_num, row
    except OSError as error:
        raise ScorecardError(f"{path} can't be read: {error.strerror}.", "Name an existing file of labels.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScorecardError(f"{path} is no text file with comma-separated values: {error}.", "Save it as CSV.") from (
            error
        )


def _wrong(path: Path, line: int, what: str) -> ScorecardError:
    return ScorecardError(f"{path}, line {line}: {what}.", "Correct that row, or leave it out.")


def _date(path: Path, line: int, row: Mapping[str, str | None]) -> date:
    text = (row["date"] or "").strip()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong(path, line, f"{text!r} is not a date (YYYY-MM-DD)") from error


def _number(path: Path, line: int, row: Mapping[str, str | None], column: str) -> float:
    text = (row[column] or "").strip()
    try:
        value = float(text)
    except ValueError as error:
        raise _wrong(path, line, f"{column} is {text!r}, not a number") from error
    if not math.isfinite(value):
        raise _wrong(path, line, f"{column} is {text!r}")
    return value


def read_labels(path: Path, label_map: LabelMap) -> Labels:
    """Labels by day: `date`, `return` (a fraction) and one share per category; other columns are ignored.

    Raises
    ------
    ScorecardError : a row is malformed, a day comes twice, or shares don't add up to one; the message has the line.
    """
    categories = (*label_map.categories, *label_map.coding.not_a_label)
    seen: dict[date, int] = {}
    found: list[tuple[date, float, Floats]] = []
    without = []
    for line, row in _rows(path, ("date", "return", *categories)):
        day = _date(path, line, row)
        if day in seen:
            raise _wrong(path, line, f"{day} was already on line {seen[day]}")
        seen[day] = line
        move = 100.0 * _number(path, line, row, "return")
        shares = np.array([_number(path, line, row, c) for c in categories])
        if (shares < 0).any():
            column = categories[int(np.argmin(shares))]
            raise _wrong(path, line, f"{column} is {shares.min():g}, but a share can't be negative")
        if abs(shares.sum() - 1.0) > SUM_TOLERANCE:
            raise _wrong(path, line, f"the shares of {day} add up to {shares.sum():.4g}, not 1")
        labelled = shares[: len(label_map.categories)]
        if labelled.sum() <= SUM_TOLERANCE:
            without.append(day)
            continue
        found.append((day, move, labelled / labelled.sum()))
    if not found:
        raise ScorecardError(f"{path} holds no labelled day.", "Name a file with labels.")
    found.sort(key=lambda entry: entry[0])
    shares = np.array([s for _, _, s in found])
    matrix = label_map.category_matrix(label_map.categories)
    is_policy = np.array([float(c in label_map.coding.policy) for c in label_map.categories])
    return Labels(
        days=np.array([d for d, _, _ in found], dtype="datetime64[D]"),
        moves=np.array([m for _, m, _ in found]),
        votes=shares @ matrix,
        policy=shares @ is_policy,
        policy_by_outcome=(shares * is_policy) @ matrix,
        without_label=tuple(without),
    )


def read_coders(path: Path, label_map: LabelMap) -> CoderVotes:
    """Labels by coder: `date`, `primary_category`, `secondary_category` (may be empty), in the publisher's long names.

    Raises
    ------
    ScorecardError : a row is malformed or names an unknown category; the message has the line.
    """
    share = label_map.coding.primary_share
    found: list[tuple[date, int, dict[str, float]]] = []
    for line, row in _rows(path, ("date", "coder", "primary_category", "secondary_category")):
        day = _date(path, line, row)
        given = []
        for column in ("primary_category", "secondary_category"):
            text = (row[column] or "").strip()
            if text and text not in CODER_CATEGORIES:
                raise _wrong(path, line, f"{column} is {text!r}, which is no category")
            given.append(CODER_CATEGORIES.get(text))
        primary, secondary = given
        if primary is None:
            raise _wrong(path, line, "primary_category is empty")
        shares = {primary: 1.0} if secondary is None else {primary: share}
        if secondary is not None:
            shares[secondary] = shares.get(secondary, 0.0) + 1.0 - share
        labelled = {c: s for c, s in shares.items() if c not in label_map.coding.not_a_label}
        total = sum(labelled.values())
        if total > 0:
            found.append((day, line, {c: s / total for c, s in labelled.items()}))
    if not found:
        raise ScorecardError(f"{path} holds no label of a coder.", "Name a file with labels by coder.")
    found.sort(key=lambda entry: entry[:2])
    categories = label_map.categories
    shares_by_row = np.array([[s.get(c, 0.0) for c in categories] for _, _, s in found])
    is_policy = np.array([float(c in label_map.coding.policy) for c in categories])
    return CoderVotes(
        days=np.array([d for d, _, _ in found], dtype="datetime64[D]"),
        votes=shares_by_row @ label_map.category_matrix(categories),
        policy=shares_by_row @ is_policy,
    )
