"""The tone of words: means by group, and every statistic of every lawful pair within a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.across import WORD_MEANS, Levels, crossings, ordinary_levels, reference_levels
from analysis.compare.clusters import WEIGHTINGS, Side, make_side
from analysis.compare.concordance import visible
from analysis.compare.contrasts import SHARE_COLUMNS, compare, compare_shares, decide, describe_share, finish
from analysis.compare.dataset import Dataset
from analysis.compare.groups import LANGUAGE_NAMES, Group, main_groups
from analysis.compare.kept import kept
from analysis.compare.links import add_linked
from analysis.compare.pairings import lawful_pairs, require_one_language
from analysis.compare.statistics import OF_INTEREST, Statistic, all_statistics, make_scored, mean_difference
from analysis.digits import rounded, settled
from analysis.measure.laughter import Laughter
from analysis.measure.lexicon import word_means
from analysis.measure.options import LAUGHING, MASKED, OTHER_LAUGHTER, READS, UNMASKED
from analysis.measure.pairs import labmt_links

#: For each instrument and language the lowest and the highest neutral score.
Neutral = Mapping[tuple[str, str], tuple[float, float]]

#: Up to this many utterances of a language are listed one by one, with their words; more as shares of a bin.
FEW = 40
_BINS = 60
#: Characters of an utterance that are listed.
_QUOTED = 64
_SCORE_COLUMNS = (
    *("instrument", "language", "scale_low", "scale_high", "part", "group", "vantage", "label", "estimate", "ci_low"),
    *("ci_high", "n_a", "unscored", "clusters_a", "g_a", "units_a", "utterance_id", "text", "units", "bin_low"),
    *("bin_high", "share", "note"),
)
_CONTRAST_KEYS = ("instrument", "language", "statistic", "weighting", "unit", *SHARE_COLUMNS)


def tone_side(rows: pd.DataFrame, instrument: str, weighting: str = "utterance") -> Side:
    """Sum a group's scores by cluster.

    Raises
    ------
    CrossLanguageError
        If scored rows are in more than one language.

    """
    require_one_language(instrument, rows)
    return make_side(rows[instrument], rows["cluster_id"], weighting, rows["likes"])


def _row(measure: str, names: tuple[str, str], statistic: Statistic) -> dict[str, Any]:
    if statistic.unit_name == "points":
        return compare_shares(measure, names[0], statistic.sides[0], names[1], statistic.sides[1])
    return compare(
        measure,
        names[0],
        statistic.sides[0],
        names[1],
        statistic.sides[1],
        estimate=statistic.estimate,
        unit=statistic.unit,
        unit_name=statistic.unit_name,
        of_interest=OF_INTEREST[statistic.unit_name],
        limits=statistic.limits,
    )


def tone_means(groups: list[Group], instrument: str, weighting: str = "utterance") -> pd.DataFrame:
    """Return the mean tone of each group that has a score, one row a group and language, with its interval."""
    rows = []
    for group in groups:
        if group.rows[instrument].notna().any():
            row = compare(instrument, group.name, tone_side(group.rows, instrument, weighting))
            rows.append({**row, "language": group.language, "label": group.label})
    return finish(rows, ("language", "label"))


def tone_contrasts(
    measures: pd.DataFrame,
    neutral: Neutral,
    rng: np.random.Generator,
    weighting: str = "utterance",
    draws: int = 1999,
) -> pd.DataFrame:
    """Return every statistic of every lawful pair of groups (one language), by instrument.

    Parameters
    ----------
    measures : pandas.DataFrame
        With ``group``.
    neutral : mapping of (str, str) to tuple of float
        The instruments and languages, with the lowest and the highest neutral score.
    rng : numpy.random.Generator
        For the permutations.
    weighting : {"utterance", "cluster", "likes"}
        Of all statistics; means come in every weighting that the data allow.
    draws : int
        Permutations.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, then ``instrument, language, statistic, weighting, unit``, and of shares
        `analysis.compare.contrasts.SHARE_COLUMNS`. ``p`` is from permuting clusters, ``q`` over the whole table. Where
        the asked weighting allows nothing (no likes are known) there is one row of the mean, which says so.

    """
    pairs = []
    for a, b in lawful_pairs(main_groups(measures)):
        made = []
        for instrument, band in ((name, band) for (name, language), band in neutral.items() if language == a.language):
            if not (a.rows[instrument].notna().any() and b.rows[instrument].notna().any()):
                continue
            for weighted, statistic in _statistics(a, b, instrument, band, weighting):
                row = _row(f"{instrument}:{a.language} {statistic.name}", (a.name, b.name), statistic)
                keys = (instrument, a.language, statistic.name, weighted, statistic.unit_name)
                made.append((row | dict(zip(_CONTRAST_KEYS, keys, strict=False)), statistic.test))
        pairs.append(made)
    decide(pairs, draws, rng)
    return finish((row for rows in pairs for row, _ in rows), _CONTRAST_KEYS)


def _statistics(
    a: Group, b: Group, instrument: str, neutral: tuple[float, float], weighting: str
) -> list[tuple[str, Statistic]]:
    out = []
    for weighted in WEIGHTINGS:
        sides = [make_scored(group.rows, instrument, weighted) for group in (a, b)]
        # Likes that nobody gave or knows weigh nothing.
        nothing = min(side.weights.sum() for side in sides) <= 0
        if nothing and weighted != weighting:
            continue
        if weighted == weighting and not nothing:
            out += [(weighted, statistic) for statistic in all_statistics(*sides, neutral)]
        else:
            out.append((weighted, mean_difference(*sides)))
    return out


def main_weighting(contrasts: pd.DataFrame) -> str:
    """Return the weighting that was asked for when a table of :func:`tone_contrasts` was made.

    All statistics but the means have it, and so has a mean of which there is nothing.
    """
    asked = contrasts.loc[(contrasts["statistic"] != "mean") | contrasts["estimate"].isna(), "weighting"]
    return str(asked.iloc[0]) if len(asked) else "utterance"


def coverage(groups: list[Group], reads: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the share of utterances that have a score, by group, language and instrument, with its interval.

    Parameters
    ----------
    reads : mapping of str to sequence of str
        The instruments, and the languages that each reads: the others are not its to score.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``a`` is the group), then ``instrument, language, vantage, label, scored, units``
        (mean scored units of a scored utterance), ``units_a`` (what its clusters are).

    """
    rows = []
    for group in groups:
        for instrument in (name for name, languages in reads.items() if group.language in languages):
            scored = group.rows[instrument].notna()
            side = make_side(scored.astype(float), group.rows["cluster_id"])
            units = group.rows.loc[scored, f"{instrument}_n"]
            rows.append(
                {
                    **describe_share(f"{instrument}:{group.language} coverage", group.name, side),
                    "instrument": instrument,
                    "language": group.language,
                    "vantage": group.vantage,
                    "label": group.label,
                    "scored": int(scored.sum()),
                    "units": float(units.mean()) if len(units) else float("nan"),
                    "units_a": group.units,
                }
            )
    return finish(rows, ("instrument", "language", "vantage", "label", "scored", "units", "units_a"))


