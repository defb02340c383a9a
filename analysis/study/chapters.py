"""What the notebooks call: each function compares, draws and saves one part of the study, and returns what to show."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd

from analysis.compare import concepts, tone, vocabulary
from analysis.compare.groups import describe, lawful_pairs, main_groups, split_groups
from analysis.measure.concepts import read_codebook
from analysis.measure.ordinary import ordinary_shares
from analysis.show import concepts as show_concepts
from analysis.show import contrasts as show_contrasts
from analysis.show import grid as show_grid
from analysis.show import style
from analysis.show import tone as show_tone
from analysis.show import vocabulary as show_vocabulary
from analysis.study.session import Study

#: The scales of the instruments that the measures hold; kernels do not import the instruments themselves.
SCALES = {"vader": (-1.0, 1.0), "labmt": (1.0, 9.0)}


def corpus_grid(study: Study) -> style.Saved:
    """Draw who was heard where, when and in which language."""
    grid = show_grid.count_grid(study.measures)
    return style.save(show_grid.draw_grid(grid), grid, study.out, "01-grid")


def corpus_sizes(study: Study) -> pd.DataFrame:
    """Count utterances, threads and clusters by group and language."""
    return describe(study.measures).round(1)


def tone_coverage(study: Study) -> pd.DataFrame:
    """Count the utterances that each instrument could score, by group and language."""
    return tone.coverage(split_groups(study.own_words), tuple(SCALES)).round(3)


def tone_figures(study: Study) -> list[style.Saved]:
    """Draw every utterance on the scale of each instrument, a figure a language."""
    saved = []
    groups = main_groups(study.own_words)
    if len(study.own_words) <= show_tone.FEW:
        groups = [group._replace(rows=study.with_text(group.rows)) for group in groups]
    by_language = sorted(groups, key=lambda group: group.language)
    for instrument, scale in SCALES.items():
        for language, members in groupby(by_language, key=lambda group: group.language):
            scored = [group for group in members if group.rows[instrument].notna().any()]
            if not scored:
                continue
            means = tone.tone_means(scored, instrument, study.weighting)
            table = show_tone.tone_rows(scored, means, instrument, scale)
            figure = show_tone.draw_tone(table, instrument, language, scale)
            saved.append(style.save(figure, table, study.out, f"02-tone-{instrument}-{language}"))
    return saved


def tone_contrasts(study: Study) -> style.Saved:
    """Draw the lawful contrasts of mean tone."""
    table = style.rounded(tone.tone_contrasts(study.own_words, tuple(SCALES), study.weighting))
    title = "Difference in mean tone, within a language"
    figure = show_contrasts.draw_contrasts(table, title, "standard deviations of the scores", tone.OF_INTEREST_SD)
    return style.save(figure, table, study.out, "02-contrasts")


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
    """Make a group's name fit for a file name; names that differ stay different within one study."""
    return "".join(c if c.isalnum() or c == "_" else "_" for c in name)[:60]


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
    figure = show_contrasts.draw_contrasts(table, title, "percentage points", concepts.OF_INTEREST_POINTS)
    return style.save(figure, table, study.out, "04-contrasts")


def codebook_table() -> pd.DataFrame:
    """Return the concepts and what they mean."""
    return pd.DataFrame(read_codebook())[["concept", "definition"]]


def unread(study: Study) -> pd.DataFrame:
    """Count the utterances in languages that no instrument reads."""
    rows = study.measures
    scored = np.logical_or.reduce([rows[name].notna() for name in SCALES])
    return rows[~scored].groupby(["group", "language"]).size().rename("utterances without any score").reset_index()
