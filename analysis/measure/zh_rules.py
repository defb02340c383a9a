"""zh_rules: the tone of Chinese texts by word valences and grammar, the Chinese counterpart of VADER."""

from __future__ import annotations

import copy
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from analysis.corpus.readers.table import read_number, read_rows
from analysis.errors import ParameterError
from analysis.measure.chinese import tokenize
from analysis.measure.instrument import Batch, Scores
from analysis.measure.laughter import bare, laughs_in
from analysis.measure.lexicon import read_ratings
from analysis.measure.ragged import Ragged, places
from analysis.paths import DATA

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path


RULES_FILE = DATA / "zh_rules.csv"

_POINT = 4 / 3  # labMT and the data file rate from -3 to 3 around labMT's mean; VADER's constants want -4 to 4
_ALPHA = 15.0  # VADER's normalisation s / sqrt(s^2 + 15)
_EXCLAIM, _EXCLAIMS = 0.292, 4  # VADER: added to |s| for each exclamation mark, at most so many
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.5  # VADER
#: labMT words nearer to its mean are not scored; single characters, mostly bound or ambiguous, must be twice as far.
_BAND = 0.3
_NEAR, _WIDE, _DEGREE = 3, 5, 2  # how many words back an adverb, a denial of existence or opinion, a degree reaches
_LEAST_DEGREE, _MOST_DEGREE = 0.5, 2.0  # several words of degree together
_REPEATS = 3  # the same word or code in a row counts so many times
_REMEMBERED = 200_000  # words
_COLD = -0.5  # an ironic word or code, taken as cold

_SENTENCE_ENDS = frozenset("。!?…;")
_INSIDE = frozenset("、“”\"'‘’《》「」『』·")  # marks that end no clause
_OF = frozenset("的得地")  # an adverb's reach ends here: 不远的地方很美 denies no beauty

_PLAIN, _NEGATION, _WIDE_NEGATION, _DEGREE_WORD, _COMPLEMENT, _CONTRAST, _BORDER, _COORDINATION = range(8)
_KINDS = {
    "negation": _NEGATION,
    "double_negation": _NEGATION,
    "negation_wide": _WIDE_NEGATION,
    "rhetorical": _WIDE_NEGATION,
    "degree": _DEGREE_WORD,
    "complement": _COMPLEMENT,
    "contrast": _CONTRAST,
    "border": _BORDER,
    "coordination": _COORDINATION,
}

_UNKNOWN = (0.0, _PLAIN, 1.0, False, False, False)
_ADVERBS = frozenset((_NEGATION, _WIDE_NEGATION, _DEGREE_WORD))

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
    """Read the project's rules, in the order of the file."""
    rows = enumerate(read_rows(path, ("kind", "term", "value")), start=1)
    return tuple(Rule(row["kind"], row["term"], read_number(row, "value", path, number)) for number, row in rows)


class _Units(NamedTuple):
    """What is known of each unit (or of each word of a vocabulary): four arrays of one length."""

    value: np.ndarray  # valence on VADER's scale, 0 where not scored
    kind: np.ndarray  # one of the kinds above
    factor: np.ndarray  # of that kind
    code: np.ndarray  # bool: an emoji code or typed face, which no grammar touches


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    value: float
    kind: int
    factor: float
    masked: bool
    laughs: bool


