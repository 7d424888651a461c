"""How fragile markets were before a window: every estimator's last value, and its place in its own history.

Series enter turbulence and the absorption ratio; classes (equal-weight means of their members' moves in sigmas) enter
correlations, tail dependence, connectedness and the composite, so that a class with many series does not count more.
Connectedness is that of moves, not of volatilities as in the paper's application. The composite's indicators are the
two that prices alone give, by class, after Holló, Kremer and Lo Duca 2012: realised volatility (mean absolute move of
20 sessions) and the loss from the highest level of two years.

Missing values. A class without a series is absent and named in `classes_missing`; one whose series start inside the
look-back, or went stale, joins or leaves by the rule of `eligibility`. A class's move on a session is of the members
that have one. A level that can't be told is None, and so is a percentile with fewer than 250 levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from selloff.detection.fragility.absorption import absorption
from selloff.detection.fragility.composite import composite
from selloff.detection.fragility.connectedness import Connectedness, RollingConnectedness, rolling_connectedness
from selloff.detection.fragility.correlation import average_correlation
from selloff.detection.fragility.eligibility import eligible
from selloff.detection.fragility.tail_dependence import tail_dependence
from selloff.detection.fragility.turbulence import turbulence
from selloff.panel.transforms import Floats
from selloff.panel.volatility import SLOW_SESSIONS

FEWEST_LEVELS = 250
VOLATILITY_SESSIONS = 20
PEAK_SESSIONS = 500


@dataclass(frozen=True)
class Level:
    """One measure at the last session before the window.

    value : None if it can't be told.
    percentile : share of its own levels so far, this one included, that are not above it, in per cent; None with
        fewer than 250.
    n_levels : sessions with a level so far.
    """

    value: float | None
    percentile: float | None
    n_levels: int


@dataclass(frozen=True)
class Fragility:
    """Fragility known at the close of one session, `row`.

    turbulence : squared distance over the number of series; near 1 is ordinary.
    absorption : share of variance in the first fifth of factors, 0 to 1. absorption_shift : ΔAR, standard deviations.
    correlation, downside_correlation : average of pairs of classes. tail_dependence : 0 to 1.
    connectedness : total, per cent. composite : 0 to 1.
    classes : the classes, in the order of `table`. classes_missing : those without a move on that session.
    table : connectedness table of the classes; NaN rows and columns where a class did not count.
    """

    row: int
    turbulence: Level
    absorption: Level
    absorption_shift: Level
    correlation: Level
    downside_correlation: Level
    tail_dependence: Level
    connectedness: Level
    composite: Level
    classes: tuple[str, ...]
    classes_missing: tuple[str, ...]
    table: Connectedness

    def to_dict(self) -> dict[str, object]:
        """Plain values: levels by name, and given minus received connectedness by class (None where unknown)."""
        levels = {name: asdict(level) for name, level in vars(self).items() if isinstance(level, Level)}
        net = {c: None if np.isnan(x) else float(x) for c, x in zip(self.classes, self.table.net, strict=True)}
        return {**levels, "row": self.row, "classes_missing": list(self.classes_missing), "net_connectedness": net}


@dataclass(frozen=True)
class FragilityHistory:
    """Every measure at every session: what `fragility_at` reads one session of.

    measures : by name of the fields of `Fragility`, each (n_sessions,), NaN where it can't be told.
    classes : names. class_moves : (n_sessions, n_classes). tables : connectedness by session.
    """

    measures: Mapping[str, Floats]
    classes: tuple[str, ...]
    class_moves: Floats
    tables: RollingConnectedness


def fragility_history(moves: Floats, volatility: Floats, members: Mapping[str, Sequence[int]]) -> FragilityHistory:
    """Every measure at every session, each known at that session's close.

    Parameters
    ----------
    moves : (n_sessions, n_series) daily log moves, signed so that minus is a loss, NaN where missing.
    volatility : (n_sessions, n_series) daily volatility known at each close (`panel.volatility.slow_volatility`); a
        session's move is divided by the one known at the close before.
    members : columns of each class; a class may have none.

    Returns
    -------
    FragilityHistory; row t uses rows up to t only.
    """
    sigmas = np.full(moves.shape, np.nan)
    sigmas[1:] = moves[1:] / volatility[:-1]
    by_class = np.column_stack([class_mean(sigmas[:, list(m)]) for m in members.values()])
    unscaled = np.column_stack([class_mean(moves[:, list(m)]) for m in members.values()])
    absorbed, correlated = absorption(sigmas), average_correlation(by_class)
    tables = rolling_connectedness(by_class)
    n_classes = len(members)
    stress = composite(stress_indicators(unscaled), [*range(n_classes), *range(n_classes)])
    measures = {
        "turbulence": turbulence(moves).value,
        "absorption": absorbed.ratio,
        "absorption_shift": absorbed.shift,
        "correlation": correlated.plain,
        "downside_correlation": correlated.downside,
        "tail_dependence": tail_dependence(by_class).value,
        "connectedness": tables.total,
        "composite": stress.value,
    }
    return FragilityHistory(measures, tuple(members), by_class, tables)


def fragility_at(history: FragilityHistory, row: int) -> Fragility:
    """Fragility known at the close of a session; for a window, of its base, the session before its first.

    Parameters
    ----------
    history : later rows than `row` may be there and are not looked at.
    """
    levels = {name: level_at(values, row) for name, values in history.measures.items()}
    missing = tuple(
        c for c, move in zip(history.classes, history.class_moves[row].tolist(), strict=True) if np.isnan(move)
    )
    return Fragility(row=row, classes=history.classes, classes_missing=missing, table=history.tables.at(row), **levels)


def level_at(values: Floats, row: int) -> Level:
    """A measure's value at a row and its percentile among its values up to that row."""
    so_far = values[: row + 1]
    known = so_far[~np.isnan(so_far)]
    value = float(values[row])
    if np.isnan(value):
        return Level(None, None, len(known))
    if len(known) < FEWEST_LEVELS:
        return Level(value, None, len(known))
    return Level(value, 100.0 * int(np.count_nonzero(known <= value)) / len(known), len(known))


