"""Every row of a file is imported, rejected with a reason, or a duplicate; and nothing is half done."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import read_list, snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import (
    FileReport,
    Imported,
    ImportOptions,
    import_file,
    import_files,
    read_corpus,
    read_info,
    store,
)
from analysis.corpus.clean import no_utterance, put_right
from analysis.corpus.schema import SCHEMA
from analysis.errors import InputError, ParameterError

Cells = Sequence[Sequence[str]]


def write(path: Path, header: str, rows: Cells) -> Path:
    """Write a CSV file; the header's names stand between blanks."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([header.split(), *rows])
    return path


def bring(
    tmp_path: Path, header: str, rows: Cells, *, name: str = "a.csv", **options: Mapping[str, str]
) -> tuple[FileReport, Path]:
    """Import rows into the corpus of this test; return the report and the corpus."""
    into = tmp_path / "corpus"
    return import_file(write(tmp_path / name, header, rows), into, ImportOptions("Test", **options)), into


def rejected(into: Path) -> list[tuple[int, str]]:
    """Return the row numbers and reasons of what was rejected."""
    return [(row["row"], row["reason"]) for row in read_list(into, store.REJECTED)]


def column(into: Path, name: str) -> list[Any]:
    """Return a column of the corpus as it is stored."""
    return pq.read_table(store.table_path(into), columns=[name])[name].to_pylist()


# Reports --------------------------------------------------------------------------------------------------------------

# A mention becomes a pseudonym, and what was misread is put right: what comes in is then not what was written.
_word = st.text(st.characters(exclude_characters="\0@＠/", exclude_categories=["Cs"]), max_size=3)
_word = _word.filter(lambda text: put_right(text) == text)
_row = st.fixed_dictionaries(
    {
        "utterance_id": st.sampled_from(["", "", "a", "b", "0042", "42"]),
        "thread_id": st.sampled_from(["", "t", "u"]),
        "text": st.one_of(_word, st.sampled_from(["first", "NA"])),
        "likes": st.sampled_from(["", "3", "1,234", "12.0", "1.5", "many"]),
        "posted_at": st.sampled_from(["", "2025", "2025-09-21", "1758415580", "yesterday"]),
        "vantage": st.sampled_from(["", "vlogger", "chinese_viewer", "tourist"]),
        "fault": st.sampled_from(["", "", "", "short", "long", "bytes"]),
    }
)
_HEADER = ("utterance_id", "thread_id", "text", "likes", "posted_at", "vantage")


def as_bytes(row: dict[str, str]) -> bytes:
    """Return a row as a line of CSV, with its fault."""
    cells = [row[name] for name in _HEADER]
    cells = {"short": cells[:-1], "long": [*cells, "x"]}.get(row["fault"], cells)
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells).encode()
    return line.replace(b'"', b'"\xff', 1) if row["fault"] == "bytes" else line


