"""What becomes of a file's rows, whatever it is: batches of columns, and each row counted and listed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from analysis.corpus.clean import without_values
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.options import ImportOptions
from analysis.corpus.privacy import Pseudonyms
from analysis.corpus.rules import Rules
from analysis.corpus.schema import SCHEMA
from analysis.corpus.store import CRAWLED
from analysis.corpus.writer import COUNTED

BATCH = 20_000


def hashed(*parts: str) -> str:
    """Return the id that is made of what a row says."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()


class Intake:
    """Turns the rows of one file into batches of columns.

    Attributes
    ----------
    read, imported, duplicates, threadless : int
        Rows; those without a thread are clusters of their own.
    reasons : Counter of str
        Why rows were rejected, without what is said in them.
    gave_up : Counter of int
        How many rows a newer crawl took from each file, by the file's number.

    """

    def __init__(
        self, number: int, index: ImportIndex, rules: Rules, pseudonyms: Pseudonyms, options: ImportOptions
    ) -> None:
        """Take what holds for the whole file; ``number`` is its place among all that the corpus was made of."""
        self.number, self.index, self.rules, self.pseudonyms, self.options = number, index, rules, pseudonyms, options
        self.read = self.imported = self.duplicates = self.threadless = 0
        self.reasons: Counter[str] = Counter()
        self.gave_up: Counter[int] = Counter()

    def batches(self, found: Iterable[Any]) -> Iterator[dict[str, list[Any]]]:
        """Yield batches of columns."""
        kept: list[dict[str, Any]] = []
        for row in self._utterances(found):
            self.imported += 1
            kept.append(row)
            if len(kept) >= BATCH:
                yield _columns(kept)
                kept = []
        yield _columns(kept)

    def _utterances(self, found: Iterable[Any]) -> Iterator[dict[str, Any]]:
        raise NotImplementedError

    def _reject(self, file: str, row: int, reason: str, name: str | None = None) -> None:
        """Enter a rejected row: its place, the reason and its id; never its words, nor who wrote them."""
        self.reasons[without_values(reason)] += 1
        entry: dict[str, Any] = {"file": file, "row": row, "reason": reason}
        self.index.rejects.append(entry if name is None else {**entry, "utterance_id": name})

    def _replaces(self, file: str, row: int, name: str, crawled: int) -> bool:
        """Tell whether a row takes the place of one with its id; either way one of the two is a duplicate."""
        from_file = self.index.supersede(name, crawled)
        elsewhere = {} if from_file in {None, self.number} else {COUNTED: from_file}
        self.index.duplicates.append({"file": file, "row": row, "utterance_id": name, **elsewhere})
        if from_file is None:
            self.duplicates += 1
            return False
        self.gave_up[from_file] += 1
        return True


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in (*SCHEMA.names, CRAWLED)}
