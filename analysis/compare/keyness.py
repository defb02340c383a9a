"""Which terms set two groups of one language apart: effects, intervals and p that respect clusters, dispersion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse
from scipy.special import chdtrc, xlog1py

from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, effective_clusters
from analysis.compare.contrasts import FEW_NOTE, FEW_P_NOTE, adjust
from analysis.compare.dataset import Dataset
from analysis.compare.jackknife import Jackknife
from analysis.compare.keyness_permutation import Grid, keyness_p
from analysis.compare.log_ratio import agree, interval, jackknife, log_ratio
from analysis.compare.pairings import PAIR, lawful_pairs, name_sides, stack
from analysis.compare.vocabulary import Counts, count_pairs, count_terms, term_classes
from analysis.digits import settled
from analysis.measure.background import background_shares
from analysis.measure.concepts import LANGUAGES
from analysis.measure.lexicon import topic_words

TERM_COLUMNS = (
    *("term", "class", "n_a", "n_b", "per_million_a", "per_million_b", "log_ratio", "ci_low", "ci_high"),
    *("log_odds", "se_tokens", "z_tokens", "g2_tokens", "p_tokens"),
    *("clusters_a", "clusters_b", "dp_a", "dp_b", "dp_norm_a", "dp_norm_b", "p", "q", "prior", "note"),
)
SIGNIFICANT = 0.05
#: A term in fewer clusters than this (both sides together) gets no interval.
FEW_WITH = 5
ABSENT_NOTE = "absent on one side: interval open"
RARE_NOTE = "in too few clusters: no interval"


def keyness(
    a: Counts,
    b: Counts,
    background: Mapping[str, float] | None = None,
    *,
    min_count: int = 5,
    prior_share: float = 0.02,
    without: Collection[str] = (),
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Compare the vocabulary of two groups of one language.

    Parameters
    ----------
    a, b : Counts
        Of one language: words, or pairs of words.
    background : mapping of str to float, optional
        Term to its share of ordinary language, for the prior; without it (pairs) the pooled share.
    min_count : int
        A term is in the declared vocabulary if the pair of groups holds it this often. The vocabulary is the family
        over which p are corrected.
    prior_share : float
        The prior's total strength, as a share of the smaller side's terms.
    without : collection of str
        Words that are not in the declared vocabulary, nor is a pair with one of them.
    draws : int
        Permutations of clusters for every term; 0: no p.
    rng : numpy.random.Generator, optional
        For them.

    Returns
    -------
    pandas.DataFrame
        :data:`TERM_COLUMNS`, sorted by term.

        - ``log_ratio``: log2 of the ratio of shares with half an occurrence added (Hardie 2014); ``ci_low``,
          ``ci_high``: `analysis.compare.log_ratio.interval`, infinite where a side lacks the term.
        - ``log_odds``: with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, Political Analysis 16:372,
          eq. 15-22). ``se_tokens`` and ``z_tokens``, like ``g2_tokens`` (the log-likelihood ratio of the 2 x 2 table,
          Dunning 1993) and its ``p_tokens``, assume independent tokens: they are given for comparison with other
          tools, and are wrong about clustered talk.
        - ``clusters_a``, ``clusters_b``: clusters that hold the term; ``dp`` and ``dp_norm``, for each side: how
          unevenly it is spread over the side's clusters (:func:`dispersion`), NaN where it is absent.
        - ``p``: by permuting clusters (`analysis.compare.keyness_permutation.keyness_p`), or that of the interval if it
          is larger; so p is under .05 exactly where the 95 % interval excludes 0 (`analysis.compare.log_ratio.agree`).
          ``q``: Benjamini & Hochberg over all p of the table.
        - ``prior``: ``ordinary language`` or ``pooled share``; ``note``: why an interval or a p is missing. With G*
          under 5 on a side there is no interval, under 10 no p.

    """
    terms = np.array(sorted(set(a.terms) | set(b.terms)), dtype=object)
    counts_a, counts_b = _aligned(a, terms), _aligned(b, terms)
    n_a, n_b = (np.asarray(counts.sum(axis=0)).ravel() for counts in (counts_a, counts_b))
    unwanted = frozenset(without)
    left_out = np.array([not unwanted.isdisjoint(term.split(" ")) for term in terms], dtype=bool)
    keep = np.flatnonzero((n_a + n_b >= min_count) & ~left_out)
    terms, n_a, n_b = terms[keep], n_a[keep], n_b[keep]
    words = [np.asarray(counts.matrix.sum(axis=1), dtype=float).ravel() for counts in (a, b)]
    sides = Grid(a.clusters, counts_a[:, keep], words[0]), Grid(b.clusters, counts_b[:, keep], words[1])
    words_a, words_b = int(words[0].sum()), int(words[1].sum())
    table = pd.DataFrame({"term": terms, "class": term_classes(terms), "n_a": n_a, "n_b": n_b})
    with np.errstate(divide="ignore", invalid="ignore"):
        table["per_million_a"], table["per_million_b"] = 1e6 * n_a / words_a, 1e6 * n_b / words_b
        table["log_ratio"] = log_ratio((n_a, n_b), (words_a, words_b))
    strength = prior_share * min(words_a, words_b)
    prior = _prior(terms, n_a + n_b, words_a + words_b, background) * strength
    with np.errstate(divide="ignore", invalid="ignore"):  # a side without a word has no prior
        table["log_odds"] = _log_odds(n_a, words_a, prior, strength) - _log_odds(n_b, words_b, prior, strength)
        table["se_tokens"] = np.sqrt(1 / (n_a + prior) + 1 / (n_b + prior))
        table["z_tokens"] = table["log_odds"] / table["se_tokens"]
    # Near 0 only noise is left beyond these digits.
    table["g2_tokens"] = log_likelihood(n_a, n_b, words_a, words_b).round(9)
    table["p_tokens"] = chdtrc(1, table["g2_tokens"].to_numpy())
    table["prior"] = "pooled share" if not background else "ordinary language"
    for name, side in zip("ab", sides, strict=True):
        table[f"clusters_{name}"] = (side.counts > 0).sum(axis=0)
        table[f"dp_{name}"], table[f"dp_norm_{name}"] = dispersion(side.counts, side.words)
    table["ci_low"] = table["ci_high"] = table["p"] = table["q"] = np.nan
    fewest = settled(min(map(effective_clusters, words)))
    if fewest < FEW_FOR_INTERVAL or table.empty:
        return table.assign(note=FEW_NOTE)[list(TERM_COLUMNS)]
    permuted = (lambda: keyness_p(*sides, draws, rng)) if draws else None
    return infer(table, (n_a, n_b), (words_a, words_b), jackknife(*sides), fewest, permuted)[list(TERM_COLUMNS)]


