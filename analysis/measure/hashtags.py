"""The words in a hashtag: read by instruments and codebook, while the hashtag stays one term of the vocabulary."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from analysis.measure.background import common_words
from analysis.measure.english import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.measure.ragged import Ragged

#: A hashtag as NLTK's tweet tokenizer knows one, with a letter in it; in a link or behind a word it is an anchor.
TAG = re.compile(r"(?<![\w/&#])#+(?=[^\W]*[^\W\d_])\w[\w'\u2019-]*\w")
_PIECE = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|\d+")
_HUMP = re.compile(r"[A-Z]+(?![a-z'\u2019])|[A-Z]?[a-z'\u2019]+|\d+|.")
#: The words of one and two letters that a hashtag may be cut at.
_SHORT = frozenset(
    re.split(" ", "a i am an as at be by do go he if in is it me my no of oh ok on or so to uk un up us vs we")
)
#: Names that the dictionary would cut elsewhere (kim jon gun).
_NAMES = frozenset(("kimjongun", "kimjongil", "kimilsung", "kimyojong"))
_SHORTEST = 3
_LONGEST = 60  # letters
_REMEMBERED = 200_000  # hashtags


@lru_cache(_REMEMBERED)
def words_of(hashtag: str) -> tuple[str, ...]:
    """Return the words of a hashtag, as they are written.

    A hashtag is cut at underscores, digits and capital letters. A part that is no word of English (once a million
    words) is cut into words that are common (ten times a million words, of three letters or a word of grammar), if
    there is one way to do it with the fewest words; what can be cut in two ways, or in none, stays whole.

    Examples
    --------
    >>> words_of("#NorthKoreaIsScary"), words_of("#DPRKNews"), words_of("#sosad"), words_of("#covid_19")
    (('North', 'Korea', 'Is', 'Scary'), ('DPRK', 'News'), ('so', 'sad'), ('covid', '19'))
    >>> words_of("#together"), words_of("#iPhone"), words_of("#MAGA"), words_of("#kimjongun")
    (('together',), ('iPhone',), ('MAGA',), ('kimjongun',))

    """
    out: list[str] = []
    for piece in _PIECE.findall(hashtag):
        # Small letters and digits have no humps; whoever has is asked for as a whole first.
        if piece.isdigit():
            out.append(piece)
        elif piece.islower() or not piece.isascii() or piece.lower() in common_words():
            out += _cut(piece)
        else:
            for part in _HUMP.findall(piece):
                out += _cut(part)
    return tuple(out)


def _cut(part: str) -> tuple[str, ...]:
    """Cut letters into the fewest common words, if one cut alone has so few."""
    lower = part.lower()
    if lower in common_words() or lower in _NAMES or len(lower) > _LONGEST:
        return (part,)
    (heads, tails), words = _ends(), _words_to_cut()
    begins = lower[:_SHORTEST] in heads or lower[:1] in words or lower[:2] in words
    ends = lower[-_SHORTEST:] in tails or lower[-1:] in words or lower[-2:] in words
    return _fewest(part, lower) if begins and ends else (part,)


def _fewest(part: str, lower: str) -> tuple[str, ...]:
    """Return the one cut with the fewest words, or the whole part."""
    # For each place that words lead up to: the fewest of them, in how many ways, and where the last of them begins.
    words, longest, size = _words_to_cut(), _longest_by_head(), len(lower)
    best = [(0, 1, 0), *[(size + 1, 0, 0)] * size]
    for start, (fewest, ways, _) in enumerate(best):
        if not ways:
            continue
        most = longest.get(lower[start : start + _SHORTEST], _SHORTEST - 1)
        for end in range(start + 1, min(start + most, size) + 1):
            if lower[start:end] in words:
                if fewest + 1 < best[end][0]:
                    best[end] = (fewest + 1, ways, start)
                elif fewest + 1 == best[end][0]:
                    best[end] = (fewest + 1, best[end][1] + ways, start)
    if best[size][1] != 1:
        return (part,)
    out, end = [], size
    while end:
        out.append(part[best[end][2] : end])
        end = best[end][2]
    return tuple(reversed(out))


@cache
def _words_to_cut() -> frozenset[str]:
    """Return the words that a hashtag may be cut into."""
    return _SHORT.union(word for word, common in common_words().items() if common and len(word) >= _SHORTEST)


@cache
def _ends() -> tuple[frozenset[str], frozenset[str]]:
    """Return the letters that the longer of them begin and end with: most letters without sense have none of them."""
    words = [word for word in _words_to_cut() if len(word) >= _SHORTEST]
    return frozenset(word[:_SHORTEST] for word in words), frozenset(word[-_SHORTEST:] for word in words)


@cache
def _longest_by_head() -> dict[str, int]:
    """Return how long the longest of them is that begins with these letters."""
    found: dict[str, int] = {}
    for word in _words_to_cut():
        found[word[:_SHORTEST]] = max(found.get(word[:_SHORTEST], _SHORTEST - 1), len(word))
    return found


def opened(vocabulary: Sequence[str]) -> dict[int, list[str]]:
    """Return the words, in lower case, of each hashtag among English tokens, by its place."""
    return {
        place: [word.lower() for word in words_of(token)]
        for place, token in enumerate(vocabulary)
        if token[0] == "#" and TAG.fullmatch(token)
    }


def read_chunks(chunks: Ragged, *, open_hashtags: bool) -> Ragged:
    """Decode the entities in chunks, as for tokens, and put their words in the place of hashtags."""
    parts = {}
    for place in [place for place, chunk in enumerate(chunks.vocabulary) if "&" in chunk or "#" in chunk]:
        chunk = chunks.vocabulary[place]
        if open_hashtags and chunk[0] == "#" and "&" not in chunk and TAG.fullmatch(chunk):
            parts[place] = words_of(chunk)
        elif "&" in chunk or open_hashtags:
            text = normalise(chunk) if "&" in chunk else chunk
            if open_hashtags:
                text = TAG.sub(lambda tag: " ".join(words_of(tag[0])), text)
            if text != chunk:
                parts[place] = text.split()
    return chunks.replace(parts)[0]
