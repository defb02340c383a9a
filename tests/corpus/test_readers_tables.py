"""Tables and posts of people's own making: what their fixtures cannot show, and texts made to be slow."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from analysis.corpus import Imported, ImportOptions, import_files, read_corpus
from analysis.corpus.cells import as_place
from analysis.corpus.readers import bilibili, blogs, chinese_tables, exportcomments, youtube_exports
from analysis.corpus.readers.format import File


def bring(path: Path, text: str, **options: str) -> tuple[Imported, Path]:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    into = path.parent / "corpus"
    return import_files([path], into, ImportOptions("T", constants=options)), into


def test_a_post_from_windows_with_a_byte_order_mark_is_known(tmp_path: Path) -> None:
    _, into = bring(
        tmp_path / "a.md", "\ufeff---\r\ntitle: T\r\nurl: u\r\n---\r\n\r\none\r\n\r\ntwo\r\n", platform="blog"
    )
    frame = read_corpus(into)
    assert frame["text"].tolist() == ["T\none", "two"]
    assert frame["utterance_id"].tolist() == ["u#1", "u#2"]
    assert set(frame["platform"]) == {"blog"}


def test_a_post_says_its_platform_and_its_first_author() -> None:
    text = "---\ntitle: T\nplatform: zhihu\nauthors: [Ana, Bo]\n---\none\n"
    (parsed,) = blogs.FORMATS[0].read({"text": text}, File("a/b.md"))
    assert (parsed["platform"], parsed["author"], parsed["thread_id"]) == ("zhihu", "Ana", "T")


@pytest.mark.parametrize(
    "front",
    ["- a list", "other: names", "title: [never", "title: " + "[" * 5000, "title: T\n" + "- " * 8000, "? " * 8000],
)
def test_what_is_no_front_matter_is_no_post(front: str) -> None:
    assert blogs.front_matter(f"---\n{front}\n---\nx\n") is None
    assert blogs.front_matter(f"---\ntitle: {front}\n") is None


def test_a_front_matter_is_text_and_runs_nothing() -> None:
    told, _ = blogs.front_matter("---\ntitle: !!python/object/apply:os.getcwd []\nid: 0123\ndraft: no\n---\n") or (
        {},
        "",
    )
    assert told == {"title": [], "id": "0123", "draft": "no"}


@pytest.mark.parametrize("mark", ["*", "**a ", "_a", "[a](", "![a](", "<!--", "{{", "\n```", "~~", "# ", "a  ", "=\n"])
def test_a_post_of_nothing_but_marks_is_read_in_time(mark: str) -> None:
    assert list(blogs.paragraphs("x " + mark * 50_000)) != []


def test_what_is_marked_as_unsaid_and_never_ended_is_said() -> None:
    assert list(blogs.paragraphs("a <!-- b --> c <!-- d")) == [("a  c <!-- d", None)]


def test_two_exports_of_one_video_hold_its_comments_once(tmp_path: Path) -> None:
    head = "id ,,Name,Date,Likes,isHearted,isPinned,Comment,(view source)\n"
    old, new = (tmp_path / f"yt-comments_vidAAAAAAA7_{n}.csv" for n in (11, 12))
    old.write_text(head + "1,,@a,03/12/25 06:24:13,3,no,no,first,x\n", encoding="utf-8")
    new.write_text(
        head + "1,,@b,04/12/25 06:24:13,0,no,no,later,x\n2,,@a,03/12/25 06:24:13,9,no,no,first,x\n", encoding="utf-8"
    )
    imported = import_files([old, new], tmp_path / "corpus", ImportOptions("T"))
    assert [(report.imported, report.duplicates) for report in imported.reports] == [(1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("name", "thread"),
    [
        ("yt-comments_kJQP7kiw5Fk_22182891 - ExportComments.com.csv", "kJQP7kiw5Fk"),
        ("facebook-comments31-pfbid0TdSoQAAAAAAAAAAAAAAAAAAAA.xlsx", "pfbid0TdSoQAAAAAAAAAAAAAAAAAAAA"),
        ("fb_100000000000001.csv", "100000000000001"),
        ("exports/mine.csv", "mine"),
    ],
)
def test_an_export_is_of_one_post(name: str, thread: str) -> None:
    row = {"Comment": "x", "Date": "44222", "Name": "n"}
    (parsed,) = exportcomments.FORMATS[0].read(row, File(name))
    assert parsed["thread_id"] == thread


@pytest.mark.parametrize(
    ("address", "thread"),
    [
        ("https://example.org/watch?v=vidAAAAAAA7&t=3", "vidAAAAAAA7"),
        ("https://example.org/shorts/vidAAAAAAA8", "vidAAAAAAA8"),
        ("https://example.org/somebody/posts/pfbid0TdSoQAAAAAAAAAAAAAAAAAAAA", "pfbid0TdSoQAAAAAAAAAAAAAAAAAAAA"),
        ("https://example.org/somebody/posts/100000000000001?token=x", "100000000000001"),
        ("https://example.org/p/CaB-_1/", "CaB-_1"),
        ("https://example.org/an-article?token=x", "https://example.org/an-article"),
    ],
)
def test_the_address_above_a_header_says_which_post_it_is(address: str, thread: str) -> None:
    above = [["ExportComments.com"], ["https://exportcomments.com/x"], ["Source URL", address]]
    row = {"Comment": "x", "Date": "44222", "Name": "n"}
    (parsed,) = exportcomments.FORMATS[0].read(row, File("mine.csv", {"above": above}))
    assert (parsed["thread_id"], parsed["platform"]) == (thread, None)


def test_the_address_above_a_header_says_the_platform_and_a_link_in_a_table_too(tmp_path: Path) -> None:
    header = "Name (click to view profile),Profile ID,Date,Likes,Comment,(view source)\n"
    row = "moss,ID: 55,2024-03-09 07:05:00,4,so clean,view\n"
    above = "ExportComments.com\nSource URL,https://www.tiktok.com/@fern/video/7512345678901234567\n\n"
    _, into = bring(tmp_path / "a.csv", above + header + row)
    bring(
        tmp_path / "b.csv", "comment,video_url\nso free,https://youtu.be/kJQP7kiw5Fk\nso fake,https://example.org/a\n"
    )
    bring(tmp_path / "c.csv", header + row.replace("view", "https://www.instagram.com/p/CaB-_1/c/17"))
    found = read_corpus(into)[["thread_id", "platform"]].fillna("").to_numpy().tolist()
    assert found[:2] == [["7512345678901234567", "tiktok"], ["kJQP7kiw5Fk", "youtube"]]
    assert found[2:] == [["https://example.org/a", ""], ["CaB-_1", "instagram"]]


@pytest.mark.parametrize(
    ("name", "thread"),
    [
        ("BV1xx411c7mD.csv", "BV1xx411c7mD"),
        ("comments_7512345678901234567_2.csv", "7512345678901234567"),
        ("A walk [kJQP7kiw5Fk].csv", "kJQP7kiw5Fk"),
        ("BV1xx411c7mD and BV1xx411c7mE.csv", None),
        ("comments.csv", None),
    ],
)
def test_a_table_of_one_s_own_stands_under_the_video_that_its_name_is_of(
    tmp_path: Path, name: str, thread: str | None
) -> None:
    imported, into = bring(tmp_path / name, "comment_id,uname,message\n1,moss,so free\n2,fern,so fake\n")
    frame = read_corpus(into)
    assert set(frame["thread_id"].dropna()) == ({thread} if thread else set())
    assert set(frame["platform"].dropna()) == ({"bilibili"} if name == "BV1xx411c7mD.csv" else set())
    assert (frame["speaker"].nunique(), imported.reports[0].threadless) == (2, 0 if thread else 2)
    _, other = bring(tmp_path / "sub" / name, "video_id,message\nv1,so free\n")
    assert read_corpus(other)["thread_id"].tolist() == ["v1"]


def test_a_table_keeps_no_address_of_a_connection() -> None:
    format_ = next(format_ for format_ in chinese_tables.FORMATS if format_.name == "chinese-table-comments")
    for written, region in (
        ("203.0.113.7", None),
        ("2001:db8::1", None),
        ("IP属地\uff1a四川", "四川"),
        ("来自日本", "日本"),
    ):
        (parsed,) = format_.read({"评论内容": "x", "IP属地": written}, File("a.csv"))
        assert as_place(parsed["region"]) == region


def test_no_id_is_made_of_somebodys_name() -> None:
    format_ = next(format_ for format_ in bilibili.FORMATS if format_.name == "bilibili-crawler-comments")
    parsed_items = [
        parsed
        for n in range(2)
        for parsed in format_.read({"content": "x", "time": "t", "username": f"name {n}"}, File("a.csv"))
    ]
    assert all("utterance_id" not in parsed and "name" not in parsed["apart"] for parsed in parsed_items)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('{"takeoutSegments":[{"text":"a "},{"text":"b"}]}', "a b"),
        ('{"text":"two\nlines"}', "two\nlines"),
        ('{"text":"x"},{"text":"y","link":{}}', "xy"),
        ('{"text":"x"', '{"text":"x"'),
        ('{"', '{"'),
        ("plain", "plain"),
        ('{"a":' * 5000, '{"a":' * 5000),
    ],
)
def test_the_words_of_a_takeout_cell(cell: str, text: str) -> None:
    assert youtube_exports.takeout_text(cell) == text


def test_the_address_of_a_post_above_a_header_is_its_thread(tmp_path: Path) -> None:
    for page in ("some.page", "groups/9", "groups/8"):
        text = f"https://www.facebook.com/{page}/posts/123\n\nName,Date,Likes,Comment\nmoss,2024-05-01,3,so\n"
        _, into = bring(tmp_path / f"{page[-1]}.csv", text)
    frame = read_corpus(into)
    assert (len(frame), frame["thread_id"].nunique(), set(frame["platform"])) == (3, 3, {"facebook"})
    assert not frame["thread_id"].str.contains("some.page").any()


@pytest.mark.parametrize("mark", [";", "\t", None])
def test_youtubes_download_in_any_language_is_known_when_a_spreadsheet_saved_it(
    tmp_path: Path, mark: str | None
) -> None:
    rows = [
        ["Kommentar-ID", "Kanal-ID", "Zeitstempel", "Preis", "Antwort auf", "Beitrag", "Video-ID", "Kommentartext"],
        ["UgzMossComment00000000001.1", "UCmosschannel00000000001", "2025-01-02T03:04:05.1+00:00", "0",
         "UgzMossComment00000000001", "", "mossmossmos", '{"text":"so "},{"text":"frei"}'],
    ]  # fmt: skip
    path = tmp_path / ("a.csv" if mark else "a.xlsx")
    if mark:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=mark).writerows(rows)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    import_files(path, tmp_path / "corpus", ImportOptions("T"))
    frame = read_corpus(tmp_path / "corpus")
    assert frame[["text", "thread_id", "platform"]].to_numpy().tolist() == [["so frei", "mossmossmos", "youtube"]]
    assert frame["parent_id"].tolist() == ["UgzMossComment00000000001"]
