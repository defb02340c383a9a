"""Claims: what the seeds say of how the vantages differ, and the rule that was fixed before looking.

A claim is one contrast of two groups in a stated direction. :func:`judge` is the rule. It knows nothing of
how the contrast was made: `analysis.compare.multiverse` makes it by every specification that is lawful here, and
`analysis.compare.claims` puts the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.clusters import FEW_FOR_P
from analysis.compare.groups import called, plain_name
from analysis.corpus.schema import ACCEPTED, VLOGGER
from analysis.digits import effective, settled
from analysis.errors import InputError

COLUMNS = (
    *("id", "claim", "document", "measure", "concept", "a_name", "a", "b_name", "b"),
    *("direction", "smallest", "source", "needs"),
)
PREVALENCE, AROUND, TONE, TOGETHER = "prevalence", "tone around a concept", "overall tone", "co-mention"
#: How many concepts a measure takes, and the unit of its effects.
MEASURES = {PREVALENCE: (1, "points"), AROUND: (1, "sd"), TONE: (0, "sd"), TOGETHER: (2, "points")}
DIRECTIONS = {"higher": 1, "lower": -1}
#: What a group can be defined by.
FIELDS = ("vantage", "origin", "platform", "kind", "year")

#: The verdicts, in the order in which they are told.
VERDICTS = ("supported", "contradicted", "negligible", "undecided", "untestable")
SUPPORTED, CONTRADICTED, NEGLIGIBLE, UNDECIDED, UNTESTABLE = VERDICTS
SOURCE = "source of the claim"
#: Why a claim is undecided that no other condition bars.
NOTHING = "the joint test finds nothing"
#: The level of the joint test after Holm's adjustment.
LEVEL = 0.05
#: What stands between the name of vloggers and where all of them are from.
_ALL = ", all "
_ENDS = ("ci_low", "ci_high", "low_90", "high_90", "gap_low", "gap_high")


class GroupFilter(NamedTuple):
    """A group: its name, and alternatives that are each a set of (column, value) conditions."""

    name: str
    alternatives: tuple[tuple[tuple[str, str], ...], ...]

    def select(self, measures: pd.DataFrame) -> np.ndarray:
        """Return which utterances are theirs, as booleans of shape (utterances,)."""
        out = np.zeros(len(measures), dtype=bool)
        for conditions in self.alternatives:
            mine = np.ones(len(measures), dtype=bool)
            for column, value in conditions:
                wanted = int(value) if column == "year" else value
                mine &= (measures[column] == wanted).fillna(value=False).to_numpy(dtype=bool)
            out |= mine
        return out

    def present(self, measures: pd.DataFrame) -> str:
        """Name who of them is there: those alternatives that are, and of vloggers where all are from.

        Returns
        -------
        str
            The group's own name where it has one alternative that is there whole, or none of them is there.

        """
        parts = [self._replace(alternatives=(conditions,)) for conditions in self.alternatives]
        there = [conditions for part in parts for conditions in part.alternatives if part.select(measures).any()]
        if len(parts) > 1 and there:
            return " and ".join(called(", ".join(value for _, value in conditions)) for conditions in there)
        said = dict(self.alternatives[0])
        if said.get("vantage") == VLOGGER and "origin" not in said:
            origins = measures.loc[self.select(measures), "origin"].unique()
            if len(origins) == 1 and not pd.isna(origins[0]):
                return f"{self.name}{_ALL}{plain_name(origins[0])}"
        return self.name


def comma_after(name: str) -> str:
    """Return the comma that parts such a name as "vloggers of 2025, all western" from what follows it.

    Examples
    --------
    >>> comma_after("vloggers, all western"), comma_after("vloggers")
    (',', '')

    """
    return "," if _ALL in name else ""


class Claim(NamedTuple):
    """One row of the claims table; ``sign`` is 1 where a is to be higher than b, -1 where lower."""

    number: str
    text: str
    documents: tuple[str, ...]
    measure: str
    concepts: tuple[str, ...]
    a: GroupFilter
    b: GroupFilter
    sign: int
    smallest: float
    unit: str
    source: str
    needs: str


class Verdict(NamedTuple):
    """One word of five, and why."""

    word: str
    reason: str


def parse_claims(rows: Iterable[Mapping[str, str | None]], file: object = None) -> list[Claim]:
    """Read the rows of a claims table.

    Parameters
    ----------
    rows : iterable of mapping
        With the columns :data:`COLUMNS`. Groups are conditions joined by ``+``, alternatives by ``|``:
        ``vantage=western_commenter | vantage=vlogger + origin=western``.
    file : object
        What errors name.

    Raises
    ------
    InputError
        It names the row, the column and what is accepted.

    """
    out: list[Claim] = []
    for row, cells in enumerate(rows, start=1):
        place = {"file": file, "row": row}
        text: dict[str, str] = {}
        for column in COLUMNS:
            if cells.get(column) is None:
                raise InputError("a cell of the row is missing", **place, column=column, accepted=COLUMNS)
            text[column] = str(cells[column]).strip()
            if not text[column] and column != "concept":
                raise InputError("is empty", **place, column=column)
        if text["id"] in {claim.number for claim in out}:
            raise InputError(f"'{text['id']}' occurs twice", **place, column="id")
        for column, accepted in (("measure", MEASURES), ("direction", DIRECTIONS)):
            if text[column] not in accepted:
                raise InputError(f"'{text[column]}' is not known", **place, column=column, accepted=accepted)
        count, unit = MEASURES[text["measure"]]
        concepts = tuple(filter(None, _parts(text["concept"], "+")))
        if len(concepts) != count:
            accepted = ["nothing", "one concept", "two, joined by '+'"][count : count + 1]
            raise InputError(f"holds {len(concepts)} concepts", **place, column="concept", accepted=accepted)
        found = re.fullmatch(rf"([0-9]+(?:\.[0-9]+)?) {unit}", text["smallest"])
        if found is None or float(found[1]) <= 0:
            raise InputError(
                f"'{text['smallest']}' is not a size", **place, column="smallest", accepted=[f"a number and '{unit}'"]
            )
        sides = [GroupFilter(text[f"{side}_name"], _alternatives(text[side], side, file, row)) for side in ("a", "b")]
        out.append(
            Claim(
                *(text["id"], text["claim"], _parts(text["document"], "+"), text["measure"], concepts, *sides),
                *(DIRECTIONS[text["direction"]], float(found[1]), unit, text["source"], text["needs"]),
            )
        )
    return out


def _parts(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark))


def _alternatives(text: str, column: str, file: object, row: int) -> tuple[tuple[tuple[str, str], ...], ...]:
    out = []
    for alternative in _parts(text, "|"):
        conditions = []
        for condition in _parts(alternative, "+"):
            field, equals, value = condition.partition("=")
            problem, accepted = f"'{condition}' is not a condition", [f"{name}=VALUE" for name in FIELDS]
            if equals and field in FIELDS:
                accepted = ["year=YYYY"] if field == "year" else [f"{field}={one}" for one in ACCEPTED.get(field, ())]
                good = re.fullmatch("[0-9]{4}", value) if field == "year" else value in ACCEPTED.get(field, (value,))
                problem = "" if good and value else f"'{value}' is not a valid {field}"
            if problem:
                raise InputError(problem, file=file, row=row, column=column, accepted=accepted)
            conditions.append((field, value))
        out.append(tuple(conditions))
    return tuple(out)


def holm(p: np.ndarray) -> np.ndarray:
    """Return Holm's (1979, Scandinavian Journal of Statistics 6:65) adjusted p of a family; NaN is no member of it.

    The i-th smallest of m is multiplied by m - i + 1, no p ends below a smaller one's, none above 1.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]

    """
    out = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    out[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return out


def why_untestable(rows: pd.DataFrame, barred: str = "") -> str:
    """Return why a claim cannot be tested, or nothing: the first step of :func:`judge`."""
    if barred:
        return barred
    head = rows[rows["headline"]]
    if head.empty:
        return "nothing to measure"
    row = head.iloc[0]
    if pd.isna(row["effect"]):
        return str(row["note"]) or "nothing to measure"
    if settled(min(row["g_a"], row["g_b"])) < FEW_FOR_P:
        sizes = f"{effective(row['g_a'])} and {effective(row['g_b'])}"
        return f"too few effective clusters ({sizes}; {FEW_FOR_P:g} a side are needed)"
    return "" if row["counted"] else str(row["note"])


def judge(
    rows: pd.DataFrame, p: float, sign: int, smallest: float, barred: str = "", nothing: str = NOTHING
) -> Verdict:
    """Apply the rule that was fixed before looking.

    In this order, the first that holds: *untestable* (``barred``, nothing to measure, G* under 10 on a side, no
    interval); *supported* (the headline's 95 % interval lies beyond 0 in the claimed direction, the median of the
    specifications too, and the joint test has p < .05 after Holm); *contradicted* (the same, the other way);
    *negligible* (the headline's 90 % interval lies inside plus and minus the smallest effect, which is two one-sided
    tests at 5 %; Schuirmann 1987); else *undecided*.

    Where the headline crosses languages, both intervals are first stretched by what the same comparison leaves on
    aligned text of one content: beyond 0 is then beyond 0 and the gap (as `analysis.compare.links.exceeds`), and
    nothing is called negligible that the gap could hide.

    Parameters
    ----------
    rows : pandas.DataFrame
        The specifications: ``headline`` and ``counted`` (booleans; what is not counted has no interval or too few
        clusters), ``effect, ci_low, ci_high, low_90, high_90`` of a minus b in units, ``gap_low, gap_high`` (0 within a
        language), ``g_a, g_b, note``.
    p : float
        Of the joint test, two-sided, adjusted.
    sign : {1, -1}
        Whether a is claimed to be higher or lower than b.
    smallest : float
        The smallest effect of interest, in the same units.
    barred : str
        Why the claim cannot be tested here, whatever the numbers.
    nothing : str
        What is said of a joint test that has no p < .05.

    """
    why = why_untestable(rows, barred)
    if why:
        return Verdict(UNTESTABLE, why)
    head = rows[rows["headline"]].iloc[0]
    median = sign * float(settled(rows.loc[rows["counted"], "effect"].median()))
    # Ends are settled before they are subtracted: a difference of near numbers is all last digits.
    ends = dict(zip(_ENDS, settled(head[list(_ENDS)]).tolist(), strict=True))
    over, under = max(ends["gap_high"], 0.0), min(ends["gap_low"], 0.0)
    low, high = sorted((sign * (ends["ci_low"] - over), sign * (ends["ci_high"] - under)))
    lowest, highest = settled((ends["low_90"] - over, ends["high_90"] - under))
    small = bool(-settled(smallest) < lowest and highest < settled(smallest))
    significant = bool(settled(p) < settled(LEVEL))
    limit = ", but within the smallest effect" if small else ""
    if low > 0 and median > 0 and significant:
        return Verdict(SUPPORTED, f"all three conditions hold{limit}")
    if high < 0 and median < 0 and significant:
        return Verdict(CONTRADICTED, f"all three conditions hold the other way{limit}")
    if small:
        return Verdict(NEGLIGIBLE, "the 90 % interval lies within the smallest effect")
    missing = []
    if ends["ci_low"] <= 0 <= ends["ci_high"]:
        missing.append("the interval is compatible with no difference")
    elif low <= 0 <= high:
        missing.append("the interval does not exceed the gap between translations of the same lines")
    elif np.sign(low) != np.sign(median):
        missing.append("the specifications' median points the other way")
    if not significant:
        missing.append(nothing)
    return Verdict(UNDECIDED, " and ".join(missing))