def masking(groups: list[Group], pairs: Mapping[str, str], weighting: str = "utterance") -> pd.DataFrame:
    """Compare each group's mean with topic words masked and unmasked.

    Parameters
    ----------
    pairs : mapping of str to str
        Masked instrument to its unmasked twin.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``a`` masked, ``b`` unmasked, the same clusters on both sides), then ``group,
        instrument, language, vantage, label, masked, unmasked`` (the two means) and ``units_a``; effects in sd of the
        masked scores.

    """
    rows = []
    for group in groups:
        for masked, unmasked in pairs.items():
            if not group.rows[masked].notna().any():
                continue
            sides = [tone_side(group.rows, name, weighting) for name in (masked, unmasked)]
            spread = float(group.rows[masked].std())
            row = compare(
                f"{masked}:{group.language}", "masked", sides[0], "unmasked", sides[1], unit=spread, unit_name="sd"
            )
            more = {"group": group.name, "instrument": masked, "language": group.language, "vantage": group.vantage}
            more |= {"label": group.label, "masked": sides[0].mean, "unmasked": sides[1].mean, "units_a": group.units}
            rows.append(row | more)
    return finish(rows, ("group", "instrument", "language", "vantage", "label", "masked", "unmasked", "units_a"))


# What notebook 02 calls -----------------------------------------------------------------------------------------------