def expected(rows: list[dict[str, str]]) -> tuple[list[str], int, int]:
    """Work out the plain way which texts are imported, how many rows are rejected, how many are duplicates."""
    imported: list[str | None] = []
    known: dict[str, tuple[str, str]] = {}
    place: dict[str, int] = {}
    conflicts: set[tuple[str, ...]] = set()
    rejects = duplicates = 0
    for row in rows:
        name = row["utterance_id"]
        text, thread = known.get(name, ("", ""))
        # No two of the times are known to be two: the year and the day may be worked out.
        same = text == row["text"] and (thread == row["thread_id"] or not (thread and row["thread_id"]))
        if row["fault"] or no_utterance(row["text"]):
            rejects += 1
        elif same:
            duplicates += 1
            if row["thread_id"] and not thread:  # of two alike the one with a thread stays
                imported[place[name]] = None
                place[name] = len(imported)
                imported.append(row["text"])
                known[name] = (row["text"], row["thread_id"])
        elif name in known:  # other words or another thread: another utterance, under an id that is made
            made = (name, row["text"], row["thread_id"], row["posted_at"].replace("yesterday", ""))
            duplicates += made in conflicts
            imported += [] if made in conflicts else [row["text"]]
            conflicts.add(made)
        else:
            known |= {name: (row["text"], row["thread_id"])} if name else {}
            place[name] = len(imported)
            imported.append(row["text"])
    return [text for text in imported if text is not None], rejects, duplicates


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(_row, min_size=1, max_size=12))
def test_rows_read_are_imported_or_rejected_or_duplicates(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("random")
    path, into = folder / "a.csv", folder / "corpus"
    path.write_bytes(b"\n".join([",".join(_HEADER).encode(), *map(as_bytes, rows)]))
    texts, rejects, duplicates = expected(rows)
    if not texts:
        with pytest.raises(InputError, match=f"{rejects} rejected .* no row was imported, and no corpus was made"):
            import_file(path, into, ImportOptions("Test"))
        assert not into.exists()
        return
    report = import_file(path, into, ImportOptions("Test"))
    assert (report.read, report.imported, report.rejected, report.duplicates) == (
        len(rows),
        len(texts),
        rejects,
        duplicates,
    )
    assert report.read == report.imported + report.rejected + report.duplicates
    assert column(into, "text") == texts
    assert len(read_list(into, store.REJECTED)) == rejects
    assert len(read_list(into, store.DUPLICATES)) == duplicates
    info = read_info(into)
    assert (info["rows"], info["rejected"]) == (len(texts), rejects)
    before = snapshot(into)
    again = import_file(path, into, ImportOptions("Test"))
    assert (again.read, again.imported, again.rejected) == (len(rows), 0, rejects)
    assert again.read == again.imported + again.rejected + again.duplicates
    assert snapshot(into) == before


def test_a_report_is_printed_as_a_sum() -> None:
    report = FileReport("a.csv", 12_345, 12_000, 300, 45, 7)
    assert str(report) == "a.csv: 12,345 rows read = 12,000 imported + 300 rejected + 45 duplicates"
    said = Imported([report], [], {}).lines(Path("corpus"))
    assert said[-1].startswith("7 rows without a thread, each a cluster of its own")
    assert said[-1].endswith("; where an empty cell means the row above, fill it in first")
    sheets = [FileReport(f"a.xlsx: {name}", 3, 3, 0, 0, 3) for name in "ab"]
    said = Imported(sheets, [], {}).lines(Path("corpus"))
    assert said[-1].startswith("6 rows")
    assert said[-1].endswith("each file or sheet is one video, say which in --sources (file: ..., thread_id: ...)")


# Again, and in part -------------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_no_byte(tmp_path: Path, fixture_file: Path) -> None:
    into = tmp_path / "corpus"
    first = import_file(fixture_file, into, ImportOptions("Fixture"))
    before = snapshot(into)
    again = import_file(fixture_file, into, ImportOptions("Fixture"))
    assert again == first._replace(imported=0, duplicates=308, format="table", noted=())
    assert snapshot(into) == before


def test_a_renamed_copy_of_a_file_adds_no_row(tmp_path: Path) -> None:
    rows = [("t", "first"), ("t", "first"), ("u", "first")]
    _, into = bring(tmp_path, "thread_id text", rows)
    content = read_info(into)["content"]
    report, _ = bring(tmp_path, "thread_id text", rows, name="copy.csv")
    assert (report.imported, report.duplicates) == (0, 3)
    assert read_info(into)["content"] == content


def test_identical_comments_survive_when_no_id_is_mapped(tmp_path: Path) -> None:
    rows = [("t", "first"), ("t", "first"), ("u", "first"), ("", "first"), ("", "first")]
    report, into = bring(tmp_path, "thread_id text", rows)
    assert (report.imported, report.duplicates, report.threadless) == (5, 0, 2)
    frame = read_corpus(into)
    assert frame["text"].tolist() == ["first"] * 5
    assert frame["utterance_id"].is_unique
    assert frame["cluster_id"].tolist() == ["t", "t", "u", *frame["utterance_id"][3:]]


def test_an_id_that_no_file_gives_does_not_depend_on_rows_before_it(tmp_path: Path) -> None:
    _, all_of_it = bring(tmp_path, "thread_id text", [("t", "first"), ("t", "second"), ("u", "first")])
    import_file(
        write(tmp_path / "b.csv", "thread_id text", [("u", "first")]), tmp_path / "other", ImportOptions("Test")
    )
    assert column(tmp_path / "other", "utterance_id") == column(all_of_it, "utterance_id")[2:]


@pytest.mark.parametrize("header", ["utterance_id text", "thread_id text"])
def test_an_overlapping_file_gives_named_duplicates(tmp_path: Path, header: str) -> None:
    bring(tmp_path, header, [("1", "a"), ("2", "b"), ("3", "c")])
    report, into = bring(tmp_path, header, [("2", "b"), ("4", "d"), ("3", "c")], name="b.csv")
    assert (report.read, report.imported, report.rejected, report.duplicates) == (3, 1, 0, 2)
    ids = column(into, "utterance_id")
    assert read_list(into, store.DUPLICATES) == [
        {"file": "b.csv", "row": 1, "utterance_id": ids[1]},
        {"file": "b.csv", "row": 3, "utterance_id": ids[2]},
    ]
    assert column(into, "text") == ["a", "b", "c", "d"]
    assert column(into, "source_file") == ["a.csv", "a.csv", "a.csv", "b.csv"]
    assert [file["duplicates"] for file in read_info(into)["files"]] == [0, 2]


def test_an_id_with_another_text_is_another_utterance(tmp_path: Path) -> None:
    bring(tmp_path, "utterance_id text", [("1", "a"), ("2", "b"), ("2", "c")])
    report, into = bring(tmp_path, "utterance_id text", [("1", "A"), ("1", "a")], name="b.csv")
    assert (report.imported, report.rejected, report.duplicates) == (1, 0, 1)
    assert report.notes[0].startswith("1 row with the id of another utterance")
    assert column(into, "text") == ["a", "b", "c", "A"]
    assert column(into, "utterance_id")[:2] == ["1", "2"]


def test_ids_that_differ_in_leading_zeros_or_the_last_of_19_digits_stay_apart(tmp_path: Path) -> None:
    ids = ["0042", "42", "7512345678901234567", "7512345678901234568"]
    report, into = bring(tmp_path, "utterance_id text", [(name, "same") for name in ids])
    assert report.imported == 4
    assert column(into, "utterance_id") == ids


# What a row becomes -------------------------------------------------------------------------------------------------


def test_every_row_of_the_fixture_comes_back_as_it_was_written(bilingual: Path, fixture_file: Path) -> None:
    with fixture_file.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    stored = pq.read_table(store.table_path(bilingual)).to_pylist()
    assert len(stored) == len(written) == 308
    for row, origin in zip(stored, written, strict=True):
        for name, cell in origin.items():
            if name in {"likes", "replies"}:
                assert row[name] == (int(cell) if cell else None)
            elif name == "posted_at":
                moment = dt.datetime.fromisoformat(cell) if cell else None
                naive = moment is not None and moment.tzinfo is None
                assert row[name] == (moment.replace(tzinfo=dt.UTC) if naive else moment)
            else:
                assert row[name] == (cell if cell or name == "text" else None)
    texts = {row["utterance_id"]: row["text"] for row in stored}
    assert [texts[f"trap-{name}"] for name in ("na", "null", "none", "nan")] == ["NA", "null", "None", "nan"]
    assert (texts["trap-empty-en"], texts["trap-empty-zh"]) == ("", "")
    assert texts["trap-formula-hyperlink"] == '=HYPERLINK("x")'
    assert texts["trap-script"] == "<script>alert(1)</script>"
    assert "\u2028" in texts["trap-u2028"]
    assert set('",\t\n') <= set(texts["trap-quotes-comma-tab-newline"])
    assert {"\u202e", "\u202c"} <= set(texts["trap-bidi"])
    assert {"\u200b", "\ufeff", "\u200d"} <= set(texts["trap-zero-width"])
    assert len(texts["trap-ten-thousand-emoji"]) == 10_000
    assert {"7512345678901234567", "7512345678901234568", "000731", "0042", "42"} <= set(texts)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_may_have_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path / os.fsdecode("自由.csv".encode("gbk")), "text", [["a"]])
    report = import_file(path, tmp_path / "corpus", ImportOptions("Test"))
    assert report.file == "\\udcd7\\udcd4\\udcd3\\udcc9.csv"
    assert column(tmp_path / "corpus", "source_file") == [report.file]
    again = import_file(path, tmp_path / "corpus", ImportOptions("Test"))
    assert again == report._replace(imported=0, duplicates=1, threadless=0, format="table", noted=())


