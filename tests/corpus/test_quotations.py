"""The seed corpus: what three articles quote and report, and nothing that it cannot prove."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from analysis.corpus import import_quotations, read_corpus, read_info

#: Whom the press names, and in how many rows.
SPEAKERS = {"Mr. Wang": 8, "Mike O'Kennedy": 4, "Zoe Stephens": 2, "Jean H. Lee": 2, "Sophie Schmidt": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the seed corpus as a folder."""
    into = tmp_path_factory.mktemp("corpora") / "quotations"
    import_quotations(into)
    return into


@pytest.fixture(scope="module")
def quotations(folder: Path) -> pd.DataFrame:
    """Return the seed corpus as a table."""
    return read_corpus(folder)


def test_all_26_rows_are_imported(folder: Path, quotations: pd.DataFrame) -> None:
    info = read_info(folder)
    (file,) = info["files"]
    assert (file["read"], file["imported"], file["rejected"], file["duplicates"]) == (26, 26, 0, 0)
    assert len(quotations) == 26
    assert quotations["utterance_id"].is_unique


def test_evidence_says_what_was_quoted_translated_and_reported(quotations: pd.DataFrame) -> None:
    assert Counter(quotations["evidence"]) == {"verbatim": 10, "translated": 7, "paraphrase": 9}
    assert quotations["text"].str.strip().ne("").all()
    translated = quotations[quotations["evidence"] == "translated"]
    assert set(translated["original_language"]) == {"zh"}


def test_it_holds_no_han_character(quotations: pd.DataFrame) -> None:
    han = re.compile("[\u2e80-\u2fff\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
    assert [text for column in ("text", "speaker") for text in quotations[column].dropna() if han.search(text)] == []


def test_it_holds_no_verbatim_chinese_viewer(quotations: pd.DataFrame) -> None:
    viewers = quotations[quotations["vantage"] == "chinese_viewer"]
    assert set(viewers["evidence"]) == {"paraphrase"}


def test_only_speakers_whom_the_press_names_are_named(quotations: pd.DataFrame) -> None:
    assert Counter(quotations["speaker"].dropna()) == SPEAKERS
    assert set(quotations.loc[quotations["speaker"].notna(), "vantage"]) == {"vlogger"}


def test_all_three_vantage_points_are_heard_in_as_many_clusters_as_the_articles_allow(
    quotations: pd.DataFrame,
) -> None:
    clusters = quotations.groupby("vantage")["cluster_id"].nunique().to_dict()
    assert clusters == {"western_commenter": 1, "chinese_viewer": 1, "vlogger": 6}
    commenters = quotations[quotations["vantage"] != "vlogger"]
    assert commenters["cluster_id"].equals(commenters["thread_id"])
    assert quotations["origin"].notna().all()


def test_dates_are_no_more_precise_than_the_articles(quotations: pd.DataFrame) -> None:
    assert set(quotations["time_precision"].dropna()) == {"day", "month", "year"}
    assert quotations["posted_at"].isna().equals(quotations["time_precision"].isna())
