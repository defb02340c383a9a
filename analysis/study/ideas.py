"""What notebook 04 calls: what each group speaks of, and how it means the same word."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from analysis import paths
from analysis.compare import comention, concepts, contested, timeline
from analysis.compare.groups import join_names, main_groups
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.compare.statistics import OF_INTEREST
from analysis.corpus import store
from analysis.digits import settled
from analysis.measure.concepts import read_codebook
from analysis.show import comention as show_comention
from analysis.show import concepts as show_concepts
from analysis.show import contested as show_contested
from analysis.show import contrasts as show_contrasts
from analysis.show import style
from analysis.show import timeline as show_timeline
from analysis.study.prose import Paragraphs
from analysis.study.sentiment import tone_levels
from analysis.study.session import Study

#: What reading the codebook's hits, one by one, has found.
CHECKS = paths.DATA / "concept_checks.csv"
#: A figure of contrasts holds so many, the largest; the CSV holds them all.
MOST = 40


def codebook_table() -> pd.DataFrame:
    """Return the concepts and what they mean."""
    return pd.DataFrame(read_codebook())[["concept", "definition"]]


def codebook_checks() -> pd.DataFrame | Paragraphs:
    """Return how often the codebook was right where somebody read what it found, or say that nobody has."""
    if not CHECKS.is_file():
        return Paragraphs("Nobody has recorded how often the codebook is right: what follows holds its errors too.")
    return pd.read_csv(CHECKS, keep_default_na=False, na_values=[""])


def concept_prevalence(study: Study) -> style.Saved:
    """Draw how often each group speaks of each concept."""
    names, flagged = _flagged(study)
    table = style.rounded(concepts.prevalence(flagged, names, study.weighting))
    return study.save(show_concepts.draw_prevalence(table), table, "04-prevalence")


def concept_contrasts(study: Study, draws: int = 1999, seed: int = 1) -> style.Saved:
    """Draw the contrasts of prevalence between all pairs of groups."""
    names, flagged = _flagged(study)
    rng = np.random.default_rng(seed)
    table = style.rounded(concepts.prevalence_contrasts(flagged, names, study.weighting, rng, draws))
    panels = {"points": ("percentage points", OF_INTEREST["points"]), **show_contrasts.RATIO}
    return _contrasts(study, table.assign(unit="points"), panels, "How often a concept is mentioned", "04-contrasts")


def contested_figures(study: Study, draws: int = 1999, seed: int = 1, lens: float = 0.5) -> list[style.Saved]:
    """Draw the tone around each concept by group, and the contrasts of it.

    Parameters
    ----------
    study : Study
    draws, seed : int
        Permutations of clusters, and the seed of their generator.
    lens : float
        The lens of the run, for the level of ordinary language.

    """
    rows = study.own_words
    # A group of paraphrases alone is still a group: its empty cells are to be seen.
    groups = [
        group._replace(rows=group.rows[group.rows["evidence"] != "paraphrase"])
        for group in main_groups(study.measures)
        if group.language in concepts.READ
    ]
    names = [row["concept"] for row in read_codebook()]
    levels = tone_levels(rows, (contested.TONE,), lens, masked=study.masked, laughter=study.laughter)
    cells = contested.make_cells(groups, study.mentions, names)
    basis = contested.choose_basis(groups, levels)
    contrasts = contested.contested_contrasts(cells, levels, basis, np.random.default_rng(seed), study.weighting, draws)
    table = contested.by_distance(contested.contested(cells, levels, basis, study.weighting), contrasts)
    table = style.rounded(table)
    references = {
        language: join_names(level.rows["collection"])
        for (kind, _, language), level in sorted(levels.items(), key=lambda item: item[0])
        if kind == basis and level.rows is not None
    }
    figure = show_contested.draw_contested(table, references)
    unit = f"sd of {basis}"
    panels = {unit: (f"standard deviations of the {basis} of the language", OF_INTEREST["sd"])}
    return [
        study.save(figure, table, "04-contested"),
        _contrasts(
            study,
            style.rounded(contrasts).assign(unit=unit),
            panels,
            "Tone around a concept",
            "04-contested-contrasts",
        ),
    ]


def comention_figures(study: Study, draws: int = 1999, seed: int = 1) -> list[style.Saved]:
    """Draw which concepts go together in whose talk, and the contrasts of it.

    Parameters
    ----------
    study : Study
    draws, seed : int
        Permutations of clusters, and the seed of their generator.

    """
    names, flagged = _flagged(study)
    flagged = flagged.assign(length=pc.list_value_length(study.tokens(flagged)).to_numpy(zero_copy_only=False))
    table = style.rounded(comention.comention(flagged, names, study.weighting))
    rng = np.random.default_rng(seed)
    contrasts = style.rounded(comention.comention_contrasts(flagged, names, study.weighting, rng, draws))
    panels = {
        "log2": ("log2 of the ratio of observed to expected; 1 is twice", OF_INTEREST_LOG2),
        "points": ("percentage points of utterances with both", OF_INTEREST["points"]),
        **show_contrasts.RATIO,
    }
    drawn = contrasts[contrasts["measure"].isin(show_comention.chosen_pairs(table))]
    return [
        study.save(show_comention.draw_comention(table), table, "04-comention"),
        _contrasts(study, contrasts, panels, "Two concepts together", "04-comention-contrasts", drawn),
    ]


def concept_timeline(study: Study) -> style.Saved:
    """Draw how often each group speaks of each concept over time."""
    names, flagged = _flagged(study)
    dates = store.read_corpus(study.corpus, ["utterance_id", "posted_at", "time_precision"])
    flagged, step = timeline.add_period(flagged, dates)
    table = style.rounded(timeline.timeline(flagged, names, study.weighting))
    return study.save(show_timeline.draw_timeline(table, timeline.dated(flagged), step), table, "04-timeline")


def _flagged(study: Study) -> tuple[list[str], pd.DataFrame]:
    names = [row["concept"] for row in read_codebook()]
    return names, concepts.flag_concepts(study.measures, study.mentions, names)


def _contrasts(
    study: Study,
    table: pd.DataFrame,
    panels: dict[str, tuple[str, float]],
    title: str,
    name: str,
    among: pd.DataFrame | None = None,
) -> style.Saved:
    """Draw the contrasts that have an estimate, at most :data:`MOST`, and save the whole table."""
    given = (table if among is None else among).dropna(subset=["effect"])
    given = show_contrasts.by_scale(given) if "scale" in given else given
    size = pd.Series(settled(given["effect"].abs()), index=given.index)
    places = size.groupby(given["unit"]).rank(method="first", ascending=False)
    drawn = given[places <= MOST // max(given["unit"].nunique(), 1)]
    labels = [f"{row.measure}: {row.a} - {row.b}".replace("_", " ") for row in drawn.itertuples()]
    some = (
        ""
        if len(drawn) == len(table)
        else f"\n{len(drawn)} of {len(table)} contrasts, the largest of those that can be given; all are in the CSV"
    )
    empty = "There are no two groups with enough of a concept to compare."
    drawn = drawn.assign(row_label=labels) if len(drawn) else drawn.assign(row_label="")
    figure = show_contrasts.draw_contrasts(drawn, panels, f"{title}: differences between groups{some}", empty)
    return study.save(figure, table, name)
