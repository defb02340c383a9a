"""Chinese tokens: simplified, cut by rjieba with the project's own words, platform emoji codes kept whole."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import opencc
import pyarrow as pa
import pyarrow.compute as pc

from analysis.corpus.readers.table import read_rows, read_table, require_filled
from analysis.corpus.schema import MASK, PSEUDONYM
from analysis.errors import InputError
from analysis.measure.hashtags import words_of
from analysis.measure.ragged import Ragged
from analysis.paths import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    import rjieba

WORDS_FILE = DATA / "words_zh.csv"

# Between texts in the one string that is worked on. Not white space, so that no pattern with \s reaches the next text.
_BORDER = "\x00"
_HAN_RANGES = (
    (0x3005, 0x3005),
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_HAN = "".join(f"{chr(first)}-{chr(last)}" for first, last in _HAN_RANGES)
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏＡ-Ｚａ-ｚ"
_DIGIT = "0-9０-９"
_PICTURE = (
    "[\U0001f000-\U0001faff\u2600-\u27bf\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55]"
)

_CODE = rf"\[(?=[^\]]{{0,11}}[A-Za-z{_HAN}])[\w-]{{1,12}}\]"  # [2012] is none

# A hashtag that a second mark closes (Weibo, Xiaohongshu) or white space (Douyin), with a letter in it: #1 is none.
_HASHTAG = rf"[#＃](?=[^\s#＃\x00]*[{_LETTER}{_HAN}])(?:[^\s#＃\x00]{{1,40}}[#＃]|[^\W\d]\w{{0,39}})"

# Marks that change how a character is drawn or nothing at all: variation selectors, skin tones, zero-width marks
# (writers put them inside words to evade filters), marks of direction, tags, halves of a broken surrogate pair.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ud800-\udfff"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
# A handle ends at white space or punctuation, and Weibo allows 30 characters; a pseudonym ends with itself.
_NAME = rf"(?:[@＠]?{PSEUDONYM}|[@＠][\w·-]{{1,30}})"
_NOISE = re.compile(
    r"(?=[回/@＠u\[])"  # for speed: what all of these begin with
    rf"(?:回复\s?{_NAME}\s?[:：]"  # reply prefix
    rf"|//\s?{_NAME}(?:\s?[:：])?"  # repost mark
    rf"|(?<![A-Za-z0-9._-]){_NAME}"  # handle, but not the second half of an address
    rf"|{MASK}|\[(?:话题|超话)\](?![#＃]))"  # how two platforms export the end of a hashtag
)
_TOKEN = re.compile(
    "|".join(
        (
            _BORDER,
            r"(?:https?://|www\.|t\.cn/)[A-Za-z0-9./?=&%_~#:+-]*[A-Za-z0-9/]",
            r"(?<![A-Za-z0-9._-])[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,64}[A-Za-z0-9]",
            _CODE,
            _HASHTAG,
            r"\^[_.~oO-]{0,3}\^|>_{1,3}<|=_{1,3}=|-_{1,3}-|(?<![A-Za-z])(?:[Tt]_{1,3}[Tt]|[QT][AW][QT](?![A-Za-z]))",
            f"[{_HAN}]+",
            rf"[{_DIGIT}]+(?:[.,][{_DIGIT}]+)*(?![{_LETTER}\u20e3])",
            rf"[0-9*]\u20e3|[{_LETTER}{_DIGIT}]+(?:['’][{_LETTER}]+)*",
            rf"[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}(?:\u200d{_PICTURE})*",
            r"\.{2,}|。{2,}|…+",
            rf"[^\W\d_{_LETTER}{_HAN}]+",  # a run of any other script
            r"[^\s#＃\u200d]",  # any other mark, one by one
        )
    )
)
# What a character is to the cutting. Between marks that are a token wherever they stand, or white space, lie stretches;
# one of nothing but Han characters needs no pattern. A text that may hold a handle or a hashtag is one stretch.
_ANY, _RUN, _SPACE, _MARK, _STOP, _DOTS, _END, _REACHING = range(8)
_kind_of = np.zeros(0x110000, np.uint8)
for _first, _last in _HAN_RANGES:
    _kind_of[_first : _last + 1] = _RUN
for _kind, _signs in (
    (_SPACE, filter(str.isspace, map(chr, range(0x3001)))),
    (_MARK, "，！？；：、“”（）《》「」『』【】～!"),
    (_STOP, "。"),
    (_DOTS, "…"),
    (_END, _BORDER),
    (_REACHING, "#＃@＠_"),
):
    _kind_of[[*map(ord, _signs)]] = _kind
_ELLIPSIS = re.compile(r"(?:\.{2,}|。{2,}|…+)")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def read_words(path: Path = WORDS_FILE) -> list[str]:
    """Return the project's own words (column ``word`` of a CSV file), in the order of the file."""
    rows = read_rows(path, ["word"])
    for number, row in enumerate(rows, start=1):
        require_filled(row, "word", path, number)
    return [row["word"] for row in rows]