def infer(
    table: pd.DataFrame,
    n: tuple[np.ndarray, np.ndarray],
    among: tuple[np.ndarray | int, np.ndarray | int],
    spread: Jackknife,
    fewest: float,
    permuted: Callable[[], np.ndarray] | None,
) -> pd.DataFrame:
    """Put ``ci_low, ci_high, p, q, note`` into a table of terms that has ``clusters_a, clusters_b``.

    ``n`` are the occurrences on either side, ``among`` what they are counted among, ``spread`` the jackknife of the log
    ratios, ``fewest`` the smaller number of effective clusters; ``permuted`` returns p from permuted clusters.
    """
    rare = (table["clusters_a"] + table["clusters_b"]).to_numpy() < FEW_WITH
    notes = np.select([rare, (n[0] == 0) | (n[1] == 0)], [RARE_NOTE, ABSENT_NOTE], "").astype(object)
    limits = interval(n, among, spread)
    if fewest < FEW_FOR_P:
        notes = np.where(notes == "", FEW_P_NOTE, FEW_P_NOTE + "; " + notes)
    elif permuted:
        limits = agree(permuted(), log_ratio(n, among), limits)
        table["p"] = limits.p
        tested = table["p"].notna()
        table.loc[tested, "q"] = adjust(table.loc[tested, "p"].to_numpy())
    table["ci_low"], table["ci_high"] = np.where(rare, np.nan, limits.low), np.where(rare, np.nan, limits.high)
    return table.assign(note=notes)


