"""Texts and ids come back as they went in, out of every container that is read."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, store
from analysis.errors import InputError

IDS = ["7512345678901234567", "7512345678901234568", "0042", "42", "NA1", "000731"]
TEXTS = [
    "NA",
    "None",
    "null",
    "nan",
    "#N/A",
    "true",
    "1.10",
    "0042",
    "👍🏽 👩🏽‍🚀 🇰🇵",
    "one\u2028two\u0085three",
    "a\r\nb\rc",
    'say "so", then;\tgo | on',
    "自由，吗",
    "\ufeffx",
    "'=1+1",
    "=1+1",
    "=) so",
    "-5 度",
    "[]",
    "_x000D_ they write",
]
LONG = "城" * 3_500_000
#: What a cell of a workbook can hold.
LONGEST_CELL = 32_767
ROWS = [(IDS[at % 6] + ("" if at < 6 else f"-{at}"), text) for at, text in enumerate(TEXTS)]
NAMED = {"text": "content", "utterance_id": "comment_id", "thread_id": "aweme_id"}


def comment(name: str, text: str) -> dict[str, Any]:
    return {"comment_id": name, "aweme_id": IDS[0], "content": text, "user_id": "u", "last_modify_ts": 1740589025042}


def as_csv(rows: list[dict[str, Any]], encoding: str = "utf-8", line: str = "\n", mark: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator=line, delimiter=mark)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_lines(rows: list[dict[str, Any]], *, ascii_only: bool = False, line: str = "\n", bom: bytes = b"") -> bytes:
    return bom + "".join(json.dumps(row, ensure_ascii=ascii_only) + line for row in rows).encode()


def as_json(rows: list[dict[str, Any]], *, ascii_only: bool = False, bom: bytes = b"") -> bytes:
    return bom + json.dumps(rows, ensure_ascii=ascii_only, indent=4).encode()


def as_zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def as_pzstd(data: bytes) -> bytes:
    """Return frames as pzstd writes them, each after one that is skipped and says how long it is."""
    frames = [as_zstd(data[at : at + 500]) for at in range(0, len(data), 500)]
    return b"".join(b"\x50\x2a\x4d\x18\x04\x00\x00\x00" + len(one).to_bytes(4, "little") + one for one in frames)


def as_zip(data: bytes, name: str = "data/comments.jsonl") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def as_workbook(rows: list[dict[str, Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


#: Every container that a format comes in: the file's name and its bytes.
CONTAINERS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "a.csv": as_csv,
    "bom-crlf.csv": lambda rows: as_csv(rows, "utf-8-sig", "\r\n"),
    "semicolons.csv": lambda rows: as_csv(rows, mark=";"),
    "a.tsv": lambda rows: as_csv(rows, mark="\t"),
    "bars.txt": lambda rows: as_csv(rows, mark="|"),
    "gb18030.csv": lambda rows: as_csv(rows, "gb18030"),
    "a.jsonl": as_lines,
    "ascii.jsonl": lambda rows: as_lines(rows, ascii_only=True),
    "bom-crlf.ndjson": lambda rows: as_lines(rows, line="\r\n", bom=codecs.BOM_UTF8),
    "gb18030.jsonl": lambda rows: as_lines(rows).decode().encode("gb18030"),
    "a.json": as_json,
    "ascii.json": lambda rows: as_json(rows, ascii_only=True),
    "bom.json": lambda rows: as_json(rows, bom=codecs.BOM_UTF8),
    "a.csv.gz": lambda rows: gzip.compress(as_csv(rows)),
    "a.json.gz": lambda rows: gzip.compress(as_json(rows)),
    "a.jsonl.zst": lambda rows: as_zstd(as_lines(rows)),
    "b.jsonl.zst": lambda rows: as_pzstd(as_lines(rows)),
    "a.jsonl.xz": lambda rows: lzma.compress(as_lines(rows)),
    "a.jsonl.bz2": lambda rows: bz2.compress(as_lines(rows)),
    "a.zip": lambda rows: as_zip(as_lines(rows)),
    "csv.zip": lambda rows: as_zip(as_csv(rows), "data/comments.csv"),
}
#: Every container of a table whose columns the command names.
TABLES: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    name: CONTAINERS[name]
    for name in ("a.csv", "bom-crlf.csv", "semicolons.csv", "a.tsv", "bars.txt", "a.jsonl", "bom-crlf.ndjson")
} | {"a.parquet": lambda rows: as_parquet(pa.Table.from_pylist(rows))}


def brought(tmp_path: Path, name: str, data: bytes, **options: Any) -> tuple[Path, list[str]]:
    """Import bytes under a name; return the corpus and the reasons of what was rejected."""
    path, into = tmp_path / name, tmp_path / "corpus"
    path.write_bytes(data)
    import_files([path], into, ImportOptions("Test", **options))
    return into, [row["reason"] for row in read_list(into, store.REJECTED)]


def stored(into: Path, *columns: str) -> list[tuple[Any, ...]]:
    table = pq.read_table(store.table_path(into), columns=list(columns))
    return list(zip(*(table[name].to_pylist() for name in columns), strict=True))


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_was_said_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    into, rejected = brought(tmp_path, name, CONTAINERS[name]([comment(*row) for row in ROWS]))
    assert stored(into, "utterance_id", "text") == ROWS
    assert set(stored(into, "thread_id")) == {(IDS[0],)}
    assert rejected == []


@pytest.mark.parametrize("name", TABLES)
def test_what_a_table_says_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    into, rejected = brought(tmp_path, name, TABLES[name]([comment(*row) for row in ROWS]), columns=NAMED)
    assert stored(into, "utterance_id", "text") == ROWS
    assert set(stored(into, "thread_id")) == {(IDS[0],)}
    assert rejected == []


def in_workbook(name: str, text: str) -> dict[str, Any]:
    return {"videoWebUrl": f"https://www.tiktok.com/@a/video/{IDS[0]}", "cid": name, "text": text, "uid": "u", **APIFY}


APIFY = {"createTimeISO": "2025-02-05T06:33:40.000Z", "diggCount": 1, "replyCommentTotal": 0, "uniqueId": "a"}


@pytest.mark.parametrize("packed", [False, True])
def test_what_a_workbook_says_comes_back_but_for_carriage_returns(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001
    # XML knows one sign for the end of a line; Excel writes the other as "_x000D_", so that these words are none.
    rows = [*ROWS[:-1], ("long", "城" * LONGEST_CELL), ("end", "a_x000D_\nb")]
    data = as_workbook([in_workbook(*row) for row in rows])
    name = "a.zip" if packed else "a.xlsx"
    into, rejected = brought(tmp_path, name, as_zip(data, "comments.xlsx") if packed else data)
    ends = {"a\r\nb\rc": "a\nb\nc", "a_x000D_\nb": "a\r\nb"}
    assert stored(into, "utterance_id", "text") == [(name, ends.get(text, text)) for name, text in rows]
    assert rejected == []


def test_an_id_that_a_workbook_keeps_as_a_rounded_number_is_made(tmp_path: Path) -> None:
    rows = [in_workbook("1", text) for text in ("as text", "a short number", "a number", "a number with a point")]
    for row, name in zip(rows, (IDS[0], 42, int(IDS[1]), float(IDS[1])), strict=True):
        row["cid"] = name
    into, rejected = brought(tmp_path, "a.xlsx", as_workbook(rows))
    assert stored(into, "utterance_id", "text")[:2] == [(IDS[0], "as text"), ("42", "a short number")]
    assert [text for (text,) in stored(into, "text")[2:]] == ["a number", "a number with a point"]
    assert {len(made) for (made,) in stored(into, "utterance_id")[2:]} == {24}
    assert rejected == []


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_spreadsheets_15_digits_of_ids_cost_the_ids_and_no_row(tmp_path: Path, name: str) -> None:
    rows = [{"text": text, "video_id": 7512345678901230000 + 10**6 * n} for n, text in enumerate("aab")]
    rows = [{"comment_id": int(IDS[0]) + n, "parent_id": int(IDS[1]), **row} for n, row in enumerate(rows)]
    as_shown = [{key: f"{cell:.15G}" if isinstance(cell, int) else cell for key, cell in row.items()} for row in rows]
    assert as_shown[0]["comment_id"] == "7.51234567890123E+18"  # as LibreOffice writes CSV
    into, rejected = brought(tmp_path, name, as_workbook(rows) if name == "a.xlsx" else as_csv(as_shown))
    assert stored(into, "text", "parent_id") == [("a", None), ("a", None), ("b", None)]
    assert [thread for (thread,) in stored(into, "thread_id")] == [str(row["video_id"]) for row in rows]
    assert {len(made) for (made,) in stored(into, "utterance_id")} == {24}
    assert rejected == []


def test_ids_that_parquet_keeps_as_numbers_keep_their_digits_and_rounded_ones_are_refused(tmp_path: Path) -> None:
    ids = [int(IDS[0]), int(IDS[1])]
    columns = {"comment_id": pa.array(ids, pa.int64()), "aweme_id": pa.array(ids, pa.uint64()), "content": ["a", "b"]}
    into, _ = brought(tmp_path, "a.parquet", as_parquet(pa.table(columns)), columns=NAMED)
    assert stored(into, "utterance_id", "thread_id") == [(IDS[0], IDS[0]), (IDS[1], IDS[1])]
    columns["aweme_id"] = pa.array([float(name) for name in ids], pa.float64())
    with pytest.raises(InputError, match="lost its last digits"):
        brought(tmp_path, "b.parquet", as_parquet(pa.table(columns)), columns=NAMED)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_an_id_that_a_table_keeps_as_a_rounded_number_is_made_and_a_threads_is_refused(
    tmp_path: Path, name: str
) -> None:
    rows = [comment("7.51235E+18", "a"), {**comment("2", "b"), "aweme_id": "7.51235E+18"}, comment("3", "c")]
    into, rejected = brought(tmp_path, name, TABLES[name](rows), columns=NAMED)
    assert stored(into, "text") == [("a",), ("c",)]
    assert len(stored(into, "utterance_id")[0][0]) == 24
    assert len(rejected) == 1
    assert all("lost its last digits" in reason for reason in rejected)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "ascii.jsonl", "a.json", "a.jsonl.zst", "a.zip"])
def test_ten_megabytes_in_one_cell_are_one_text(tmp_path: Path, name: str) -> None:
    rows = [("1", "before"), ("2", LONG), ("3", "after")]
    into, _ = brought(tmp_path, name, CONTAINERS[name]([comment(*row) for row in rows]))
    assert stored(into, "utterance_id", "text") == rows


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_ten_megabytes_in_one_cell_of_a_table_are_one_text(tmp_path: Path, name: str) -> None:
    rows = [("1", "before"), ("2", LONG), ("3", "after")]
    into, _ = brought(tmp_path, name, TABLES[name]([comment(*row) for row in rows]), columns=NAMED)
    assert stored(into, "utterance_id", "text") == rows


@pytest.mark.parametrize("name", ["gb18030.csv", "gb18030.jsonl"])
def test_gb18030_is_read_with_its_rare_signs(tmp_path: Path, name: str) -> None:
    rows = [(str(at), text) for at, text in enumerate(["城市很干净", "没有自由😀", "㐀𠀀"])]
    into, _ = brought(tmp_path, name, CONTAINERS[name]([comment(*row) for row in rows]))
    assert stored(into, "utterance_id", "text") == rows
