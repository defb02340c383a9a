"""Columns of no known name: what may be the video or the account is asked about in any format; else it is left."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.corpus import Imported, ImportOptions, import_files, read_corpus
from analysis.errors import InputError

ROWS = 8


def bring(tmp_path: Path, data: str, name: str = "a.csv") -> tuple[Imported, pd.DataFrame]:
    path, into = tmp_path / name, tmp_path / "corpus"
    path.write_text(data, encoding="utf-8")
    return import_files([path], into, ImportOptions("Test")), read_corpus(into)


def asked(tmp_path: Path, data: str, name: str = "a.csv") -> tuple[str, pd.DataFrame]:
    """Import a file that must be asked about, then as the message says: return the message and the corpus."""
    with pytest.raises(InputError) as caught:
        bring(tmp_path, data, name)
    said = str(caught.value)
    (option,) = re.findall(r"(--columns .+?) \(else without", said)
    into = tmp_path / "corpus"
    pasted = [*shlex.split(option), "--into", str(into), "--collection", "Test"]
    assert main(["import", str(tmp_path / name), *pasted]) == 0
    return said, read_corpus(into)


def table(*names: str, **values: list[str]) -> str:
    """Return a table of columns with as many values as rows, or with those that are given, again and again."""
    rows = ([values.get(name, [f"{name}{n}"])[n % len(values.get(name, "1"))] for name in names] for n in range(ROWS))
    return "".join(",".join(cells) + "\n" for cells in (names, *rows))


# A table that no tool wrote -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["aweme", "title", "标题", "yt", "movie", "episode", "item", "chat", "source", "来源", "vid", "videoTitle"]
)
def test_a_column_that_may_be_the_video_is_asked_about(tmp_path: Path, name: str) -> None:
    said, frame = asked(tmp_path, table("text", name))
    assert f"if it is {name}:" in said
    assert frame["thread_id"].nunique() == ROWS


@pytest.mark.parametrize("name", ["who", "from", "person", "contributor", "发送人"])
def test_a_column_that_may_be_the_account_is_asked_about(tmp_path: Path, name: str) -> None:
    said, frame = asked(tmp_path, table("text", name))
    assert f"if who wrote it is {name}:" in said
    assert frame["speaker"].nunique() == ROWS


def test_words_that_repeat_may_be_the_video(tmp_path: Path) -> None:
    said, frame = asked(tmp_path, table("text", "trip", trip=["罗先", "平壤"]))
    assert "if it is trip:" in said
    assert frame["thread_id"].nunique() == 2


@pytest.mark.parametrize(
    "name",
    ["label", "topic", "sentiment", "video_view_count", "视频播放量", "post_date", "user_avatar_url", "用户主页链接"],
)
def test_what_is_no_video_is_not_asked_about(tmp_path: Path, name: str) -> None:
    _, frame = bring(tmp_path, table("text", name, **{name: ["one", "two"]}))
    assert len(frame) == ROWS


@pytest.mark.parametrize("values", [["3", "4"], ["2024-07-01", "2024-07-02"], ["one"], [f"w{n}" for n in range(ROWS)]])
def test_numbers_and_words_that_do_not_repeat_are_no_video(tmp_path: Path, values: list[str]) -> None:
    _, frame = bring(tmp_path, table("text", "trip", trip=values))
    assert frame["thread_id"].isna().all()
