"""Forms that a tool's export may come in beside those of the fixtures: folders, pages, workbooks, damaged XML."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.errors import InputError

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
OPTIONS = ImportOptions("Test", constants={"vantage": "western_commenter"})


def rows(path: Path, into: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Import a file or a folder; return the formats and the rows."""
    reports = import_files([path], into, OPTIONS).reports
    return [report.format for report in reports], pq.read_table(store.table_path(into)).to_pylist()


def test_an_old_workbook_says_what_to_save_it_as(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(InputError, match=r"a\.xls: is an old workbook \(\.xls\); open it and save it as XLSX"):
        import_files([tmp_path / "a.xls"], tmp_path / "corpus", OPTIONS)


@pytest.mark.parametrize("platform", ["kuaishou", "tieba"])
def test_a_folder_of_mediacrawler_knows_whose_the_video_is(tmp_path: Path, platform: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for what in ("comments", "posts"):
        for path in (FOLDER / f"mediacrawler-{platform}-{what}").glob("*.json*"):
            if path.name != "expected.json":
                shutil.copy(path, folder / f"{what}-{path.name}")
    names, found = rows(folder, tmp_path / "corpus")
    assert {name.split(" (")[0] for name in names} == {
        f"mediacrawler-{platform}-posts",
        f"mediacrawler-{platform}-comments",
    }
    assert {row["platform"] for row in found} == {platform}
    assert len({row["thread_id"] for row in found}) == 1


def test_videos_that_are_words_tell_kuaishou_in_a_workbook_too(tmp_path: Path) -> None:
    record = json.loads((FOLDER / "mediacrawler-kuaishou-comments/gen3.jsonl").read_text(encoding="utf-8"))
    for name, video in (("kuaishou", "3xinvented00001"), ("bilibili", "700000001")):
        book = openpyxl.Workbook()
        book.active.append(list(record))
        book.active.append([str(value) for value in {**record, "video_id": video}.values()])
        book.save(tmp_path / f"{name}.xlsx")
        ((_, found), thread) = rows(tmp_path / f"{name}.xlsx", tmp_path / name), {"bilibili": "av"}.get(name, "")
        assert [(row["platform"], row["thread_id"]) for row in found] == [(name, thread + video)]


def test_videos_that_are_words_tell_kuaishou_though_a_backslash_escapes_quotes(tmp_path: Path) -> None:
    record = json.loads((FOLDER / "mediacrawler-kuaishou-comments/gen3.jsonl").read_text(encoding="utf-8"))
    record |= {"content": r"said \"so\", yes", "video_id": "3xinvented00001"}
    lines = [",".join(f'"{cell}"' for cell in cells) for cells in (record, record.values())]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    _, (found,) = rows(tmp_path / "a.csv", tmp_path / "corpus")
    assert (found["platform"], found["text"]) == ("kuaishou", 'said "so", yes')


@pytest.mark.parametrize(
    ("name", "number"),
    [("weibo-hotflow-comments/hotflow_4812000000000031.json", 3), ("bilibili-replies/page.json", 3)],
)
def test_pages_may_come_in_a_list_or_one_a_line(tmp_path: Path, name: str, number: int) -> None:
    page = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    (tmp_path / "list.json").write_text(json.dumps([page, {"ok": 1, "data": {}}]), encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text(json.dumps(page) + "\n" + json.dumps({"ok": 1}) + "\n", encoding="utf-8")
    for each in ("list.json", "lines.jsonl"):
        names, found = rows(tmp_path / each, tmp_path / each.split(".")[0])
        assert names == [name.split("/", maxsplit=1)[0]]
        assert len(found) == number


DANMAKU = '<i><chatid>5</chatid><d p="1,1,25,0,1745000000,0,ab,{}">{}</d>{}</i>'


@pytest.mark.parametrize(
    ("text", "imported", "rejected"),
    [
        (DANMAKU.format(1, "so", "") + "\n", 1, 0),
        (DANMAKU.format(1, "so\x08&#8;", ""), 1, 0),
        (DANMAKU.format(1, "so", '<d p="2">no more'), 1, 1),
        (DANMAKU.format(1, "so", '<d p="">nothing told</d>'), 2, 0),
        (DANMAKU.format(1, "so", "<d>&unknown;</d>"), 1, 1),
        (DANMAKU.format(1, "so", '<d p="2">you & me</d><d p="3">more</d><d p="4"/>'), 2, 2),
        (DANMAKU.format(1, "so", '<d p="2">never closed<d p="3">more</d><d p="4>no quote</d><d p="5">on</d>'), 3, 2),
        (DANMAKU.format(1, "so", "").removesuffix("</i>"), 1, 1),
        (DANMAKU.format(1, "so", "") + "<!-- the end -->", 1, 0),
    ],
)
def test_a_damaged_danmaku_costs_no_other(tmp_path: Path, text: str, imported: int, rejected: int) -> None:
    (tmp_path / "a.xml").write_text('<?xml version="1.0" encoding="GB2312"?>' + text, encoding="utf-8")
    (report,) = import_files([tmp_path / "a.xml"], tmp_path / "corpus", OPTIONS).reports
    assert (report.format, report.imported, report.rejected) == ("bilibili-danmaku", imported, rejected)
    for row in read_list(tmp_path / "corpus", store.REJECTED):
        assert row["reason"].startswith(("not valid XML", "no text"))
        assert row["row"] > 1


def test_a_danmaku_is_named_by_its_own_place_and_a_broken_byte_costs_no_other(tmp_path: Path) -> None:
    said = [f'<d p="{n},1,25,0,1745000000,0,ab,{n}">第{n}句</d>\n'.encode() for n in range(1, 41)]
    said[29] = said[29].replace("句".encode(), b"\xe5\x8f &")
    said[9] = said[9].replace("句".encode(), b"\xff")
    (tmp_path / "a.xml").write_bytes(b'<?xml version="1.0"?><i><chatid>5</chatid>' + b"".join(said) + b"</i>")
    (report,) = import_files([tmp_path / "a.xml"], tmp_path / "corpus", OPTIONS).reports
    assert (report.read, report.imported, report.rejected) == (40, 38, 2)
    assert [row["row"] for row in read_list(tmp_path / "corpus", store.REJECTED)] == [10, 30]


def test_what_a_record_holds_is_named_by_its_place_in_it(tmp_path: Path) -> None:
    message = {"type": "message", "date": "2024-01-01T10:05:00", "date_unixtime": "1704103500", "from_id": "user1"}
    said = [{**message, "id": n, "text": text} for n, text in enumerate(("hi", "", "so"), 1)]
    chats = [{"name": "G", "type": "private_group", "id": 77, "messages": said}]
    (tmp_path / "result.json").write_text(json.dumps({"chats": {"list": chats}}), encoding="utf-8")
    import_files([tmp_path / "result.json"], tmp_path / "corpus", OPTIONS)
    (row,) = read_list(tmp_path / "corpus", store.REJECTED)
    assert (row["row"], row["item"]) == (1, 2)


def test_entities_of_a_danmaku_file_are_never_unfolded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE i [<!ENTITY a "so"><!ENTITY b "&a;&a;&a;">]>'
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><i><d p="1">x</d></i>{bomb}', encoding="utf-8")
    (tmp_path / "b.xml").write_text(f"{bomb}<i><d p='1'>&b;</d></i>", encoding="utf-8")
    (report,) = import_files([tmp_path / "a.xml"], tmp_path / "corpus", OPTIONS).reports
    assert (report.imported, report.rejected) == (1, 0)
    with pytest.raises(InputError, match=r"b\.xml"):
        import_files([tmp_path / "b.xml"], tmp_path / "other", OPTIONS)


def test_exportcomments_names_the_post_whatever_form_its_address_has() -> None:
    from analysis.corpus.readers.exportcomments import _thread  # noqa: PLC0415  nothing else shows it alone
    from analysis.corpus.readers.format import File  # noqa: PLC0415

    post = "987654321098765"
    for address in (
        f"https://www.facebook.com/200000000001_{post}",
        f"https://www.facebook.com/groups/123456789012345/posts/{post}/",
        f"https://www.facebook.com/groups/123456789012345/permalink/{post}/",
        f"https://www.facebook.com/groups/123456789012345/?multi_permalinks={post}",
        f"https://www.facebook.com/permalink.php?story_fbid={post}&id=100000000000001",
        f"https://m.facebook.com/story.php?id=100000000000001&story_fbid={post}",
        f"https://www.facebook.com/some.page/posts/a-title-of-it/{post}",
        f"https://www.facebook.com/100000000000001/videos/{post}/",
        f"https://www.facebook.com/photo.php?fbid={post}&set=a.100000000000001",
        f"https://www.facebook.com/watch/?v={post}",
    ):
        assert _thread(File("a.xlsx", {"above": [["Source URL", address]]})) == post, address
    assert _thread(File(f"facebook-comments31-200000000001_{post}.xlsx")) == post


def test_meltwater_in_utf_16_and_tabs_is_read_as_in_utf_8(tmp_path: Path) -> None:
    path = FOLDER / "meltwater" / "headline.csv"
    (tmp_path / "headline.csv").write_text(path.read_text(encoding="utf-8"), encoding="utf-16")
    assert rows(tmp_path / "headline.csv", tmp_path / "a") == rows(path, tmp_path / "b")


def test_of_a_workbook_the_sheet_that_can_be_read_is_told_not_the_one_that_cannot(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["", "Other"], ["Tweet", "Page"], ["so", "a"], ["no", "b"]):
        book.active.append(row)
    book.create_sheet("Vertices").append(["jo", "red"])
    book.save(tmp_path / "network.xlsx")
    with pytest.raises(InputError, match="--columns text=Tweet,thread_id=Page"):
        import_files([tmp_path / "network.xlsx"], tmp_path / "corpus", ImportOptions("Test"))


def test_a_header_in_an_encoding_that_is_not_known_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Σχόλιο;Συντάκτης\nκαθαροί δρόμοι;Άννα\n".encode("cp737"))
    with pytest.raises(InputError, match="an encoding that is not known; save it as UTF-8"):
        import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test"))
    (tmp_path / "b.csv").write_bytes("text,video_id\nκαθαροί δρόμοι,a\nψεύτικο,b\n".encode("cp737"))
    with pytest.raises(InputError, match="no corpus was made; save the file as UTF-8"):
        import_files([tmp_path / "b.csv"], tmp_path / "corpus", ImportOptions("Test"))


def test_of_the_download_of_x_tweets_are_read_and_messages_are_not(tmp_path: Path) -> None:
    folder, tweet = (
        tmp_path / "data",
        {"id_str": "1", "created_at": "Fri Nov 24 17:49:36 +0000 2023", "full_text": "so"},
    )
    message = {"messageCreate": {"id": "9", "senderId": "7", "text": "private", "createdAt": "2023-11-24T17:49:36Z"}}
    folder.mkdir()
    for name, part in (("tweets", {"tweet": tweet}), ("direct_messages", {"dmConversation": {"messages": [message]}})):
        (folder / f"{name}.js").write_text(f"window.YTD.{name}.part0 = {json.dumps([part])}", encoding="utf-8")
    imported = import_files([folder], tmp_path / "corpus", ImportOptions("Test"))
    assert [report.format for report in imported.reports] == ["twitter-download-tweets"]
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == ["so"]
