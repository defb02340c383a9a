"""What notebook 02 calls: how warmly each side speaks, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from analysis.compare import across, tone
from analysis.compare.groups import LANGUAGE_NAMES, Group, main_groups
from analysis.compare.links import add_linked
from analysis.compare.statistics import OF_INTEREST
from analysis.measure.background import background_shares
from analysis.measure.laughter import Laughter
from analysis.measure.lexicon import word_means
from analysis.measure.options import LAUGHING, MASKED, OTHER_LAUGHTER, READS, UNMASKED
from analysis.measure.pairs import labmt_links
from analysis.show import contrasts as show_contrasts
from analysis.show import dots as show_dots
from analysis.show import style
from analysis.show import tone as show_tone
from analysis.study.session import Study, slug

_PANELS = {
    "sd": ("standard deviations of the scores", OF_INTEREST["sd"]),
    "delta": ("Cliff's delta, -1 to 1", OF_INTEREST["delta"]),
    "points": ("percentage points", OF_INTEREST["points"]),
    **show_contrasts.RATIO,
}
_WORD_MEANS = ("labmt", "nrcvad")


@dataclass(frozen=True)
class Tone:
    """The tables of notebook 02, for its figures and its paragraphs."""

    coverage: pd.DataFrame
    contrasts: pd.DataFrame
    across: pd.DataFrame
    masking: pd.DataFrame
    laughter: pd.DataFrame
    laughing: pd.DataFrame


def tone_tables(study: Study, draws: int = 1999, seed: int = 1, lens: float = 0.5) -> Tone:
    """Compare the tone of every pair of groups in every lawful way.

    Parameters
    ----------
    study : Study
    draws, seed : int
        Permutations of clusters, and the seed of their generator.
    lens : float
        The lens of the run, for the level of ordinary language.

    Returns
    -------
    Tone

    """
    rows = study.own_words
    reads = {name: READS.get(name, tuple(LANGUAGE_NAMES)) for name in study.scales}
    twins = {name: name + UNMASKED for name in MASKED if name in study.scales}
    masked = rows.assign(**{name: rows[f"{name}_masked"] for name in twins})
    contrasts = tone.tone_contrasts(rows, study.neutral, np.random.default_rng(seed), study.weighting, draws)
    return Tone(
        coverage=style.rounded(tone.coverage(main_groups(rows), reads)),
        contrasts=style.rounded(contrasts),
        across=style.rounded(_across(study, lens)),
        masking=style.rounded(tone.masking(main_groups(masked), twins, study.weighting)),
        laughter=style.rounded(_laughs(rows)),
        laughing=style.rounded(_laughing(study, rows)),
    )


def _laughs(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the share of utterances that laugh, which is what their channel covers."""
    table = tone.coverage(main_groups(rows), {Laughter.name: Laughter.languages})
    return table.assign(measure=table["measure"].str.replace("coverage", "share"))


