"""Concepts are found as words, not as strings; an exclusion is no mention; the tone is that of the words around."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis import paths
from analysis.errors import InputError
from analysis.measure import batch, chinese, chunks, concepts, english
from analysis.measure.concepts import CODEBOOK, Codebook, Mentions, read_codebook, tone_around
from analysis.measure.ragged import Ragged

ROWS = [
    {"concept": "freedom", "en": "free | liberty | go anywhere | !free of charge | !sugar free | freely", "zh": "自由"},
    {"concept": "watched", "en": "wiretap* | secret police* | men in suits | suits", "zh": "监视"},
    {"concept": "trade", "en": "charge | free trade | trade", "zh": "贸易"},
    {"concept": "fear", "en": "scare* | !scarecrow", "zh": "怕"},
]


def cut(texts: list[str]) -> Ragged:
    """Cut English texts as the study does."""
    return english.tokenize(chunks.split(texts))


CUT = {"en": cut, "zh": chinese.tokenize}
BOOK = Codebook(ROWS, "en", lambda texts: cut(list(texts)))


def found(*texts: str) -> list[tuple[int, str, int, int]]:
    """Return the mentions in some texts: text, concept, first token, token after the last."""
    mentions = BOOK.find(cut(list(texts)))
    return [(int(t), ROWS[int(c)]["concept"], int(a), int(b)) for t, c, a, b in zip(*mentions, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we are free", [("freedom", 2, 3)]),
        ("FREE, so Free!", [("freedom", 0, 1), ("freedom", 3, 4)]),
        ("freedom is another word", []),
        ("freely", [("freedom", 0, 1)]),
        ("you can go anywhere", [("freedom", 2, 4)]),
        ("go there, anywhere", []),
        ("anywhere go", []),
        ("you can go", []),
        # An exclusion covers what lies inside it, for its own concept only.
        ("free of charge", [("trade", 2, 3)]),
        ("it is free of charge, and we are free", [("freedom", 9, 10), ("trade", 4, 5)]),
        ("sugar free", []),
        ("free of sugar", [("freedom", 0, 1)]),
        # A shorter hit inside a longer one of the same concept does not count twice; of another concept it does.
        ("men in suits", [("watched", 0, 3)]),
        ("suits", [("watched", 0, 1)]),
        ("free trade", [("freedom", 0, 1), ("trade", 0, 2)]),
        ("trade trade", [("trade", 0, 1), ("trade", 1, 2)]),
        # A star stands for any continuation of its word.
        ("wiretap wiretaps wiretapping", [("watched", 0, 1), ("watched", 1, 2), ("watched", 2, 3)]),
        ("a wire tap", []),
        ("secret policeman", [("watched", 0, 2)]),
        ("secret people", []),
        # Where a pattern and an exclusion are equally long, the exclusion wins.
        ("scared of scarecrows", [("fear", 0, 1), ("fear", 2, 3)]),
        ("scared of a scarecrow", [("fear", 0, 1)]),
        ("", []),
        ("👍 123", []),
    ],
)
def test_patterns_are_matched_on_words(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert found(text) == [(0, *mention) for mention in expected]


def test_no_pattern_reaches_into_the_next_text() -> None:
    assert found("you can go", "anywhere", "men in", "suits", "go anywhere") == [
        (3, "watched", 0, 1),
        (4, "freedom", 0, 2),
    ]


def test_no_texts_hold_no_mentions() -> None:
    assert found() == []
    assert found("", "") == []


_words = st.sampled_from(["free", "of", "charge", "trade", "go", "anywhere", "men", "in", "suits", "wiretaps", "x", ""])


@settings(deadline=None)
@given(texts=st.lists(st.lists(_words, max_size=8).map(" ".join), max_size=5))
def test_mentions_do_not_depend_on_the_texts_around(texts: list[str]) -> None:
    alone = [(i, *mention[1:]) for i, text in enumerate(texts) for mention in found(text)]
    together = found(*texts)
    assert together == sorted(together, key=lambda m: (m[0], [row["concept"] for row in ROWS].index(m[1]), m[2]))
    assert sorted(together) == sorted(alone)


def by_space(texts: Sequence[str]) -> Ragged:
    """Cut texts at spaces."""
    words = [text.split() for text in texts]
    vocabulary = sorted({word for text in words for word in text})
    codes = [vocabulary.index(word) for text in words for word in text]
    return Ragged(np.array(codes, dtype=np.int32), np.cumsum([0, *map(len, words)]), vocabulary)


def read_slowly(cells: list[list[str]], texts: list[str]) -> list[tuple[int, int, int, int]]:
    """Return what a reader with a finger on the line finds: concept by concept, the longest pattern, then on."""
    out = []
    for t, text in enumerate(texts):
        words = text.split()
        for concept, cell in enumerate(cells):
            j = 0
            while j < len(words):
                here = []
                for part in cell:
                    pattern = part.removeprefix("!").split()
                    seen = words[j : j + len(pattern)]
                    if len(seen) == len(pattern) and all(
                        word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
                        for word, wanted in zip(seen, pattern, strict=True)
                    ):
                        here.append((len(pattern), part.startswith("!")))
                length, excluded = max(here, default=(1, True))
                if not excluded:
                    out.append((t, concept, j, j + length))
                j += length
    return out


_some = st.sampled_from(["go", "gone", "goner", "free", "freed", "of", "on"])
_phrase = st.lists(st.one_of(_some, st.sampled_from(["go*", "gon*", "fre*", "o*"])), min_size=1, max_size=4)
_part = st.builds(lambda words, out: "!" * out + " ".join(words), _phrase, st.booleans())
_cells = st.lists(st.lists(_part, min_size=1, max_size=8), min_size=1, max_size=3)


@settings(deadline=None)
@given(cells=_cells, texts=st.lists(st.lists(_some, max_size=12).map(" ".join), max_size=4))
def test_the_automaton_finds_what_a_slow_reader_finds(cells: list[list[str]], texts: list[str]) -> None:
    rows = [{"concept": str(i), "en": " | ".join(cell)} for i, cell in enumerate(cells)]
    mentions = Codebook(rows, "en", by_space).find(by_space(texts))
    assert list(zip(*(column.tolist() for column in mentions), strict=True)) == read_slowly(cells, texts)


def test_chinese_concepts_are_words_and_not_substrings() -> None:
    book = batch.codebook("zh")
    freedom = book.concepts.index("freedom")
    texts = ["这里很自由", "财务自由", "自由行", "不自由", "說得這麼自由"]
    mentions = book.find(chinese.tokenize(texts))
    assert mentions.text[mentions.concept == freedom].tolist() == [0, 3, 4]


# Tone around a mention ------------------------------------------------------------------------------------------------


def test_the_tone_is_the_mean_of_the_scored_words_on_both_sides() -> None:
    # place    0    1    2       3     4    5    6    7     8
    # rating   7    -    2    [mention]     -    5    1     9
    tokens = Ragged(np.arange(9, dtype=np.int32), np.array([0, 9]), list("abcdefghi"))
    values = np.array([7.0, np.nan, 2.0, 8.0, 8.0, np.nan, 5.0, 1.0, 9.0])
    one = Mentions(np.array([0]), np.array([0]), np.array([3]), np.array([5]))
    for window, mean, n in [(8, 24 / 5, 5), (3, 15 / 4, 4), (2, 7 / 2, 2), (1, 2.0, 1), (0, np.nan, 0)]:
        tone, count = tone_around(tokens, values, one, window)
        np.testing.assert_array_equal(tone, [mean])
        assert count.tolist() == [n]


def test_the_window_ends_with_the_text() -> None:
    tokens = Ragged(np.arange(6, dtype=np.int32), np.array([0, 2, 4, 6]), list("abcdef"))
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    middle = Mentions(np.array([1, 1]), np.array([0, 1]), np.array([0, 0]), np.array([1, 2]))
    tone, n = tone_around(tokens, values, middle)
    np.testing.assert_array_equal(tone, [4.0, np.nan])
    assert n.tolist() == [1, 0]


def test_a_mention_among_unrated_words_has_no_tone() -> None:
    tokens = Ragged(np.zeros(3, dtype=np.int32), np.array([0, 3]), ["a"])
    one = Mentions(np.array([0]), np.array([0]), np.array([1]), np.array([2]))
    tone, n = tone_around(tokens, np.full(3, np.nan), one)
    assert np.isnan(tone).all()
    assert n.tolist() == [0]


# The codebook ---------------------------------------------------------------------------------------------------------


def write_codebook(path: Path, *rows: str, header: str = "concept,definition,en,zh,seed_evidence") -> Path:
    """Write a codebook of the rows given."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (["fear,d,fear,怕"], "concept,definition,en,zh", "column seed_evidence: there is no such column"),
        (["fear,d,fear,怕,", "fear,d,scary,怕,"], None, "row 2, column concept: 'fear' occurs twice"),
        (["fear,d,fear, ,"], None, "row 1, column zh: a concept needs a side in each language"),
        (["fear,d,,怕,"], None, "row 1, column en: a concept needs a side in each language"),
        (["fear,d,fear, | ,"], None, "row 1, column zh: a concept needs a side in each language"),
        (["fear,d,fear,怕,", "fear ,d,scary,怕,"], None, "row 2, column concept: 'fear' occurs twice"),
        ([" ,d,fear,怕,"], None, "row 1, column concept: is empty"),
        (["fear,d,fear(s)?,怕,"], None, "row 1, column en: 'fear(s)?' is no word"),
        (["fear,d,scared|fear.*,怕,"], None, "row 1, column en: 'fear.*' is no word"),
    ],
)
def test_a_codebook_that_is_not_well_formed_is_refused(
    tmp_path: Path, rows: list[str], header: str | None, said: str
) -> None:
    path = write_codebook(tmp_path / "concepts.csv", *rows, **({"header": header} if header else {}))
    with pytest.raises(InputError) as caught:
        read_codebook(path)
    assert str(caught.value).startswith(f"{path}, {said}")


