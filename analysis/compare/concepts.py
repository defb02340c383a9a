"""How often each group speaks of a concept: shares, and their contrasts, across languages too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis import paths
from analysis.compare.clusters import Side, weigh
from analysis.compare.contrasts import SHARE_COLUMNS, compare_shares, decide, describe_share, finish
from analysis.compare.dataset import Dataset
from analysis.compare.groups import describe_group, group_order
from analysis.compare.kept import kept
from analysis.compare.pairings import require_one_language
from analysis.compare.permutation import share_test
from analysis.digits import rounded
from analysis.errors import ParameterError
from analysis.measure.concepts import read_codebook

#: What reading the codebook's hits, one by one, has found.
CHECKS = paths.DATA / "concept_checks.csv"


def _require_flags(flagged: pd.DataFrame, concepts: Sequence[str]) -> None:
    """Refuse scores in several languages: only what is 0 or 1 is a share, and shares may be compared across them.

    Raises
    ------
    ParameterError
        If a concept is no column of the table.

    """
    if isinstance(concepts, str):
        raise ParameterError(f"{concepts!r} is no list of concepts (accepted: [{concepts!r}])")
    unknown = [repr(concept) for concept in concepts if concept not in flagged]
    if unknown:
        raise ParameterError(f"{', '.join(unknown)} in no column of the table (accepted: the names in study.concepts)")
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
    about = {name: describe_group(name, mine) for name, mine in groups.items()}
    rows = [describe_share(concept, name, sides[name][concept]) for concept in concepts for name in names]
    more = [{"hits": int(groups[name][concept].sum()), **about[name]} for concept in concepts for name in names]
    told = ["hits", "languages", "vantage", "label", "units_a"]
    return pd.concat([finish(rows), pd.DataFrame(more, columns=told)], axis=1)


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
        Of `analysis.compare.dataset.flag_concepts`.
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
    return finish((row for rows in pairs for row, _ in rows), SHARE_COLUMNS)


# What notebook 04 calls -----------------------------------------------------------------------------------------------


@kept
def concept_prevalence(study: Dataset) -> pd.DataFrame:
    """Return how often each group speaks of each concept (see :func:`prevalence`)."""
    weighting = study.parameters.weighting
    return rounded(prevalence(study.mentioned, study.concepts, weighting).assign(weighting=weighting))


@kept
def concept_differences(study: Dataset) -> pd.DataFrame:
    """Compare how often each pair of groups speaks of each concept (see :func:`prevalence_contrasts`)."""
    options = study.parameters
    table = prevalence_contrasts(study.mentioned, study.concepts, options.weighting, study.rng(), options.draws)
    return rounded(table.assign(unit="points", weighting=options.weighting))


def codebook() -> pd.DataFrame:
    """Return the concepts of the codebook and what they mean."""
    return pd.DataFrame(read_codebook())[["concept", "definition"]]


def codebook_checks() -> pd.DataFrame:
    """Return how often the codebook was right where somebody read what it found; no rows if nobody has."""
    if not CHECKS.is_file():
        return pd.DataFrame(columns=["concept", "language", "n", "right"])
    return pd.read_csv(CHECKS, keep_default_na=False, na_values=[""])