class _Seen(NamedTuple):
    """A vocabulary and what is known of its words, masks left aside; which of them are masked, which are laughter."""

    vocabulary: Sequence[str]
    words: _Units
    masked: np.ndarray
    laughs: np.ndarray


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
        self._openings = {term[0] for term, (kind, _) in self._grammar.items() if kind in _ADVERBS}
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
        self._named = {*self._values, *self._grammar, *self._faces, *self._masks}
        self._phrases = self._cut_phrases(rules, words)
        self._remembered = lru_cache(_REMEMBERED)(self._flag)
        self._last: list[_Seen] = []  # the last vocabulary, shared with the twin without masks

    def unmasked(self, name: str) -> ZhRules:
        """Return the same instrument without masks; the two look each word up once between them."""
        twin = copy.copy(self)
        twin.name, twin.masking = name, False
        return twin

    def with_laughter(self, *, laughter: bool) -> ZhRules:
        """Return the same instrument with laughter scored or not; the two look each word up once between them."""
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
            and self._grammar.get(word, (_DEGREE_WORD,))[0] == _DEGREE_WORD
        }

    def _cut_phrases(self, rules: Sequence[Rule], own: tuple[str, ...]) -> list[_Phrase]:
        """Return the terms that are several tokens, longest first."""
        terms = list(dict.fromkeys(rule.term for rule in rules))
        phrases = [
            _Phrase(
                tuple(words),
                self._values.get(term, 0.0),
                *self._grammar.get(term, (_PLAIN, 1.0)),
                term in self._masks,
                laughs_in("zh")(term),
            )
            for term, words in zip(terms, tokenize(terms, own).lists(), strict=True)
            if len(words) > 1
        ]
        return sorted(phrases, key=lambda phrase: (-len(phrase.words), phrase))

    def score(self, batch: Batch) -> Scores:
        """Score every text of a batch from its tokens.

        Returns
        -------
        Scores
            ``score`` between -1 and 1; ``n`` the words and codes that were scored; ``pos`` and ``neg`` the sums of
            the warm and of the cold ones after all rules, before exclamation marks and normalisation.

        """
        tokens = batch.tokens
        text = np.repeat(np.arange(len(tokens)), tokens.lengths())
        units = self._units(tokens, text)
        hits = np.flatnonzero(units.value)
        weight = _context(units, text, _among(tokens, _OF), hits)
        weight *= _contrast(units, text, _among(tokens, _SENTENCE_ENDS), hits)
        points = units.value[hits] * np.where(units.code[hits], 1.0, weight)

        texts = len(tokens)
        n = np.bincount(text[hits], minlength=texts)
        # With no hit at all, bincount gives whole numbers.
        pos = np.bincount(text[hits], np.maximum(points, 0), texts).astype(float)
        neg = np.bincount(text[hits], np.maximum(-points, 0), texts).astype(float)
        total = pos - neg
        total += np.sign(total) * _EXCLAIM * np.minimum(tokens.sums(_among(tokens, {"!"})), _EXCLAIMS)
        return Scores(np.where(n > 0, total / np.sqrt(total**2 + _ALPHA), np.nan), n, pos, neg)

    def _look_up(self, vocabulary: Sequence[str]) -> _Seen:
        """Look every word of a vocabulary up once."""
        for seen in self._last:
            if seen.vocabulary is vocabulary:
                return seen
        flags = list(map(self._remembered, vocabulary))
        columns = zip(*flags, strict=True) if flags else ((),) * 6
        kinds = (float, np.int8, float, bool, bool, bool)
        *words, masked, laughs = (np.array(column, kind) for column, kind in zip(columns, kinds, strict=True))
        seen = _Seen(vocabulary, _Units(*words), masked, laughs)
        self._last[:] = [seen]
        return seen

    def _flag(self, word: str) -> tuple[float, int, float, bool, bool, bool]:
        """Return value, kind, factor, and whether a word is a code, is masked, is laughter."""
        first = word[0]
        if word.isalnum() and word not in self._named and first not in self._openings and first * len(word) != word:
            return _UNKNOWN
        *known, masked = self._flag_of(word)
        return (*known, masked, bool(known[0]) and laughs_in("zh")(word))

    def _flag_of(self, word: str) -> tuple[float, int, float, bool, bool]:
        code = bare(word)
        if code in self._faces or code != word or (word[0] == "[" and len(word) > 1):
            # A code that no row names may still say a word: [恶心].
            root = code if code in self._values else code.strip("[]")
            return self._values.get(root, 0.0), _BORDER, 1.0, True, code in self._masks or root in self._masks
        kind, factor = self._grammar.get(word, (_PLAIN, 1.0))
        if kind == _PLAIN and not any(map(str.isalnum, word)) and word not in _INSIDE:
            kind = _BORDER
        weight, root = self._root(word)
        masked = word in self._masks or root in self._masks
        return weight * self._values.get(root, 0.0), kind, factor, False, masked

    def _root(self, word: str) -> tuple[float, str]:
        """Return the word whose valence a word has, and a factor on it.

        Laughter and sobs count the same at any length (哈哈哈哈 is 哈哈). Where the segmenter left an adverb on an
        unknown word (很脏, 极其拥挤), the adverb weighs or turns the rest. A word that people rated near neutral (最终,
        不断) is known, and stays so.
        """
        if word in self._values:
            return 1.0, word
        if len(set(word)) == 1:
            return 1.0, word[:2]
        if word[0] in self._openings and word not in self._rated:
            for cut in range(len(word) - 1, 0, -1):
                kind, factor = self._grammar.get(word[:cut], (_PLAIN, 1.0))
                if kind in _ADVERBS and word[cut:] in self._values:
                    return factor, word[cut:]
        return 1.0, word

    def _units(self, tokens: Ragged, text: np.ndarray) -> _Units:
        """Spread the flags over the units, then let phrases and neighbours have their say."""
        seen = self._look_up(tokens.vocabulary)
        units = _Units(*(array[tokens.codes] for array in seen.words))
        if self.masking:
            units.value[seen.masked[tokens.codes]] = 0.0
        if not self._laughter:
            units.value[seen.laughs[tokens.codes]] = 0.0
        self._mark_phrases(units, tokens, text)
        _drop_questions(units, tokens, text)
        _drop_repeats(units, tokens, text)
        _settle_degree(units, text)
        return units

    def _mark_phrases(self, units: _Units, tokens: Ragged, text: np.ndarray) -> None:
        """Let each phrase speak instead of its words: at its last word, or its first if it looks back."""
        codes = tokens.codes
        number = places(tokens.vocabulary)
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], np.arange(len(number) + 1))
        free = np.ones(codes.size, bool)
        for words, value, kind, factor, masked, laughs in self._phrases:
            if not all(word in number for word in words):
                continue
            first = number[words[0]]
            at = order[starts[first] : starts[first + 1]]
            at = at[at + len(words) <= codes.size]
            for step, word in enumerate(words):
                at = at[(codes[at + step] == number[word]) & free[at + step] & (text[at + step] == text[at])]
            for step in range(len(words)):
                free[at + step] = False
                units.value[at + step], units.kind[at + step], units.factor[at + step] = 0.0, _PLAIN, 1.0
            place = at if kind == _COMPLEMENT else at + len(words) - 1
            units.value[place] = 0.0 if (masked and self.masking) or (laughs and not self._laughter) else value
            units.kind[place], units.factor[place] = kind, factor