def tone_coverage(study: Dataset) -> pd.DataFrame:
    """Return how much of each group's talk each instrument reads (see :func:`coverage`)."""
    return rounded(coverage(study.groups, {name: READS.get(name, tuple(LANGUAGE_NAMES)) for name in study.scales}))


def laughter_shares(study: Dataset) -> pd.DataFrame:
    """Return the share of each group's utterances that laugh, which is what the channel of laughter covers."""
    table = coverage(study.groups, {Laughter.name: Laughter.languages})
    return rounded(table.assign(measure=table["measure"].str.replace("coverage", "share")))


def laughter_effect(study: Dataset) -> pd.DataFrame:
    """Compare each group's mean tone with laughter left out and with laughter scored (see :func:`masking`).

    Returns
    -------
    pandas.DataFrame
        As :func:`masking`, with the means ``apart`` and ``scored``; effects in sd of the scores, apart minus scored.

    """
    others = {name: name + OTHER_LAUGHTER for name in LAUGHING if name in study.scales}
    apart = study.parameters.laughter == "apart"
    pairs = others if apart else {other: name for name, other in others.items()}
    groups = _masked(study, {name: f"{name}_masked" for name in others if name in MASKED})
    table = masking(groups, pairs, study.parameters.weighting)
    table["instrument"] = table["instrument"].str.removesuffix(OTHER_LAUGHTER)
    table = table.assign(a="apart", b="scored", weighting=study.parameters.weighting)
    return rounded(table.rename(columns={"masked": "apart", "unmasked": "scored"}))


def masking_effect(study: Dataset) -> pd.DataFrame:
    """Compare each group's mean tone with names, titles and topic words masked and unmasked (see :func:`masking`)."""
    twins = {name: name + UNMASKED for name in MASKED if name in study.scales}
    groups = _masked(study, {name: f"{name}_masked" for name in twins})
    weighting = study.parameters.weighting
    return rounded(masking(groups, twins, weighting).assign(weighting=weighting))


def _masked(study: Dataset, columns: Mapping[str, str]) -> list[Group]:
    """Return the groups with the masked scores under the plain names, whatever the run's own choice."""
    return [
        group._replace(rows=group.rows.assign(**{name: group.rows[of] for name, of in columns.items()}))
        for group in study.groups
    ]


def tone_scores(study: Dataset) -> pd.DataFrame:
    """Return every utterance on the scale of each instrument: one by one for a few, as shares of a bin for many.

    Returns
    -------
    pandas.DataFrame
        For each ``instrument`` and ``language``, with ``scale_low`` and ``scale_high``: ``part`` is ``mean`` (one a
        group, with its interval, in the ``weighting`` of the run), ``utterance`` (up to :data:`FEW` in the language,
        and not with ``lines = 0``) or ``density`` (one a bin).

    """
    tables = []
    for instrument, scale in study.scales.items():
        for language in sorted({group.language for group in study.groups}):
            groups = [g for g in study.groups if g.language == language and g.rows[instrument].notna().any()]
            if groups and study.parameters.lines and sum(len(group.rows) for group in groups) <= FEW:
                groups = [group._replace(rows=study.with_text(group.rows)) for group in groups]
            if groups:
                about = {"instrument": instrument, "language": language}
                about |= {"scale_low": scale[0], "scale_high": scale[1]}
                means = tone_means(groups, instrument, study.parameters.weighting)
                tables.append(pd.DataFrame(_score_rows(groups, means, instrument, scale)).assign(**about))
    table = pd.concat(tables) if tables else pd.DataFrame()
    table = table.reindex(columns=_SCORE_COLUMNS).reset_index(drop=True)
    for name in ("n_a", "unscored", "clusters_a", "units"):
        table[name] = table[name].astype("Int64")
    return rounded(table.assign(weighting=study.parameters.weighting))


