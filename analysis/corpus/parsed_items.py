"""From a reader's parsed items to rows of the corpus: what is done alike for every format and every table."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from analysis.corpus.cells import (
    Watched,
    accepted,
    as_id,
    as_label,
    as_language,
    as_place,
    as_platform,
    as_text,
    as_word,
    is_rounded,
    reason_of,
    require_text,
)
from analysis.corpus.clean import no_utterance, own_words, without_names, without_values
from analysis.corpus.convert import stamp
from analysis.corpus.counts import count, shown
from analysis.corpus.import_index import ImportIndex, said
from analysis.corpus.links import bare_id, platform_of, thread_id
from analysis.corpus.options import ImportOptions
from analysis.corpus.parsed_fields import Fields
from analysis.corpus.plan import Task
from analysis.corpus.positions import position, seconds
from analysis.corpus.privacy import Pseudonyms, names_somebody, without_masks
from analysis.corpus.readers.fields import FAULTS, ParsedItem, find
from analysis.corpus.readers.format import File
from analysis.corpus.readers.records import TABLES, Record
from analysis.corpus.rules import Rules
from analysis.corpus.schema import BY_UPLOADER, CHINESE_VIEWER, ORIGIN_OF_VANTAGE, SCHEMA, VLOGGER, WESTERN_COMMENTER
from analysis.corpus.spreadsheet import unguard
from analysis.corpus.store import CRAWLED
from analysis.corpus.writer import COUNTED

BATCH = 20_000
_NO_PARENT = frozenset({"0", "-1", "root", "None", "null"})
#: Han signs, but in what has Japan's own letters.
_HAN, _KANA, _LATIN = (re.compile(letters) for letters in ("[\u3400-\u9fff]", "[\u3040-\u30ff]", "[A-Za-z]"))
#: So many records of a file are looked at for what is not read of them.
_WATCHED = 50


def hashed(*parts: str) -> str:
    """Return the id that is made of what a row says."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()


def stored_thread(name: str, pseudonyms: Pseudonyms, *, as_it_is: bool = False) -> str:
    """Return the thread of a file's id, link or title; names in a title become pseudonyms, unless it is as it is."""
    thread = thread_id(name, pseudonyms.in_link)
    return thread if as_it_is else pseudonyms.in_title(thread)


