"""Chunks held against `str.split`, tokens against NLTK's own tweet tokenizer."""

from __future__ import annotations

import random
import re
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize.casual import TweetTokenizer

from analysis.measure import english
from analysis.measure.chunks import split
from analysis.measure.english import forget, normalise, tokenize
from analysis.measure.ragged import Ragged

NLTK = TweetTokenizer(preserve_case=False, reduce_len=True, strip_handles=True)


#: Emoji codes stand apart: no rule of NLTK's is for them.
CODES = re.compile("(:_?[A-Za-z][A-Za-z0-9_-]{2,}:)+").fullmatch


def words(text: str) -> list[str]:
    """Return the words of a list that is easier to read without quotes around each."""
    return text.split()


WORDS = words("""Pyongyang kim's I'm DON'T don\u2019t rock'n'roll well-known anti--war co-op- 'tis dogs' o'clock
    sooooooo Hmmmm haaaaappy \u00e9clair na\u00efve stra\u00dfe \uc870\uc120 \u5317\u671d\u9c9c d\u0301e\u0301
    a I x_y __init__ N.Korea serious.They U.S. U.S.A e.g. etc... wait.. wait.... no..yes""")
SIGNS = words(""":) :-D =D ;P :'( xD 8D D8 <3 </3 >:( :/ (: p: d: Po: -> <-- ... .... . .. , !!! !!!! ?! ( ) [ ] * **
    *** ~ % $ \u201c \u201d \u2018 \u2019 \u2026 \u2014 - -- / \\ | ^ ` ' " & ;""")
THINGS = words("""http://a.com/b?c=d https://en.wikipedia.org/wiki/Foo_(bar) www.kcna.kp bbc.co.uk [text](http://x.org/y)
    @kim @kim_jong_un123456789 a@b foo@example.com @@x #DPRK #north-korea ##x # <br> <a/> < 2017 2,017 1/2 -5 +3.5 10:30
    1950-53 5551234567 555-123-4567 +1(555)123.4567 1st 90s f-35 &amp; &lt;3 &amp;gt; &nbsp; a&nbsp;b &hellip; &#8217;
    don&rsquo;t don&apos;t &#x200B; &amp;#x200B; &bogus; &#xD800; &#99999999; AT&T; &; &#; \u200b \ufeff""")
EMOJI = words("""\U0001f600 \U0001f600\U0001f600\U0001f600\U0001f600 \U0001f44d\U0001f3fd \u2764\ufe0f \u2764
    1\ufe0f\u20e3 \u263a\ufe0e \U0001f469\U0001f3fd\u200d\U0001f680 \U0001f3f3\ufe0f\u200d\U0001f308
    \U0001f1f0\U0001f1f5""")

piece = st.sampled_from([*WORDS, *SIGNS, *THINGS, *EMOJI])
chunk = st.one_of(piece, st.tuples(piece, piece, piece).map("".join))
spaces = st.sampled_from([" ", "  ", "\n", "\t", "\u2028", "\x85", "\u3000", "\x1c", "\r\n"])
anything = st.text(st.characters(codec="utf-8"))
many = settings(derandomize=True, deadline=None, max_examples=60)


@st.composite
def composed(draw: st.DrawFn) -> str:
    """Draw a text of what tweets are made of."""
    return "".join(f"{some}{gap}" for some, gap in draw(st.lists(st.tuples(chunk, spaces), max_size=5)))


def nltk_of_chunks(text: str) -> list[str]:
    """Return what NLTK makes of each chunk by itself."""
    return [
        token
        for some in text.split()
        for token in (some.lower().replace("::", ": :").split() if CODES(some) else NLTK.tokenize(normalise(some)))
    ]


@many
@given(st.lists(st.one_of(anything, composed()), max_size=3))
def test_split_is_str_split(texts: list[str]) -> None:
    chunks = split(texts)
    assert chunks.lists() == [text.split() for text in texts]
    assert len(set(chunks.vocabulary)) == len(chunks.vocabulary)
    assert chunks.codes.dtype == np.int32
    assert chunks.offsets.dtype == np.int64
    seen = [chunk for text in texts for chunk in text.split()]
    assert chunks.vocabulary == list(dict.fromkeys(seen))


