"""Concordance: a term or concept in the words that people wrote around it, aligned, without the names in them."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.compare.cooccurrence import counted
from analysis.compare.dataset import Dataset
from analysis.compare.nodes import WORD, known_tokens, node_patterns, readable_groups
from analysis.measure import chinese, english
from analysis.measure.concepts import Mentions
from analysis.measure.ragged import Ragged

#: What may be quoted: somebody's own words, or words that say that nobody said them.
QUOTABLE = ("verbatim", "constructed")
LINE_COLUMNS = ("left", "keyword", "right", "collection", "evidence", "utterance_id")
_LINES = ("node", "group", "label", "language", *LINE_COLUMNS, "places", "not_quoted")
#: Unicode's categories of controls, invisible marks (marks of direction among them) and half characters.
_UNSEEN = ("Cc", "Cf", "Cs")
_JOINER = "\u200d"
_LINK = re.compile(r"(?:https?://|www\.|t\.cn/)[^\s<>)\]，。）】]+", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_HANDLE = re.compile(
    r"(?:回[复覆復]\s?|//\s?)?[@＠][\w.·-]{1,40}(?:\s?[:：])?"  # @name, 回复@name:, //@name:
    r"|(?<![\w/])/?u(?:ser)?/[\w\\-]{2,40}",  # u/name, and u/a\_name as Markdown writes it
    re.IGNORECASE,
)
#: Distinct words of one text that may not be found in it before the rest is given up.
_LOST = 200
_FOUR = re.compile(r"(.)\1{3}", re.DOTALL)
_ENTITIES = 3  # times that a text may be escaped: archives hold &amp;gt;


def visible(text: str) -> str:
    """Return a text without controls, marks that hide or reverse text, and half characters."""
    hidden = [c for c in set(text) if not c.isspace() and c != _JOINER and unicodedata.category(c) in _UNSEEN]
    return text.translate(dict.fromkeys(map(ord, hidden))) if hidden else text


def readable(text: str) -> str:
    r"""Return a text as it is to be read: without handles, addresses and invisible marks, on one line.

    HTML entities become their characters, links ``[link]``.

    Examples
    --------
    >>> readable("回复@小明: so\u202e free &gt;\n u/kim_1 https://a.example/@kim")
    'so free > [link]'

    """
    for _ in range(_ENTITIES):
        text = html.unescape(text)
    text = _LINK.sub("[link]", visible(text))
    return " ".join(_HANDLE.sub(" ", _ADDRESS.sub(" ", text)).split())


def _span(places: list[tuple[int, int] | None], start: int, end: int) -> tuple[int, int] | None:
    """Return where the words ``start`` to ``end`` begin and end, None if one of them was not found."""
    found = [place for place in places[start:end] if place is not None]
    return (found[0][0], found[-1][1]) if found and len(found) == end - start else None


def word_places(text: str, words: list[str], language: str) -> list[tuple[int, int] | None]:
    """Return where each word stands in a readable text, None where it does not.

    A word is looked for from where the one before it ended, and what was not found once is not looked for again; where
    too many are not found (a text of links) the rest is given up: no text costs more than its length some times over.
    """
    folded, origin = _fold(text, language)
    free, lost, places = 0, set[str](), list[tuple[int, int] | None]()
    for word in map(str.lower, words):
        if len(lost) > _LOST:
            break
        # Han characters have no word boundaries; letters do, and without them 'u' would be found in 'such'.
        at = -1 if word in lost else _find(folded, word, free)
        if at < 0:
            lost.add(word)
            places.append(None)
            continue
        free = at + len(word)
        places.append((origin[at], origin[free - 1] + 1))
    return places


def _find(folded: str, word: str, free: int) -> int:
    at = folded.find(word, free)
    while at >= 0:
        before, after = folded[at - 1 : at] if at else "", folded[at + len(word) : at + len(word) + 1]
        if not (_joins(before, word[0]) or _joins(word[-1], after)):
            return at
        at = folded.find(word, at + 1)
    return -1


def _joins(one: str, other: str) -> bool:
    """Tell whether two neighbours belong to one word of an alphabet."""
    return bool(one and other) and _alphabetic(one) and _alphabetic(other)


@lru_cache(maxsize=10_000)
def _alphabetic(c: str) -> bool:
    return c.isalnum() and unicodedata.category(c) != "Lo"


def _fold(text: str, language: str) -> tuple[str, Sequence[int]]:
    """Return the text as tokens spell it, and the place in the text that each character comes from."""
    if language == "zh":
        whole = chinese.simplify(text)
        pieces = list(whole) if len(whole) == len(text) else _each(text, chinese.simplify)
        pieces = _each(pieces, lambda c: c.translate(_NARROW).lower())
    else:
        pieces = list(text.lower()) if text.isascii() else _each(text, lambda c: english.normalise(c).lower())
    folded = "".join(pieces)
    if {len(piece) for piece in set(pieces)} <= {1} and (language != "en" or not _FOUR.search(folded)):
        return folded, range(len(text))
    kept: list[str] = []
    origin: list[int] = []
    for place, piece in enumerate(pieces):
        for c in piece:
            if language == "en" and kept[-3:] == [c] * 3:  # sooooo is sooo
                continue
            kept.append(c)
            origin.append(place)
    return "".join(kept), origin


def _each(pieces: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Change every piece, each distinct one once."""
    changed = {piece: change(piece) for piece in set(pieces)}
    return [changed[piece] for piece in pieces]


