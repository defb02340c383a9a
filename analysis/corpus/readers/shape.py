"""A shape: the description of what one tool writes for one platform, and how a file is known to be of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.corpus.readers import jsonstream, records
from analysis.corpus.readers.records import Record, Sample
from analysis.corpus.readers.source import Source, own_name
from analysis.corpus.readers.unpack import DAMAGE
from analysis.errors import InputError

#: One utterance as the file has it; see the docstring of :mod:`analysis.corpus.readers` for its names.
Draft = dict[str, Any]
Get = str | tuple[str, ...] | Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class File:
    """What a reader may know of a file beside its records.

    Attributes
    ----------
    name, generation : str
        The file's name, and which generation of its shape it is.
    beside : mapping
        What stands beside the records of the document (where the shape asks for it).
    has : callable
        Whether a file of a name lies in the same folder.
    twin : mapping
        The JSON document in the same folder that tells more of this file (where the shape names one).

    """

    name: str
    beside: Mapping[str, Any] = field(default_factory=dict)
    generation: str = ""
    has: Callable[[str], bool] = lambda _: False
    twin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def own(self) -> str:
        """Return the file's own name without the folder or the archive that it stands in."""
        return own_name(self.name)

    @property
    def stem(self) -> str:
        """Return the file's own name without its endings."""
        return self.own.split(".", 1)[0]


