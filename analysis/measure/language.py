"""Which language a text is in, told by its script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.corpus.schema import PSEUDONYM

#: Letters that stand in no mark of what is no word, for they stand alone.
_A_WORD = r"(?:^|\s)[A-Za-z]+(?:\s|$)"
_MAY_BE_NO_WORD = r"@|\[[A-Za-z]{1,12}\]|&#?[A-Za-z0-9]{1,8};|://|www\.|user_"
#: Units of each script: a Latin or Hangul run is a word, and so is one of other letters; a Han or Kana character is
#: about one.
_SCRIPTS = {
    "en": r"\p{Latin}",
    "zh": r"\p{Han}",
    "ko": r"\p{Hangul}",
    "ja": r"[\p{Hiragana}\p{Katakana}]",
    "other": r"[^\P{L}\p{Latin}\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]",
}
_LATIN, _HAN, _HANGUL, _KANA, _OTHER = range(1, 6)
_ALONE = np.isin(np.arange(6), (_HAN, _KANA))
# Each character beyond ASCII as one byte: its script, and whether a handle may hold it (a letter or a number).
_IN_HANDLE, _BEYOND, _UNSEEN = 8, 128, 255
_byte_of = np.full(0x110000, _UNSEEN, np.uint8)
_byte_of[:_BEYOND] = np.arange(_BEYOND)
for _first, _last, _script in ((0x4E00, 0x9FA5, _HAN), (0xAC00, 0xD7A3, _HANGUL), (0x3041, 0x3094, _KANA)):
    _byte_of[_first : _last + 1] = _BEYOND + _IN_HANDLE + _script  # in every version of Unicode
_script_of = np.array([_LATIN * chr(i).isalpha() for i in range(_BEYOND)] + [*range(_IN_HANDLE)] * 16, np.uint8)
#: What says nothing about a writer's language: pseudonyms, links, handles, Latin codes in brackets ([doge]), entities.
_NOT_WORDS = re.compile(
    rf"@?{PSEUDONYM}|(?:https?://|www\.)[^\t\n\f\r \x82\x8a]+|@[A-Za-z0-9_\-.\x88-\x8f]+|\[[A-Za-z]{{1,12}}\]"
    "|&#?[A-Za-z0-9]{1,8};".encode("latin-1")
)
#: A text is in a language if at least this share of its units is; Japanese mixes Kana with Han.
_MOSTLY = 2 / 3
_KANA_IN_JAPANESE = 1 / 6


def detect(texts: Sequence[str]) -> np.ndarray:
    """Tell the language of each text by its script.

    Latin stands for English (no other language of that script is told apart), Han for Chinese, Hangul for Korean,
    Kana (with Han) for Japanese. Links, @handles and Latin codes in brackets do not count.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    numpy.ndarray of str, shape (texts,)
        ``en``, ``zh``, ``ko``, ``ja``; ``mixed`` where no script has two thirds of the units; ``none`` where there
        are no letters, or only letters of other scripts.

    Examples
    --------
    >>> detect(["so free", "这么自由", "在 Pyongyang 吃 pizza", "👍🏽 100!", "[doge]", "북한"]).tolist()
    ['en', 'zh', 'mixed', 'none', 'none', 'ko']

    """
    array = pa.array(texts, pa.string())
    out = np.full(len(array), "none", dtype=object)
    # To look for a mark takes a tenth of the time of taking out what it begins, and most texts have none.
    marked, plain = _matches(array, _MAY_BE_NO_WORD), pc.string_is_ascii(array).to_numpy(zero_copy_only=False)
    # Without a character beyond ASCII a text is English if it has a letter at all, and most have a word.
    at = np.flatnonzero(plain)
    out[at[_matches(array.take(pa.array(at)), _A_WORD)]] = "en"
    rest = np.flatnonzero(out == "none")
    rest = rest[np.argsort(~marked[rest], kind="stable")]
    if len(rest):
        out[rest] = _detect_by_script([texts[i] for i in rest.tolist()], int(marked[rest].sum()))
    return out


def _matches(array: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(array, pattern).to_numpy(zero_copy_only=False)


def _detect_by_script(texts: list[str], marked: int) -> np.ndarray:
    """Count the units of each script; only the first so many texts may hold what is no word."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1  # with the border after it
    signs = _bytes_of("\n".join([*texts, ""]))
    script = _script_of.take(signs)
    for start, end in _no_words(signs[: int(lengths[:marked].sum())]):
        script[start:end] = 0
    begins = script > 0
    begins[1:] &= (script[1:] != script[:-1]) | _ALONE[script[1:]]
    at = np.flatnonzero(begins)
    text = np.repeat(np.arange(len(texts)) * len(_ALONE), lengths)
    counts = np.bincount(text[at] + script[at], minlength=len(texts) * len(_ALONE))
    _, latin, han, hangul, kana, others = counts.reshape(len(texts), len(_ALONE)).T
    japanese = (kana > 0) & (kana >= _KANA_IN_JAPANESE * (kana + han))
    counts = np.stack([latin, np.where(japanese, 0, han), hangul, np.where(japanese, kana + han, kana)])
    whole = counts.sum(axis=0)
    out = np.array(list(_SCRIPTS)[:4], dtype=object)[counts.argmax(axis=0)]
    out[counts.max(axis=0, initial=0) < _MOSTLY * whole] = "mixed"
    # Words of scripts that nobody here reads (Cyrillic, Arabic) outweigh a stray Latin word.
    out[(whole == 0) | (others > whole)] = "none"
    return out


def _no_words(signs: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where what is no word begins and ends; the pattern is tried only where its first characters stand."""
    pair = signs[:-1].astype(np.uint16) << 8 | signs[1:]
    may = (signs == ord("@")) | (signs == ord("[")) | (signs == ord("&"))
    for begin in (b"us", b"ht", b"ww"):
        may[:-1] |= pair == int.from_bytes(begin)
    text, done = signs.tobytes(), 0
    for at in np.flatnonzero(may).tolist():
        if at >= done and (found := _NOT_WORDS.match(text, at)):
            done = found.end()
            yield at, done


def _bytes_of(text: str) -> np.ndarray:
    """Return each character as a byte; the patterns of Arrow say what a character is, once for each distinct one."""
    characters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    signs = _byte_of.take(characters)
    unseen = signs == _UNSEEN
    if unseen.any():
        new = np.unique(characters[unseen])
        array = pa.array([chr(character) for character in new.tolist()], pa.string())
        found = _BEYOND + _IN_HANDLE * _matches(array, r"[\p{L}\p{N}]").astype(np.uint8)
        for script, pattern in enumerate(_SCRIPTS.values(), start=1):
            found[_matches(array, pattern)] += script
        _byte_of[new] = found
        signs = _byte_of.take(characters)
    return signs
