"""What the notebooks call: each function compares, draws and saves one part of the study, and returns what to show."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd

from analysis.compare import concepts, vocabulary
from analysis.compare.groups import describe, lawful_pairs, main_groups
from analysis.measure.concepts import read_codebook
from analysis.measure.ordinary import ordinary_shares
from analysis.show import concepts as show_concepts
from analysis.show import contrasts as show_contrasts
from analysis.show import grid as show_grid
from analysis.show import style
from analysis.show import vocabulary as show_vocabulary
from analysis.study.session import Study


def corpus_grid(study: Study) -> style.Saved:
    """Draw who was heard where, when and in which language."""
    grid = show_grid.count_grid(study.measures)
    return style.save(show_grid.draw_grid(grid), grid, study.out, "01-grid")


def corpus_sizes(study: Study) -> pd.DataFrame:
    """Count utterances, threads and clusters by group and language."""
    return describe(study.measures).round(1)


def vocabulary_figures(study: Study, min_count: int, prior_share: float) -> list[style.Saved]:
    """Draw the vocabulary of every pair of groups of one language."""
    saved = []
    groups = [group for group in main_groups(study.own_words) if group.language in {"en", "zh"}]
    counts = {(g.name, g.language): vocabulary.count_terms(study.tokens(g.rows), g.rows["cluster_id"]) for g in groups}
    for a, b in lawful_pairs(groups):
        sides = [counts[group.name, group.language] for group in (a, b)]
        terms = vocabulary.keyness(*sides, ordinary_shares(a.language), min_count=min_count, prior_share=prior_share)
        table = style.rounded(terms)
        sizes = tuple(
            f"{int(side.matrix.sum()):,} words, {len(group.rows):,} utterances, {len(side.clusters):,} clusters"
            for side, group in zip(sides, (a, b), strict=True)
        )
        figure = show_vocabulary.draw_vocabulary(table, a, b, sizes, min_count)
        saved.append(style.save(figure, table, study.out, f"03-keyness-{a.language}-{slug(a.name)}-{slug(b.name)}"))
    return saved


def slug(name: str) -> str:
    """Make a name fit for a file name; one that has to be changed carries its hash, so that names stay different.

    Examples
    --------
    >>> slug("western_commenter"), slug("Reddit 2017-19")
    ('western_commenter', 'Reddit_2017_19_c1db72')

    """
    if re.fullmatch("[a-z0-9_]{1,50}", name):
        return name
    plain = "".join(c if c.isalnum() else "_" for c in name)[:50]
    return f"{plain}_{hashlib.blake2b(name.encode(), digest_size=3).hexdigest()}"


def concept_prevalence(study: Study) -> style.Saved:
    """Draw how often each group speaks of each concept."""
    names = [row["concept"] for row in read_codebook()]
    flagged = concepts.flag_concepts(study.measures, study.mentions, names)
    table = style.rounded(concepts.prevalence(flagged, names, study.weighting))
    return style.save(show_concepts.draw_prevalence(table), table, study.out, "04-prevalence")


def concept_contrasts(study: Study) -> style.Saved:
    """Draw the contrasts of prevalence between all pairs of groups."""
    names = [row["concept"] for row in read_codebook()]
    flagged = concepts.flag_concepts(study.measures, study.mentions, names)
    table = style.rounded(concepts.prevalence_contrasts(flagged, names, study.weighting))
    title = "Difference in how often a concept is mentioned"
    drawn = table.assign(
        unit="points", row_label=[f"{r.measure}: {r.a} - {r.b}".replace("_", " ") for r in table.itertuples()]
    )
    panels = {"points": ("percentage points", concepts.OF_INTEREST_POINTS)}
    figure = show_contrasts.draw_contrasts(drawn, panels, title, "There are no two groups to compare.")
    return style.save(figure, table, study.out, "04-contrasts")


def codebook_table() -> pd.DataFrame:
    """Return the concepts and what they mean."""
    return pd.DataFrame(read_codebook())[["concept", "definition"]]


def unread(study: Study) -> pd.DataFrame:
    """Count the utterances that no instrument could score, by group and language."""
    rows = study.own_words
    scored = np.logical_or.reduce([rows[name].notna() for name in study.scales])
    return rows[~scored].groupby(["group", "language"]).size().rename("utterances without any score").reset_index()
