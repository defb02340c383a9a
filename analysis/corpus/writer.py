"""Writing a corpus: beside the old one, and into its place in one step.

Of what is in the folder only that is replaced or removed which ``corpus.json`` names, with the hash that it says.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import disk
from analysis.corpus.schema import SCHEMA
from analysis.corpus.store import DUPLICATES, INFO, NAMED, OPENED, PARTS, REJECTED, SAMPLE, SEEN, read_info
from analysis.corpus.whole import VERSION
from analysis.disk import LOG
from analysis.errors import InputError

_BATCH = 20_000
#: In a duplicate row that took the place of an older one of another file: that file's place in ``corpus.json``, which
#: counts the duplicate. All others are counted in their own file.
COUNTED = "counted"
#: Each list, and the count of its rows in the record of a file.
_LISTS = {REJECTED: "rejected", DUPLICATES: "duplicates"}


def require_place(folder: Path) -> None:
    """Refuse a folder that holds something and no corpus; nothing is touched.

    Raises
    ------
    InputError
        If it is a file, or not empty and no corpus.

    """
    accepted = ["a new or empty folder", "a corpus"]
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, not a folder", file=folder, accepted=accepted)
    if not folder.exists() or (folder / INFO).exists() or disk.is_pending(folder):
        return
    if not all(disk.is_ours(path) for path in folder.iterdir()):
        raise InputError("the folder is not empty and holds no corpus", file=folder, accepted=accepted)


class Rows:
    """A list that goes to disk line by line, after those rows of an older one that count."""

    def __init__(self, path: Path, old: Path | None, keep: int) -> None:
        """Open ``path`` and put the first ``keep`` lines of ``old`` into it, if there is one."""
        self.path, self.number = path, 0
        self._file = path.open("wb")
        if keep and old is not None and old.is_file():
            with old.open("rb") as lines:
                for line in islice(lines, keep):
                    self._file.write(line if line.endswith(b"\n") else line + b"\n")
                    self.number += 1

    def append(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self._file.write(_line(row))
        self.number += 1

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows."""
        self._file.flush()
        with self.path.open("rb") as lines:
            yield from map(json.loads, lines)

    def sift(self, rows: Iterator[dict[str, Any]]) -> None:
        """Put others in the place of the rows, which they may be made of."""
        after = Rows(self.path.with_name(f"{self.path.name}-sifted"), None, 0)
        for row in rows:
            after.append(row)
        after.close()
        self.close()
        os.replace(after.path, self.path)
        self._file, self.number = self.path.open("ab"), after.number

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Writer:
    """Write rows to a new table beside the old one; nothing counts before :meth:`commit`.

    Use it as a context manager: it holds the folder against other writers, finishes what an import that was killed
    had begun to put in place, and leaving it without a commit removes what was written.

    Parameters
    ----------
    folder : Path
        It is made, if it is missing, on entering.
    source : Path, optional
        The corpus that it is made from, if that is another: the records of its files and its lists are taken over.

    Attributes
    ----------
    info : dict
        What the corpus said before; no ``files`` where there was none.
    lists : dict of str to Rows
        The rejected and the duplicate rows, to be added to.

    Raises
    ------
    InputError
        On entering, of :func:`require_place`; nothing is touched then.

    """

    def __init__(self, folder: Path, source: Path | None = None) -> None:
        """Name the folder, and what it is made from."""
        self.folder, self.source = folder, source or folder
        self._parquet: dict[str, pq.ParquetWriter] = {}
        self.lists: dict[str, Rows] = {}

    def _place(self, name: str) -> Path:
        return self._temporary / name

    def _new(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        return pq.ParquetWriter(self._place(name), schema, compression="zstd")

    def __enter__(self) -> Self:
        """Wait for the folder, mend it, and open temporary files."""
        require_place(self.folder)
        with ExitStack() as stack:
            stack.enter_context(disk.naming(self.folder))
            stack.enter_context(disk.locked(self.folder))
            disk.mend(self.folder)
            require_place(self.folder)
            self.info = read_info(self.source) if (self.source / INFO).exists() else {"files": []}
            if self.source != self.folder:  # its files are not to be replaced
                self.info = {name: value for name, value in self.info.items() if name not in {*PARTS, "previous"}}
            self._temporary = stack.enter_context(disk.scratch(self.folder))
            stack.callback(self._abandon)
            self._parquet["table"] = self._new("table", SCHEMA)
            self._strange = {name for name in _LISTS if self._is_strange(name)}
            for name, count in _LISTS.items():
                old = None if name in self._strange else self.source / name
                self.lists[name] = Rows(self._place(name), old, sum(file[count] for file in self.info["files"]))
            self._held = stack.pop_all()
        return self

    def _is_strange(self, name: str) -> bool:
        """Tell whether a list is not the one that the last import wrote: it is kept then, under another name."""
        path, known = self.source / name, self.info.get("lists", {}).get(name)
        return known is not None and path.exists() and disk.sha256(path) != known

    def __exit__(self, *error: object) -> None:
        """Remove what was not committed."""
        self._held.__exit__(*error)

    def _close(self) -> None:
        for file in (*self._parquet.values(), *self.lists.values()):
            file.close()

    def _abandon(self) -> None:
        for file in (*self._parquet.values(), *self.lists.values()):
            with suppress(OSError):  # a full disk; what is closed here was not committed, or is closed already
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
            with pq.ParquetFile(whole, pre_buffer=False) as file:
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
        with pq.ParquetFile(self._place("table"), pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=_BATCH, columns=columns)

    def commit(
        self,
        info: dict[str, Any],
        threads: Iterable[dict[str, Any]],
        text_duplicates: pa.RecordBatchReader | None = None,
    ) -> None:
        """Put the table, what lies beside it and, last, ``corpus.json`` in place.

        Parameters
        ----------
        info : dict
            What ``corpus.json`` is to say beside the names of files and the table's hash.
        threads : iterable of dict
            Collected against existing, a row a thread (`analysis.corpus.store.read_threads`).
        text_duplicates : RecordBatchReader or None
            Which rows are copies of one text (`analysis.corpus.store.read_text_duplicates`); None where that was not
            looked for.

        Raises
        ------
        InputError
            If a file that is not the corpus's stands where one is to go.

        """
        self._close()
        with self._place("threads").open("wb") as file:
            file.writelines(map(_line, threads))
        if text_duplicates is not None:
            with self._new("text_duplicates", text_duplicates.schema) as file:
                for batch in text_duplicates:
                    file.write(batch)
        beside = ("threads", *(name for name in ("seen", "text_duplicates") if self._place(name).exists()))
        hashes = {name: disk.sha256(self._place(name)) for name in ("table", *beside)}
        named = {"table": f"corpus-{hashes['table'][:12]}.parquet"}
        named |= {name: f"{name}-{hashes[name][:12]}.{'ndjson' if name == 'threads' else 'parquet'}" for name in beside}
        moves = {name: self.folder / final for name, final in named.items()}
        older = {*self.info.get("previous", {}).values(), *(self.info[part] for part in PARTS if part in self.info)}
        for final in moves.values():
            if final.exists() and final.name not in older and not _is_what_it_says(final):
                raise InputError("is in the way and does not belong to this corpus; move it elsewhere", file=final)
        for name in self.lists:
            if name in self._strange:
                moves |= self._keep_strange(name)
            moves[name] = self.folder / name
        before = {part: self.info[part] for part in OPENED if part in self.info}
        whole = {"version": VERSION, "content": hashes["table"], **named, **info}
        whole["lists"] = {name: disk.sha256(self._place(name)) for name in self.lists}
        if before:
            whole["previous"] = before
        if SAMPLE in self.info:
            whole[SAMPLE] = self.info[SAMPLE]
        text = json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        self._place(INFO).write_text(text, encoding="utf-8", newline="\n")
        moves[INFO] = self.folder / INFO
        # Who reads has the old table open, perhaps: it stays until the next commit.
        gone = [self.folder / Path(name).name for name in sorted(older - {*named.values(), *before.values()})]
        disk.commit(self._temporary, moves, [path for path in gone if _is_what_it_says(path)])
        self._tell_strangers({*named.values(), *before.values()})

    def _keep_strange(self, name: str) -> dict[str, Path]:
        found = disk.sha256(self.source / name)[:12]
        kept = self.folder / f"{Path(name).stem}-{found}.ndjson"
        shutil.copyfile(self.source / name, self._place(kept.name))
        LOG.warning("%s: was changed since the last import; kept as %s", self.source / name, kept.name)
        return {kept.name: kept}

    def _tell_strangers(self, known: set[str]) -> None:
        found = sorted(path.name for pattern in NAMED for path in self.folder.glob(pattern))
        strange = [name for name in found if name not in known]
        if strange:
            LOG.warning("%s: left alone, since it does not belong to this corpus: %s", self.folder, ", ".join(strange))


def _line(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, sort_keys=True) + "\n").encode()


def _is_what_it_says(path: Path) -> bool:
    """Tell whether a file has the bytes whose hash is in its name."""
    return path.is_file() and disk.sha256(path)[:12] == path.stem.rpartition("-")[2]
