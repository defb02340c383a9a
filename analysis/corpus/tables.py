"""Any table, with the command saying which column is what: its rows are taken as they are, but for people's names.

Where the platform is known, what others said is set apart from the writer's own words as in every other format
(:func:`analysis.corpus.clean.own_words`), and a row that is no utterance there (deleted, empty, a bare repost) is
rejected with the reason. Constructed words and the press's quotations are nobody's comments: they stay.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.corpus.clean import no_utterance, own_words, without_names, without_values
from analysis.corpus.convert import count, stamp, whole_id
from analysis.corpus.import_index import ImportIndex, digest
from analysis.corpus.links import bare_id, thread_id
from analysis.corpus.options import ImportOptions
from analysis.corpus.privacy import Pseudonyms, is_nobody, names_somebody, without_masks
from analysis.corpus.readers.table import Row, read_table
from analysis.corpus.rules import NONE, Rules
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE, SCHEMA, VLOGGER, parse_time
from analysis.corpus.store import CRAWLED
from analysis.errors import InputError

#: Columns of the corpus that a file's column may be mapped to.
MAPPABLE = tuple(name for name in SCHEMA.names if name not in {"source_file", "source_tool"})
#: Columns that hold ids.
IDS = ("utterance_id", "thread_id", "cluster_id", "parent_id")
_BATCH = 20_000


def table_mapping(path: Path, options: ImportOptions) -> dict[str, str]:
    """Return corpus column -> file column; :class:`InputError` refuses what is not accepted."""
    for name, value in options.constants.items():
        if name in ACCEPTED and value not in ACCEPTED[name]:
            raise InputError(f"'{value}' is not known", column=name, accepted=ACCEPTED[name])
    mapping = dict(options.columns)
    if not mapping:
        columns = read_table(path).columns
        mapping = {name: name for name in MAPPABLE if name in columns and name not in options.constants}
        if "text" not in mapping:
            problem = f"no column is named 'text'; say which one is: --columns text=COLUMN (has: {', '.join(columns)})"
            raise InputError(problem, file=path)
    for name in mapping:
        if name not in MAPPABLE:
            raise InputError("is no column of the corpus", column=name, accepted=MAPPABLE)
    if "text" not in mapping:
        raise InputError("the text's column is not mapped", file=path, accepted=["--columns text=COLUMN"])
    return mapping


class TableIntake:
    """Turns rows into batches of columns and keeps the counts."""

    def __init__(
        self,
        file: str,
        mapping: Mapping[str, str],
        options: ImportOptions,
        index: ImportIndex,
        rules: Rules,
        pseudonyms: Pseudonyms,
        number: int,
    ) -> None:
        """Take what holds for the whole file; ``number`` is its place among all that the corpus was made of."""
        self.file, self.mapping, self.options, self.number = file, mapping, options, number
        self.index, self.rules, self.pseudonyms = index, rules, pseudonyms
        self.read = self.imported = self.duplicates = self.threadless = 0
        self.reasons: Counter[str] = Counter()
        self.gave_up: Counter[int] = Counter()

    def batches(self, rows: Iterator[Row]) -> Iterator[dict[str, list[Any]]]:
        """Yield batches of columns."""
        kept: list[dict[str, Any]] = []
        for row in rows:
            self.read += 1
            try:
                utterance = self._utterance(row)
            except ValueError as error:
                self._reject(row, str(error))
                continue
            if utterance is None:
                continue
            self.imported += 1
            kept.append(utterance)
            if len(kept) == _BATCH:
                yield _columns(kept)
                kept = []
        yield _columns(kept)

    def _reject(self, row: Row, reason: str) -> None:
        """Enter a rejected row: its place and the reason; never its words, nor who wrote them."""
        self.reasons[without_values(reason)] += 1
        self.index.rejects.append({"file": self.file, "row": row.number, "reason": without_names(reason)})

    def _utterance(self, row: Row) -> dict[str, Any] | None:
        """Return the row as an utterance, None for a duplicate; ValueError says why it is rejected."""
        if row.problem is not None:
            raise ValueError(row.problem)
        for name, value in self.options.where.items():
            if row.cells.get(name) != value:
                asked = "as asked" if names_somebody(name) or name == self.mapping.get("speaker") else value
                message = f"{name} is not {asked}"
                raise ValueError(message)
        cells = {name: row.cells.get(column) for name, column in self.mapping.items()}
        filled = {name: cell for name, cell in cells.items() if cell is not None and cell != ""}
        out: dict[str, Any] = {**self.options.constants, **filled}
        out["text"] = cells.get("text") or ""
        said = self._ruled(out)
        self._check(out)
        self._bare(out)
        thread, platform = out.get("thread_id"), out.get("platform")
        if "utterance_id" not in out:
            # Of what was said, with one mark for whatever is masked in it: no id depends on a name, or on the key.
            words = "\x1f".join((thread or "", without_masks(out["text"])))
            nth = self.index.nth(self.number, _hash(words))
            out["utterance_id"] = _hash("\x1f".join((out["collection"], words, str(nth))))
        self._separate(out)
        own = out["utterance_id"]
        name = out["utterance_id"] = self.index.own_id(own, platform)
        out["parent_id"] = self.index.own_id(out.get("parent_id"), platform)
        self._hide(out)
        known, text = self.index.entry(name), digest(out["text"])
        out[CRAWLED] = crawled = stamp(said.get("collected"))
        if known is not None and not self._replaces(name, row, crawled, same=known.text == text):
            return None
        if thread is not None and "comments" in said:
            self.index.set_platform_comment_count(platform, thread, count(said["comments"]))
        self.index.add(name, platform, text, crawled, self.number)
        if known is None:
            self.index.note(platform, thread, out.get("kind"))
        if "cluster_id" not in out:
            vlogger = out.get("vantage") == VLOGGER and "speaker" in out and not self.options.keep_speakers
            whole = name if thread is None else self.index.cluster(platform, thread)
            out["cluster_id"] = self.index.account(platform, out["speaker"]) if vlogger else whole
        self.threadless += out["cluster_id"] == name
        return out

    def _bare(self, out: dict[str, Any]) -> None:
        """Leave no name in ids that are links, nor in the text."""
        for name in IDS:
            if name in out:
                out[name] = thread_id(out[name]) if name in {"thread_id", "cluster_id"} else bare_id(out[name])
        if not self._as_it_is(out):
            out["text"] = self.pseudonyms.text(out["text"], out.get("platform"))

    def _ruled(self, out: dict[str, Any]) -> Mapping[str, str]:
        """Let the rules of ``sources.yaml`` decide before the row and the command; return what else they say."""
        if not self.rules:
            return {}
        names = (out["speaker"].lower().removeprefix("@"),) if "speaker" in out else ()
        said = self.rules.says(self.file, out.get("thread_id") or "", names)
        for name, value in said.items():
            if name == "cluster":
                out["cluster_id"] = value
            elif name in SCHEMA.names and value == NONE:
                out.pop(name, None)
            elif name in SCHEMA.names:
                out[name] = value
        return said

    def _separate(self, out: dict[str, Any]) -> None:
        """Leave the writer's own words, where it is known by which signs the platform sets others' apart."""
        platform = out.get("platform")
        if platform is None or self._as_it_is(out):
            return
        said, out["text"] = out["text"], own_words(out["text"], platform)
        if reason := no_utterance(out["text"], said):
            raise ValueError(reason)

    def _as_it_is(self, out: Mapping[str, Any]) -> bool:
        """Tell the press's quotations, which keep their names, and constructed words, which are nobody's."""
        return self.options.keep_speakers or out["evidence"] == "constructed"

    def _hide(self, out: dict[str, Any]) -> None:
        """Replace who speaks."""
        if self._as_it_is(out):
            return
        platform = out.get("platform")
        if is_nobody(out.get("speaker", "")):
            del out["speaker"]
        elif "speaker" in out:
            out["speaker"] = self.pseudonyms.author(platform, out["speaker"])

    def _replaces(self, name: str, row: Row, crawled: int, *, same: bool) -> bool:
        """Tell whether a row takes the place of one with its id: a rule says that it was gathered later."""
        from_file = self.index.supersede(name, crawled)
        if from_file is None and not same:
            message = f"the id '{name}' belongs to another text already"
            raise ValueError(message)
        self.index.duplicates.append({"file": self.file, "row": row.number, "utterance_id": name})
        if from_file is None:
            self.duplicates += 1
            return False
        self.gave_up[from_file] += 1
        return True

    def _check(self, out: dict[str, Any]) -> None:
        out.setdefault("collection", self.options.collection)
        out.setdefault("evidence", "verbatim")
        if "origin" not in out and out.get("vantage") in ORIGIN_OF_VANTAGE:
            out["origin"] = ORIGIN_OF_VANTAGE[out["vantage"]]
        for name, accepted in ACCEPTED.items():
            if name in out and out[name] not in accepted:
                message = f"{name} '{out[name]}' is not known (accepted: {', '.join(accepted)})"
                raise ValueError(message)
        for name in IDS:
            if name in out:
                whole_id(out[name])  # refuses what lost its digits; else ids stay as they are written
        self._convert(out)
        out["source_file"], out["source_tool"] = self.file, "table"

    def _convert(self, out: dict[str, Any]) -> None:
        """Turn counts and the time into what the corpus holds."""
        for name in ("likes", "replies"):
            if name in out:
                try:
                    out[name] = count(out[name])
                except ValueError as error:
                    message = f"{name} {error} (accepted: 12, 1,234, 1.2K, 1.2万)"
                    raise ValueError(message) from None
        if "posted_at" in out:
            try:
                out["posted_at"], precision = parse_time(out["posted_at"])
            except (ValueError, OverflowError):
                message = f"posted_at '{out['posted_at']}' is no time (accepted: ISO 8601, Unix seconds)"
                raise ValueError(message) from None
            out.setdefault("time_precision", precision)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in (*SCHEMA.names, CRAWLED)}


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
