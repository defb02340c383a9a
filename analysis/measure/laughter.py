"""Laughter: a channel of its own, since who laughs may laugh with somebody or at him."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.corpus.readers.table import read_rows, require_filled, require_known
from analysis.errors import InputError
from analysis.measure.instrument import Batch, Scores
from analysis.paths import DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LAUGHTER_FILE = DATA / "laughter.csv"
#: Stands for every language.
_ANY = "any"
_LANGUAGES = (_ANY, "en", "zh")


@cache
def laughs_in(language: str, path: Path = LAUGHTER_FILE) -> Callable[[str], bool]:
    """Return what tells whether a token of a language is laughter, by the patterns of ``data/laughter.csv``.

    A pattern must match the whole token; capital letters make no difference.
    What platforms put around the name of a code ([tv_笑哭], [笑哭R]) is left aside.

    Examples
    --------
    >>> laughs = laughs_in("en")
    >>> [word for word in ("LOL", "hahaha", "😂", "xD", "laugh", "aha", "halo", "233") if laughs(word)]
    ['LOL', 'hahaha', '😂', 'xD']
    >>> laughs = laughs_in("zh")
    >>> [word for word in ("哈哈哈", "23333", "笑死", "[笑cry]", "haha", "呵呵", "哈", "可笑") if laughs(word)]
    ['哈哈哈', '23333', '笑死', '[笑cry]', 'haha']

    """
    match = re.compile(_pattern(language, path), re.IGNORECASE).fullmatch

    def laughs(token: str) -> bool:
        return match(bare(token)) is not None

    return laughs


@cache
def _pattern(language: str, path: Path) -> str:
    rows = read_rows(path, ("language", "pattern"))
    for number, row in enumerate(rows, start=1):
        require_known(row, "language", _LANGUAGES, path, number)
        require_filled(row, "pattern", path, number)
        try:
            re.compile(row["pattern"])
            # Vocabularies are looked through by another engine, which knows neither (?=…) nor \1.
            pc.match_substring_regex(pa.array([""]), row["pattern"])
        except (re.error, pa.ArrowInvalid) as error:
            said = str(error).splitlines()[0]
            raise InputError(f"is no pattern: {said}", file=path, row=number, column="pattern") from None
    return "|".join(f"(?:{row['pattern']})" for row in rows if row["language"] in {_ANY, language})


def _laughing(vocabulary: Sequence[str], language: str) -> np.ndarray:
    """Tell which tokens laugh, all of them at once."""
    pattern = rf"^(?:{_pattern(language, LAUGHTER_FILE)})$"
    terms = [bare(term) if term[:1] == "[" else term for term in vocabulary]
    out = pc.match_substring_regex(pa.array(terms, pa.string()), pattern, ignore_case=True)
    return out.to_numpy(zero_copy_only=False).astype(float)


def bare(term: str) -> str:
    """Return an emoji code without a series (tv_), a Latin prefix (bm) and the R or H of Xiaohongshu, in lower case."""
    if term[:1] != "[" or len(term) == 1:
        return term
    name = term[1:-1].rsplit("_", 1)[-1]
    name = re.sub("^[a-z]{1,4}(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[RH]$", "", name)
    return f"[{name.lower()}]"


class Laughter:
    """How often a text laughs; no instrument of tone.

    ``score`` is 1 where a text laughs and NaN where it does not, so that the share of scored texts is the share that
    laughs; ``n`` counts the laughs.
    """

    name = "laughter"
    languages = ("en", "zh", "ko", "ja", "mixed", "none")
    scale = (0.0, 1.0)

    def score(self, batch: Batch) -> Scores:
        """Count the laughs of every text."""
        n = batch.tokens.sums(_laughing(batch.tokens.vocabulary, batch.language)[batch.tokens.codes])
        return Scores(np.where(n > 0, 1.0, np.nan), n.astype(np.int64))
