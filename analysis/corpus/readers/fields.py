r"""Where things are in a record, as data: paths, and the operators that most formats need.

The fields of a format are a mapping of the names of a parsed item to a **path** (``user.uid``; also the name of a
table's column that is spelt so, or ``user/uid``), a tuple of paths (the first that is filled counts), or an operator::

    FIELDS = {
        "utterance_id": "cid",
        "text": first("text", "caption"),         # passing over "null", "N/A" and their like
        "author": unwrap("user", "uid"),          # within a cell that holds JSON, or Python
        "likes": "statistics.likes",              # nested, or a column of that name
        "kind": constant("comment"),
        "thread_id": in_name(r"BV\w{10}"),        # in the file's name
        CHILDREN: children("replies"),            # records of the same fields beneath
    }

:func:`read` makes a format's reader of them. A function of the record may stand where an operator may.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.corpus.convert import missing, stamp
from analysis.corpus.readers.column_names import OF_THREAD, bare

if TYPE_CHECKING:
    from analysis.corpus.readers.format import File

#: One utterance as the file has it; see the docstring of :mod:`analysis.corpus.readers` for its names.
ParsedItem = dict[str, Any]
#: Where a value is.
Get = str | tuple[Any, ...] | Callable[[dict[str, Any]], Any]
#: What a reader may stumble over in a record that is not as its tool writes it.
FAULTS = (AttributeError, TypeError, LookupError, ArithmeticError, ValueError, RecursionError)
#: Under this name the fields say what stands beneath a record.
CHILDREN = "children"
#: A number that a spreadsheet shows in short (1.13E+14): which it was is not known.
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
#: What an API says of a request, and nobody of a video; and what stands beside it.
SAYS = frozenset(["message", "msg", "status_msg", "detail"])
CODES = frozenset(["code", "status_code", "errcode", "ret", "ok"])
#: A cell of more characters than this is no list of replies.
_LONGEST_CELL = 2_000_000


def find(value: Any, path: str) -> Any:  # noqa: ANN401  any JSON value
    """Return what stands at a path of names (``user.uid``) or in a table's column of that whole name, or None.

    >>> find({"a": {"b": "c"}}, "a.b"), find({"a.b": "c"}, "a.b"), find({"a/b": "c"}, "a.b"), find({"a": None}, "a.b")
    ('c', 'c', 'c', None)
    """
    if isinstance(value, dict):
        if path in value or "." not in path:
            return value.get(path)
        if (joined := path.replace(".", "/")) in value:
            return value[joined]
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def first_given(record: Any, *paths: str) -> Any:  # noqa: ANN401  any JSON value
    """Return the first value that is given: neither empty nor a word that tools write for what is missing."""
    return next((value for path in paths if not missing(value := find(record, path))), None)


def is_answer(record: Mapping[str, Any]) -> bool:
    """Tell whether an object is what an API answers, whose "message" says how the request went.

    >>> is_answer({"code": 0, "message": "ok", "data": []}), is_answer({"code": "KR", "message": "so calm"})
    (True, False)
    """
    coded = not CODES.isdisjoint(name.lower() for name in dict.keys(record))
    return coded and any(isinstance(value, (dict, list)) for value in dict.values(record))


def is_true(value: object) -> bool:
    """Tell whether a value is true, or the word for it that a table has.

    >>> is_true(True), is_true("TRUE"), is_true("1"), is_true(None)
    (True, True, False, False)
    """
    return str(value).lower() == "true"


def has(value: Any, path: str) -> bool:  # noqa: ANN401  any JSON value
    """Tell whether a path exists, of several with bars between them one; lists on the way are looked into.

    >>> has({"a": [{"b": 1}]}, "a.b"), has({"a.b": 1}, "a.b"), has({"a/b": 1}, "x|a.b"), has({"a": 1}, "a.b")
    (True, True, True, False)
    """
    if "|" in path:
        return any(has(value, one) for one in path.split("|"))
    if isinstance(value, dict):
        if path in value or ("." in path and path.replace(".", "/") in value):
            return True
        if path.partition(".")[0] not in value:
            return False
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


def literal(cell: object, longest: int = _LONGEST_CELL) -> Any:  # noqa: ANN401  any JSON or Python literal
    """Return the list or dictionary that a cell writes in JSON or in Python, nothing being run; None for other cells.

    >>> literal("[{'id': '1', 'owner': None}]"), literal('{"id": null}'), literal("[smile]")
    ([{'id': '1', 'owner': None}], {'id': None}, None)
    """
    if not isinstance(cell, str) or not cell.startswith(("{", "[")) or len(cell) > longest:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            return read(cell)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return None


# -- operators ---------------------------------------------------------------------------------------------------------


def constant(value: object) -> Get:
    """Return what is the same of every record."""
    return lambda _: value


def first(*gets: Get) -> Get:
    """Return the first value that is given: neither empty nor a word that tools write for what is missing."""
    several = [getter(get) for get in gets]

    def look(record: dict[str, Any]) -> object:
        return next((value for one in several if not missing(value := one(record))), None)

    return look


def unwrap(name: str, path: str = "") -> Get:
    """Return what stands at a path within a cell that holds JSON or Python, or the whole of it."""

    def look(record: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
        cell = find(record, name)
        inner = cell if isinstance(cell, dict | list) else literal(cell)
        return find(inner, path) if path else inner

    return look


def several(*gets: Get) -> Get:
    """Return all values, as ``names`` takes them."""
    all_of_them = [getter(get) for get in gets]
    return lambda record: tuple(one(record) for one in all_of_them)


def lines(*gets: Get) -> Get:
    """Return texts one below the other; the beginning of another, cut or whole, is said once."""
    parts = [getter(get) for get in gets]

    def join(record: dict[str, Any]) -> str:
        texts = [text for one in parts if isinstance(text := one(record), str) and not missing(text)]
        return "\n".join(
            text for i, text in enumerate(texts) if not any(t.startswith(text.rstrip("….")) for t in texts[i + 1 :])
        )

    return join


def matched(pattern: str, *gets: Get) -> Get:
    """Return the (first group of the) first place in the values where a pattern is."""
    compiled, many = re.compile(pattern), [getter(get) for get in gets]

    def look(record: dict[str, Any]) -> str | None:
        for one in many:
            if found := compiled.search(str(one(record) or "")):
                return found[found.lastindex or 0]
        return None

    return look


def marked(mark: str, get: Get) -> Get:
    """Return an id with a mark before it, so that a video's is no comment's; a rounded number stays what it is."""
    one = getter(get)

    def look(record: dict[str, Any]) -> str | None:
        value = one(record)
        if missing(value) or _ROUNDED.fullmatch(str(value)):
            return None if missing(value) else str(value)
        return f"{mark}{str(value).removeprefix(mark)}"

    return look


def times(factor: float, get: Get) -> Get:
    """Return a number in another unit, None for what is none."""
    one = getter(get)

    def look(record: dict[str, Any]) -> float | None:
        try:
            return float(one(record)) * factor
        except (TypeError, ValueError):
            return None

    return look


def edited(edit: Get, written: Get) -> Get:
    """Return when a record was last changed, or written where it never was (null, ``false``, a time that is none)."""
    moments = (getter(edit), getter(written))
    return lambda record: next((value for one in moments if (value := one(record)) and stamp(value) >= 0), None)


class OfFile:
    """What the file says of all its records: a function of :class:`analysis.corpus.readers.format.File`."""

    def __init__(self, look: Callable[[File], Any]) -> None:
        """Take the function."""
        self.look = look


def in_name(pattern: str) -> OfFile:
    """Return the (first group of the) one thing in the file's name that a pattern describes, None of several."""
    compiled = re.compile(pattern)

    def look(file: File) -> str | None:
        found = {match[match.lastindex or 0] for match in compiled.finditer(file.own)}
        return found.pop() if len(found) == 1 else None

    return OfFile(look)


