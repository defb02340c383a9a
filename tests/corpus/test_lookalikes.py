"""Tables that look like what they are not: a header in what somebody said, a mark between cells within the words."""

from __future__ import annotations

import datetime as dt
import html
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.corpus import Imported, ImportOptions, import_files, read_corpus
from analysis.errors import InputError


def bring(tmp_path: Path, data: bytes | str, name: str = "a.csv", /, **options: Any) -> tuple[Imported, Any]:
    """Import a file into a new corpus; return the report and the corpus as a frame."""
    path, into = tmp_path / name, tmp_path / "corpus"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return import_files([path], into, ImportOptions("Test", **options)), read_corpus(into)


# Headers and marks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "clip,said,who\n"])
def test_a_comment_that_is_called_like_a_column_is_no_header(tmp_path: Path, header: str) -> None:
    table = f"{header}v1,so quiet,ann\nv1,comment,bob\nv1,really,ann\n"
    with pytest.raises(InputError, match="no column has a name"):
        bring(tmp_path, table)
    imported, _ = bring(tmp_path, table, columns={"text": "2"})
    assert imported.reports[0].read == len(table.splitlines())


def test_above_a_header_may_stand_a_title(tmp_path: Path) -> None:
    _, frame = bring(tmp_path, "Comments of 2024\n,\nvideo_id,comment\nv1,so\n")
    assert frame["text"].tolist() == ["so"]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (",", "it&#39;s &amp; was"),
        (",", "好;很好;真的"),
        (";", "so, and so, and so on"),
        (";", "so, yes"),
        ("\t", "so, yes; or no; or"),
        ("|", "so, yes; or no; or"),
    ],
)
@pytest.mark.parametrize("rows", [1, 30])
def test_marks_within_the_words_part_no_cells(tmp_path: Path, mark: str, said: str, rows: int) -> None:
    table = f"comment{mark}author\n" + "".join(f"{said} {n}{mark}ann\n" for n in range(rows))
    _, frame = bring(tmp_path, table)
    assert frame["text"].tolist() == [html.unescape(f"{said} {n}") for n in range(rows)]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_stray_quote_costs_its_own_row_where_no_column_is_a_number(tmp_path: Path, mark: str) -> None:
    lines = ["video,words,who", "v1,a,ann", 'v1,"b,bob', "v2,c,zoe", 'v2,d",tim', "v2,e,ann"]
    columns = {"text": "words", "speaker": "who", "thread_id": "video"}
    imported, frame = bring(tmp_path, "\n".join(lines).replace(",", mark), columns=columns)
    assert (imported.reports[0].read, imported.reports[0].rejected) == (5, 1)
    assert [text[0] for text in frame["text"]] == ["a", "c", "d", "e"]


def test_a_row_with_a_mark_too_many_is_no_part_of_a_cell(tmp_path: Path) -> None:
    lines = ["id,video,author,text,likes,time", "11,v0,ann,so,0,2024-07-01 10:00:00"]
    lines += ['12,v1,bob,no,1,"2024-07-02 10:01:00', "13,v2,zoe,yes,2,2024-07-03, 10:02:00", '"']
    imported, frame = bring(tmp_path, "\n".join(lines), columns={"text": "text", "utterance_id": "id"})
    # The last quote is a row of its own that is no row.
    assert (imported.reports[0].read, imported.reports[0].rejected) == (4, 3)
    assert frame["text"].tolist() == ["so"]


def test_two_broken_rows_that_a_quote_joins_are_two(tmp_path: Path) -> None:
    lines = ["video|text|id|likes|place", "v0|so|11|0|a", 'v1|no|12|1|"b', 'v2|yes | yes"|13|2|c', "v3|oh|14|3|d"]
    imported, frame = bring(tmp_path, "\n".join(lines), columns={"text": "text", "utterance_id": "id"})
    assert (imported.reports[0].read, imported.reports[0].rejected) == (4, 2)
    assert frame["text"].tolist() == ["so", "oh"]


def test_lines_of_a_comment_that_begin_with_numbers_stay_in_it(tmp_path: Path) -> None:
    said = "look:\n1, one, two, 3, four, five, six\n2, two, three, x, y, z, w"
    table = f'id,video,author,text,likes,time\n11,v0,ann,"{said}",0,2024-07-01 10:00:00\n'
    _, frame = bring(tmp_path, table, columns={"text": "text", "utterance_id": "id"})
    assert frame["text"].tolist() == [said]


