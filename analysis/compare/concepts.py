"""How often each group speaks of a concept: shares, and their contrasts, across languages too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.compare.clusters import Side, weigh
from analysis.compare.contrasts import compare_shares, decide, describe_share, finish
from analysis.compare.groups import describe_group, group_order, require_one_language
from analysis.compare.permutation import share_test

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


def make_sides(rows: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance") -> dict[str, Side]:
    """Sum a group's flags by cluster: `analysis.compare.clusters.make_side` of each concept, clusters coded once."""
    weights = weigh(rows["cluster_id"], weighting, rows["likes"])
    return {concept: weights.side(rows[concept].to_numpy()[weights.kept]) for concept in concepts}


def prevalence(flagged: pd.DataFrame, concepts: list[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return the share of each group's utterances that mention each concept, with its interval.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, one row a concept (``measure``) and group (``a``), and ``hits, languages, label``.

    """
    _require_flags(flagged, concepts)
    names = group_order(flagged["group"])
    groups = {name: flagged[flagged["group"] == name] for name in names}
    sides = {name: make_sides(mine, concepts, weighting) for name, mine in groups.items()}
    about = {
        name: {"languages": "+".join(sorted(set(mine["language"]))), **describe_group(name, mine)}
        for name, mine in groups.items()
    }
    rows = [describe_share(concept, name, sides[name][concept]) for concept in concepts for name in names]
    more = [{"hits": int(groups[name][concept].sum()), **about[name]} for concept in concepts for name in names]
    return pd.concat([finish(rows), pd.DataFrame(more)], axis=1)


def prevalence_contrasts(
    flagged: pd.DataFrame,
    concepts: list[str],
    weighting: str = "utterance",
    rng: np.random.Generator | None = None,
    draws: int = 1999,
) -> pd.DataFrame:
    """Return the contrasts of prevalence between all pairs of groups (`analysis.compare.contrasts.compare_shares`).

    Parameters
    ----------
    flagged : pandas.DataFrame
        Of :func:`flag_concepts`.
    concepts : list of str
    weighting : {"utterance", "cluster", "likes"}
    rng : numpy.random.Generator, optional
        With it ``p`` is from permuting clusters: shares are lawful across languages, and so are exchanged clusters.
        Without it ``p`` is that of the interval.
    draws : int
        Permutations.

    """
    _require_flags(flagged, concepts)
    names = group_order(flagged["group"])
    sides = {name: make_sides(flagged[flagged["group"] == name], concepts, weighting) for name in names}
    pairs = []
    for a, b in combinations(names, 2):
        both = {concept: (sides[a][concept], sides[b][concept]) for concept in concepts}
        pairs.append([(compare_shares(concept, a, x, b, y), share_test(x, y)) for concept, (x, y) in both.items()])
    if rng is not None:
        decide(pairs, draws, rng)
    return finish(row for rows in pairs for row, _ in rows)
