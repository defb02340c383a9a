"""English tokens: the rules of NLTK's tweet tokenizer, applied once to each distinct chunk."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from html.entities import html5
from itertools import chain
from typing import Any

import numpy as np

from analysis.corpus.schema import MASK, PSEUDONYM
from analysis.measure.nltk_source import definitions
from analysis.measure.ragged import Ragged

# Letters, with apostrophes or hyphens inside and simple punctuation around: three chunks in four. No colon, digit,
# "=" or ";" means no emoticon, link or phone number, so that NLTK's rules come down to "word, then its punctuation".
_PLAIN = re.compile(r"""(["'(\[“*]?)([A-Za-z]+(?:['-][A-Za-z]+)*)([.,!?"'”)\]*]*)""")
# The same with more marks around, and between words (and/or, **bold**, >quoted); no dot before the end, since NLTK
# takes "now.the" for a domain. And a link of the plainest kind: its ":/" is an emoticon, so its case stays.
_WORDS = re.compile(
    r"""[>~^`"“(\[*/]*(?:[A-Za-z]+(?:['-][A-Za-z]+)*[~^`"“”()\[\]*/,!?]+)*[A-Za-z]+(?:['-][A-Za-z]+)*"""
    r"""(?:[.,!?"'”)\]*~^`/]*|(?<=[A-Za-z]{3}):)"""
)
_WORD_OR_MARK = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*|\.{2,}|.")
# Letters, figures and marks of which none begins anything longer: no link, handle, hashtag, tag or arrow, no phone
# number. NLTK's rules then come down to words, figures, dots and single marks, in this order.
_MARKED = re.compile(r"""(?!(?:[^0-9]*[0-9]){7})[A-Za-z0-9'"_.,:;=!?&*/\\()\[\]{}~^+|%$`“”-]+""")
_MARKED_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['\-_])+[^\W\d_]|[+\-]?\d+[,/.:-]\d+[+\-]?|[\w_]+|\.(?:\s*\.)+|\S")
_LINK = re.compile(r"https?://[A-Za-z0-9./_%=&?-]*[A-Za-z0-9/_=&%-]")
# YouTube's own emoji as exports have them, :face-blue-smiling: and a channel's :_wave:, several without a space.
_EMOJI_CODE = r":_?[A-Za-z][A-Za-z0-9_-]{2,}:"
_EMOJI_CODES = re.compile(f"(?:{_EMOJI_CODE})+")
_HASHTAG = re.compile(r"#[A-Za-z0-9_]{2,}")
_TAIL = re.compile(r"\.{2,}|.")
_THRICE = re.compile(r"(.)\1{2,}")
_LENGTHENED = re.compile(r"(.)\1{3}")

_ENTITY = re.compile(r"&#?[^&;\s]+;")
_AMPERSANDS = re.compile(r"&(?:amp;)+")
_DEEPEST = 20  # times that an entity may be made of entities; what goes on is nobody's text
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'")
_VARIATION = dict.fromkeys((0xFE0E, 0xFE0F))
_SKIN = dict.fromkeys(range(0x1F3FB, 0x1F400))
_SIGNS = {**_APOSTROPHES, **_VARIATION, **_SKIN}

_LONG, _DOTS, _PIECE = 1_000, 30, 64  # characters; see `tokenize`
_REMEMBERED = 40  # characters; a longer chunk (a link) hardly ever comes back
_MEMORY_LIMIT = 1_000_000  # chunks, some 250 MB
_memory: dict[str, tuple[str, ...]] = {}

#: Nobody said these words.
_MASKED = re.compile(rf"@?{PSEUDONYM}|{MASK}")
# An emoticon has these eyes (or is a heart); a link begins so, or has a site's ending.
_EYES = re.compile(r"[:;=8]|</?3")
_MAY_LINK = re.compile(r"https?:|\.[a-z]{2,13}(?![a-z0-9_@])", re.IGNORECASE)
#: An emoticon: eyes, a nose or none, then a mouth, or the other way round.
_FACE = re.compile(r"[:;=8][-o*']?[)\][(dp/:}{@|\\]|[)\][(dp/:}{@|\\][-o*']?[:;=8]", re.IGNORECASE)


def tokenize(chunks: Ragged) -> Ragged:
    r"""Turn chunks into tokens: words in lower case, punctuation, emoticons, emoji, hashtags, links, numbers.

    Each distinct chunk is cut by the rules of NLTK's ``TweetTokenizer(preserve_case=False, reduce_len=True,
    strip_handles=True)``: contractions stay whole, ``sooooo`` becomes ``sooo``, @handles and masks go, emoticons (and
    whatever holds one, such as a link) keep their case. Before that, `normalise` mends apostrophes, entities and emoji.

    Parameters
    ----------
    chunks : Ragged
        Texts cut at white space, from `analysis.measure.chunks.split`.

    Returns
    -------
    Ragged
        The tokens, as many texts as came in. Punctuation stays.

    Notes
    -----
    What differs from running NLTK on the whole text:

    - Its rules cross white space in two places. A phone number (``555 123 4567``, or any figures that look like one,
      ``100 2017``) and spaced dots (``. . .``) are one token there and several here. A handle that is taken out
      leaves a space behind, so it too can join figures on its two sides. (Counted on 18,019 Reddit comments about
      North Korea: 18 differ for this reason, all by spaced dots.)
    - ``U+001C`` to ``U+001F`` are white space to ``str.split`` and characters to NLTK.
    - `normalise`: curly apostrophes, emoji variants, and entities that HTML 4 lacks or that were escaped twice
      (another 1,178 of those comments, nearly all by a curly apostrophe).
    - A chunk of emoji codes (``:face-blue-smiling:``) is one token each, and no word; NLTK makes words of them.
    - A chunk of more than 1,000 characters, or of more than 30 dots, is cut into pieces of 64 first. NLTK's patterns
      take time that grows with the square of the length (a megabyte without a space runs into its time limit, which
      raises an error), most of all where dots follow each other like a domain's; short pieces make it linear.

    Chunks of up to 40 characters are remembered across calls. The result does not depend on that: the vocabulary
    stands in the order of first appearance in ``chunks.vocabulary``.

    References
    ----------
    Christopher Potts and others, ``nltk.tokenize.casual`` in NLTK 3.10.

    Examples
    --------
    >>> from analysis.measure.chunks import split
    >>> tokenize(split(["@kim Don\u2019t look :D it's #Pyongyang!!!!", "👍🏽 Sooooo good&hellip;"])).lists()
    [["don't", 'look', ':D', "it's", '#pyongyang', '!', '!', '!'], ['👍', 'sooo', 'good', '…']]

    """
    return fold(tokenize_cased(chunks))


def tokenize_cased(chunks: Ragged) -> Ragged:
    """Return the same tokens, hashtags with their capital letters, which tell their words."""
    if len(_memory) > _MEMORY_LIMIT:
        forget()
    parts = [_memory.get(chunk) or _cut(chunk) for chunk in chunks.vocabulary]
    vocabulary = list(dict.fromkeys(chain.from_iterable(parts)))
    index = {token: code for code, token in enumerate(vocabulary)}
    counts = np.fromiter(map(len, parts), np.int64, len(parts))
    flat = np.fromiter(map(index.__getitem__, chain.from_iterable(parts)), np.int32, int(counts.sum()))
    return chunks.spread(counts, flat, vocabulary)


def fold(tokens: Ragged) -> Ragged:
    """Put hashtags in lower case, as NLTK does: all but those in which it sees an emoticon."""
    emotes = _nltk().emotes
    vocabulary = [token.lower() if token[0] == "#" and not emotes(token) else token for token in tokens.vocabulary]
    if vocabulary == tokens.vocabulary:
        return tokens
    index = {token: code for code, token in enumerate(dict.fromkeys(vocabulary))}
    codes = np.array([index[token] for token in vocabulary], np.int32)[tokens.codes]
    return Ragged(codes, tokens.offsets, list(index))


def forget() -> None:
    """Empty the memory of chunks, to measure what a first run costs; no result depends on it."""
    _memory.clear()


def _cut(chunk: str) -> tuple[str, ...]:
    """Cut one chunk into its tokens, and remember it."""
    straight = chunk if chunk.isascii() else chunk.translate(_APOSTROPHES)
    if len(chunk) > _LONG or _LENGTHENED.search(straight) or ("[" in chunk and _MASKED.search(chunk)):
        tokens = _cut_slowly(chunk)
    elif straight.isascii() and straight.isalpha():
        tokens = (straight.lower(),)
    elif plain := _PLAIN.fullmatch(straight):
        before, word, after = plain.groups()
        tokens = (*before, word.lower(), *(_TAIL.findall(after) if after else ()))
    elif (_HASHTAG.fullmatch(chunk) and "user_" not in chunk) or _LINK.fullmatch(chunk):
        tokens = (chunk,)
    elif _EMOJI_CODES.fullmatch(chunk):
        tokens = tuple(re.findall(_EMOJI_CODE, chunk.lower()))
    elif _is_marked(straight):
        tokens = tuple(_MARKED_TOKEN.findall(straight.lower()))
    elif _WORDS.fullmatch(straight):
        tokens = tuple(_WORD_OR_MARK.findall(straight.lower()))
    else:
        tokens = _cut_slowly(chunk)
    if len(chunk) <= _REMEMBERED:
        _memory[chunk] = tokens
    return tokens


def _is_marked(chunk: str) -> bool:
    """Tell whether nothing of a chunk is a link, an emoticon, an entity, a pseudonym or a telephone number."""
    if not _MARKED.fullmatch(chunk) or "user_" in chunk or ("&" in chunk and ";" in chunk):
        return False
    return not ((":" in chunk or "." in chunk) and _MAY_LINK.search(chunk)) and not _FACE.search(chunk)


def _cut_slowly(chunk: str) -> tuple[str, ...]:
    """Cut a chunk by NLTK's own rules."""
    step = _LONG if len(chunk) <= _LONG and chunk.count(".") <= _DOTS else _PIECE
    pieces = (chunk[start : start + step] for start in range(0, len(chunk), step))
    return tuple(chain.from_iterable(map(_nltk().tokens, map(normalise, pieces))))


#: NLTK's patterns, and what they are made of.
_CASUAL = ("EMOTICONS", "URLS", "FLAGS", "PHONE_REGEX", "REGEXPS", "REGEXPS_PHONE", "EMOTICON_RE", "HANDLES_RE")


class _Nltk:
    """NLTK's rules without what ``TweetTokenizer.tokenize`` recompiles at every call."""

    def __init__(self) -> None:
        self._casual = definitions("tokenize/casual.py", *_CASUAL)
        self._patterns: dict[tuple[bool, bool], Any] = {}

    def emotes(self, token: str) -> bool:
        """Tell whether NLTK sees an emoticon in a token, which then keeps its case."""
        return _EYES.search(token) is not None and self._casual.EMOTICON_RE.search(token) is not None

    def tokens(self, text: str) -> list[str]:
        """Cut a text."""
        if "user_" in text or "[" in text:
            text = _MASKED.sub(" ", text)
        if "@" in text:
            text = self._casual.HANDLES_RE.sub(" ", text)
        found = self._pattern(text).findall(_THRICE.sub(r"\1\1\1", text))
        return [
            token if (lower := token.lower()) == token or token[0] == "#" or self.emotes(token) else lower
            for token in found
        ]

    def _pattern(self, text: str) -> Any:  # noqa: ANN401  as NLTK wraps it
        """Return the pattern of tokens; the parts that take longest go where what they look for cannot be found."""
        may = (_MAY_LINK.search(text) is not None, "@" in text)
        if may not in self._patterns:
            link, *others = self._casual.REGEXPS_PHONE
            parts = [link] * may[0] + [part for part in others if may[1] or "{1,64}@" not in part]
            flags = self._casual.EMOTICON_RE.flags
            self._patterns[may] = self._casual.redos.compile(f"({'|'.join(parts)})", flags)
        return self._patterns[may]


@cache
def _nltk() -> _Nltk:
    return _Nltk()


def normalise(text: str) -> str:
    """Mend what captures write in several ways and readers see as one.

    Curly apostrophes become ``'``. Variation selectors (``U+FE0E``, ``U+FE0F``) and skin tones go, so that one emoji
    is one token, whoever posts it. HTML entities become their characters, also those escaped twice (``&amp;gt;``,
    common in Reddit archives); an unknown entity is removed, as NLTK does, and so is the ``&`` of what is still none
    after twenty times.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Stable: ``normalise(normalise(text)) == normalise(text)``.

    """
    text = text.translate(_SIGNS)
    if "&" not in text:
        return text
    text = _AMPERSANDS.sub("&", text)
    for _ in range(_DEEPEST):
        decoded = _ENTITY.sub(_character, text).translate(_SIGNS)
        if decoded == text:
            return text
        text = decoded
    return text.replace("&", "")


def _character(entity: re.Match[str]) -> str:
    """Decode one entity; one that names no character becomes the empty string."""
    name = entity[0]
    if not name.startswith("&#"):
        return html5.get(name[1:], "")
    character = unescape(name)
    return "" if character == name else character