def test_split_knows_every_white_space() -> None:
    signs = [chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000]
    texts = ["a".join(signs[start : start + 256]) for start in range(0, len(signs), 256)]
    assert split(texts).lists() == [text.split() for text in texts]


@pytest.mark.parametrize("texts", [[], [""], [" \n"], ["a \ud800b", "", "a"], ["a\x00 \x00"]])
def test_split_edges(texts: list[str]) -> None:
    chunks = split(texts)
    assert chunks.lists() == [text.split() for text in texts]
    assert len(chunks) == len(texts)
    assert tokenize(chunks).lists() == [nltk_of_chunks(text) for text in texts]


@many
@given(st.lists(st.one_of(anything, composed()), max_size=3))
def test_tokens_are_nltks_chunk_by_chunk(texts: list[str]) -> None:
    assert tokenize(split(texts)).lists() == [nltk_of_chunks(text) for text in texts]


def test_tokens_of_any_two_pieces_are_nltks() -> None:
    pieces = ["", *WORDS, *SIGNS, *THINGS, *EMOJI]
    pairs = [" ".join(first + second for second in pieces) for first in pieces[::3]]
    for text, tokens in zip(pairs, tokenize(split(pairs)).lists(), strict=True):
        assert tokens == nltk_of_chunks(text)


@many
@given(st.lists(st.text("abDPp8I.,!?'\"-()[]*:;=<>/#@&_1~^`%\u201c\u201d\u2018\u2019\u00e9", max_size=9), max_size=9))
def test_the_short_way_for_plain_words_is_nltks(texts: list[str]) -> None:
    assert tokenize(split(texts)).lists() == [nltk_of_chunks(text) for text in texts]


@many
@given(
    st.lists(st.tuples(st.sampled_from(["http://", "https://", "www.", ""]), st.text("abD.:/_%=&?-8()", max_size=9)))
)
def test_the_short_way_for_links_is_nltks(pieces: list[tuple[str, str]]) -> None:
    texts = ["".join(piece) for piece in pieces]
    assert tokenize(split(texts)).lists() == [nltk_of_chunks(text) for text in texts]


MARKED = "aAbBdDoPpsx'\u2019-_.,!?*/\\()[]{}~^+|%$`\u201c\u201d\"0123456789.8:com;=&"


def test_the_short_way_for_marks_and_figures_is_nltks() -> None:
    rng = random.Random(1)  # noqa: S311  nothing secret
    made = ["".join(rng.choices(MARKED, k=rng.randint(1, 12))) for _ in range(6_000)]
    made += ["6'\u2019'\u2019", "a.com", "+1555-1234", "8)", "d8", "3.5-4"]
    made = [chunk for chunk in made if not CODES(chunk)]
    assert sum(map(english._is_marked, made)) > 3_000  # noqa: SLF001
    forget()
    assert [english._cut(chunk) for chunk in made] == [english._cut_slowly(chunk) for chunk in made]  # noqa: SLF001


@many
@given(st.lists(st.sampled_from([*WORDS, *EMOJI, ":)", "<3", "#DPRK", "@kim", "&amp;", "www.kcna.kp", "hm?!", "so,"])))
def test_tokens_are_nltks_on_whole_texts(pieces: list[str]) -> None:
    text = " ".join(word for word in pieces if word.strip("."))
    assert tokenize(split([text])).lists() == [NLTK.tokenize(normalise(text))]


