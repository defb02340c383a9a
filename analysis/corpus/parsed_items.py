"""From a reader's parsed items to rows of the corpus: what is done alike for every format."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from analysis.corpus.clean import no_utterance, own_words, plain, without_names, without_values
from analysis.corpus.convert import count, instant, missing, moment, stamp, whole_id
from analysis.corpus.import_index import ImportIndex, digest
from analysis.corpus.links import bare_id, thread_id
from analysis.corpus.privacy import Pseudonyms, is_nobody, names_somebody, of_nobody, without_masks
from analysis.corpus.readers.format import File, Match, ParsedItem, find
from analysis.corpus.readers.records import Record
from analysis.corpus.rules import Rules
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE, SCHEMA, VLOGGER
from analysis.corpus.store import CRAWLED

_BATCH = 20_000
_NO_PARENT = frozenset({"0", "root", "None", "null"})
_LANGUAGES = frozenset(ACCEPTED["language"])
#: Letters of a language's tag (ISO 639-1), and what looks like one.
_TAG, _NO_TAG = 2, frozenset({"un", "xx"})
#: What a reader may stumble over in a record that is not as its tool writes it.
FAULTS = (AttributeError, TypeError, LookupError, ArithmeticError, ValueError, RecursionError)
_BY_UPLOADER = frozenset({"caption", "transcript"})


class ItemIntake:
    """Turns the records of one file into batches of columns and counts what becomes of them."""

    def __init__(
        self,
        number: int,
        match: Match,
        index: ImportIndex,
        rules: Rules,
        pseudonyms: Pseudonyms,
        constants: Mapping[str, str],
        where: Mapping[str, str],
    ) -> None:
        """Take what holds for the whole file; ``number`` is its place in this import."""
        self.number, self.match, self.index, self.rules = number, match, index, rules
        self.pseudonyms, self.constants, self.where = pseudonyms, constants, where
        self._read = match.format.read
        self.read = self.imported = self.threadless = 0
        self.reasons: Counter[str] = Counter()
        self.duplicates = 0
        self.gave_up: Counter[int] = Counter()

    def batches(self, found: Iterator[tuple[Record, File]]) -> Iterator[dict[str, list[Any]]]:
        """Yield batches of columns."""
        kept: list[dict[str, Any]] = []
        for record, file in found:
            if record.problem is not None:
                self.read += 1
                self._reject(file, record, record.problem)
                continue
            for parsed in self._parsed_items(record, file):
                self.read += 1
                try:
                    row = self._row(parsed, record, file)
                except ValueError as error:
                    self._reject(file, record, parsed.get("problem") or without_names(_reason(error)), parsed)
                    continue
                if row is not None:
                    self.imported += 1
                    kept.append(row)
                    if len(kept) >= _BATCH:
                        yield _columns(kept)
                        kept = []
        yield _columns(kept)

    def _parsed_items(self, record: Record, file: File) -> Iterator[ParsedItem]:
        for name, value in self.where.items():
            if find(record.value, name) != value:
                yield {"problem": f"{name} is not {'as asked' if names_somebody(name) else value}"}
                return
        try:
            yield from self._read(record.value, file)
        except FAULTS as error:
            yield {"problem": f"not as {self.match.format.tool} writes it ({type(error).__name__})"}

    def _reject(self, file: File, record: Record, reason: str, parsed: ParsedItem | None = None) -> None:
        """Enter a rejected row: its place, the reason and its id; never its words, nor who wrote them."""
        self.reasons[without_values(reason)] += 1
        entry: dict[str, Any] = {"file": of_nobody(file.name), "row": record.number, "reason": reason}
        if parsed is not None and (name := _word(parsed.get("utterance_id"))):
            entry["utterance_id"] = bare_id(name).encode("utf-8", "backslashreplace").decode()
        self.index.rejects.append(entry)

    def _row(self, parsed: ParsedItem, record: Record, file: File) -> dict[str, Any] | None:
        """Return the row, None for a duplicate; ValueError says why it is rejected."""
        told = parsed.get
        if "problem" in parsed:
            raise ValueError(parsed["problem"])
        format_, index, constants = self.match.format, self.index, self.constants
        said = told("text")
        if said is not None and not isinstance(said, str):
            message = f"the text is a JSON {type(said).__name__}"
            raise ValueError(message)
        thread, author = _id(told("thread_id")), _account(told("author"))
        rule = self._rule(file, thread, (author, *told("names", ()))) if self.rules else {}
        thread = thread or rule.get("thread_id")
        thread = None if thread is None else thread_id(thread)
        platform = rule.get("platform") or told("platform") or format_.platform or constants.get("platform")
        whole = plain(said or "", told("markup") or format_.markup)
        words = own_words(whole, platform)
        if thread is not None and ("platform_comment_count" in parsed or "comments" in rule):
            index.set_platform_comment_count(
                platform, thread, count(rule.get("comments", told("platform_comment_count")))
            )
        # A post without words still says who posted it, and how many comments there were.
        kind = told("kind") or rule.get("kind") or constants.get("kind") or "comment"
        speaker = self._speaker(platform, thread, author, kind)
        reason = no_utterance(words, whole)
        if reason is not None:
            raise ValueError(reason)
        when, precision = instant(told("posted_at"), told("assumed_timezone") or format_.assumed_timezone)
        collection = rule.get("collection") or constants["collection"]
        parent, region = _id(told("parent_id")), _word(told("region"))
        _check(thread, parent, region, words)
        text = self.pseudonyms.text(words, platform)
        own = _id(told("utterance_id"))
        own = bare_id(own) if own else self._made_id(collection, thread, parsed, text, speaker)
        parent = None if parent is None else bare_id(parent)
        _check(own)
        parent = None if parent in _NO_PARENT or parent in {own, thread} else parent
        name = index.own_id(own, platform)
        vantage, origin = self._who(rule, parsed, platform, thread, speaker, kind)
        row = {
            "utterance_id": name,
            "collection": collection,
            "thread_id": thread,
            "cluster_id": None,
            "parent_id": index.own_id(parent, platform),
            "vantage": vantage,
            "origin": origin,
            "platform": platform,
            "kind": kind,
            "language": rule.get("language") or _language(told("language")) or constants.get("language"),
            "original_language": None,
            "text": text,
            "posted_at": when,
            "time_precision": None if when is None else told("time_precision") or precision,
            "likes": count(told("likes")),
            "replies": count(told("replies")),
            "region": rule.get("region") or region,
            "speaker": speaker,
            "evidence": constants.get("evidence", "verbatim"),
            "source_file": of_nobody(file.name),
            "source_tool": format_.tool,
        }
        row[CRAWLED] = crawled = stamp(told("crawled") or rule.get("collected"))
        known = index.entry(name) is not None
        if known and not self._replaces(name, crawled, file, record):
            return None
        row["cluster_id"] = cluster = self._cluster(rule, row)
        self.threadless += thread is None and cluster == name
        if not known:
            index.note(platform, thread, kind)
        index.add(name, platform, digest(row["text"]), crawled, self.number)
        return row

    def _speaker(self, platform: str | None, thread: str | None, author: str | None, kind: str) -> str | None:
        """Return the pseudonym of who speaks; captions name no channel, but what was read before them does."""
        speaker = None if author is None else self.pseudonyms.author(platform, author)
        if thread is not None and kind in _BY_UPLOADER:
            if speaker is None:
                return self.index.uploader(platform, thread)
            self.index.uploaded(platform, thread, speaker)
        return speaker

    def _rule(self, file: File, thread: str | None, names: tuple[object, ...]) -> Mapping[str, str]:
        """Return what the rules say of a row."""
        words = tuple(word.lower() for word in map(_word, names) if word)
        return self.rules.says(file.name, thread or "", words)

    def _made_id(self, collection: str, thread: str | None, parsed: ParsedItem, text: str, speaker: str | None) -> str:
        """Return an id for a row that has none: of what was said, with one mark for whatever was masked in it.

        A table that was saved once more on Windows has other line ends, and the same comments.
        """
        when, _ = moment(parsed.get("posted_at"), parsed.get("assumed_timezone") or self.match.format.assumed_timezone)
        also = ("" if when is None else when.isoformat(), *([parsed["apart"]] if "apart" in parsed else []))
        key = "\x1f".join((collection, thread or "", *also, without_masks(text).replace("\r\n", "\n")))
        whole = hashlib.blake2b(key.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()
        nth = self.index.nth(self.number, whole, (speaker or "") if "apart" in parsed else None)
        return whole if nth == 1 else f"{whole}-{nth}"

    def _replaces(self, name: str, crawled: int, file: File, record: Record) -> bool:
        """Tell whether a row takes the place of one with its id; either way one of the two is a duplicate."""
        from_file = self.index.supersede(name, crawled)
        self.index.duplicates.append({"file": of_nobody(file.name), "row": record.number, "utterance_id": name})
        if from_file is None:
            self.duplicates += 1
            return False
        self.gave_up[from_file] += 1
        return True

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
        own = parsed.get("uploader") is True or kind in _BY_UPLOADER
        if speaker is not None and thread is not None:
            own = own or self.index.uploader(platform, thread) == speaker
        vantage = rule.get("vantage") or (VLOGGER if own else self.constants.get("vantage"))
        origin = rule.get("origin") or self.constants.get("origin")
        if origin is None and vantage in ORIGIN_OF_VANTAGE:
            origin = ORIGIN_OF_VANTAGE[vantage]
        return (None if vantage == "none" else vantage), (None if origin == "none" else origin)

    def _cluster(self, rule: Mapping[str, str], row: Mapping[str, Any]) -> str:
        """Return what inference resamples: a vlogger's account, else the thread, else the utterance itself."""
        if "cluster" in rule:
            return rule["cluster"]
        if row["vantage"] == VLOGGER and row["speaker"] is not None:
            return self.index.account(row["platform"], row["speaker"])
        thread = row["thread_id"]
        return row["utterance_id"] if thread is None else self.index.cluster(row["platform"], thread)