def key_words(study: Dataset) -> pd.DataFrame:
    """Compare the words of every pair of groups of one language (see :func:`keyness`).

    Returns
    -------
    pandas.DataFrame
        ``language, a, b``, then :data:`TERM_COLUMNS`, and what the sides rest on: ``label_a, vantage_a, tokens_a,
        utterances_a, group_clusters_a, group_g_a`` and the same of b. A pair that holds no term often enough has one
        row without a ``term``.

    """
    return _key_terms(study, count_terms, background=True)


def key_pairs(study: Dataset) -> pd.DataFrame:
    """Compare the pairs of neighbouring words of every pair of groups (as :func:`key_words`), a family of their own."""
    return _key_terms(study, count_pairs, background=False)


def settings(study: Dataset, language: str) -> dict[str, Any]:
    """Return how the run compares vocabularies of a language: the settings of :func:`keyness`."""
    options = study.parameters
    out = {name: getattr(options, name) for name in ("min_count", "prior_share", "draws")}
    return out | {"without": topic_words(language) if options.topic_words == "drop" else (), "rng": study.rng()}


def _key_terms(study: Dataset, count: Callable[[pa.ListArray, pd.Series], Counts], *, background: bool) -> pd.DataFrame:
    groups = [group for group in study.groups if group.language in LANGUAGES]
    counts = {(g.name, g.language): count(study.tokens(g.rows), g.rows["cluster_id"]) for g in groups}
    tables = []
    for a, b in lawful_pairs(groups):
        table = keyness(
            *(counts[group.name, group.language] for group in (a, b)),
            background_shares(a.language) if background else None,
            **settings(study, a.language),
        )
        about = {}
        for side, group in zip("ab", (a, b), strict=True):
            tokens = np.asarray(counts[group.name, group.language].matrix.sum(axis=1)).ravel()
            about |= {f"tokens_{side}": int(tokens.sum()), f"utterances_{side}": len(group.rows)}
            about |= {f"group_clusters_{side}": len(tokens), f"group_g_{side}": effective_clusters(tokens)}
        tables.append(name_sides(table, (a, b), **about, min_count=study.parameters.min_count))
    return stack(tables, [*PAIR, *TERM_COLUMNS])


