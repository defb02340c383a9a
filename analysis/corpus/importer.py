"""From a file that people have to rows of the corpus: every row is imported, rejected with a reason, or a duplicate."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from analysis.corpus import store
from analysis.corpus.readers.table import Row, read_table
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE, SCHEMA, parse_count, parse_time
from analysis.errors import InputError, ParameterError

#: Columns of the corpus that a file's column may be mapped to.
MAPPABLE = tuple(name for name in SCHEMA.names if name not in {"speaker", "source_file", "source_tool"})
_IDS = ("utterance_id", "thread_id", "cluster_id", "parent_id")
_BATCH = 20_000


@dataclass(frozen=True)
class ImportOptions:
    """How a file's rows are to be read.

    Attributes
    ----------
    collection : str
        The name of this gathering of data, which titles and tables show.
    columns : mapping of str to str
        Corpus column to file column. Empty: every column named as in the corpus table is taken.
    constants : mapping of str to str
        Corpus columns that have one value for the whole file (``vantage``, ``origin``, ...).
    where : mapping of str to str
        Keep only rows whose (file) column has this value; the others are rejected, with that as the reason.
    keep_speakers : bool
        Only the project's own quotations keep names (public speakers named by the press).

    """

    collection: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    keep_speakers: bool = False

    def as_record(self) -> dict[str, Any]:
        """Return what decides an import, for ``corpus.json``."""
        return {
            "collection": self.collection,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            "where": dict(self.where),
        }


class Sums(NamedTuple):
    """Rows read = imported + rejected + duplicates."""

    file: str
    read: int
    imported: int
    rejected: int
    duplicates: int
    threadless: int

    def __str__(self) -> str:
        """Return the sum as a line to print."""
        line = (
            f"{self.file}: {self.read:,} rows read = {self.imported:,} imported + {self.rejected:,} rejected "
            f"+ {self.duplicates:,} duplicates"
        )
        if self.threadless:
            line += f"; {self.threadless:,} without a thread, each a cluster of its own"
        return line


def import_file(path: Path, into: Path, options: ImportOptions) -> Sums:
    """Add a file's rows to a corpus; the same file with the same options twice changes nothing.

    Parameters
    ----------
    path : Path
        A table (see :func:`analysis.corpus.readers.table.read_table`).
    into : Path
        The corpus folder; made if it is missing, added to if it is a corpus.
    options : ImportOptions
        Mapping, constants and filter.

    Returns
    -------
    Sums
        Counts that add up to the rows read.

    Raises
    ------
    InputError, ParameterError
        If nothing can be imported; the corpus is then as it was.

    """
    mapping = _mapping(path, options)
    wanted = [*mapping.values(), *options.where]
    table = read_table(path, wanted, [mapping[name] for name in _IDS if name in mapping])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    # A name that is not UTF-8 (unpacked from a Chinese archive, say) holds half characters.
    name = path.name.encode("utf-8", "backslashreplace").decode()
    record = {"name": name, "sha256": digest, **options.as_record()}
    exists = (into / store.INFO).exists()
    if into.exists() and not into.is_dir():
        raise InputError("is a file, not a folder", file=into, accepted=["a new or empty folder", "a corpus"])
    if into.exists() and not exists and any(into.iterdir()):
        raise InputError("the folder is not empty and holds no corpus", file=into, accepted=["a new or empty folder"])
    info = store.read_info(into) if exists else {"files": []}
    for known in info["files"]:
        if {key: known[key] for key in record} == record:
            again = known["read"] - known["rejected"]
            return Sums(name, known["read"], 0, known["rejected"], again, 0)

    seen: dict[str, bytes] = {}
    with store.Writer(into) as writer:
        if exists:
            for batch in store.batches(into):
                writer.write(batch)
                ids, texts = (batch.column(name).to_pylist() for name in ("utterance_id", "text"))
                seen.update(zip(ids, map(_digest, texts), strict=True))
        before = len(seen)
        intake = _Intake(name, mapping, options, seen)
        for columns in intake.batches(table.rows):
            writer.write(pa.table(columns, schema=SCHEMA))
        if intake.read == 0:
            raise InputError("holds a header and no rows", file=path, accepted=["one row or more"])
        counts = {"read": intake.read, "imported": intake.imported, "rejected": len(intake.rejects)}
        files = [*info["files"], {**record, **counts, "duplicates": len(intake.duplicates)}]
        # Rows beyond those that corpus.json counts were left by an import that was broken off.
        told = {name: sum(file[name] for file in info["files"]) for name in ("rejected", "duplicates")}
        lists = {
            store.REJECTED: store.read_list(into, store.REJECTED)[: told["rejected"]] + intake.rejects,
            store.DUPLICATES: store.read_list(into, store.DUPLICATES)[: told["duplicates"]] + intake.duplicates,
        }
        rows = {"rows": before + intake.imported, "rejected": len(lists[store.REJECTED]), "files": files}
        writer.commit(rows, lists)
    return Sums(name, intake.read, intake.imported, len(intake.rejects), len(intake.duplicates), intake.threadless)


def _mapping(path: Path, options: ImportOptions) -> dict[str, str]:
    """Return corpus column -> file column, after refusing what is not accepted."""
    if not options.collection.strip():
        problem = "a collection needs a name"
        raise ParameterError(problem)
    for name, value in options.constants.items():
        if name in ACCEPTED and value not in ACCEPTED[name]:
            raise InputError(f"'{value}' is not known", column=name, accepted=ACCEPTED[name])
    allowed = (*MAPPABLE, "speaker") if options.keep_speakers else MAPPABLE
    mapping = dict(options.columns)
    if not mapping:
        columns = read_table(path).columns
        mapping = {name: name for name in allowed if name in columns and name not in options.constants}
        if "text" not in mapping:
            problem = f"no column is named 'text'; say which one is: --columns text=COLUMN (has: {', '.join(columns)})"
            raise InputError(problem, file=path)
    for name in mapping:
        if name not in allowed:
            problem = "authors are not kept yet" if name == "speaker" else "is no column of the corpus"
            raise InputError(problem, column=name, accepted=allowed)
    if "text" not in mapping:
        raise InputError("the text's column is not mapped", file=path, accepted=["--columns text=COLUMN"])
    return mapping


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


class _Intake:
    """Turns rows into batches of columns and keeps the counts."""

    def __init__(self, file: str, mapping: dict[str, str], options: ImportOptions, seen: dict[str, bytes]) -> None:
        self.file, self.mapping, self.options, self.seen = file, mapping, options, seen
        self.read = self.imported = self.threadless = 0
        self.rejects: list[dict[str, Any]] = []
        self.duplicates: list[dict[str, Any]] = []
        self._occurrences: Counter[tuple[str, str]] = Counter()

    def batches(self, rows: Iterator[Row]) -> Iterator[dict[str, list[Any]]]:
        kept: list[dict[str, Any]] = []
        for row in rows:
            self.read += 1
            try:
                utterance = self._utterance(row)
            except ValueError as error:
                values = {name: row.cells.get(name) for name in (*self.mapping.values(), *self.options.where)}
                values = values if row.problem is None else {"line": row.cells.get("line")}
                self.rejects.append({"file": self.file, "row": row.number, "reason": str(error), "cells": values})
                continue
            if utterance is None:
                continue
            self.imported += 1
            kept.append(utterance)
            if len(kept) == _BATCH:
                yield _columns(kept)
                kept = []
        yield _columns(kept)

    def _utterance(self, row: Row) -> dict[str, Any] | None:
        """Return the row as an utterance, None for a duplicate; ValueError says why it is rejected."""
        if row.problem is not None:
            raise ValueError(row.problem)
        for name, value in self.options.where.items():
            if row.cells.get(name) != value:
                message = f"{name} is not {value}"
                raise ValueError(message)
        cells = {name: row.cells.get(column) for name, column in self.mapping.items()}
        out: dict[str, Any] = {**self.options.constants, **{k: v for k, v in cells.items() if v not in {None, ""}}}
        out["text"] = cells.get("text") or ""
        self._check(out)
        thread = out.get("thread_id")
        if "utterance_id" not in out:
            key = (thread or "", out["text"])
            self._occurrences[key] += 1
            parts = (self.options.collection, *key, str(self._occurrences[key]))
            out["utterance_id"] = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()
        known, digest = self.seen.get(out["utterance_id"]), _digest(out["text"])
        if known == digest:
            self.duplicates.append({"file": self.file, "row": row.number, "utterance_id": out["utterance_id"]})
            return None
        if known is not None:
            message = f"the id '{out['utterance_id']}' belongs to another text already"
            raise ValueError(message)
        self.seen[out["utterance_id"]] = digest
        out.setdefault("cluster_id", thread or out["utterance_id"])
        self.threadless += out["cluster_id"] == out["utterance_id"]
        return out

    def _check(self, out: dict[str, Any]) -> None:
        out.setdefault("collection", self.options.collection)
        out.setdefault("evidence", "verbatim")
        if "origin" not in out and out.get("vantage") in ORIGIN_OF_VANTAGE:
            out["origin"] = ORIGIN_OF_VANTAGE[out["vantage"]]
        for name, accepted in ACCEPTED.items():
            if name in out and out[name] not in accepted:
                message = f"{name} '{out[name]}' is not known (accepted: {', '.join(accepted)})"
                raise ValueError(message)
        for name in ("likes", "replies"):
            if name in out:
                out[name] = parse_count(out[name])
        if "posted_at" in out:
            try:
                out["posted_at"], precision = parse_time(out["posted_at"])
            except (ValueError, OverflowError):
                message = f"posted_at '{out['posted_at']}' is no time (accepted: ISO 8601, Unix seconds)"
                raise ValueError(message) from None
            out.setdefault("time_precision", precision)
        out["source_file"], out["source_tool"] = self.file, "table"


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in SCHEMA.names}
