"""What a corpus holds already, and the books of an import: every row is imported, rejected or a duplicate."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.corpus import store
from analysis.corpus.places import Places

_READ = ["utterance_id", "text", "platform", "thread_id", "kind", "vantage", "speaker", "cluster_id"]
_UNKNOWN = -1
_NAME = re.compile(r"user_[0-9a-f]{12}")


def digest(text: str) -> int:
    """Return 64 bits of a text's hash: texts are compared within one import, never kept.

    Pseudonyms count as one name: a text is the same under another key.
    """
    return hash(_NAME.sub("", text) if "user_" in text else text)


class Thread:
    """What a thread holds, and what the platform said there was."""

    __slots__ = ("collected", "said")

    def __init__(self, collected: int = 0, said: int | None = None) -> None:
        """Start with nothing collected and nothing said."""
        self.collected, self.said = collected, said


class Ledger:
    """Ids, texts, threads and speakers of a corpus, in little memory (some 90 bytes a row).

    Attributes
    ----------
    rows : Places
        Id to the row, counted over the whole corpus, that stands for it.
    superseded : set of int
        Rows of which a newer crawl came in.
    threads : dict of (platform, thread) to Thread
    uploaders : dict of (platform, thread) to str
        The pseudonym of who posted a video.
    accounts : dict of (platform, pseudonym) to str
        The cluster of a vlogger's account: its number in the corpus, since no id may depend on the key.

    """

    def __init__(self, rejects: store.Rows, duplicates: store.Rows) -> None:
        """Start empty, with the lists that rejected and duplicate rows go to."""
        self.rows = Places()
        self._digests, self._crawled = array("q"), array("q")
        self._files, self._platforms = array("i"), array("h")
        self._codes: dict[str | None, int] = {None: _UNKNOWN}
        self.superseded: set[int] = set()
        self.threads: dict[tuple[str | None, str], Thread] = {}
        self.uploaders: dict[tuple[str | None, str], str] = {}
        self.accounts: dict[tuple[str | None, str], str] = {}
        self._clusters: set[str] = set()
        self.rejects, self.duplicates = rejects, duplicates

    def __len__(self) -> int:
        """Return the rows that stand."""
        return len(self.rows)

    def load(self, folder: Path, writer: store.Writer) -> None:
        """Take over an existing corpus, row by row."""
        for batch in store.batches(folder):
            writer.write(batch)
            for row in zip(*(batch.column(name).to_pylist() for name in _READ), strict=True):
                name, text, platform, thread, kind, vantage, speaker, cluster = row
                self.add(name, platform, digest(text), _UNKNOWN, _UNKNOWN)
                self.note(platform, thread, kind)
                if speaker is not None and vantage == "vlogger":
                    self.accounts.setdefault((platform, speaker), cluster)
                    self._clusters.add(cluster)
                    if thread is not None and kind in {"caption", "transcript"}:
                        self.uploaders.setdefault((platform, thread), speaker)
        seen = store.read_seen(folder)
        if seen is not None and seen.num_rows == len(self._digests):
            self._crawled = array("q", seen["crawled"].to_numpy().astype("int64").tobytes())
            self._files = array("i", seen["file"].to_numpy().astype("int32").tobytes())
        for row in store.read_threads(folder):
            self.thread(row["platform"], row["thread_id"]).said = row["said"]

    def own_id(self, name: str | None, platform: str | None) -> str | None:
        """Return the id under which a platform's thing stands: with the platform before it if another's has it.

        Ids are unique on their platform only. Where a row of another platform came first, the later one is
        ``<platform>:<id>``; a row whose platform is not known is no other one's.
        """
        row = self.rows.get(name)
        if row is None or platform is None:
            return name
        return name if self._platforms[row] in {_UNKNOWN, self._codes.get(platform)} else f"{platform}:{name}"

    def add(self, name: str, platform: str | None, text: int, crawled: int, file: int) -> None:
        """Enter a row that is about to be written."""
        self.rows[name] = len(self._digests)
        self._digests.append(text)
        self._crawled.append(crawled)
        self._files.append(file)
        self._platforms.append(self._codes.setdefault(platform, len(self._codes)))

    def text_of(self, name: str) -> int | None:
        """Return the digest of the text that an id has in the corpus, None where it is not there."""
        row = self.rows.get(name)
        return None if row is None else self._digests[row]

    def supersede(self, name: str, crawled: int) -> int | None:
        """Give up the row of an id if this crawl is newer; return the file that it came from, else None."""
        row = self.rows.get(name)
        if row is None or self._files[row] == _UNKNOWN or crawled <= self._crawled[row]:
            return None
        self.superseded.add(row)
        return self._files[row]

    def seen(self) -> pa.Table:
        """Return, for the rows that stand, when they were crawled and which file they are of."""
        kept = np.ones(len(self._digests), dtype=bool)
        kept[list(self.superseded)] = False
        columns = (np.array(self._crawled, dtype="int64")[kept], np.array(self._files, dtype="int32")[kept])
        return pa.table(list(columns), schema=store.SEEN)

    def thread(self, platform: str | None, thread: str) -> Thread:
        """Return what is known of a thread."""
        found = self.threads.get((platform, thread))
        if found is None:
            found = self.threads[platform, thread] = Thread()
        return found

    def note(self, platform: str | None, thread: str | None, kind: str | None) -> None:
        """Count a row in its thread; posts and captions are what the comments stand under."""
        if thread is not None:
            self.thread(platform, thread).collected += kind in {"comment", None}

    def account(self, platform: str | None, speaker: str) -> str:
        """Return the cluster of a vlogger's account; a new one has the next free number."""
        known = self.accounts.get((platform, speaker))
        if known is None:
            nth = len(self.accounts) + 1
            place = "" if platform is None else f"{platform} "
            while (known := f"{place}account {nth}") in self._clusters:
                nth += 1
            self.accounts[platform, speaker] = known
            self._clusters.add(known)
        return known

    def thread_rows(self) -> Iterator[dict[str, Any]]:
        """Yield collected against existing, a row a thread, sorted."""
        for (platform, thread), found in sorted(self.threads.items(), key=lambda item: (item[0][0] or "", item[0][1])):
            yield {"thread_id": thread, "platform": platform, "said": found.said, "collected": found.collected}
