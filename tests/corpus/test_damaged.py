"""Files that a disk, a network or a program damaged: what is good of them comes in, and the rest is told."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import random
import sqlite3
from contextlib import closing
from functools import partial
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.errors import InputError

OPTIONS = ImportOptions("Test")
LINE = {"parent_id": "t3_a", "created_utc": 1514765865, "link_id": "t3_a", "author": "x", "score": 1}
TABLE = "评论时间,用户昵称,点赞数,评论内容"
#: Bzip2 in small blocks: of a block that breaks off nothing can be read, and several fit into a small file.
PACKS = [gzip.compress, lzma.compress, partial(bz2.compress, compresslevel=1), zstandard.ZstdCompressor().compress]


def comments(number: int) -> list[dict[str, object]]:
    return [{**LINE, "id": f"c{n}", "body": "so free"} for n in range(number)]


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_packed_table_cut_off_gives_what_came_before(tmp_path: Path, pack: object, encoding: str) -> None:
    rng = random.Random(1)  # noqa: S311  nothing secret
    rows = [f"v1,c{n},a{n},so free {rng.getrandbits(90)},2024-01-01\n" for n in range(6_000)]
    whole = pack("".join(["video_id,comment_id,author,text,published_at\n", *rows]).encode(encoding))
    (tmp_path / "a.csv").write_bytes(whole[: len(whole) * 2 // 3])
    (report,) = import_files([tmp_path / "a.csv"], tmp_path / "corpus", OPTIONS).reports
    assert report.read == report.imported + 1
    assert report.imported > 1_000
    assert report.reasons[0].endswith("nothing after it is read")
    ids = read_corpus(tmp_path / "corpus")["utterance_id"].tolist()
    assert ids == [f"c{n}" for n in range(report.imported)]


def test_a_packed_table_of_which_no_row_can_be_read_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"video_id,comment_id,author,text,published_at\nv1,c1,a,so free,2024-01-01\n")
    (tmp_path / "a.csv.gz").write_bytes(packed[:30])
    frame = pa.table({"text": [f"so free {n}" for n in range(500)]})
    pq.write_table(frame, tmp_path / "a.parquet")
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes())[:-500])
    for name in ("a.csv.gz", "a.parquet.gz"):
        with pytest.raises(InputError, match=f"{name}: "):
            import_files([tmp_path / name], tmp_path / "corpus", OPTIONS)


@pytest.mark.parametrize(
    ("encoding", "at", "of"),
    [
        # The last lies beyond what the format is told by.
        *product(["utf-8", "gb18030", "utf-16", "utf-16-le"], [100, 0, 199], [200]),
        ("utf-8", 15_000, 20_000),
    ],
)
def test_a_byte_that_is_0_rejects_its_row_only(tmp_path: Path, encoding: str, at: int, of: int) -> None:
    rows = [f"2024-01-01 10:00,甲{n},1,我觉得{chr(0) * (n == at)}很好 {n}" for n in range(of)]
    (tmp_path / "a.csv").write_bytes("\n".join([TABLE, *rows]).encode(encoding))
    (report,) = import_files([tmp_path / "a.csv"], tmp_path / "corpus", OPTIONS).reports
    assert (report.read, report.imported, report.rejected) == (of, of - 1, 1)
    assert [row["reason"] for row in read_list(tmp_path / "corpus", store.REJECTED)] == ["not valid Unicode text"]


def test_a_byte_that_is_0_costs_a_count_not_its_row_and_a_run_of_them_the_rows_that_it_stands_for(
    tmp_path: Path,
) -> None:
    rows = "".join(f"2024-01-01 10:00,甲{n},1,我觉得很好 {n}\n" for n in range(200))
    (tmp_path / "a.csv").write_text(f"{TABLE}\n{rows.replace(',1,', ',1' + chr(0) + ',', 1)}", encoding="utf-8")
    data = f"{TABLE}\n{rows}".encode()
    (tmp_path / "b.csv").write_bytes(data[:2_000] + bytes(512) + data[2_512:])
    one, two = import_files([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "corpus", OPTIONS).reports
    assert (one.imported, one.rejected) == (200, 0)
    assert two.rejected == 1
    assert two.read > 185


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_byte_that_is_0_costs_no_other_record_of_json(tmp_path: Path, name: str) -> None:
    lines = "".join(json.dumps(each) + "\n" for each in comments(20)).encode().replace(b"so free", b"so\0free", 1)
    data = lines if name == "a.jsonl" else b"[" + b",".join(lines.splitlines()) + b"]"
    (tmp_path / name).write_bytes(data)
    (report,) = import_files([tmp_path / name], tmp_path / "corpus", OPTIONS).reports
    assert (report.imported, report.reasons) == (19, ("1 not valid Unicode text",))


def test_what_programs_write_for_themselves_is_told_to_be_that(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as base:
        base.execute("create table comments (id text, text text, likes int)")
        said = "so free, and so much of it that it takes a line or two to say " * 4
        base.executemany("insert into comments values (?, ?, ?)", [(f"c{n}", said, n) for n in range(2_000)])
        base.commit()
    (tmp_path / "a.pickle").write_bytes(pickle.dumps(comments(500)))
    (tmp_path / "a.txt").write_bytes("so free".encode("utf-32-le"))
    (tmp_path / "a.sav").write_bytes(b"$FL2@(#) SPSS DATA FILE" + bytes(200))
    for name, said in [
        ("db", "an SQLite database"),
        ("sav", "an SPSS file"),
        ("pickle", "not text"),
        ("txt", "not text"),
    ]:
        with pytest.raises(InputError, match=f"is {said}"):
            import_files([tmp_path / f"a.{name}"], tmp_path / "corpus", OPTIONS)
