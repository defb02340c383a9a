"""Any table comes in as text: nothing is guessed, nothing is lost, and what cannot be read says why."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.corpus import ImportOptions, import_files
from analysis.corpus.readers.delimited import STRAY, UNDOUBLED
from analysis.corpus.readers.records import Record
from analysis.corpus.readers.table import read_rows, read_table
from analysis.errors import InputError

TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson")
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".pq")
HEADER = ("id", "text")


def write(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    """Write a table in the format that the path's ending names, every cell a text."""
    if path.suffix in {".parquet", ".pq"}:
        columns = zip(*rows, strict=True)
        pq.write_table(pa.table([pa.array(column, pa.string()) for column in columns], names=list(header)), path)
    elif path.suffix in {".jsonl", ".ndjson"}:
        lines = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) + "\n" for row in rows]
        path.write_text("".join(lines), encoding="utf-8", newline="")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            mark = "," if path.suffix == ".csv" else "\t"
            writer = csv.writer(file, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerows([header, *rows])
    return path


def cells(path: Path, wanted: Sequence[str] = HEADER) -> list[tuple[str | None, ...]]:
    """Return the wanted cells of every row, after checking that every row could be read."""
    rows = list(read_table(path, wanted).rows)
    assert [row.problem for row in rows] == [None] * len(rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [tuple(row.value[name] for name in wanted) for row in rows]


def rows_of(path: Path, content: str | bytes) -> list[Record]:
    """Write a file and read its rows."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_table(path).rows)


def refusal(path: Path, **options: Sequence[str]) -> str:
    """Return the one line with which a table is refused; it names the file."""
    with pytest.raises(InputError) as caught:
        read_table(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message


@pytest.mark.parametrize("ending", ENDINGS)
def test_ids_keep_their_digits_in_every_format(tmp_path: Path, ending: str) -> None:
    ids = ["7512345678901234567", "7512345678901234568", "000731", "0042", "42", "1e5", "1.10", "-0", " 7 "]
    path = write(tmp_path / f"table{ending}", [(name, "x") for name in ids])
    assert [name for name, _ in cells(path)] == ids


@pytest.mark.parametrize("ending", ENDINGS)
def test_words_that_look_like_missing_values_stay_words(tmp_path: Path, ending: str) -> None:
    words = ["NA", "N/A", "null", "NULL", "None", "nan", "NaN", "true", "False", "-", "#N/A", "inf", ""]
    path = write(tmp_path / f"table{ending}", [(str(i), word) for i, word in enumerate(words)])
    assert [word for _, word in cells(path)] == words


@pytest.mark.parametrize("ending", TEXT_ENDINGS)
def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"table{ending}", [("1", "so free"), ("2", "\ufeffinside")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_table(path).columns == ["id", "text"]
    assert cells(path) == [("1", "so free"), ("2", "\ufeffinside")]


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_line_feeds_and_returns_end_a_row(tmp_path: Path, ending: str) -> None:
    rows = [(str(i), f"one{mark}two") for i, mark in enumerate("\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e")]
    assert cells(write(tmp_path / f"table{ending}", rows)) == rows


@pytest.mark.parametrize("ending", ENDINGS)
def test_line_ends_inside_a_cell_stay(tmp_path: Path, ending: str) -> None:
    rows = [("1", "one\ntwo"), ("2", "one\r\ntwo"), ("3", "one\rtwo"), ("4", 'a "quote", a\ttab;|')]
    assert cells(write(tmp_path / f"table{ending}", rows)) == rows


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_rows_may_end_as_any_system_ends_them(tmp_path: Path, ends: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(ends.join(["id,text", "1,so free", "2,自由"]).encode())
    assert cells(path) == [("1", "so free"), ("2", "自由")]


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(texts.filter(bool), texts), min_size=1, max_size=8), ending=st.sampled_from(ENDINGS))
@example(rows=[("0\\", ""), ("0", "")], ending=".csv")
@example(rows=[("so\\", "it is\\")], ending=".csv")
def test_what_was_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], ending: str
) -> None:
    path = write(tmp_path_factory.mktemp("written") / f"table{ending}", rows)
    assert cells(path) == rows


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "table.txt"
    path.write_text(f"id{mark}text\n1{mark}so free\n", encoding="utf-8")
    assert cells(path) == [("1", "so free")]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_shows_the_mapped_columns(tmp_path: Path, mark: str) -> None:
    others = "".join(other for other in ",;\t|" if other != mark)
    path = tmp_path / "table.csv"
    path.write_text(f"id{mark}note {others * 3}{mark}text\n1{mark}x{mark}so free\n", encoding="utf-8")
    assert cells(path) == [("1", "so free")]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("said", [r"he said \"hi\", ok", r"\"hi\" &amp; so; on"])
@pytest.mark.parametrize("around", ["", '"'])
def test_the_delimiter_is_found_where_a_backslash_escapes_quotes(
    tmp_path: Path, mark: str, said: str, around: str
) -> None:
    path = tmp_path / "table.txt"
    rows = [("id", "text", "likes"), *((f"c{n}", said, "1") for n in range(30))]
    cell = lambda text: f'"{text}"' if text is said else f"{around}{text}{around}"  # noqa: E731
    path.write_text("".join(mark.join(map(cell, row)) + "\n" for row in rows), encoding="utf-8")
    assert read_table(path).columns == ["id", "text", "likes"]
    assert cells(path) == [(f"c{n}", said.replace("\\", "")) for n in range(30)]


@pytest.mark.parametrize("said", ['"he said hi', '"he &amp; said; hi', '"he "said" hi"', '"he" said hi'])
def test_the_delimiter_is_found_where_no_rows_quotes_are_as_they_should_be(tmp_path: Path, said: str) -> None:
    path = tmp_path / "table.txt"
    rows = rows_of(path, "id,author,text,likes\n" + "".join(f"c{n},a,{said},1\n" for n in range(30)))
    assert read_table(path).columns == ["id", "author", "text", "likes"]
    assert len(rows) == 30
    assert {row.problem for row in rows} <= {STRAY, UNDOUBLED, "not valid CSV: unexpected end of data"}


def test_a_backslash_at_the_end_of_a_row_of_windows_escapes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b'id,text\r\n"1","so\\"\r\n"2","it"\r\n')
    assert cells(path) == [("1", "so\\"), ("2", "it")]


def test_a_header_may_hold_a_line_end(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('id,text,"two\nlines"\n1,so free,x\n', encoding="utf-8")
    assert read_table(path, HEADER).columns == ["id", "text", "two\nlines"]
    assert cells(path) == [("1", "so free")]


def test_a_cell_may_hold_a_whole_transcript(tmp_path: Path) -> None:
    rows = [("1", "word " * 200_000)]
    assert cells(write(tmp_path / "table.csv", rows)) == rows


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert [row.value["text"] for row in rows_of(tmp_path / "t.csv", "id,text\n\n1,a\n\n2,b\n\n")] == ["a", "b"]
    assert [row.value["text"] for row in rows_of(tmp_path / "t.jsonl", '\n{"text": "a"}\n \n{"text": "b"}')] == [
        "a",
        "b",
    ]


def test_ragged_rows_say_so_and_the_others_are_read(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "t.csv", "id,text\n1,a\n2\n3,b,c\n4,d\n")
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert [row.problem for row in rows] == [
        None,
        "1 cell where the header has 2",
        "3 cells where the header has 2",
        None,
    ]
    assert rows[3].value == {"id": "4", "text": "d"}


def test_a_quote_that_is_not_doubled_spoils_its_own_row_only(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "t.csv", 'id,text\n1,a\n2,"a "quote" in it"\n3,c\n')
    assert [row.problem for row in rows] == [None, UNDOUBLED, None]
    assert rows[2].value == {"id": "3", "text": "c"}


def test_a_quote_that_is_never_closed_does_not_swallow_the_rest_in_silence(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "t.csv", 'id,text\n1,a\n2,"never closed\n3,c\n')
    assert [row.problem for row in rows] == [None, STRAY, None]
    assert rows[2].value == {"id": "3", "text": "c"}


def test_a_quote_that_a_header_opens_takes_no_rows_with_it(tmp_path: Path) -> None:
    assert [row.value for row in rows_of(tmp_path / "t.csv", 'id,"text\n1,a\n2,b\n')] == [
        {"id": "1", "text": "a"},
        {"id": "2", "text": "b"},
    ]


def test_a_header_that_comes_once_more_is_no_row(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "t.csv", "id,text\n1,a\nid,text\n2,b\n")
    assert [row.problem for row in rows] == [None, "the header once more", None]


def test_bytes_that_are_no_utf8_are_a_problem_of_their_row(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "t.csv", b"id,text\n1,caf\xff\n2,\xe8\x87\n3,fine\n")
    assert [row.problem for row in rows] == ["not valid Unicode text", "not valid Unicode text", None]
    rows = rows_of(tmp_path / "t.jsonl", b'{"text": "caf\xff"}\n{"text": "fine"}\n')
    assert [row.problem for row in rows] == ["not UTF-8", None]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": ', "not valid JSON"),
        ("{'text': 'a'}", "not valid JSON"),
        ('["a", "b"]', "a JSON list where an object was expected"),
        ('"a"', "a JSON str where an object was expected"),
        ("null", "a JSON NoneType where an object was expected"),
        ('{"text": "half \\ud83d"}', "not valid Unicode text"),
        ('{"text": {"deep": "\\udc00"}}', "not valid Unicode text"),
        ('{"text": ' + "[" * 100_000, "JSON nested too deep"),
    ],
)
def test_a_line_of_json_that_is_no_row_says_why(tmp_path: Path, line: str, problem: str) -> None:
    rows = rows_of(tmp_path / "t.jsonl", f'{{"text": "before"}}\n{line}\n{{"text": "after"}}\n')
    assert rows[1].problem is not None
    assert rows[1].problem.startswith(problem)
    assert [(row.number, row.problem) for row in rows[::2]] == [(1, None), (3, None)]
    assert rows[2].value == {"text": "after"}


def test_json_values_become_text_without_losing_digits(tmp_path: Path) -> None:
    line = (
        '{"id": 7512345678901234567, "n": 1.10, "e": 1E3, "z": -0, "yes": true, "no": false, "x": null, "tags": ["a"]}'
    )
    (row,) = rows_of(tmp_path / "t.jsonl", line)
    assert row.value == {
        "id": "7512345678901234567",
        "n": "1.10",
        "e": "1E3",
        "z": "-0",
        "yes": "true",
        "no": "false",
        "x": None,
        "tags": '["a"]',
    }


def test_a_json_key_that_comes_late_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"id": "1"}\n' * 1500 + '{"id": "2", "text": "late"}\n', encoding="utf-8")
    table = read_table(path, HEADER)
    assert table.columns == ["id", "text"]
    assert list(table.rows)[-1].value == {"id": "2", "text": "late"}


def test_parquet_numbers_and_times_become_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    moment = dt.datetime(2025, 9, 21, 0, 46, 20, tzinfo=dt.UTC)
    columns = {
        "id": pa.array([7512345678901234567, None], pa.int64()),
        "day": pa.array([dt.date(2025, 9, 21), None]),
        "at": pa.array([moment, None], pa.timestamp("us", tz="UTC")),
        "likes": pa.array([12.0, None]),
        "seen": pa.array([True, None]),
        "text": pa.array(["NA", None]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), path)
    first, second = read_table(path, HEADER).rows
    assert first.value == {
        "id": "7512345678901234567",
        "day": "2025-09-21",
        "at": "2025-09-21T00:46:20+00:00",
        "likes": "12.0",
        "seen": "true",
        "text": "NA",
    }
    assert set(second.value.values()) == {None}


def test_text_that_parquet_stores_as_bytes_is_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": pa.array(["自由".encode(), b"caf\xe9", None])}), path)
    assert cells(path, ["text"]) == [("自由",), ("caf\\xe9",), (None,)]


def test_a_parquet_column_that_nobody_asked_for_never_stops_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    columns = {
        "text": pa.array(["so free"]),
        "picture": pa.array([b"\x89PNG"]),
        "price": pa.array([decimal.Decimal("1.50")]),
        "hour": pa.array([dt.time(9, 30)]),
        "clip": pa.array([{"at": dt.date(2025, 1, 1)}]),
    }
    pq.write_table(pa.table(columns), path)
    assert cells(path, ["text"]) == [("so free",)]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_ids_that_a_file_stores_as_floats_are_refused(tmp_path: Path, kind: pa.DataType) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": pa.array([7.5e18], kind), "text": ["a"]}), path)
    with pytest.raises(InputError, match="export it as text"):
        list(read_table(path, ["text", "id"], ["id"]).rows)
    assert read_table(path, ["text"]).columns == ["id", "text"]


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(range(1, 40)))


def _nul(path: Path) -> None:
    path.write_bytes(b"id,text\n1,\0\x01\x02\0\x03\x04\0\n")


def _folder(path: Path) -> None:
    path.mkdir()


def _absent(_: Path) -> None:
    pass


def _no_text(path: Path) -> None:
    path.write_text("id,comment\n1,a\n", encoding="utf-8")


def _twice(path: Path) -> None:
    path.write_text("id,text,text\n1,a,b\n", encoding="utf-8")


def _cut_off(path: Path) -> None:
    write(path, [("1", "a")])
    path.write_bytes(path.read_bytes()[:-4])


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("t.csv", _absent, ["no such file", "CSV, TSV, JSON, JSON Lines, Parquet"]),
        ("t.csv", _folder, ["is not a file", "CSV, TSV, JSON, JSON Lines, Parquet"]),
        ("t.csv", _empty, ["is empty"]),
        ("t.jsonl", _empty, ["is empty"]),
        ("t.parquet", _empty, ["is empty"]),
        ("t.csv", _zip, ["is not a table", "CSV, TSV"]),
        ("t.csv", _nul, ["is not a table", "CSV, TSV"]),
        ("t.xlsx", _zip, ["is not a complete workbook"]),
        ("t.csv", _no_text, ["column text", "there is no such column", "id, comment"]),
        ("t.csv", _twice, ["column text", "twice"]),
        ("t.parquet", _cut_off, ["is not a Parquet file"]),
        ("t.parquet", _no_text, ["column text", "there is no such column"]),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, name: str, make: Callable[[Path], None], said: list[str]
) -> None:
    make(tmp_path / name)
    message = refusal(tmp_path / name, wanted=HEADER)
    for part in said:
        assert part in message


def test_a_workbook_is_a_table_of_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [("text", "id", "likes"), ("hi", "7422222222222222001", 3), ("自由", 7422222222222222001, None), (None,) * 3]
    for row in [*rows, ("=)", "0042", "1"), ("x", "1", "2", "more")]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx", ["text"])
    assert table.columns == ["text", "id", "likes"]
    assert [
        (row.number, row.value["text"], row.value["id"], row.value["likes"], row.problem) for row in table.rows
    ] == [
        (1, "hi", "7422222222222222001", "3", None),
        (2, "自由", "7.42222222222222E+18", "", None),
        (4, "=)", "0042", "1", None),
        (5, "x", "1", "2", "4 cells where the header has 3"),
    ]
    options = ImportOptions("Test", {"text": "text", "utterance_id": "id"})
    (report,) = import_files([tmp_path / "t.xlsx"], tmp_path / "corpus", options).reports
    assert (report.read, report.imported, report.rejected) == (4, 3, 1)
    assert report.reasons == ("1 with 4 cells where the header has 3",)
    assert report.notes[0] == (
        "1 row with an id that a spreadsheet rounded to 15 digits, kept under ids that were made "
        "(what they answer is lost): export ids as text"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbfterm,score\nfree,1\n", None),
        (b"term,score\r\nfree,1\r\n", None),
        ("term;score\nfree;1\n".encode("utf-16"), None),
        (b"term,score\nfree,1\ncaf\xff\xfe,1\n", "row 2: not valid Unicode text"),
        (b"term,score\nfree,1\nsad\n", "row 2: 1 cell where the header has 2"),
        (b'term,score\nfree,1\n"sad,2\n', "row 2: not valid CSV"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b"term\nfree\n", "column score: there is no such column"),
        (b"term,term\nfree,1\n", "column term: the header names this column twice"),
    ],
)
def test_a_list_of_ones_own_is_read_or_answered_with_the_row(tmp_path: Path, data: bytes, said: str | None) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    if said is None:
        assert read_rows(path, ["term", "score"]) == [{"term": "free", "score": "1"}]
        return
    with pytest.raises(InputError) as caught:
        read_rows(path, ["term", "score"])
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_a_header_of_a_hundred_thousand_columns_takes_no_time_with_their_square(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{number}" for number in range(100_000)) + "\n", encoding="utf-8")
    begun = time.process_time()
    assert len(read_table(path).columns) == 100_000
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "times",
    [
        pa.array([0, 2**62], pa.timestamp("us")),
        pa.array([0, 2**63 - 1], pa.timestamp("ns", "Asia/Tokyo")),
        pa.array([0, 10**8], pa.date32()),
    ],
)
def test_a_time_beyond_the_calendar_is_told_as_such_and_spoils_no_other(tmp_path: Path, times: pa.Array) -> None:
    pq.write_table(pa.table({"text": ["one", "two"], "posted_at": times}), tmp_path / "a.parquet")
    near, far = (row.value["posted_at"] for row in read_table(tmp_path / "a.parquet").rows)
    assert near is not None
    assert near.startswith("1970-01-01")
    assert far == f"{times.type} out of range"


def test_bytes_that_are_no_text_reject_their_row_of_a_parquet_table(tmp_path: Path) -> None:
    ends = pa.array([0, 3, 8], pa.int32()).buffers()[1]
    pq.write_table(
        pa.table({"text": pa.StringArray.from_buffers(2, ends, pa.py_buffer(b"a\xff\xfehello"))}), tmp_path / "a.pq"
    )
    assert [row.problem for row in read_table(tmp_path / "a.pq").rows] == ["not UTF-8", None]


def test_a_parquet_table_with_flipped_bytes_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"so {n}" for n in range(50)], "likes": list(range(50))}), path)
    whole, rng = path.read_bytes(), random.Random(1)  # noqa: S311
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(3):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            list(read_table(path).rows)
        except InputError:
            refused += 1
    assert refused


def test_a_parquet_table_of_more_rows_than_bits_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": pa.array(["so"] * 2_000_000).dictionary_encode()}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="more than it has bits"):
        read_table(tmp_path / "a.parquet")
