"""Any table, with the command saying which column is what: its rows are taken as they are, but for people's names.

Where the platform is known, what others said is set apart from the writer's own words as in every other format
(:func:`analysis.corpus.clean.own_words`), and a row that is no utterance there (deleted, empty, a bare repost) is
rejected with the reason. Constructed words and the press's quotations are nobody's comments: they stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.corpus.clean import no_utterance, own_words, without_names
from analysis.corpus.convert import count, stamp, whole_id
from analysis.corpus.import_index import digest
from analysis.corpus.intake import Intake, hashed
from analysis.corpus.links import bare_id, thread_id
from analysis.corpus.options import ImportOptions
from analysis.corpus.positions import position
from analysis.corpus.privacy import is_nobody, names_somebody, without_masks
from analysis.corpus.readers.table import Row, read_table
from analysis.corpus.rules import NONE
from analysis.corpus.schema import ACCEPTED, ORIGIN_OF_VANTAGE, SCHEMA, VLOGGER, parse_time
from analysis.corpus.store import CRAWLED
from analysis.errors import InputError

#: Columns of the corpus that a file's column may be mapped to.
MAPPABLE = tuple(name for name in SCHEMA.names if name not in {"source_file", "source_tool"})
#: Columns that hold ids.
IDS = ("utterance_id", "thread_id", "cluster_id", "parent_id")


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
            problem = "no column is named 'text'; name the one that holds the text: --columns text=COLUMN"
            problem += f" (the file has: {', '.join(columns)})"
            raise InputError(problem, file=path)
    for name in mapping:
        if name not in MAPPABLE:
            raise InputError("is not a column of the corpus", column=name, accepted=MAPPABLE)
    if "text" not in mapping:
        raise InputError(
            "--columns does not say which column holds the text", file=path, accepted=["--columns text=COLUMN"]
        )
    return mapping


class TableIntake(Intake):
    """Takes the rows of a table."""

    def __init__(self, file: str, mapping: Mapping[str, str], *of_file: Any) -> None:  # noqa: ANN401  passed on
        """Take the file's name, which of its columns is what, and what any intake takes."""
        super().__init__(*of_file)
        self.file, self.mapping = file, mapping

    def _utterances(self, found: Iterable[Row]) -> Iterator[dict[str, Any]]:
        for row in found:
            self.read += 1
            try:
                utterance = self._utterance(row)
            except ValueError as error:
                self._reject(self.file, row.number, without_names(str(error)))
                continue
            if utterance is not None:
                yield utterance

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
            words = thread or "", without_masks(out["text"])
            nth = self.index.nth(self.number, hashed(*words))
            out["utterance_id"] = hashed(out["collection"], *words, str(nth))
        self._separate(out)
        own = out["utterance_id"]
        name = out["utterance_id"] = self.index.own_id(own, platform)
        out["parent_id"] = self.index.own_id(out.get("parent_id"), platform)
        self._hide(out)
        new, text = self.index.entry(name) is None, digest(out["text"])
        out[CRAWLED] = crawled = stamp(said.get("collected"))
        if not self._takes(name, row, text, crawled):
            return None
        if thread is not None and "comments" in said:
            self.index.set_platform_comment_count(platform, thread, count(said["comments"]))
        self.index.add(name, platform, text, crawled, self.number)
        if new:
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

    def _takes(self, name: str, row: Row, text: int, crawled: int) -> bool:
        """Tell whether a row is written: its id is new, or a rule says that it was gathered later."""
        known = self.index.entry(name)
        if known is None:
            return True
        if known.text != text and not self.index.is_newer(name, crawled):
            message = f"the id '{name}' belongs to another text already"
            raise ValueError(message)
        return self._replaces(self.file, row.number, name, crawled)

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
        out["position"] = position(out.get("position"), out["text"], out.get("platform"), out.get("kind"))
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
                message = f"posted_at '{out['posted_at']}' is not a time (accepted: ISO 8601, Unix seconds)"
                raise ValueError(message) from None
            out.setdefault("time_precision", precision)
