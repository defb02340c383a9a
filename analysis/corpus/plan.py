"""What each file is, told by its content, and in which order files are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from analysis.corpus.options import ImportOptions
from analysis.corpus.privacy import of_nobody
from analysis.corpus.readers import formats
from analysis.corpus.readers.by_columns import by_rows
from analysis.corpus.readers.fields import CODES, SAYS
from analysis.corpus.readers.format import File, Format, Match, names_in, nearest, read_records, recognise
from analysis.corpus.readers.guessed import guessed_option
from analysis.corpus.readers.mapping import (
    FAILURES,
    NAMES,
    TABLE,
    ask_of_format,
    match_by_command,
    match_by_names,
    require_columns,
)
from analysis.corpus.readers.records import ENDINGS, TABLES, EmptyError, Record, Sample, sample
from analysis.corpus.readers.source import Source, sources
from analysis.corpus.readers.unnamed import ColumnsError, as_option
from analysis.corpus.readers.within import recognise_rows, recognise_within, words_beside
from analysis.corpus.readers.workbook import sheets
from analysis.errors import InputError, ParameterError

#: All of a name before its endings: ``Kim/123.csv``, ``Kim_comments.csv``.
_OF_ACCOUNT = re.compile(r"\A.*?(?=(?:_comments|_reposts)?(?:\.\w{1,5}){1,2}\Z)", re.DOTALL)
_NOTHING = re.compile(r"\s*(?:\[\s*\]|\{\s*\})\s*")
#: How Python prints a list of records, and JSON that was written as JSON once more.
_PYTHONS, _IN_STRINGS = re.compile(r"\[?\s*\{'\w+': "), re.compile(r'\[?\s*"\s*[\[{]\s*(?:\{\s*)?\\"')
_UNSHOWN = "its first row may be no header but what somebody said, and is not shown"


class UnknownError(InputError):
    """A file is of no known format; ``named`` tells whether the error says what its fields are called."""

    def __init__(self, problem: str, *, file: str, named: bool) -> None:
        """Take what to say."""
        super().__init__(problem, file=file)
        self.named = named


@dataclass(frozen=True)
class Task:
    """A file of which it is known how it is read.

    Attributes
    ----------
    told : str
        What the report says of how: format and version, or the mapping that was found.

    """

    source: Source
    match: Match
    sample: Sample
    told: str = ""

    @property
    def name(self) -> str:
        """Return the file's name as it is stored."""
        return self.stored(self.source.name)

    def stored(self, name: str) -> str:
        """Return the name of the file, or of one within it, without the account that it is called like."""
        return of_nobody(_OF_ACCOUNT.sub("[name]", name) if self.match.format.of_account else name)

    @property
    def order(self) -> int:
        """Posts are read before comments, replies after: it is known who speaks under a video of his own, and where."""
        about = self.match.format.about
        return 0 if about.startswith("posts") else 2 if about.startswith("replies") else 1

    def record(self, options: ImportOptions) -> dict[str, Any]:
        """Return what makes this import the same as another."""
        record = {"name": self.name, "sha256": self.source.digest(), **options.as_record()}
        return record | {"format": self.match.format.name}

    def rows(self) -> Iterator[tuple[Record, File]]:
        """Yield the records."""
        return read_records(self.source, self.match, self.sample)


def plan_files(paths: Sequence[Path], options: ImportOptions) -> tuple[list[Task], list[str]]:
    """Return what is to be read, posts first, and the names of what is skipped.

    Raises
    ------
    InputError, ParameterError
        If a file that was named is of no known format, or nothing within a folder or archive is, or if the format that
        was named is not known.

    """
    tasks: list[Task] = []
    skipped: list[str] = []
    empty: list[EmptyError] = []
    choice = _chosen(options.format)
    for path in paths:
        try:
            known, unknown = _look(path, options, choice)
        except EmptyError as nothing:  # of several files one without a row, as an API's last page, keeps no other out
            empty.append(nothing)
            continue
        tasks += known
        skipped += unknown
    if empty and not tasks:
        raise empty[0]
    skipped += map(str, empty)
    return sorted(tasks, key=lambda task: task.order), skipped


def _look(path: Path, options: ImportOptions, choice: tuple[Format, ...]) -> tuple[list[Task], list[str]]:
    known: list[Task] = []
    problems: list[tuple[int, bool, str, str]] = []
    kinds: dict[str, None] = {}
    for source in (by_rows(sheet) for found in sources(path) for sheet in sheets(found)):
        try:
            known.append(_task(source, options, choice))
        except InputError as error:
            if not source.inside:
                raise
            unknown = isinstance(error, UnknownError)
            mend = 0 if isinstance(error, ColumnsError) else 1 if unknown and error.named else 2
            problems.append((mend, unknown, source.name, str(error)))
            kinds["sheets" if source.sheet else "files"] = None
    if known:
        # What the user can mend stands first: an unknown format is not that.
        told = sorted(problem[1:] for problem in problems)
        return known, [name if unknown else said for unknown, name, said in told]
    if not problems:
        raise InputError("holds no file", file=path)
    # What the user can mend is told rather than what is no table of utterances: a workbook has other sheets.
    said = min(problems, key=itemgetter(0))[-1]
    if len(problems) > 1:
        said = f"{path}: none of its {len(problems):,} {' and '.join(kinds)} is in a known format; {said}"
    raise InputError(said)