def envelope(path: str) -> OfFile:
    """Return what stands at a path beside the records of the document."""
    return OfFile(lambda file: find(file.envelope, path))


def children(*names: str, fields: Mapping[str, Any] | None = None) -> tuple[tuple[str, ...], Mapping[str, Any] | None]:
    """Return what says where the records beneath one stand; they have its fields, or fields of their own.

    They take their thread from it, and answer it unless they say whom.
    """
    return names, fields


# -- readers -----------------------------------------------------------------------------------------------------------


def pick(fields: Mapping[str, Get]) -> Callable[[dict[str, Any]], ParsedItem]:
    """Return a function that takes a record to a parsed item.

    Parameters
    ----------
    fields : mapping
        Name in the parsed item to a path, several paths (the first that is filled counts), an operator, or a function
        of the record.

    """
    # Most fields stand on top of the record: they are looked up without a call each.
    on_top = [(name, get) for name, get in fields.items() if isinstance(get, str) and "." not in get]
    getters = [(name, getter(get)) for name, get in fields.items() if (name, get) not in on_top]

    def read_one(record: dict[str, Any]) -> ParsedItem:
        look = record.get
        parsed = {name: value for name, key in on_top if (value := look(key)) is not None and value != ""}
        for name, get in getters:
            value = get(record)
            if value is not None and value != "":
                parsed[name] = value
        return parsed

    return read_one


