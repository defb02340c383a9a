"""Columns whose names mean one thing here and another there, and tables that begin otherwise than most."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.convert import moment
from analysis.corpus.positions import seconds
from analysis.corpus.readers.mapping import known_columns
from analysis.corpus.store import REJECTED
from analysis.errors import InputError


def brought(tmp_path: Path, rows: list[list[str]], name: str = "a.csv", encoding: str = "utf-8") -> Any:
    """Return the rows that a table makes."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    (tmp_path / name).write_bytes(text.getvalue().encode(encoding))
    import_files([tmp_path / name], tmp_path / "corpus", ImportOptions("Test"))
    return read_corpus(tmp_path / "corpus")


@pytest.mark.parametrize(
    ("names", "column", "wanted"),
    [
        ("comment_text date_created timestamp", "posted_at", "date_created"),  # the crawl's
        ("body timestamp unix_timestamp", "posted_at", "unix_timestamp"),  # which needs no zone
        ("text replies num_replies", "replies", "num_replies"),  # a list, beside how many
        ("text replies", "replies", "replies"),
        ("text position", "position", None),  # a rank
        ("text utterance_id position", "position", "position"),  # of a corpus
        ("comment_message post_by comment_by", "speaker", "comment_by"),
        ("弹幕内容 用户hash", "speaker", "用户hash"),
        ("text id_parent", "parent_id", "id_parent"),
    ],
)
def test_of_two_names_the_one_that_says_it_counts(names: str, column: str, wanted: str | None) -> None:
    assert known_columns(names.split()).get(column) == wanted


def test_a_rank_is_no_second() -> None:
    with pytest.raises(ValueError, match="1_0"):
        seconds("1_0")


@pytest.mark.parametrize("written", [" 2 09:45:10 2023", "2 09:45:10 2023", "02 09:45:10 UTC 2023"])
def test_the_time_as_c_writes_it(written: str) -> None:
    found, precision = moment(f"Sat Dec {written}")
    assert (found is not None and found.isoformat(), precision) == ("2023-12-02T09:45:10+00:00", "second")


def test_the_first_row_that_says_something_tells_the_platform(tmp_path: Path) -> None:
    names = ["comment_id", "create_time", "video_id", "content", "user_id", "nickname", "last_modify_ts"]
    row = ["91", "1725693101000", "3xinvented00007", "街上很安静", "71", "某甲", "1757055252618"]
    table = brought(tmp_path, [names, [""] * len(names), row])
    assert list(table.platform) == ["kuaishou"]


def test_takeout_in_any_language_begins_with_the_first_row_that_says_something(tmp_path: Path) -> None:
    names = ["Kommentar-ID", "Kanal-ID", "Zeit", "Preis", "Über", "Video-ID", "Kommentartext"]
    row = ["UgzInvented0000000000001", "UCinventedchannel0000001", "2025-01-02T03:04:05+00:00", "0", ""]
    table = brought(tmp_path, [names, [""] * 7, [*row, "vidAAAAAA05", '{"text":"so ruhig"}']])
    assert list(table.text) == ["so ruhig"]


@pytest.mark.parametrize(
    ("names", "cells", "wanted"),
    [
        (
            "微博id 微博作者 发布时间 微博内容 点赞数 ip属地_省份",
            "4812000000000031 某甲 2022-09-11 街上很安静 3 广东",
            {"platform": "weibo", "thread_id": "4812000000000031", "region": "广东", "kind": "post"},
        ),
        (
            "回答id 评论者id 评论时间 评论内容",
            "3000000001 aa1 2022-09-11 街上很安静",
            {"platform": "zhihu", "thread_id": "3000000001", "kind": "comment"},
        ),
        (
            "微博id 微博正文 评论内容 用户昵称",
            "4812000000000031 别人的微博 街上很安静 某甲",
            {"platform": "weibo", "text": "街上很安静", "kind": "comment"},
        ),
        (
            "tweet_id tweet_text user_id",
            "1500000000000000001 calm 5",
            {"platform": "twitter", "text": "calm"},
        ),
    ],
)
def test_what_only_one_platform_has_tells_it(tmp_path: Path, names: str, cells: str, wanted: dict[str, str]) -> None:
    table = brought(tmp_path, [names.split(), cells.split()])
    assert {name: table[name][0] for name in wanted} == wanted


