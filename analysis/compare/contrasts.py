"""Means, shares and their contrasts: intervals from the clusters, and p that does not contradict them.

One table, one row a comparison; its columns are :data:`COLUMNS`. A row about one group has no ``b``.

**One row, one answer.** The interval comes from leaving out clusters (means), from effective counts (shares,
`analysis.compare.shares`) or from Woodruff's (quantiles); p comes from permuting clusters, and where it cannot (across
languages) from the interval itself, as the level at which it would touch 0. Where a permutation and an interval
disagree about 0, the more cautious holds (:func:`agree`): p is under .05 exactly where the 95 % interval excludes 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr, stdtrit

from analysis.compare import shares
from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, Side, shared_clusters
from analysis.compare.jackknife import jackknife, standard_error
from analysis.compare.permutation import Test, permutation_p
from analysis.digits import settled
from analysis.errors import plural

#: Whole numbers of utterances and clusters.
SIZES = ("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared")
COLUMNS = (
    *("measure", "a", "b", "estimate", "se", "df", "ci_low", "ci_high", "p", "q", "effect"),
    *(*SIZES, "g_a", "g_b", "note"),
)
FEW_ALONE_NOTE = "too few clusters: no interval"
FEW_NOTE = "too few clusters: no interval, no p"
FEW_P_NOTE = "too few clusters: no p"
#: So begin these notes where it is the reference that has too few.
IN_REFERENCE = "too few clusters of the reference"
ALIKE_NOTE = "no variation between clusters: no interval, no p"
CONSTANT_NOTE = "all or none on both sides: no p"
#: What rows that contrast shares hold besides.
SHARE_COLUMNS = ("log_ratio", "ratio_low", "ratio_high", "scale")
#: The probability of error of every interval.
ERROR = 0.05
#: By what half an interval is multiplied to give the effect that 80 % of tests would find.
SEEN = float(1 + ndtri(0.8) / ndtri(0.975))
#: The ends of an interval with given probabilities of error, of their shape.
Limits = Callable[[float | np.ndarray], tuple[np.ndarray, np.ndarray]]
_ROUNDING = 1e-12


def compare(
    measure: str,
    name_a: str,
    a: Side,
    name_b: str | None = None,
    b: Side | None = None,
    *,
    estimate: float | None = None,
    extra: Sequence[tuple[float, Side]] = (),
    extra_variance: float = 0.0,
    unit: float = 1.0,
    unit_name: str = "",
    of_interest: float | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Compare two groups' means, or describe one.

    Parameters
    ----------
    measure : str
        What is averaged.
    name_a, name_b : str
        The groups.
    a, b : Side
        Their sums by cluster; without ``b`` the row is about ``a`` alone and has no p.
    estimate : float, optional
        For a statistic that is no mean: its value; the sides then hold its influence values.
    extra : sequence of (float, Side)
        More means, with coefficients, that belong to the estimate (a reference that is subtracted).
    extra_variance : float
        Variance from elsewhere (a link between languages).
    unit : float
        What one unit of the effect is on the scale of the values (a standard deviation; .01 for points of a share).
    unit_name : str
        What to call it.
    of_interest : float, optional
        The smallest effect of interest in that unit, stated before looking; the note repeats it.
    limits : callable, optional
        The two ends of the interval of the estimate with a given probability of error, where it is not that of t.

    Returns
    -------
    dict
        One row with the keys :data:`COLUMNS`; ``q`` is NaN until the table is finished. ``estimate`` is
        mean a - mean b, ``effect`` the same in units, ``p`` that of the interval, two-sided: the level at which it
        would touch 0 (:func:`decide` puts a permutation's in its place). With G* under 5 on a side, or of what is
        subtracted, there is no interval, under 10 no p; the note says so, and else which effect these clusters could
        have shown.

    """
    alone = b is None
    terms = [(1.0, a), *([] if alone else [(-1.0, b)]), *extra]
    if estimate is None:
        estimate = sum(coefficient * side.mean for coefficient, side in terms)
    row: dict[str, Any] = dict.fromkeys(COLUMNS, float("nan"))
    row |= {
        "measure": measure,
        "a": name_a,
        "b": name_b,
        "estimate": estimate,
        # Scores that are all the same have no standard deviation to count in.
        "effect": estimate / unit if not alone and settled(unit) > 0 else float("nan"),
        "n_a": a.n,
        "n_b": None if alone else b.n,
        "clusters_a": len(a.clusters),
        "clusters_b": None if alone else len(b.clusters),
        "clusters_shared": None if alone else shared_clusters(a, b),
        "g_a": a.effective,
        "g_b": float("nan") if alone else b.effective,
        "note": "",
    }
    fewest = settled(min(side.effective for _, side in terms))
    own = settled(a.effective if alone else min(a.effective, b.effective))
    if fewest == 0:
        return row | {"note": next(side.lack for _, side in terms if side.effective == 0)}
    if fewest < FEW_FOR_INTERVAL:
        note = FEW_ALONE_NOTE if alone else FEW_NOTE
        return row | {"note": note if own < FEW_FOR_INTERVAL else of_reference(note)}
    se, df = standard_error(terms)
    # Sums of equal numbers differ in their last digits, which is no variation.
    size = max(float(np.abs(side.total).sum() / side.weight.sum()) for _, side in terms)
    if se > _ROUNDING * size:
        se = float(np.sqrt(se**2 + extra_variance))
        row |= {"se": se, "df": df}
    elif limits is None:
        return row | {"note": ALIKE_NOTE.removesuffix(", no p") if alone else ALIKE_NOTE}
    low, high = map(float, limits(ERROR) if limits else t_limits(row, ERROR))
    row |= {"ci_low": low, "ci_high": high}
    if alone:
        return row
    if fewest < FEW_FOR_P:
        return row | {"note": FEW_P_NOTE if own < FEW_FOR_P else of_reference(FEW_P_NOTE)}
    found = detectable(se, df) if limits is None else (high - low) / 2 * SEEN
    note = "all scores are equal"
    if settled(unit) > 0:
        power = f"{found / unit:.2g}"
        power = plural(power, "point") if unit_name == "points" else f"{power} {unit_name}".rstrip()
        note = f"80 % power from {power}"
    if of_interest is not None:
        note += f"; of interest from {of_interest:g} {unit_name}".rstrip()
    p = float(2 * stdtr(df, -abs(estimate) / se)) if limits is None else touching(limits)
    return row | {"p": p, "note": note}


