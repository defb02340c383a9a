"""What notebook 03 calls: which words set the groups of one language apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.compare.clusters import effective_clusters
from analysis.compare.groups import Group, lawful_pairs, main_groups
from analysis.compare.keyness import keyness, leading
from analysis.compare.vocabulary import Counts, count_pairs, count_terms
from analysis.measure.background import background_shares
from analysis.show import keyness as show_keyness
from analysis.show import style
from analysis.study.session import Study, slug

_LANGUAGES = ("en", "zh")
_TOP = 25


def _groups(study: Study) -> list[Group]:
    return [group for group in main_groups(study.own_words) if group.language in _LANGUAGES]


def _pairs(study: Study) -> Iterator[tuple[Group, Group, list[Counts], list[Counts], list[str]]]:
    """Yield the pairs of groups of one language with the counts of their words and pairs, and what these rest on."""
    counted = {}
    for group in _groups(study):
        tokens, clusters = study.tokens(group.rows), group.rows["cluster_id"]
        words, pairs = count_terms(tokens, clusters), count_pairs(tokens, clusters)
        weight = np.asarray(words.matrix.sum(axis=1)).ravel()
        rest = (
            f"{len(group.rows):,} utterances, {style.effective_size(len(words.clusters), effective_clusters(weight))}"
        )
        size = f"{int(words.matrix.sum()):,} words, {rest}", f"{int(pairs.matrix.sum()):,} pairs, {rest}"
        counted[group.name, group.language] = words, pairs, size
    for a, b in lawful_pairs(_groups(study)):
        sides = [counted[group.name, group.language] for group in (a, b)]
        yield a, b, [side[0] for side in sides], [side[1] for side in sides], [side[2] for side in sides]


def vocabulary_figures(
    study: Study,
    min_count: int,
    prior_share: float,
    draws: int = 1999,
    seed: int = 1,
) -> list[style.Saved]:
    """Draw the vocabulary of every pair of groups of one language.

    Parameters
    ----------
    study : Study
    min_count : int
        Occurrences that a term needs in the pair of groups.
    prior_share : float
        Strength of the prior of the log-odds.
    draws, seed : int
        Permutations of clusters for every term, and the seed of their generator.

    Returns
    -------
    list of Saved
        For each pair ``03-keyness-<language>-<a>-<b>`` (all words), ``03-key-words-...`` (the first of each side,
        with intervals) and ``03-key-pairs-...`` (pairs of words; its CSV holds all pairs, with ``rank`` where drawn).

    """
    saved = []
    for a, b, words, pairs, sizes in _pairs(study):
        name = f"{a.language}-{slug(a.name)}-{slug(b.name)}"
        options = {"min_count": min_count, "prior_share": prior_share, "draws": draws}
        rng = np.random.default_rng(seed)
        table = style.rounded(keyness(*words, background_shares(a.language), **options, rng=rng))
        sizes_words, sizes_pairs = zip(*sizes, strict=True)
        figure = show_keyness.draw_vocabulary(table, a, b, sizes_words, min_count)
        saved.append(study.save(figure, table, f"03-keyness-{name}"))
        drawn = leading(table, _TOP)
        figure = show_keyness.draw_key_terms(table, drawn, a, b, sizes_words)
        saved.append(study.save(figure, drawn, f"03-key-words-{name}"))
        table = style.rounded(keyness(*pairs, **options, rng=rng))
        drawn = leading(table, _TOP)
        figure = show_keyness.draw_key_terms(table, drawn, a, b, sizes_pairs, "pairs of words")
        saved.append(study.save(figure, table.assign(rank=drawn["rank"]), f"03-key-pairs-{name}"))
    return saved
