"""What VADER's rules ask about a word, looked up once for each distinct one."""

from __future__ import annotations

import string
from functools import cache
from itertools import product
from threading import Lock
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from analysis import paths
from analysis.measure.laughter import laughs_in
from analysis.measure.nltk_source import definitions

_PUNCTUATION = frozenset(string.punctuation)
_EDGES = string.punctuation + "\u2018\u2019\u201c\u201d\u2026\u2013\u2014"
_QUIET = _EDGES.replace("!", "").replace("?", "")
_REMEMBERED = 40  # characters; longer chunks (links) hardly ever come back
_MEMORY_LIMIT = 1_000_000  # chunks
_PER_CHUNK = 4  # more exclamation or question marks than that change nothing

# What the rules ask of a word in lower case, and nothing else of it.
LEAST, AT, VERY, KIND, OF, BUT = range(1, 7)
_LOWER = {"least": LEAST, "at": AT, "very": VERY, "kind": KIND, "of": OF, "but": BUT}


class Traits(NamedTuple):
    """All that the rules ask about a chunk; in `Words.look_up`, one array for each."""

    kept: bool | np.ndarray  # NLTK drops chunks of one character
    form: int | np.ndarray  # number of the exact word if it is to be scored, else -1
    valence: float | np.ndarray  # in the lexicon, -4 to 4
    known: bool | np.ndarray  # is in the lexicon: boosters and negations before such a word do not count
    upper: bool | np.ndarray
    boost: float | np.ndarray
    negates: bool | np.ndarray
    exact: int | np.ndarray  # number of a word of an idiom, case as written, else 0
    lower: int | np.ndarray  # one of the numbers LEAST to BUT, else 0
    exclaims: int | np.ndarray
    asks: int | np.ndarray
    mask: int | np.ndarray  # number of a word of a mask, else 0
    opens: bool | np.ndarray  # has punctuation before it
    closes: bool | np.ndarray  # has punctuation after it
    laughs: bool | np.ndarray


_NO_WORD = Traits(
    kept=False, form=-1, valence=0.0, known=True, upper=False, boost=0.0, negates=False,
    exact=0, lower=0, exclaims=0, asks=0, mask=0, opens=False, closes=False, laughs=False,
)  # fmt: skip


class Words:
    """The traits of every chunk seen. Chunks with equal traits share a row; row 0 stands for "no word there".

    Every row has a twin at the next number, the same chunk masked: so masking sets the last bit of a row number.
    """

    def __init__(self, masks: tuple[str, ...]) -> None:
        self._lexicon = _lexicon()
        self._laughs = laughs_in("en")
        self._rules = rules = rules_of_nltk()
        phrases = [[_core(word)[0] for word in mask.split()] for mask in masks]
        self._mask_words = {word: i for i, word in enumerate(sorted({w for p in phrases for w in p}), start=1)}
        self.masks = [[self._mask_words[word] for word in phrase] for phrase in phrases if phrase]
        self._special = {*self._lexicon, *rules.boosters, *rules.negations, *rules.exact, *_LOWER, *self._mask_words}
        self._lock = Lock()  # threads of one process share an instrument
        self._forget()

    def _forget(self) -> None:
        self._memory: dict[str, int] = {}
        self._last: tuple[list[str], np.ndarray] = ([], np.zeros(0, np.int32))
        self._forms: dict[str, int] = {}
        self._rows: dict[Traits, int] = {_NO_WORD: 0}
        self._plain: dict[tuple[bool | int, ...], int] = {}
        for kept, upper in product((False, True), repeat=2):
            traits = _NO_WORD._replace(kept=kept, upper=upper, known=False)
            self._plain[kept, upper] = 2 * self._rows.setdefault(traits, len(self._rows))
        self._columns = Traits(*map(np.array, zip(_NO_WORD, _NO_WORD, strict=True)))

    def look_up(self, vocabulary: list[str]) -> tuple[np.ndarray, Traits]:
        """Return the row number of each chunk, and the traits of all rows."""
        with self._lock:
            if vocabulary is self._last[0]:
                return self._last[1], self._columns
            if len(self._memory) > _MEMORY_LIMIT:
                self._forget()
            memory = self._memory
            rows = np.array([memory.get(chunk) or self._row(chunk) for chunk in vocabulary], np.int32)
            if 2 * len(self._rows) > len(self._columns.kept):
                both = [twin for traits in self._rows for twin in (traits, self._masked(traits))]
                self._columns = Traits(*map(np.array, zip(*both, strict=True)))
            self._last = (vocabulary, rows)
            return rows, self._columns

    def _row(self, chunk: str) -> int:
        lower = chunk.lower()
        core = lower if lower.isalnum() else lower.strip(_QUIET)
        if core.isalnum() and core not in self._special and lower not in self._special:
            # Three chunks in four: a word that no rule names. (Speed alone: `_traits` would say the same.)
            row = self._plain[len(chunk) > 1, chunk.isupper()]
        else:
            row = self._row_of_marked(chunk.replace("\u2019", "'"))
        if len(chunk) <= _REMEMBERED:
            self._memory[chunk] = row
        return row

    def _row_of_marked(self, chunk: str) -> int:
        """Look up a chunk with punctuation, or that a rule names; of what none names, few traits can differ."""
        word = _bare(chunk, self._rules.marks, self._rules.signs)
        lower, special = word.lower(), self._special
        if word in special or lower in special or "n't" in lower or (self._mask_words and _core(chunk)[0] in special):
            return 2 * self._rows.setdefault(self._traits(chunk, word, lower), len(self._rows))
        marks = (min(chunk.count("!"), _PER_CHUNK), min(chunk.count("?"), _PER_CHUNK))
        key = (len(chunk) > 1, word.isupper(), *marks)
        if key not in self._plain:
            traits = self._traits(chunk, word, lower)
            self._plain[key] = 2 * self._rows.setdefault(traits, len(self._rows))
        return self._plain[key]

    def _traits(self, chunk: str, word: str, lower: str) -> Traits:
        valence = self._lexicon.get(lower)
        boost = self._rules.boosters.get(lower, 0.0)
        scored = valence is not None and not boost
        core, opens, closes = _core(chunk) if self._mask_words else ("", False, False)
        mask = self._mask_words.get(core, 0)
        return Traits(
            kept=len(chunk) > 1,
            form=self._forms.setdefault(word, len(self._forms)) if scored else -1,
            valence=valence or 0.0,
            known=valence is not None,
            upper=word.isupper(),
            boost=boost,
            negates=lower in self._rules.negations or "n't" in lower,
            exact=self._rules.exact.get(word, 0),
            lower=_LOWER.get(lower, 0),
            exclaims=min(chunk.count("!"), _PER_CHUNK),
            asks=min(chunk.count("?"), _PER_CHUNK),
            mask=mask,
            opens=opens and mask > 0,
            closes=closes and mask > 0,
            laughs=valence is not None and self._laughs(lower.strip(_EDGES)),
        )

    def _masked(self, traits: Traits) -> Traits:
        """Return what is left of a masked chunk: a word, loud or not, and its part in "kind of" and the like."""
        exact = traits.exact if traits.exact in self._rules.hedges else 0
        return _NO_WORD._replace(
            kept=traits.kept, upper=traits.upper, known=False, exact=exact, exclaims=traits.exclaims, asks=traits.asks
        )


