"""What a corpus holds already, and the books of an import: every row is imported, rejected or a duplicate."""

from __future__ import annotations

import hashlib
from array import array
from pathlib import Path
from typing import Any

from analysis.corpus import store

_READ = ["utterance_id", "text", "platform", "thread_id", "kind", "vantage", "speaker", "cluster_id"]
_UNKNOWN = -1


def digest(text: str) -> int:
    """Return 64 bits of a text's hash: texts are compared, never kept."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class Thread:
    """What a thread holds, and what the platform said there was."""

    __slots__ = ("collected", "said")

    def __init__(self, collected: int = 0, said: int | None = None) -> None:
        """Start with nothing collected and nothing said."""
        self.collected, self.said = collected, said


class Ledger:
    """Ids, texts, threads and speakers of a corpus, in little memory, and the lists beside it.

    Attributes
    ----------
    superseded : set of int
        Rows (counted over the whole corpus) of which a newer crawl came in.
    threads : dict of (platform, thread) to Thread
    uploaders : dict of (platform, thread) to str
        The pseudonym of who posted a video.
    accounts : dict of (platform, pseudonym) to str
        The cluster of a vlogger's account: its number in the corpus, since no id may depend on the key.

    """

    def __init__(self) -> None:
        """Start empty."""
        self.rows: dict[str, int] = {}
        self._digests, self._crawled, self._files = array("Q"), array("q"), array("i")
        self.superseded: set[int] = set()
        self.threads: dict[tuple[str | None, str], Thread] = {}
        self.uploaders: dict[tuple[str | None, str], str] = {}
        self.accounts: dict[tuple[str | None, str], str] = {}
        self.rejects: list[dict[str, Any]] = []
        self.duplicates: list[dict[str, Any]] = []

    def __len__(self) -> int:
        """Return the rows that stand."""
        return len(self.rows)

    def load(self, folder: Path, writer: store.Writer) -> None:
        """Take over an existing corpus, row by row."""
        for batch in store.batches(folder):
            writer.write(batch)
            for row in zip(*(batch.column(name).to_pylist() for name in _READ), strict=True):
                name, text, platform, thread, kind, vantage, speaker, cluster = row
                self.add(name, digest(text), _UNKNOWN, _UNKNOWN)
                self.note(platform, thread, kind)
                if speaker is not None and vantage == "vlogger":
                    self.accounts.setdefault((platform, speaker), cluster)
                    if thread is not None and kind in {"caption", "transcript"}:
                        self.uploaders.setdefault((platform, thread), speaker)
        for row in store.read_threads(folder):
            thread = self.threads.setdefault((row["platform"], row["thread_id"]), Thread())
            thread.said = row["said"]

    def add(self, name: str, text: int, crawled: int, file: int) -> None:
        """Enter a row that is about to be written."""
        self.rows[name] = len(self._digests)
        self._digests.append(text)
        self._crawled.append(crawled)
        self._files.append(file)

    def text_of(self, name: str) -> int | None:
        """Return the digest of the text that an id has in the corpus, None where it is not there."""
        row = self.rows.get(name)
        return None if row is None else self._digests[row]

    def supersede(self, name: str, crawled: int) -> int | None:
        """Give up the row of an id if this crawl is newer; return the file that it came from, else None.

        Rows of earlier imports stay: when they were crawled is not kept.
        """
        row = self.rows[name]
        if self._files[row] == _UNKNOWN or crawled <= self._crawled[row]:
            return None
        self.superseded.add(row)
        return self._files[row]

    def note(self, platform: str | None, thread: str | None, kind: str | None) -> None:
        """Count a row in its thread; posts and captions are what the comments stand under."""
        if thread is not None:
            found = self.threads.setdefault((platform, thread), Thread())
            found.collected += kind in {"comment", None}

    def thread_rows(self) -> list[dict[str, Any]]:
        """Return collected against existing, a row a thread, sorted."""
        return [
            {"thread_id": thread, "platform": platform, "said": found.said, "collected": found.collected}
            for (platform, thread), found in sorted(
                self.threads.items(), key=lambda item: (item[0][0] or "", item[0][1])
            )
        ]