def test_columns_are_mapped_and_what_is_not_mapped_stays_out(tmp_path: Path) -> None:
    columns = {"text": "Comment", "thread_id": "Video", "likes": "Digg"}
    rows = [("so free", "v1", "1,234", "@somebody"), ("so", "v1", "12.0", "@somebody")]
    _, into = bring(tmp_path, "Comment Video Digg author", rows, columns=columns)
    assert column(into, "text") == ["so free", "so"]
    assert column(into, "thread_id") == column(into, "cluster_id") == ["v1", "v1"]
    assert column(into, "likes") == [1234, 12]
    assert set(column(into, "source_tool")) == {"table"}
    assert set(column(into, "evidence")) == {"verbatim"}


@pytest.mark.parametrize("word", ["NA", "null", "None", "nan", "0"])
def test_words_that_look_like_missing_values_stay_words_in_texts_alone(tmp_path: Path, word: str) -> None:
    header = "thread_id parent_id platform region text"
    _, into = bring(tmp_path, header, [[word] * 5])
    assert column(into, "text") == [word]
    given = None if word != "0" else word
    assert [column(into, name) for name in ("thread_id", "platform", "region")] == [[given]] * 3
    assert column(into, "parent_id") == [None]


def test_constants_hold_for_every_row_and_imply_the_origin(tmp_path: Path) -> None:
    constants = {"vantage": "chinese_viewer", "platform": "douyin", "kind": "comment"}
    _, into = bring(tmp_path, "text region", [("自由", ""), ("真的吗", "吉林")], constants=constants)
    for name, value in {**constants, "origin": "chinese", "collection": "Test"}.items():
        assert column(into, name) == [value, value]
    assert column(into, "region") == [None, "吉林"]


