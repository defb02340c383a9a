"""What codes make of a study: corrected means, shares and contrasts, beside uncorrected ones.

Codes are on one scale whatever the language, so that these are the contrasts of two languages that are lawful without a
link or a reference. What a table says is *uncorrected* is what would have been said without correction: of a mean an
instrument's scores, brought to mean and spread of the language's codes (the scale that it lacks, and nothing of how
groups differ); of stance's classes its shares below, within and above what is neutral to it; of a concept the share of
utterances with its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.clusters import Weights, weigh
from analysis.compare.coded import YES, Coding, Outcome
from analysis.compare.contrasts import COLUMNS, compare, compare_shares, describe_share, finish
from analysis.compare.correction import (
    FEW_CODES,
    FEW_OF_IT_NOTE,
    FRAME,
    Corrected,
    Pseudo,
    correct,
    corrected_row,
    linearised,
)
from analysis.compare.dataset import Dataset
from analysis.compare.groups import Group, group_order, main_languages
from analysis.compare.predicted import Correction, Estimated, correction_of
from analysis.compare.statistics import OF_INTEREST
from analysis.digits import rounded, settled
from analysis.errors import plural

MORE = (
    *("variable", "statistic", "language_a", "language_b", "label_a", "label_b", "vantage_a", "vantage_b", "unit"),
    *("weighting", "uncorrected", "uncorrected_low", "uncorrected_high", "uncorrected_by", "codes_only"),
    *("codes_only_se", "codes_a", "codes_b", "coded_clusters_a", "coded_clusters_b", "coded_g_a", "coded_g_b"),
    *("uncoded", "worth", "more"),
)
#: With fewer codes of those who speak of a concept there is no estimate either.
_FEW_SPOKEN = 10
_COUNTS = ("codes_a", "codes_b", "coded_clusters_a", "coded_clusters_b", "uncoded")


class _Side(NamedTuple):
    """One group of a row."""

    name: str
    language: str
    label: str
    vantage: str
    at: np.ndarray
    by: Weights


def _sides(correction: Correction, groups: Iterable[Group]) -> list[_Side]:
    weighting = correction.study.parameters.weighting
    out = []
    for group in groups:
        by = weigh(group.rows["cluster_id"], weighting, group.rows["likes"])
        if by.weights.sum() > 0:
            place = correction.places(group.rows)
            out.append(_Side(group.name, group.language, group.label, group.vantage, place, by))
    return out


def _corrected(found: Estimated, side: _Side) -> Corrected | None:
    """Return a group's estimate; None where nobody coded any of it, or some of it has no prediction."""
    prediction, inverse = found.prediction[side.at], found.inverse[side.at]
    if not (inverse[side.by.kept] > 0).any() or np.isnan(prediction[side.by.kept]).any():
        return None
    return correct(prediction, found.outcome.code[side.at], inverse, side.by)


def _uncorrected(found: Estimated, sides: Sequence[_Side], correction: Correction) -> dict[str, Any]:
    weighting, made = correction.study.parameters.weighting, []
    for side in sides:
        rows = correction.rows.iloc[side.at]
        known = found.machine[side.at]
        by = weigh(rows["cluster_id"], weighting, rows["likes"], ~np.isnan(known))
        if not by.weights.sum() > 0:
            return {"uncorrected": float("nan"), "uncorrected_by": ""}
        made.append(by.side(known[by.kept]))
    named = [part for side, one in zip(sides, made, strict=True) for part in (side.name, one)]
    if found.outcome.share:
        row = (describe_share if len(sides) == 1 else compare_shares)("", *named)
        low, high = row["ci_low"], row["ci_high"]
    else:
        row = compare("", *named)
        low, high = (row["ci_low"], row["ci_high"]) if np.isfinite(row["df"]) else (float("nan"),) * 2
    ends = {"uncorrected_low": low, "uncorrected_high": high}
    return {"uncorrected": row["estimate"], **ends, "uncorrected_by": found.machine_name}


