"""Parquet files put together are, to the byte, the file that one writer makes of the same groups of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.measure.batch import measures_schema, mentions_schema
from analysis.measure.join import join

_KINDS: dict[pa.DataType, list[Any]] = {
    pa.string(): ["a", None, "朝鲜", "x" * 5000],
    pa.float64(): [0.5, float("nan"), None, -1e300],
    pa.int64(): [0, -1, 2**62, None],
    pa.list_(pa.string()): [[], ["so", "free"], None, ["a"] * 50],
    pa.bool_(): [True, False, None],
    pa.binary(16): [b"0123456789abcdef", None],
    pa.float32(): [1.5, None],
    pa.timestamp("us", tz="UTC"): [0, 10**15, None],
    pa.list_(pa.bool_()): [[True, None], []],
}
EVERYTHING = pa.schema([(f"c{number}", kind) for number, kind in enumerate(_KINDS)])
LACKING_A_GROUP = [5, 0, 3]


def table(schema: pa.Schema, rows: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)

    def column(kind: pa.DataType) -> pa.Array:
        values = _KINDS[kind]
        return pa.array([values[i] for i in rng.integers(len(values), size=rows)], kind)

    return pa.table([column(kind) for kind in schema.types], schema=schema)


def write(path: Path, groups: list[pa.Table], **options: Any) -> Path:
    with pq.ParquetWriter(path, groups[0].schema, **options) as file:
        for group in groups:
            file.write_table(group)
    return path


@pytest.mark.parametrize("sizes", [[4], [1, 2, 3], LACKING_A_GROUP, [0], [0, 0, 7], [40] * 14, [40] * 15, [40] * 150])
@pytest.mark.parametrize("each", [1, 3])
@pytest.mark.parametrize("options", [{"compression": "zstd"}, {"compression": "none", "use_dictionary": False}])
def test_it_is_the_file_of_one_writer(tmp_path: Path, sizes: list[int], each: int, options: dict[str, Any]) -> None:
    for number, schema in enumerate((EVERYTHING, mentions_schema())):
        groups = [table(schema, rows, seed) for seed, rows in enumerate(sizes)]
        right = write(tmp_path / f"right{number}", groups, **options)
        starts = range(0, len(groups), each)
        parts = [write(tmp_path / f"{start}", groups[start : start + each], **options) for start in starts]
        join(parts, tmp_path / "joined")
        assert (tmp_path / "joined").read_bytes() == right.read_bytes()


def test_the_schema_keeps_what_is_said_beside_it(tmp_path: Path) -> None:
    schema = measures_schema().with_metadata({"told": "so"})
    groups = [pa.table([pa.nulls(rows, kind) for kind in schema.types], schema=schema) for rows in (30_000, 7)]
    right = write(tmp_path / "right", groups, compression="zstd")
    join([write(tmp_path / str(number), [group], compression="zstd") for number, group in enumerate(groups)], right)
    assert right.read_bytes() == write(tmp_path / "again", groups, compression="zstd").read_bytes()
    assert pq.read_schema(right).metadata[b"told"] == b"so"


def test_groups_of_many_pages_are_no_trouble(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    groups = [pa.table({"a": rng.random(300_000)}) for _ in range(3)]
    right = write(tmp_path / "right", groups, compression="none", data_page_size=1000)
    parts = [write(tmp_path / str(n), [g], compression="none", data_page_size=1000) for n, g in enumerate(groups)]
    join(parts, tmp_path / "joined")
    assert (tmp_path / "joined").read_bytes() == right.read_bytes()


def test_what_has_places_of_another_kind_is_refused(tmp_path: Path) -> None:
    parts = [write(tmp_path / str(n), [table(EVERYTHING, 5, n)], write_page_index=True) for n in range(2)]
    with pytest.raises(NotImplementedError, match="page indexes"):
        join(parts, tmp_path / "joined")
