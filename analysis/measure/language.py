"""Which language a text is in, told by its script."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.corpus.schema import PSEUDONYM

#: What says nothing about a writer's language: pseudonyms, links, handles, Latin codes in brackets ([doge]), entities.
_NOT_WORDS = rf"@?{PSEUDONYM}|(?:https?://|www\.)[^\s\p{{Han}}]+|@[\p{{L}}\p{{N}}_\-.]+|\[[A-Za-z]{{1,12}}\]|&#?[A-Za-z0-9]{{1,8}};"
_MAY_BE_NO_WORD = r"[@\[&]|://|www\.|user_"
#: Units of each script: a Latin or Hangul run is a word; a Han or Kana character is about one.
_UNITS = {
    "en": r"\p{Latin}+",
    "zh": r"\p{Han}",
    "ko": r"\p{Hangul}+",
    "ja": r"[\p{Hiragana}\p{Katakana}]",
}
_OTHER_LETTERS = r"[^\P{L}\p{Latin}\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]+"
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
    bare = pa.array(texts, pa.string())
    # To look for a mark takes a tenth of the time of replacing what it begins, and most texts have none.
    marked = pc.match_substring_regex(bare, _MAY_BE_NO_WORD)
    bare = pc.replace_with_mask(bare, marked, pc.replace_substring_regex(bare.filter(marked), _NOT_WORDS, " "))
    out = np.full(len(bare), "none", dtype=object)
    plain = pc.string_is_ascii(bare).to_numpy(zero_copy_only=False)
    # Without a character beyond ASCII a text is English if it has a letter at all.
    letters = pc.match_substring_regex(bare, "[A-Za-z]").to_numpy(zero_copy_only=False)
    out[plain & letters] = "en"
    if not plain.all():
        out[~plain] = _detect_by_script(bare.filter(pa.array(~plain)))
    return out


def _detect_by_script(bare: pa.Array) -> np.ndarray:
    units = {name: _count(bare, pattern) for name, pattern in _UNITS.items()}
    japanese = units["ja"] >= _KANA_IN_JAPANESE * (units["ja"] + units["zh"])
    japanese &= units["ja"] > 0
    units["ja"] = np.where(japanese, units["ja"] + units["zh"], units["ja"])
    units["zh"] = np.where(japanese, 0, units["zh"])
    counts = np.stack(list(units.values()))
    whole = counts.sum(axis=0)
    out = np.array(list(units), dtype=object)[counts.argmax(axis=0)]
    out[counts.max(axis=0, initial=0) < _MOSTLY * whole] = "mixed"
    # Words of scripts that nobody here reads (Cyrillic, Arabic) outweigh a stray Latin word.
    out[(whole == 0) | (_count(bare, _OTHER_LETTERS) > whole)] = "none"
    return out


def _count(texts: pa.Array, pattern: str) -> np.ndarray:
    return pc.count_substring_regex(texts, pattern).to_numpy(zero_copy_only=False).astype(np.int64)
