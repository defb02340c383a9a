"""A corpus on disk: one Parquet table, its rejected rows, and a small JSON file that names both.

``corpus.json`` is written last and in one step: until then the folder is what it was before. The table's file
name carries the hash of its content, so an interrupted import can leave a file that nothing names, never half a
corpus.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.corpus.schema import SCHEMA
from analysis.errors import InputError

INFO = "corpus.json"
REJECTED = "rejected.ndjson"
DUPLICATES = "duplicates.ndjson"
_VERSION = 1


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
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
        known = info["version"] == _VERSION and isinstance(info["table"], str)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("is not a corpus description", file=path, accepted=[f"version {_VERSION}"]) from error
    if not known or not (folder / info["table"]).is_file():
        raise InputError("does not describe the files beside it", file=path, accepted=[f"version {_VERSION}"])
    return info


def table_path(folder: Path) -> Path:
    """Return the Parquet file of a corpus."""
    return folder / read_info(folder)["table"]


def read_corpus(folder: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a corpus as a table; see :data:`analysis.corpus.schema.SCHEMA` for its columns."""
    return pq.read_table(table_path(folder), columns=columns).to_pandas()


def batches(folder: Path, columns: list[str] | None = None, rows: int = 20_000) -> Iterator[pa.RecordBatch]:
    """Stream a corpus, so that memory does not grow with it."""
    yield from pq.ParquetFile(table_path(folder)).iter_batches(batch_size=rows, columns=columns)


class Writer:
    """Write rows to a new table beside the old one; nothing counts before :meth:`commit`.

    Use it as a context manager: leaving it without a commit removes what was written.
    """

    def __init__(self, folder: Path) -> None:
        """Open a temporary table in ``folder``, which is made if it is missing."""
        self.folder = folder
        self._made = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._temporary = folder / f".writing-{os.getpid()}.parquet"
        self._parquet = pq.ParquetWriter(self._temporary, SCHEMA, compression="zstd")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was not committed."""
        self._parquet.close()
        self._temporary.unlink(missing_ok=True)
        for place in self._made:
            if not any(place.iterdir()):
                place.rmdir()

    def write(self, batch: pa.Table | pa.RecordBatch) -> None:
        """Add rows of the corpus schema."""
        if batch.num_rows:
            self._parquet.write(batch)

    def drop(self, rows: set[int]) -> None:
        """Leave out rows that were written before, counted from 0: a newer crawl of them came in."""
        if not rows:
            return
        self._parquet.close()
        whole = self._temporary
        self._temporary = whole.with_suffix(".kept")
        self._parquet = pq.ParquetWriter(self._temporary, SCHEMA, compression="zstd")
        first = 0
        try:
            with pq.ParquetFile(whole) as file:
                for batch in file.iter_batches(batch_size=20_000):
                    keep = [row not in rows for row in range(first, first + batch.num_rows)]
                    self.write(batch.filter(pa.array(keep)))
                    first += batch.num_rows
        finally:
            whole.unlink()

    def commit(
        self, info: dict[str, Any], lists: dict[str, list[dict[str, Any]]], threads: list[dict[str, Any]]
    ) -> None:
        """Put the table, what lies beside it and, last, ``corpus.json`` in place.

        Parameters
        ----------
        info : dict
            What ``corpus.json`` is to say beside the version, the table's name and its hash.
        lists : dict of str to list of dict
            File name (:data:`REJECTED`, :data:`DUPLICATES`) to every row that it is to hold.
        threads : list of dict
            Collected against existing, a row a thread (see :func:`read_threads`).

        """
        self._parquet.close()
        content = hashlib.sha256(self._temporary.read_bytes()).hexdigest()
        table = f"corpus-{content[:12]}.parquet"
        os.replace(self._temporary, self.folder / table)
        for name, rows in lists.items():
            replace_text(self.folder / name, _lines(rows))
        lines = _lines(threads)
        beside = f"threads-{hashlib.sha256(lines.encode()).hexdigest()[:12]}.ndjson"
        replace_text(self.folder / beside, lines)
        whole = {"version": _VERSION, "table": table, "content": content, "threads": beside, **info}
        replace_text(self.folder / INFO, json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
        for old in (*self.folder.glob("corpus-*.parquet"), *self.folder.glob("threads-*.ndjson")):
            if old.name not in {table, beside}:
                old.unlink()


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)


def read_threads(folder: Path) -> list[dict[str, Any]]:
    """Return collected against existing, a row a thread.

    Returns
    -------
    list of dict
        ``thread_id``, ``platform``, ``said`` (how many comments the platform said there were; None where no file
        tells) and ``collected`` (how many comments the corpus holds), sorted by platform and thread.

    """
    return read_list(folder, read_info(folder).get("threads", "threads.ndjson"))


def read_list(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rejected or the duplicate rows of a corpus; none where there is no corpus yet."""
    path = folder / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def replace_text(path: Path, text: str) -> None:
    """Write a text file in one step: a reader sees the old one or the new one."""
    temporary = path.with_name(f".writing-{os.getpid()}-{path.name}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