def _score_rows(
    groups: list[Group], means: pd.DataFrame, instrument: str, scale: tuple[float, float]
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for group in groups:
        base = {"group": group.name, "vantage": group.vantage, "label": group.label}
        scores = group.rows[instrument]
        keys = ["estimate", "ci_low", "ci_high", "n_a", "clusters_a", "g_a", "note"]
        (mean,) = means.loc[means["a"] == group.name, keys].to_dict("records")
        mean |= {"units_a": group.units}
        out.append({"part": "mean", **base, **mean, "unscored": int(scores.isna().sum())})
        if "text" in group.rows:
            names = ["utterance_id", "text", instrument, f"{instrument}_n"]
            for name, text, score, units in group.rows.sort_values([instrument, "utterance_id"])[names].itertuples(
                index=False
            ):
                said = _cut(text, _QUOTED)
                out.append(
                    {"part": "utterance", **base, "utterance_id": name, "text": said, "estimate": score, "units": units}
                )
        else:
            edges = settled(np.linspace(*scale, _BINS + 1))
            counts, _ = np.histogram(settled(scores.dropna()), bins=edges)
            shares = counts / counts.sum()
            bins = zip(edges[:-1], edges[1:], shares, strict=True)
            out += [{"part": "density", **base, "bin_low": a, "bin_high": b, "share": share} for a, b, share in bins]
    return out


def _cut(text: str, most: int) -> str:
    """Return a text on one line, without invisible marks, of so many characters at most."""
    line = " ".join(visible(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


@kept
def tone_differences(study: Dataset) -> pd.DataFrame:
    """Compare the tone of every pair of groups of one language (see :func:`tone_contrasts`), with their labels."""
    options = study.parameters
    table = tone_contrasts(study.own_words, study.neutral, study.rng(), options.weighting, options.draws)
    labels = {(group.name, group.language): group.label for group in study.groups}
    for side in "ab":
        keys = zip(table[side], table["language"], strict=True)
        table[f"label_{side}"] = pd.Series([labels[key] for key in keys], table.index, dtype=object)
    return rounded(table)


@kept
def tone_across_languages(study: Dataset) -> pd.DataFrame:
    """Compare groups of two languages in every lawful way (see `analysis.compare.across.crossings`)."""
    links = labmt_links()
    rows, aligned = (add_linked(frame, links) for frame in (study.own_words, study.aligned))
    return rounded(crossings(rows, aligned, language_levels(study, rows), links, study.parameters.weighting))


def language_levels(study: Dataset, rows: pd.DataFrame, instruments: Sequence[str] | None = None) -> Levels:
    """Return what each language is measured from: the reference collections of the rows, and ordinary language.

    Parameters
    ----------
    instruments : sequence of str, optional
        Default: the study's.

    """
    options, names = study.parameters, list(study.scales) if instruments is None else instruments
    levels = reference_levels(rows, tuple(names))
    for instrument in (name for name in WORD_MEANS if name in names):
        tool = word_means(instrument, options.lens, masked=options.masked, laughter=options.laughter == "score")
        levels |= {("ordinary language", instrument, code): level for code, level in ordinary_levels(tool).items()}
    return levels