#: Columns on each side of the keyword, of which a Chinese character takes two.
_WIDTH = 56
#: Texts that are kept as they were laid out; characters beside a line that tell that it goes on (a blank is none).
_AT_HAND, _MORE = 256, 3
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def concordance(
    rows: pd.DataFrame, tokens: Ragged, hits: Mentions, rng: np.random.Generator, most: int = 20
) -> pd.DataFrame:
    """Draw lines that show a node in its context, from one group in one language.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``utterance_id, cluster_id, collection, language, evidence, text``, one row an utterance.
    tokens : Ragged
        Their tokens.
    hits : Mentions
        The node's occurrences.
    rng : numpy.random.Generator
        For the sample: one line a cluster before any cluster has a second.
    most : int
        Lines.

    Returns
    -------
    pandas.DataFrame
        :data:`LINE_COLUMNS`, sorted by what follows the keyword. Only utterances whose evidence is :data:`QUOTABLE`;
        of equal lines one.

    """
    quotable = rows["evidence"].isin(QUOTABLE).to_numpy()[hits.text]
    chosen = np.flatnonzero(quotable)
    order = chosen[rng.permutation(len(chosen))]
    clusters = rows["cluster_id"].to_numpy(dtype=object)[hits.text[order]]
    turn = pd.Series(clusters).groupby(clusters).cumcount().to_numpy()
    order = order[np.argsort(turn, kind="stable")]
    terms = counted(tokens)
    texts, languages = rows["text"].to_numpy(dtype=object), rows["language"].to_numpy(dtype=object)
    found: dict[tuple[str, str, str], int] = {}

    # A text may hold the node thousands of times.
    @lru_cache(maxsize=_AT_HAND)
    def laid_out(i: int) -> tuple[str, np.ndarray, list[tuple[int, int] | None]]:
        first, last = int(tokens.offsets[i]), int(tokens.offsets[i + 1])
        flags = terms[first:last]
        words = [tokens.vocabulary[code] for code in tokens.codes[first:last][flags].tolist()]
        text = readable(texts[i])
        return text, np.concatenate([[0], np.cumsum(flags)]), word_places(text, words, languages[i])

    for hit in order.tolist():
        if len(found) >= most:
            break
        i = int(hits.text[hit])
        text, before, places = laid_out(i)
        span = _span(places, int(before[hits.start[hit]]), int(before[hits.end[hit]]))
        if span is not None:
            # Every character takes a column: no more of them than these are shown.
            left, right = text[max(span[0] - _WIDTH - _MORE, 0) : span[0]], text[span[1] : span[1] + _WIDTH + _MORE]
            line = (_cut(left[::-1])[::-1], text[slice(*span)], _cut(right))
            found.setdefault(line, i)
    table = pd.DataFrame([[*line] for line in found], columns=["left", "keyword", "right"], dtype=object)
    for name in LINE_COLUMNS[3:]:
        table[name] = rows[name].to_numpy(dtype=object)[list(found.values())]
    key = pd.DataFrame({name: [_plain(text) for text in table[name]] for name in ("right", "left", "keyword")})
    return table.loc[key.sort_values([*key.columns]).index, list(LINE_COLUMNS)].reset_index(drop=True)


def _plain(text: str) -> str:
    """Return what a line is sorted by: its letters first, so that a comma does not part equal words."""
    return re.sub(r"^[\W_]+", "", text.casefold()) + "\0" + text


def columns_of(text: str) -> int:
    """Return how many columns a text takes; a Chinese character or an emoji takes two."""
    return sum(2 if is_wide(c) else 1 for c in text)


def is_wide(c: str) -> bool:
    """Tell whether a character takes two columns, as Chinese ones and emoji do."""
    return unicodedata.east_asian_width(c) in "WF"


def _cut(text: str) -> str:
    """Return the first :data:`_WIDTH` columns, the last of which is an ellipsis where something is cut."""
    text = text.strip()
    if len(text) <= _WIDTH and columns_of(text) <= _WIDTH:
        return text
    if text.isascii():
        return text[: _WIDTH - 1] + "…"
    taken, kept = 0, 0
    for c in text:
        taken += columns_of(c)
        if taken > _WIDTH - 1:
            break
        kept += 1
    return text[:kept] + "…"


def concordance_lines(study: Dataset) -> pd.DataFrame:
    """Draw lines that show each node in the words around it, by group; none with the parameter ``lines`` at 0.

    Only verbatim (and constructed) utterances are quoted, without handles.

    Returns
    -------
    pandas.DataFrame
        ``node, group, label, language``, then `analysis.compare.concordance.LINE_COLUMNS`, and how many ``places``
        may be quoted in the group and how many may not (``not_quoted``).

    """
    options, groups, rows = study.parameters, readable_groups(study), []
    if options.lines:
        known = known_tokens(groups)
        texts = {(group.name, group.language): study.with_text(group.rows) for group, _ in groups}
        for number, name in enumerate(options.node):
            books = node_patterns(name, known)
            for place, (group, tokens) in enumerate(groups):
                hits = books[group.language].find(tokens)
                rng = np.random.default_rng([options.seed, number, place])
                found = concordance(texts[group.name, group.language], tokens, hits, rng, options.lines)
                may = int(group.rows["evidence"].isin(QUOTABLE).to_numpy()[hits.text].sum())
                about = {"node": name.removeprefix(WORD), "group": group.name, "label": group.label}
                about |= {"language": group.language, "places": may, "not_quoted": len(hits.text) - may}
                rows.append(found.assign(**about))
    return pd.concat(rows, ignore_index=True)[list(_LINES)] if rows else pd.DataFrame(columns=_LINES)