def test_a_pattern_without_a_word_is_refused() -> None:
    rows = [{"concept": "fear", "en": "fear | ! ", "zh": "怕"}]
    with pytest.raises(InputError, match="column en: the pattern '!' of 'fear' holds no word"):
        Codebook(rows, "en", lambda texts: cut(list(texts)))


def patterns(language: str) -> list[tuple[str, str, bool]]:
    """Return the project's patterns: concept, pattern, whether it is an exclusion."""
    cells = [(row["concept"], part.strip()) for row in read_codebook() for part in row[language].split("|")]
    return [(concept, part.removeprefix("!").strip(), part.startswith("!")) for concept, part in cells]


def test_the_codebook_has_every_concept_with_its_definition() -> None:
    rows = read_codebook()
    assert [row["concept"] for row in rows] == [
        "freedom",
        "surveillance",
        "staged",
        "ordinary life",
        "commerce",
        "fear",
        "development",
        "safety",
        "friendliness",
        "deprivation",
        "propaganda",
        "isolation",
        "scenery",
        "connection",
    ]
    assert all(row["definition"].strip() and row["seed_evidence"].strip() for row in rows)
    assert CODEBOOK.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("language", concepts.LANGUAGES)
def test_no_pattern_of_the_codebook_is_empty_or_stands_twice(language: str) -> None:
    all_of_them = patterns(language)
    assert [part for _, part, _ in all_of_them if not part] == []
    assert [item for item, times in Counter(all_of_them).items() if times > 1] == []
    assert all(part == part.lower() for _, part, _ in all_of_them if language == "en")


