"""zh_rules: the tone of Chinese texts by word valences and grammar, the Chinese counterpart of VADER."""

from __future__ import annotations

import copy
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from analysis.corpus.readers.table import read_number, read_rows, require_filled, require_known
from analysis.errors import ParameterError
from analysis.measure import zh_grammar
from analysis.measure.chinese import tokenize
from analysis.measure.instrument import Batch, Scores
from analysis.measure.laughter import bare, laughs_in
from analysis.measure.lexicon import read_ratings
from analysis.measure.phrases import Phrases, crowded
from analysis.measure.ragged import Ragged
from analysis.measure.zh_grammar import PLAIN, Units
from analysis.paths import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


RULES_FILE = DATA / "zh_rules.csv"

_POINT = 4 / 3  # labMT and the data file rate from -3 to 3 around labMT's mean; VADER's constants want -4 to 4
_ALPHA = 15.0  # VADER's normalisation s / sqrt(s^2 + 15)
_EXCLAIM, _EXCLAIMS = 0.292, 4  # VADER: added to |s| for each exclamation mark, at most so many
#: labMT words nearer to its mean are not scored; single characters, mostly bound or ambiguous, must be twice as far.
_BAND = 0.3
_REMEMBERED = 200_000  # words
_COLD = -0.5  # an ironic word or code, taken as cold

_INSIDE = frozenset("、“”\"'‘’《》「」『』·")  # marks that end no clause
#: Of these no adverb reaches beyond 的: 不远的地方很美 denies no beauty.
_SIGNS = {
    **dict.fromkeys("的得地", zh_grammar.OF),
    **dict.fromkeys("。!?…;", zh_grammar.END),
    **dict.fromkeys("不没", zh_grammar.NOT),
}
_SIGNS["!"] |= zh_grammar.EXCLAIMS

_KINDS = {
    "negation": zh_grammar.NEGATION,
    "double_negation": zh_grammar.NEGATION,
    "negation_wide": zh_grammar.WIDE_NEGATION,
    "rhetorical": zh_grammar.WIDE_NEGATION,
    "degree": zh_grammar.DEGREE_WORD,
    "complement": zh_grammar.COMPLEMENT,
    "contrast": zh_grammar.CONTRAST,
    "border": zh_grammar.BORDER,
    "coordination": zh_grammar.COORDINATION,
}
#: The other kinds: they have a valence.
_RATED = ("word", "emoji_code", "ironic")
_ADVERBS = frozenset((zh_grammar.NEGATION, zh_grammar.WIDE_NEGATION, zh_grammar.DEGREE_WORD))

Ironic = Literal["skip", "literal", "cold"]
_IRONIC = {"skip": 0.0, "literal": None, "cold": _COLD}


class Rule(NamedTuple):
    """One row of ``data/zh_rules.csv``.

    Attributes
    ----------
    kind : str
        ``word``, ``emoji_code`` or ``ironic`` (they have a valence), or a kind of grammar: ``negation`` (turns the
        next scored word), ``negation_wide`` (reaches over modifiers), ``double_negation``, ``rhetorical``, ``degree``
        (before a word), ``complement`` (after it), ``contrast``, ``border``, ``coordination``.
    term : str
        One token or several.
    value : float
        Of a valence: points of labMT from labMT's mean, -3 to 3. Of grammar: a factor.

    """

    kind: str
    term: str
    value: float


@cache
def read_rules(path: Path = RULES_FILE) -> tuple[Rule, ...]:
    """Read the project's rules, in the order of the file.

    Raises
    ------
    InputError
        If a kind is not known, a term is empty or a value is no number.

    """
    out = []
    for number, row in enumerate(read_rows(path, ("kind", "term", "value")), start=1):
        require_known(row, "kind", (*_RATED, *_KINDS), path, number)
        require_filled(row, "term", path, number)
        out.append(Rule(row["kind"], row["term"], read_number(row, "value", path, number)))
    return tuple(out)


class _Word(NamedTuple):
    """What is known of a word or phrase, masks and laughter left aside."""

    value: float  # valence on VADER's scale, 0 where not scored
    kind: int = PLAIN
    factor: float = 1.0
    flags: int = 0


class _Read(NamedTuple):
    """A batch as all twins of an instrument see it, and what the last of them made of it."""

    tokens: Ragged
    text: np.ndarray
    units: Units
    silent: np.ndarray
    scores: Scores