def of_reference(note: str) -> str:
    """Return a note on too few clusters where it is the reference that has too few.

    Examples
    --------
    >>> of_reference(FEW_P_NOTE)
    'too few clusters of the reference: no p'

    """
    return ":".join([IN_REFERENCE, *note.split(":")[1:]])


def t_limits(row: Mapping[str, Any], alpha: float) -> tuple[float, float]:
    """Return the ends of the interval that the row's standard error and degrees of freedom give."""
    margin = float(stdtrit(row["df"], 1 - alpha / 2)) * row["se"]
    return row["estimate"] - margin, row["estimate"] + margin


def touching(limits: Limits) -> float:
    """Return the error at which an end of the interval touches 0: the p that belongs to it; 1 where all hold 0."""
    # At an error of 1 there is no interval any more.
    powers = np.linspace(-40, -1e-6, 81)
    for _ in range(3):
        low, high = limits(2.0**powers)
        outside = np.flatnonzero((settled(low) > 0) | (settled(high) < 0))
        if not len(outside):
            return 1.0
        # Of narrower and narrower intervals the first that excludes 0, and the one before.
        powers = np.linspace(powers[max(outside[0] - 1, 0)], powers[outside[0]], 81)
    return float(2.0 ** powers[-1])


def describe_share(measure: str, name: str, side: Side) -> dict[str, Any]:
    """Describe one group's share: `compare` with the interval of `analysis.compare.shares.share_limits`.

    Parameters
    ----------
    measure, name : str
    side : Side
        Of values 0 and 1.

    Returns
    -------
    dict
        As `compare`; ``se`` stays the jackknife's, NaN where there is no hit.

    """
    one = shares.share_of(side) if side.effective_n > 0 else None
    return compare(measure, name, side, limits=lambda alpha: shares.share_limits(one, alpha))