@dataclass(frozen=True)
class Shape:
    """What one tool writes for one platform.

    Attributes
    ----------
    name : str
        As ``--format`` takes it: the tool, the platform if it has several, what it holds.
    tool, platform : str
        As ``source_tool`` and ``platform`` say.
    about : str
        ``posts`` (and ``posts and comments``) are read before ``comments``, so that it is known who speaks under a
        video of his own.
    required : tuple of str
        Paths (``a.b.c``; lists are looked into) that its records have, and no other shape's; of names with bars
        between (``comment|评论内容``) one.
    forbidden : tuple of str
        Paths that make it another shape.
    values : mapping of str to str
        Paths with the value that they must have (more than one, with bars: ``tiktok.com|tiktok``).
    read : callable
        ``(record, File) -> drafts``; usually :func:`one` of a :func:`pick`.
    at : tuple of str
        The names on the way to the list of records within a document.
    kinds : tuple of str
        The kinds of file that it comes as (see :class:`analysis.corpus.readers.records.Sample`); what comes as ``csv``
        may have been saved as a workbook.
    knows : callable, optional
        ``Sample -> bool`` instead of names, for text files (captions, blog posts), whose record is then ``{"text": the
        whole file}``, and for tables (``kinds`` has ``csv``) whose headers say nothing.
    mark : str
        What ``knows`` looks for, in words.
    beside : bool
        Whether the reader needs what stands beside the records in a document (``File.beside``); of a table, the rows
        above its header (``File.beside["above"]``, a list of lists of cells).
    head : bool
        Whether what stands beside the records says something itself (a video's title): it is then read as a record
        before them, ``record is file.beside``.
    twins : callable, optional
        ``File -> names`` of the documents in the same folder of which the first that is there is ``File.twin``.
    zone : str
        Of times without one: ``UTC``, ``+08:00``, ``unknown``.
    markup : str
        See :func:`analysis.corpus.clean.plain`.
    escape : str, optional
        In CSV, what escapes a quote where quotes are not doubled.
    generations : mapping of str to tuple of str
        Name of a generation to the paths that mark it; the first that fits is told.
    lacks : tuple of str
        What it cannot give, for ``vantage formats``.

    """

    name: str
    tool: str
    platform: str
    about: str
    required: tuple[str, ...]
    read: Callable[[dict[str, Any], File], Iterable[Draft]]
    forbidden: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("json", "jsonl", "csv")
    knows: Callable[[Sample], bool] | None = None
    mark: str = ""
    beside: bool = False
    head: bool = False
    twins: Callable[[File], Iterable[str]] | None = None
    zone: str = "UTC"
    markup: str = "plain"
    escape: str | None = None
    generations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return what ``vantage formats`` says of it."""
        marks = [*self.required, *(f"{path} = {value}" for path, value in self.values.items()), self.mark]
        out = [f"{self.name}   {self.about} on {self.platform or 'any platform'}, by {self.tool}"]
        out += [f"  known by    {', '.join(filter(None, marks))}"]
        kinds = dict.fromkeys([*self.kinds, *(["xlsx"] if "csv" in self.kinds else [])])
        out += [f"  comes as    {', '.join(kinds)}"]
        out += [f"  generations {'; '.join(self.generations)}"] if self.generations else []
        return out + ([f"  limits      {'; '.join(self.lacks)}"] if self.lacks else [])


def find(value: Any, path: str) -> Any:  # noqa: ANN401  any JSON value
    """Return what stands at a path of names (``user.uid``), or None.

    >>> find({"a": {"b": "c"}}, "a.b"), find({"a": None}, "a.b")
    ('c', None)
    """
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def has(value: Any, path: str) -> bool:  # noqa: ANN401  any JSON value
    """Tell whether a path exists, of several with bars between them one; lists on the way are looked into."""
    if "|" in path:
        return any(has(value, one) for one in path.split("|"))
    found = [value]
    for name in path.split("."):
        inner = []
        while found:
            each = found.pop()
            if isinstance(each, list):
                found += each  # however deep lists stand in lists
            elif isinstance(each, dict) and name in each:
                inner.append(each[name])
        found = inner
    return bool(found)


def pick(fields: Mapping[str, Get]) -> Callable[[dict[str, Any]], Draft]:
    """Return a function that takes a record to a draft.

    Parameters
    ----------
    fields : mapping
        Name in the draft to a path, several paths (the first that is filled counts), or a function of the record.

    """
    # Most fields stand on top of the record: they are looked up without a call each.
    on_top = [(name, get) for name, get in fields.items() if isinstance(get, str) and "." not in get]
    getters = [(name, _getter(get)) for name, get in fields.items() if (name, get) not in on_top]

    def read(record: dict[str, Any]) -> Draft:
        look = record.get
        draft = {name: value for name, key in on_top if (value := look(key)) is not None and value != ""}
        for name, get in getters:
            value = get(record)
            if value is not None and value != "":
                draft[name] = value
        return draft

    return read


def _getter(get: Get) -> Callable[[dict[str, Any]], Any]:
    if callable(get):
        return get
    if isinstance(get, tuple):
        several = [_getter(path) for path in get]

        def first(record: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
            for one in several:
                value = one(record)
                if value is not None and value != "":
                    return value
            return None

        return first
    *way, last = get.split(".")

    def at_path(record: Any) -> Any:  # noqa: ANN401  any JSON value
        for name in way:
            if not isinstance(record, dict):
                return None
            record = record.get(name)
        return record.get(last) if isinstance(record, dict) else None

    return at_path


def one(picked: Callable[[dict[str, Any]], Draft]) -> Callable[[dict[str, Any], File], Iterator[Draft]]:
    """Return a reader of records that are one utterance each."""

    def read(record: dict[str, Any], _: File) -> Iterator[Draft]:
        yield picked(record)

    return read


@dataclass(frozen=True)
class Match:
    """How a file fits a shape: in which row its header stands, and of which generation it is."""

    shape: Shape
    header: int = 0
    generation: str = ""


def recognise(sample: Sample, shapes: Sequence[Shape]) -> Match | None:
    """Return the shape that a file is of: the one that asks for most, where several fit."""
    best: tuple[int, Match] | None = None
    for shape in shapes:
        if shape.knows is not None:
            # Running text may look like a table with commas; what a text is, its shape knows.
            if sample.kind in {"text", "csv"} and shape.knows(sample):
                return Match(shape)
            continue
        # Many a table has been opened in a spreadsheet and saved as a workbook.
        if not {sample.kind, "csv" if sample.kind == "xlsx" else sample.kind} & set(shape.kinds):
            continue
        for number, document in enumerate(sample.documents):
            asks = len(shape.required) + len(shape.values)
            if (best is None or asks > best[0]) and _fits(shape, document):
                header = number if sample.kind in {"csv", "xlsx"} else 0
                best = (asks, Match(shape, header, _generation(shape, sample.documents[number:])))
    return best[1] if best else None


def _fits(shape: Shape, document: dict[str, Any]) -> bool:
    if not all(has(document, path) for path in shape.required) or any(has(document, path) for path in shape.forbidden):
        return False
    return all(str(find(document, path)) in accepted.split("|") for path, accepted in shape.values.items())


def _generation(shape: Shape, documents: Sequence[dict[str, Any]]) -> str:
    for name, marks in shape.generations.items():
        if any(all(has(document, path) for path in marks) for document in documents):
            return name
    return ""


def nearest(sample: Sample, shapes: Sequence[Shape]) -> tuple[Shape, list[str]] | None:
    """Return the shape that lacks least in a file, and what of it is missing."""
    best: tuple[float, Shape, list[str]] | None = None
    for shape in shapes:
        for document in sample.documents if shape.required else []:
            missing = [path for path in shape.required if not has(document, path)]
            share = 1 - len(missing) / len(shape.required)
            if share > (best[0] if best else 0):
                best = (share, shape, missing)
    return best[1:] if best else None


def names_in(sample: Sample, most: int = 20) -> list[str]:
    """Return the keys or columns of a file, for the message that it is not known."""
    if not sample.documents:
        return []
    documents = sample.documents[:1] if sample.kind in {"csv", "xlsx"} else sample.documents
    found = list(dict.fromkeys(name for document in documents for name in document))
    return [" ".join(name.split())[:40] for name in found[:most]] + (["…"] if len(found) > most else [])


def read_records(source: Source, match: Match, sample: Sample) -> Iterator[tuple[Record, File]]:
    """Yield the records of a file that has been recognised, each with what is known of its file."""
    shape = match.shape
    if sample.kind == "jsonl" and shape.at and "\n" not in sample.text.strip():
        sample = replace(sample, kind="json")  # a document on one line: its records are counted, not its lines
    beside = {"above": above(sample, match.header)} if shape.beside and match.header else _beside(source, shape, sample)
    file = File(source.name, beside, match.generation, source.has)
    file = file if shape.twins is None else replace(file, twin=_document(source, shape.twins(file)))
    if shape.head and file.beside and sample.kind == "json":
        yield Record(0, file.beside), file
    if sample.kind == "xlsx":
        yield from ((record, file) for record in records.xlsx_rows(source, header=match.header))
        return
    with source.open() as stream:
        if sample.kind == "jsonl" and shape.at:
            for line in _to_the_end(records.json_lines(stream, sample.encoding)):
                within = replace(file, beside=line.value)
                if shape.head and line.problem is None:
                    yield line, within
                yield from _within(line, within, shape.at)
            return
        if sample.kind == "jsonl":
            found = records.json_lines(stream, sample.encoding)
        elif sample.kind == "json":
            found = records.json_items(stream, sample.encoding, shape.at)
        elif sample.kind == "csv" and "csv" in shape.kinds:
            found = records.csv_rows(
                stream, sample.encoding, sample.delimiter, header=match.header, escape=shape.escape
            )
        else:
            found = records.whole_text(stream, sample.encoding)
        yield from ((record, file) for record in _to_the_end(found))


def _document(source: Source, names: Iterable[str]) -> dict[str, Any]:
    """Return the first document of these names in the same folder that can be read; an empty one where none can."""
    for found in filter(None, map(source.beside, names)):
        try:
            with found.open() as stream:
                document = jsonstream.decoder.decode(stream.read(jsonstream.LIMIT).decode())
        except (InputError, ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            return document
    return {}


def _to_the_end(found: Iterator[Record]) -> Iterator[Record]:
    """Yield records; where a packed stream breaks off, tell it as the last."""
    number = 0
    try:
        for record in found:
            number = record.number
            yield record
    except DAMAGE as error:
        yield Record(number + 1, {}, f"cannot be unpacked ({type(error).__name__}); nothing after it is read")


def _within(line: Record, file: File, at: tuple[str, ...]) -> Iterator[tuple[Record, File]]:
    """Yield the records at a path within a line."""
    if line.problem is not None:
        yield line, file
        return
    values: list[Any] = [line.value]
    for name in at:
        inner = [value.get(name) for value in values if isinstance(value, dict)]
        values = [each for value in inner for each in (value if isinstance(value, list) else [value])]
    for value in values:
        if isinstance(value, dict):
            yield Record(line.number, value), file


def above(sample: Sample, header: int) -> list[list[str]]:
    """Return the cells above a header."""
    return [list(row) for row in sample.documents[:header]]


def _beside(source: Source, shape: Shape, sample: Sample) -> dict[str, Any]:
    """Return what stands beside the records of a document, if the shape asks for it."""
    if not shape.beside or sample.kind != "json":
        return {}
    with source.open() as stream:
        return records.json_beside(stream, sample.encoding, shape.at)