def getter(get: Get) -> Callable[[dict[str, Any]], Any]:
    """Return the function of a record that a path, a tuple of paths or an operator means."""
    if callable(get):
        return get
    if isinstance(get, tuple):
        each = [getter(path) for path in get]

        def look(record: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
            for one in each:
                value = one(record)
                if value is not None and value != "":
                    return value
            return None

        return look
    return lambda record: find(record, get)


def read(fields: Mapping[str, Any], *more: Callable[[ParsedItem, dict[str, Any]], None]) -> Callable[..., Any]:
    """Return a format's reader: an utterance a record, and one for each record beneath it (:data:`CHILDREN`).

    Fields without ``text`` are of what stands around utterances: all that they say holds for those beneath.

    Parameters
    ----------
    fields : mapping
        As :func:`pick` takes them; :class:`OfFile` where the file says it, which counts where the record does not.
    *more : callable
        ``(parsed item, record)``: what no operator says.

    """
    below, other = fields.get(CHILDREN, ((), None))
    read_one = _one_of_file({name: get for name, get in fields.items() if name != CHILDREN}, more)
    read_below = None if other is None else read(other)
    name_of, speaks = getter(fields.get("utterance_id", ())), "text" in fields

    def read_all(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        whole = read_one(record, file)
        handed = {name: whole[name] for name in ("thread_id", "crawled") if name in whole} if speaks else whole
        if speaks:
            yield whole
        for name in below if read_below is not None else ():
            for each in records_at(record, name):
                answered = {"parent_id": whole.get("utterance_id")} if speaks else {}
                for parsed in guarded(read_below, each, file):
                    yield {**handed, **answered, **parsed}
        for name in below if read_below is None else ():
            for each, above in with_replies(record, name):
                if above is not None:
                    yield {**handed, "parent_id": name_of(above), **read_one(each, file)}

    return read_all


def guarded(reader: Callable[..., Iterable[ParsedItem]], record: Any, file: File) -> Iterator[ParsedItem]:  # noqa: ANN401
    """Yield what a record beneath another says: one that is not as its tool writes it must not cost the others."""
    try:
        yield from reader(record, file)
    except FAULTS as error:
        yield {"problem": f"not in the format of its tool ({type(error).__name__})"}


def _one_of_file(fields: Mapping[str, Any], more: Iterable[Callable[..., None]]) -> Callable[..., ParsedItem]:
    """Return what takes a record and its file to a parsed item; what the file says counts where the record does not."""
    told = {name: get if isinstance(get, tuple) else (get,) for name, get in fields.items()}
    of_file = {name: get[-1].look for name, get in told.items() if isinstance(get[-1], OfFile)}
    picked = pick({name: told[name][:-1] if name in of_file else get for name, get in fields.items()})

    def read_one(record: dict[str, Any], file: File) -> ParsedItem:
        parsed = picked(record)
        for name, look in of_file.items():
            value = None if name in parsed else (name == "thread_id" and added_thread(record)) or look(file)
            if value is not None:
                parsed[name] = value
        for add in more:
            add(parsed, record)
        return parsed

    return read_one


def added_thread(record: dict[str, Any]) -> object:
    """Return the video or post that somebody has put into a record whose tool does not say it."""
    name = _thread_of(tuple(dict.keys(record)))
    value = None if name is None else record.get(name)
    return None if missing(value) else value


@lru_cache(maxsize=256)
def _thread_of(names: tuple[str, ...]) -> str | None:
    return next((name for name in names if bare(name) in OF_THREAD), None)


def records_at(record: dict[str, Any], path: str) -> list[Any]:
    """Return the list at a path; an empty one where there is none."""
    found = find(record, path)
    return found if isinstance(found, list) else []


def with_replies(item: dict[str, Any], name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Yield a comment and all that stands under it in order, each with the one that it stands under.

    A file may nest replies as deep as it likes; none of them is lost, and no call nests with them.
    """
    waiting: list[tuple[dict[str, Any], dict[str, Any] | None]] = [(item, None)]
    while waiting:
        found, above = waiting.pop()
        yield found, above
        replies = find(found, name)
        waiting += [(reply, found) for reply in reversed(replies)] if isinstance(replies, list) else []


def one(picked: Callable[[dict[str, Any]], ParsedItem]) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of records that are one utterance each."""

    def read_it(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
        yield picked(record)

    return read_it
