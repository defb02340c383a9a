"""Where in a video something was said: what files tell, and the times that comments quote."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analysis.corpus import ImportOptions, import_file, store
from analysis.corpus.positions import position, quoted, seconds
from analysis.corpus.schema import SCHEMA

QUOTED = {
    "2:31": 151,
    "2:31 the guard turns away": 151,
    "the guard at 2:31 turns away": 151,
    "look, 02:31!": 151,
    "(0:45)": 45,
    "1:02:33 wow": 3753,
    "01:02:33": 3753,
    "12:30 is my favourite part": 750,
    "2:31...": 151,
    "“2:31”": 151,
    "2:31 and again 2:31": 151,
    "2：31那个阿姨": 151,
    "看2:31这里": 151,
    "【00:12】空荡荡的": 12,
    "59:59": 3599,
    "watch 2:31\nand be quiet": 151,
    "10:00 every guide says so": 600,
}
NOT_QUOTED = [
    "no time at all",
    "at 12:30 pm",
    "12:30pm",
    "12:30 P.M. sharp",
    "7:15 in the morning",
    "11:45 tonight",
    "10:00 every morning",
    "12:30 GMT",
    "at 9:00 o'clock",
    "early today 7:30",
    "早上7:30",
    "今晚 20:15 直播",
    "北京时间 12:30",
    "5日 12:30",
    "2024-07-03 09:05",
    "2024-07-03 09:05:11",
    "7/3 09:05",
    "a ratio of 3:1",
    "2:0 for them",
    "16:9",
    "the score was 21:15",
    "比分 11:10",
    "John 3:16",
    "约翰福音3:16说",
    "诗篇 23:10",
    "1 Cor. 13:11",
    "Surah 2:55",
    "2:31-2:45",
    "2:31–2:45",
    "00:1A:2B:3C",
    "1:20 and 2:40",
    "12:345",
    "2:71",
    "75:10",
    "1:75:10",
    "v2:31",
    "2:31x",
    "$2:31",
    "2:31:05:01",
    "1.2:31",
    "https://example.org:20:30/",
]


@pytest.mark.parametrize(("text", "seconds"), QUOTED.items())
def test_a_time_that_stands_alone_is_quoted(text: str, seconds: float) -> None:
    assert quoted(text) == seconds


@pytest.mark.parametrize("text", NOT_QUOTED)
def test_clocks_ratios_scores_verses_and_several_times_are_not(text: str) -> None:
    assert quoted(text) is None


@pytest.mark.parametrize("platform", ["youtube", "bilibili", "tiktok", "douyin", "kuaishou"])
def test_only_comments_under_videos_quote(platform: str) -> None:
    assert position("2:31", platform, "comment") == 151
    assert position("2:31", platform, "caption") is None
    for other in ("reddit", "weibo", None):
        assert position("2:31", other, "comment") is None


@pytest.mark.parametrize(
    ("told", "second"),
    [
        *((told, 3.5) for told in (3.5, "3.5", " 3.5 ", "0:03.5", "00:00:03.5")),
        *((told, 0.0) for told in (0, "0", "0:00")),
        *((told, 3753.0) for told in ("1:02:33", "3753", 3753)),
        *((told, None) for told in (-1, "-0:38", "")),
    ],
)
def test_a_file_tells_seconds_or_a_clock(told: object, second: float | None) -> None:
    assert seconds(told) == second


@pytest.mark.parametrize("told", ["soon", True, "NaN", "inf", [1], {"a": 1}, "9" * 400])
def test_what_is_neither_is_unreadable(told: object) -> None:
    with pytest.raises(ValueError, match=re.escape(str(told))):
        seconds(told)


def test_the_column_comes_into_the_corpus(tmp_path: Path) -> None:
    assert str(SCHEMA.field("position").type) == "double"
    path = tmp_path / "info [vidAAAAAAA1].json"
    comments = [{"id": f"c{n}", "parent": "root", "text": text} for n, text in enumerate(["see 2:31", "see it"])]
    path.write_text(json.dumps({"id": "vidAAAAAAA1", "comments": comments}), encoding="utf-8")
    import_file(path, tmp_path / "corpus", ImportOptions("Test"))
    rows = pq.read_table(store.table_path(tmp_path / "corpus")).to_pylist()
    assert [row["position"] for row in rows] == [151.0, None]


def test_a_table_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("words,second,on\nso,12.5,\nsee 2:31,,youtube\nsee 2:31,?,youtube\n", encoding="utf-8")
    columns = {"text": "words", "position": "second", "platform": "on"}
    report = import_file(path, tmp_path / "corpus", ImportOptions("Test", columns, constants={"kind": "comment"}))
    assert report.notes == ("position not read in 1 row, e.g. '?'",)
    rows = pq.read_table(store.table_path(tmp_path / "corpus")).to_pylist()
    assert [row["position"] for row in rows] == [12.5, 151.0, None]