def _row(measure: str, found: Estimated, sides: Sequence[_Side], correction: Correction) -> dict[str, Any] | None:
    given = [_corrected(found, side) for side in sides]
    if any(one is None for one in given):
        return None
    outcome = found.outcome
    spread = float(np.nanstd(outcome.code))
    unit = {"unit": 0.01, "unit_name": "points"} if outcome.share else {"unit": spread, "unit_name": "sd"}
    of_interest = OF_INTEREST[unit["unit_name"]] if len(sides) > 1 else None
    args = [part for side, one in zip(sides, given, strict=True) for part in (side.name, one)]
    row = corrected_row(measure, *args, share=outcome.share, of_interest=of_interest, **unit)
    at = np.concatenate([side.at for side in sides])
    drawn = np.isin(correction.coding.sample["place"].to_numpy(dtype=int), at[found.inverse[at] == 0])
    for side, one in zip("ab", [*sides, None][:2], strict=True):
        row |= {f"{name}_{side}": one and getattr(one, name) for name in ("language", "label", "vantage")}
    row |= {"variable": outcome.variable, "statistic": outcome.name, "unit": unit["unit_name"]}
    row |= {"weighting": correction.study.parameters.weighting, "uncoded": int(drawn.sum())}
    more = [f"{drawn.sum():,} drawn without a code: strata reweighed"] if drawn.any() else []
    for side in sides:
        stood_for = found.inverse[side.at].sum() / len(side.at)
        if not FRAME[0] <= stood_for <= FRAME[1]:
            more.append(
                f"codes stand for {settled(stood_for):.0%} of {side.name}: was it imported after the sample was drawn?"
            )
    if np.isfinite(row["ci_low"]):
        further = (
            f"{plural(round(row['more']), 'more code')}, at least,"
            if np.isfinite(row["more"])
            else "no number of codes alone"
        )
        more.append(f"{further} would halve the interval")
    row["note"] = "; ".join(filter(None, [row["note"], *more]))
    return row | _uncorrected(found, sides, correction)


def _table(rows: Iterable[dict[str, Any] | None]) -> pd.DataFrame:
    table = finish([row for row in rows if row is not None], MORE)[[*COLUMNS, *MORE]]
    for name in _COUNTS:
        table[name] = table[name].astype("Int64")
    return rounded(table)


def _rows(
    correction: Correction, found: Iterable[tuple[str, Estimated]], sides: Sequence[_Side], together: int
) -> pd.DataFrame:
    """Return the table of what was estimated of each side, or with two together of each pair."""
    return _table(_row(name, one, part, correction) for name, one in found for part in combinations(sides, together))


def _outcomes(coding: Coding) -> list[tuple[str, Outcome]]:
    """Return what is estimated of each variable but concepts, with what it is called."""
    out = []
    for variable in (name for name in coding.variables if not coding.is_concept(name)):
        out += [(variable, coding.mean(variable))] if coding.is_ordinal(variable) else []
        out += [(f"{variable}: {value}", coding.share(variable, value)) for value in coding.values(variable)]
    return [(name, outcome) for name, outcome in out if not np.isnan(outcome.code).all()]


# What notebook 05 calls -----------------------------------------------------------------------------------------------


def corrected_means(study: Dataset) -> pd.DataFrame:
    """Return each group's mean code and shares of its classes, corrected, by the variables that are coded.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``a`` is the group), then :data:`MORE`: ``variable``, ``statistic`` (``mean``, or the
        class whose share it is), ``uncorrected`` with its interval and whose it is, ``codes_only`` (their weighted
        mean) with its standard error, how many codes and coded clusters, ``uncoded`` (drawn, without a code that can be
        used), ``worth`` (codes alone that would be as precise), ``more`` (further codes that would halve the interval,
        at least). Without a row where nobody coded anything (:func:`why_none`).

    """
    return _of_groups(study, 1)


def corrected_contrasts(study: Dataset) -> pd.DataFrame:
    """Compare every pair of groups, of one language or of two, by corrected codes; columns of :func:`corrected_means`.

    ``p`` is that of the interval: pseudo-outcomes of clusters that somebody coded cannot be exchanged with others.
    """
    return _of_groups(study, 2)


