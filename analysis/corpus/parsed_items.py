"""From a reader's parsed items to rows of the corpus: what is done alike for every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analysis.corpus.clean import no_utterance, own_words, plain, without_names
from analysis.corpus.convert import count, instant, missing, moment, stamp, whole_id
from analysis.corpus.import_index import digest
from analysis.corpus.intake import Intake, hashed
from analysis.corpus.links import bare_id, thread_id
from analysis.corpus.positions import position
from analysis.corpus.privacy import is_nobody, names_somebody, of_nobody, without_masks
from analysis.corpus.readers.fields import FAULTS, ParsedItem, find
from analysis.corpus.readers.format import File, Match
from analysis.corpus.readers.records import Record
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE, VLOGGER
from analysis.corpus.store import CRAWLED

_NO_PARENT = frozenset({"0", "root", "None", "null"})
_LANGUAGES = frozenset(ACCEPTED["language"])
#: Letters of a language's tag (ISO 639-1), and what looks like one.
_TAG, _NO_TAG = 2, frozenset({"un", "xx"})
_BY_UPLOADER = frozenset({"caption", "transcript"})


class ItemIntake(Intake):
    """Takes the records of a file of a known format."""

    def __init__(self, match: Match, *of_file: Any) -> None:  # noqa: ANN401  passed on
        """Take how the file fits its format, and what any intake takes."""
        super().__init__(*of_file)
        self.match, self._read = match, match.format.read

    def _utterances(self, found: Iterable[tuple[Record, File]]) -> Iterator[dict[str, Any]]:
        for record, file in found:
            if record.problem is not None:
                self.read += 1
                self._reject(of_nobody(file.name), record.number, record.problem)
                continue
            for parsed in self._parsed_items(record, file):
                self.read += 1
                try:
                    row = self._row(parsed, record, file)
                except ValueError as error:
                    reason = parsed.get("problem") or without_names(_reason(error))
                    name = _word(parsed.get("utterance_id"))
                    name = name and bare_id(name).encode("utf-8", "backslashreplace").decode()
                    self._reject(of_nobody(file.name), record.number, reason, name)
                    continue
                if row is not None:
                    yield row

    def _parsed_items(self, record: Record, file: File) -> Iterator[ParsedItem]:
        for name, value in self.options.where.items():
            if find(record.value, name) != value:
                yield {"problem": f"{name} is not {'as asked' if names_somebody(name) else value}"}
                return
        try:
            yield from self._read(record.value, file)
        except FAULTS as error:
            yield {"problem": f"not in the format that {self.match.format.tool} writes ({type(error).__name__})"}

    def _row(self, parsed: ParsedItem, record: Record, file: File) -> dict[str, Any] | None:
        """Return the row, None for a duplicate; ValueError says why it is rejected."""
        told = parsed.get
        if "problem" in parsed:
            raise ValueError(parsed["problem"])
        format_, index, constants = self.match.format, self.index, self.options.constants
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
        collection = rule.get("collection") or self.options.collection
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
            "position": position(told("position"), words, platform, kind),
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
        if known and not self._replaces(of_nobody(file.name), record.number, name, crawled):
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
        own = parsed.get("uploader") is True or kind in _BY_UPLOADER
        if speaker is not None and thread is not None:
            own = own or self.index.uploader(platform, thread) == speaker
        vantage = rule.get("vantage") or (VLOGGER if own else self.options.constants.get("vantage"))
        origin = rule.get("origin") or self.options.constants.get("origin")
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
    return "not valid Unicode text" if isinstance(error, UnicodeError) else str(error)