def _lexicon() -> dict[str, float]:
    """Read the lexicon as ``SentimentIntensityAnalyzer.make_lex_dict`` does, from the package's text."""
    text = paths.package_file("vaderSentiment", "vaderSentiment/vader_lexicon.txt").read_text(encoding="utf-8")
    pairs = (line.strip().split("\t")[:2] for line in text.rstrip("\n").split("\n"))
    return {word: float(valence) for word, valence in pairs}


@cache
def rules_of_nltk() -> SimpleNamespace:
    """Return NLTK's constants, with the idioms as tables over the numbers of their words."""
    constants = definitions("sentiment/vader.py", "VaderConstants").VaderConstants
    idioms = {tuple(idiom.split()): value for idiom, value in constants.SPECIAL_CASE_IDIOMS.items()}
    hedges = [tuple(phrase.split()) for phrase in constants.BOOSTER_DICT if " " in phrase]
    words = sorted({"never", "so", "this"}.union(*idioms, *hedges))
    exact = {word: i for i, word in enumerate(words, start=1)}
    tables = {length: np.full((len(words) + 1,) * length, np.nan) for length in (2, 3)}
    for idiom, value in idioms.items():
        tables[len(idiom)][tuple(exact[word] for word in idiom)] = value
    hedged = np.zeros((len(words) + 1,) * 2, bool)
    for phrase in hedges:
        hedged[tuple(exact[word] for word in phrase)] = True
    return SimpleNamespace(
        boosters=constants.BOOSTER_DICT,
        negations=constants.NEGATE,
        marks=frozenset(constants.PUNC_LIST),
        signs="".join(constants.PUNC_LIST),
        exact=exact,
        hedges={exact[word] for phrase in hedges for word in phrase},
        pairs=tables[2],
        triples=tables[3],
        hedged=hedged,
        caps=constants.C_INCR,
        negation=constants.N_SCALAR,
        dampening=constants.B_DECR,
    )


def _bare(chunk: str, marks: frozenset[str], signs: str) -> str:
    """Take one of VADER's punctuation marks off one end, if what is left is a word of two letters or more.

    NLTK looks a chunk up among all words of the text, each with every mark before and after it. A chunk can only
    match its own word (a word has no punctuation, so chunk minus word is the mark), so the text does not matter.
    """
    word = chunk.strip(signs)
    if len(word) in (0, 1, len(chunk)) or not _PUNCTUATION.isdisjoint(word):
        return chunk
    rest = chunk[len(word) :] if chunk.startswith(word) else chunk[: -len(word)] if chunk.endswith(word) else ""
    return word if rest in marks else chunk


def _core(chunk: str) -> tuple[str, bool, bool]:
    """Return a chunk as masks see it (lower case, no possessive), and whether punctuation stands before, after it."""
    whole = chunk.lower().replace("\u2019", "'")
    start = whole.lstrip(_EDGES)
    core = start.rstrip(_EDGES)
    return core.removesuffix("'s"), len(start) < len(whole), start[len(core) :] not in ("", "'")
