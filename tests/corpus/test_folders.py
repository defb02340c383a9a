"""A folder as people have it: exports among what systems leave, downloads that broke off, archives within archives."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.readers.source import sources
from analysis.errors import InputError

OPTIONS = ImportOptions("Test")
JUNK = ("Thumbs.db", "desktop.ini", ".DS_Store", "._a.json", "~$a.xlsx", "__MACOSX/a.json", ".git/b.json")
HEADER = ["id", "title", "selftext", "author", "num_comments", "created_utc"]


def comments(*numbers: int) -> bytes:
    row = {"parent_id": "t3_a", "created_utc": 1514765865, "link_id": "t3_a", "author": "x", "score": 1, "body": "so"}
    return "".join(json.dumps({**row, "id": f"c{number}"}) + "\n" for number in numbers).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return whole.getvalue()


def posts() -> bytes:
    book, whole = openpyxl.Workbook(), io.BytesIO()
    book.active.append(HEADER)
    book.active.append(["p1", "Is it open?", None, "x", 3, 1561670645])
    book.save(whole)
    return whole.getvalue()


def filled(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_what_systems_leave_is_no_export_and_is_not_named(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001
    files = {name: comments(9) for name in JUNK} | {"深 层/a b/x.json": comments(1)}
    path = filled(tmp_path / "in", {"all.zip": zipped(files)} if packed else files)
    imported = import_files([path], tmp_path / "corpus", OPTIONS)
    place = "in/all.zip: " if packed else "in/"
    assert [report.file for report in imported.reports] == [f"{place}深 层/a b/x.json"]
    assert imported.skipped == []


def test_one_bad_file_does_not_keep_the_others_out_and_is_told_with_its_reason(tmp_path: Path) -> None:
    files = {
        "a.json": comments(1),
        "broken.zip": b"PK\x03\x04 cut",
        "empty.csv": b"",
        "notes.md": b"nothing here",
        "old.7z": b"7z\xbc\xaf\x27\x1c\0",
        "all.rar": b"Rar!\x1a\x07\x01",
        "good.zip": zipped({"inner.zip": zipped({"b.json": comments(2)}), "c.json": comments(3)}),
    }
    imported = import_files([filled(tmp_path / "in", files)], tmp_path / "corpus", OPTIONS)
    assert sorted(read_corpus(tmp_path / "corpus")["utterance_id"]) == ["t1_c1", "t1_c3"]
    assert [each.removeprefix("in/").partition(": File is")[0] for each in imported.skipped] == [
        "all.rar: is a RAR archive; unpack it first",
        "broken.zip: is not a complete ZIP archive",
        "empty.csv: is empty",
        "good.zip: inner.zip: is packed within an archive; unpack the archive first",
        "old.7z: is a 7z archive; unpack it first",
        "notes.md",
    ]


def test_a_folder_of_nothing_known_says_so_and_what_one_file_holds(tmp_path: Path) -> None:
    path = filled(tmp_path / "in", {"a.txt": b"words", "b.json": b'[{"nick": "x", "body": "y"}]'})
    with pytest.raises(
        InputError, match=r"in: none of its 2 files is in a known format; in/b.json: .*it has: nick, body"
    ):
        import_files([path], tmp_path / "corpus", OPTIONS)
    assert not (tmp_path / "corpus").exists()


def test_a_files_own_name_and_names_decide_nothing_of_what_is_told(tmp_path: Path) -> None:
    found = filled(tmp_path / "is not in use", {"posts.xlsx": posts(), "empty.csv": b""})
    imported = import_files([found], tmp_path / "corpus", OPTIONS)
    assert imported.skipped == ["is not in use/empty.csv: is empty"]
    files = {"a.json": b'[{"--columns": "x", "body": "y"}]', "b.csv": b"nick,body\nx,some words that somebody wrote\n"}
    with pytest.raises(InputError, match=r"none of its 2 files is in a known format; in/b.csv: no column has a name"):
        import_files([filled(tmp_path / "in", files)], tmp_path / "other", OPTIONS)


def test_a_table_saved_as_a_workbook_is_known_also_within_an_archive(tmp_path: Path) -> None:
    path = filled(tmp_path / "in", {"a.xlsx": posts(), "b.zip": zipped({"deep/b.xlsx": posts()})})
    imported = import_files([path], tmp_path / "corpus", OPTIONS)
    assert [(report.format, report.imported, report.duplicates) for report in imported.reports] == [
        ("reddit-posts", 1, 0),
        ("reddit-posts", 0, 1),
    ]


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_members_name_is_read_as_its_archive_wrote_it(tmp_path: Path, codec: str) -> None:
    whole = zipped({"aaaa.json": comments(1)})
    name = "城市"[: 4 // len("城".encode(codec))].encode(codec).ljust(4, b"x")
    (tmp_path / "a.zip").write_bytes(whole.replace(b"aaaa", name))
    (found,) = sources(tmp_path / "a.zip")
    assert found.name == f"a.zip: {name.decode(codec)}.json"
    import_files([tmp_path / "a.zip"], tmp_path / "corpus", OPTIONS)


def test_a_table_read_by_its_columns_tells_which_were_not_and_what_it_nearly_is(tmp_path: Path) -> None:
    head, row = "id,video_id,parent_comment_id,text,like_count,reply_count,create_time", "1,2,2,so,3,4,1738737222"
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    whole.write_text(f"{head}\n{row}\n", encoding="utf-8")
    cut.write_text(f"{head.replace('video_id,', '')}\n{row.replace('1,2,', '1,')}\n", encoding="utf-8")
    whole_report, cut_report = import_files([whole, cut], tmp_path / "corpus", OPTIONS).reports
    assert whole_report.format == "tiktok-research-comment-items"
    assert cut_report.format.startswith("a table by the names of its columns, --columns utterance_id=id,parent_id=")
    assert cut_report.format.endswith("the nearest format is tiktok-research-comment-items, which also has: video_id")
    cut.write_text("text,mood\nso,high\n", encoding="utf-8")
    (report,) = import_files([cut], tmp_path / "corpus", OPTIONS).reports
    assert report.format == "a table by the names of its columns, --columns text=text"
    assert report.notes == ("not read: mood",)


def test_a_corpus_made_beside_the_exports_is_none_of_them(tmp_path: Path) -> None:
    folder = filled(tmp_path / "in", {"a.json": comments(1)})
    import_files([folder], folder / "corpus", OPTIONS)
    filled(folder, {"b.json": comments(2)})
    imported = import_files([folder], folder / "corpus", OPTIONS)
    assert [report.file for report in imported.reports] == ["in/a.json", "in/b.json"]
    assert imported.skipped == []


def test_the_folder_one_stands_in_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(filled(tmp_path / "in", {"deep/a.json": comments(1)}))
    assert [source.name for source in sources(Path())] == ["in/deep/a.json"]


def test_columns_of_rows_that_are_not_wanted_are_not_told_as_passed_over(tmp_path: Path):
    rows = [f"reddit,v{at},no {at},1" for at in range(60)] + ["weibo,v,yes,1"]
    (tmp_path / "a.csv").write_text("\n".join(["platform,thread_id,text,mood", *rows]) + "\n", encoding="utf-8")
    wanted = ImportOptions("C", where={"platform": "weibo"})
    (report,) = import_files([tmp_path / "a.csv"], tmp_path / "corpus", wanted).reports
    assert (report.imported, report.rejected) == (1, 60)
    assert report.notes == ("not read: mood",)
