"""Means, shares and their contrasts, with cluster jackknife intervals.

One table, one row a comparison; its columns are :data:`COLUMNS`. A row about one group has no ``b``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, stdtr, stdtrit

from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, Side
from analysis.digits import settled

COLUMNS = (
    "measure",
    "a",
    "b",
    "estimate",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "p",
    "q",
    "effect",
    "n_a",
    "n_b",
    "clusters_a",
    "clusters_b",
    "clusters_shared",
    "g_a",
    "g_b",
    "note",
)
_COUNTS = ("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared")
FEW_ALONE_NOTE = "few clusters: no interval"
FEW_NOTE = "few clusters: no interval, no p"
FEW_P_NOTE = "few clusters: no p"
_ROUNDING = 1e-12


def jackknife(side: Side) -> np.ndarray:
    """Return how far each left-out cluster moves the mean, scaled so that the squares sum to the variance.

    The delete-one-cluster jackknife: d_c = sqrt((G - 1) / G) (m_(-c) - mean of the m_(-c)), with m_(-c) the mean
    without cluster c (Quenouille 1956; for clusters Cameron & Miller 2015, Journal of Human Resources 50:317).

    Parameters
    ----------
    side : Side
        At least two clusters, else the deviations are NaN.

    Returns
    -------
    numpy.ndarray of float64, shape (clusters,)

    """
    count = len(side.clusters)
    rest = side.weight.sum() - side.weight
    if count < 2 or (rest <= 0).any():  # noqa: PLR2004
        return np.full(count, np.nan)
    without = (side.total.sum() - side.total) / rest
    return np.sqrt((count - 1) / count) * (without - without.mean())


def standard_error(terms: Sequence[tuple[float, Side]]) -> tuple[float, float]:
    """Return the standard error and degrees of freedom of a sum of coefficients times means.

    A cluster that stands on several sides is left out of all of them at once, so that what it shares cancels: the
    variance is the sum over clusters of (sum over sides of coefficient times d)^2, with d = 0 where a cluster is
    absent. Degrees of freedom are Satterthwaite's over the independent parts (the clusters of one set of sides) with
    G* - 1 each, the smallest G* of the sides that share the part.

    Parameters
    ----------
    terms : sequence of (float, Side)

    Returns
    -------
    tuple of float
        NaN where a side has fewer than two clusters.

    """
    names = sorted(set(chain.from_iterable(side.clusters for _, side in terms)))
    moves = np.zeros(len(names))
    membership = np.zeros(len(names), dtype=np.int64)
    for number, (coefficient, side) in enumerate(terms):
        at = np.searchsorted(np.array(names, dtype=object), side.clusters)
        moves[at] += coefficient * jackknife(side)
        membership[at] += 1 << number
    variance, spread = 0.0, 0.0
    for members in np.unique(membership):
        part = float(np.square(moves[membership == members]).sum())
        free = min(side.effective for number, (_, side) in enumerate(terms) if members >> number & 1) - 1
        variance += part
        spread += part**2 / free if part > 0 and free > 0 else 0.0
    if np.isnan(variance):
        return float("nan"), float("nan")
    return float(np.sqrt(variance)), variance**2 / spread if spread > 0 else float("nan")


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

    Returns
    -------
    dict
        One row with the keys :data:`COLUMNS`; ``q`` is NaN until the table is finished. ``estimate`` is
        mean a - mean b, ``effect`` the same in units, ``p`` two-sided from t (a permutation's p may replace it). With
        G* under 5 on a side there is no interval, under 10 no p; the note says so, and else which effect these
        clusters could have shown.

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
        "effect": float("nan") if alone else estimate / unit,
        "n_a": a.n,
        "n_b": None if alone else b.n,
        "clusters_a": len(a.clusters),
        "clusters_b": None if alone else len(b.clusters),
        "clusters_shared": None if alone else len(np.intersect1d(a.clusters, b.clusters)),
        "g_a": a.effective,
        "g_b": float("nan") if alone else b.effective,
        "note": "",
    }
    fewest = min(side.effective for _, side in terms)
    if min(side.n for _, side in terms) == 0:
        return row | {"note": "nothing to measure"}
    if fewest < FEW_FOR_INTERVAL:
        return row | {"note": FEW_ALONE_NOTE if alone else FEW_NOTE}
    se, df = standard_error(terms)
    # Sums of equal numbers differ in their last digits, which is no variation.
    size = max(float(np.abs(side.total).sum() / side.weight.sum()) for _, side in terms)
    if not se > _ROUNDING * size:
        note = "no variation between clusters: no interval"
        return row | {"note": note if alone else note + ", no p"}
    se = float(np.sqrt(se**2 + extra_variance))
    reach = float(stdtrit(df, 0.975)) * se
    row |= {"se": se, "df": df, "ci_low": estimate - reach, "ci_high": estimate + reach}
    if alone:
        return row
    if fewest < FEW_FOR_P:
        return row | {"note": FEW_P_NOTE}
    note = f"80 % power from {detectable(se, df) / unit:.2g} {unit_name}".rstrip()
    if of_interest is not None:
        note += f"; of interest from {of_interest:g} {unit_name}".rstrip()
    return row | {"p": float(2 * stdtr(df, -abs(estimate) / se)), "note": note}


def describe_share(measure: str, name: str, side: Side) -> dict[str, Any]:
    """Describe one group's share: `compare` with the interval on the logit scale.

    A share near 0 scatters further upwards than downwards. Around the share itself an interval covered .936 of planted
    prevalences, missing the high ones, and reached below 0; around its logit, with standard error se / (p (1 - p)) by
    the delta method (Agresti 2013, Categorical Data Analysis, section 3.1), it stays between 0 and 1.

    Parameters
    ----------
    measure, name : str
    side : Side
        Of values 0 and 1.

    Returns
    -------
    dict
        As `compare`; ``se`` stays that of the share.

    """
    row = compare(measure, name, side)
    share, se = row["estimate"], row["se"]
    if not np.isnan(se) and 0 < share < 1:
        reach = float(stdtrit(row["df"], 0.975)) * se / (share * (1 - share))
        row["ci_low"], row["ci_high"] = (float(expit(logit(share) + sign * reach)) for sign in (-1, 1))
    return row


def detectable(se: float, df: float) -> float:
    """Return the true difference that a two-sided 5 % test with this se would find four times in five."""
    return float((stdtrit(df, 0.975) + stdtrit(df, 0.8)) * se)


def finish(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make the contrasts table of rows that were declared together.

    ``q`` is Benjamini & Hochberg's (1995) over those rows that have a p. What a row holds beyond :data:`COLUMNS`
    stands after them.
    """
    rows = list(rows)
    more = list(dict.fromkeys(key for row in rows for key in row if key not in COLUMNS))
    table = pd.DataFrame(rows, columns=[*COLUMNS, *more])
    # What is ranked, judged and drawn from here on hangs on no last bit.
    for name in table.select_dtypes("float64"):
        table[name] = settled(table[name])
    for name in _COUNTS:
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