def _among(tokens: Ragged, words: Collection[str]) -> np.ndarray:
    """Return which units are one of some words, bool, shape (units,)."""
    place, found = places(tokens.vocabulary), np.zeros(len(tokens.vocabulary), bool)
    found[[place[word] for word in words if word in place]] = True
    return found[tokens.codes]


def _drop_questions(units: _Units, tokens: Ragged, text: np.ndarray) -> None:
    """Take A-not-A (好不好, 喜欢不喜欢) for the question it is: nothing asserted, nothing denied."""
    codes = tokens.codes
    middle = np.flatnonzero(_among(tokens, {"不", "没"})[1:-1]) + 1
    middle = middle[(codes[middle - 1] == codes[middle + 1]) & (text[middle - 1] == text[middle + 1])]
    units.kind[middle] = _PLAIN
    units.value[middle - 1] = units.value[middle + 1] = 0.0


def _drop_repeats(units: _Units, tokens: Ragged, text: np.ndarray) -> None:
    """Count the same unit in a row so many times and no more."""
    codes = tokens.codes
    again = text[_REPEATS:] == text[:-_REPEATS]
    for back in range(1, _REPEATS + 1):
        again &= codes[_REPEATS:] == codes[_REPEATS - back : codes.size - back]
    units.value[_REPEATS:][again] = 0.0


def _settle_degree(units: _Units, text: np.ndarray) -> None:
    """Decide for each word of degree whether it is one here or a word of its own.

    好 is a degree in 好美 and praise in 很好: it is a degree right before a scored word or another degree. A
    complement is one right after a scored word: nobody dies in 累死了.
    """
    same = text[1:] == text[:-1]
    scored = (units.value != 0) & ~units.code
    before, after = np.zeros(text.size, bool), np.zeros(text.size, bool)
    before[:-1] = same & (scored[1:] | (units.kind[1:] == _DEGREE_WORD))
    after[1:] = same & scored[:-1]
    for kind, is_one in ((_DEGREE_WORD, before), (_COMPLEMENT, after)):
        here = units.kind == kind
        units.value[here & is_one] = 0.0
        units.kind[here & ~is_one & (scored if kind == _DEGREE_WORD else True)] = _PLAIN


def _context(units: _Units, text: np.ndarray, of: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return the factor of negation, rhetoric and degree for each scored unit, looking back step by step."""
    turn, degree = np.ones(hits.size), np.ones(hits.size)
    live = np.ones(hits.size, bool)
    near = live.copy()
    for step in range(1, _WIDE + 1):
        at = np.maximum(hits - step, 0)
        kind, factor = units.kind[at], units.factor[at]
        live &= (hits >= step) & (text[at] == text[hits]) & (kind != _BORDER) & (kind != _CONTRAST)
        # What governs an earlier scored word stops there, unless the two are joined (没有自由和快乐).
        live &= (units.value[at] == 0) | (units.kind[np.minimum(at + 1, hits)] == _COORDINATION)
        near &= live & ~of[at] & (step <= _NEAR)
        turn = np.where(live & (kind == _WIDE_NEGATION) | near & (kind == _NEGATION), turn * factor, turn)
        degree = np.where(live & (kind == _DEGREE_WORD) & (step <= _DEGREE), degree * factor, degree)
    at = np.minimum(hits + 1, text.size - 1)
    after = np.where((at > hits) & (text[at] == text[hits]) & (units.kind[at] == _COMPLEMENT), units.factor[at], 1.0)
    return turn * np.sign(after) * np.clip(degree * np.abs(after), _LEAST_DEGREE, _MOST_DEGREE)


def _contrast(units: _Units, text: np.ndarray, ends: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return VADER's weights for a sentence with a 'but': less before its last one, more after it."""
    sentence = text + np.cumsum(ends)
    last = np.full(int(sentence[-1]) + 1 if sentence.size else 1, -1)
    but = np.flatnonzero(units.kind == _CONTRAST)
    last[sentence[but]] = but
    at = last[sentence[hits]]
    return np.where(at < 0, 1.0, np.where(hits < at, _BEFORE_BUT, _AFTER_BUT))
