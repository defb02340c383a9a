"""Claims held against a corpus: every specification of a contrast, joint tests adjusted together, a verdict a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import paths
from analysis.compare.claim_rules import COLUMNS, LEVEL, NOTHING, Claim, holm, judge, parse_claims, why_untestable
from analysis.compare.dataset import Dataset
from analysis.compare.groups import join_names
from analysis.compare.links import add_linked
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.compare.specifications import COUNTS, INSTRUMENT, NUMBERS, OTHER, RATIO, ClaimInputs, Scores, specify
from analysis.compare.tone import language_levels
from analysis.corpus.readers.table import read_rows
from analysis.digits import rounded
from analysis.measure.options import LAUGHING, MASKED, OTHER_LAUGHTER, UNMASKED
from analysis.measure.pairs import labmt_links

CLAIMS = paths.DATA / "claims.csv"


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
    # The least p is that of no draw as far out as the data, times the tests.
    few = np.isfinite(adjusted).sum() / (draws + 1) >= LEVEL
    nothing = f"{draws} draws are too few for the joint test" if few else NOTHING
    rows = []
    for claim, table, (p, barred), p_holm in zip(claims, tables, found, adjusted, strict=True):
        head = table[table["headline"]].iloc[0].to_dict() if table["headline"].any() else {}
        unit = head.get("unit", claim.unit)
        smallest = OF_INTEREST_LOG2 if unit == RATIO else claim.smallest
        verdict = judge(table, p_holm, claim.sign, smallest, barred, nothing)
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


# What notebook 06 calls -----------------------------------------------------------------------------------------------


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """Read a claims table; InputError names the row and the column that is wrong."""
    return parse_claims(read_rows(path, COLUMNS), path)


def claim_verdicts(study: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold every claim of ``data/claims.csv`` against the corpus: verdicts and specifications (:func:`assess`)."""
    # The headline's instrument is always among them.
    names = list(dict.fromkeys([INSTRUMENT, *study.scales]))
    instruments = {"yes": names, "no": [name for name in names if name in MASKED]}
    # Laughter apart or scored: a fork where anybody laughs.
    masked = _chosen(study.measures, "yes")
    laughing = [
        name for name in names if name in LAUGHING and not study.measures[name + OTHER_LAUGHTER].equals(masked[name])
    ]
    if laughing:
        instruments[OTHER] = laughing
    inputs = ClaimInputs(
        measures=study.measures,
        mentions=study.mentions,
        concepts=study.concepts,
        scores={choice: _scores(study, choice, instruments[choice]) for choice in instruments},
        instruments=instruments,
        links=labmt_links(),
        aligned=_chosen(study.aligned, "yes"),
    )
    verdicts, specifications = assess(read_claims(), inputs, study.rng(), study.parameters.draws)
    return rounded(verdicts), rounded(specifications)


def _scores(study: Dataset, choice: str, instruments: list[str]) -> Scores:
    """Give the plain names to the scores of one choice, whatever the run's own."""
    rows, run = _chosen(study.measures, choice), study.parameters.laughter
    own = rows["evidence"] != "paraphrase"
    laughter = run if choice != OTHER else "score" if run == "apart" else "apart"
    levels = language_levels(study, rows[own], instruments, masked=choice != "no", laughter=laughter)
    return Scores(add_linked(rows, labmt_links()), levels, laughter)


def _chosen(rows: pd.DataFrame, choice: str) -> pd.DataFrame:
    if choice == OTHER:
        return rows.assign(**{name: rows[name + OTHER_LAUGHTER] for name in LAUGHING})
    return rows.assign(**{name: rows[name + ("_masked" if choice == "yes" else UNMASKED)] for name in MASKED})


def claim_rows(verdicts: pd.DataFrame, specifications: pd.DataFrame) -> pd.DataFrame:
    """Return one table of all that the figure draws: ``row`` tells a ``claim`` from a ``specification`` of it."""
    columns = ["row", *dict.fromkeys([*verdicts, *specifications])]
    tables = [verdicts.assign(row="claim"), specifications.assign(row="specification")]
    whole = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    return whole.reindex(columns=columns)
