"""A folder as somebody has it: exports, subtitles, a workbook with a hidden sheet, a sheet of codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from analysis.corpus import Imported, ImportOptions, import_files, read_corpus, retag, store
from analysis.corpus.readers.table import read_table
from analysis.errors import InputError

COMMENTS = [("id", "video_id", "author", "comment"), *((f"c{n}", f"v{n % 2}", f"a{n}", f"so {n}") for n in range(4))]
CODED = [("id", "comment", "Code 1 (Anna)", "编码2（魏）", "Notes")]
CODED += [(cid, words, ("staged", "other")[n % 2], "1", "") for n, (cid, _, _, words) in enumerate(COMMENTS[1:])]
Sheets = dict[str, Sequence[Sequence[str]]]


def write_book(path: Path, sheets: Sheets, *hidden: str) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for title in hidden:
        book[title].sheet_state = "veryHidden" if title == "lists" else "hidden"
    book.save(path)


def bring(tmp_path: Path, *names: str, **constants: str) -> Imported:
    paths = [tmp_path / name for name in names]
    return import_files(paths, tmp_path / "corpus", ImportOptions("Test", constants=constants))


def write_captions(folder: Path, number: int) -> None:
    folder.mkdir()
    for each in range(number):
        cues = [f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\nSo wide, {each}.\n" for n in range(3)]
        (folder / f"day {each} [abcdEFGH{each:03d}].en.srt").write_text("\n".join(cues), encoding="utf-8")


def test_what_is_alike_of_several_files_is_said_once_with_its_sum(tmp_path: Path) -> None:
    write_captions(tmp_path / "vlogs", 3)
    imported = bring(tmp_path, "vlogs", origin="western")
    said = imported.lines(tmp_path / "corpus")
    rows = sum(report.imported for report in imported.reports)
    voices = "rows of vloggers without an account: each video counts as a voice of its own"
    assert [line for line in said if "a voice of its own" in line] == [f"  in 3 of them: {rows} {voices}"]
    assert said.index(f"  in 3 of them: {rows} {voices}") == 4
    assert said[3].startswith("together: ")


def test_vloggers_of_whom_nobody_said_where_they_come_from_are_told_last(tmp_path: Path) -> None:
    write_captions(tmp_path / "vlogs", 1)
    imported = bring(tmp_path, "vlogs")
    (told,) = [line for line in imported.lines(tmp_path / "corpus") if "without an origin" in line]
    assert told.startswith(f"{imported.reports[0].imported} row")
    assert f"vantage retag {tmp_path / 'corpus'} --collection NAME --origin ..." in told
    retag.retag(tmp_path / "corpus", "Test", {"origin": "chinese"}, None)
    assert set(read_corpus(tmp_path / "corpus")["origin"]) == {"chinese"}


@pytest.mark.parametrize(
    ("vantage", "other", "what"),
    [
        ("western_commenter", "chinese_viewer", "western commenters', yet mostly in Chinese characters: zh.csv;"),
        ("chinese_viewer", "western_commenter", "Chinese viewers', yet mostly without a Chinese character: en.csv;"),
    ],
)
def test_a_folder_of_two_sides_that_is_imported_as_one_is_told_and_mended(
    tmp_path: Path, vantage: str, other: str, what: str
) -> None:
    texts = {
        "zh.csv": ["真干净", "666", "很美 so"],
        "en.csv": ["so clean", "hm 朝鲜", "lol", "yes"],
        "few.csv": ["很", "no"],
    }
    for name, lines in texts.items():
        rows = "".join(f"{name[:2]}{at},{text}\n" for at, text in enumerate(lines))
        (tmp_path / name).write_text(f"video_id,text\n{rows}", encoding="utf-8")
    into = tmp_path / "a corpus"
    imported = import_files(
        [tmp_path / name for name in texts], into, ImportOptions("T", constants={"vantage": vantage})
    )
    (told,) = [line for line in imported.lines(into) if line.startswith("said to be ")]
    assert told.startswith(f"said to be {what}")
    assert f'vantage retag "{into.as_posix()}" --collection NAME --sources FILE' in told
    (named,) = [each.file for each in imported.reports if each.unlike]
    (tmp_path / "rules.yaml").write_text(f"- file: {named}\n  vantage: {other}\n", encoding="utf-8")
    retag.retag(into, "T", {}, tmp_path / "rules.yaml")
    frame = read_corpus(into)
    assert set(frame.loc[frame["source_file"] == named, "vantage"]) == {other}
    assert set(frame.loc[frame["source_file"] != named, "vantage"]) == {vantage}


def test_nothing_is_said_of_letters_where_a_side_writes_its_own_or_is_translated(tmp_path: Path) -> None:
    for name, text, more in (("en", "so", {}), ("zh", "真干净", {}), ("tr", "so so", {"evidence": "translated"})):
        (tmp_path / f"{name}.csv").write_text(f"video_id,text\nv,{text}\n", encoding="utf-8")
        vantage = "western_commenter" if name == "en" else "chinese_viewer"
        imported = bring(tmp_path, f"{name}.csv", vantage=vantage, **more)
        assert not any("said to be" in line for line in imported.lines(tmp_path / "corpus"))


@pytest.mark.parametrize("hidden", ["old", "lists"])
def test_a_hidden_sheet_is_no_part_of_an_import_and_named(tmp_path: Path, hidden: str) -> None:
    other = [COMMENTS[0], ("c9", "v9", "a9", "nobody sees this")]
    write_book(tmp_path / "a.xlsx", {hidden: other, "comments": COMMENTS}, hidden)
    imported = bring(tmp_path, "a.xlsx")
    assert [(report.file, report.imported) for report in imported.reports] == [("a.xlsx", 4)]
    why = "is a hidden sheet of the workbook: to import it, show it there first (Excel: Unhide)"
    assert f"skipped: a.xlsx: {hidden}: {why}" in imported.lines(tmp_path / "corpus")
    assert read_table(tmp_path / "a.xlsx").columns == list(COMMENTS[0])


def test_where_every_sheet_with_rows_is_hidden_it_is_said(tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", {"shown": [], "old": COMMENTS, "older": COMMENTS}, "old", "older")
    with pytest.raises(InputError, match=r"none of its 2 sheets is in a known format; .*is a hidden sheet"):
        bring(tmp_path, "a.xlsx")


@pytest.mark.parametrize("names", [("a coded.xlsx", "b.csv"), ("b.csv", "a coded.xlsx")])
@pytest.mark.parametrize("commands", [1, 2])
def test_a_sheet_of_codes_takes_no_row_from_the_export_that_was_coded(
    tmp_path: Path, names: tuple[str, str], commands: int
) -> None:
    write_book(tmp_path / "a coded.xlsx", {"Coded": CODED})
    (tmp_path / "b.csv").write_text("".join(",".join(row) + "\n" for row in COMMENTS), encoding="utf-8")
    done = [bring(tmp_path, *names)] if commands == 1 else [bring(tmp_path, name) for name in names]
    frame = read_corpus(tmp_path / "corpus")
    assert frame["thread_id"].tolist() == [row[1] for row in COMMENTS[1:]]
    assert frame["speaker"].notna().all()
    assert sum(file["imported"] for file in store.read_info(tmp_path / "corpus")["files"]) == len(frame) == 4
    threads = list(store.stream_threads(tmp_path / "corpus"))
    assert [(row["thread_id"], row["collected"]) for row in threads] == [("v0", 2), ("v1", 2)]
    if commands == 1:
        assert not any("without a thread" in line for line in done[0].lines(tmp_path / "corpus"))
        assert done[0].without_vantage == 4


def test_a_video_that_was_gathered_again_is_counted_once_under_its_files_name(tmp_path: Path) -> None:
    for folder, day in (("may", 1), ("june", 2)):
        (tmp_path / folder).mkdir()
        told = {"comment_id": "c1", "text": "so", "channel": "UCx", "author": "@x", "votes": str(day), "cid": "c1"}
        told |= {"time_parsed": 1714557600, "time": "1 day ago", "photo": "", "heart": False, "reply": False}
        (tmp_path / folder / "abcdefghij1.json").write_text(json.dumps(told), encoding="utf-8")
    rules = tmp_path / "sources.yaml"
    rules.write_text("- file: 'june/*'\n  collected: 2024-06-01\n", encoding="utf-8")
    paths = [tmp_path / "may", tmp_path / "june"]
    import_files(paths, tmp_path / "corpus", ImportOptions("Test", rules=rules))
    frame = read_corpus(tmp_path / "corpus")
    assert (frame["thread_id"].tolist(), frame["likes"].tolist()) == (["abcdefghij1"], [2])
    assert [row["collected"] for row in store.stream_threads(tmp_path / "corpus")] == [1]


def test_a_table_is_read_from_every_sheet_that_has_its_columns(tmp_path: Path) -> None:
    notes = [("who", "what"), ("Anna", "made up")]
    sheets: Sheets = {"notes": notes, "en": CODED, "zh": [CODED[0], ("d1", "好", "other", "2", "")], "old": CODED}
    write_book(tmp_path / "a.xlsx", sheets, "old")
    rows = list(read_table(tmp_path / "a.xlsx", ["id", "Code 1 (Anna)"]).rows)
    assert [row.value["id"] for row in rows] == ["c0", "c1", "c2", "c3", "d1"]
    with pytest.raises(InputError, match="en, column topic: there is no such column"):
        read_table(tmp_path / "a.xlsx", ["id", "topic"])
    twice = [("id", "code", "code"), ("c1", "a", "b")]
    write_book(tmp_path / "b.xlsx", {"en": [("id", "code"), ("c0", "a")], "zh": twice})
    with pytest.raises(InputError, match="zh, column code: the header names this column twice"):
        read_table(tmp_path / "b.xlsx", ["id", "code"])