@pytest.mark.parametrize("language", concepts.LANGUAGES)
def test_every_pattern_of_the_codebook_finds_itself_and_every_exclusion_finds_nothing(language: str) -> None:
    book, all_of_them = batch.codebook(language), patterns(language)
    # A pattern that lies inside an exclusion of its own concept is found alone; a star is tried with a continuation.
    texts = [part.replace("*", "ing") for _, part, _ in all_of_them]
    mentions = book.find(CUT[language](texts))
    hits = {(int(t), book.concepts[int(c)]) for t, c in zip(mentions.text, mentions.concept, strict=True)}
    for i, (concept, part, excluded) in enumerate(all_of_them):
        assert ((i, concept) in hits) != excluded, (concept, part)


@pytest.mark.parametrize(
    ("words", "concept"),
    [
        ("Why are we so free", "freedom"),
        ("little restrictions", "freedom"),
        ("go anywhere, eat anywhere", "freedom"),
        ("no one monitoring or following me", "surveillance"),
        ("a guided trip", "surveillance"),
        ("the men in suits", "surveillance"),
        ("state-approved", "surveillance"),
        ("everything is staged for tourists", "staged"),
        ("So many actors for so few tourists", "staged"),
        ("tightly-orchestrated viewings", "staged"),
        ("so terrifying", "fear"),
        ("paranoia and anxiety", "fear"),
        ("go about their everyday life", "ordinary life"),
        ("genuine human moments", "ordinary life"),
        ("false eyelashes", "commerce"),
        ("emerging commercial hub", "development"),
        ("there is not much difference between here and China", "development"),
        ("It feels even safer", "safety"),
        ("especially friendly to Chinese people", "friendliness"),
        ("people there are starving", "deprivation"),
        ("a propaganda postcard", "propaganda"),
        ("rocket-theme backdrops", "propaganda"),
        ("so far removed from the world", "isolation"),
        ("the hermit kingdom", "isolation"),
        ("good air quality and nice scenery", "scenery"),
        ("I love going for hikes in rural North Korea", "scenery"),
        ("My first tweet", "connection"),
        ("wireless internet", "connection"),
    ],
)
def test_the_codebook_holds_the_seeds_own_words(words: str, concept: str) -> None:
    book = batch.codebook("en")
    assert concept in {book.concepts[i] for i in book.find(cut([words])).concept.tolist()}


