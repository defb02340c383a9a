"""Word shift: which rated words make one group's mean of words higher than another's, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.compare.clusters import FEW_FOR_INTERVAL, Side, effective_clusters, make_side
from analysis.compare.contrasts import FEW_ALONE_NOTE, compare
from analysis.compare.dataset import Dataset
from analysis.compare.jackknife import deviations
from analysis.compare.pairings import PAIR, lawful_pairs, name_sides, stack
from analysis.compare.shares import difference_limits, make_share
from analysis.compare.vocabulary import Counts, count_terms
from analysis.measure.instrument import Batch
from analysis.measure.laughter import laughs_in
from analysis.measure.lexicon import WordMeans, read_masks, read_ratings, word_means
from analysis.measure.options import UNMASKED
from analysis.measure.ragged import Ragged

#: The middle of labMT's scale, 1 to 9.
LABMT_MIDDLE = 5.0
#: How a word can add to a difference: rated above or below the middle, used more (up) or less (down) in a than in
#: b. The first two make a's mean the higher, the others the lower.
KINDS = ("positive up", "negative down", "positive down", "negative up")
NO_CHANGE = "no change"
TERM_COLUMNS = (
    *("term", "rating", "n_a", "n_b", "share_a", "share_b", "contribution", "ci_low", "ci_high"),
    *("of_difference", "of_variation", "kind", "clusters_a", "clusters_b", "note"),
)
SUMMARY_COLUMNS = (
    *("part", "name", "n_a", "n_b", "mean_a", "mean_b", "share_a", "share_b", "contribution", "ci_low", "ci_high"),
    *("of_difference", "of_variation", "clusters_a", "clusters_b", "g_a", "g_b", "note"),
)
#: A term in fewer clusters than this (both sides together) gets no interval.
_FEW_CLUSTERS = 5
#: Cells that are worked on at once; 2 million are 16 MB.
_CELLS = 2_000_000
#: Contributions are points of a scale: what differs by less than this is rounding.
_ROUNDING = 12

TermCounts = Counts | Mapping[str, int] | pd.Series


def word_shift(
    counts_a: TermCounts, counts_b: TermCounts, ratings: Mapping[str, float], reference: float = LABMT_MIDDLE
) -> pd.DataFrame:
    r"""Split the difference between two groups' means of words into what each rated word adds to it.

    With p the share of a word among the rated words of a side and h its rating, the mean of a side is the sum of p h,
    and a word adds (p_a - p_b)(h - reference) to mean a - mean b (Gallagher et al. 2021, EPJ Data Science 10:4, for
    one list of ratings). Only words with a rating are counted and scored: what a lens or a mask takes out of
    ``ratings`` is gone from shares and means alike.

    The mean of words weighs every rated word of a group alike. It is not the mean of the utterances' means that the
    study's tone rests on, where a comment of one word counts as much as one of fifty: a word shift explains the
    former, and the two can differ in sign. :func:`summarize` gives both.

    Parameters
    ----------
    counts_a, counts_b : Counts, mapping of str to int or pandas.Series of int
        Of one language. Without clusters (a mapping, a series) there are no intervals.
    ratings : mapping of str to float
        After lens and masks.
    reference : float
        What parts positive from negative words: the middle of the scale. The other use is the mean of side b; the
        middle is preferred because the lens is laid around it, so that no rated word lies near it, because a word is
        then of the same kind in every pair of groups, and because swapping the sides only flips signs. It does not
        change the sum.

    Returns
    -------
    pandas.DataFrame
        :data:`TERM_COLUMNS`, one row a rated word that occurs, the largest \|contribution\| first, then by term.
        ``contribution`` is in points of the ratings and sums to mean a - mean b; ``of_difference`` is its share of
        that difference (NaN where there is none), ``of_variation`` its share of the sum of all \|contribution\|.
        ``kind`` is one of :data:`KINDS` or :data:`NO_CHANGE`. The interval is that of a difference of shares
        (`analysis.compare.contrasts.compare_shares`): most words are rare, and with t and the jackknife's variance
        those of 20 clusters against 400 held .88 to .94; without one (few clusters, or a side that lacks the word),
        ``note`` says why. If a side has no rated word, contributions are NaN.

    Examples
    --------
    >>> table = word_shift({"love": 3, "war": 1}, {"love": 1, "war": 1}, {"love": 8.0, "war": 2.0})
    >>> table[["term", "contribution", "kind"]].values.tolist()
    [['love', 0.75, 'positive up'], ['war', 0.75, 'negative down']]

    """
    counts = _as_counts(counts_a), _as_counts(counts_b)
    terms = np.array(sorted({t for side in counts for t in side.terms if t in ratings}), dtype=object)
    a, b = (_rated(side, terms) for side in counts)
    table = pd.DataFrame({"term": pd.Series(terms, dtype=object), "rating": [float(ratings[t]) for t in terms]})
    table["n_a"], table["n_b"] = a.n, b.n
    with np.errstate(invalid="ignore"):
        table["share_a"], table["share_b"] = a.n / a.weight.sum(), b.n / b.weight.sum()
    away = table["rating"].to_numpy() - reference
    more = (table["share_a"] - table["share_b"]).to_numpy()
    add = more * away
    table["contribution"] = add
    difference, variation = add.sum(), np.abs(add).sum()
    table["of_difference"] = add / difference if abs(difference) > 10.0**-_ROUNDING else np.nan
    table["of_variation"] = add / variation if variation > 0 else np.nan
    kinds = np.where(away > 0, "positive", "negative") + np.where(more > 0, " up", " down").astype(object)
    table["kind"] = np.where(add == 0, NO_CHANGE, np.where(np.isnan(add), "", kinds))
    table["clusters_a"], table["clusters_b"] = ((side.matrix > 0).sum(axis=0) for side in (a, b))
    table["ci_low"], table["ci_high"], table["note"] = _limits(a, b, away)
    # Rounded, so that what is equal but for the last bit is ordered by term on every machine.
    order = np.lexsort((np.arange(len(terms)), -np.abs(add).round(_ROUNDING)))
    table = table.iloc[order]
    return table.loc[(table["n_a"] + table["n_b"]) > 0, list(TERM_COLUMNS)].reset_index(drop=True)


def summarize(
    table: pd.DataFrame,
    counts_a: TermCounts,
    counts_b: TermCounts,
    *,
    left_out: Mapping[str, str] | None = None,
    utterances: tuple[Side, Side] | None = None,
) -> pd.DataFrame:
    """Sum up a word shift: means, totals by kind, and what was not scored.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`word_shift`.
    counts_a, counts_b : Counts, mapping of str to int or pandas.Series of int
        What it was made of: every word, rated or not.
    left_out : mapping of str to str, optional
        Word to the reason why it has no rating in the shift (``near neutral``, ``masked``); all others are
        ``not rated``.
    utterances : tuple of Side, optional
        Both sides' scores by utterance, for the mean of utterances' means.

    Returns
    -------
    pandas.DataFrame
        :data:`SUMMARY_COLUMNS`. ``part`` is ``mean`` (``mean of words``: its ``contribution`` is what the table sums
        to, with the interval of `analysis.compare.contrasts.compare` for the clusters' sums of ratings and numbers of
        rated words; ``mean of utterances``), ``kind`` (totals) or ``words`` (``scored`` and why others are not, with
        their share of all words).

    """
    ratings = dict(zip(table["term"], table["rating"], strict=True))
    counts_a, counts_b = _as_counts(counts_a), _as_counts(counts_b)
    rows = [_mean_row("mean of words", *(_words_side(counts, ratings) for counts in (counts_a, counts_b)))]
    if utterances is not None:
        rows.append(_mean_row("mean of utterances", *utterances))
    sums = ["n_a", "n_b", "share_a", "share_b", "contribution", "of_difference", "of_variation"]
    for kind in KINDS:
        mine = table.loc[table["kind"] == kind, sums]
        rows.append({"part": "kind", "name": kind, **mine.sum().to_dict()})
    reasons = left_out or {}
    names = ["scored", *sorted(set(reasons.values())), "not rated"]
    n = {name: [0, 0] for name in names}
    for side, counts in enumerate((counts_a, counts_b)):
        for term, count in zip(counts.terms, np.asarray(counts.matrix.sum(axis=0)).ravel().tolist(), strict=True):
            n["scored" if term in ratings else reasons.get(term, "not rated")][side] += count
    words = [max(sum(n[name][side] for name in names), 1) for side in (0, 1)]
    for name in names:
        n_a, n_b = n[name]
        shares = {"share_a": n_a / words[0], "share_b": n_b / words[1]}
        rows.append({"part": "words", "name": name, "n_a": n_a, "n_b": n_b, **shares})
    out = pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))
    for name in ("n_a", "n_b", "clusters_a", "clusters_b"):
        out[name] = out[name].astype("Int64")
    out["note"] = out["note"].fillna("")
    return out


def _mean_row(name: str, a: Side, b: Side) -> dict[str, Any]:
    row = compare(name, "a", a, "b", b)
    keys = ("n_a", "n_b", "ci_low", "ci_high", "clusters_a", "clusters_b", "g_a", "g_b")
    note = row["note"].split(",")[0] if pd.isna(row["ci_low"]) else ""
    means = {"mean_a": a.mean, "mean_b": b.mean, "contribution": a.mean - b.mean, "note": note}
    return {"part": "mean", "name": name, **{key: row[key] for key in keys}, **means}


def _words_side(counts: Counts, ratings: Mapping[str, float]) -> Side:
    """Sum ratings and rated words by cluster; clusters without a rated word are left out, as utterances are."""
    values = np.array([ratings.get(term, 0.0) for term in counts.terms], dtype=float)
    rated = np.array([term in ratings for term in counts.terms], dtype=np.int64)
    total, weight = counts.matrix @ values, counts.matrix @ rated
    keep = weight > 0
    return Side(counts.clusters[keep], total[keep], weight[keep].astype(float), int(weight.sum()))


class _Rated(NamedTuple):
    """Counts of the rated terms: by cluster with any of them (clusters, terms), by term, by cluster."""

    clusters: np.ndarray
    matrix: sparse.csc_array
    n: np.ndarray
    weight: np.ndarray


def _as_counts(counts: TermCounts) -> Counts:
    if isinstance(counts, Counts):
        return counts
    pairs = sorted((str(term), int(n)) for term, n in counts.items())
    terms = np.array([term for term, _ in pairs], dtype=object)
    row = np.array([[n for _, n in pairs]], dtype=np.int64).reshape(1, len(pairs))
    return Counts(np.array(["all"], dtype=object), terms, sparse.csr_array(row))


def _rated(counts: Counts, terms: np.ndarray) -> _Rated:
    place = {term: column for column, term in enumerate(terms)}
    to = np.array([place.get(term, -1) for term in counts.terms], dtype=np.int64)
    has = np.flatnonzero(to >= 0)
    pick = sparse.coo_array((np.ones(len(has), dtype=np.int64), (has, to[has])), (len(to), len(terms)))
    matrix = (counts.matrix @ pick.tocsr()).tocsr()
    weight = np.asarray(matrix.sum(axis=1)).ravel()
    keep = np.flatnonzero(weight > 0)
    matrix = matrix[keep]
    n = np.asarray(matrix.sum(axis=0)).ravel()
    return _Rated(counts.clusters[keep], matrix.tocsc(), n, weight[keep].astype(float))


def _limits(a: _Rated, b: _Rated, away: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ends of each term's 95 % interval, NaN without one, and the note that says why."""
    count = len(away)
    ends, note = np.full((2, count), np.nan), np.full(count, "", dtype=object)
    if min(effective_clusters(side.weight) for side in (a, b)) < FEW_FOR_INTERVAL:
        return *ends, np.full(count, FEW_ALONE_NOTE, dtype=object)
    _, *shared = np.intersect1d(a.clusters, b.clusters, assume_unique=True, return_indices=True)
    step = max(1, _CELLS // max(len(a.clusters), len(b.clusters)))
    for start in range(0, count, step):
        cut = slice(start, start + step)
        known, moved = [], []
        for side, at in zip((a, b), shared, strict=True):
            totals = side.matrix[:, cut].toarray().T.astype(float)
            known.append(make_share(totals, side.weight, np.full(len(totals), side.weight.sum())))
            without = (side.n[cut, None] - totals) / (side.weight.sum() - side.weight)
            moved.append(deviations(without, axis=1)[:, at])
        spread = np.sqrt(known[0].variance * known[1].variance)
        covariance = (moved[0] * moved[1]).sum(axis=1)
        correlation = np.divide(covariance, spread, out=np.zeros_like(spread), where=spread > 0).clip(-1, 1)
        ends[:, cut] = np.sort(np.multiply(difference_limits(*known, correlation), away[cut]), axis=0)
    few = ((a.matrix > 0).sum(axis=0) + (b.matrix > 0).sum(axis=0)) < _FEW_CLUSTERS
    for where, why in (
        (few, "in too few clusters: no interval"),
        ((a.n == 0) | (b.n == 0), "absent on one side: no interval"),
    ):
        ends[:, where], note[where] = np.nan, why
    return *ends, note


def word_shifts(study: Dataset) -> pd.DataFrame:
    """Return labMT's word shift for every pair of groups of one language that it reads.

    One filter, the lens and the masks, is applied before anything is counted: to the shift, to the mean of words and
    to the mean of utterances that stands beside it. A hashtag is one term here; the study's own means read its words.

    Returns
    -------
    pandas.DataFrame
        ``language, a, b``, then the rows of :func:`summarize` and of :func:`word_shift` (``part`` is ``term``, ``name``
        the term), and ``label_a, vantage_a, utterances_a`` (and of b), ``weighting, middle``.

    """
    options, name = study.parameters, "labmt"
    labmt = word_means(name, options.lens, masked=options.masked, laughter=options.laughter == "score")
    groups = [group for group in study.groups if group.language in labmt.languages]
    counts, sides, tables = {}, {}, []
    for group in groups:
        tokens, clusters = study.tokens(group.rows), group.rows["cluster_id"]
        counts[group.name, group.language] = count_terms(tokens, clusters)
        # Each utterance is scored with the very words that the shift counts.
        score = pd.Series(labmt.score(Batch(group.language, [], Ragged.of(tokens))).score)
        sides[group.name, group.language] = make_side(score, clusters, options.weighting, group.rows["likes"])
    for a, b in lawful_pairs(groups):
        pair = [(group.name, group.language) for group in (a, b)]
        words = [counts[key] for key in pair]
        shift = word_shift(*words, labmt.ratings[a.language], labmt.middle)
        reasons = left_out(labmt, a.language, masked=options.masked)
        summary = summarize(shift, *words, left_out=reasons, utterances=(sides[pair[0]], sides[pair[1]]))
        rows = pd.concat([summary, shift.assign(part="term").rename(columns={"term": "name"})], ignore_index=True)
        sizes = {f"utterances_{side}": len(group.rows) for side, group in zip("ab", (a, b), strict=True)}
        tables.append(name_sides(rows, (a, b), **sizes, weighting=options.weighting, middle=labmt.middle))
    return stack(tables, PAIR)


def left_out(labmt: WordMeans, language: str, *, masked: bool) -> dict[str, str]:
    """Return why words that labMT rates are not scored: ``masked``, ``laughter``, or ``near neutral`` by the lens."""
    name = labmt.name.removesuffix(UNMASKED)
    masks = set(read_masks(name, language) if masked else ())
    rated = read_ratings(name, language)
    laughs, margin = laughs_in(language), labmt.lens[language]
    why = {}
    for word in sorted(rated.keys() - labmt.ratings[language].keys()):
        near = abs(rated[word] - labmt.middle) < margin
        why[word] = "masked" if word in masks else "laughter" if laughs(word) and not near else "near neutral"
    return why