def _task(source: Source, options: ImportOptions, choice: tuple[Format, ...]) -> Task:
    begun = sample(source, [*options.columns.values(), *options.where])
    if options.columns and begun.kind not in {"text", "binary"}:
        return Task(source, match_by_command(source, begun, options.columns, options.where), begun, TABLE)
    match = None if options.format == TABLE else _known(begun, choice)
    if match is not None:
        if match.format.by_names and choice is formats():
            ask_of_format(source, begun, match)
        told = match.format.name + (f" ({match.version})" if match.version else "")
        return Task(source, match, begun, told)
    # In a folder, prose beside the exports may have commas.
    prose = begun.kind == "csv" and source.inside and source.suffix == ".txt"
    if choice is formats() and begun.kind != "binary" and not prose:
        found = match_by_names(source, begun) if begun.documents else None
        alone = found is None or (list(found[1]) == ["text"] and found[1]["text"].rpartition(".")[2].lower() in SAYS)
        if alone and _is_notice(begun):
            raise EmptyError("holds no record, but what an API says of a request", file=source.name)
        # In a folder much else may lie about: one known name is not enough there.
        if found is not None and not (source.inside and len(found[1]) == 1 and "text" not in found[1].values()):
            match, mapping = found
            require_columns(source, list(begun.documents[match.header]), options.where if begun.has_headers else ())
            told = f"a table by the names of its columns, {as_option(mapping)}{_nearly(begun, choice)}"
            beside = words_beside(begun, match, mapping["text"], choice)
            told += f"; words that are not read stand in {', '.join(beside)}" if beside else ""
            return Task(source, match, begun, told)
        if _holds_nothing(begun):
            raise EmptyError("holds no record: its lists are empty", file=source.name)
        if begun.kind in TABLES and (not source.inside or source.suffix in ENDINGS):
            raise _no_text(source, begun, choice)
    raise _unknown(source.name, begun, choice)


def _known(begun: Sample, choice: Sequence[Format]) -> Match | None:
    return recognise(begun, choice) or recognise_rows(begun, choice) or recognise_within(begun, choice)


def _holds_nothing(begun: Sample) -> bool:
    """Tell whether JSON has no list but empty ones, as the last page of an API."""
    if begun.kind not in {"json", "jsonl"}:
        return _NOTHING.fullmatch(begun.text) is not None
    found = [each for document in begun.documents for each in _lists_in(document)]
    return found != [] and not any(found)


def _is_notice(begun: Sample) -> bool:
    """Tell whether JSON is what an API answers instead of records: ``{"code": -404, "message": …}``."""
    if begun.kind not in {"json", "jsonl"} or len(begun.documents) > 1 or any(_lists_in(begun.documents[0])):
        return False
    names = {name.lower() for name in begun.documents[0]}
    return not FAILURES.isdisjoint(names) or (not SAYS.isdisjoint(names) and not CODES.isdisjoint(names))


def _lists_in(document: dict[str, Any]) -> list[list[Any]]:
    """Return the lists in a document, but in what says why it failed."""
    waiting: list[Any] = [document]
    lists = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [inner for name, inner in value.items() if name not in FAILURES]
        lists += [value] if isinstance(value, list) else []
    return lists


def _no_text(source: Source, begun: Sample, choice: Sequence[Format]) -> InputError:
    """Return what to say of a table of which no column is known to hold the text."""
    if told := _written_otherwise(begun.text):
        return InputError(f"is {told}", file=source.name)
    known = ", ".join(NAMES["text"].split()[:3])
    if any("\ufffd" in name for name in begun.documents[0]):
        problem = "is written in an encoding that is not known; save it as UTF-8 (in Excel: CSV UTF-8)"
        return InputError(problem, file=source.name)
    names = ", ".join(names_in(begun))
    shown = f"the file has: {names}" if names else _UNSHOWN
    option = guessed_option(source, begun)
    guess = f"; by what stands in them: {option}" if option else ""
    return ColumnsError(
        f"no column has a name that is known to hold the text ({known}, …); name it: --columns text=COLUMN, or "
        f"--columns text=2 where there is no header ({shown}){guess}{_near(begun, choice)}",
        file=source.name,
    )


def _nearly(begun: Sample, choice: Sequence[Format]) -> str:
    """Return the format that a table lacks little of: a column of an export was deleted, perhaps."""
    found = nearest(begun, choice)
    return _near(begun, choice) if found and 2 * len(found[1]) < len(found[0].required) else ""


def _chosen(name: str | None) -> tuple[Format, ...]:
    if name is None or name == TABLE:
        return formats()
    found = tuple(format_ for format_ in formats() if format_.name == name)
    if not found:
        raise ParameterError(f"--format: '{name}' is not a known format (see: vantage formats)")
    return found


def _written_otherwise(text: str) -> str | None:
    """Return what a text is that looks like none of the data it holds, and what to do with it."""
    begun = text.lstrip()
    if begun[:1] == "<":
        return "a page; export the data (JSON, CSV), or save its table as XLSX"
    if _PYTHONS.match(begun):
        return "a list as Python prints it; write it with json.dump"
    if _IN_STRINGS.match(begun):
        return "JSON within strings; write each object once (json.dump(rows, file), not json.dumps of json.dumps)"
    return None


def _near(begun: Sample, choice: Sequence[Format]) -> str:
    found = nearest(begun, choice)
    if found is None:
        return ""
    format_, lacking = found
    return f"; the nearest format is {format_.name}" + (f", which also has: {', '.join(lacking)}" if lacking else "")


def _unknown(name: str, begun: Sample, choice: Sequence[Format]) -> UnknownError:
    names = names_in(begun)
    lines = "plain text; if each line is an utterance, --columns text=1 reads it"
    kind = _written_otherwise(begun.text) or ("not text" if begun.kind == "binary" else lines)
    found = f"it has: {', '.join(names)}" if names else f"it is {kind}"
    wanted = f"the format {choice[0].name}" if len(choice) == 1 else "a known format"
    problem = f"is not in {wanted}; {found}{_near(begun, choice)}"
    return UnknownError(problem + " (see: vantage formats)", file=name, named=bool(names))