def _word(value: object) -> str | None:
    """Return an id, a name or a place as text; None for what is none (missing, a list, an object, a truth value)."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
    text = value.strip()
    return None if missing(text) else text


def _id(value: object) -> str | None:
    """Return an id as text, None for what is none; ValueError refuses a rounded number."""
    name = _word(value)
    return None if name is None else whole_id(name)


def _account(value: object) -> str | None:
    """Return who speaks; a rounded number, or the name that all have who are gone, would make one voice of many."""
    try:
        name = _id(value)
    except ValueError:
        return None
    return None if name is None or is_nobody(name) else name


def _check(*parts: str | None) -> None:
    """Refuse a byte that is no UTF-8, and half a character."""
    for part in parts:
        if part is not None and not part.isascii():
            part.encode()


def _language(value: object) -> str | None:
    """Return the language of a tag such as ``zh-Hans``: ``none`` for one that nobody here reads, None for no language.

    What a platform calls French is not left to the script, which would make it English. X's ``und`` and ``qme`` are no
    languages and have three letters; TikTok's ``un`` is none either.
    """
    short = value.split("-")[0].split("_")[0].lower() if isinstance(value, str) else ""
    if short in _LANGUAGES:
        return short
    return "none" if len(short) == _TAG and short.isalpha() and short.isascii() and short not in _NO_TAG else None


def _reason(error: ValueError) -> str:
    return "not UTF-8, or half a character" if isinstance(error, UnicodeError) else str(error)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: list(map(itemgetter(name), rows)) for name in (*SCHEMA.names, CRAWLED)}
