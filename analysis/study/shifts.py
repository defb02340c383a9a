"""Word shifts of labMT for every pair of groups of one language, drawn and saved."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from analysis.compare.clusters import Side, make_side
from analysis.compare.groups import Group, lawful_pairs, main_groups
from analysis.compare.vocabulary import count_terms
from analysis.compare.word_shift import summarize, word_shift
from analysis.measure.instrument import Batch
from analysis.measure.laughter import laughs_in
from analysis.measure.lexicon import WordMeans, read_masks, read_ratings, word_means
from analysis.measure.ragged import Ragged
from analysis.show import style
from analysis.show import word_shift as show_word_shift
from analysis.study.session import Study, slug

_INSTRUMENT = "labmt"


def shift_figures(study: Study, lens: float = 0.5, *, masked: bool = True, most: int = 25) -> list[style.Saved]:
    """Draw the word shift of every pair of groups of one language that labMT reads.

    One filter, the lens and the masks, is applied before anything is counted: to the shift, to the mean of words and
    to the mean of utterances that stands beside it.

    Parameters
    ----------
    study : Study
    lens : float
        See `analysis.measure.lexicon.word_means`.
    masked : bool
        Leave masked words unscored.
    most : int
        Terms to draw; the CSV holds all.

    Returns
    -------
    list of Saved
        ``02-shift-<language>-<a>-<b>``; a pair with a side that has no scored word is drawn as such.

    """
    labmt = word_means(_INSTRUMENT, lens, masked=masked, laughter=study.laughter == "score")
    groups = [group for group in main_groups(study.own_words) if group.language in labmt.languages]
    tokens = {(group.name, group.language): study.tokens(group.rows) for group in groups}
    saved = []
    for a, b in lawful_pairs(groups):
        words = [tokens[group.name, group.language] for group in (a, b)]
        counts = [count_terms(of, group.rows["cluster_id"]) for of, group in zip(words, (a, b), strict=True)]
        sides = [_side(group, of, labmt, study.weighting) for of, group in zip(words, (a, b), strict=True)]
        shift = word_shift(*counts, labmt.ratings[a.language], labmt.middle)
        summary = summarize(
            shift, *counts, left_out=left_out(labmt, a.language, masked=masked), utterances=(sides[0], sides[1])
        )
        terms, sums = style.rounded(shift), style.rounded(summary)
        figure = show_word_shift.draw_shift(terms, sums, a, b, most, reference=labmt.middle, weighting=study.weighting)
        rows = pd.concat([sums, terms.assign(part="term").rename(columns={"term": "name"})])
        name = f"02-shift-{a.language}-{slug(a.name)}-{slug(b.name)}"
        saved.append(study.save(figure, rows, name))
    return saved


def left_out(labmt: WordMeans, language: str, *, masked: bool) -> dict[str, str]:
    """Return why words that labMT rates are not scored: ``masked``, ``laughter``, or ``near neutral`` by the lens."""
    masks = set(read_masks(_INSTRUMENT, language) if masked else ())
    rated = read_ratings(_INSTRUMENT, language)
    laughs, lens = laughs_in(language), labmt.lens[language]
    why = {}
    for word in sorted(rated.keys() - labmt.ratings[language].keys()):
        near = abs(rated[word] - labmt.middle) < lens
        why[word] = "masked" if word in masks else "laughter" if laughs(word) and not near else "near neutral"
    return why


def _side(group: Group, tokens: pa.ListArray, labmt: WordMeans, weighting: str) -> Side:
    """Score each utterance with the very words that the shift counts."""
    ragged = Ragged.of(tokens)
    score = labmt.score(Batch(group.language, [], ragged)).score
    return make_side(pd.Series(score), group.rows["cluster_id"], weighting, group.rows["likes"])
