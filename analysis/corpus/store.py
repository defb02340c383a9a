"""A corpus on disk: one Parquet table, what lies beside it, and a small JSON file that names them.

``corpus.json`` is written last and in one step: until then the folder is what it was before. The other files carry
the hash of their content in their names, so an import that is broken off can leave files that nothing names (the next
import removes them), never half a corpus. One import at a time writes to a folder; a second one is told so.

Beside the table lie ``threads-*.ndjson`` (collected against existing), ``seen-*.parquet`` (row by row when the tool
saw it and which file it came from), ``floods-*.parquet`` (copied texts) and, for people to read, the rejected and the
duplicate rows.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import count, islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.corpus.schema import SCHEMA
from analysis.corpus.whole import VERSION, read_description, require_whole
from analysis.errors import InputError

INFO = "corpus.json"
REJECTED = "rejected.ndjson"
DUPLICATES = "duplicates.ndjson"
#: Row by row of the table: when the tool saw it (Unix milliseconds) and the place of its file in ``corpus.json``;
#: -1 where that is not known.
CRAWLED = "crawled"
SEEN = pa.schema([pa.field(CRAWLED, pa.int64()), pa.field("file", pa.int32())])
_BATCH = 20_000
_CHUNK = 2**20
_TEMPORARY = ".writing-*"
#: What only ``corpus.json`` makes part of a corpus.
_NAMED = ("corpus-*.parquet", "threads-*.ndjson", "seen-*.parquet", "floods-*.parquet")


def read_info(folder: Path) -> dict[str, Any]:
    """Return what ``corpus.json`` says: rows, rejected, content hash, and the files that were read.

    Raises
    ------
    InputError
        If the folder is missing or holds no corpus.

    """
    path = folder / INFO
    if not path.is_file():
        problem = "no such folder" if not folder.exists() else f"holds no {INFO}"
        accepted = ["quotations", "a folder that 'vantage import FILE --into FOLDER' made"]
        raise InputError(f"no corpus here: {problem}", file=folder, accepted=accepted)
    return read_description(path)


def table_path(folder: Path) -> Path:
    """Return the Parquet file of a corpus, after a look whether its bytes are what the import wrote."""
    info = read_info(folder)
    return require_whole(folder / info["table"], info["content"])


def read_corpus(folder: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a corpus as a table; see :data:`analysis.corpus.schema.SCHEMA` for its columns."""
    return pq.read_table(table_path(folder), columns=columns).to_pandas()


def batches(folder: Path, columns: list[str] | None = None, rows: int = _BATCH) -> Iterator[pa.RecordBatch]:
    """Stream a corpus, so that memory does not grow with it."""
    yield from pq.ParquetFile(table_path(folder)).iter_batches(batch_size=rows, columns=columns)


def batches_seen(folder: Path) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Stream a corpus with, beside each batch, when its rows were crawled and which file they are of."""
    path = folder / read_info(folder).get("seen", "seen.parquet")
    with ExitStack() as stack:
        try:
            # Where it is damaged or gone, nothing is known of when rows were crawled; the next import writes it anew.
            seen = stack.enter_context(pq.ParquetFile(require_whole(path)))
        except (InputError, pa.ArrowException, OSError):
            seen = None
        known = seen is not None and seen.metadata.num_rows == read_info(folder)["rows"]
        told = _SeenStream(seen.iter_batches(batch_size=_BATCH)) if known else None
        for batch in batches(folder):
            unknown = np.full(batch.num_rows, -1)
            yield batch, told.take(batch.num_rows) if told else pa.table([unknown, unknown], schema=SEEN)


def stream_threads(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield collected against existing, a row a thread.

    Yields
    ------
    dict
        ``thread_id``, ``platform``, ``said`` (how many comments the platform said there were; None where no file
        tells) and ``collected`` (how many comments the corpus holds), sorted by platform and thread.

    """
    if (path := _beside(folder, "threads")) is not None:
        yield from _rows_of(path)


