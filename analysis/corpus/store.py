"""A corpus on disk: one Parquet table, what lies beside it, and a small JSON file that names them.

``corpus.json`` is written last and in one step: until then the folder is what it was before. The other files carry
the hash of their content in their names, and those of the corpus before this one stay until the next import, so that
whoever reads them meanwhile is not disturbed. :mod:`analysis.corpus.writer` writes them.

Beside the table lie ``threads-*.ndjson`` (collected against existing), ``seen-*.parquet`` (row by row when the tool
saw it and which file it came from), ``text_duplicates-*.parquet`` (texts that stand in several utterances) and, for
people to read, the rejected and the duplicate rows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import disk
from analysis.corpus.codes import bring_coding
from analysis.corpus.whole import AGAIN, MISSING, read_description, require_whole
from analysis.errors import InputError

INFO = "corpus.json"
REJECTED = "rejected.ndjson"
DUPLICATES = "duplicates.ndjson"
#: Where ``corpus.json`` says that the corpus is a sample, and of which (:mod:`analysis.corpus.sample`).
SAMPLE = "sample"
#: Row by row of the table: when the tool saw it (Unix milliseconds) and the place of its file in ``corpus.json``;
#: -1 where that is not known.
CRAWLED = "crawled"
SEEN = pa.schema([pa.field(CRAWLED, pa.int64()), pa.field("file", pa.int32())])
#: So many rows are read, and measured, at a time.
BATCH = 20_000
_GROUPS = 2
#: What only ``corpus.json`` makes part of a corpus: anything else that is called so is named, and left alone.
NAMED = ("corpus-*.parquet", "threads-*.ndjson", "seen-*.parquet", "text_duplicates-*.parquet")
PARTS = ("table", "threads", "seen", "text_duplicates")
#: What whoever reads a corpus opens; the others are an import's alone.
OPENED = ("table", "threads", "text_duplicates")


def read_info(folder: Path | str) -> dict[str, Any]:
    """Return what ``corpus.json`` says: rows, rejected, content hash, and the files that were read.

    Raises
    ------
    InputError
        If the folder is missing or holds no corpus.

    """
    folder = Path(folder)
    path = folder / INFO
    if not path.is_file():
        problem = "no such folder" if not folder.exists() else f"holds no {INFO}"
        accepted = ["quotations", "a folder that 'vantage import FILE --into FOLDER' made"]
        raise InputError(f"no corpus here: {problem}", file=folder, accepted=accepted)
    return read_description(path)


def table_path(folder: Path, told: Path | None = None) -> Path:
    """Return the Parquet file of a corpus whose bytes are what the import wrote.

    Raises
    ------
    InputError
        If they are not; it names the file in ``told``, where ``folder`` is a copy of that.

    """
    info = read_info(folder)
    return require_whole(folder / info["table"], info["content"], (told or folder) / info["table"])


def read_corpus(folder: Path | str, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a corpus as a table; see :data:`analysis.corpus.schema.SCHEMA` for its columns."""
    return pq.read_table(table_path(Path(folder)), columns=columns).to_pandas()