def test_a_vloggers_origin_is_said_and_never_guessed(tmp_path: Path) -> None:
    rows = [("1", "vlogger", "chinese"), ("2", "vlogger", ""), ("3", "western_commenter", ""), ("4", "", "")]
    _, into = bring(tmp_path, "utterance_id vantage origin text", [(*row, "x") for row in rows])
    assert column(into, "origin") == ["chinese", None, "western", None]


def test_a_constant_yields_to_the_rows_own_value(tmp_path: Path) -> None:
    options = {"columns": {"text": "text", "platform": "site"}, "constants": {"platform": "tiktok"}}
    _, into = bring(tmp_path, "text site", [("a", "youtube"), ("b", "")], **options)
    assert column(into, "platform") == ["youtube", "tiktok"]


def test_where_keeps_rows_and_says_why_the_others_are_rejected(tmp_path: Path) -> None:
    rows = [("a", "yes"), ("b", "no"), ("c", ""), ("d", "yes")]
    report, into = bring(tmp_path, "text keep", rows, where={"keep": "yes"})
    assert (report.imported, report.rejected) == (2, 2)
    assert column(into, "text") == ["a", "d"]
    assert rejected(into) == [(2, "keep is not yes"), (3, "keep is not yes")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vantage", "tourist"),
        ("origin", "korean"),
        ("kind", "rumour"),
        ("language", "klingon"),
        ("likes", "1.5"),
        ("likes", "1.2x"),
        ("replies", "many"),
        ("posted_at", "yesterday"),
        ("posted_at", "2025-13-01"),
        ("posted_at", "2025-01-01 25:00"),
        ("time_precision", "hour"),
    ],
)
def test_a_cell_that_is_not_accepted_costs_the_cell_and_is_counted(tmp_path: Path, name: str, value: str) -> None:
    times = {"posted_at": "2025-01-01"} if name == "time_precision" else {}
    header = " ".join(["text", name, *times])
    report, into = bring(tmp_path, header, [(text, cell, *times.values()) for text, cell in (("a", ""), ("b", value))])
    assert (report.imported, report.rejected) == (2, 0)
    example = "in row 2" if any(map(str.isalpha, value)) else f"'{value}'"  # letters may be a name
    assert f"{name} not read in 1 row, e.g. {example}" in report.notes
    missing = {"kind": "comment", "time_precision": "day"}.get(name)
    assert column(into, name)[1] == missing