@pytest.mark.parametrize(
    ("text", "nltk", "ours"),
    [
        ("555 123 4567", ["555 123 4567"], ["555", "123", "4567"]),
        ("100 2017", ["100 2017"], ["100", "2017"]),
        (". . .", [". . ."], [".", ".", "."]),
        ("555 @kim 1234", ["555   1234"], ["555", "1234"]),
        ("a\x1cb", ["a", "\x1c", "b"], ["a", "b"]),
        ("don\u2019t", ["don", "\u2019", "t"], ["don't"]),
        ("\u2764\ufe0f", ["\u2764", "\ufe0f"], ["\u2764"]),
        ("\U0001f44d\U0001f3fd", ["\U0001f44d\U0001f3fd"], ["\U0001f44d"]),
        ("don&apos;t", ["dont"], ["don't"]),
        (":face-blue-smiling:", [":", "face-blue-smiling", ":"], [":face-blue-smiling:"]),
        (":_waveHi::elbowcough:", [":", "_wavehi", "::", "elbowcough", ":"], [":_wavehi:", ":elbowcough:"]),
        ("a &amp;gt; b", ["a", "&", "gt", ";", "b"], ["a", ">", "b"]),
    ],
)
def test_differences_from_nltk_are_the_stated_ones(text: str, nltk: list[str], ours: list[str]) -> None:
    assert NLTK.tokenize(text) == nltk
    assert tokenize(split([text])).lists() == [ours]


@many
@given(st.one_of(anything, composed()))
def test_normalise_is_stable(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert len(once) <= len(text)


@settings(many, max_examples=30)
@given(st.lists(composed(), max_size=5), st.lists(composed(), max_size=5))
def test_memory_changes_nothing(first: list[str], second: list[str]) -> None:
    forget()
    fresh = tokenize(split(second))
    forget()
    tokenize(split(first))
    warm = tokenize(split(second))
    assert fresh.vocabulary == warm.vocabulary
    assert np.array_equal(fresh.codes, warm.codes)
    assert np.array_equal(fresh.offsets, warm.offsets)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "_MEMORY_LIMIT", 100)
    for start in range(0, 1_000, 50):
        tokenize(split([f"x{i} {'y' * 100}{i}" for i in range(start, start + 50)]))
        assert len(english._memory) <= 150  # noqa: SLF001


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("\U0001f600" * 10_000, 471),  # four or more of a sign are three: three from each piece of 64
        ("\U0001f44d\U0001f3fd" * 10_000, 939),
        ("\U0001f600\U0001f44d" * 5_000, 10_000),
        ("x" * 1_000_000, 15_625),
        ("ab" * 500_000, 15_625),
        ("12345678" * 12_500, 10_938),  # NLTK gives up on this after five seconds
        ("&amp;" * 20_000, 7_501),
        ("a." * 5_000, 10_000),
        ("@" * 100_000, 4_689),
    ],
    ids=["emoji", "skins", "pairs", "letter", "letters", "digits", "entities", "dots", "at"],
)
def test_hostile_chunks_come_back(text: str, tokens: int) -> None:
    assert len(tokenize(split([text])).codes) == tokens


def test_chunks_are_whole_up_to_a_thousand_characters() -> None:
    link = "https://example.org/" + "abcdefghij" * 98
    assert len(link) == 1_000
    assert tokenize(split([link])).lists() == [[link]]
    assert len(tokenize(split([link + "k"])).codes) > 1


def test_vocabulary_words_without_an_occurrence_do_no_harm() -> None:
    chunks = split(["@kim one two"])
    part = Ragged(chunks.codes[1:], np.array([0, 2]), chunks.vocabulary)
    assert tokenize(part).lists() == [["one", "two"]]


def test_a_chunk_of_many_dots_takes_no_longer_than_another() -> None:
    chunks = split([" ".join(f"{'a.' * 490}{number}" for number in range(100))])
    begun = time.process_time()
    tokenize(chunks)
    assert time.process_time() - begun < 4  # twenty, where NLTK looked for domains in the whole


def test_entities_of_entities_are_decoded_in_few_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    decode = english._character  # noqa: SLF001
    monkeypatch.setattr(english, "_character", lambda entity: (asked.append(entity[0]), decode(entity))[1])
    assert english.normalise("&" + "amp;" * 500 + "lt;") == "<"
    assert len(asked) == 1
    # Where each pass uncovers one more, they end, and what is left is stable.
    left = english.normalise("&#38;" + "#38;" * 500)
    assert english.normalise(left) == left
    assert len(asked) < 30