def _laughing(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Compare each group's mean tone with laughter apart and with laughter scored."""
    others = {name: name + OTHER_LAUGHTER for name in LAUGHING if name in study.scales}
    masked = rows.assign(**{name: rows[f"{name}_masked"] for name in others if name in MASKED})
    pairs = others if study.laughter == "apart" else {other: name for name, other in others.items()}
    table = tone.masking(main_groups(masked), pairs, study.weighting)
    table["instrument"] = table["instrument"].str.removesuffix(OTHER_LAUGHTER)
    return table.assign(a="apart", b="scored").rename(columns={"masked": "apart", "unmasked": "scored"})


def _across(study: Study, lens: float) -> pd.DataFrame:
    links = labmt_links()
    rows, aligned = (add_linked(frame, links) for frame in (study.own_words, study.aligned))
    levels = tone_levels(rows, tuple(study.scales), lens, masked=study.masked, laughter=study.laughter)
    return across.crossings(rows, aligned, levels, links, study.weighting)


def tone_levels(
    rows: pd.DataFrame, instruments: tuple[str, ...], lens: float, *, masked: bool, laughter: str
) -> across.Levels:
    """Return what each language is measured from: the reference collections of the rows, and ordinary language."""
    levels = across.reference_levels(rows, instruments)
    for instrument in (name for name in _WORD_MEANS if name in instruments):
        tool = word_means(instrument, lens, masked=masked, laughter=laughter == "score")
        for language, ratings in tool.ratings.items():
            level = across.background_level(background_shares(language), ratings)
            levels["ordinary language", instrument, language] = level
    return levels


def coverage_figure(study: Study, tables: Tone) -> style.Saved:
    """Draw how much of each group's talk each instrument reads."""
    return study.save(show_dots.draw_coverage(tables.coverage), tables.coverage, "02-coverage")


def tone_figures(study: Study) -> list[style.Saved]:
    """Draw every utterance on the scale of each instrument, a figure a language."""
    saved = []
    by_language = sorted(main_groups(study.own_words), key=lambda group: group.language)
    for instrument, scale in study.scales.items():
        for language, members in groupby(by_language, key=lambda group: group.language):
            scored = [group for group in members if group.rows[instrument].notna().any()]
            if scored:
                saved.append(_tone_figure(study, scored, instrument, language, scale))
    return saved


def _tone_figure(
    study: Study, groups: list[Group], instrument: str, language: str, scale: tuple[float, float]
) -> style.Saved:
    means = tone.tone_means(groups, instrument, study.weighting)
    if sum(len(group.rows) for group in groups) <= show_tone.FEW:
        groups = [group._replace(rows=study.with_text(group.rows)) for group in groups]
    table = show_tone.tone_rows(groups, means, instrument, scale)
    figure = show_tone.draw_tone(table, instrument, language, scale)
    return study.save(figure, table, f"02-tone-{slug(instrument)}-{language}")


def contrast_figures(study: Study, tables: Tone) -> list[style.Saved]:
    """Draw every statistic of each pair of groups of one language, a figure a pair."""
    saved = []
    names = {(group.name, group.language): group.label for group in main_groups(study.own_words)}
    for (a, b, language), table in tables.contrasts.groupby(["a", "b", "language"], sort=False):
        label = table["instrument"] + ": " + table["statistic"] + " (" + table["weighting"] + ")"
        title = f"Tone of words in {LANGUAGE_NAMES[language]}: {names[a, language]}\nminus {names[b, language]}"
        drawn = show_contrasts.by_scale(table.assign(row_label=label))
        figure = show_contrasts.draw_contrasts(drawn, _PANELS, title, "")
        saved.append(study.save(figure, table, f"02-contrasts-{language}-{slug(a)}-{slug(b)}"))
    return saved


def across_figure(study: Study, tables: Tone) -> style.Saved:
    """Draw the lawful comparisons across languages, beside what they leave on aligned text."""
    table = tables.across
    label = [f"{r.a} (zh) - {r.b} (en): {r.instrument}, {r.view}" for r in table.itertuples()]
    title = "Tone of words across languages: every lawful view (Chinese side minus English side)"
    empty = "No two groups of different languages have scores here: there is nothing to compare across languages."
    drawn = table.assign(row_label=label) if len(table) else table.assign(row_label="", unit="")
    return study.save(show_contrasts.draw_contrasts(drawn, _PANELS, title, empty), table, "02-across")


def laughter_figure(study: Study, tables: Tone) -> style.Saved:
    """Draw how much of each group's talk laughs, the channel beside tone."""
    return study.save(show_dots.draw_laughter(tables.laughter), tables.laughter, "02-laughter")


def laughter_table(tables: Tone) -> pd.DataFrame:
    """Return what scoring laughter would do to each mean, in standard deviations of the scores."""
    columns = ["label", "language", "instrument", "apart", "scored", "effect", "ci_low", "ci_high", "note"]
    return tables.laughing[columns].round(3)


def masking_figure(study: Study, tables: Tone) -> style.Saved:
    """Draw what masking names, titles and topic words changes."""
    return study.save(show_dots.draw_masking(tables.masking), tables.masking, "02-masking")
