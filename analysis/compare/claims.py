"""Claims held against a corpus: the multiverse of each contrast, joint tests adjusted together, a verdict a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import paths
from analysis.compare.claim_contrasts import claim_contrast
from analysis.compare.claim_rules import (
    COLUMNS,
    FIELDS,
    LEVEL,
    NOTHING,
    UNTESTABLE,
    Claim,
    GroupFilter,
    holm,
    judge,
    parse_claims,
    why_untestable,
)
from analysis.compare.coded_scores import CORRECTED
from analysis.compare.contrasts import SIZES, cause
from analysis.compare.dataset import Dataset
from analysis.compare.groups import CLUSTER_COLUMNS, cluster_noun, join_names, noun_of, one_vantage
from analysis.compare.kept import kept
from analysis.compare.multiverse import COLUMNS as SPECIFIED
from analysis.compare.multiverse import COUNTS, NO_VIEW, NUMBERS, RATIO, explore
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.compare.talk import COUNTING, Talk, study_talk
from analysis.corpus.readers.table import read_rows
from analysis.digits import rounded, settled

CLAIMS = paths.DATA / "claims.csv"
_SIDES = ("a", "b", "collections_a", "collections_b", "units_a", "units_b")


class Explored(NamedTuple):
    """A claim by every specification.

    Attributes
    ----------
    claim : Claim
    barred : str
        Why it cannot be tested here, or nothing.
    table : pandas.DataFrame
        A row a specification (`analysis.compare.multiverse.explore`), none where there is no contrast.
    p : float
        Of the joint test.
    vantages : tuple of str
        Of both sides (`analysis.compare.groups.one_vantage`); empty where there is no contrast.
    units : tuple of str
        What the clusters of both sides are (`analysis.compare.groups.cluster_noun`); empty likewise.

    """

    claim: Claim
    barred: str
    table: pd.DataFrame
    p: float
    vantages: tuple[str, ...]
    units: tuple[str, ...]


def explore_claims(
    claims: Sequence[Claim],
    talk: Talk,
    mentions: pd.DataFrame,
    concepts: Sequence[str],
    rng: np.random.Generator,
    draws: int = 1999,
) -> list[Explored]:
    """Make the contrast of each claim by every specification."""
    found = []
    # A generator a claim: what one gets does not depend on the others.
    for claim, own in zip(claims, rng.spawn(len(claims)), strict=True):
        contrast, barred = claim_contrast(claim, talk, mentions, concepts)
        table, p, vantages, units = pd.DataFrame(columns=list(SPECIFIED)), np.nan, (), ()
        if contrast is not None:
            table, p = explore(contrast, talk, own, draws)
            barred = barred or ("" if table["view"].any() or table["headline"].any() else NO_VIEW)
            vantages = tuple(one_vantage(talk.rows.loc[side, ["vantage"]]) for side in contrast.sides)
            units = tuple(noun_of(talk.kinds[side]) for side in contrast.sides)
        found.append(Explored(claim, barred, table.astype({"headline": bool, "counted": bool}), p, vantages, units))
    return found


def assess(explored: Sequence[Explored], there: pd.DataFrame, draws: int = 1999) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold claims against a corpus.

    Parameters
    ----------
    there : pandas.DataFrame
        The utterances that the run's own choices keep.
    draws : int
        With which the claims were explored.

    Returns
    -------
    tuple of pandas.DataFrame
        The verdicts, one row a claim: ``id, claim, document, measure, concept, a, b`` (who of the two sides is in the
        corpus), ``collections_a, collections_b, units_a, units_b`` (what the clusters of a side are, see
        `analysis.compare.groups.cluster_noun`), ``direction, smallest, unit, analysis`` (the headline in words),
        ``effect, ci_low, ci_high, low_90, high_90, gap_low, gap_high, median, specifications, p, p_holm``, the counts
        of the headline, ``verdict, reason, needs``; effects of a minus b in ``unit``: where both shares are under 10 %
        that is ``log2 ratio``, and the smallest effect of interest a ratio of 1.5, whatever the claims table says in
        points. The multiverse, one row a specification (`analysis.compare.multiverse.explore`).

    """
    tables = [one.table for one in explored]
    tested = [np.nan if why_untestable(one.table, one.barred) else one.p for one in explored]
    adjusted = holm(np.array(tested, dtype=float))
    # The least p is that of no draw as far out as the data, times the tests.
    few = np.isfinite(adjusted).sum() / (draws + 1) >= LEVEL
    nothing = f"{draws} draws are too few for the joint test" if few else NOTHING
    sides = cache(partial(_side, there))  # few groups are in all claims
    rows = []
    for (claim, barred, table, *_), p, p_holm in zip(explored, tested, adjusted, strict=True):
        head = table[table["headline"]].iloc[0].to_dict() if table["headline"].any() else {}
        unit = head.get("unit", claim.unit)
        smallest = OF_INTEREST_LOG2 if unit == RATIO else claim.smallest
        verdict = judge(table, p_holm, claim.sign, smallest, barred, nothing)
        named = sides(claim.a, claim.source), sides(claim.b, claim.source)
        counted = table.loc[table["counted"], "effect"]
        rows.append(
            {
                "id": claim.number,
                "claim": claim.text,
                "document": " + ".join(claim.documents),
                "measure": claim.measure,
                "concept": " + ".join(claim.concepts),
                **dict(zip(_SIDES, chain.from_iterable(zip(*named, strict=True)), strict=True)),
                "direction": "higher" if claim.sign > 0 else "lower",
                "smallest": smallest,
                "unit": unit,
                "analysis": _describe(head),
                **{key: head.get(key, np.nan) for key in NUMBERS},
                "median": counted.median(),
                "specifications": len(counted),
                "p": p,
                "p_holm": p_holm,
                **{key: head.get(key) for key in COUNTS[:-1]},
                "verdict": verdict.word,
                "reason": verdict.reason + ("" if verdict.word == UNTESTABLE else _by_codes(table, head, claim.sign)),
                "needs": claim.needs,
            }
        )
    verdicts = pd.DataFrame(rows)
    whole = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    for name in SIZES:
        verdicts[name], whole[name] = verdicts[name].astype("Int64"), whole[name].astype("Int64")
    for name in ("g_a", "g_b"):
        verdicts[name] = verdicts[name].astype(float)
    return verdicts, whole


