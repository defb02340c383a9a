"""What a corpus holds already, and the lists of an import: every row is imported, rejected or a duplicate."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from analysis.corpus import store
from analysis.corpus.answered import Answered
from analysis.corpus.cells import is_rounded
from analysis.corpus.privacy import without_masks
from analysis.corpus.schema import VLOGGER
from analysis.corpus.spill import SpillDict
from analysis.corpus.writer import Rows, Writer

_READ = ["utterance_id", "text", "platform", "thread_id", "kind", "vantage", "speaker", "cluster_id"]
_READ += ["posted_at", "time_precision"]
_UNKNOWN = -1
_SECOND, _MINUTE, _DAY = 10**6, 60 * 10**6, 86_400 * 10**6
#: Two times, in microseconds, that are as far apart as this are two. What is known to the day or less is worked out
#: from "3 days ago", perhaps, or a day of another zone: two crawls of it may differ by twice of that.
_APART = {"second": _SECOND, "minute": _MINUTE, "day": 2 * _DAY, "month": 62 * _DAY, "year": 732 * _DAY}


def digest(text: str) -> int:
    """Return 64 bits of a text's hash: texts are compared within one import, never kept.

    Whatever was masked counts as one: a text is the same under another key, and with the line ends of Windows.
    """
    return hash(without_masks(text).replace("\r\n", "\n"))


class Said(NamedTuple):
    """What tells an utterance from others: hashes of text and speaker; thread; when, in microseconds, how precise.

    Without a thread it is None; empty where the thread is not sure.
    """

    text: int
    speaker: int | None
    thread: str | None
    posted: int | None
    precision: str | None

    def elsewhere(self, other: Said) -> bool:
        """Tell whether both are known to have been said in two threads, or at two times."""
        if self.thread and other.thread and self.thread != other.thread:
            return True
        if self.posted is None or other.posted is None:
            return False
        apart = max(_APART[self.precision or "second"], _APART[other.precision or "second"])
        return abs(self.posted - other.posted) >= apart


class Entry(NamedTuple):
    """What stands under an id: its row, when it was crawled, of which file and platform, and what was said."""

    row: int
    crawled: int
    file: int
    platform: str | None
    said: Said

    def is_older(self, crawled: int) -> bool:
        """Tell whether a crawl is newer than this row; one of which no crawl is known stays."""
        return self.file != _UNKNOWN and crawled > self.crawled


def said(text: str, speaker: str | None, thread: str | None, posted: int | None, precision: str | None) -> Said:
    """Return what tells an utterance from others; a thread that is not sure is empty."""
    return Said(digest(text), None if speaker is None else hash(speaker), thread, posted, precision)


class ImportIndex:
    """Ids, threads and speakers of a corpus, in memory that does not grow with it (see :class:`SpillDict`).

    Use it as a context manager: leaving it removes what it put on disk.

    Attributes
    ----------
    superseded : array of int
        Rows of which a newer crawl came in, counted over the whole corpus.
    tools : dict of int to str
        The format of each file, by its number.
    other_key : bool
        Whether rows of the corpus have pseudonyms of another key.
    answered : Answered or None
        What stands in the files that are read.

    """

    def __init__(self, rejects: Rows, duplicates: Rows) -> None:
        """Start empty, with the lists that rejected and duplicate rows go to."""
        self._rows = 0
        self._entries = SpillDict(len(Entry._fields) - 1 + len(Said._fields))
        self._threads = SpillDict(2)  # platform and thread: comments collected, comments that the platform counts
        self._owners = SpillDict(1)  # thread: the platform that it is of
        self._uploaders = SpillDict(1)  # platform and thread: the pseudonym of who posted the video
        self._accounts = SpillDict(1)  # platform and pseudonym: the cluster of a vlogger's account
        self._clusters = SpillDict(1)  # clusters of accounts that are taken
        self._repeats = SpillDict(1)  # file and an id that was made: how often
        self._vloggers = 0
        self.superseded = array("q")
        self.tools: dict[int, str] = {}  # file: the format that it is of
        self.other_key = False
        self.answered: Answered | None = None
        self.rejects, self.duplicates = rejects, duplicates

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what is on disk."""
        for each in vars(self).values():
            if isinstance(each, SpillDict):
                each.close()

    def __len__(self) -> int:
        """Return the rows that stand."""
        return self._rows - len(self.superseded)

    def load(self, folder: Path, writer: Writer) -> int:
        """Take over an existing corpus; return how many of its answers without a thread have that of what comes."""
        late = 0
        for old, seen in store.batches_seen(folder):
            batch, found = self._answering(old)
            late += found
            writer.write(batch, seen)
            cells = (_plain(batch.column(name)).to_pylist() for name in _READ)
            for row in zip(*cells, *(column.to_pylist() for column in seen.columns), strict=True):
                name, text, platform, thread, kind, vantage, speaker, cluster, posted, precise, crawled, file = row
                self.add(name, platform, said(text, speaker, thread, posted, precise), crawled, file)
                self.note(platform, thread, kind)
                self.take_over(platform, thread, kind, vantage, speaker, cluster)
        for row in store.stream_threads(folder):
            self.set_platform_comment_count(row["platform"], row["thread_id"], row["platform_comment_count"])
        return late

    def _answering(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
        """Return rows in which answers stand under what they answer, where that comes only now, and how many do."""
        asked = pc.and_(pc.is_null(batch["thread_id"]), pc.is_valid(batch["parent_id"]))
        if not pc.any(asked).as_py():
            return batch, 0
        rows, found = batch.to_pylist(), 0
        waiting = list(compress(rows, asked.to_pylist()))
        above = {row["utterance_id"]: row["parent_id"] for row in waiting}
        for row in waiting:
            top, passed = row["parent_id"], set[str]()
            while top in above and top not in passed:  # two may be said to answer each other
                passed.add(top)
                top = above[top]
            above |= dict.fromkeys(passed, top)
            if (thread := self.thread_of(top, row["platform"])) is not None:
                found += 1
                row["thread_id"] = thread
                if row["cluster_id"] == row["utterance_id"]:
                    row["cluster_id"] = self.cluster(row["platform"], thread)
        return pa.RecordBatch.from_pylist(rows, schema=batch.schema), found

    def take_over(
        self,
        platform: str | None,
        thread: str | None,
        kind: str | None,
        vantage: str | None,
        speaker: str | None,
        cluster: str,
    ) -> None:
        """Enter what a row that stands says of accounts, uploaders and clusters."""
        if speaker is not None and vantage == VLOGGER:
            self._take(_key(platform, speaker), cluster)
            if thread is not None and kind in {"caption", "transcript"}:
                self.uploaded(platform, thread, speaker)
        if thread is not None and thread == cluster:
            self.cluster(platform, thread)

    def own_id(self, name: str | None, platform: str | None) -> str | None:
        """Return the id under which a platform's thing stands: with the platform before it if another's has it.

        Ids are unique on their platform only. Where a row of another platform came first, the later one is
        ``<platform>:<id>``; a row whose platform is not known is no other one's.
        """
        entry = None if name is None else self.entry(name)
        same = entry is None or platform is None or entry.platform in {None, platform}
        return name if same else f"{platform}:{name}"

    def cluster(self, platform: str | None, thread: str) -> str:
        """Return the cluster of a thread: its id, with the platform before it if another's thread has it."""
        owner = self._owners.get(thread)
        if owner is None:
            self._owners.put(thread, platform)
        same = owner is None or platform is None or owner[0] in {None, platform}
        return thread if same else f"{platform}:{thread}"

    def add(self, name: str, platform: str | None, what: Said, crawled: int, file: int) -> None:
        """Enter a row that is about to be written."""
        self._entries.put(name, self._rows, crawled, file, platform, *what)
        self._rows += 1

    def entry(self, name: str) -> Entry | None:
        """Return what stands under an id, None where nothing does."""
        found = self._entries.get(name)
        return None if found is None else Entry(*found[: -len(Said._fields)], Said(*found[-len(Said._fields) :]))

    def thread_of(self, name: str, platform: str | None) -> str | None:
        """Return what a comment stands under that came in, or is to come; None where that is not known."""
        return (
            self._came(name, platform) if self.answered is None else self.answered.thread_of(name, platform, self._came)
        )

    def _came(self, name: str, platform: str | None) -> str | None:
        entry = self.entry(self.own_id(name, platform) or name)
        return None if entry is None else entry.said.thread or None

    def conflicts(self, name: str, what: Said, crawled: int, file: int) -> bool:
        """Tell whether an id is that of another utterance: of other words, somebody else, or another thread or time.

        Another tool may show the same words and the same account in another way, and who crawled later finds what was
        edited since: these are one utterance. Rounded ids, which stand in one file, are not.
        """
        entry = self.entry(name)
        if entry is None:
            return False
        # Under another key everybody has another pseudonym.
        before, same_text = entry.said, entry.said.text == what.text
        same_speaker = self.other_key or what.speaker is None or before.speaker in {None, what.speaker}
        if self.tools.get(entry.file) != self.tools[file]:
            return not (same_text or same_speaker)
        older = 0 <= crawled < entry.crawled
        apart = entry.file != file or not is_rounded(name)
        # Who, where, and in which second.
        known = before[1:] == what[1:] and None not in before[1:] and what.precision == "second"
        edited = same_speaker and apart and (known or older or entry.is_older(crawled))
        return not same_speaker or before.elsewhere(what) or not (same_text or edited)

    def supersede(self, name: str, crawled: int, *, threaded: bool) -> int | None:
        """Give up the row of an id if this crawl is newer; return the file that it came from, else None.

        Of two crawls of one age, or of none known, the row with a thread is the better: what somebody made of an
        export (a sheet of codes) has seldom kept it.
        """
        entry = self.entry(name)
        if entry is None:
            return None
        fuller = threaded and entry.said.thread is None and crawled == entry.crawled and entry.file != _UNKNOWN
        if not fuller and not entry.is_older(crawled):
            return None
        self.superseded.append(entry.row)
        return entry.file

    def note(self, platform: str | None, thread: str | None, kind: str | None) -> None:
        """Count a row in its thread; posts and captions are what the comments stand under."""
        if thread is not None:
            key = _key(platform, thread)
            collected, existing = self._threads.get(key) or (0, None)
            self._threads.put(key, collected + (kind in {"comment", None}), existing)

    def collected(self, platform: str | None, thread: str) -> int | None:
        """Return how many comments of a thread were noted, None where no row was."""
        known = self._threads.get(_key(platform, thread))
        return None if known is None else known[0]

    def set_platform_comment_count(self, platform: str | None, thread: str, number: int | None) -> None:
        """Enter how many comments the platform said there were; None changes nothing."""
        key = _key(platform, thread)
        collected, before = self._threads.get(key) or (0, None)
        self._threads.put(key, collected, before if number is None else number)

    def thread_rows(self) -> Iterator[dict[str, Any]]:
        """Yield collected against existing, a row a thread, sorted."""
        for key, (collected, existing) in self._threads.items():
            platform, _, thread = key.partition("\x1f")
            yield {
                "thread_id": thread,
                "platform": platform or None,
                "platform_comment_count": existing,
                "collected": collected,
            }

    def uploaded(self, platform: str | None, thread: str, speaker: str) -> None:
        """Enter who posted a video; the first that says so counts."""
        key = _key(platform, thread)
        if key not in self._uploaders:
            self._uploaders.put(key, speaker)

    def uploader(self, platform: str | None, thread: str) -> str | None:
        """Return the pseudonym of who posted a video, None where no row said so."""
        found = self._uploaders.get(_key(platform, thread))
        return None if found is None else found[0]

    def made_cluster(self, row: Mapping[str, Any]) -> str:
        """Return what inference resamples: a vlogger's account, else the thread, else the utterance itself."""
        if row["vantage"] == VLOGGER and row["speaker"] is not None:
            return self.account(row["platform"], row["speaker"])
        return row["utterance_id"] if row["thread_id"] is None else self.cluster(row["platform"], row["thread_id"])

    def account(self, platform: str | None, speaker: str) -> str:
        """Return the cluster of a vlogger's account: its number in the corpus, since no id may depend on the key."""
        key = _key(platform, speaker)
        found = self._accounts.get(key)
        if found is not None:
            return found[0]
        nth = self._vloggers + 1
        place = "" if platform is None else f"{platform} "
        while (cluster := f"{place}account {nth}") in self._clusters:
            nth += 1
        self._take(key, cluster)
        return cluster

    def _take(self, key: str, cluster: str) -> None:
        """Give an account its cluster, if it has none."""
        self._clusters.put(cluster, None)
        if key not in self._accounts:
            self._accounts.put(key, cluster)
            self._vloggers += 1

    def nth(self, file: int, made: str, who: str | None = None) -> int:
        """Return how often a file has had the id that was made of what a row says, this time included.

        With ``who``, how many people have said it: a row of somebody who had is one that was crawled twice.
        """
        key = f"{file}\x1f{made}"
        if who is not None and (known := self._repeats.get(f"{key}\x1f{who}")):
            return known[0]
        (before,) = self._repeats.get(key) or (0,)
        self._repeats.put(key, before + 1)
        if who is not None:
            self._repeats.put(f"{key}\x1f{who}", before + 1)
        return before + 1


def _plain(column: pa.Array) -> pa.Array:
    """Return a column, times as microseconds."""
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _key(platform: str | None, name: str) -> str:
    return f"{platform or ''}\x1f{name}"
