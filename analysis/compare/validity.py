"""How far each instrument, the codebook and a model's classes agree with what people coded, and where they do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.compare.clusters import FEW_FOR_INTERVAL, Weights, effective_clusters
from analysis.compare.coded import SIGNS, Coding
from analysis.compare.concordance import QUOTABLE
from analysis.compare.dataset import Dataset
from analysis.compare.gold import DRAWS, Gold, agreement
from analysis.compare.groups import LANGUAGE_NAMES, main_groups
from analysis.compare.learned import LEARNED, learned_scores
from analysis.compare.predicted import correction_of
from analysis.compare.shares import share_limits, share_of
from analysis.digits import rounded, settled
from analysis.measure.options import neutral_band

#: Fewer coded utterances than these tell nothing of an instrument.
FEWEST = 20
#: Parts of equal size that a score is cut into for calibration, and the lines that are read.
_PARTS, WORST = 5, 20
VALIDITY_COLUMNS = ("variable", "part", "instrument", "n", "scored", "coverage", "units")
CONCEPT_COLUMNS = (
    *("concept", "language", "n", "coded_yes", "flagged", "clusters", "g"),
    *("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high", "note"),
)
CALIBRATION_COLUMNS = ("variable", "language", "instrument", "part", "n", "score", "code")
LINE_COLUMNS = ("variable", "language", "instrument", "utterance_id", "text", "score", "code", "apart")


def _ordinal(coding: Coding) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each variable of numbers, its mean codes and their classes as -1, 0 and 1, NaN where nobody coded."""
    tones = {name: float(place - 1) for place, name in enumerate(SIGNS)}
    for variable in coding.ordinal:
        tone = np.array([tones.get(label, np.nan) for label in coding.label(variable)], dtype=float)
        yield variable, coding.mean(variable).code, tone


def _scores(study: Dataset, variable: str) -> tuple[pd.DataFrame, dict[str, tuple[float, float]]]:
    """Return the scores that can be held against a variable, those learned from its codes too, and their scales."""
    scores = study.measures[list(study.scales)].astype(float)
    scales = dict(study.scales)
    learned = learned_scores(study, variable)
    if learned.notna().any():
        scores = scores.assign(**{LEARNED: learned})
        scales[LEARNED] = (-1.0, 1.0)
    return scores, scales


# What notebook 05 calls -----------------------------------------------------------------------------------------------


def instrument_validity(study: Dataset) -> pd.DataFrame:
    """Hold each instrument against the codes, by language and by group within it.

    Of the coded utterances as they were drawn: strata count by how many of them were coded. Scores that were learned
    from the codes are those of models that had not seen the utterance's cluster.

    Returns
    -------
    pandas.DataFrame
        ``variable, part`` (a language, or a group in it), then as `analysis.compare.gold.agreement`: ``r`` with the
        mean code, ``auc``, ``accuracy`` and ``f1`` of three classes by the sign of the codes. No rows under
        :data:`FEWEST` coded.

    """
    coding, tables = correction_of(study).coding, []
    for variable, number, tone in _ordinal(coding):
        scores, scales = _scores(study, variable)
        for language, group, at in _parts(study, ~np.isnan(number)):
            part = LANGUAGE_NAMES[language] + (f": {group.replace('_', ' ')}" if group else "")
            known = {name: scores[name].to_numpy()[at] for name in scores if scores[name].iloc[at].notna().any()}
            bands = {name: study.neutral.get((name, language), neutral_band(scales[name])) for name in known}
            gold = Gold(number[at], tone[at], {}, 0)
            clusters = study.measures["cluster_id"].iloc[at].to_list()
            table = agreement(known, bands, gold, study.rng(), clusters, DRAWS)
            tables.append(table.assign(variable=variable, part=part))
    if not tables:
        return pd.DataFrame(columns=list(VALIDITY_COLUMNS))
    whole = pd.concat(tables, ignore_index=True)
    return rounded(whole[list(dict.fromkeys([*VALIDITY_COLUMNS, *whole]))])


def _parts(study: Dataset, coded: np.ndarray) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield the places of the coded utterances of each language, and of each group where a language has several.

    Before them stand the language and the group, which is empty where all of them are meant.
    """
    groups = main_groups(study.measures)
    place = pd.Series(np.arange(len(study.measures)), study.measures.index)
    for language in dict.fromkeys(group.language for group in groups):
        mine = [(group.name, place[group.rows.index].to_numpy()) for group in groups if group.language == language]
        mine = [(name, at[coded[at]]) for name, at in mine]
        parts = [("", np.sort(np.concatenate([at for _, at in mine])))]
        with_codes = [(name, at) for name, at in mine if len(at)]
        parts += with_codes if len(with_codes) > 1 else []
        yield from ((language, name, at) for name, at in parts if len(at) >= FEWEST)


def _by_language(study: Dataset, coded: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of each language, and the places of its coded utterances."""
    yield from ((LANGUAGE_NAMES[language], at) for language, group, at in _parts(study, coded) if not group)