# Structures -----------------------------------------------------------------------------------------------------------


def test_numbers_and_times_within_a_structure_of_parquet_are_read_as_elsewhere(tmp_path: Path) -> None:
    at = dt.datetime(2023, 12, 2, 9, 45, tzinfo=dt.UTC)
    row = {"text": "so", "user": {"id": 7, "bot": False}, "meta": {"at": at}}
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), out)
    columns = {"text": "text", "speaker": "user.id", "posted_at": "meta.at"}
    _, frame = bring(tmp_path, out.getvalue(), "a.parquet", columns=columns)
    assert frame["speaker"].notna().all()
    assert frame["posted_at"].tolist() == [at]


# What is read alike wherever it comes from ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["IP归属", "评论 IP 属地", "ip归属地", "归属地", "评论者IP归属地"])
@pytest.mark.parametrize("text", ["评论", "评论内容"])
def test_a_place_is_one_without_what_the_site_writes_before_it(tmp_path: Path, name: str, text: str) -> None:
    name = name if text == "评论" else name.replace(" ", "")
    rows = ["IP属地：辽宁", "来自广东", "未知", "10.1.2.3", "Seoul"]
    table = f"视频ID,{text},{name}\n" + "".join(f"v1,好{n},{row}\n" for n, row in enumerate(rows))
    columns = {"text": text, "region": name} if name == "归属地" and text == "评论" else {}
    _, frame = bring(tmp_path, table, columns=columns)
    assert frame["region"].fillna("").tolist() == ["辽宁", "广东", "", "", "Seoul"]


def test_beside_the_comments_own_columns_those_of_the_video_are_left(tmp_path: Path) -> None:
    header = "video_id,author,published_at,text,comment_text,comment_author,comment_published_at,comment_like_count"
    _, frame = bring(tmp_path, f"{header}\nv1,a channel,2020-01-01,a walk,so,ann,2024-01-01,3\nv1,,,,so?,a channel,,\n")
    assert frame["text"].tolist() == ["so", "so?"]
    assert frame["posted_at"].dt.year.fillna(0).tolist() == [2024, 0]
    assert frame["speaker"].nunique() == 2
    assert frame["likes"][0] == 3


def test_whether_there_is_a_video_is_no_thread(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="if it is video: --columns"):
        bring(tmp_path, "text,author,video\nso,ann,0\nno,bob,1\n")


@pytest.mark.parametrize(
    ("name", "words"), [("comment", "it's <3 & so <so>"), ("textDisplay", "it's <3 & so")], ids=["entities", "html"]
)
def test_what_a_page_escaped_is_read(tmp_path: Path, name: str, words: str) -> None:
    _, frame = bring(tmp_path, f"{name},author\nit&#39;s &lt;3 &amp; so <so>,ann\n")
    assert frame["text"].str.strip().tolist() == [words]


@pytest.mark.parametrize("order", ["le", "be"])
def test_in_utf_16_too_what_is_no_character_costs_its_row(tmp_path: Path, order: str) -> None:
    data = "\ufeffvideo_id,comment\nv1,a#b\nv1,c\n".encode(f"utf-16-{order}")
    half = "\ud800".encode(f"utf-16-{order}", "surrogatepass")
    imported, frame = bring(tmp_path, data.replace("#".encode(f"utf-16-{order}"), half))
    assert imported.reports[0].reasons
    assert frame["text"].tolist() == ["c"]


@pytest.mark.parametrize(
    "link", ["https://t.me/{}/5", "https://www.instagram.com/{}/", "https://mastodon.example/@{}/7"]
)
def test_the_links_of_two_accounts_are_two_threads_and_name_neither(tmp_path: Path, link: str) -> None:
    said = "".join(f"{link.format(who)},{n} {who[0]}\n" for n, who in enumerate(["jane_doe", "maria.k", "jane_doe"]))
    _, frame = bring(tmp_path, f"post_url,comment\n{said}")
    one, other, again = frame["thread_id"]
    assert one == again != other
    assert not any(name in frame.to_csv() for name in ("jane", "maria"))
