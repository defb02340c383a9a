"""What the choices do to a result: how far analyses agree, and which choice moves them most."""

from __future__ import annotations

from typing import NamedTuple

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
    known = _Known.of(table)
    rows = [known.row(np.ones(len(table), dtype=bool), "", "") | {"p": p}]
    axes = []
    for axis in AXES:
        chosen = table[axis].to_numpy(dtype=object)
        mine = known.drawn & (chosen != "")
        part = [known.row(chosen == choice, axis, choice) for choice in sorted(set(chosen[mine]))]
        if len(part) < 2:  # noqa: PLR2004
            continue
        medians = pd.Series({row["choice"]: row["median"] for row in part})
        means = [known.effect[mine & (chosen == choice)] for choice in medians.index]
        middle = known.effect[mine].mean()
        between = sum(len(one) * (one.mean() - middle) ** 2 for one in means)
        whole = float(np.square(known.effect[known.drawn] - known.effect[known.drawn].mean()).sum())
        explained = float(settled(between / whole)) if settled(whole) > 0 else float("nan")
        apart = stands_apart(medians)
        part.sort(key=lambda row: (float(settled(row["median"])), row["choice"]))
        head = {"axis": axis, "choice": "", "explained": explained, "reach": float(medians.max() - medians.min())}
        axes.append([head, *(row | {"apart": "yes" if row["choice"] == apart else ""} for row in part)])
    axes.sort(key=lambda part: -np.nan_to_num(part[0]["explained"]))
    out = pd.DataFrame([*rows, *(row for part in axes for row in part)]).reindex(columns=list(COLUMNS))
    out["id"] = table["id"].iloc[0] if len(table) else ""
    for name in ("specifications", "drawn", "gaps", "same_sign", "beyond_zero"):
        out[name] = out[name].astype("Int64")
    out["apart"] = out["apart"].astype(object).where(out["apart"].notna(), "")
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


class _Known(NamedTuple):
    """The multiverse in arrays; ``sign`` is the side of 0 of the median, by which all choices are counted."""

    drawn: np.ndarray
    effect: np.ndarray
    beyond: np.ndarray
    sign: float

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Known:
        effect, low, high = (table[name].to_numpy(dtype=float) for name in ("effect", "ci_low", "ci_high"))
        drawn = ~np.isnan(low)
        sign = float(np.sign(settled(np.median(effect[drawn])))) if drawn.any() else 0.0
        return cls(drawn, effect, settled(low) > 0 if sign > 0 else settled(high) < 0, sign)

    def row(self, part: np.ndarray, axis: str, choice: str) -> dict[str, object]:
        """Sum up a part of the specifications."""
        mine = part & self.drawn
        effect = self.effect[mine] if mine.any() else np.array([np.nan])
        return {
            "axis": axis,
            "choice": choice,
            "specifications": int(part.sum()),
            "drawn": int(mine.sum()),
            "gaps": int((part & ~self.drawn).sum()),
            "median": float(np.median(effect)),
            "lowest": float(effect.min()),
            "highest": float(effect.max()),
            "same_sign": int((np.sign(settled(effect)) == self.sign).sum()),
            "beyond_zero": int((mine & self.beyond).sum()),
        }