def _side(measures: pd.DataFrame, who: GroupFilter, source: str) -> tuple[str, str, str]:
    """Name whom a side is judged on, its collections and what its clusters are; the claim's source is left out."""
    rows = measures[who.select(measures) & (measures["collection"] != source).to_numpy()]
    return who.present(rows), join_names(rows["collection"]), cluster_noun(rows)


def _describe(head: Mapping[str, Any]) -> str:
    names = [head.get("instrument"), head.get("view"), "masked" if head.get("masked") == "yes" else ""]
    return ", ".join(filter(None, [*names, f"{head['weighting']}-weighted"])) if head else ""


def _by_codes(table: pd.DataFrame, head: Mapping[str, Any], sign: int) -> str:
    """Say what becomes of the headline where human codes correct it; nothing where there are none."""
    same = (table["instrument"] == CORRECTED) & (table["weighting"] == head["weighting"])
    found = table[same & (table[list(COUNTING)] == [head[name] for name in COUNTING]).all(axis=1)]
    if found.empty:
        return ""
    row = found.iloc[0]
    if np.isnan(row["ci_low"]):
        return f"; not corrected by codes: {cause(row['note'])}"
    low, high = sorted(settled(sign * row[["ci_low", "ci_high"]].to_numpy(dtype=float)))
    where = "lies beyond 0 as claimed" if low > 0 else "lies beyond 0 against the claim" if high < 0 else "includes 0"
    return f"; corrected by codes, the interval {where}"


# What notebook 06 calls -----------------------------------------------------------------------------------------------


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """Read a claims table; InputError names the row and the column that is wrong."""
    return parse_claims(read_rows(path, COLUMNS), path)


@kept
def explored_claims(study: Dataset) -> list[Explored]:
    """Make every claim of ``data/claims.csv`` by every specification (:func:`explore_claims`)."""
    draws = study.parameters.draws
    return explore_claims(read_claims(), study_talk(study), study.mentions, study.concepts, study.rng(), draws)


@kept
def claim_verdicts(study: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold every claim of ``data/claims.csv`` against the corpus: verdicts and specifications (:func:`assess`)."""
    there = study.measures[list(dict.fromkeys([*CLUSTER_COLUMNS, *FIELDS, "collection"]))]
    verdicts, specifications = assess(explored_claims(study), there, study.parameters.draws)
    return rounded(verdicts), rounded(specifications)


def claim_rows(verdicts: pd.DataFrame, specifications: pd.DataFrame) -> pd.DataFrame:
    """Return one table of all that the figure draws: ``row`` tells a ``claim`` from a ``specification`` of it."""
    columns = ["row", *dict.fromkeys([*verdicts, *specifications])]
    tables = [verdicts.assign(row="claim"), specifications.assign(row="specification")]
    whole = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    return whole.reindex(columns=columns)
