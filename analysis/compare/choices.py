"""What the choices do to a result: how far analyses agree, and which choice moves them most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.multiverse import AXES
from analysis.digits import settled

#: A choice stands apart whose median lies so many times as far from the others' middle as they do.
APART = 5.0
#: Among fewer choices none stands apart: the others are no measure of what is usual.
FEWEST = 6
_SUMS = ("specifications", "drawn", "gaps", "median", "same_sign", "beyond_zero", "p")
COLUMNS = ("id", "axis", "choice", *_SUMS[:4], "lowest", "highest", *_SUMS[4:], "explained", "reach", "apart")


def summarise(table: pd.DataFrame, p: float = float("nan")) -> pd.DataFrame:
    """Sum up the multiverse of one contrast: as a whole, and by every choice.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.multiverse.explore`.
    p : float
        Of the joint test.

    Returns
    -------
    pandas.DataFrame
        First a row of all (``axis`` is empty): ``specifications``; ``drawn``, those with an interval; ``gaps``, those
        without; the ``median`` effect; ``same_sign`` and ``beyond_zero``, how many of the drawn are on its side of 0,
        and with their interval; ``p``. Then a row an axis: ``explained`` is the share of the variance of the drawn
        effects that lies between its choices, taken alone (eta squared; where an axis does not apply, an analysis is
        left aside), and ``reach`` the distance from the lowest to the highest median of a choice; the one that moves
        the result most comes first. After each its choices, by median; ``apart`` is ``yes`` for the one whose median
        lies more than five times as far from the middle of the other choices' as these do among themselves.

    """
    drawn = table[table["ci_low"].notna()]
    rows = [_row(table, "", "", table) | {"p": p}]
    axes = []
    for axis in AXES:
        mine = drawn[drawn[axis] != ""]
        choices = list(dict.fromkeys(mine[axis]))
        if len(choices) < 2:  # noqa: PLR2004
            continue
        medians = mine.groupby(axis)["effect"].median()
        whole = float(np.square(drawn["effect"] - drawn["effect"].mean()).sum())
        means = mine.groupby(axis)["effect"].transform("mean")
        between = float(np.square(means - mine["effect"].mean()).sum())
        explained = float(settled(between / whole)) if settled(whole) > 0 else float("nan")
        apart = stands_apart(medians)
        part = [_row(table[table[axis] == choice], axis, choice, table) for choice in sorted(choices)]
        part.sort(key=lambda row: (float(settled(row["median"])), row["choice"]))
        reach = float(medians.max() - medians.min())
        head = {"axis": axis, "choice": "", "explained": explained, "reach": reach}
        axes.append([head, *(row | {"apart": "yes" if row["choice"] == apart else ""} for row in part)])
    axes.sort(key=lambda part: -np.nan_to_num(part[0]["explained"]))
    out = pd.DataFrame([*rows, *(row for part in axes for row in part)]).reindex(columns=list(COLUMNS))
    out["id"] = table["id"].iloc[0] if len(table) else ""
    for name in ("specifications", "drawn", "gaps", "same_sign", "beyond_zero"):
        out[name] = out[name].astype("Int64")
    out["apart"] = out["apart"].fillna("")
    return out


def stands_apart(medians: pd.Series) -> str:
    """Return the choice that lies far from all others, or nothing.

    Examples
    --------
    >>> stands_apart(pd.Series([0.1, 0.12, 0.09, 1.0, 0.11, 0.1], list("abcdef"))), stands_apart(pd.Series([0, 1]))
    ('d', '')

    """
    if len(medians) < FEWEST:
        return ""
    far = {}
    for choice in medians.index:
        others = medians.drop(choice)
        spread = float((others - others.median()).abs().median())
        far[choice] = abs(float(medians[choice] - others.median())) / max(spread, 1e-9)
    most = max(far, key=lambda choice: float(settled(far[choice])))
    return str(most) if settled(far[most]) > APART else ""


def _row(part: pd.DataFrame, axis: str, choice: str, whole: pd.DataFrame) -> dict[str, object]:
    drawn = part[part["ci_low"].notna()]
    all_drawn = whole.loc[whole["ci_low"].notna(), "effect"]
    # The side that is counted is the whole's, so that choices can be compared.
    sign = np.sign(settled(all_drawn.median())) if len(all_drawn) else 0.0
    effect, ends = settled(drawn["effect"]), settled(drawn[["ci_low", "ci_high"]])
    beyond = np.where(sign > 0, ends[:, 0] > 0, ends[:, 1] < 0) if len(drawn) else np.zeros(0, dtype=bool)
    return {
        "axis": axis,
        "choice": choice,
        "specifications": len(part),
        "drawn": len(drawn),
        "gaps": len(part) - len(drawn),
        "median": drawn["effect"].median(),
        "lowest": drawn["effect"].min(),
        "highest": drawn["effect"].max(),
        "same_sign": int((np.sign(effect) == sign).sum()),
        "beyond_zero": int(beyond.sum()),
    }
