"""What an import says of its rows: each count is of what it names, and nothing is left out silently."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import read_list

from analysis.corpus import Imported, ImportOptions, import_files, read_corpus, store
from analysis.corpus.cells import as_platform


def bring(tmp_path: Path, table: str | bytes, name: str = "a.csv", **options: Any) -> Imported:
    """Import a table into a new corpus."""
    (tmp_path / name).write_bytes(table.encode() if isinstance(table, str) else table)
    return import_files([tmp_path / name], tmp_path / "corpus", ImportOptions("Test", **options))


@pytest.mark.parametrize(
    ("header", "row", "taken"),
    [
        (
            "cid,评论内容,姓名,点赞数,楼层,视频bv号",
            "17,很安静,甲,3,1,BV1xx411c7mD",
            "utterance_id=cid, thread_id=视频bv号, text=评论内容, likes=点赞数, speaker=姓名",
        ),
        (
            "comment_id,body,author,created_utc,ups,post_id",
            "abc,so,x,1690000000,3,q1",
            "utterance_id=comment_id, thread_id=post_id, text=body, posted_at=created_utc, likes=ups, speaker=author",
        ),
        (
            "textOriginal,authorDisplayName,publishedAt,likeCount,videoId",
            "so,x,2024-05-01T10:00:00Z,3,abcdefghij1",
            "thread_id=videoId, text=textOriginal, posted_at=publishedAt, likes=likeCount, speaker=authorDisplayName",
        ),
    ],
)
def test_a_format_that_reads_common_names_says_which(tmp_path: Path, header: str, row: str, taken: str) -> None:
    (report,) = bring(tmp_path, f"{header}\n{row}\n").reports
    assert report.format != "table"
    assert f"read by names: {taken}" in report.notes


def test_a_rejected_row_has_its_line(tmp_path: Path) -> None:
    table = 'text,video_id\n"two\r\nlines",v\n\n,v\nso,"v\nno,v\nno,v\n,v\n'
    bring(tmp_path, table, where={"video_id": "v"})
    assert [(each["row"], each["line"]) for each in read_list(tmp_path / "corpus", store.REJECTED)] == [
        (2, 5),
        (3, 6),
        (6, 9),
    ]


def test_a_rejected_row_of_a_workbook_has_the_row_of_its_sheet(tmp_path: Path) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["Comments of May"], [], ["text", "video_id"], ["so", "v"], [], ["", "v"]):
        book.active.append(row)
    book.save(out)
    bring(tmp_path, out.getvalue(), "a.xlsx")
    assert [(each["row"], each["line"]) for each in read_list(tmp_path / "corpus", store.REJECTED)] == [(3, 6)]


@pytest.mark.parametrize("when", ["07-15 10:04", "昨天 12:30", "3天前", "刚刚", "7月15日"])
def test_a_time_that_names_no_day_is_counted_with_the_others_that_are_not_read(tmp_path: Path, when: str) -> None:
    rows = [
        "评论时间,用户昵称,点赞数,评论内容",
        "2024-07-15 10:01:00,甲,12,第一句",
        f"{when},乙,3,第二句",
        "未知,丙,3,第三句",
    ]
    (report,) = bring(tmp_path, "\n".join(rows)).reports
    example = "in row 2" if any(map(str.isalpha, when)) else f"'{when}'"
    assert f"posted_at not read in 2 rows, e.g. {example}" in report.notes


@pytest.mark.parametrize(
    ("folder", "header", "row"),
    [
        (
            "igcommentexport",
            "Id,User Id,Username,Comment Id,Comment Text,Profile URL,Avatar URL,Date",
            "1,11,a,17,so,,,{}",
        ),
        ("table", "text,video_id,posted_at", "so,v1,{}"),
    ],
)
@pytest.mark.parametrize("when", ["2024-01-01 10:00:00", "20240101100000"])
def test_times_without_a_zone_are_told_whatever_the_format_takes_them_for(
    tmp_path: Path, folder: str, header: str, row: str, when: str
) -> None:
    rows = [header, row.format(when), row.format("2024-01-01").replace("so", "no").replace("17", "18")]
    (report,) = bring(tmp_path, "\n".join(rows)).reports
    assert report.format.split()[0] in {folder, "a"}
    assert [note for note in report.notes if "without a zone" in note] == [
        f"1 time without a zone read as UTC{', to the day' * (folder != 'table')} (--timezone says otherwise)"
    ]


def test_pseudonyms_masks_and_zones_are_counted_in_rows_that_come_in(tmp_path: Path) -> None:
    row = "{},v1,{},mail me at {}@example.org,2024-01-01 10:00:00"
    rows = ["id,video_id,author,text,posted_at", row.format(1, "甲", "a"), row.format(1, "甲", "a")]
    rows += [row.format(3, "乙", "\udcff"), "4,v1,丙,,2024-01-01 10:00:00"]
    found = bring(tmp_path, "\n".join(rows).encode(errors="surrogateescape"))
    (report,) = found.reports
    assert (report.imported, report.rejected, report.duplicates) == (1, 2, 1)
    assert found.replaced == {"author": 1, "e-mail address": 1}
    assert any(note.startswith("1 time without a zone") for note in report.notes)


def test_lines_that_a_stray_quote_took_are_said_to_be_read_again(tmp_path: Path) -> None:
    rows = [f"{n},v1,{chr(34) * (n == 3)}so {n},2024-01-0{n % 9 + 1}" for n in range(9)]
    (report,) = bring(tmp_path, "\n".join(["id,video_id,text,posted_at", *rows])).reports
    assert (report.imported, report.rejected) == (8, 1)
    assert "1 quote not closed: the lines after it were read again one by one" in report.notes


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(tmp_path: Path, encoding: str) -> None:
    # 一 is 4E00: it has its 0 where a letter has none.
    said = [f"一点一点来 {n}" for n in range(30)]
    table = "id,video_id,text\n" + "".join(f"{n},v1,{text}\n" for n, text in enumerate(said))
    (report,) = bring(tmp_path, table.encode(encoding)).reports
    assert (report.imported, report.rejected) == (30, 0)
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == said


def test_rows_of_no_known_platform_are_counted_once_with_what_says_it(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"text,video_id\nso free,{name}\n", encoding="utf-8")
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    told = import_files(paths, tmp_path / "c", ImportOptions("Test")).lines(tmp_path / "c")
    assert "2 rows without a platform: --platform NAME says at import where they stood" in told
    said = import_files(paths, tmp_path / "d", ImportOptions("Test", constants={"platform": "x"})).lines(tmp_path / "d")
    assert not any("without a platform" in line for line in said)
    assert set(read_corpus(tmp_path / "d")["platform"]) == {"twitter"}


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        *[(name, "twitter") for name in ("x", "X", "twitter.com", "x.com", "X (Twitter)", "X/Twitter", "推特")],
        *[("Tik Tok", "tiktok"), ("www.YouTube.com", "youtube"), ("RedNote", "xiaohongshu"), ("IG", "instagram")],
        *[("B站", "bilibili"), ("FB", "facebook"), ("Truth Social", "truthsocial"), ("xmas forum", "xmas forum")],
    ],
)
def test_a_platform_has_one_name_however_people_write_it(written: str, platform: str) -> None:
    assert as_platform(written) == platform


def test_languages_are_known_by_codes_of_three_letters_and_by_name(tmp_path: Path) -> None:
    told = ["EN-us", "English", "eng", "Chinese (Simplified)", "cmn", "中文", "zh_CN", "русский", "und", "Klingon"]
    bring(tmp_path, "text,video_id,language\n" + "".join(f"so {n},v,{word}\n" for n, word in enumerate(told)))
    found = read_corpus(tmp_path / "corpus")["language"].fillna("").tolist()
    assert found == ["en", "en", "en", "zh", "zh", "zh", "zh", "ru", "", ""]