def test_the_words_that_somebody_passed_on_are_not_his_in_any_of_the_tables(tmp_path: Path) -> None:
    rows = [["微博id", "微博正文", "发布时间", "点赞数"]]
    rows += [["N1", "转发理由: 真的\n原始用户: 某乙\n转发内容: 别人的话", "2022-09-11 21:28", "3"]]
    assert list(brought(tmp_path, rows).text) == ["真的"]


def test_a_line_of_iso_2022_jp_that_is_not_closed_takes_no_other_along(tmp_path: Path) -> None:
    lines = ["id,video_id,text", "1,v,静かな街", "2,v,広い通り", "3,v,ホテル"]
    data = [line.encode("iso2022_jp") for line in lines]
    data[2] = data[2].removesuffix(b"\x1b(B")[:-1]
    (tmp_path / "a.csv").write_bytes(b"\r\n".join([*data, b""]))
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test"))
    said = dict(read_corpus(tmp_path / "corpus")[["utterance_id", "text"]].itertuples(index=False))
    assert {"1": "静かな街", "3": "ホテル"}.items() <= said.items()
    assert len(said) + len(read_list(tmp_path / "corpus", REJECTED)) == len(lines) - 1


def test_a_long_number_of_a_spreadsheet_is_no_video_and_of_no_other_platform(tmp_path: Path) -> None:
    names = ["comment_id", "create_time", "video_id", "content", "user_id", "nickname", "last_modify_ts"]
    said = "mediacrawler-bilibili-comments.*lost its last digits"
    with pytest.raises(InputError, match=said):
        brought(tmp_path, [names, ["91", "1725693101", "1.13E+14", "街上很安静", "71", "某甲", "1757055252618"]])


@pytest.mark.parametrize("name", ["video_id", "videoId", "视频ID"])
def test_the_video_that_somebody_put_into_each_record_counts_before_the_files_name(tmp_path: Path, name: str) -> None:
    entry = {"cid": "Ug1", "text": "calm", "time": "1 day ago", "author": "@a", "channel": "UC1", "votes": "3"}
    put = [{**entry, name: "dQw4w9WgXcQ"}, {**entry, "cid": "Ug2", name: "dQw4w9WgXcR"}, {**entry, "cid": "Ug3"}]
    (tmp_path / "a [dQw4w9WgXcS].json").write_text(json.dumps(put), encoding="utf-8")
    import_files([tmp_path / "a [dQw4w9WgXcS].json"], tmp_path / "corpus", ImportOptions("Test"))
    threads = read_corpus(tmp_path / "corpus").sort_values("utterance_id").thread_id
    assert list(threads) == ["dQw4w9WgXcQ", "dQw4w9WgXcR", "dQw4w9WgXcS"]


def test_so_does_one_that_was_put_into_danmaku(tmp_path: Path) -> None:
    shown = {"content": "so calm", "midHash": "ab12", "ctime": 1709648400, "progress": 5, "bvid": "BV1xx411c7mE"}
    (tmp_path / "BV1xx411c7mD.json").write_text(json.dumps([shown]), encoding="utf-8")
    import_files([tmp_path / "BV1xx411c7mD.json"], tmp_path / "corpus", ImportOptions("Test"))
    assert list(read_corpus(tmp_path / "corpus").thread_id) == ["BV1xx411c7mE"]


def test_who_shows_a_place_is_douyin(tmp_path: Path) -> None:
    comment = {"cid": "7000000000000000001", "text": "街上很安静", "aweme_id": "7100000000000000001", "share_info": {}}
    comment |= {"create_time": 1720000000, "ip_label": "北京", "user": {"uid": "11"}}
    for name, document in (("page", {"comments": [comment], "status_code": 0}), ("items", [comment])):
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        import_files([tmp_path / f"{name}.json"], tmp_path / name, ImportOptions("Test"))
        table = read_corpus(tmp_path / name)
        assert (list(table.platform), list(table.region)) == (["douyin"], ["北京"])


def test_a_stream_that_was_recorded_is_called_by_its_room_and_no_chat_0(tmp_path: Path) -> None:
    info = '<BililiveRecorderRecordInfo roomid="123" start_time="2024-03-09T15:05:00+08:00"/>'
    shown = '<d p="3.541,1,25,16777215,1709967903541,0,987,0" user="moss">so calm</d>'
    (tmp_path / "a.xml").write_text(f"<i><chatid>0</chatid>{info}{shown}</i>", encoding="utf-8")
    import_files([tmp_path / "a.xml"], tmp_path / "corpus", ImportOptions("Test"))
    assert list(read_corpus(tmp_path / "corpus").thread_id) == ["live123-2024-03-09"]
