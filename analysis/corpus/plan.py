"""What each file is, told by its content, and in which order files are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.corpus.import_index import ImportIndex
from analysis.corpus.intake import Intake
from analysis.corpus.options import ImportOptions
from analysis.corpus.parsed_items import ItemIntake
from analysis.corpus.privacy import Pseudonyms, of_nobody
from analysis.corpus.readers import formats
from analysis.corpus.readers.format import File, Format, Match, names_in, nearest, read_records, recognise
from analysis.corpus.readers.records import Record, Sample, sample
from analysis.corpus.readers.source import Source, printable, sources
from analysis.corpus.readers.table import SUFFIXES, Row, read_table
from analysis.corpus.rules import Rules
from analysis.corpus.tables import IDS, TableIntake, table_mapping
from analysis.corpus.whole import sha256
from analysis.errors import InputError, ParameterError

TABLE = "table"
_NAMED = 8
_UNKNOWN, _COLUMNS = "is not in ", "it has: "


@dataclass(frozen=True)
class TableTask:
    """A table whose columns the command names."""

    file: Path
    mapping: Mapping[str, str]
    inside: bool = False
    told: str = ""
    order: int = 1
    name: str = ""

    def record(self, options: ImportOptions) -> dict[str, Any]:
        """Return what makes this import the same as another."""
        return {"name": self.name, "sha256": sha256(self.file), **options.as_record()}

    def intake(
        self, place: int, index: ImportIndex, rules: Rules, pseudonyms: Pseudonyms, options: ImportOptions
    ) -> Intake:
        """Return what turns the rows into columns."""
        return TableIntake(self.name, self.mapping, place, index, rules, pseudonyms, options)

    def rows(self, options: ImportOptions) -> Iterator[Row]:
        """Yield the rows."""
        wanted = [*self.mapping.values(), *options.where]
        return read_table(self.file, wanted, [self.mapping[name] for name in IDS if name in self.mapping]).rows


@dataclass(frozen=True)
class FormatTask:
    """A file whose format is known."""

    source: Source
    match: Match
    sample: Sample

    @property
    def name(self) -> str:
        """Return the file's name as it is stored."""
        return of_nobody(self.source.name)

    @property
    def file(self) -> str:
        """Return the file for messages."""
        return self.source.name

    @property
    def inside(self) -> bool:
        """Tell whether it was found within a folder or an archive."""
        return self.source.inside

    @property
    def told(self) -> str:
        """Return format and version for the report."""
        return self.match.format.name + (f" ({self.match.version})" if self.match.version else "")

    @property
    def order(self) -> int:
        """Posts are read before comments: then it is known who speaks under a video of his own."""
        return 0 if self.match.format.about.startswith("posts") else 1

    def record(self, options: ImportOptions) -> dict[str, Any]:
        """Return what makes this import the same as another."""
        record = {"name": self.name, "sha256": self.source.digest(), **options.as_record()}
        return record | {"format": self.match.format.name}

    def intake(
        self, place: int, index: ImportIndex, rules: Rules, pseudonyms: Pseudonyms, options: ImportOptions
    ) -> Intake:
        """Return what turns the records into columns."""
        return ItemIntake(self.match, place, index, rules, pseudonyms, options)

    def rows(self, _: ImportOptions) -> Iterator[tuple[Record, File]]:
        """Yield the records."""
        return read_records(self.source, self.match, self.sample)


def plan_files(paths: Sequence[Path], options: ImportOptions) -> tuple[list[TableTask | FormatTask], list[str]]:
    """Return what is to be read, posts first, and the names of what is skipped.

    Raises
    ------
    InputError, ParameterError
        If a file that was named is of no known format, or nothing within a folder or archive is, or if the format that
        was named is not known.

    """
    tasks: list[TableTask | FormatTask] = []
    skipped: list[str] = []
    choice = _chosen(options.format)
    for path in paths:
        if options.columns or options.format == TABLE:
            tasks.append(_table(path, options))
            continue
        known, unknown = _look(path, options, choice)
        tasks += known
        skipped += unknown
    return sorted(tasks, key=lambda task: task.order), skipped