def leading(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Choose the terms that set the groups apart most, up to ``most`` of each side.

    Where the table has p, only terms with q < .05; where it has intervals, only those whose interval excludes 0; where
    it has neither, terms that at least two clusters of their side hold (or all, if it has one): what one thread
    repeats says nothing about the group. They are ranked by the limit of the interval that is nearer to 0, or else by
    the log ratio. (Ranked by log-odds, the first places go to words that a side lacks and ordinary language hardly
    knows: their prior is a few millionths of an occurrence.)

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`keyness`.

    Returns
    -------
    pandas.DataFrame
        Rows of the table with ``rank``, 1 being the first of its side; a's terms before b's.

    """
    tested, given = table["p"].notna().any(), table["ci_low"].notna().any()
    limit = settled(np.where(table["log_ratio"] > 0, table["ci_low"], -table["ci_high"]))
    score = np.where(np.isnan(limit), 0, limit) if given else settled(table["log_ratio"].abs())
    out = []
    for name, mine in (("a", table["log_ratio"] > 0), ("b", table["log_ratio"] < 0)):
        held = table[f"clusters_{name}"]
        keep = held >= min(2, held.max()) if len(held) else mine
        if tested:
            keep = settled(table["q"]) < settled(SIGNIFICANT)
        elif given:
            keep = pd.Series(limit > 0, index=table.index)
        pool = table.assign(score=score)[mine & keep].sort_values(["score", "term"], ascending=[False, True])
        out.append(pool.head(most).drop(columns="score").assign(rank=np.arange(1, min(len(pool), most) + 1)))
    return pd.concat(out)


def _aligned(counts: Counts, terms: np.ndarray) -> sparse.csr_array:
    """Return the matrix with the columns of ``terms``, which holds every term of ``counts``; both are sorted."""
    place = np.searchsorted(terms, counts.terms) if len(counts.terms) else np.array([], int)
    grid = counts.matrix.tocoo()
    shape = (counts.matrix.shape[0], len(terms))
    return sparse.coo_array((grid.data, (grid.row, place[grid.col])), shape=shape).tocsr()


def _prior(terms: np.ndarray, n: np.ndarray, words: int, background: Mapping[str, float] | None) -> np.ndarray:
    """Return each term's share under the prior; a term that ordinary language lacks takes its rarest share."""
    if not background:
        return n / max(words, 1)
    least = min(background.values())
    return np.array([background.get(term, least) for term in terms], dtype=float)


def _log_odds(n: np.ndarray, words: int, prior: np.ndarray, strength: float) -> np.ndarray:
    return np.log((n + prior) / (words + strength - n - prior))


def log_likelihood(n_a: np.ndarray, n_b: np.ndarray, words_a: int, words_b: int) -> np.ndarray:
    """Return G^2 of the table (term, other words) x (a, b), which assumes independent tokens (Dunning 1993).

    Examples
    --------
    >>> log_likelihood(np.array([20]), np.array([10]), 1000, 1000).round(3).tolist()
    [3.449]

    """
    every = max(words_a + words_b, 1)

    def cells(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        expected = [(o, (x + y) * (w / every)) for o, w in ((x, words_a), (y, words_b))]
        # O log O / E less O - E, which adds up to nothing: no term is below 0, none hides in another's last digits.
        return sum(xlog1py(o, (o - e) / np.where(e > 0, e, 1)) - (o - e) for o, e in expected)

    return 2 * np.maximum(cells(n_a, n_b) + cells(words_a - n_a, words_b - n_b), 0)


def dispersion(counts: sparse.csr_array, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Return Gries' DP and its normalised form, by term, over one side's clusters.

    With s a cluster's share of the words and v its share of the term's occurrences, DP is half the sum of
    \|s - v\|: 0 where the term is spread as the words are, near 1 where one small cluster holds it all (Gries 2008,
    International Journal of Corpus Linguistics 13:403). DPnorm divides by its greatest value, 1 - the smallest s
    (Lijffijt & Gries 2012, the same 17:147). It is taken over the clusters of each side apart: pooled, a term that
    belongs to one side would look uneven for that reason alone.

    Parameters
    ----------
    counts : scipy.sparse.csr_array of int, shape (clusters, terms)
    words : numpy.ndarray of float64, shape (clusters,)

    Returns
    -------
    tuple of numpy.ndarray of float64, each of shape (terms,)
        NaN where the term is absent, the second also where there is one cluster.

    """
    n = np.asarray(counts.sum(axis=0), dtype=float).ravel()
    said = words[words > 0]
    if not len(said):
        return np.full(len(n), np.nan), np.full(len(n), np.nan)
    share = words / words.sum()
    cells = counts.tocoo()
    # Clusters without the term add their s; all s sum to 1.
    away = np.abs(share[cells.row] - cells.data / n[cells.col]) - share[cells.row]
    with np.errstate(invalid="ignore", divide="ignore"):
        dp = np.where(n > 0, (1 + np.bincount(cells.col, away, len(n))) / 2, np.nan)
        return dp, dp / (1 - said.min() / said.sum())