SENTENCES = Path(__file__).parents[1] / "fixtures" / "codebook_sentences.csv"
_ENOUGH = 0.95


def test_the_codebook_tells_written_sentences_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts: Counter[tuple[str, str, bool, bool]] = Counter()
    wrong = []
    for language in concepts.LANGUAGES:
        book, mine = batch.codebook(language), [row for row in rows if row["language"] == language]
        mentions = book.find(CUT[language]([row["sentence"] for row in mine]))
        hits = {(int(t), book.concepts[int(c)]) for t, c in zip(mentions.text, mentions.concept, strict=True)}
        for i, row in enumerate(mine):
            true, hit = row["label"] == "1", (i, row["concept"]) in hits
            counts[row["concept"], language, true, hit] += 1
            if true != hit:
                wrong.append(f"{row['concept']}, {language}, {row['pair']}: {row['sentence']}")
    for concept in book.concepts:
        for language in concepts.LANGUAGES:
            hits, misses, false = (counts[concept, language, *of] for of in ((1, 1), (1, 0), (0, 1)))
            assert hits + misses >= 20, (concept, language)
            assert counts[concept, language, False, False] + false >= 20, (concept, language)
            precision, recall = hits / (hits + false), hits / (hits + misses)
            print(f"{concept}, {language}: precision {precision:.3f}, recall {recall:.3f}")  # noqa: T201
            assert precision >= _ENOUGH, wrong
            assert recall >= _ENOUGH, wrong
    assert capsys.readouterr().out.count("precision") == 2 * len(book.concepts)


# How good the codebook is: what a reader found, kept with the codebook -----------------------------------------------

CHECKS = paths.DATA / "concept_checks.csv"
_ALL = "all concepts"


def checks() -> list[dict[str, str]]:
    """Return the rows of the file of checks."""
    with CHECKS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_concept_was_checked_in_both_languages() -> None:
    rows = checks()
    cells = {(row["concept"], row["language"], row["kind"]) for row in rows}
    names = [row["concept"] for row in read_codebook()]
    sides = [(c, language, kind) for c in names for language in concepts.LANGUAGES for kind in ("precision", "recall")]
    assert cells == {*sides, *((_ALL, language, "recall") for language in concepts.LANGUAGES)}
    assert all(row[name].strip() for row in rows for name in ("corpus", "judged_by", "date", "note"))


@pytest.mark.parametrize("row", checks(), ids=lambda row: f"{row['concept']}-{row['language']}-{row['kind']}")
def test_shares_and_intervals_of_the_checks_follow_from_their_counts(row: dict[str, str]) -> None:
    n, right = int(row["n"]), int(row["right"])
    assert 0 <= right <= n
    given = [row[name] for name in ("share", "ci_low", "ci_high")]
    if n == 0:
        assert given == ["", "", ""]
        return
    expected = [right / n, *proportion_confint(right, n, method="wilson")]
    np.testing.assert_allclose([float(value) for value in given], expected, atol=5e-4)


def test_recall_over_all_concepts_is_the_sum_of_the_concepts() -> None:
    summed: Counter[tuple[str, str, str]] = Counter()
    stated: dict[tuple[str, str, str], int] = {}
    for row in checks():
        if row["kind"] == "recall":
            for name in ("n", "right"):
                key = (row["language"], row["corpus"], name)
                if row["concept"] == _ALL:
                    stated[key] = int(row[name])
                else:
                    summed[key] += int(row[name])
    assert stated == dict(summed)
