"""Files that a script wrote without a library, that were put one after the other, or that hold more than was asked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.clean import put_right
from analysis.corpus.readers.delimited import headers, rows
from analysis.corpus.readers.table import read_table
from analysis.errors import InputError


def test_a_blank_before_each_quote_is_no_part_of_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '"text", "author", "video_id"\n"so quiet, so clean", "moss", "v1"\n"he said ""no"", twice", "fern", "v1"\n',
        encoding="utf-8",
    )
    import_files([path], tmp_path / "corpus", ImportOptions("Test"))
    frame = read_corpus(tmp_path / "corpus")
    assert sorted(frame["text"]) == ['he said "no", twice', "so quiet, so clean"]
    assert frame["thread_id"].unique().tolist() == ["v1"]
    assert frame["speaker"].nunique() == 2


def test_elsewhere_a_blank_and_a_quote_are_the_writers_own(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('video_id,text\nv1, "so" he said and left\n', encoding="utf-8")
    with path.open(encoding="utf-8", newline="") as text:
        assert list(rows(text, ",")) == [["video_id", "text"], ["v1", ' "so" he said and left']]


@pytest.mark.parametrize(
    "written",
    [
        '| text | id |\n|:---|---:|\n| so quiet | 1 |\n| no, "so" | 2 |\n',
        'text | id\n--- | ---\nso quiet | 1\nno, "so" | 2\n',
        "'text','id'\n'so quiet','1'\n'no, \"so\"','2'\n",
        'text, id\nso quiet, 1\n"no, ""so""", 2\n',
        'text,id\nso quiet,="1"\n"no, ""so""","=""2"""\n',
    ],
    ids=["Markdown", "Markdown without a frame", "single quotes", "a blank after each mark", "formulas"],
)
def test_what_stands_around_cells_is_no_part_of_them(written: str) -> None:
    found, mark = headers(written, ["text"])
    assert (found[0], mark) == (["text", "id"], "|" if "|" in written else ",")
    cells = list(rows(io.StringIO(written, newline=""), mark))
    assert cells == [["text", "id"], ["so quiet", "1"], ['no, "so"', "2"]]


@pytest.mark.parametrize(
    "cells", [["text", "id"], ["'tis so", "'"], ['="" she wrote', '="'], ["--", "|--|"], ["'text'", "id"]]
)
def test_elsewhere_what_looks_like_it_is_the_writers_own(cells: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["text", "id"], cells])
    assert list(rows(io.StringIO(out.getvalue(), newline=""), ","))[1:] == [cells]