def compare_shares(measure: str, name_a: str, a: Side, name_b: str, b: Side) -> dict[str, Any]:
    """Compare two groups' shares: `compare` with intervals that hold for rare events.

    Parameters
    ----------
    measure, name_a, name_b : str
    a, b : Side
        Of values 0 and 1.

    Returns
    -------
    dict
        As `compare`, with ``effect`` in percentage points, and :data:`SHARE_COLUMNS`: log2 of the ratio of the shares
        (half a hit added to each) with its interval, infinite where a side has no hit, and the ``scale`` on which the
        contrast is judged: ``ratio`` where the larger share is under 10 %, else ``points``. Where neither side has a
        hit, or all are, there is no p.

    """
    if min(a.effective_n, b.effective_n) <= 0:
        return compare(measure, name_a, a, name_b, b, unit=0.01) | dict.fromkeys(SHARE_COLUMNS)
    pair = shares.share_of(a), shares.share_of(b)
    scale = "ratio" if shares.rare(*pair) else "points"
    limits = Shares(*pair, share_correlation(a, b))
    row = compare(measure, name_a, a, name_b, b, unit=0.01, unit_name="points", limits=limits)
    ratio = dict.fromkeys(SHARE_COLUMNS, float("nan")) | {"log_ratio": float(shares.log_ratio(*pair)), "scale": scale}
    if not np.isnan(row["ci_low"]):
        ratio["ratio_low"], ratio["ratio_high"] = limits.ratio(ERROR)
    if not np.isnan(row["p"]):
        least = {"ratio": f"a ratio of {shares.OF_INTEREST_RATIO:g}", "points": f"{shares.OF_INTEREST_POINTS:g} points"}
        row["note"] += f"; of interest from {least[scale]}"
        if row["estimate"] == 0 and pair[0].constant and pair[1].constant:
            row |= {"p": float("nan"), "note": CONSTANT_NOTE}
    return row | ratio


