"""Records of a known format in a document of somebody's own, and the rows of a known table as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from analysis.corpus.cells import Watched, as_text
from analysis.corpus.convert import missing
from analysis.corpus.readers.fields import FAULTS, SAYS, ParsedItem, find
from analysis.corpus.readers.format import File, Format, Match, recognise
from analysis.corpus.readers.mapping import known_columns, lists_in
from analysis.corpus.readers.records import Sample

#: So many names make a format sure.
_SEVERAL = 3
_Path = tuple[str, ...]


def recognise_within(begun: Sample, formats: Sequence[Format]) -> Match | None:
    """Return how the records are read that stand somewhere within JSON, all of one format; None where others do too.

    Formats that are known by a common name alone are not looked for.
    """
    if begun.kind not in {"json", "jsonl"}:
        return None
    sure = [each for each in formats if each.sniff is None and not (each.by_names and len(each.required) < _SEVERAL)]
    found: dict[_Path, Match] = {}
    said: list[_Path] = []
    threads: list[tuple[_Path, str]] = []
    lists = list(lists_in(begun))
    for path, documents in lists:
        if any(path[: len(above)] == above for above in found):
            continue
        match = recognise(replace(begun, kind="json", documents=list(documents)), sure) if path else None
        if match is not None:
            found[path] = match
            continue
        words = {name: None for document in documents for name, value in document.items() if isinstance(value, str)}
        known = known_columns(words)
        said += [path] if known.get("text") not in SAYS | {None} else []
        threads += [(path, known["thread_id"])] if "thread_id" in known else []
    path = _one_path(list(found), lists)
    if path is None or (said and len(formats) > 1) or len({match.format.name for match in found.values()}) > 1:
        return None
    match = next(iter(found.values()))
    inner = match.format
    above = [(of, name) for of, name in threads if any(each[: len(of)] == of for each in found)]
    lacking = _lacks_thread(match.format, begun, [documents for each, documents in lists if each in found])
    if lacking and "*" in path:  # the names are videos, perhaps
        return None
    if above and lacking:
        # Of several documents in one list it is not told which one a record stands in.
        if above[-1][0] or inner.envelope or (begun.kind == "json" and begun.text.lstrip().startswith("[")):
            return None
        inner = replace(inner, envelope=True, read=_beneath(match.format.read, above[-1][1]))
    return replace(match, format=inner, within=path)


def recognise_rows(begun: Sample, formats: Sequence[Format]) -> Match | None:
    """Return how JSON is read whose objects are the rows of a table that is known, None where they are not.

    Data frames write them so, with numbers and null where the table has text.
    """
    flat = not any(isinstance(value, (dict, list)) for document in begun.documents for value in document.values())
    if begun.kind not in {"json", "jsonl"} or not flat:
        return None
    tables = [replace(each, kinds=("json", "jsonl")) for each in formats if "json" not in each.kinds]
    match = recognise(begun, [each for each in tables if each.sniff is None])
    return match and replace(match, format=replace(match.format, read=_as_cells(match.format.read)))


def _as_cells(read: Callable[..., Any]) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of objects whose values are text, as the cells of a table are."""

    def read_row(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        cells = {name: as_text(value) or "" for name, value in dict.items(record)}
        yield from read(record.of(cells) if isinstance(record, Watched) else cells, file)

    return read_row


def words_beside(begun: Sample, match: Match, text: str, formats: Sequence[Format]) -> list[str]:
    """Return the paths to what of JSON has words too, under other names than the one that is read by its name."""
    sure = [each for each in formats if each.sniff is None and not each.by_names]
    path = match.format.record_path
    found = []
    for other, documents in lists_in(begun) if begun.kind in {"json", "jsonl"} else ():
        said = {name for document in documents for name, value in document.items() if isinstance(value, str)}
        apart = other[: len(path)] != path and path[: len(other)] != other
        inner = replace(begun, kind="json", documents=list(documents))
        if apart and (known_columns(sorted(said)).get("text", text) != text or recognise(inner, sure)):
            found.append(".".join(other))
    return found


def _one_path(paths: Sequence[_Path], lists: Sequence[tuple[_Path, Sequence[dict[str, Any]]]]) -> _Path | None:
    """Return the path to all records: "*" for names of which each holds some, as where videos are the names."""
    if len({len(path) for path in paths}) != 1:
        return None
    parts = [list(dict.fromkeys(names)) for names in zip(*paths, strict=True)]
    differ = [at for at, names in enumerate(parts) if len(names) > 1]
    if len(differ) > 1:
        return None
    joined = ["|".join(names) for names in parts]
    for at in differ:
        above = paths[0][:at]
        beside = {path[at] for path, _ in lists if len(path) > at and path[:at] == above}
        joined[at] = "*" if beside == set(parts[at]) else joined[at]
    return tuple(joined)


def _lacks_thread(format_: Format, begun: Sample, found: Sequence[Sequence[dict[str, Any]]]) -> bool:
    """Tell whether a record does not say what it stands under."""
    try:
        items = [
            item
            for documents in found
            for record in documents
            if not format_.record_path
            for item in format_.read(record, File(begun.name))
        ]
    except FAULTS:
        return True
    return any(missing(item.get("thread_id")) for item in items)


def _beneath(read: Callable[..., Any], name: str) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of records that stand under what the document around them says."""

    def read_beneath(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        thread = find(file.envelope, name)
        for item in read(record, file):
            yield item if missing(thread) or not missing(item.get("thread_id")) else {**item, "thread_id": thread}

    return read_beneath
