"""Any table, with the command saying which column is what: its rows are taken as they are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.corpus.ledger import Ledger, digest
from analysis.corpus.options import ImportOptions
from analysis.corpus.readers.table import Row, read_table
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE, SCHEMA, parse_count, parse_time
from analysis.errors import InputError

#: Columns of the corpus that a file's column may be mapped to.
MAPPABLE = tuple(name for name in SCHEMA.names if name not in {"speaker", "source_file", "source_tool"})
#: Columns that hold ids.
IDS = ("utterance_id", "thread_id", "cluster_id", "parent_id")
_BATCH = 20_000


def table_mapping(path: Path, options: ImportOptions) -> dict[str, str]:
    """Return corpus column -> file column; :class:`InputError` refuses what is not accepted."""
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


class TableIntake:
    """Turns rows into batches of columns and keeps the counts."""

    def __init__(
        self, file: str, mapping: Mapping[str, str], options: ImportOptions, ledger: Ledger, number: int
    ) -> None:
        """Take what holds for the whole file; ``number`` is its place in this import."""
        self.file, self.mapping, self.options, self.ledger, self.number = file, mapping, options, ledger, number
        self.read = self.imported = self.duplicates = self.threadless = 0
        self.reasons: Counter[str] = Counter()
        self.gave_up: Counter[int] = Counter()
        self._occurrences: Counter[tuple[str, str]] = Counter()

    def batches(self, rows: Iterator[Row]) -> Iterator[dict[str, list[Any]]]:
        """Yield batches of columns."""
        kept: list[dict[str, Any]] = []
        for row in rows:
            self.read += 1
            try:
                utterance = self._utterance(row)
            except ValueError as error:
                values = {name: row.cells.get(name) for name in (*self.mapping.values(), *self.options.where)}
                values = values if row.problem is None else {"line": row.cells.get("line")}
                self.reasons[str(error)] += 1
                self.ledger.rejects.append(
                    {"file": self.file, "row": row.number, "reason": str(error), "cells": values}
                )
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
        known, text = self.ledger.text_of(out["utterance_id"]), digest(out["text"])
        if known == text:
            self.duplicates += 1
            self.ledger.duplicates.append({"file": self.file, "row": row.number, "utterance_id": out["utterance_id"]})
            return None
        if known is not None:
            message = f"the id '{out['utterance_id']}' belongs to another text already"
            raise ValueError(message)
        self.ledger.add(out["utterance_id"], text, -1, self.number)
        self.ledger.note(out.get("platform"), thread, out.get("kind"))
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