def test_an_evidence_that_is_none_rejects_its_row(tmp_path: Path) -> None:
    report, into = bring(tmp_path, "text evidence", [("a", ""), ("b", "rumour")])
    assert (report.imported, report.rejected) == (1, 1)
    assert rejected(into)[0][1].startswith("evidence is not known (accepted: verbatim")


@pytest.mark.parametrize(
    ("written", "moment", "precision"),
    [
        ("2013", "2013-01-01T00:00:00", "year"),
        ("2013-02", "2013-02-01T00:00:00", "month"),
        ("2013-02-25", "2013-02-25T00:00:00", "day"),
        ("20130225", "2013-02-25T00:00:00", "day"),
        ("2025-09-21 00:46", "2025-09-21T00:46:00", "minute"),
        ("2025-09-21T00:46+08:00", "2025-09-20T16:46:00", "minute"),
        ("2025-09-21T00:46:20", "2025-09-21T00:46:20", "second"),
        ("2025-09-21T00:46:20Z", "2025-09-21T00:46:20", "second"),
        ("2025-09-21T00:46:20-05:00", "2025-09-21T05:46:20", "second"),
        ("1758415580", "2025-09-21T00:46:20", "second"),
        ("1758415580000", "2025-09-21T00:46:20", "second"),
    ],
)
def test_a_time_keeps_the_precision_with_which_it_was_written(
    tmp_path: Path, written: str, moment: str, precision: str
) -> None:
    _, into = bring(tmp_path, "text posted_at", [("a", written)])
    assert column(into, "posted_at") == [dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)]
    assert column(into, "time_precision") == [precision]


def test_a_row_without_a_time_has_no_precision_either(tmp_path: Path) -> None:
    _, into = bring(tmp_path, "text posted_at", [("a", "")])
    assert (column(into, "posted_at"), column(into, "time_precision")) == ([None], [None])


def test_every_format_gives_the_same_corpus(tmp_path: Path) -> None:
    header, rows = "utterance_id text likes", [("0042", "NA", "3"), ("42", 'a "b"\u2028,\n自由', ""), ("x", "", "1,2")]
    _, into = bring(tmp_path, header, rows)
    objects = [dict(zip(header.split(), row, strict=True)) for row in rows]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in objects), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(objects), tmp_path / "b.parquet")
    for name in ("b.jsonl", "b.parquet"):
        other = tmp_path / name.replace(".", "-")
        import_file(tmp_path / name, other, ImportOptions("Test"))
        for known in set(SCHEMA.names) - {"source_file"}:
            assert column(other, known) == column(into, known)


# Refusals -----------------------------------------------------------------------------------------------------------


def test_authors_of_a_table_become_pseudonyms_and_are_never_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")
    said = "hi @secret, 13800138000"
    path = write(tmp_path / "a.csv", "text who topic", [(said, "secret", "a"), (said, "@Secret", "b")])
    options = ImportOptions("Test", {"text": "text", "speaker": "who"}, where={"topic": "a"})
    imported = import_files([path], tmp_path / "corpus", options)
    (name,) = column(tmp_path / "corpus", "speaker")
    assert column(tmp_path / "corpus", "text") == [f"hi @{name}, [phone]"]
    # The second row is rejected: nothing of it is in the corpus.
    assert imported.replaced == {"author": 1, "mention": 1, "phone number": 1}
    assert b"ecret" not in b"".join(snapshot(tmp_path / "corpus").values())


def test_ids_of_a_table_do_not_depend_on_the_key_and_constructed_words_are_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", "text evidence", [("hi @secret", ""), ("hi @secret", "constructed")])
    for key in ("one key of some length", "another key of some length"):
        monkeypatch.setenv("VANTAGE_KEY", key)
        import_file(path, tmp_path / key, ImportOptions("Test"))
    one, other = (read_corpus(tmp_path / key) for key in ("one key of some length", "another key of some length"))
    assert one["utterance_id"].equals(other["utterance_id"])
    assert one["text"][0] != other["text"][0]
    assert one["text"][1] == other["text"][1] == "hi @secret"
    (tmp_path / "copy.csv").write_bytes(path.read_bytes())
    into, more = tmp_path / "one key of some length", ImportOptions("Test", other_key=True)
    again = import_file(tmp_path / "copy.csv", into, more)
    assert (again.imported, again.duplicates) == (0, 2)


