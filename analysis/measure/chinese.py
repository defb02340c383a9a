"""Chinese tokens: simplified, cut by rjieba with the project's own words, platform emoji codes kept whole."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import opencc
import pyarrow as pa
import rjieba

from analysis.corpus.readers.table import read_rows, read_table
from analysis.corpus.schema import PSEUDONYM
from analysis.errors import InputError
from analysis.measure.hashtags import words_of
from analysis.measure.ragged import Ragged
from analysis.paths import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS_FILE = DATA / "words_zh.csv"

# Between texts in the one string that is worked on. Not white space, so that no pattern with \s reaches the next text.
_BORDER = "\x00"
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏＡ-Ｚａ-ｚ"
_DIGIT = "0-9０-９"
_PICTURE = (
    "[\U0001f000-\U0001faff\u2600-\u27bf\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55]"
)

_CODE = rf"\[(?=[^\]]{{0,11}}[A-Za-z{_HAN}])[\w-]{{1,12}}\]"  # [2012] is none

# A hashtag that a second mark closes (Weibo, Xiaohongshu) or white space (Douyin), with a letter in it: #1 is none.
_HASHTAG = rf"[#＃](?=[^\s#＃]*[{_LETTER}{_HAN}])(?:[^\s#＃\x00]{{1,40}}[#＃]|[^\W\d]\w{{0,39}})"

# Marks that change how a character is drawn or nothing at all: variation selectors, skin tones, zero-width marks
# (writers put them inside words to evade filters), marks of direction, tags, halves of a broken surrogate pair.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ud800-\udfff"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
# A handle ends at white space or punctuation, and Weibo allows 30 characters; a pseudonym ends with itself.
_NAME = rf"(?:[@＠]?{PSEUDONYM}|[@＠][\w·-]{{1,30}})"
_NOISE = re.compile(
    rf"回复\s?{_NAME}\s?[:：]"  # reply prefix
    rf"|//\s?{_NAME}(?:\s?[:：])?"  # repost mark
    rf"|(?<![A-Za-z0-9._-]){_NAME}"  # handle, but not the second half of an address
    r"|\[(?:话题|超话)\](?![#＃])"  # how two platforms export the end of a hashtag
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
_ELLIPSIS = re.compile(r"(?:\.{2,}|。{2,}|…+)")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def read_words(path: Path = WORDS_FILE) -> list[str]:
    """Return the project's own words (column ``word`` of a CSV file), in the order of the file."""
    return [row["word"] for row in read_rows(path, ["word"])]


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
    return re.compile(rf"{_CODE}|{_HASHTAG}|({alone})"), re.compile(f"(?<![A-Za-z0-9]){alone}|{_TOKEN.pattern}")


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


def _words(pieces: list[str], own: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Cut each distinct piece into tokens; all runs of Han characters go through the segmenter in one call.

    Returns
    -------
    tuple
        The tokens of all pieces, one after the other, as places in the vocabulary; their number for each piece; the
        vocabulary, sorted. A border has no token.

    """
    is_han = re.compile(f"[{_HAN}]+").fullmatch
    han = np.fromiter((is_han(piece) is not None for piece in pieces), bool, len(pieces))
    alone = np.flatnonzero(~han).tolist()
    runs = [pieces[i] for i in np.flatnonzero(han).tolist()]
    words = _segmenter(own).cut("\n".join(runs), hmm=True)
    units = pa.array([*words, *(_split(pieces[i]) for i in alone)], pa.string()).dictionary_encode()
    found, codes = units.dictionary.to_pylist(), units.indices.to_numpy()

    ends = np.flatnonzero(codes[: len(words)] == found.index("\n")) if "\n" in found else np.zeros(0, np.int64)
    piece = np.empty(len(codes), np.int64)
    piece[: len(words)] = np.flatnonzero(han)[np.searchsorted(ends, np.arange(len(words)))] if runs else 0
    piece[len(words) :] = alone
    keep = np.ones(len(codes), bool)
    keep[ends] = False
    keep[len(words) :] = [pieces[i] != _BORDER for i in alone]
    piece, codes = piece[keep], codes[keep]

    used = np.unique(codes).tolist()
    used.sort(key=found.__getitem__)
    rank = np.zeros(len(found), np.int32)
    rank[used] = np.arange(len(used), dtype=np.int32)
    order = np.argsort(piece, kind="stable")
    return rank[codes[order]], np.bincount(piece, minlength=len(pieces)), [found[i] for i in used]


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
    mixed, token = _mixed_words()
    # A space before a mixed word: else the run of Han characters in front of 卡拉OK would take its first half.
    joined = mixed.sub(_set_apart, _NOISE.sub(" ", simplify(joined)))

    found = pa.array(token.findall(joined), pa.string()).dictionary_encode()
    pieces, found_codes = found.dictionary.to_pylist(), found.indices.to_numpy()
    borders = found_codes == (pieces.index(_BORDER) if _BORDER in pieces else -1)
    flat, sizes, vocabulary = _words(pieces, words)
    starts = np.cumsum(sizes) - sizes

    # Lay the words of every piece where the piece stands: position in the output minus position in the piece.
    lengths = sizes[found_codes]
    ends = np.cumsum(lengths)
    within = np.arange(int(lengths.sum())) - np.repeat(ends - lengths, lengths)
    codes = flat[np.repeat(starts[found_codes], lengths) + within]
    offsets = np.concatenate(([0], ends[borders], [codes.size])).astype(np.int64)
    return Ragged(codes, offsets, vocabulary)


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
