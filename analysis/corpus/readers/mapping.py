"""Tables that no known tool wrote: a mapping of columns makes a format of them, which is read as every other is.

Which column is what, the command says (``--columns``), or the names by which people and their scripts call it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from analysis.corpus.readers.column_names import NAMES, OF_PLATFORM, bare, is_header
from analysis.corpus.readers.fields import FAULTS, SAYS, ParsedItem, find, has, is_answer, one, pick
from analysis.corpus.readers.format import File, Format, Match, read_records
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.source import Source
from analysis.corpus.readers.unnamed import ColumnsError, ask, under_one
from analysis.corpus.schema import SCHEMA
from analysis.errors import InputError, plural

TABLE = "table"
#: What a file's column may be mapped to: columns of the corpus, and when a row was seen, which none of them is.
MAPPABLE = (*(name for name in SCHEMA.names if name not in {"source_file", "source_tool"}), "crawled")
#: What stands before the name of a column that is the comment's own.
_OWN = ("comment", "评论者", "评论人", "评论", "留言", "댓글", "コメント", "kommentar")
#: What an object is called that holds a comment and says nothing of it.
_HOLDS = frozenset(["data", "node", "item", "attributes", "record", "snippet", "fields", "payload", "result"])
#: What a list is called that holds a text in pieces, as it is shown.
_PIECES = frozenset(["runs", "segments", "spans", "entities"])
#: What is the link to, or surely the id of, a video that a list of comments stands under; and what is one where all
#: such names are as long. An account's name or number looks like other ids, and must not be kept.
_ID = re.compile(r"\S+://\S+|BV[0-9A-Za-z]{10}")
_LIKE_OTHERS = re.compile(r"(?![A-Za-z][a-z]*(?:_[a-z]+|[A-Z][a-z]+)*\Z)[\w-]{11}")
#: Under what names an API says why it gives nothing.
FAILURES = frozenset(["error", "errors"])
#: What an object is called whose words are another's.
_ANOTHERS = re.compile(
    r"error|video|post|parent|quote|repl|retweet|repost|channel|page|title|thread|note|caption|embed|card"
)
#: A column without a name; one of several that a row groups under one name, its header being beneath.
_UNNAMED = re.compile(r"column \d+|.* \(\d+\)", re.DOTALL)
#: A column's name in Chinese that says when; Japan calls it otherwise, or has its own letters in other names.
_CHINESE, _JAPANESE = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[\u3040-\u30ff]|投稿|日時|日付|時刻|動画")
_SHOWN = 8


def _inner(paths: Iterable[str]) -> dict[str, str]:
    """Return what paths are called within what only holds them: ``content.text`` is a text, ``user.nickname`` a name.

    >>> _inner(["content.text", "user.nickname", "data.user.id", "video.title", "payload.message"])
    {'text': 'content.text', 'nickname': 'user.nickname', 'userid': 'data.user.id', 'message': 'payload.message'}
    """
    out: dict[str, str] = {}
    texts, speakers = NAMES["text"].split(), NAMES["speaker"].split()
    several = [([bare(part) for part in path.split(".")], path) for path in paths if "." in path]
    for (*_, above, last), path in several:
        of_account = above.removesuffix("info") in speakers  # user_info.user_id
        if above in _HOLDS or above in texts or (of_account and last in speakers):
            out.setdefault(last, path)
        if path.count(".") > 1 and above in speakers:
            out.setdefault(above + last, path)
    for (*_, above, last), path in several:
        if last in texts and not (out.keys() & texts or above in speakers or _ANOTHERS.search(above)):
            out[last] = path
    return out


def known_columns(names: Iterable[str], inner: Iterable[str] = ()) -> dict[str, str]:
    """Return which of a file's columns are what, by the corpus's own names and by those that are well known.

    Of the paths ``inner`` the name within what holds them counts too.
    """
    left = list(names)
    called = {**_inner(inner), **{bare(name): name for name in reversed(left)}}
    # Beside "comment_author", "author" is the video's; beside "comment_date", "timestamp" is the crawl's.
    own = {
        key.removeprefix(of): name for key, name in called.items() for of in _OWN if key.startswith(of) and key != of
    }
    if own.get("id") in {called.get("评论者id"), called.get("评论人id")}:  # who wrote it is not which comment it is
        own.pop("id", None)
    called |= own
    owned = set(own.values())
    # Elsewhere "position" is a rank, and "replies" a list beside the number of them.
    apart = {"replies", *({"position"} if "utterance_id" not in left else ())}
    exact = [name for name in MAPPABLE if name in left and name not in apart]
    out = {name: name for name in exact if not own.keys() & {bare(name), *NAMES.get(name, "").split()}}
    called = {key: name for key, name in called.items() if name not in out}
    for column, words in NAMES.items():
        known = [called[word] for word in words.split() if word in called]
        found = next((name for name in known if name in owned), known[0] if known else None)
        if found is not None and column not in out:
            out[column] = found
            called = {key: name for key, name in called.items() if name != found}
    return {name: out[name] for name in MAPPABLE if name in out}


def table_match(
    mapping: Mapping[str, str], header: int = 0, path: tuple[str, ...] = (), *, deep: bool = False
) -> Match:
    """Return the format that a mapping of corpus column to file column makes.

    Parameters
    ----------
    header : int
        In which row the header of a table stands.
    path : tuple of str
        The names on the way to the records of a document.
    deep : bool
        Whether what stands within a record may be records too (replies; the comments of a video).

    A clock under a Chinese name shows Chinese time, as in the tables of crawlers.

    """
    picked = pick({"author" if name == "speaker" else name: column for name, column in mapping.items()})
    read = _read_deep(picked, mapping["text"] in SAYS) if deep else one(picked)
    read = read if "thread_id" in mapping else under_one(read)
    titled = header > 0 and "thread_id" not in mapping
    kinds = ("json", "jsonl", "csv")
    markup = "html" if bare(mapping["text"]).endswith("textdisplay") else "either"
    rest: dict[str, Any] = {"record_path": path, "kinds": kinds, "markup": markup, "envelope": titled}
    if _CHINESE.search(mapping.get("posted_at", "")) and not any(map(_JAPANESE.search, mapping.values())):
        rest["assumed_timezone"] = "+08:00"
    platform = next((OF_PLATFORM[name] for name in map(bare, mapping.values()) if name in OF_PLATFORM), "")
    return Match(Format(TABLE, TABLE, platform, "comments", (), read, **rest), header)


def _read_deep(
    picked: Callable[[dict[str, Any]], ParsedItem],
    says: bool,  # noqa: FBT001  read within this module alone
) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of all objects within a record that have words, in their order.

    What stands within a video is under it, what stands within a comment answers it. Where the words are called as an
    API calls what it ``says`` of a request, that is none of them.
    """

    def read(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
        # The last is the name in the record beneath which it stands: one where no words are is told as not read.
        waiting: list[tuple[Any, Any, Any, str | None]] = [(record, None, None, None)]
        found = False
        while waiting:
            value, thread, above, top = waiting.pop()
            if isinstance(value, list):
                waiting += [(item, thread, above, top) for item in reversed(value)]
                continue
            if not isinstance(value, dict):
                continue
            item = picked(value)
            thread = item.get("thread_id", thread)
            if isinstance(item.get("text"), str) and not (says and is_answer(value)):
                found = True
                if top is not None:
                    record.get(top)
                yield {"thread_id": thread, **({"parent_id": above} if above else {}), **item}
                above = item.get("utterance_id", above)
            within = [(name, inner) for name, inner in dict.items(value) if isinstance(inner, (dict, list))]
            within = [(name, inner) for name, inner in within if name not in _PIECES or not found]
            # {"dQw4w9WgXcQ": [its comments], …}, or of what holds them
            by_id = len(within) == len(value) and _are_videos([name for name, _ in within])
            by_id = by_id and not any(isinstance(inner, dict) and "text" in picked(inner) for _, inner in within)
            waiting += [(inner, name if by_id else thread, above, top or name) for name, inner in reversed(within)]
        if not found:
            yield picked(record)

    return read


def _are_videos(names: Sequence[str]) -> bool:
    """Tell whether all names in an object are videos."""
    alike = len(names) > 1 and all(map(_LIKE_OTHERS.fullmatch, names))
    return alike or all(map(_ID.fullmatch, names))


def _refuse_mapping(source: Source, columns: Mapping[str, str]) -> None:
    for name, column in columns.items():
        if name not in MAPPABLE:
            raise InputError("is not a column of the corpus", column=name, accepted=MAPPABLE)
        # Ids are kept as they are written.
        if name in {"thread_id", "cluster_id", "parent_id", "utterance_id"} and column == columns.get("speaker"):
            problem = f"is mapped to speaker and to {name}, which would keep whom it names"
            raise ColumnsError(problem, file=source.name, column=column, accepted=[f"--columns without {name}"])
    if "text" not in columns:
        problem = "--columns does not say which column holds the text"
        raise ColumnsError(problem, file=source.name, accepted=["--columns text=COLUMN"])


def match_by_command(source: Source, begun: Sample, columns: Mapping[str, str], where: Iterable[str] = ()) -> Match:
    """Return how a file is read by the columns that the command names.

    Raises
    ------
    InputError
        If a column is none of the corpus's, or the file has none of that name; no column holds the text.

    """
    _refuse_mapping(source, columns)
    wanted = [*columns.values(), *where]
    if begun.has_headers:
        headers = [list(document) for document in begun.documents]
        for place, names in enumerate(headers):
            if all(name in names for name in wanted):
                require_columns(source, names, wanted)
                return table_match(columns, place)
        if all(name.isdecimal() and int(name) for name in wanted):
            return _by_place(source, headers, columns)
        best = max(range(len(headers)), key=lambda place: sum(name in headers[place] for name in wanted))
        _require_header(source, headers[best:], wanted)
    columns = {name: _beneath_lists(begun.documents, column) for name, column in columns.items()}
    wanted = [*columns.values(), *where]
    match = _within(columns, begun)
    everything = [document for _, documents in lists_in(begun) for document in documents]
    missing = [name for name in wanted if not any(has(document, name) for document in everything)]
    # A key that few objects have may come late.
    for record, _ in read_records(source, match, begun) if missing else ():
        missing = [name for name in missing if not has(record.value, name)]
        if not missing:
            break
    require_columns(source, _flat(everything), missing)
    _refuse_objects(source, columns, everything)
    return match


def _within(columns: Mapping[str, str], begun: Sample) -> Match:
    """Return how JSON is read: the records of one list as they stream by, or all that a document holds."""
    lists = dict(lists_in(begun))
    said = [path for path, documents in lists.items() if _all_have(documents, [columns["text"]])]
    path = said[0] if said else ()
    beside = [name for name in columns.values() if not _all_have(lists[path], [name])]
    above = any(_all_have(documents, [name]) for name in beside for documents in lists.values())
    whole = above or any(map(_ID.fullmatch, path)) or any(other[: len(path)] != path for other in said)
    return table_match(columns, path=() if whole else path, deep=begun.kind != "parquet")


def _beneath_lists(documents: Sequence[dict[str, Any]], path: str) -> str:
    """Return what of a path of names stands beneath the last list on it: ``comments.text`` is the text of comments."""
    names = path.split(".")
    values: list[Any] = list(documents)
    for place, name in enumerate(names[:-1]):
        inner = [value.get(name) for value in values if isinstance(value, dict)]
        if any(isinstance(value, list) for value in inner):
            return _beneath_lists(
                [each for value in inner if isinstance(value, list) for each in value], ".".join(names[place + 1 :])
            )
        values = inner
    return path


def match_by_names(source: Source, begun: Sample) -> tuple[Match, dict[str, str]] | None:
    """Return how a file is read whose columns have well-known names, and which they are; None where none is the text.

    Raises
    ------
    InputError
        If a column may say which video or post a comment stands under, and none is known to: with the mapping to use.

    """
    best: tuple[int, dict[str, str], list[str]] | None = None
    lists = list(lists_in(begun))
    tables = [list(document) for document in begun.documents] if begun.has_headers else [_flat(one) for _, one in lists]
    parts = [] if begun.has_headers else _parts(begun, dict(lists))
    widest = 0
    for place, names in enumerate(tables):
        path = None if begun.has_headers else lists[place][0]
        if path in parts:
            continue
        # Above a header only a title may stand, narrower than it: "text" beneath a row as wide is what somebody said.
        wide = sum(not _UNNAMED.fullmatch(name) for name in names)
        inner = [name for name in names if path is not None and (*path, name.split(".")[0]) in parts]
        mapping = known_columns(names, inner) if wide > widest or not begun.has_headers else {}
        widest = max(wide, widest)
        if path is not None and "text" in mapping and _counted(lists[place][1], mapping["text"]):
            continue  # {"count": {"comment": 2}} says how many there are
        if path and path[-1] in _PIECES and len(mapping) == 1:
            continue
        if "text" in mapping and (best is None or len(mapping) > len(best[1])):
            best = place, mapping, names
    if best is None:
        return None
    place, mapping, names = best
    if not begun.has_headers and "thread_id" not in mapping:  # a list of comments may stand within their video
        around = known_columns(
            [name for path, one in lists if path == lists[place][0][: len(path)] for name in _flat(one)]
        )
        mapping |= {"thread_id": around["thread_id"]} if "thread_id" in around else {}
    match = table_match(mapping, place) if begun.has_headers else _within(mapping, begun)
    if "thread_id" not in mapping:
        ask(source, begun, match, mapping, names)
    return match, mapping


def mapping_of(format_: Format, names: Sequence[str]) -> dict[str, str]:
    """Return which of a file's columns a format takes for what, as it reads a row that holds their names."""
    try:
        parsed = next(iter(format_.read({name: name for name in names}, File(""))), {})
    except FAULTS:
        return {}
    told = {"speaker" if name == "author" else name: str(value) for name, value in parsed.items()}
    # Before an id a reader may have put of which kind it is: t3_post_id.
    found = {name: [each for each in names if f"_{told.get(name)}".endswith(f"_{each}")] for name in MAPPABLE}
    return {name: max(several, key=len) for name, several in found.items() if several}


def ask_of_format(source: Source, begun: Sample, match: Match) -> None:
    """Refuse a table of a format that is known by common names, as one of no format is (`unnamed.ask`)."""
    names = list(begun.documents[match.header]) if begun.has_headers else _flat(begun.documents)
    mapping = known_columns(names)
    if "text" in mapping:
        ask(source, begun, match, mapping, names)


def _by_place(source: Source, headers: Sequence[list[str]], columns: Mapping[str, str]) -> Match:
    """Return how a table is read whose columns are counted: without a header, unless its first row has known names."""
    width = max(map(len, headers), default=0)
    for name, place in columns.items():
        if int(place) > width:
            raise InputError(
                f"there {'is' if width == 1 else 'are'} {plural(width, 'column')}",
                file=source.name,
                column=f"{name}={place}",
            )
    known = [known_columns(names) for names in headers]
    # A title may stand above the header; what somebody said may be "text", but not beside "author".
    header = next((n for n, found in enumerate(known) if "text" in found and len(found) > bool(n)), None)
    if header is not None:
        return table_match({name: headers[header][int(place) - 1] for name, place in columns.items()}, header)
    return table_match({name: f"column {place}" for name, place in columns.items()}, header=-1)


def require_columns(source: Source, names: Sequence[str], wanted: Iterable[str]) -> None:
    """Refuse a table that lacks a column, or has two of that name: :class:`InputError` names what it has."""
    for name in wanted:
        if name not in names:
            shown = ", ".join(names[:40]) + (", …" if len(names) > 40 else "")  # noqa: PLR2004  some lines
            raise InputError(f"there is no such column; the file has: {shown}", file=source.name, column=name)
        if any(other.startswith(f"{name} (") and other[len(name) + 2 : -1].isdecimal() for other in names):
            raise InputError("the header names this column twice", file=source.name, column=name)


def _require_header(source: Source, rows: Sequence[list[str]], wanted: Sequence[str]) -> None:
    """Refuse a table whose header lacks a column; a first row that may be what somebody said is not shown."""
    absent = [name for name in wanted if name not in rows[0]]
    if absent and not is_header(rows):
        problem = "there is no such column, nor a row that is surely a header; without one text=2 is the second column"
        raise InputError(problem, file=source.name, column=absent[0])
    require_columns(source, rows[0], wanted)


def _refuse_objects(source: Source, columns: Mapping[str, str], documents: Sequence[dict[str, Any]]) -> None:
    """Refuse an object as who speaks: a hash of all that stands in it would make one speaker of each utterance."""
    found = (find(document, columns["speaker"]) for document in documents if "speaker" in columns)
    inner = next((value for value in found if value is not None), None)
    if isinstance(inner, (dict, list)):
        names = [f"speaker={columns['speaker']}.{name}" for name in inner] if isinstance(inner, dict) else None
        problem = "is not who speaks but an object; name what of it is the account"
        raise InputError(problem, file=source.name, column=columns["speaker"], accepted=names and names[:_SHOWN])


def _counted(documents: Sequence[dict[str, Any]], name: str) -> bool:
    """Tell whether what should be words is never any, but numbers or what else JSON has."""
    values = [value for document in documents if (value := find(document, name)) is not None]
    return bool(values) and not any(isinstance(value, str) for value in values)


def _all_have(documents: Sequence[dict[str, Any]], names: Sequence[str]) -> bool:
    return all(any(has(document, name) for document in documents) for name in names)


def _flat(documents: Iterable[dict[str, Any]], before: str = "", depth: int = 3) -> list[str]:
    """Return the names of all values in objects, those within another by their path."""
    names: dict[str, None] = {}
    for document in documents:
        for name, value in document.items():
            if isinstance(value, dict) and depth:
                names.update(dict.fromkeys(_flat([value], f"{before}{name}.", depth - 1)))
            elif not isinstance(value, list):
                names[before + name] = None
    return list(names)


def _parts(begun: Sample, lists: Mapping[tuple[str, ...], Sequence[dict[str, Any]]]) -> list[tuple[str, ...]]:
    """Return the paths to objects that are parts of the records of a list, and hold no list of records themselves."""
    of_list = {
        path: any(isinstance(document.get(path[-1]), list) for document in lists[path[:-1]])
        if path
        else len(begun.documents) > 1 or begun.text.lstrip().startswith("[")
        for path in lists
    }
    found = [path for path in lists if not of_list[path] and any(of_list[path[:k]] for k in range(len(path)))]
    return [path for path in found if not any(of_list[other] and other[: len(path)] == path for other in lists)]


def lists_in(begun: Sample) -> Iterator[tuple[tuple[str, ...], Sequence[dict[str, Any]]]]:
    """Yield the objects of a document, and those of each list within it with the path to it."""
    waiting: list[tuple[tuple[str, ...], Sequence[dict[str, Any]]]] = [((), begun.documents)]
    while waiting:
        path, documents = waiting.pop(0)
        yield path, documents
        inner: dict[str, list[dict[str, Any]]] = {}
        for document in documents if begun.kind != "parquet" else ():
            for name, value in document.items():
                each = [] if name in FAILURES else value if isinstance(value, list) else [value]
                inner.setdefault(name, []).extend(item for item in each if isinstance(item, dict))
        waiting += [((*path, name), found) for name, found in inner.items() if found and len(path) < 4]  # noqa: PLR2004
