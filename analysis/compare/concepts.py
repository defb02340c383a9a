"""How often each group speaks of a concept: shares, and their contrasts, across languages too."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from analysis.compare.clusters import make_side
from analysis.compare.contrasts import compare, finish
from analysis.compare.groups import group_order, join_names, one_vantage, require_one_language

#: The smallest difference worth speaking of, stated before looking, in percentage points.
OF_INTEREST_POINTS = 5.0

#: Languages that the codebook has a side in.
READ = ("en", "zh")


def flag_concepts(measures: pd.DataFrame, mentions: pd.DataFrame, concepts: list[str]) -> pd.DataFrame:
    """Add one column a concept: 1 where the utterance mentions it, 0 where not.

    Utterances in a language without a codebook side are left out: not to mention is not the same as not to be read.
    """
    out = measures[measures["language"].isin(READ)].copy()
    for concept in concepts:
        ids = mentions.loc[mentions["concept"] == concept, "utterance_id"]
        out[concept] = out["utterance_id"].isin(ids).astype(float)
    return out


def _require_flags(flagged: pd.DataFrame, concepts: list[str]) -> None:
    """Refuse scores in several languages: only what is 0 or 1 is a share, and shares may be compared across them."""
    for concept in concepts:
        if not flagged[concept].isin((0, 1)).all():
            require_one_language(concept, flagged)


def prevalence(flagged: pd.DataFrame, concepts: list[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return the share of each group's utterances that mention each concept, with its interval.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, one row a concept (``measure``) and group (``a``), and ``hits, languages, label``.

    """
    _require_flags(flagged, concepts)
    rows, more = [], []
    for concept in concepts:
        for name in group_order(flagged["group"]):
            mine = flagged[flagged["group"] == name]
            rows.append(compare(concept, name, make_side(mine[concept], mine["cluster_id"], weighting, mine["likes"])))
            more.append(
                {
                    "hits": int(mine[concept].sum()),
                    "languages": "+".join(sorted(set(mine["language"]))),
                    "vantage": one_vantage(mine),
                    "label": f"{name.replace('_', ' ')} ({join_names(mine['collection'])})",
                }
            )
    return pd.concat([finish(rows), pd.DataFrame(more)], axis=1)


def prevalence_contrasts(flagged: pd.DataFrame, concepts: list[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return the contrasts of prevalence between all pairs of groups; ``effect`` is in percentage points."""
    _require_flags(flagged, concepts)
    rows = []
    for a, b in combinations(group_order(flagged["group"]), 2):
        for concept in concepts:
            sides = []
            for name in (a, b):
                mine = flagged[flagged["group"] == name]
                sides.append(make_side(mine[concept], mine["cluster_id"], weighting, mine["likes"]))
            row = compare(
                concept, a, sides[0], b, sides[1], unit=0.01, unit_name="points", of_interest=OF_INTEREST_POINTS
            )
            rows.append(row)
    return finish(rows)