def _of_groups(study: Dataset, together: int) -> pd.DataFrame:
    correction = correction_of(study)
    found = [(name, correction.estimate(outcome)) for name, outcome in _outcomes(correction.coding)]
    return _rows(correction, found, _sides(correction, study.groups), together)


def _concepts(study: Dataset) -> list[tuple[str, Estimated]]:
    """Return the concepts that somebody coded."""
    correction = correction_of(study)
    coding = correction.coding
    return [(name, correction.concept(name)) for name in coding.variables if coding.is_concept(name)]


def _speakers(study: Dataset) -> list[_Side]:
    """Return the groups, each in all languages of the codebook."""
    mentioned, groups = study.mentioned, []
    for name in group_order(mentioned["group"]):
        rows = mentioned[mentioned["group"] == name]
        spoken = main_languages(rows["language"])
        # A stray "lol" is in a language of which nobody coded anything.
        rows, language = rows[rows["language"].isin(spoken)], "+".join(spoken)
        vantage = rows["vantage"].dropna().unique()
        groups.append(Group(name, language, vantage[0] if len(vantage) == 1 else "several", name, rows))
    return _sides(correction_of(study), groups)


def corrected_prevalence(study: Dataset) -> pd.DataFrame:
    """Return how often each group speaks of each concept, by what readers find: the codebook's misses are made good.

    A concept counts where a variable of the scheme has its name and the values yes and no. The columns are those of
    :func:`corrected_means`; ``uncorrected`` is the share with the concept's words.
    """
    return _rows(correction_of(study), _concepts(study), _speakers(study), 1)


def corrected_prevalence_contrasts(study: Dataset) -> pd.DataFrame:
    """Compare every pair of groups in :func:`corrected_prevalence`."""
    return _rows(correction_of(study), _concepts(study), _speakers(study), 2)


def corrected_around(study: Dataset) -> pd.DataFrame:
    """Return the mean code of each group's utterances that speak of a concept, corrected.

    Which these are, readers say where the concept was coded (the domain is estimated then, and its ratio linearised,
    `analysis.compare.correction.linearised`), else its words. Columns of :func:`corrected_means`; ``statistic`` is the
    concept, ``uncorrected`` the instrument's mean among utterances with its words.
    """
    correction, rows = correction_of(study), []
    coding = correction.coding
    for variable in coding.ordinal:
        whole = correction.estimate(coding.mean(variable))
        for concept in study.concepts:
            flags = correction.mentions(concept)
            read = _read_domain(correction, whole, concept, flags) if concept in coding.variables else None
            for group in study.groups:
                spoken = group.rows[flags[correction.places(group.rows)] == 1]
                if read is not None:
                    rows.append(_read_around(correction, whole, concept, read, group, spoken))
                elif len(spoken):
                    made = [
                        _row(f"{variable} where {concept}", whole, [side], correction)
                        for side in _sides(correction, [group._replace(rows=spoken)])
                    ]
                    rows += [row and row | {"statistic": concept} for row in made]
    return _table(rows)


def _read_domain(
    correction: Correction, whole: Estimated, concept: str, flags: np.ndarray
) -> tuple[Estimated, Estimated]:
    """Return what is estimated of all utterances: the code of those that readers say to speak of a concept, and who."""
    code = whole.outcome.code
    said = correction.coding.share(concept, YES).code
    domain = np.where(np.isnan(code) & (said > 0), np.nan, said)
    product = np.where(domain == 0, 0.0, domain * code)
    parts = (Outcome(whole.outcome.variable, concept, share=False, code=part) for part in (product, domain))
    product_of, domain_of = (correction.estimate_with(part, flags) for part in parts)
    return product_of, domain_of


