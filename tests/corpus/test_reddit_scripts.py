"""Tables of scripts with PRAW that have the API's names beside their own: ids, posts and comments are what they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus


def bring(tmp_path: Path, *lines: str) -> tuple[str, pd.DataFrame]:
    path, into = tmp_path / "a.csv", tmp_path / "corpus"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (report,) = import_files([path], into, ImportOptions("Test")).reports
    return report.format, read_corpus(into)


def test_an_id_that_a_script_calls_comment_id_is_the_comments(tmp_path: Path) -> None:
    header = "comment_id,link_id,author,body,score,created_utc,parent_id"
    rows = ["inv1,t3_inv,inv_a,so quiet,3,1704103200.0,t3_inv", "inv2,t3_inv,inv_b,it was,4,1704103300.0,t1_inv1"]
    told, frame = bring(tmp_path, header, *rows)
    assert told == "reddit-comments (a script's, with comment_id)"
    assert frame["utterance_id"].tolist() == ["t1_inv1", "t1_inv2"]
    assert frame["parent_id"].fillna("").tolist() == ["", "t1_inv1"]
    assert set(frame["thread_id"]) == {"t3_inv"}


def test_an_id_that_a_script_calls_post_id_is_the_posts(tmp_path: Path) -> None:
    header = "post_id,title,selftext,author,score,num_comments,created_utc"
    _, frame = bring(tmp_path, header, "inv,Is it open?,I ask,inv_a,3,4,1704103200.0")
    assert frame["utterance_id"].tolist() == frame["thread_id"].tolist() == ["t3_inv"]


def test_a_name_that_is_an_accounts_is_no_id(tmp_path: Path) -> None:
    header = "name,id,link_id,author,body,score,created_utc,parent_id"
    _, frame = bring(tmp_path, header, "someone,inv1,t3_inv,inv_a,so quiet,3,1704103200.0,t3_inv")
    assert frame["utterance_id"].tolist() == ["t1_inv1"]


def test_the_score_of_a_comment_with_its_submission_is_read(tmp_path: Path) -> None:
    told, frame = bring(
        tmp_path, "id,submission_id,author,body,score,created_utc", "inv1,inv,inv_a,so quiet,3,1704103200.0"
    )
    assert told == "praw-comments"
    row = frame.iloc[0]
    assert (row["utterance_id"], row["thread_id"], row["likes"]) == ("t1_inv1", "t3_inv", 3)


@pytest.mark.parametrize(
    ("title", "url", "kind", "name", "text"),
    [
        ("Comment", "", "comment", "t1_inv1", "so quiet"),
        ("Comment", "https://example.org/inv1", "post", "t3_inv1", "Comment\nso quiet"),
        ("A walk", "", "post", "t3_inv1", "A walk\nso quiet"),
    ],
)
def test_what_a_table_of_posts_calls_a_comment_is_one(
    tmp_path: Path, title: str, url: str, kind: str, name: str, text: str
) -> None:
    header = "title,score,id,url,comms_num,created,body,timestamp"
    row = f"{title},3,inv1,{url},0,1704103200.0,so quiet,2024-01-01 10:00:00"
    _, frame = bring(tmp_path, header, row)
    assert frame[["kind", "utterance_id", "text"]].iloc[0].tolist() == [kind, name, text]
    assert frame["thread_id"].notna().all() == (kind == "post")