class ZhRules:
    """Valence of words, turned and weighed by Chinese grammar.

    Base valences are labMT's Chinese ratings less their mean, near-neutral words dropped, and the project's own rows
    of ``data/zh_rules.csv``. Around each scored word: negation, double negation, rhetorical questions, degree before
    and after it, contrast, exclamation marks. Nothing reaches over punctuation, an emoji code, a conjunction that
    opens a clause, or an earlier scored word, unless 和 or the like joins the two. The sum *s* is normalised as VADER
    does, ``s / sqrt(s**2 + 15)`` (Hutto & Gilbert 2014), and so are negation (-.74), contrast and exclamation.

    Parameters
    ----------
    masks : sequence of str
        Words that are never scored (topic words); they keep their part in the grammar.
    ironic : {"skip", "literal", "cold"}
        How to take words and codes that are ironic more often than not (呵呵, [doge], [微笑]): not scored, as what
        they say, or as mildly cold.
    words : tuple of str
        The user's words with which the texts were cut.
    laughter : bool
        Score laughter (哈哈, 2333, [笑cry]); else it keeps its part in the grammar alone, as masked words do.

    Raises
    ------
    ParameterError
        If `ironic` is none of the three.

    Notes
    -----
    Emoji other than platform codes are not scored: they are a channel of their own. Mockery in plain words is scored
    as what it says.

    """

    name = "zh_rules"
    languages = ("zh",)
    scale = (-1.0, 1.0)

    def __init__(
        self,
        masks: Sequence[str] = (),
        *,
        ironic: Ironic = "skip",
        words: tuple[str, ...] = (),
        laughter: bool = True,
    ) -> None:
        """Sort the rules by kind; cut terms of several words as texts are cut."""
        if ironic not in _IRONIC:
            message = f"ironic is {ironic!r} (accepted: {', '.join(_IRONIC)})"
            raise ParameterError(message)
        rules = read_rules()
        self._grammar = {rule.term: (_KINDS[rule.kind], rule.value) for rule in rules if rule.kind in _KINDS}
        self._adverbs = {term: factor for term, (kind, factor) in self._grammar.items() if kind in _ADVERBS}
        self._openings = {term[0] for term in self._adverbs}
        self._rated = read_ratings("labmt", "zh")
        self._values = self._near_values()
        taken = _IRONIC[ironic]
        for kind, term, value in rules:
            if kind == "ironic":
                self._values[bare(term)] = _POINT * (value if taken is None else taken)
            elif kind not in _KINDS:
                self._values[bare(term)] = _POINT * value
        self._faces = {bare(rule.term) for rule in rules if rule.kind == "emoji_code"}
        self._masks, self.masking, self._laughter = frozenset(masks), bool(masks), laughter
        self._odd = {*self._grammar, *self._faces, *self._masks, *_SIGNS}
        self._named = {*self._values, *self._odd}
        self._laughs = laughs_in("zh")
        self._lock = Lock()  # threads of one process share an instrument
        self._memory: dict[str, int] = {}
        self._rows: dict[tuple[float, int, float, int], int] = {_Word(0.0): 0}
        self._seen: list[tuple[Sequence[str], tuple[np.ndarray, ...]]] = []  # the last vocabulary
        phrases = self._cut_phrases(rules, words)
        self._phrases = Phrases([words for words, _ in phrases])
        self._lengths = np.array([len(words) for words, _ in phrases])
        self._phrase = _columns([word for _, word in phrases])
        self._last: list[_Read] = []  # the last batch, shared with the twins

    def unmasked(self, name: str) -> ZhRules:
        """Return the same instrument without masks; the two read each batch once between them."""
        twin = copy.copy(self)
        twin.name, twin.masking = name, False
        return twin

    def with_laughter(self, *, laughter: bool) -> ZhRules:
        """Return the same instrument with laughter scored or not; the two read each batch once between them."""
        twin = copy.copy(self)
        twin._laughter = laughter  # noqa: SLF001
        return twin

    def _near_values(self) -> dict[str, float]:
        """Return labMT's valences without near-neutral words and words of grammar (some words of degree are both)."""
        ratings = self._rated
        mean = sum(ratings.values()) / len(ratings)
        return {
            word: _POINT * (rating - mean)
            for word, rating in ratings.items()
            if abs(rating - mean) >= (_BAND if len(word) > 1 else 2 * _BAND)
            and self._grammar.get(word, (zh_grammar.DEGREE_WORD,))[0] == zh_grammar.DEGREE_WORD
        }

    def _cut_phrases(self, rules: Sequence[Rule], own: tuple[str, ...]) -> list[tuple[tuple[str, ...], _Word]]:
        """Return the terms that are several tokens, longest first."""
        terms = list(dict.fromkeys(rule.term for rule in rules))
        phrases = [
            (
                tuple(words),
                _Word(self._values.get(term, 0.0), *self._grammar.get(term, (PLAIN, 1.0)), self._silence(term, term)),
            )
            for term, words in zip(terms, tokenize(terms, own).lists(), strict=True)
            if len(words) > 1
        ]
        return sorted(phrases, key=lambda phrase: (-len(phrase[0]), phrase))

    def score(self, batch: Batch) -> Scores:
        """Score every text of a batch from its tokens.

        Returns
        -------
        Scores
            ``score`` between -1 and 1; ``n`` the words and codes that were scored; ``pos`` and ``neg`` the sums of
            the warm and of the cold ones after all rules, before exclamation marks and normalisation.

        """
        tokens = batch.tokens
        last = next((read for read in self._last if read.tokens is tokens), None)
        if last is None:
            text = batch.text_of
            units = self._units(tokens)
            silent = self._silent(units)
            scores = self._score(units, silent, text, len(tokens))
            self._last[:] = [_Read(tokens, text, units, silent, scores)]
            return scores
        # A twin of an instrument that has seen this batch: only where it scores other words can it say anything else.
        silent = self._silent(last.units)
        texts = np.unique(last.text[silent != last.silent])
        if not len(texts):
            return last.scores
        at = np.flatnonzero(np.isin(np.arange(len(tokens)), texts)[last.text])
        units = Units(*(column[at] for column in last.units))
        other = self._score(units, silent[at], np.searchsorted(texts, last.text[at]), len(texts))
        scores = Scores(*(column.copy() for column in last.scores if column is not None))
        for column, values in zip(scores, other, strict=True):
            column[texts] = values
        return scores

    def _silent(self, units: Units) -> np.ndarray:
        """Return which units have a valence that is not to be scored: masked words, and laughter unless it counts."""
        bits = zh_grammar.MASKED * self.masking | zh_grammar.LAUGHS * (not self._laughter)
        return (units.flags & bits > 0) & (units.value != 0)

    def _score(self, units: Units, silent: np.ndarray, text: np.ndarray, texts: int) -> Scores:
        exclaims = np.bincount(text[units.flags & zh_grammar.EXCLAIMS > 0], minlength=texts)
        units = units._replace(value=np.where(silent, 0.0, units.value), kind=units.kind.copy())
        hits, points = zh_grammar.weigh(units, text)
        n = np.bincount(text[hits], minlength=texts)
        # With no hit at all, bincount gives whole numbers.
        pos = np.bincount(text[hits], np.maximum(points, 0), texts).astype(float)
        neg = np.bincount(text[hits], np.maximum(-points, 0), texts).astype(float)
        total = pos - neg
        total += np.sign(total) * _EXCLAIM * np.minimum(exclaims, _EXCLAIMS)
        return Scores(np.where(n > 0, total / np.sqrt(total**2 + _ALPHA), np.nan), n, pos, neg)

    def _units(self, tokens: Ragged) -> Units:
        """Spread what is known of each word over the units, then let each phrase speak instead of its words."""
        units = Units(tokens.codes, *(column[tokens.codes] for column in self._look_up(tokens.vocabulary)))
        at, which = self._matches(tokens)
        length = self._lengths[which]
        step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        inside = np.repeat(at, length) + step
        units.value[inside], units.kind[inside], units.factor[inside] = 0.0, PLAIN, 1.0
        units.flags[inside] &= zh_grammar.ALL - zh_grammar.MASKED - zh_grammar.LAUGHS
        value, kind, factor, flags = (column[which] for column in self._phrase)
        # At its last word, or its first if it looks back.
        place = np.where(kind == zh_grammar.COMPLEMENT, at, at + length - 1)
        units.value[place], units.kind[place], units.factor[place] = value, kind, factor
        units.flags[place] |= flags
        return units

    def _matches(self, tokens: Ragged) -> tuple[np.ndarray, np.ndarray]:
        """Return where phrases begin, and which: a token is taken by the longest (and first) of those that claim it."""
        at, which = self._phrases.find(tokens)
        order = np.argsort(at, kind="stable")
        at, which = at[order], which[order]
        meets = crowded(np.zeros_like(at), at, at + self._lengths[which])
        keep = ~meets
        rows = np.flatnonzero(meets)
        taken: dict[int, int] = {}
        for row in rows[np.lexsort((at[rows], which[rows]))].tolist():
            phrase = int(which[row])
            places = range(int(at[row]), int(at[row] + self._lengths[phrase]))
            # A phrase may overlap itself.
            if all(taken.get(place, phrase) == phrase for place in places):
                taken.update(dict.fromkeys(places, phrase))
                keep[row] = True
        return at[keep], which[keep]

    def _look_up(self, vocabulary: Sequence[str]) -> tuple[np.ndarray, ...]:
        """Return what is known of each word of a vocabulary."""
        with self._lock:
            if self._seen and self._seen[0][0] is vocabulary:
                return self._seen[0][1]
            if len(self._memory) > _REMEMBERED:
                self._memory.clear()
            row_of, named, openings, look_up = self._memory, self._named, self._openings, self._row
            # Most words have no letter that a rule knows: row 0, told at once and not remembered.
            rows = [
                0
                if word not in named
                and word.isalnum()
                and (len(word) == 1 or (word[0] not in openings and word[0] != word[1]))
                else row_of.get(word) or look_up(word)
                for word in vocabulary
            ]
            known = tuple(column[rows] for column in _columns(list(self._rows)))
            self._seen[:] = [(vocabulary, known)]
            return known

    def _row(self, word: str) -> int:
        """Return the row of what is known of a word, and remember it."""
        if word.isalnum() and word not in self._odd:
            # Most of them: a word with a valence or none, that takes no part in the grammar and is no code.
            weight, root = self._root(word)
            value = weight * self._values.get(root, 0.0)
            if not value:
                return 0
            known = (value, PLAIN, 1.0, self._silence(word, root))
            row = self._memory[word] = self._rows.setdefault(known, len(self._rows))
            return row
        code, flags = bare(word), _SIGNS.get(word, 0)
        if code in self._faces or code != word or (word[0] == "[" and len(word) > 1):
            # A code that no row names may still say a word: [恶心].
            root = code if code in self._values else code.strip("[]")
            known = _Word(self._values.get(root, 0.0), zh_grammar.BORDER, 1.0, flags | zh_grammar.CODE)
        else:
            kind, factor = self._grammar.get(word, (PLAIN, 1.0))
            if kind == PLAIN and not any(map(str.isalnum, word)) and word not in _INSIDE:
                kind = zh_grammar.BORDER
            weight, root = self._root(word)
            known = _Word(weight * self._values.get(root, 0.0), kind, factor, flags)
        if known.value:
            known = known._replace(flags=known.flags | self._silence(word, code, root))
        row = self._memory[word] = self._rows.setdefault(known, len(self._rows))
        return row

    def _silence(self, word: str, *names: str) -> int:
        """Return the flags for which a word may go unscored: under one of its names it is masked, or it laughs."""
        masked = not self._masks.isdisjoint(names)
        return zh_grammar.MASKED * masked | zh_grammar.LAUGHS * self._laughs(word)

    def _root(self, word: str) -> tuple[float, str]:
        """Return the word whose valence a word has, and a factor on it.

        Laughter and sobs count the same at any length (哈哈哈哈 is 哈哈). Where the segmenter left an adverb on an
        unknown word (很脏, 极其拥挤), the adverb weighs or turns the rest. A word that people rated near neutral (最终,
        不断) is known, and stays so.
        """
        if word in self._values:
            return 1.0, word
        if word == word[0] * len(word):
            return 1.0, word[:2]
        if word[0] in self._openings and word not in self._rated:
            for cut in range(len(word) - 1, 0, -1):
                if word[:cut] in self._adverbs and word[cut:] in self._values:
                    return self._adverbs[word[:cut]], word[cut:]
        return 1.0, word


def _columns(words: Sequence[tuple[float, int, float, int]]) -> tuple[np.ndarray, ...]:
    """Return what is known of words as four arrays."""
    columns = zip(*words, strict=True) if words else ((),) * 4
    return tuple(
        np.array(column, kind) for column, kind in zip(columns, (float, np.int8, float, np.uint8), strict=True)
    )
