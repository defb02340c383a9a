"""What a row measures depends on the row alone, and what cannot be read is missing, never zero."""

from __future__ import annotations

import gc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import read_corpus
from analysis.measure import chinese, chunks, english
from analysis.measure.batch import (
    GROUPING,
    NEEDED,
    Measured,
    codebook,
    measure_batch,
    measures_schema,
    mentions_schema,
    read_texts,
)
from analysis.measure.concepts import LANGUAGES
from analysis.measure.instruments import make_instruments
from analysis.measure.language import detect

PARTS = ("", "_pos", "_neg")


@pytest.fixture(scope="module")
def frame(bilingual: Path) -> pd.DataFrame:
    """Return the bilingual fixture as measuring gets it."""
    return read_corpus(bilingual, list(NEEDED))


@pytest.fixture(scope="module")
def whole(frame: pd.DataFrame) -> Measured:
    """Return the bilingual fixture measured in one batch."""
    return measure_batch(frame)


def rows(table: pa.Table) -> list[dict[str, object]]:
    """Return a table's rows, so that numbers are compared to the last bit and NaN equals NaN."""
    return [
        {name: value.hex() if isinstance(value, float) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]


def by_utterance(table: pa.Table) -> dict[object, list[dict[str, object]]]:
    """Return the mentions of each utterance, in a fixed order."""
    out: dict[object, list[dict[str, object]]] = {}
    for row in sorted(rows(table), key=repr):
        out.setdefault(row["utterance_id"], []).append(row)
    return out


def measure_in_parts(frame: pd.DataFrame, cuts: list[int]) -> tuple[pa.Table, pa.Table]:
    """Measure a frame in parts and put them together again."""
    borders = [0, *sorted(cuts), len(frame)]
    parts = [measure_batch(frame.iloc[a:b].reset_index(drop=True)) for a, b in pairwise(borders)]
    return pa.concat_tables([part.measures for part in parts]), pa.concat_tables([part.mentions for part in parts])


# A row alone ----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=8)
@given(cuts=st.lists(st.integers(0, 308), min_size=1, max_size=4))
def test_measures_do_not_depend_on_the_batch_around_a_row(
    frame: pd.DataFrame, whole: Measured, cuts: list[int]
) -> None:
    measures, mentions = measure_in_parts(frame, cuts)
    assert rows(measures) == rows(whole.measures)
    assert by_utterance(mentions) == by_utterance(whole.mentions)


def test_measures_do_not_depend_on_the_order_of_the_rows(frame: pd.DataFrame, whole: Measured) -> None:
    order = np.random.default_rng(7).permutation(len(frame))
    mixed = measure_batch(frame.iloc[order].reset_index(drop=True))
    expected = rows(whole.measures)
    assert rows(mixed.measures) == [expected[i] for i in order]
    assert by_utterance(mixed.mentions) == by_utterance(whole.mentions)


def test_every_trap_measures_alone_as_it_does_among_others(frame: pd.DataFrame, whole: Measured) -> None:
    at = np.flatnonzero(frame["utterance_id"].str.startswith("trap-"))
    assert len(at) >= 22
    cuts = sorted({*at.tolist(), *(at + 1).tolist()})
    measures, mentions = measure_in_parts(frame, cuts)
    assert rows(measures) == rows(whole.measures)
    assert by_utterance(mentions) == by_utterance(whole.mentions)


# The tables -----------------------------------------------------------------------------------------------------------


def test_the_tables_have_their_schemas_and_repeat_the_columns_to_group_by(frame: pd.DataFrame, whole: Measured) -> None:
    assert whole.measures.schema.equals(measures_schema())
    assert whole.mentions.schema.equals(mentions_schema())
    for name in ("utterance_id", *GROUPING):
        given = [None if pd.isna(value) else value for value in frame[name]]
        assert whole.measures[name].to_pylist() == given, name
    years = [None if pd.isna(moment) else moment.year for moment in frame["posted_at"]]
    assert whole.measures["year"].to_pylist() == years
    assert whole.measures["language"].to_pylist() == detect(frame["text"].tolist()).tolist()


def test_an_empty_batch_gives_empty_tables(frame: pd.DataFrame) -> None:
    empty = measure_batch(frame.iloc[:0])
    assert (empty.measures.num_rows, empty.mentions.num_rows) == (0, 0)
    assert empty.measures.schema.equals(measures_schema())


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was_whatever_happens(frame: pd.DataFrame, monkeypatch, on) -> None:
    """While a batch is measured it is off: it would walk all that was read, for nothing."""
    seen = []
    monkeypatch.setattr("analysis.measure.batch.detect", lambda _: seen.append(gc.isenabled()) or 1 / 0)
    (gc.enable if on else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError):
            measure_batch(frame)
        assert (seen, gc.isenabled()) == ([False], on)
    finally:
        gc.enable()


def test_tokens_stand_in_the_order_of_the_rows(frame: pd.DataFrame, whole: Measured) -> None:
    for text, language, tokens in zip(
        frame["text"], whole.measures["language"].to_pylist(), whole.measures["tokens"].to_pylist(), strict=True
    ):
        alone = english.tokenize(chunks.split([text])) if language == "en" else chinese.tokenize([text])
        assert tokens == alone.lists()[0]


def test_a_language_that_the_corpus_states_is_believed(frame: pd.DataFrame) -> None:
    three = frame.iloc[[0, 0, 0]].reset_index(drop=True)
    three["language"] = [None, "zh", "none"]
    measured = measure_batch(three).measures
    assert measured["language"].to_pylist() == ["en", "zh", "none"]
    assert [n > 0 for n in measured["vader_n"].to_pylist()] == [True, False, False]


# What is missing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", make_instruments(), ids=lambda tool: tool.name)
def test_what_an_instrument_cannot_score_is_nan_with_no_units_and_never_zero(whole: Measured, tool: object) -> None:
    measures = whole.measures.to_pandas()
    score, n = measures[tool.name], measures[f"{tool.name}_n"]
    assert (score.isna() == (n == 0)).all()
    assert (n >= 0).all()
    assert n.gt(0).any()
    for part in PARTS:
        assert measures.loc[n == 0, f"{tool.name}{part}"].isna().all()
    unread = ~measures["language"].isin(tool.languages)
    assert n[unread].eq(0).all()
    low, high = tool.scale
    assert score.dropna().between(low, high).all()


@pytest.mark.parametrize("name", ["trap-hangul", "trap-kana", "trap-digits", "trap-empty-en", "trap-empty-zh"])
def test_languages_that_no_instrument_reads_and_texts_without_words_have_no_score(whole: Measured, name: str) -> None:
    measures = whole.measures.to_pandas().set_index("utterance_id").loc[name]
    assert measures["language"] in {"ko", "ja", "none"}
    for tool in make_instruments():
        assert measures[f"{tool.name}_n"] == 0, tool.name
        assert np.isnan([measures[f"{tool.name}{part}"] for part in PARTS]).all(), tool.name
    assert name not in whole.mentions["utterance_id"].to_pylist()


# Mentions -------------------------------------------------------------------------------------------------------------


def test_a_mention_points_at_its_words(whole: Measured) -> None:
    tokens = dict(zip(*(whole.measures[name].to_pylist() for name in ("utterance_id", "tokens")), strict=True))
    languages = dict(zip(*(whole.measures[name].to_pylist() for name in ("utterance_id", "language")), strict=True))
    mentions = whole.mentions.to_pylist()
    assert len(mentions) > 100
    for row in mentions:
        words = tokens[row["utterance_id"]][row["start"] : row["end"]]
        assert len(words) == row["end"] - row["start"] > 0
        book = codebook(languages[row["utterance_id"]])
        # The words alone are a mention too: an exclusion reaches beyond the words that it takes away.
        joined = " ".join(words) if languages[row["utterance_id"]] == "en" else "".join(words)
        alone = read_texts(languages[row["utterance_id"]], [joined]).batch.tokens
        found = [book.concepts[concept] for concept in book.find(alone).concept]
        assert row["concept"] in found, (row, words)


def test_mentions_are_looked_for_in_the_languages_of_the_codebook_alone(whole: Measured) -> None:
    languages = dict(zip(*(whole.measures[name].to_pylist() for name in ("utterance_id", "language")), strict=True))
    assert {languages[name] for name in whole.mentions["utterance_id"].to_pylist()} == set(LANGUAGES)


def test_a_mention_without_rated_words_around_it_has_no_tone(whole: Measured) -> None:
    mentions = whole.mentions.to_pandas()
    assert (mentions["tone"].isna() == (mentions["n"] == 0)).all()
    assert mentions["n"].between(0, 16).all()
    assert mentions["n"].eq(0).any()
    assert mentions["tone"].dropna().between(1.0, 9.0).all()
