"""Claims held against a corpus: every specification of a contrast, joint tests adjusted together, a verdict a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.claims import Claim, holm, judge, why_untestable
from analysis.compare.groups import join_names
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.compare.specifications import COUNTS, NUMBERS, RATIO, ClaimInputs, specify


def assess(
    claims: Sequence[Claim], inputs: ClaimInputs, rng: np.random.Generator, draws: int = 1999
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold claims against a corpus.

    Returns
    -------
    tuple of pandas.DataFrame
        The verdicts, one row a claim: ``id, claim, document, measure, concept, a, b, direction, smallest, unit,
        analysis`` (the headline in words), ``effect, ci_low, ci_high, low_90, high_90, gap_low, gap_high, median,
        specifications, p, p_holm``, the counts of the headline, ``collections_a, collections_b, verdict, reason,
        needs``; effects of a minus b in ``unit``: where both shares are under 10 % that is ``log2 ratio``, and the
        smallest effect of interest a ratio of 1.5, whatever the claims table says in points. The specifications, one
        row each: ``id, headline, counted, view, instrument, masked, laughter, weighting, evidence, effect, ci_low,
        ci_high, low_90, high_90, gap_low, gap_high, unit, estimate, se, df``, the counts, ``note``.

    """
    tables, found = [], []
    # A generator a claim: what one gets does not depend on the others.
    for claim, own in zip(claims, rng.spawn(len(claims)), strict=True):
        table, p, barred = specify(claim, inputs, own, draws)
        tables.append(table)
        found.append((np.nan if why_untestable(table, barred) else p, barred))
    adjusted = holm(np.array([p for p, _ in found], dtype=float))
    rows = []
    for claim, table, (p, barred), p_holm in zip(claims, tables, found, adjusted, strict=True):
        head = table[table["headline"]].iloc[0].to_dict() if table["headline"].any() else {}
        unit = head.get("unit", claim.unit)
        smallest = OF_INTEREST_LOG2 if unit == RATIO else claim.smallest
        verdict = judge(table, p_holm, claim.sign, smallest, barred)
        counted = table.loc[table["counted"], "effect"]
        rows.append(
            {
                "id": claim.number,
                "claim": claim.text,
                "document": " + ".join(claim.documents),
                "measure": claim.measure,
                "concept": " + ".join(claim.concepts),
                "a": claim.a.name,
                "b": claim.b.name,
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
                **_collections(claim, inputs.measures),
                "verdict": verdict.word,
                "reason": verdict.reason,
                "needs": claim.needs,
            }
        )
    verdicts = pd.DataFrame(rows)
    whole = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    for name in ("n_a", "n_b", "clusters_a", "clusters_b", "clusters_shared"):
        verdicts[name], whole[name] = verdicts[name].astype("Int64"), whole[name].astype("Int64")
    for name in ("g_a", "g_b"):
        verdicts[name] = verdicts[name].astype(float)
    return verdicts, whole


def _collections(claim: Claim, measures: pd.DataFrame) -> dict[str, str]:
    """Name what each side stands for here, the claim's own source left out."""
    names = measures["collection"].where(measures["collection"] != claim.source)
    sides = {"a": claim.a, "b": claim.b}
    return {f"collections_{side}": join_names(names[who.select(measures)].dropna()) for side, who in sides.items()}


def _describe(head: Mapping[str, Any]) -> str:
    names = [head.get("instrument"), head.get("view"), "masked" if head.get("masked") == "yes" else ""]
    return ", ".join(filter(None, [*names, f"{head['weighting']}-weighted"])) if head else ""
