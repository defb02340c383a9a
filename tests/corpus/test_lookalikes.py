"""Tables that look like what they are not: a header in what somebody said, a mark between cells within the words."""

from __future__ import annotations

import datetime as dt
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
    assert frame["text"].tolist() == [f"{said} {n}" for n in range(rows)]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_stray_quote_costs_its_own_row_where_no_column_is_a_number(tmp_path: Path, mark: str) -> None:
    lines = ["video,words,who", "v1,a,ann", 'v1,"b,bob', "v2,c,zoe", 'v2,d",tim', "v2,e,ann"]
    columns = {"text": "words", "speaker": "who", "thread_id": "video"}
    imported, frame = bring(tmp_path, "\n".join(lines).replace(",", mark), columns=columns)
    assert (imported.reports[0].read, imported.reports[0].rejected) == (5, 1)
    assert [text[0] for text in frame["text"]] == ["a", "c", "d", "e"]


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
