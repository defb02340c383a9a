"""A format: the description of what one tool writes for one platform, and how a file is known to be of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, BinaryIO

from analysis.corpus.readers import delimited, jsonstream, records
from analysis.corpus.readers.clocks import whole_times
from analysis.corpus.readers.column_names import is_header
from analysis.corpus.readers.fields import ParsedItem, find, has
from analysis.corpus.readers.records import TABLES, Record, Sample
from analysis.corpus.readers.source import Source, own_name
from analysis.errors import InputError, first_few

#: What a format comes as that is written as JSON and as a table.
ANY = ("json", "jsonl", "csv")
#: Keys or columns that a message names at most.
_NAMES = 20


@dataclass(frozen=True)
class File:
    """What a reader may know of a file beside its records.

    Attributes
    ----------
    name : str
        The file's name.
    envelope : mapping
        What stands beside the records of the document (where the format asks for it).
    has : callable
        Whether a file of a name lies in the same folder.
    sidecar : mapping
        The JSON document in the same folder that tells more of this file (where the format names one).

    """

    name: str
    envelope: Mapping[str, Any] = field(default_factory=dict)
    has: Callable[[str], bool] = lambda _: False
    sidecar: Mapping[str, Any] = field(default_factory=dict)

    @property
    def own(self) -> str:
        """Return the file's own name without the folder or the archive that it stands in."""
        return own_name(self.name)

    @cached_property
    def stem(self) -> str:
        """Return the file's own name without its endings."""
        return self.own.split(".", 1)[0]