def stress_indicators(moves: Floats) -> Floats:
    """Realised volatility and loss from the peak, by class.

    Parameters
    ----------
    moves : (n_sessions, n_classes), minus is a loss, NaN where missing.

    Returns
    -------
    (n_sessions, 2 n_classes): mean absolute move of the last 20 sessions, then the distance of the summed moves below
    their highest of the last 500 sessions. NaN where the class is not eligible over the last 20 sessions, and before
    it has moves on 250 sessions.
    """
    present = ~np.isnan(moves)
    usable = eligible(moves, VOLATILITY_SESSIONS) & (np.cumsum(present, axis=0) >= SLOW_SESSIONS)
    filled = np.where(present, moves, 0.0)
    padded = np.concatenate([np.zeros((VOLATILITY_SESSIONS - 1, moves.shape[1])), np.abs(filled)])
    sums = sliding_window_view(padded, VOLATILITY_SESSIONS, axis=0).sum(axis=2)
    counted = np.concatenate([np.zeros((VOLATILITY_SESSIONS - 1, moves.shape[1]), dtype=bool), present])
    n = sliding_window_view(counted, VOLATILITY_SESSIONS, axis=0).sum(axis=2)
    level = np.cumsum(filled, axis=0)
    peak = rolling_maximum(level, PEAK_SESSIONS)
    out = np.column_stack([sums / np.maximum(n, 1), peak - level])
    return np.where(np.column_stack([usable, usable]), out, np.nan)


def rolling_maximum(values: Floats, n: int) -> Floats:
    """Highest of the last `n` rows, or of all where there are fewer, same shape; no NaN.

    Blocks of n rows: a window is the end of one and the start of the next (van Herk 1992, A fast algorithm for local
    minimum and maximum filters, Pattern Recognition Letters 13, 517-521).
    """
    n_rows, n_columns = values.shape
    n_blocks = -(-(n_rows + n - 1) // n)
    padded = np.full((n_blocks * n, n_columns), -np.inf)
    padded[n - 1 : n - 1 + n_rows] = values
    blocks = padded.reshape(n_blocks, n, n_columns)
    starts = np.maximum.accumulate(blocks, axis=1).reshape(padded.shape)
    ends = np.maximum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].reshape(padded.shape)
    return np.maximum(ends[:n_rows], starts[n - 1 : n - 1 + n_rows])


def class_mean(moves: Floats) -> Floats:
    """Mean of the members that have a move, (n_sessions,); NaN where none has."""
    known = ~np.isnan(moves)
    n = known.sum(axis=1)
    return np.where(n > 0, np.where(known, moves, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)
