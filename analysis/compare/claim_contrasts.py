"""What a claim compares: its two sides and what each utterance has, or why this corpus cannot test it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.compare.claim_rules import AROUND, PREVALENCE, SOURCE, TONE, Claim, GroupFilter
from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS
from analysis.compare.dataset import concept_flags
from analysis.compare.groups import main_groups
from analysis.compare.multiverse import Contrast
from analysis.compare.talk import Talk
from analysis.errors import InputError, plural
from analysis.measure.concepts import LANGUAGES


def claim_contrast(
    claim: Claim, talk: Talk, mentions: pd.DataFrame, concepts: Sequence[str]
) -> tuple[Contrast | None, str]:
    """Return the contrast of a claim; the quotations that it was drawn from are set aside.

    Parameters
    ----------
    concepts : sequence of str
        Those of the codebook.

    Returns
    -------
    tuple
        The contrast, and why the claim cannot be tested here; one of them is nothing.

    Raises
    ------
    InputError
        If the two groups of the claim share an utterance.

    """
    rows = talk.rows
    sides = [group_filter.select(rows) for group_filter in (claim.a, claim.b)]
    if (sides[0] & sides[1]).any():
        raise InputError(f"claim {claim.number}: an utterance is on both sides", column="a, b")
    kept = rows["kept"].to_numpy(dtype=bool)
    own = (rows["collection"] == claim.source).to_numpy(dtype=bool)
    barred = _barred(claim, concepts, rows, [(side & kept, side & kept & ~own) for side in sides])
    if barred:
        return None, barred
    sides = [side & ~own for side in sides]
    value, coded = None, None
    if claim.measure in {AROUND, TONE}:
        sides = _without_strays(rows, sides)
        if claim.measure == AROUND:
            value, barred = _around(talk, sides, mentions, claim)
            coded = None if barred else talk.coded(claim.concepts[0], around=True)
    else:
        value = _flags(talk, mentions, claim)
        sides = [side & ~np.isnan(value) for side in sides]
        if not (value[kept & (sides[0] | sides[1])] > 0).any():
            barred = f"no utterance here mentions {' and '.join(claim.concepts)}"
        elif claim.measure == PREVALENCE:
            coded = talk.coded(claim.concepts[0], around=False)
    names = claim.a.name, claim.b.name
    about = {"value": value, "around": claim.measure == AROUND, "unit": claim.unit, "smallest": claim.smallest}
    contrast = Contrast(claim.number, claim.measure, names, (sides[0], sides[1]), **about, coded=coded)
    return (None, barred) if barred else (contrast, "")


def _barred(
    claim: Claim, concepts: Sequence[str], rows: pd.DataFrame, sides: Sequence[tuple[np.ndarray, np.ndarray]]
) -> str:
    if any(every.any() and not rest.any() for every, rest in sides):
        return SOURCE
    absent = [
        group_filter.name for group_filter, (_, rest) in zip((claim.a, claim.b), sides, strict=True) if not rest.any()
    ]
    if absent:
        return "no utterances of " + " nor of ".join(absent) + _unsaid(claim, rows[rows["kept"]])
    unknown = [concept for concept in claim.concepts if concept not in concepts]
    return f"the codebook has no concept {' nor '.join(map(repr, unknown))}" if unknown else ""


def _unsaid(claim: Claim, rows: pd.DataFrame) -> str:
    """Return of how many utterances nobody said the origin that would put them on a side of a claim."""
    asked = [
        conditions for each in (claim.a, claim.b) for conditions in each.alternatives if "origin" in dict(conditions)
    ]
    others = [tuple(one for one in conditions if one[0] != "origin") for conditions in asked]
    number = int((GroupFilter("", tuple(others)).select(rows) & rows["origin"].isna()).sum()) if others else 0
    return f"; {plural(number, 'utterance')} of vloggers without an origin (vantage retag --origin)" if number else ""


def _without_strays(rows: pd.DataFrame, sides: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Leave out paraphrases, which have no tone, and languages that are strays of a side (see `main_groups`)."""
    own = (rows["evidence"] != "paraphrase").to_numpy()
    out = []
    for side in sides:
        mine = side & own
        kept = rows.loc[mine & rows["kept"].to_numpy(dtype=bool), ["vantage", "collection", "language"]]
        main = [group.language for group in main_groups(kept.assign(group="side"))] if len(kept) else []
        out.append(mine & rows["language"].isin(main).to_numpy())
    return out


def _flags(talk: Talk, mentions: pd.DataFrame, claim: Claim) -> np.ndarray:
    """See whether each utterance mentions the concept, or all at once; NaN in a language without a codebook side."""
    read = np.where(np.isin(talk.language, LANGUAGES), 1.0, np.nan)
    return read * concept_flags(talk.ids, mentions, list(dict.fromkeys(claim.concepts))).prod(axis=0)


def _around(talk: Talk, sides: Sequence[np.ndarray], mentions: pd.DataFrame, claim: Claim) -> tuple[np.ndarray, str]:
    """Return the mean tone around an utterance's mentions, and say where there are too few."""
    mine = mentions[(mentions["concept"] == claim.concepts[0]) & mentions["tone"].notna()]
    by = mine.groupby("utterance_id")["tone"].agg(["mean", "size"])
    at = talk.ids.get_indexer(by.index)
    by, at, rows = by[at >= 0], at[at >= 0], talk.rows
    tone, size = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=int)
    tone[at], size[at] = by["mean"], by["size"]
    counts = []
    for side in sides:
        scored = side & ~np.isnan(tone) & rows["kept"].to_numpy(dtype=bool)
        counts.append((int(size[scored].sum()), rows.loc[scored, "cluster_id"].nunique()))
    few = any(hits < MIN_HITS or clusters < MIN_CLUSTERS for hits, clusters in counts)
    told = " and ".join(f"{hits:,} in {plural(clusters, 'cluster')}" for hits, clusters in counts)
    return tone, f"too few scored mentions ({told}; {MIN_HITS} in {MIN_CLUSTERS} a side are needed)" if few else ""