@dataclass(frozen=True)
class Format:
    """What one tool writes for one platform.

    Attributes
    ----------
    name : str
        As ``--format`` takes it: the tool, the platform if it has several, what it holds.
    tool, platform : str
        As ``source_tool`` and ``platform`` say.
    about : str
        ``posts`` (and ``posts and comments``) are read before ``comments``, so that it is known who speaks under a
        video of his own; ``replies`` after them, so that it is known what they stand under.
    required : tuple of str
        Paths (``a.b.c``; lists are looked into) that its records have, and no other format's; of names with bars
        between (``comment|评论内容``) one.
    forbidden : tuple of str
        Paths that make it another format.
    values : mapping of str to str
        Paths with the value that they must have (more than one, with bars: ``tiktok.com|tiktok``).
    tells : callable, optional
        Whether a file's first record is of this format, by its values: for tools whose names are the same for two
        platforms.
    read : callable
        ``(record, File) -> parsed items``; usually :func:`analysis.corpus.readers.fields.read`.
    record_path : tuple of str
        The names on the way to the list of records within a document.
    kinds : tuple of str
        The kinds of file that it comes as (see :class:`analysis.corpus.readers.records.Sample`); what comes as ``csv``
        may have been saved as a workbook.
    sniff : callable, optional
        ``Sample -> bool`` instead of names, for files (captions, blog posts) whose record is then ``{"text": the whole
        file}``, and for tables (``kinds`` has ``csv``) whose headers say nothing.
    sniff_hint : str
        What ``sniff`` looks for, in words.
    envelope : bool
        Whether the reader needs what stands beside the records in a document (``File.envelope``); of a table, the rows
        above its header (``File.envelope["above"]``, a list of lists of cells).
    emit_envelope : bool
        Whether what stands beside the records says something itself (a video's title): it is then read as a record
        before them, ``record is file.envelope``.
    sidecars : callable, optional
        ``File -> names`` of the documents in the same folder of which the first that is there is ``File.sidecar``.
    assumed_timezone : str
        Of times without one: ``UTC``, ``+08:00``, ``unknown``.
    markup : str
        See :func:`analysis.corpus.clean.plain`.
    escape : str, optional
        In CSV, what escapes a quote where quotes are not doubled.
    versions : mapping of str to tuple of str
        Name of a version to the paths that mark it; the first that fits is told.
    limitations : tuple of str
        What it cannot give, for ``vantage formats``.
    of_account : bool
        Whether its files, and their folders, are called like the account whose posts they hold.
    by_names : bool
        Whether it is known by what people call such columns, and so has columns of theirs beside: where none says what
        comments stand under, those are asked about.

    """

    name: str
    tool: str
    platform: str
    about: str
    required: tuple[str, ...]
    read: Callable[[dict[str, Any], File], Iterable[ParsedItem]]
    forbidden: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    tells: Callable[[dict[str, Any]], bool] | None = None
    record_path: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("json", "jsonl")
    sniff: Callable[[Sample], bool] | None = None
    sniff_hint: str = ""
    envelope: bool = False
    emit_envelope: bool = False
    of_account: bool = False
    sidecars: Callable[[File], Iterable[str]] | None = None
    assumed_timezone: str = "UTC"
    markup: str = "plain"
    escape: str | None = None
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limitations: tuple[str, ...] = ()
    by_names: bool = False

    def items(self, record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        """Yield what a record holds, the time with the day or the clock of another column."""
        return whole_times(self.read(record, file), record)

    def lines(self) -> list[str]:
        """Return what ``vantage formats`` says of it."""
        marks = [*self.required, *(f"{path} = {value}" for path, value in self.values.items()), self.sniff_hint]
        out = [f"{self.name}   {self.about} on {self.platform or 'any platform'}, written by {self.tool}"]
        out += [f"  recognised by  {', '.join(filter(None, marks))}"]
        kinds = dict.fromkeys([*self.kinds, *(["xlsx"] if "csv" in self.kinds else [])])
        out += [f"  file types     {', '.join(kinds)}"]
        out += [f"  versions       {'; '.join(self.versions)}"] if self.versions else []
        return out + ([f"  limitations    {'; '.join(self.limitations)}"] if self.limitations else [])


@dataclass(frozen=True)
class Match:
    """How a file fits a format.

    Attributes
    ----------
    header : int
        In which row its header stands.
    within : tuple of str
        The names on the way to what a JSON document holds of the format.

    """

    format: Format
    header: int = 0
    version: str = ""
    within: tuple[str, ...] = ()


def recognise(sample: Sample, formats: Sequence[Format]) -> Match | None:
    """Return the format that a file is of: the one that asks for most, where several fit."""
    best: tuple[int, Match] | None = None
    for format_ in formats:
        if format_.sniff is not None:
            # Running text may look like a table with commas; what a text is, its format knows.
            kinds = {"text", "csv", *format_.kinds, *({"xlsx"} if "csv" in format_.kinds else ())}
            if sample.kind in kinds and format_.sniff(sample):
                return Match(format_)
            continue
        # Many a table has been opened in a spreadsheet and saved as a workbook.
        if not {sample.kind, "csv" if sample.kind in TABLES else sample.kind} & set(format_.kinds):
            continue
        for number, document in enumerate(sample.documents):
            asks = len(format_.required) + len(format_.values)
            if (best is None or asks > best[0]) and _fits(format_, document) and _told(format_, sample, number):
                header = number if sample.has_headers else 0
                best = (asks, Match(format_, header, _version(format_, sample.documents[number:])))
    return best[1] if best else None


def _fits(format_: Format, document: dict[str, Any]) -> bool:
    if not all(has(document, path) for path in format_.required) or any(
        has(document, path) for path in format_.forbidden
    ):
        return False
    return all(str(find(document, path)) in accepted.split("|") for path, accepted in format_.values.items())


def _told(format_: Format, sample: Sample, number: int) -> bool:
    """Tell whether the first record is of a format by its values; in a table it stands beneath its header."""
    if format_.tells is None:
        return True
    documents = sample.documents[number : number + 2]
    if sample.has_headers:
        rows: list[Any] = [list(row) for row in documents]
        if sample.kind == "csv":
            lines = io.StringIO(sample.text, newline="")
            found = delimited.rows(lines, sample.delimiter, escape=format_.escape or sample.escape)
            rows = list(islice((row for n, row in enumerate(found) if n <= number or any(row)), number, number + 2))
        same = len(rows) == 2 and len(rows[0]) == len(rows[1])  # noqa: PLR2004  a header and a row
        return format_.tells(dict(zip(documents[0], rows[1], strict=False)) if same else {})
    return format_.tells(documents[0])


def _version(format_: Format, documents: Sequence[dict[str, Any]]) -> str:
    for name, marks in format_.versions.items():
        if any(all(has(document, path) for path in marks) for document in documents):
            return name
    return ""


def nearest(sample: Sample, formats: Sequence[Format]) -> tuple[Format, list[str]] | None:
    """Return the format that misses least in a file, and what of it is missing."""
    best: tuple[float, Format, list[str]] | None = None
    for format_ in formats:
        for document in sample.documents if format_.required else []:
            missing = [path for path in format_.required if not has(document, path)]
            share = 1 - len(missing) / len(format_.required)
            if share > (best[0] if best else 0):
                best = (share, format_, missing)
    return best[1:] if best else None


def names_in(sample: Sample) -> list[str]:
    """Return the keys or columns of a file, for a message; of a table whose first row may hold words none."""
    if not sample.documents or (sample.has_headers and not is_header([list(row) for row in sample.documents])):
        return []
    documents = sample.documents[:1] if sample.has_headers else sample.documents
    found = list(dict.fromkeys(name for document in documents for name in document))
    return [" ".join(name.split())[:40] for name in first_few(found, _NAMES)]


def read_records(source: Source, match: Match, sample: Sample) -> Iterator[tuple[Record, File]]:
    """Yield the records of a file that has been recognised, each with what is known of its file."""
    format_ = match.format
    if sample.kind == "jsonl" and (format_.record_path or match.within) and "\n" not in sample.text.strip():
        sample = replace(sample, kind="json")  # a document on one line: its records are counted, not its lines
    envelope = (
        {"above": above(sample, match.header)}
        if format_.envelope and match.header
        else _envelope(source, match, sample)
    )
    file = File(source.name, envelope, source.has)
    file = file if format_.sidecars is None else replace(file, sidecar=_document(source, format_.sidecars(file)))
    if format_.emit_envelope and file.envelope and sample.kind == "json" and not match.within:
        yield Record(0, file.envelope), file
    if sample.kind in TABLES and "csv" in format_.kinds:
        found = records.table_rows(source, sample, match.header, format_.escape)
        yield from ((record, file) for record in found)
        return
    with source.open() as stream:
        listed = sample.kind == "json" and format_.envelope and sample.text.lstrip().startswith("[")
        if match.within or listed or (sample.kind == "jsonl" and format_.record_path):
            for line, held in _documents(stream, match.within, sample, file):
                yield from _held(line, held, format_)
            return
        if sample.kind == "jsonl":
            found = records.json_lines(stream, sample.encoding)
        elif sample.kind == "json" and format_.sniff is None:
            found = records.json_items(stream, sample.encoding, format_.record_path)
        else:
            found = records.whole_text(stream, sample.encoding)
        yield from ((record, file) for record in records.to_the_end(found))


def _document(source: Source, names: Iterable[str]) -> dict[str, Any]:
    """Return the first document of these names in the same folder that can be read; an empty one where none can."""
    for found in filter(None, map(source.sibling, names)):
        try:
            with found.open() as stream:
                document = jsonstream.decoder.decode(stream.read(jsonstream.LIMIT).decode())
        except (InputError, ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            return document
    return {}


def _documents(stream: BinaryIO, path: tuple[str, ...], sample: Sample, file: File) -> Iterator[tuple[Record, File]]:
    """Yield the documents of a format that stand one a line, or in a list, or at a path within such."""
    if sample.kind == "json":
        found = records.json_items(stream, sample.encoding, path)
        yield from ((record, file) for record in records.to_the_end(found))
        return
    for line in records.to_the_end(records.json_lines(stream, sample.encoding)):
        yield from _within(line, replace(file, envelope=line.value) if path else file, path)


def _held(line: Record, file: File, format_: Format) -> Iterator[tuple[Record, File]]:
    """Yield the records of a document."""
    if not format_.record_path or line.problem is not None:
        yield line, file
        return
    within = replace(file, envelope=line.value)
    if format_.emit_envelope:
        yield line, within
    yield from _within(line, within, format_.record_path)


def _within(line: Record, file: File, path: tuple[str, ...]) -> Iterator[tuple[Record, File]]:
    """Yield the records at a path within a line."""
    if line.problem is not None:
        yield line, file
        return
    values: list[Any] = [line.value]
    for name in path:
        inner = [
            found
            for value in values
            if isinstance(value, dict)
            for part, found in dict.items(value)
            if jsonstream.is_part(part, name)
        ]
        # What is null holds none; within a list it is one that cannot be read.
        lists = (value if isinstance(value, list) else [value] for value in inner if value is not None)
        values = [each for several in lists for each in several]
    yield from ((records.as_record(line.number, value), file) for value in values)


def above(sample: Sample, header: int) -> list[list[str]]:
    """Return the cells above a header."""
    return [list(row) for row in sample.documents[:header]]


def _envelope(source: Source, match: Match, sample: Sample) -> dict[str, Any]:
    """Return what stands beside the records of a document, or beside what it holds of a format that asks for it."""
    if not match.format.envelope or sample.kind != "json":
        return {}
    with source.open() as stream:
        return records.json_envelope(stream, sample.encoding, match.within or match.format.record_path)