@pytest.mark.parametrize(
    ("header", "options", "said"),
    [
        (
            "remark likes",
            {},
            "--columns text=2 where there is no header (the file has: remark, likes)",
        ),
        ("ann quiet", {"rows": [["bob", "loud"]]}, "text=2 where there is no header (its first row may be no header"),
        ("7 text", {"columns": {"text": "body"}}, "body: there is no such column, nor a row that is surely a header"),
        ("text", {"columns": {"likes": "text"}}, "--columns does not say which column holds the text"),
        ("text", {"columns": {"text": "body"}}, "column body: there is no such column; the file has: text"),
        (
            "text",
            {"columns": {"text": "text", "mood": "text"}},
            "column mood: is not a column of the corpus (accepted: ",
        ),
        ("text", {"where": {"keep": "yes"}}, "column keep: there is no such column; the file has: text"),
        ("text", {"constants": {"vantage": "tourist"}}, "column vantage: 'tourist' is not known (accepted: western_"),
        ("text", {"rows": []}, "has a header but no rows (accepted: one row or more)"),
    ],
)
def test_an_import_that_cannot_be_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, header: str, options: dict[str, Any], said: str
) -> None:
    rows = options.pop("rows", [["a"] * len(header.split())])
    path = write(tmp_path / "a.csv", header, rows)
    with pytest.raises(InputError) as caught:
        import_file(path, tmp_path / "new" / "corpus", ImportOptions("Test", **options))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_collection_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="a collection needs a name"):
        import_file(write(tmp_path / "a.csv", "text", [["a"]]), tmp_path / "corpus", ImportOptions("  "))


def test_an_import_never_mixes_with_what_is_no_corpus(tmp_path: Path) -> None:
    path, mine = write(tmp_path / "a.csv", "text", [["a"]]), tmp_path / "mine" / "thesis.doc"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    was = snapshot(tmp_path)
    for into, said in ((mine, "is a file, not a folder"), (mine.parent, "is not empty and holds no corpus")):
        with pytest.raises(InputError, match=said) as caught:
            import_file(path, into, ImportOptions("Test"))
        assert str(caught.value).startswith(str(into))
    assert snapshot(tmp_path) == was


def test_what_was_masked_is_counted_in_the_rows_that_came_in(tmp_path: Path) -> None:
    lines = ["text,topic", '"hi @bob and @ann",a', '"no @carl @dora here, mail x@y.org",b', '"   @eve",a']
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = ImportOptions("Test", columns={"text": "text"}, where={"topic": "a"})
    found = import_file(tmp_path / "t.csv", tmp_path / "corpus", options)
    assert (found.imported, found.rejected) == (1, 2)  # the last mentions somebody and says nothing
    told = import_files([tmp_path / "t.csv"], tmp_path / "other", options)
    assert told.replaced == {"mention": 2}
    assert "@carl" not in (tmp_path / "other" / store.REJECTED).read_text(encoding="utf-8")


@pytest.mark.parametrize("later", [True, False])
def test_a_table_that_a_rule_says_was_gathered_later_gives_the_text_of_an_id(tmp_path: Path, *, later: bool) -> None:
    days = ("2025-01-01", "2025-02-01")
    for name, text, day in zip(
        ("a", "b"), ("as it was", "as it was edited"), days if later else days[::-1], strict=True
    ):
        (tmp_path / f"{name}.csv").write_text(f"utterance_id,text\nc1,{text}\n", encoding="utf-8")
        rules = tmp_path / "sources.yaml"
        rules.write_text(f"- file: {name}.csv\n  collected: {day}\n", encoding="utf-8")
        if name == "a" or later:
            report = import_file(tmp_path / f"{name}.csv", tmp_path / "corpus", ImportOptions("T", rules=rules))
            assert report.imported == 1
        else:
            report = import_file(tmp_path / f"{name}.csv", tmp_path / "corpus", ImportOptions("T", rules=rules))
            assert report.duplicates == 1
    assert column(tmp_path / "corpus", "text") == ["as it was edited" if later else "as it was"]
