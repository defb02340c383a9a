"""Means, shares and their contrasts, with cluster jackknife intervals.

One table, one row a comparison; its columns are :data:`COLUMNS`. A row about one group has no ``b``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit
from scipy.stats import false_discovery_control

from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, Side

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
_NOTHING = Side(np.array([], dtype=object), np.array([]), np.array([]), 0)


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


def compare(
    measure: str,
    name_a: str,
    a: Side,
    name_b: str | None = None,
    b: Side | None = None,
    *,
    unit: float = 1.0,
    unit_name: str = "",
    of_interest: float | None = None,
) -> dict[str, Any]:
    """Compare two groups' means, or describe one.

    A cluster that stands on both sides is left out of both at once, so that what it shares cancels: the variance
    is the sum over clusters of (d_a - d_b)^2, with d = 0 where a cluster is absent. Degrees of freedom are
    Satterthwaite's over three independent parts (clusters of a alone, of b alone, of both) with G* - 1 each, the
    smaller G* for the shared part.

    Parameters
    ----------
    measure : str
        What is averaged.
    name_a, name_b : str
        The groups.
    a, b : Side
        Their sums by cluster; without ``b`` the row is about ``a`` alone and has no p.
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
        mean a - mean b, ``effect`` the same in units. With G* under 5 on a side there is no interval, under 10 no p;
        the note says so, and else which effect these clusters could have shown.

    """
    alone = b is None
    b = _NOTHING if b is None else b
    d_a, d_b = jackknife(a), jackknife(b)
    shared, in_a, in_b = np.intersect1d(a.clusters, b.clusters, assume_unique=True, return_indices=True)
    only_a, only_b = np.delete(d_a, in_a), np.delete(d_b, in_b)
    both = d_a[in_a] - d_b[in_b]
    sides = [a] if alone else [a, b]
    fewest = min(side.effective for side in sides)
    parts = [(float(np.square(only_a).sum()), a.effective - 1)]
    if not alone:
        parts += [(float(np.square(only_b).sum()), b.effective - 1), (float(np.square(both).sum()), fewest - 1)]
    variance = sum(part for part, _ in parts)
    row: dict[str, Any] = dict.fromkeys(COLUMNS, float("nan"))
    row |= {
        "measure": measure,
        "a": name_a,
        "b": name_b,
        "estimate": a.mean if alone else a.mean - b.mean,
        "effect": float("nan") if alone else (a.mean - b.mean) / unit,
        "n_a": a.n,
        "n_b": None if alone else b.n,
        "clusters_a": len(a.clusters),
        "clusters_b": None if alone else len(b.clusters),
        "clusters_shared": None if alone else len(shared),
        "g_a": a.effective,
        "g_b": float("nan") if alone else b.effective,
        "note": "",
    }
    if min(side.n for side in sides) == 0:
        return row | {"note": "nothing to measure"}
    if fewest < FEW_FOR_INTERVAL:
        return row | {"note": "few clusters: no interval, no p"}
    if not variance > 0:
        return row | {"note": "no variation between clusters: no interval, no p"}
    df = variance**2 / sum(part**2 / free for part, free in parts if part > 0)
    se = float(np.sqrt(variance))
    reach = float(stdtrit(df, 0.975)) * se
    row |= {"se": se, "df": df, "ci_low": row["estimate"] - reach, "ci_high": row["estimate"] + reach}
    if alone:
        return row
    if fewest < FEW_FOR_P:
        return row | {"note": "few clusters: no p"}
    note = f"80 % power from {detectable(se, df) / unit:.2g} {unit_name}".rstrip()
    if of_interest is not None:
        note += f"; of interest from {of_interest:g} {unit_name}".rstrip()
    return row | {"p": float(2 * stdtr(df, -abs(row["estimate"]) / se)), "note": note}


def detectable(se: float, df: float) -> float:
    """Return the true difference that a two-sided 5 % test with this se would find four times in five."""
    return float((stdtrit(df, 0.975) + stdtrit(df, 0.8)) * se)


def finish(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make the contrasts table of rows that were declared together.

    ``q`` is Benjamini & Hochberg's (1995) over those rows that have a p.
    """
    table = pd.DataFrame(list(rows), columns=list(COLUMNS))
    for name in ("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared"):
        table[name] = table[name].astype("Int64")
    tested = table["p"].notna()
    if tested.any():
        table.loc[tested, "q"] = false_discovery_control(table.loc[tested, "p"])
    return table