@pytest.mark.parametrize(
    ("written", "mark", "cells"),
    [
        ('text\tid\n"so quiet" he said\t1\n', "\t", ['"so quiet" he said', "1"]),
        ("text\nso quiet, so clean,\n", ",", ["so quiet, so clean"]),
    ],
    ids=["a quote where tabs part cells", "a line a text"],
)
def test_what_can_be_meant_in_one_way_only_is_no_fault(
    tmp_path: Path, written: str, mark: str, cells: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(written + "good\t2\n" * (mark == "\t"), encoding="utf-8")
    first = next(read_table(path).rows)
    assert (list(first.value.values()), first.problem) == (cells, None)


HEAD = ["comment_id", "video_id", "text", "likes"]
SAID = [["c1", "v1", "so quiet, so clean; so", "3"], ["c2", "v1", 'he said "no"', "4"]]


@pytest.mark.parametrize("quoting", [None, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_rows_that_a_spreadsheet_put_into_one_cell_each_are_parted_again(tmp_path: Path, quoting: int | None) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([HEAD, *SAID])
    path = tmp_path / ("a.xlsx" if quoting is None else "a.csv")
    if quoting is None:
        book = openpyxl.Workbook()
        for line in out.getvalue().splitlines():
            book.active.append(line.split(";"))  # what stands behind its mark is in the next cell
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t", quoting=quoting).writerows([line] for line in out.getvalue().splitlines())
    (report,) = import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports
    assert (report.imported, report.rejected) == (2, 0)
    assert read_corpus(tmp_path / "corpus")[["utterance_id", "text", "likes"]].to_numpy().tolist() == [
        [row[0], row[2], int(row[3])] for row in SAID
    ]


@pytest.mark.parametrize("second", [["评论ID", "视频ID", "内容", "点赞数"], ["str", "str", "text", "int"]])
def test_a_second_header_is_nobodys_words(tmp_path: Path, second: list[str]) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, second, *SAID, second[:3]])
    (report,) = import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports
    assert report.reasons == ("1 a second header", "1 with 3 cells where the header has 4")


def test_files_put_one_after_the_other_keep_their_signs_to_themselves(tmp_path: Path) -> None:
    table, lines = tmp_path / "a.csv", tmp_path / "b.jsonl"
    part = '\ufefftext,video_id\n"so quiet {0}",v1\n'
    quoted = '\ufeff"text","video_id"\n"so quiet {0}","v1"\n'
    table.write_text(part.format(1) + part.format(2) + quoted.format(3), encoding="utf-8")
    lines.write_text(
        "".join(f'\ufeff{{"text": "so clean {n}", "video_id": "v2"}}\n' for n in range(3)), encoding="utf-8"
    )
    one, other = import_files([table, lines], tmp_path / "corpus", ImportOptions("Test")).reports
    assert (one.imported, one.rejected) == (3, 2)
    assert (other.imported, other.rejected) == (3, 0)
    assert set(read_corpus(tmp_path / "corpus")["thread_id"]) == {"v1", "v2"}


def test_what_stands_beneath_a_record_and_is_not_read_is_told(tmp_path: Path) -> None:
    def said(name: str, inner: str) -> str:
        post = {"post_id": "p1", "text": "A morning in Rason", "comments": [{"by": "moss", inner: "so quiet"}]}
        (tmp_path / name).write_text(json.dumps([post, {**post, "post_id": "p2"}]), encoding="utf-8")
        (report,) = import_files([tmp_path / name], tmp_path / name[0], ImportOptions("Test")).reports
        return "\n".join(report.notes)

    assert "not read: comments" in said("a.json", "what_they_wrote")
    assert "not read: comments" not in said("b.json", "text")


def test_a_text_in_pieces_is_no_list_of_comments(tmp_path: Path) -> None:
    shown = {"body": {"runs": [{"text": "so quiet "}, {"text": "there"}]}, "when": {"runs": [{"text": "2 years ago"}]}}
    (tmp_path / "a.json").write_text(json.dumps([{"renderer": shown}]), encoding="utf-8")
    with pytest.raises(InputError, match="is not in a known format"):
        import_files([tmp_path / "a.json"], tmp_path / "corpus", ImportOptions("Test"))


def test_texts_that_were_saved_in_another_encoding_are_put_right_and_told(tmp_path: Path) -> None:
    said = ["it’s so clean — naïve?", "平壤很干净 😀", "café, naïve", "Ã la carte", "a lone Ã© and 平壤"]
    damaged = [text.encode().decode("cp1252", "surrogateescape") for text in said[:2]]
    damaged = ["".join(chr(ord(c) - 0xDC00) if c >= "\udc80" else c for c in text) for text in damaged]
    rows = [*damaged, *said[2:]]
    (tmp_path / "a.jsonl").write_text(
        "".join(json.dumps({"text": text, "video_id": "v1"}) + "\n" for text in rows), encoding="utf-8"
    )
    (report,) = import_files([tmp_path / "a.jsonl"], tmp_path / "corpus", ImportOptions("Test")).reports
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == said
    assert "2 texts of UTF-8 saved as Windows-1252, or with escapes: put right" in report.notes


@pytest.mark.parametrize("text", ["Viel Spaß…", "groß“ ist es", "AMANHÃ…", "OLÉ®!", "É…", "Â\x80", "weiß™ CAFÉ™"])
def test_a_word_that_ends_in_such_a_letter_stays_as_it_was_written(text: str) -> None:
    assert put_right(text) == text


@pytest.mark.parametrize(
    "text",
    ["À la carte", "é lindo", "CANCIÓN", "ÉTÉ", "20° there", "œuvre", "но", "Größe", "Spaß…", "AMANHÃ…", "dəyil"],
)
def test_the_same_letters_are_put_right_where_they_were_damaged(text: str) -> None:
    read = (bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte)) for byte in text.encode())
    assert put_right("".join(read)) == text


def test_vloggers_without_an_account_are_told(tmp_path: Path) -> None:
    def notes(name: str, columns: dict[str, str]) -> str:
        path = tmp_path / f"{name}.csv"
        lines = [f"we walk through {place},v{n},moss,one" for n, place in enumerate(("Rason", "Wonsan", "Kaesong"))]
        path.write_text("\n".join(["text,video_id,seen_on,voice", *lines]), encoding="utf-8")
        columns = {"text": "text", "thread_id": "video_id", **columns}
        options = ImportOptions("Test", constants={"vantage": "vlogger", "platform": "youtube"}, columns=columns)
        (report,) = import_files([path], tmp_path / name, options).reports
        return "\n".join(report.notes)

    told = (
        "3 rows of vloggers without an account: each video counts as a voice of its own; --columns speaker=COLUMN names"
    )
    assert told in notes("without", {})
    assert "without an account" not in notes("account", {"speaker": "seen_on"})
    assert "without an account" not in notes("cluster", {"cluster_id": "voice"})