def batches(folder: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Stream a corpus, so that memory does not grow with it."""
    # What is read ahead stays in memory to the end: in compressed form the whole file.
    yield from pq.ParquetFile(table_path(folder), pre_buffer=False).iter_batches(batch_size=BATCH, columns=columns)


class Rows:
    """Any rows of a Parquet table: a few of its groups of rows are in memory at a time.

    Parameters
    ----------
    table : Path
    columns : sequence of str, optional
        Default: all.

    """

    def __init__(self, table: Path, columns: Sequence[str] | None = None) -> None:
        """Open the table."""
        self._file = pq.ParquetFile(table)
        self.schema, told = self._file.schema_arrow, self._file.metadata
        self.ends = np.cumsum([told.row_group(number).num_rows for number in range(told.num_row_groups)])
        wanted = None if columns is None else list(columns)
        self.group = lru_cache(_GROUPS)(lambda number: self._file.read_row_group(number, columns=wanted))

    def take(self, start: int, stop: int) -> pa.Table:
        """Return the rows from ``start`` up to, and without, ``stop``."""
        first, last = np.searchsorted(self.ends, (start, stop - 1), side="right").tolist()
        table = pa.concat_tables([self.group(number) for number in range(first, last + 1)])
        return table.slice(start - (int(self.ends[first - 1]) if first else 0), stop - start)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def batches_seen(folder: Path) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Stream a corpus with, beside each batch, when its rows were crawled and which file they are of."""
    path = folder / read_info(folder).get("seen", "")
    with ExitStack() as stack:
        try:
            # Where it is damaged or gone, nothing is known of when rows were crawled; the next import writes it anew.
            seen = stack.enter_context(pq.ParquetFile(require_whole(path), pre_buffer=False))
        except (InputError, pa.ArrowException, OSError):
            seen = None
        known = seen is not None and seen.metadata.num_rows == read_info(folder)["rows"]
        told = _SeenStream(seen.iter_batches(batch_size=BATCH)) if known else None
        for batch in batches(folder):
            unknown = np.full(batch.num_rows, -1)
            yield batch, told.take(batch.num_rows) if told else pa.table([unknown, unknown], schema=SEEN)


def stream_threads(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield collected against existing, a row a thread.

    Yields
    ------
    dict
        ``thread_id``, ``platform``, ``platform_comment_count`` (None where no file tells) and ``collected`` (how many
        comments the corpus holds), sorted by platform and thread.

    """
    if (path := _part(folder, "threads")) is not None:
        yield from _rows_of(path)


def read_threads(folder: Path) -> list[dict[str, Any]]:
    """Return collected against existing as a list (see :func:`stream_threads`)."""
    return list(stream_threads(folder))


def read_text_duplicates(folder: Path) -> pd.DataFrame:
    """Return which utterances have one text (:func:`analysis.corpus.text_duplicates.find_text_duplicates`).

    Returns
    -------
    DataFrame
        ``utterance_id`` and ``duplicate_group`` (a number, the same for all copies), in the order of the corpus; no
        rows for a constructed corpus, in which nobody looked for them.

    """
    path = _part(folder, "text_duplicates")
    empty = {"utterance_id": pd.Series(dtype=str), "duplicate_group": pd.Series(dtype="int32")}
    return pd.DataFrame(empty) if path is None else pq.read_table(path).to_pandas()


def _part(folder: Path, name: str) -> Path | None:
    """Return a file that ``corpus.json`` names, whole; None where it names none."""
    file = read_info(folder).get(name)
    return None if file is None else require_whole(folder / file)


def _rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number in count(1):
            try:
                if not (line := file.readline()):
                    return
                row = json.loads(line)
            except ValueError as error:
                raise InputError("is damaged", file=path, row=number, accepted=["the file as it was"]) from error
            yield row


def pin(folder: Path, into: Path) -> dict[str, Any]:
    """Have the corpus as it is now in a second folder, where no later import reaches it; return what it says.

    Its files, and what people coded of it, are linked, or copied where links cannot be.

    Raises
    ------
    InputError
        If one is gone, or its bytes are not what the import wrote.

    """
    while True:
        info = read_info(folder)
        into.mkdir(parents=True)
        try:
            for part in OPENED:
                if (name := info.get(part)) is not None:
                    disk.bring(folder / name, into / name)
                    require_whole(into / name, info["content"] if part == "table" else None, folder / name)
        except FileNotFoundError as error:
            shutil.rmtree(into)
            # Two imports were committed meanwhile; what is missing for another reason is missing again.
            if read_info(folder) != info:
                continue
            raise InputError(MISSING, file=folder / name, accepted=AGAIN) from error
        bring_coding(folder, into)
        (into / INFO).write_text(json.dumps(info), encoding="utf-8")
        return info


class _SeenStream:
    """Takes so many rows at a time from a stream of batches."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches, self._left = batches, SEEN.empty_table()

    def take(self, number: int) -> pa.Table:
        while self._left.num_rows < number:
            self._left = pa.concat_tables([self._left, pa.Table.from_batches([next(self._batches)])])
        taken, self._left = self._left.slice(0, number), self._left.slice(number)
        return taken