def read_threads(folder: Path) -> list[dict[str, Any]]:
    """Return collected against existing as a list (see :func:`stream_threads`)."""
    return list(stream_threads(folder))


def read_floods(folder: Path) -> pd.DataFrame:
    """Return which utterances are copies of one text; see :func:`analysis.corpus.floods.find_floods`.

    Returns
    -------
    DataFrame
        ``utterance_id`` and ``flood`` (a number, the same for all copies), in the order of the corpus; no rows where
        the corpus was made before floods were marked.

    """
    path = _beside(folder, "floods")
    empty = {"utterance_id": pd.Series(dtype=str), "flood": pd.Series(dtype="int32")}
    return pd.DataFrame(empty) if path is None else pq.read_table(path).to_pandas()


def _beside(folder: Path, name: str) -> Path | None:
    """Return a file that ``corpus.json`` names, whole; None where the corpus was made before there were such."""
    file = read_info(folder).get(name)
    return None if file is None else require_whole(folder / file)


def read_list(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rejected or the duplicate rows of a corpus; none where there is no corpus yet.

    Rows beyond those that ``corpus.json`` counts were left by an import that was broken off, and are not its.
    """
    path = folder / name
    return list(islice(_rows_of(path), _told(folder, name))) if path.exists() else []


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


def _told(folder: Path, name: str) -> int:
    """Return how many rows of a list are the corpus's own."""
    field = "rejected" if name == REJECTED else "duplicates"
    return sum(file[field] for file in read_info(folder)["files"]) if (folder / INFO).exists() else 0


def sweep(folder: Path) -> bool:
    """Remove what an import that was killed left; tell whether anything is in the folder that is no corpus's."""
    info = read_info(folder) if (folder / INFO).exists() else {}
    named = {info.get(name) for name in ("table", "threads", "seen", "floods")}
    for old in (path for pattern in (_TEMPORARY, *_NAMED) for path in folder.glob(pattern)):
        if old.name not in named:
            with suppress(PermissionError):  # Windows: somebody reads it; the next import removes it
                old.unlink()
    if not info:
        for name in (REJECTED, DUPLICATES):
            (folder / name).unlink(missing_ok=True)
    return any(folder.iterdir())


class _SeenStream:
    """Takes so many rows at a time from a stream of batches."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches, self._left = batches, SEEN.empty_table()

    def take(self, number: int) -> pa.Table:
        while self._left.num_rows < number:
            self._left = pa.concat_tables([self._left, pa.Table.from_batches([next(self._batches)])])
        taken, self._left = self._left.slice(0, number), self._left.slice(number)
        return taken


class Rows:
    """A list that goes to disk line by line, after those rows of an older one that count."""

    def __init__(self, path: Path, old: Path, keep: int) -> None:
        """Open ``path`` and put the first ``keep`` lines of ``old`` into it."""
        self.path, self.number = path, 0
        self._file = path.open("wb")
        if keep and old.is_file():
            with old.open("rb") as lines:
                for line in islice(lines, keep):
                    self._file.write(line if line.endswith(b"\n") else line + b"\n")
                    self.number += 1

    def append(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self._file.write(_line(row))
        self.number += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Writer:
    """Write rows to a new table beside the old one; nothing counts before :meth:`commit`.

    Use it as a context manager: leaving it without a commit removes what was written.

    Attributes
    ----------
    lists : dict of str to Rows
        The rejected and the duplicate rows, to be added to.

    """

    def __init__(self, folder: Path) -> None:
        """Open temporary files in ``folder``, which is made if it is missing."""
        self.folder = folder
        self._made = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._before = _text_of(folder / INFO)
        self._parquet = {"table": self._new("table", SCHEMA)}
        self.lists = {
            name: Rows(self._place(name), folder / name, _told(folder, name)) for name in (REJECTED, DUPLICATES)
        }

    def _place(self, name: str) -> Path:
        return self.folder / f".writing-{os.getpid()}-{name}"

    def _new(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        return pq.ParquetWriter(self._place(name), schema, compression="zstd")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was not committed."""
        self._close()
        for left in self.folder.glob(f".writing-{os.getpid()}-*"):
            left.unlink()
        for place in self._made:
            if not any(place.iterdir()):
                place.rmdir()

    def _close(self) -> None:
        for file in (*self._parquet.values(), *self.lists.values()):
            file.close()

    def write(self, batch: pa.Table | pa.RecordBatch, seen: pa.Table | None = None) -> None:
        """Add rows of the corpus schema and, as long as every call has them, when they were crawled (``SEEN``)."""
        if batch.num_rows:
            self._parquet["table"].write(batch)
        if seen is not None:
            if "seen" not in self._parquet:
                self._parquet["seen"] = self._new("seen", SEEN)
            if seen.num_rows:
                self._parquet["seen"].write(seen)

    def drop(self, rows: Sequence[int]) -> None:
        """Leave out rows that were written before, counted from 0: a newer crawl of them came in."""
        if not rows:
            return
        gone = np.unique(np.asarray(rows))
        for name, open_file in self._parquet.items():
            open_file.close()
            whole = self._place(name).replace(self._place("whole"))
            self._parquet[name] = self._new(name, open_file.schema)
            first = 0
            with pq.ParquetFile(whole) as file:
                for batch in file.iter_batches(batch_size=_BATCH):
                    begin, end = np.searchsorted(gone, [first, first + batch.num_rows])
                    keep = np.ones(batch.num_rows, dtype=bool)
                    keep[gone[begin:end] - first] = False
                    first += batch.num_rows
                    if keep.any():
                        self._parquet[name].write(batch.filter(pa.array(keep)))
            whole.unlink()

    def written(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        """Stream columns of what was written; nothing can be added after that."""
        self._parquet["table"].close()
        with pq.ParquetFile(self._place("table")) as file:
            yield from file.iter_batches(batch_size=_BATCH, columns=columns)

    def commit(
        self, info: dict[str, Any], threads: Iterable[dict[str, Any]], floods: pa.RecordBatchReader | None = None
    ) -> None:
        """Put the table, what lies beside it and, last, ``corpus.json`` in place.

        Parameters
        ----------
        info : dict
            What ``corpus.json`` is to say beside the names of files and the table's hash.
        threads : iterable of dict
            Collected against existing, a row a thread (see :func:`read_threads`).
        floods : RecordBatchReader or None
            Which rows are copies of one text (see :func:`read_floods`); None where that was not looked for.

        Raises
        ------
        InputError
            If another import changed the folder meanwhile; it is left as that one made it.

        """
        self._close()
        with self._place("threads").open("wb") as file:
            file.writelines(map(_line, threads))
        if floods is not None:
            with self._new("floods", floods.schema) as file:
                for batch in floods:
                    file.write(batch)
        if _text_of(self.folder / INFO) != self._before or not self._place("table").exists():
            problem = "another import changed this corpus meanwhile; nothing of this one is kept; import again"
            raise InputError(problem, file=self.folder)
        content = _sha256(self._place("table"))
        named = {"table": f"corpus-{content[:12]}.parquet"}
        named["threads"] = f"threads-{_sha256(self._place('threads'))[:12]}.ndjson"
        beside = (name for name in ("seen", "floods") if self._place(name).exists())
        named |= {name: f"{name}-{_sha256(self._place(name))[:12]}.parquet" for name in beside}
        for name, final in (*named.items(), (REJECTED, REJECTED), (DUPLICATES, DUPLICATES)):
            os.replace(self._place(name), self.folder / final)
        whole = {"version": VERSION, "content": content, **named, **info}
        replace_text(self.folder / INFO, json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
        sweep(self.folder)


def _line(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, sort_keys=True) + "\n").encode()


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a text file in one step: a reader sees the old one or the new one."""
    temporary = path.with_name(f".writing-{os.getpid()}-{path.name}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