class Intake:
    """Turns the records of one file into batches of columns, and counts and lists each row.

    Attributes
    ----------
    read, imported, duplicates, threadless, conflicts : int
        Rows; those without a thread are clusters of their own, those with an id that another utterance has are kept
        under one that was made.
    reasons : Counter of str
        Why rows were rejected, without what is said in them.
    fields : Fields
        What reads the fields of the file, and counts those that it cannot.
    zoneless : Counter of str
        Times without a zone, by the zone in which they were read.
    gave_up : Counter of int
        How many rows a newer crawl took from each file, by the file's number.
    unlike : Counter of str
        By vantage, how many rows are not in the letters that it writes: of western commenters in Chinese characters, of
        Chinese viewers in Latin letters alone.
    columns, asked : dict, set of str
        What the first records have on top, and what of it was read.

    """

    def __init__(
        self,
        number: int,
        task: Task,
        index: ImportIndex,
        rules: Rules,
        pseudonyms: Pseudonyms,
        options: ImportOptions,
    ) -> None:
        """Take the file and what holds for all files; ``number`` is its place among all that the corpus is made of."""
        self.number, self.task, self.format = number, task, task.match.format
        self.index, self.rules, self.pseudonyms, self.options = index, rules, pseudonyms, options
        self.read = self.imported = self.duplicates = self.threadless = self.conflicts = self.untimed = self.timed = 0
        self.in_chinese = 0  # rows with a time without a zone
        self.without_vantage = self.without_origin = self.without_account = self.without_platform = 0
        self.unlike: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.gave_up: Counter[int] = Counter()
        self.zoneless: Counter[str] = Counter()
        self.columns: dict[str, None] = {}
        self.asked, self.watched = set(options.where), 0
        self.rounded = False
        self.fields = Fields(task, options)
        # Of a whole text what stands in it is numbered; of what a record holds, the record's number and the place are.
        table = self.task.sample.kind in TABLES and "csv" in self.format.kinds
        lined = self.task.sample.kind in {"json", "jsonl"} and self.format.sniff is None
        self._whole = not table and not lined
        index.tools[number] = self.format.name

    def batches(self) -> Iterator[dict[str, list[Any]]]:
        """Yield batches of columns."""
        kept: list[dict[str, Any]] = []
        for row in self._utterances(self.task.rows()):
            self.imported += 1
            kept.append(row)
            if len(kept) >= BATCH:
                yield _columns(kept)
                kept = []
        yield _columns(kept)

    def _utterances(self, found: Iterable[tuple[Record, File]]) -> Iterator[dict[str, Any]]:
        for record, file in found:
            line = {} if record.line is None else {"line": record.line}
            self.fields.at = record.number
            if record.problem is not None:
                self.read += 1
                self._reject(self.task.stored(file.name), {"row": record.number, **line}, record.problem)
                continue
            for nth, parsed in enumerate(self._parsed_items(record, file), start=1):
                self.read += 1
                place = {"row": nth} if self._whole else {"row": record.number, **({"item": nth} if nth > 1 else {})}
                try:
                    row = self._row(self._unguarded(parsed), place, file)
                except ValueError as error:
                    reason = parsed.get("problem") or without_names(reason_of(error))
                    name = as_word(parsed.get("utterance_id"))
                    # No id has blanks: what stands there in a shifted row, or beneath a table, may name somebody.
                    name = self.pseudonyms.in_id(name) if name and " " not in name else None
                    name = name and name.encode("utf-8", "backslashreplace").decode()
                    self._reject(self.task.stored(file.name), {**place, **line}, reason, name)
                    continue
                if row is not None:
                    yield row

    def _parsed_items(self, record: Record, file: File) -> Iterator[ParsedItem]:
        value = record.value
        for name, wanted in self.options.where.items():
            if as_text(find(value, name)) != wanted:
                yield {"problem": f"{name} is not {'as asked' if names_somebody(name) else wanted}"}
                return
        # Of rows that are not wanted nothing is asked, and all their columns would seem to be passed over.
        if self.watched < _WATCHED and value is not file.envelope:
            self.watched += 1
            self.columns.update(dict.fromkeys(value))
            value = Watched(value, self.asked)
        try:
            yield from self.format.items(value, file)
        except FAULTS as error:
            yield {"problem": f"not in the format that {self.format.tool} writes ({type(error).__name__})"}

    def _unguarded(self, parsed: ParsedItem) -> ParsedItem:
        """Return a parsed item; of an export, whose pseudonyms stay, as it was before a sheet held it."""
        self.pseudonyms.kept = None not in (parsed.get("evidence"), parsed.get("cluster_id"))  # an export has both
        if not (self.pseudonyms.kept and self.task.sample.has_headers):
            return parsed
        return {name: unguard(value) if isinstance(value, str) else value for name, value in parsed.items()}

    def _reject(self, file: str, place: Mapping[str, int], reason: str, name: str | None = None) -> None:
        """Enter a rejected row: its place, the reason and its id; never its words, nor who wrote them."""
        self.reasons[without_values(reason)] += 1
        entry: dict[str, Any] = {"file": file, **place, "reason": reason}
        self.index.rejects.append(entry if name is None else {**entry, "utterance_id": name})

    def _row(self, parsed: ParsedItem, place: Mapping[str, int], file: File) -> dict[str, Any] | None:
        """Return the row, None for a duplicate; ValueError says why it is rejected."""
        told = parsed.get
        if "problem" in parsed:
            raise ValueError(parsed["problem"])
        format_, index, constants, fields = self.format, self.index, self.options.constants, self.fields
        whole = fields.written(parsed)
        evidence = told("evidence") or constants.get("evidence", "verbatim")
        accepted("evidence", evidence)
        # The press's quotations keep their names, and constructed words are nobody's.
        as_it_is = self.options.keep_speakers or evidence == "constructed"
        thread, author = as_id(told("thread_id")), fields.author(told("author"))
        if thread is not None:
            fields.is_cut("thread_id", thread)
        rule = self._rule(file, thread, (author, *told("names", ()))) if self.rules else {}
        thread = rule.get("thread_id") or thread
        platform = as_platform(rule.get("platform")) or fields.read(
            "platform", lambda value: as_platform(self._label(value)), told("platform")
        )
        platform = platform or format_.platform or as_platform(constants.get("platform")) or platform_of(thread or "")
        thread = None if thread is None else stored_thread(thread, self.pseudonyms, as_it_is=as_it_is)
        words = whole if as_it_is else own_words(whole, platform)
        if thread is not None and ("platform_comment_count" in parsed or "comments" in rule):
            number = rule.get("comments", told("platform_comment_count"))
            index.set_platform_comment_count(platform, thread, fields.read("platform_comment_count", count, number))
        # A post without words still says who posted it, and how many comments there were.
        kind = rule.get("kind") or fields.listed("kind", parsed) or constants.get("kind") or "comment"
        speaker = author if as_it_is else self._speaker(platform, thread, author, kind)
        if not as_it_is and (reason := no_utterance(words, whole)):
            raise ValueError(reason)
        when, precision, clock = fields.time(parsed)
        collection = rule.get("collection") or self._collection(told("collection"))
        parent, region = fields.read("parent_id", as_id, told("parent_id")), self._place(told("region"))
        parent = None if parent is None or fields.is_cut("parent_id", parent) else self._id(parent)
        # YouTube gives replies without their video.
        if thread is None and parent is not None and parent not in _NO_PARENT:
            thread = index.thread_of(parent, platform)
        require_text(thread, parent, region, words)
        text = words if as_it_is else self.pseudonyms.text(words, platform)
        own = fields.read("utterance_id", as_id, told("utterance_id"))
        if own and fields.is_cut("utterance_id", own):  # it still tells rows apart
            parsed, own = {**parsed, "apart": own}, None
        own = self._id(own) if own else self._made_id(collection, thread, parsed, when, text, speaker)
        require_text(own)
        parent = None if parent in _NO_PARENT or parent in {own, thread} else parent
        vantage, origin = self._who(rule, parsed, platform, thread, speaker, kind)
        row = {
            "utterance_id": index.own_id(own, platform),
            "collection": collection,
            "thread_id": thread,
            "cluster_id": None,
            "parent_id": index.own_id(parent, platform),
            "vantage": vantage,
            "origin": origin,
            "platform": platform,
            "kind": kind,
            "language": rule.get("language")
            or fields.read("language", as_language, told("language"))
            or constants.get("language"),
            "original_language": fields.read("original_language", self._label, told("original_language")),
            "text": text,
            "posted_at": when,
            "time_precision": None if when is None else fields.listed("time_precision", parsed) or precision,
            "position": fields.read("position", seconds, told("position"))
            if told("position") is not None
            else position(words, platform, kind),
            "likes": fields.read("likes", lambda value: shown(value, platform), told("likes")),
            "replies": fields.read("replies", lambda value: shown(value, platform), told("replies")),
            "region": rule.get("region") or region,
            "speaker": speaker,
            "evidence": evidence,
            "source_file": self.task.stored(file.name),
            "source_tool": format_.tool,
        }
        row[CRAWLED] = stamp(told("crawled") or rule.get("collected") or told("edited"))
        name = self._entered(row, parsed, own, file, {"file": self.task.stored(file.name), **place})
        if name is None:
            return None
        told_cluster = fields.read("cluster_id", lambda value: as_label(as_id(value)), told("cluster_id"))
        row["cluster_id"] = cluster = self._cluster(rule, row, told_cluster)
        self.threadless += thread is None and cluster == name
        self.untimed += when is None
        self.timed += when is not None or told("posted_at") is not None
        self._count(row, clock, None if as_it_is else self.pseudonyms)
        return row

    def _count(self, row: Mapping[str, Any], clock: str | None, pseudonyms: Pseudonyms | None) -> None:
        """Count what was replaced or assumed in a row that comes in."""
        self.without_vantage += row["vantage"] is None
        self.without_platform += row["platform"] is None
        if row["evidence"] not in {"translated", "paraphrase"}:
            self.unlike[row["vantage"]] += _is_unlike(row["vantage"], row["text"])
        self.without_origin += row["vantage"] == VLOGGER and row["origin"] is None
        if row["vantage"] == VLOGGER and row["speaker"] is None and row["thread_id"] is not None:
            self.without_account += row["cluster_id"] == self.index.cluster(row["platform"], row["thread_id"])
        if clock is not None:
            self.zoneless[clock] += 1
            self.in_chinese += _is_chinese(row["text"])
        if pseudonyms is not None:
            pseudonyms.enter(row["speaker"])

    def _entered(
        self, row: dict[str, Any], parsed: ParsedItem, own: str, file: File, place: Mapping[str, int | str]
    ) -> str | None:
        """Enter a row in the index and return its id, None for a duplicate; an id in conflict is made anew."""
        index, platform, thread, crawled = self.index, row["platform"], row["thread_id"], row[CRAWLED]
        # A thread that is only called like its file is another one where the file was saved under another name.
        sure = "" if thread in {file.stem, file.stem.removesuffix("_comments")} else thread
        what = said(row["text"], row["speaker"], sure, row["posted_at"], row["time_precision"])
        if index.conflicts(row["utterance_id"], what, crawled, self.number):
            self.conflicts += 1
            self.rounded = self.rounded or is_rounded(own)
            told = {**parsed, "apart": own}
            made = self._made_id(row["collection"], thread, told, row["posted_at"], row["text"], row["speaker"])
            row["utterance_id"] = index.own_id(made, platform)
        name = row["utterance_id"]
        known = index.entry(name)
        if known and not self._replaces(place, name, crawled, threaded=thread is not None):
            return None
        if not known or known.said.thread is None:
            index.note(platform, thread, row["kind"])
        index.add(name, platform, what, crawled, self.number)
        return name

    def _replaces(self, place: Mapping[str, int | str], name: str, crawled: int, *, threaded: bool) -> bool:
        """Tell whether a row takes the place of one with its id; either way one of the two is a duplicate."""
        from_file = self.index.supersede(name, crawled, threaded=threaded)
        elsewhere = {} if from_file in {None, self.number} else {COUNTED: from_file}
        self.index.duplicates.append({**place, "utterance_id": name, **elsewhere})
        if from_file is None:
            self.duplicates += 1
            return False
        self.gave_up[from_file] += 1
        return True

    def _speaker(self, platform: str | None, thread: str | None, author: str | None, kind: str) -> str | None:
        """Return the pseudonym of who speaks; captions name no channel, but what was read before them does."""
        speaker = None if author is None else self.pseudonyms.of(platform, author)
        if thread is not None and kind in BY_UPLOADER:
            if speaker is None:
                return self.index.uploader(platform, thread)
            self.index.uploaded(platform, thread, speaker)
        return speaker

    def _label(self, value: object) -> str | None:
        """Return a word that rows are put together by, without whom it names: in a shifted row it may be a mention."""
        label = as_label(value)
        return label if label is None or self.options.keep_speakers else self.pseudonyms.in_label(label)

    def _place(self, value: object) -> str | None:
        place = as_place(value)
        return place if place == self._label(place) else None

    def _id(self, name: str) -> str:
        return bare_id(name) if self.options.keep_speakers else self.pseudonyms.in_id(name)

    def _collection(self, value: object) -> str:
        return self.fields.read("collection", self._label, value) or self.options.collection

    def _rule(self, file: File, thread: str | None, names: tuple[object, ...]) -> Mapping[str, str]:
        """Return what the rules say of a row."""
        words = tuple(word.lower() for word in map(as_word, names) if word)
        return self.rules.says(file.name, thread or "", words)

    def _made_id(
        self,
        collection: str,
        thread: str | None,
        parsed: ParsedItem,
        when: int | None,
        text: str,
        speaker: str | None,
    ) -> str:
        """Return an id for a row that has none: of what was said, with one mark for whatever was masked in it.

        A table that was saved once more on Windows has other line ends, and the same comments.
        """
        at = "" if when is None else (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=when)).isoformat()
        also = (at, *([parsed["apart"]] if "apart" in parsed else []))
        whole = hashed(collection, thread or "", *also, without_masks(text).replace("\r\n", "\n"))
        nth = self.index.nth(self.number, whole, (speaker or "") if "apart" in parsed else None)
        return whole if nth == 1 else f"{whole}-{nth}"

    def _who(
        self,
        rule: Mapping[str, str],
        parsed: ParsedItem,
        platform: str | None,
        thread: str | None,
        speaker: str | None,
        kind: str,
    ) -> tuple[str | None, str | None]:
        """Return vantage and origin: of a rule, else a vlogger's own words, else what the command says."""
        own = parsed.get("uploader") is True or kind in BY_UPLOADER
        if speaker is not None and thread is not None:
            own = own or self.index.uploader(platform, thread) == speaker
        vantage = rule.get("vantage") or self.fields.listed("vantage", parsed)
        vantage = vantage or (VLOGGER if own else self.options.constants.get("vantage"))
        origin = rule.get("origin") or self.fields.listed("origin", parsed) or self.options.constants.get("origin")
        if origin is None and vantage in ORIGIN_OF_VANTAGE:
            origin = ORIGIN_OF_VANTAGE[vantage]
        return (None if vantage == "none" else vantage), (None if origin == "none" else origin)

    def _cluster(self, rule: Mapping[str, str], row: Mapping[str, Any], told: str | None) -> str:
        """Return what inference resamples: as somebody named it, else by account, thread or utterance."""
        if "cluster" in rule or told is not None:
            return rule.get("cluster") or self.pseudonyms.in_title(thread_id(told or "", self.pseudonyms.in_link))
        return self.index.made_cluster({**row, "speaker": None} if self.options.keep_speakers else row)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in (*SCHEMA.names, CRAWLED)}


def _is_unlike(vantage: str | None, text: str) -> bool:
    """Tell whether a western commenter writes Chinese characters, or a Chinese viewer Latin letters alone.

    >>> [_is_unlike("western_commenter", text) for text in ("好看", "街がきれい", "so")]
    [True, False, False]
    >>> [_is_unlike("chinese_viewer", text) for text in ("so", "666", "so 好")]
    [True, False, False]
    """
    if vantage == WESTERN_COMMENTER:
        return _is_chinese(text)
    return vantage == CHINESE_VIEWER and _HAN.search(text) is None and _LATIN.search(text) is not None


def _is_chinese(text: str) -> bool:
    """Tell whether a text holds Chinese characters and none that Japanese alone has."""
    return not text.isascii() and _HAN.search(text) is not None and _KANA.search(text) is None
