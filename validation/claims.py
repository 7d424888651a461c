"""Does a run agree with what is claimed? Checks of a result against a committed one, or against a stated rate.

A smaller run can't repeat a committed number, so it is asked whether it could come from it by chance. Each side of a
check is passed by chance in 999 of 1000 runs if the claim is true. Two dozen checks would then raise two or three
false alarms in a hundred sets of worlds; but seeds are fixed, so the same code always gives the same verdict.

A run of the committed size has to repeat it. Seeds are fixed, so the same code gives the same numbers on one machine;
another processor rounds otherwise, which can move a draw across a line. Two per cent, or 0.02, are allowed for that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import betabinom, binom, t

from shared_series import RESULTS

TAIL = 0.001
ROUNDING = 0.02

Values = Sequence[float] | npt.NDArray[np.float64]


def committed(name: str) -> dict[str, Any]:
    """A committed result of `validation/results`."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def differences(found: Any, expected: Any, leave_out: Sequence[str] = (), path: str = "") -> list[str]:
    """Where two results differ by more than rounding, as `path: found, not expected`."""
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = [k for k in dict.fromkeys([*expected, *found]) if k not in leave_out]
        pairs = [(k, found.get(k), expected.get(k)) for k in keys]
        return [d for k, a, b in pairs for d in differences(a, b, leave_out, f"{path} / {k}" if path else str(k))]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = [(str(i + 1), a, b) for i, (a, b) in enumerate(zip(found, expected, strict=True))]
        return [d for k, a, b in pairs for d in differences(a, b, leave_out, f"{path} / {k}")]
    if isinstance(found, int | float) and isinstance(expected, int | float):
        same = math.isclose(found, expected, rel_tol=ROUNDING, abs_tol=ROUNDING)
    else:
        same = found == expected
    return [] if same else [f"{path}: {found}, not {expected}"]


class Checks:
    """Verdicts by sentence, and what a run of this size can't test."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}
        self.not_tested: list[str] = []

    def say(self, sentence: str, passed: bool) -> None:
        """Any verdict."""
        self.passed[sentence] = bool(passed)

    def rate(self, what: str, values: Values, claim: float, at_least: bool = False) -> None:
        """As many as a rate lets expect: a binomial interval.

        Parameters
        ----------
        values : one for each world, 0 or 1, or a share; a share varies by no more than a yes or no. NaN: no value.
        at_least : more than claimed is no contradiction.
        """
        kept = np.asarray(values, dtype=np.float64)
        kept = kept[~np.isnan(kept)]
        n, count = len(kept), float(kept.sum())
        low, high = int(binom.ppf(TAIL, n, claim)), n if at_least else int(binom.isf(TAIL, n, claim))
        if low == 0 and high == n:
            self.not_tested.append(f"{what}: {count:.4g} of {n}, and any count of so few agrees with {claim:.3g}")
            return
        stated = f"{'at least ' if at_least else ''}{claim:.3g}"
        self.say(f"{what}: {count:.4g} of {n}; with {stated} as claimed {low} to {high}", low <= count <= high)

    def held_by_conformal_limit(self, what: str, held: Values, n_made: int, level: float) -> None:
        """As many within a limit as split-conformal limits from `n_made` worlds hold: at least a beta-binomial's low
        point (Vovk 2012, Conditional validity of inductive conformal predictors, ACML)."""
        kept, rank = np.asarray(held, dtype=np.float64), min(math.ceil(level * (n_made + 1)), n_made)
        n, count = len(kept), float(kept.sum())
        low = int(betabinom.ppf(TAIL, n, rank, n_made + 1 - rank))
        self.say(f"{what}: {count:.4g} of {n} held; a limit from {n_made} worlds holds at least {low}", count >= low)

    def mean(self, what: str, values: Values, claim: float) -> None:
        """The claim is in the t interval of a mean, one value for each world."""
        kept = np.asarray(values, dtype=np.float64)
        middle, half = float(kept.mean()), _half_width(kept)
        sentence = f"{what}: {middle:.3f} ± {half:.3f} in {len(kept)} worlds; {claim:.3f} is claimed"
        self.say(sentence, abs(middle - claim) <= half)

    def no_better(self, what: str, gains: Values) -> None:
        """A gain over what is shipped is not above zero beyond doubt, one value for each world."""
        kept = np.asarray(gains, dtype=np.float64)
        middle, half = float(kept.mean()), _half_width(kept)
        sentence = f"{what}: gains {middle:.3f} ± {half:.3f} in {len(kept)} worlds; no gain is claimed"
        self.say(sentence, middle <= half)

    def repeats(self, name: str, found: Any, expected: Any, leave_out: Sequence[str] = (), part: str = "") -> None:
        """A run of the committed size gives the committed numbers."""
        differ = differences(found, expected, leave_out)
        told = f": {len(differ)} numbers differ, first {differ[0]}" if differ else ""
        self.say(f"repeats results/{name}.json{f', {part}' if part else ''}{told}", not differ)

    def report(self) -> dict[str, Any]:
        """Entries of a result."""
        return {"passed": self.passed} | ({"not_tested": self.not_tested} if self.not_tested else {})


def _half_width(values: npt.NDArray[np.float64]) -> float:
    n = len(values)
    return float(t.ppf(1.0 - TAIL, n - 1) * values.std(ddof=1) / math.sqrt(n))