@cache
def user_words(files: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a user's dictionaries (CSV: word), simplified, in order.

    Raises
    ------
    InputError
        If a file or its column is missing, or a row holds anything but a word of Han characters.

    """
    out: dict[str, None] = {}
    for path in map(Path, files):
        for row in read_table(path, ["word"]).rows:
            word = simplify((row.value.get("word") or "").strip())
            if row.problem is not None or not re.fullmatch(f"[{_HAN}]+", word):
                problem = row.problem or f"'{word}' is not a word of Chinese characters"
                raise InputError(problem, file=path, row=row.number, column="word", accepted=["金正恩"])
            out[word] = None
    return tuple(out)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _segmenter(own: tuple[str, ...]) -> rjieba.Jieba:
    """Return a segmenter with the project's and the user's words; the module's default one stays as it was."""
    import rjieba  # noqa: PLC0415  its dictionary takes every kernel a sixth of a second, and notebooks segment nothing

    segmenter = rjieba.Jieba()
    for word in [*read_words(), *own]:
        # The least weight that joins the word: more would break its neighbours (罗先 Rason inside 罗先生 Mr Luo).
        segmenter.add_word(word, segmenter.suggest_freq(word), "n")
    return segmenter


@cache
def _mixed_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds the words in mixed script (up主, 卡拉OK) outside of codes, and the token pattern with them."""
    mixed = [word for word in read_words() if re.search("[A-Za-z]", word) and re.search(f"[{_HAN}]", word)]
    spellings = {spelling for word in mixed for spelling in (word, word.lower(), word.upper(), word.capitalize())}
    words = "|".join(sorted(spellings, key=lambda word: (-len(word), word)))
    alone = rf"(?:{words})(?![A-Za-z0-9])"
    firsts = "".join(sorted({re.escape(spelling[0]) for spelling in spellings}))
    return re.compile(rf"(?=[\[#＃{firsts}])(?:{_CODE}|{_HASHTAG}|({alone}))"), re.compile(
        f"(?<![A-Za-z0-9]){alone}|{_TOKEN.pattern}"
    )


def _set_apart(match: re.Match[str]) -> str:
    return " " + match[0] if match[1] else match[0]


def simplify(text: str) -> str:
    """Return a text without invisible marks, in simplified characters (OpenCC's t2s)."""
    return _converter().convert(_INVISIBLE.sub("", text))


def _split(piece: str) -> str:
    """Return a piece that is not a run of Han characters as the token it becomes."""
    if piece[0] == "[" or piece.startswith(("http", "www.", "t.cn")):
        return piece
    if piece[0] in "#＃" and len(piece) > 1:
        return "#" + re.sub(r"\[(?:话题|超话)\]$", "", piece.strip("#＃")).translate(_NARROW).lower()
    return "…" if _ELLIPSIS.fullmatch(piece) else piece.translate(_NARROW).lower()


class _Pieces(NamedTuple):
    """Texts cut into pieces: runs of Han characters, and whatever else is a token."""

    runs: list[str]
    others: list[str]
    codes: np.ndarray  # the pieces one after the other, as places in runs and others
    offsets: np.ndarray  # where the pieces of each text begin


def _cut(joined: str, texts: int) -> _Pieces:
    """Cut simplified texts, a border between them, into pieces; patterns see only the stretches that need them."""
    characters = np.frombuffer((joined + _BORDER).encode("utf-32-le", "surrogatepass"), np.uint32)
    kind = _kind_of.take(characters)
    ends = np.flatnonzero(kind == _END)
    reaching = np.zeros(texts, bool)
    reaching[np.searchsorted(ends, np.flatnonzero(kind == _REACHING))] = True
    if reaching.any():
        kind[np.repeat(reaching, np.diff(ends, prepend=-1)) & (kind != _END)] = _ANY

    inside = kind <= _RUN
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    # One string of the stretches, each behind a border.
    kept = inside.copy()
    kept[:-1] |= begins[1:]
    stretches = np.where(inside, characters, 0)[kept].tobytes().decode("utf-32-le", "surrogatepass").split(_BORDER)
    starts = np.flatnonzero(begins)
    stretches = stretches[len(stretches) - len(starts) :]
    simple = np.ones(len(starts), bool)
    simple[np.searchsorted(starts, np.flatnonzero(kind == _ANY), side="right") - 1] = False

    mixed, token = _mixed_words()
    # A space before a mixed word: else the run of Han characters in front of 卡拉OK would take its first half.
    hard = _BORDER.join(stretches[i] for i in np.flatnonzero(~simple).tolist())
    found = pa.array(token.findall(mixed.sub(_set_apart, _NOISE.sub(" ", hard))), pa.string()).dictionary_encode()
    others, other = found.dictionary.to_pylist(), found.indices.to_numpy()
    borders = np.zeros(0, np.int64)
    if _BORDER in others:
        border = others.index(_BORDER)
        del others[border]
        borders, other = np.flatnonzero(other == border), (other - (other > border))[other != border]
    sizes = np.diff(borders, prepend=-1, append=len(found))[: (~simple).sum()] - 1

    runs = pa.array([stretches[i] for i in np.flatnonzero(simple).tolist()], pa.string()).dictionary_encode()
    again = (kind[1:] == kind[:-1]) & ((kind[1:] == _STOP) | (kind[1:] == _DOTS))
    marks = (kind == _MARK) | (kind == _STOP) | (kind == _DOTS)
    marks[1:] &= ~again
    alone = characters[marks]
    alone[np.append(again, False)[marks]] = ord("…")
    used, alone = np.unique(alone, return_inverse=True)

    # Every stretch and mark has its place; a stretch that a pattern cut becomes several pieces, or none.
    count = np.zeros(len(kind), np.int64)
    count[marks], count[starts[simple]], count[starts[~simple]] = 1, 1, sizes
    upto = np.cumsum(count)
    codes = np.empty(upto[-1], np.int64)
    other = other + len(runs.dictionary)
    codes[upto[starts[simple]] - 1] = runs.indices.to_numpy()
    codes[upto[marks] - 1] = alone + len(runs.dictionary) + len(others)
    first = upto[starts[~simple]] - sizes
    codes[np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(len(other))] = other
    return _Pieces(
        runs.dictionary.to_pylist(), others + [chr(sign) for sign in used.tolist()], codes, np.append(0, upto[ends])
    )


def _words(pieces: _Pieces, own: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Cut each distinct piece into tokens; all runs of Han characters go through the segmenter in one call.

    Returns
    -------
    tuple
        The tokens of all pieces, one after the other, as places in the vocabulary; their number for each piece; the
        vocabulary, sorted.

    """
    is_han = re.compile(f"[{_HAN}]+").fullmatch
    later = [at for at, piece in enumerate(pieces.others) if is_han(piece)]
    runs = pieces.runs + [pieces.others[at] for at in later]
    words = _segmenter(own).cut("\n".join(runs), hmm=True)
    alone = sorted({*range(len(pieces.others))}.difference(later))
    units = pa.array([*words, *(_split(pieces.others[at]) for at in alone)], pa.string()).dictionary_encode()
    order = pc.array_sort_indices(units.dictionary)
    vocabulary, rank = units.dictionary.take(order).to_pylist(), np.empty(len(order), np.int32)
    rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    codes = rank[units.indices.to_numpy()]

    # Which piece each word is of: the breaks between the runs are words too, but for a single run.
    kept = np.ones(len(codes), bool)
    if len(runs) > 1:
        gap = bisect_left(vocabulary, "\n")
        del vocabulary[gap]
        kept = codes != gap
        codes -= codes > gap
    number = np.concatenate([np.arange(len(pieces.runs)), np.array(later, np.int64) + len(pieces.runs)])
    cut = number[np.cumsum(~kept[: len(words)])[kept[: len(words)]]] if runs else number
    piece, codes = np.concatenate([cut, np.array(alone, np.int64) + len(pieces.runs)]), codes[kept]
    return (
        codes[np.argsort(piece, kind="stable")],
        np.bincount(piece, minlength=len(pieces.runs) + len(pieces.others)),
        vocabulary,
    )


def tokenize(texts: Sequence[str], words: tuple[str, ...] = ()) -> Ragged:
    """Cut Chinese texts into tokens.

    Texts are simplified first. Runs of Han characters are cut by rjieba (with its hidden Markov model for unknown
    names) and the words of ``data/words_zh.csv``, each distinct run once. One token each: a platform's emoji code
    (``[doge]``, ``[哭惹R]``), an emoji (skin tone and U+FE0F removed), a kaomoji (``T_T``), a link, a number, a
    Latin word in lower case, a punctuation mark (full-width marks become ASCII ones; a row of dots is one ``…``).
    Handles are removed, with the ``回复@name:`` or ``//@name:`` around them. A hashtag is one token, as in English,
    with one mark whatever the platform: ``#平壤#``, ``#平壤[话题]#`` and ``#平壤`` are ``#平壤``.

    Parameters
    ----------
    texts : sequence of str
        Any strings, empty ones too.
    words : tuple of str
        More words that the segmenter is to keep whole, from :func:`user_words`.

    Returns
    -------
    Ragged
        As many lists as texts, over a sorted vocabulary. The tokens of a text do not depend on its neighbours.

    Examples
    --------
    >>> tokenize(["回复@小明: 平壤好乾淨！[doge]"]).lists()
    [['平壤', '好', '干净', '!', '[doge]']]

    """
    if not texts:
        return Ragged(np.zeros(0, np.int32), np.zeros(1, np.int64), [])
    joined = _BORDER.join(texts)
    if joined.count(_BORDER) != len(texts) - 1:
        joined = _BORDER.join(text.replace(_BORDER, " ") for text in texts)
    pieces = _cut(simplify(joined), len(texts))
    flat, sizes, vocabulary = _words(pieces, words)
    return Ragged(pieces.codes, pieces.offsets, []).spread(sizes, flat, vocabulary)


def opened(vocabulary: Sequence[str], words: tuple[str, ...] = ()) -> dict[int, list[str]]:
    """Return the words of each hashtag among tokens, by its place, between marks that no grammar reaches over."""
    places = [place for place, token in enumerate(vocabulary) if token[0] == "#" and len(token) > 1]
    cut = tokenize([vocabulary[place][1:] for place in places], words).lists()
    return {
        place: [
            "#",
            *(word for token in tokens for word in (words_of(token) if token.isascii() else ()) or (token,)),
            "#",
        ]
        for place, tokens in zip(places, cut, strict=True)
    }