class Shares(NamedTuple):
    """Two groups' shares, and the limits of their difference and ratio at any level."""

    a: shares.Share
    b: shares.Share
    correlation: float

    def __call__(self, alpha: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the limits of the difference."""
        return shares.difference_limits(*self, alpha)

    def ratio(self, alpha: float) -> tuple[float, float]:
        """Return the limits of log2 of the ratio."""
        low, high = shares.ratio_limits(*self, alpha)
        return float(low), float(high)


def share_limits_at(a: Side, b: Side, alpha: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of the difference of two shares, and of log2 of their ratio, at another level than .05."""
    limits = Shares(shares.share_of(a), shares.share_of(b), share_correlation(a, b))
    low, high = limits(alpha)
    return (float(low), float(high)), limits.ratio(alpha)


def share_correlation(a: Side, b: Side, known: Sequence[shares.Share] | None = None) -> float:
    """Return the correlation of two shares that the clusters on both sides give.

    ``known`` are the shares where their variances are others than `analysis.compare.shares.share_of` tells.
    """
    if not shared_clusters(a, b):
        return 0.0
    first, second = known or (shares.share_of(a), shares.share_of(b))
    variance = float(first.variance * second.variance)
    if not variance > 0:
        return 0.0
    _, at_a, at_b = np.intersect1d(a.clusters, b.clusters, assume_unique=True, return_indices=True)
    covariance = float(jackknife(a)[at_a] @ jackknife(b)[at_b])
    return float(np.clip(covariance / np.sqrt(variance), -1, 1))


def decide(pairs: Sequence[Sequence[tuple[dict[str, Any], Test | None]]], draws: int, rng: np.random.Generator) -> None:
    """Put a permutation's p into the rows of a table that have a p, and let interval and p agree (:func:`agree`).

    Parameters
    ----------
    pairs : sequence of sequence of (dict, Test)
        For each two groups their rows, with what to permute; a row without it keeps its p.
    draws : int
        Permutations; more where a row stands out among all of the table.
    rng : numpy.random.Generator

    """
    chosen = [[(row, test) for row, test in rows if test is not None and not np.isnan(row["p"])] for rows in pairs]
    family = sum(not np.isnan(row["p"]) for rows in pairs for row, _ in rows)
    for rows in chosen:
        found = permutation_p([test for _, test in rows], draws, rng, family)
        for (row, _), p in zip(rows, found, strict=True):
            agree(row, float(p))


def agree(row: dict[str, Any], p: float) -> None:
    """Put a permutation's p into a row; where it and the interval disagree about 0, the more cautious holds.

    Where the permutation finds something and the interval holds 0, p is that of the interval. Where it finds nothing
    and the interval excludes 0, the end next to 0 moves to where p puts it: with t the normal quantile of p, the
    estimate times 1 - 1.96 / t (the test-based limit of Miettinen 1976, American Journal of Epidemiology 103:226). An
    interval of log2 of a ratio moves likewise. No end goes further beyond 0 than the estimate lies from it (t is .98 at
    least), so that none leaves the scale of a share or a delta where p nears 1.
    """
    held = float(row["p"])
    low, high = settled(row["ci_low"]), settled(row["ci_high"])
    excludes = bool(low > 0 or high < 0)
    if settled(p) < settled(ERROR):
        row["p"] = p if excludes else max(p, held)
        return
    row["p"] = p
    if excludes:
        quantile = float(ndtri(ERROR / 2))
        stretch = 1 - quantile / min(float(ndtri(p / 2)), quantile / 2)
        end = "low" if low > 0 else "high"
        row[f"ci_{end}"] = _towards(row["estimate"] * stretch, end)
        if "log_ratio" in row:
            row[f"ratio_{end}"] = _towards(row["log_ratio"] * stretch, end)


def _towards(value: float, end: str) -> float:
    """Return an end that does not exclude 0."""
    return min(value, 0.0) if end == "low" else max(value, 0.0)


def detectable(se: float, df: float) -> float:
    """Return the true difference that a two-sided 5 % test with this se would find four times in five."""
    return float((stdtrit(df, 0.975) + stdtrit(df, 0.8)) * se)


def withhold(row: dict[str, Any], note: str) -> dict[str, Any]:
    """Return a row that holds no more than its counts, and why."""
    empty = dict.fromkeys(("estimate", "se", "df", "ci_low", "ci_high", "p", "effect"), float("nan"))
    return row | empty | {"note": note}


def finish(rows: Iterable[dict[str, Any]], more: Iterable[str] = ()) -> pd.DataFrame:
    """Make the contrasts table of rows that were declared together.

    ``q`` is Benjamini & Hochberg's (1995) over those rows that have a p. What a row holds beyond :data:`COLUMNS`
    stands after them, and so do the columns ``more``, which the table has without any row too.
    """
    rows = list(rows)
    more = [key for key in dict.fromkeys([*chain.from_iterable(rows), *more]) if key not in COLUMNS]
    table = pd.DataFrame(rows, columns=[*COLUMNS, *more])
    # What is ranked, judged and drawn from here on hangs on no last bit.
    for name in table.select_dtypes("float64"):
        table[name] = settled(table[name])
    for name in SIZES:
        table[name] = table[name].astype("Int64")
    tested = table["p"].notna()
    if tested.any():
        table.loc[tested, "q"] = adjust(table.loc[tested, "p"].to_numpy(dtype=float))
    return table


def adjust(p: np.ndarray) -> np.ndarray:
    """Return Benjamini & Hochberg's (1995) q of a family of p.

    q of the i-th smallest of m is the least of m p_(j) / j over j >= i. (``scipy.stats`` has it too, and takes each
    kernel a second and a half to import.)

    Examples
    --------
    >>> adjust(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]

    """
    order = np.argsort(p)[::-1]
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return q