def codebook_validity(study: Dataset) -> pd.DataFrame:
    """Estimate how much of what people found the codebook finds (recall), and how much of what it finds is right.

    Weighted by 1 / pi, so that it is of all utterances and not of the sample; the intervals are those of any share
    (`analysis.compare.shares.share_limits`), which hold where few clusters have it, and where all or nothing was found.

    Returns
    -------
    pandas.DataFrame
        :data:`CONCEPT_COLUMNS`, a row a concept that was coded and language: ``coded_yes`` and ``flagged`` count coded
        utterances.

    """
    coding, rows = correction_of(study).coding, []
    flags = study.mentioned
    place = pd.Series(np.arange(len(study.measures)), study.measures.index)[flags.index].to_numpy()
    languages = flags["language"].to_numpy(dtype=object)
    clusters = flags["cluster_id"].astype(str).to_numpy()
    for concept in (name for name in coding.variables if name in study.concepts):
        code = coding.share(concept, "yes").code
        weight = coding.inverse(code)[place]
        said, found = code[place], flags[concept].to_numpy()
        for language in sorted(set(languages)):
            at = np.flatnonzero((languages == language) & ~np.isnan(said) & (weight > 0))
            row = {"concept": concept, "language": LANGUAGE_NAMES[language], "n": len(at)}
            if len(at) >= FEWEST:
                row |= {"coded_yes": int((said[at] > 0.5).sum()), "flagged": int(found[at].sum())}  # noqa: PLR2004
                rows.append(row | _precision_recall(said[at], found[at], weight[at], clusters[at]))
    return rounded(pd.DataFrame(rows, columns=list(CONCEPT_COLUMNS)))


def _precision_recall(
    said: np.ndarray, found: np.ndarray, weight: np.ndarray, clusters: np.ndarray
) -> dict[str, float | str]:
    units, at = np.unique(clusters, return_inverse=True)
    out: dict[str, float | str] = {"clusters": len(units), "g": effective_clusters(np.bincount(at, weight))}
    few = []
    for name, among, value in (("precision", found, said), ("recall", said, found)):
        there = among > 0
        units, at = np.unique(clusters[there], return_inverse=True)
        side = Weights(there, weight[there] * among[there], at, units).side(value[there])
        out[name] = side.mean
        out[f"{name}_low"] = out[f"{name}_high"] = float("nan")
        if settled(side.effective) < FEW_FOR_INTERVAL:
            few.append(name)
        else:
            out[f"{name}_low"], out[f"{name}_high"] = map(float, share_limits(share_of(side)))
    return out | {"note": f"too few clusters with it ({', '.join(few)}): no interval" if few else ""}


def calibration(study: Dataset) -> pd.DataFrame:
    """Return the mean code in each fifth of each instrument's scores: what a score means, language by language.

    Returns
    -------
    pandas.DataFrame
        :data:`CALIBRATION_COLUMNS`: ``part`` 1 (coldest) to 5; equal scores are never parted.

    """
    coding, rows = correction_of(study).coding, []
    for variable, number, _ in _ordinal(coding):
        scores, _ = _scores(study, variable)
        for language, at in _by_language(study, ~np.isnan(number)):
            for name in scores:
                score = settled(scores[name].to_numpy()[at])
                known = np.flatnonzero(~np.isnan(score))
                if len(known) < FEWEST:
                    continue
                edges = np.quantile(score[known], np.arange(1, _PARTS) / _PARTS)
                part = np.searchsorted(edges, score[known], side="left")
                for number_of in np.unique(part):
                    mine = known[part == number_of]
                    means = {"score": score[mine].mean(), "code": number[at][mine].mean()}
                    about = {"variable": variable, "language": language, "instrument": name}
                    rows.append({**about, "part": int(number_of) + 1, "n": len(mine), **means})
    return rounded(pd.DataFrame(rows, columns=list(CALIBRATION_COLUMNS)))


def worst_lines(study: Dataset, most: int = WORST) -> pd.DataFrame:
    """Return the coded lines on which each instrument is farthest from the people, to be read.

    Returns
    -------
    pandas.DataFrame
        :data:`LINE_COLUMNS`: ``apart`` is the score minus the code, each in its own standard deviations among the coded
        of the language. Only what may be quoted (`analysis.compare.concordance.QUOTABLE`), nothing with ``lines = 0``.

    """
    coding, tables = correction_of(study).coding, []
    quotable = study.measures["evidence"].isin(QUOTABLE).to_numpy()
    for variable, number, _ in _ordinal(coding) if study.parameters.lines else ():
        scores, _ = _scores(study, variable)
        for language, at in _by_language(study, ~np.isnan(number)):
            for name in scores:
                score = scores[name].to_numpy()[at]
                known = ~np.isnan(score)
                if known.sum() < FEWEST or not np.ptp(score[known]) or not np.ptp(number[at][known]):
                    continue
                apart = _standard(score, known) - _standard(number[at], known)
                table = study.measures.iloc[at][["utterance_id"]].assign(score=score, code=number[at], apart=apart)
                table = table[known & quotable[at]]
                order = np.lexsort((table["utterance_id"].to_numpy(dtype=str), -settled(table["apart"].abs())))[:most]
                about = {"variable": variable, "language": language, "instrument": name}
                tables.append(table.iloc[order].assign(**about))
    if not tables:
        return pd.DataFrame(columns=list(LINE_COLUMNS))
    return rounded(study.with_text(pd.concat(tables, ignore_index=True))[list(LINE_COLUMNS)])


def _standard(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    return (values - values[known].mean()) / values[known].std()