def _read_around(
    correction: Correction,
    whole: Estimated,
    concept: str,
    read: tuple[Estimated, Estimated],
    group: Group,
    spoken: pd.DataFrame,
) -> dict[str, Any] | None:
    """Return the row of a concept that readers found."""
    sides = _sides(correction, [group])
    if not sides or _corrected(read[0], sides[0]) is None:
        return None
    (side,), inverse = sides, read[0].inverse
    of = [(one.prediction[side.at], one.outcome.code[side.at]) for one in read]
    g, y = linearised((of[0][0], of[1][0]), (of[0][1], of[1][1]), inverse[side.at], side.by)
    prediction, code = np.full(len(inverse), np.nan), np.full(len(inverse), np.nan)
    prediction[side.at], code[side.at] = g, y
    outcome = Outcome(whole.outcome.variable, concept, share=False, code=code)
    row = _row(
        f"{outcome.variable} where {concept}",
        Estimated(outcome, prediction, inverse, whole.machine, whole.machine_name),
        [side],
        correction,
    )
    count = int((read[1].outcome.code[side.at] > 0).sum())
    if row and count < FEW_CODES:
        # Of a few codes that stand for hundreds each the mean may lie beyond the scale.
        nothing = ("se", "df", "ci_low", "ci_high", *(("estimate", "effect") if count < _FEW_SPOKEN else ()))
        row |= dict.fromkeys(nothing, float("nan")) | {"note": FEW_OF_IT_NOTE.format(count)}
    shown = _sides(correction, [group._replace(rows=spoken)]) if len(spoken) else []
    return row and row | (_uncorrected(whole, shown, correction) if shown else {"uncorrected": float("nan")})


def corrected_codes(study: Dataset) -> Pseudo | None:
    """Return the pseudo-outcomes of ``study.measures``: their means are those of the codes, in all languages.

    Of the first ordinal variable that somebody coded (None if nobody did); codes stand for every utterance of a group
    and language with codes. Drop utterances by what is known of all (duplicates, length), never by
    whether they are coded.
    """
    correction = correction_of(study)
    named = correction.coding.ordinal[:1]
    if not named:
        return None
    found = correction.estimate(correction.coding.mean(named[0]))
    return found.pseudo(_coded_cells(correction, found.inverse))


def _coded_cells(correction: Correction, inverse: np.ndarray) -> np.ndarray:
    """Return which utterances are of a group and language with codes."""
    keys = [correction.rows[name].to_numpy(dtype=object) for name in ("group", "language")]
    return pd.Series(inverse > 0).groupby(keys).transform("any").to_numpy()


def corrected_mentions(study: Dataset, concept: str) -> Pseudo | None:
    """Return whether each utterance speaks of a concept, by what readers find; None where nobody coded it.

    By group their means are those of :func:`corrected_prevalence`; codes stand for the groups that it has.
    """
    correction = correction_of(study)
    if not correction.coding.is_concept(concept):
        return None
    found, known = correction.concept(concept), np.zeros(len(correction.rows), dtype=bool)
    for side in _speakers(study):
        known[side.at] = _corrected(found, side) is not None
    return found.pseudo(known)


def corrected_codes_around(study: Dataset, concept: str) -> Pseudo | None:
    """Return the codes of those who speak of a concept (who does: :func:`corrected_around`); None without codes."""
    correction, whole = correction_of(study), corrected_codes(study)
    if whole is None:
        return None
    flags = correction.mentions(concept)
    if concept not in correction.coding.variables:
        return whole._replace(prediction=np.where(flags == 1, whole.prediction, np.nan))
    variable = correction.coding.ordinal[0]
    read = _read_domain(correction, correction.estimate(correction.coding.mean(variable)), concept, flags)
    product, domain = (one.pseudo(_coded_cells(correction, one.inverse)) for one in read)
    return product._replace(unit=whole.unit, domain=(domain.prediction, domain.code))


def why_none(study: Dataset) -> str:
    """Say what is missing for a corrected estimate; nothing where somebody coded something."""
    if study.coding("codes").empty:
        drawn = len(study.coding("sample"))
        first = (
            "Nobody has coded any utterance of this corpus"
            if not drawn
            else f"None of {drawn:,} drawn utterances is coded"
        )
        return (
            f"{first}: vantage sheet draws a sample, vantage codes reads it back, and codes correct what machines say."
        )
    if not correction_of(study).coding.variables:
        return "No code belongs to an utterance of this study: were they of another corpus, or are all unclear?"
    return ""