def _look(
    path: Path, options: ImportOptions, choice: tuple[Format, ...]
) -> tuple[list[TableTask | FormatTask], list[str]]:
    known: list[TableTask | FormatTask] = []
    problems: list[tuple[str, str]] = []
    for source in sources(path):
        try:
            known.append(_task(source, options, choice))
        except InputError as error:
            if not source.inside:
                raise
            problems.append((source.name, str(error)))
    if known:
        # What the user can mend stands first: an unknown format is not that.
        told = [(_UNKNOWN in said, name, said) for name, said in problems]
        return known, [name if plain else said for plain, name, said in sorted(told)]
    if not problems:
        raise InputError("holds no file", file=path)
    said = next((said for _, said in problems if _COLUMNS in said), problems[0][1])
    if len(problems) > 1:
        said = f"{path}: none of its {len(problems):,} files is in a known format; {said}"
    raise InputError(said)


def _task(source: Source, options: ImportOptions, choice: tuple[Format, ...]) -> TableTask | FormatTask:
    # The reader of tables says best what is wrong with one: it names the column that is missing.
    table = choice is formats() and source.path.suffix.lower() in SUFFIXES and not source.packed
    try:
        begun = sample(source)
    except InputError:
        if table and not source.inside:
            return _table(source.path, options)
        raise
    match = recognise(begun, choice)
    if match is not None:
        return FormatTask(source, match, begun)
    # In a folder, prose beside the exports may have commas: there a table is one whose header says "text".
    named = source.suffix != ".txt" and any("text" in header for header in begun.documents[:1])
    if table and (not source.inside or named):
        return replace(_table(source.path, options, inside=source.inside), name=source.name)
    raise _unknown(source.name, begun, choice)


def _table(path: Path, options: ImportOptions, *, inside: bool = False) -> TableTask:
    try:
        mapping = table_mapping(path, options)
    except InputError as error:
        if "no column is named 'text'" in str(error):
            begun = sample(sources(path)[0])
            raise InputError(f"{error}{_near(begun, formats())}") from None
        raise
    task = TableTask(path, mapping, inside, name=printable(path.name))
    task.rows(options)  # refuses a column that is missing before anything is written
    return task if options.columns else replace(task, told=_taken(path, mapping))


def _taken(path: Path, mapping: Mapping[str, str]) -> str:
    """Return which columns of a table were taken by their names, where others were not."""
    columns = [name for name in read_table(path).columns if name not in mapping.values()]
    if not columns:
        return ""
    left = [" ".join(name.split())[:40] for name in columns[:_NAMED]] + (["…"] if len(columns) > _NAMED else [])
    # A column of an export was deleted, perhaps; a table that shares little with any is somebody's own.
    begun = sample(sources(path)[0])
    found = nearest(begun, formats())
    near = _near(begun, formats()) if found and 2 * len(found[1]) < len(found[0].required) else ""
    return f"table of {', '.join(mapping)} (not read: {', '.join(left)}{near})"


def _chosen(name: str | None) -> tuple[Format, ...]:
    if name is None or name == TABLE:
        return formats()
    found = tuple(format_ for format_ in formats() if format_.name == name)
    if not found:
        raise ParameterError(f"--format: '{name}' is not a known format (see: vantage formats)")
    return found


def _near(begun: Sample, choice: Sequence[Format]) -> str:
    found = nearest(begun, choice)
    if found is None:
        return ""
    format_, lacking = found
    return f"; the nearest format is {format_.name}" + (f", which also has: {', '.join(lacking)}" if lacking else "")


def _unknown(name: str, begun: Sample, choice: Sequence[Format]) -> InputError:
    names = names_in(begun)
    found = (
        f"{_COLUMNS}{', '.join(names)}" if names else f"it is {'not text' if begun.kind == 'binary' else 'plain text'}"
    )
    wanted = f"the format {choice[0].name}" if len(choice) == 1 else "a known format"
    problem = f"{_UNKNOWN}{wanted}; {found}{_near(begun, choice)}"
    return InputError(problem + " (see: vantage formats)", file=name)
