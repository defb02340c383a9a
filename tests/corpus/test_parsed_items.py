"""What is done alike for every format: who speaks, which crawl stays, what a thread held, what rules say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers import read_list

from analysis.corpus import Imported, ImportOptions, convert, import_files, read_corpus, store
from analysis.corpus.clean import own_words, plain
from analysis.corpus.counts import count
from analysis.corpus.rules import read_rules
from analysis.errors import InputError

COMMENT = {"aweme_id": "v1", "content": "好", "user_id": "u1", "like_count": 1, "parent_comment_id": "0"}
POST = {"aweme_id": "v1", "aweme_type": "0", "desc": "早晨", "user_id": "w", "comment_count": "1.2万"}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    whole = [{"create_time": 1738737222, "last_modify_ts": 1771725361056, **row} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in whole), encoding="utf-8")
    return path


def bring(tmp_path: Path, *paths: Path, **options: Any) -> tuple[Imported, Path]:
    into = tmp_path / "corpus"
    return import_files(paths, into, ImportOptions("Test", **options)), into


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("zh-Hans", "zh"), ("fr", "fr"), ("pt_BR", "pt"), ("und", None), ("qme", None), ("un", None)],
)
def test_a_language_that_nobody_reads_here_is_not_left_to_the_script(tmp_path: Path, tag: str, language: str) -> None:
    post = {"edit_history_tweet_ids": ["1"], "id": "1", "author_id": "7", "text": "la reine", "lang": tag}
    post |= {"conversation_id": "1", "created_at": "2025-02-05T06:33:40.000Z", "public_metrics": {}, "author": {}}
    _, into = bring(tmp_path, write(tmp_path / "a.jsonl", {**post, "__twarc": {}}))
    assert read_corpus(into)["language"].fillna("").tolist() == [language or ""]


@pytest.mark.parametrize(("name", "kept"), [("comment_id", 3), ("aweme_id", 1), ("parent_comment_id", 3)])
def test_an_id_that_a_spreadsheet_rounded_is_many_ids_and_none(tmp_path: Path, name: str, kept: int) -> None:
    ids = ("7.01718E+18", "7.01718e+018", "701")
    rows = [{**COMMENT, "comment_id": str(n), name: rounded} for n, rounded in enumerate(ids)]
    imported, _ = bring(tmp_path, write(tmp_path / "a.jsonl", *rows))
    assert [(report.imported, report.rejected) for report in imported.reports] == [(kept, 3 - kept)]
    (tmp_path / "a.csv").write_text("text,thread_id\nso,7.01718E+18\nso,701\n", encoding="utf-8")
    imported, _ = bring(tmp_path, tmp_path / "a.csv")
    assert [(report.imported, report.rejected) for report in imported.reports] == [(1, 1)]


def test_a_document_on_one_line_counts_its_records(tmp_path: Path) -> None:
    rows = [{"cid": str(n), "text": "好" if n != 2 else "", "aweme_id": "v", "reply_id": "0"} for n in range(1, 4)]
    rows = [
        {**row, "create_time": 1738737222, "digg_count": 0, "ip_label": "英国", "user": {"uid": "u"}} for row in rows
    ]
    (tmp_path / "a.json").write_text(json.dumps({"status_code": 0, "comments": rows, "total": 3}), encoding="utf-8")
    _, into = bring(tmp_path, tmp_path / "a.json")
    assert [row["row"] for row in read_list(into, store.REJECTED)] == [2]


def test_a_table_saved_again_on_windows_holds_the_same_comments(tmp_path: Path) -> None:
    rows = '评论内容,评论时间,用户昵称\n"河边\n风大",2025-01-01 10:00:00,甲\n'
    (tmp_path / "a.csv").write_bytes(rows.encode())
    (tmp_path / "b.csv").write_bytes(rows.replace("\n", "\r\n").encode("utf-8-sig"))
    imported, _ = bring(tmp_path, tmp_path / "a.csv", tmp_path / "b.csv")
    assert [(report.imported, report.duplicates) for report in imported.reports] == [(1, 0), (0, 1)]


def test_who_posted_a_video_is_known_under_it_whatever_the_order_of_files(tmp_path: Path) -> None:
    comments = write(
        tmp_path / "a.jsonl", {**COMMENT, "comment_id": "1"}, {**COMMENT, "comment_id": "2", "user_id": "w"}
    )
    posts = write(tmp_path / "b.jsonl", POST)
    constants = {"vantage": "chinese_viewer"}
    imported, into = bring(tmp_path, comments, posts, constants=constants)
    frame = read_corpus(into).set_index("utterance_id")
    assert [report.file for report in imported.reports] == ["b.jsonl", "a.jsonl"]
    assert frame["vantage"].to_dict() == {"v1": "vlogger", "1": "chinese_viewer", "2": "vlogger"}
    assert frame["cluster_id"].to_dict() == {"v1": "douyin account 1", "1": "v1", "2": "douyin account 1"}
    later = write(tmp_path / "c.jsonl", {**COMMENT, "comment_id": "3", "user_id": "w"})
    bring(tmp_path, later, constants=constants)
    assert read_corpus(into).set_index("utterance_id").loc["3", "cluster_id"] == "douyin account 1"
    assert store.read_threads(into) == [
        {"thread_id": "v1", "platform": "douyin", "platform_comment_count": 12_000, "collected": 3}
    ]


def test_of_two_crawls_the_newer_row_stays_and_the_books_balance(tmp_path: Path) -> None:
    old = write(tmp_path / "a.jsonl", {**COMMENT, "comment_id": "1"}, {**COMMENT, "comment_id": "2"})
    new = write(tmp_path / "b.jsonl", {**COMMENT, "comment_id": "1", "like_count": 9, "last_modify_ts": 1771725361057})
    imported, into = bring(tmp_path, old, new)
    assert [(s.read, s.imported, s.duplicates) for s in imported.reports] == [(2, 1, 1), (1, 1, 0)]
    assert read_corpus(into).set_index("utterance_id")["likes"].to_dict() == {"2": 1, "1": 9}
    other = tmp_path / "other"
    import_files([new, old], other, ImportOptions("Test"))
    assert read_corpus(other).set_index("utterance_id")["likes"].to_dict() == {"1": 9, "2": 1}


def test_rules_say_who_speaks_and_what_was_gathered_when(tmp_path: Path) -> None:
    rules = tmp_path / "sources.yaml"
    rules.write_text(
        "- account: ['U?']\n  vantage: vlogger\n  origin: chinese\n  cluster: Somebody\n"
        "- thread: v*\n  collection: Rason\n  comments: 40\n- file: nothing\n  platform: x\n",
        encoding="utf-8",
    )
    path = write(tmp_path / "a.jsonl", {**COMMENT, "comment_id": "1"}, {**COMMENT, "comment_id": "2", "user_id": "who"})
    _, into = bring(tmp_path, path, rules=rules, constants={"vantage": "chinese_viewer"})
    frame = read_corpus(into)
    assert frame["vantage"].tolist() == ["vlogger", "chinese_viewer"]
    assert frame["cluster_id"].tolist() == ["Somebody", "v1"]
    assert frame["origin"].tolist() == ["chinese", "chinese"]
    assert frame["collection"].tolist() == ["Rason", "Rason"]
    assert store.read_threads(into)[0]["platform_comment_count"] == 40


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ('account: "@Walks"', True),
        ("account: walks", True),
        ("account: 0042", True),
        ("account: 34", False),
        ("thread: vidAAAAAAA1", True),
        ("file: a walk [x].json", True),
        ('file: "in/*"', True),
        ("file: walk", False),
    ],
)
def test_what_a_rule_means_is_what_stands_in_the_export(tmp_path: Path, rule: str, met: bool) -> None:  # noqa: FBT001
    words = {"id": "Ugx", "parent": "root", "text": "so calm", "author_id": "0042", "author": "@walks", "like_count": 0}
    words |= {"author_is_uploader": False, "_time_text": "1 day ago", "timestamp": 1738737222}
    info = {"id": "vidAAAAAAA1", "extractor": "youtube", "webpage_url": "x", "comment_count": 1, "comments": [words]}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "A walk [x].json").write_text(json.dumps(info), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(f"- {rule}\n  vantage: vlogger\n", encoding="utf-8-sig")
    _, into = bring(tmp_path, tmp_path / "in", rules=tmp_path / "sources.yaml")
    assert read_corpus(into)["vantage"].fillna("").tolist() == ["vlogger" if met else ""]
    rules = read_rules(tmp_path / "sources.yaml")
    assert rules.idle() == [1]
    rules.says("in/A walk [x].json", "vidAAAAAAA1", ("0042", "@walks"))
    assert rules.idle() == ([] if met else [1])


@pytest.mark.parametrize(
    "text",
    [
        "x: 1",
        "- vantage: vlogger",
        "- account: a\n  vantage: tourist",
        "- file: a\n  x: 1",
        "[",
        "- account:\n  vantage: vlogger",
        "- thread: a\n  comments: many",
        "- thread: a\n  comments: [1, 2]",
        "- file: a\n  collected: 2025-13-45",
    ],
)
def test_rules_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    path = write(tmp_path / "a.jsonl", {**COMMENT, "comment_id": "1"})
    with pytest.raises(InputError, match=r"sources\.yaml"):
        bring(tmp_path, path, rules=tmp_path / "sources.yaml")
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize(
    ("written", "assumed_timezone", "moment", "precision"),
    [
        ("1738737220", "UTC", "2025-02-05T06:33:40", "second"),
        ("1738737220000", "UTC", "2025-02-05T06:33:40", "second"),
        ("1738737220000000", "UTC", "2025-02-05T06:33:40", "second"),
        ("2025-02-05 14:33:40", "+08:00", "2025-02-05T06:33:40", "second"),
        ("2025-02-05T14:33:40+08:00", "unknown", "2025-02-05T06:33:40", "second"),
        ("2025-02-05 14:33:40", "unknown", "2025-02-05T14:33:40", "day"),
        ("Mon Jan 19 17:02:39 +0000 2026", "UTC", "2026-01-19T17:02:39", "second"),
        ("2025/2/5 4:33", "+08:00", "2025-02-04T20:33:00", "minute"),
        ("05/05/2025", "UTC", "2025-05-05T00:00:00", "day"),
        ("20250921", "+08:00", "2025-09-21T00:00:00", "day"),
    ],
)
def test_a_time_is_what_its_clock_showed(written: str, assumed_timezone: str, moment: str, precision: str) -> None:
    when, known = convert.moment(written, assumed_timezone)
    assert (when.isoformat(), known) == (moment + "+00:00", precision)


@pytest.mark.parametrize(
    "written",
    [
        *("", None, "None", "0", "0.0", "00:00:00", "0000-00-00", "0000-00-00 00:00:00", "00/00/0000"),
        *("1900-01-00", "1900/1/0 0:00", "1/0/1900 0:00", "00.01.1900", "1900-01-01", "1899-12-30 00:00:00"),
        *("1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01 08:00:00", "Thu, 01 Jan 1970 00:00:00 GMT", "1970年1月1日"),
        *("1969-12-31 19:00:00", "0001-01-01T00:00:00", "0001-01-01 00:00:00+10:00", "1601-01-01", "9999-12-31"),
    ],
)
def test_no_time_is_no_time(written: object) -> None:
    assert convert.moment(written, "+08:00") == (None, None)


@pytest.mark.parametrize("written", ["1900-01-02", "1970-01-02", "2000-01-01", "1/10/1900 is none", "100000000"])
def test_a_time_near_none_is_a_time_or_cannot_be_read(written: str) -> None:
    if "none" in written:
        with pytest.raises(ValueError, match="is not a time"):
            convert.moment(written)
    else:
        assert convert.moment(written)[0] is not None


def test_no_time_does_not_keep_other_rows_from_telling_how_serials_are_meant() -> None:
    assert convert.decided_form(["45262.4", "0", "45263.1"]) == convert.EXCEL


@pytest.mark.parametrize("written", ["1e999", "many", "1.5", "9" * 30, "[1]"])
def test_what_is_no_count_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a count"):
        count(written)


def test_only_weibo_has_chains_and_only_prefixes_are_prefixes() -> None:
    assert own_words("a //@b:c", "douyin") == "a //@b:c"
    assert own_words("他说回复@b:c", "weibo") == "他说回复@b:c"
    assert plain("a < b & c", "html") == "a < b & c"
    assert plain("&amp;#x200B;x", "entities") == "\u200bx"
