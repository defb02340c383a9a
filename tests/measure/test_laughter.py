"""Laughter: what is laughter and what is not, that it is set apart everywhere, and scored everywhere if asked."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.batch import measure_batch, read_texts, score_texts
from analysis.measure.instruments import make_instruments, make_other_laughter
from analysis.measure.laughter import LAUGHTER_FILE, laughs_in
from analysis.measure.options import LAUGHING, OTHER_LAUGHTER
from analysis.parameters import Options


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


LAUGHS = {
    "en": words("ha haha HAHAHA hahahah bwahaha lol LOL lolol lmao LMFAO rofl hehe xD 😂 🤣🤣 😹"),
    "zh": words("哈哈 哈哈哈哈 嘻嘻 hhh 233 23333 xswl 笑死 笑哭 [笑cry] [哈哈] [tv_笑哭] [笑哭R] haha lol 😂"),
}
NONE = {
    "en": words("laugh laughing aha ahh he hi hello 233 fun funny kekistan loll-y smile 😀 😭 :) happy"),
    "zh": words("哈 好笑 搞笑 可笑 笑话 嘲笑 笑 呵呵 [微笑] [doge] [苦笑] 23 232 h 死 开心"),
}


def test_every_row_has_a_pattern_that_compiles_and_a_reason() -> None:
    with LAUGHTER_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["reason"] and None not in row and re.compile(row["pattern"]) for row in rows)
    assert {row["language"] for row in rows} == {"any", "en", "zh"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_laughs_and_what_does_not(language: str) -> None:
    laughs = laughs_in(language)
    assert [word for word in LAUGHS[language] if not laughs(word)] == []
    assert [word for word in NONE[language] if laughs(word)] == []


def scores(texts: list[str], language: str, options: Options) -> dict[str, np.ndarray]:
    """Score texts of one language by every instrument."""
    return score_texts(texts, np.full(len(texts), language, object), make_instruments(options), options)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["lol that is terrible", "Haha, great!", "lmao", "good 😂😂", "HAHA GOOD but lol sad xD"]),
        ("zh", ["哈哈哈 太可怕了", "[笑cry] 很好", "笑死我了", "不错 😂", "23333 真难看 hhh [哈哈]"]),
    ],
)
def test_apart_means_that_a_text_scores_as_without_its_laughter(language: str, texts: list[str]) -> None:
    apart, scored = (scores(texts, language, Options(laughter=choice)) for choice in ("apart", "score"))
    laughs = laughs_in(language)
    for name in ("labmt", "nrcvad", "labmt_linked"):
        kept = [" ".join(t for t in row if not laughs(t)) for row in read_texts(language, texts).tokens.lists()]
        bare = scores(kept, language, Options(laughter="score"))
        assert np.array_equal(apart[name], bare[name], equal_nan=True), name
    assert (apart["laughter_n"] > 0).all()
    assert np.array_equal(apart["laughter_n"], scored["laughter_n"])
    rules = "vader" if language == "en" else "zh_rules"
    assert (scored[f"{rules}_n"] > apart[f"{rules}_n"]).sum() >= 4
    assert np.isnan(apart["emoji"]).all()


@given(st.lists(st.sampled_from(["lol", "HAHA!", "good", "bad", "not", "😂", "xD", "very", "but", "war"]), max_size=8))
@settings(max_examples=50, deadline=None)
def test_the_other_choice_is_what_a_run_with_it_would_measure(
    frame_of: Callable[[Sequence[str]], pd.DataFrame], words: list[str]
) -> None:
    frame = frame_of([" ".join(words), " ".join(words[::-1]), "哈哈 " + "很好 " * len(words)])
    one, two = (measure_batch(frame, Options(laughter=choice)).measures for choice in ("apart", "score"))
    for name in LAUGHING:
        for column in ("", "_n", "_pos", "_neg"):
            for here, there in ((one, two), (two, one)):
                other = here[name + OTHER_LAUGHTER + column].to_numpy()
                assert np.array_equal(other, there[name + column].to_numpy(), equal_nan=True), name + column


def test_there_is_another_choice_of_every_instrument_that_can_laugh() -> None:
    assert [tool.name for tool in make_other_laughter()] == [name + OTHER_LAUGHTER for name in LAUGHING]


def test_instruments_that_several_options_share_keep_their_names() -> None:
    for choice in ("apart", "score"):
        make_other_laughter(Options(laughter=choice))
    for choice in ("apart", "score"):
        names = [tool.name for tool in make_instruments(Options(laughter=choice))]
        assert not [name for name in names if name.endswith(OTHER_LAUGHTER)]
        assert len(set(names)) == len(names)
