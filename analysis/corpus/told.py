"""What an import says of a file, beside its counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from analysis.corpus.clean import without_names
from analysis.corpus.convert import is_ambiguous
from analysis.corpus.parsed_items import Intake
from analysis.corpus.readers.delimited import STRAY
from analysis.corpus.readers.encodings import ENCODINGS
from analysis.corpus.readers.mapping import TABLE, mapping_of
from analysis.corpus.schema import CHINESE_VIEWER, WESTERN_COMMENTER
from analysis.errors import plural

_NAMED = 12


class Note(NamedTuple):
    """What is said of a file: of so many things, or without a number of the file as a whole.

    >>> print(Note(" without a time", 2, "row"))
    2 rows without a time
    """

    said: str
    number: int = 0
    noun: str = ""

    def __str__(self) -> str:
        """Return the note as it is printed."""
        return (plural(self.number, self.noun) if self.noun else "") + self.said

    @property
    def uncounted(self) -> Note:
        """The note without its number, by which two are alike."""
        return self._replace(number=0)


def notes(intake: Intake) -> list[Note]:
    """Return what of the rows could not be read, was read in a way that may be wrong, or was not read."""
    out = [*_written(intake), *_taken(intake), *_voices(intake)]
    out += [
        Note(f"{name} not read in {plural(number, 'row')}, e.g. {_example(*intake.fields.examples[name])}")
        for name, number in sorted(intake.fields.unread.items())
    ]
    if is_ambiguous(intake.fields.examples.get("posted_at", ("", 0))[0]):
        out.append(Note("--time-format day-first, month-first or excel says how such times are meant"))
    if "utterance_id" in intake.fields.unread:
        out.append(Note("rows with an id that cannot be read are kept under ids that were made"))
    if intake.timed and intake.untimed:
        out.append(Note(" without a time", intake.untimed, "row"))
    if intake.fields.decided and intake.fields.form and not intake.options.time_format:
        out.append(Note(f"ambiguous times were read as {intake.fields.form}, as other rows of the file have it"))
    chinese = 2 * intake.in_chinese > sum(intake.zoneless.values())
    china = "if the clock is of China: --timezone +08:00" if chinese else "--timezone says otherwise"
    out += [
        Note(
            f" without a zone read as {'UTC, to the day' if zone == 'unknown' else zone} "
            f"({china if zone == 'UTC' else '--timezone says otherwise'})",
            number,
            "time",
        )
        for zone, number in intake.zoneless.items()
        if intake.options.timezone is None
    ]
    if intake.conflicts:
        rounded = "; a spreadsheet rounded ids: export them as text, threads may be mixed up" if intake.rounded else ""
        who = "other words, somebody else, another thread or time"
        said = f" with the id of another utterance ({who}), kept under ids that were made{rounded}"
        out.append(Note(said, intake.conflicts, "row"))
    if number := intake.reasons[STRAY]:
        after = "it" if number == 1 else "them"
        out.append(Note(f" not closed: the lines after {after} were read again one by one", number, "quote"))
    if number := intake.fields.cut["utterance_id"]:
        made = "kept under ids that were made (what they answer is lost): export ids as text"
        out.append(Note(f" with an id that a spreadsheet rounded to 15 digits, {made}", number, "row"))
    if number := intake.fields.cut["thread_id"]:
        one = "different videos may be one, export ids as text"
        out.append(Note(f" with a thread that a spreadsheet rounded to 15 digits: {one}", number, "row"))
    asked = intake.asked | {name.split(".")[0] for name in intake.asked}
    left = [_short(name) for name in intake.columns if name not in asked]
    if left:
        more = f" and {len(left) - _NAMED} more" * (len(left) > _NAMED)
        out.append(Note(f"not read: {', '.join(left[:_NAMED])}{more}"))
    return out


def _written(intake: Intake) -> list[Note]:
    """Return in which encoding a file is written, how many of its texts had been read in another, or were cut."""
    encoding = ENCODINGS.get(intake.task.sample.encoding)
    out = [Note(f"written in {encoding}")] if encoding else []
    if number := intake.fields.put_right:
        out.append(Note(" of UTF-8 saved as Windows-1252, or with escapes: put right", number, "text"))
    if number := intake.fields.cut["text"]:
        out.append(Note(" as long as a spreadsheet's cell (32,767 signs): cut there, perhaps", number, "text"))
    return out


def _voices(intake: Intake) -> list[Note]:
    """Return what is to be said of vloggers of whom no account is known: each of their videos is then a cluster."""
    mapped = intake.format.by_names or intake.format.name == TABLE
    how = "; --columns speaker=COLUMN names the accounts" if mapped else ""
    said = f" of vloggers without an account: each video counts as a voice of its own{how}"
    return [Note(said, intake.without_account, "row")] if intake.without_account else []


def _example(value: str, row: int) -> str:
    """Return a value that could not be read; where it stands, if it has letters: in a shifted row it may be a name."""
    return without_names(f" '{value}'") or f"in row {row}"


def _taken(intake: Intake) -> list[Note]:
    """Return which columns a format took for what that is known by what people call them."""
    found = mapping_of(intake.format, list(intake.columns)) if intake.format.by_names else {}
    named = ", ".join(f"{name}={_short(column)}" for name, column in found.items())
    return [Note(f"read by names: {named}")] if found else []


def _short(name: str) -> str:
    return " ".join(name.split())[:40]


def summed(notes: Sequence[Sequence[Note]]) -> tuple[list[list[Note]], list[str]]:
    """Part what is to be said of one file from what is alike of several, which is said once with the sum.

    >>> first = [Note(" without a time", 1, "row"), Note("not read: a")]
    >>> own, alike = summed([first, [Note(" without a time", 2, "row")]])
    >>> [list(map(str, each)) for each in own], alike
    ([['not read: a'], []], ['in 2 of them: 3 rows without a time'])
    """
    files = Counter(alike for each in notes for alike in {note.uncounted for note in each})
    own = [[note for note in each if files[note.uncounted] == 1] for each in notes]
    sums: dict[Note, int] = defaultdict(int)
    for note in chain.from_iterable(notes):
        sums[note.uncounted] += note.number
    whole = [note._replace(number=number) for note, number in sums.items()]
    return own, [f"in {number:,} of them: {note}" for note in whole if (number := files[note.uncounted]) > 1]


def idle(rules: Sequence[int]) -> str:
    """Say which rules of a ``sources.yaml``, counted from 1, match no row.

    >>> idle([2]), idle([2, 5])
    ('no row matches rule 2 of sources.yaml', 'no row matches rules 2, 5 of sources.yaml')
    """
    return f"no row matches rule{'s' * (len(rules) > 1)} {', '.join(map(str, rules))} of sources.yaml"


def unsaid(vantage: int, origin: int, platform: int, retag: str) -> list[str]:
    """Say of how many rows nobody said where or by whom they were written, or vloggers' origin; and what to do."""
    out = []
    if platform:
        out.append(f"{plural(platform, 'row')} without a platform: --platform NAME says at import where they stood")
    if origin:
        out.append(
            f"{plural(origin, 'row')} of vloggers without an origin: no claim about western or Chinese vloggers counts "
            f"them; --origin western or chinese says it at import, now {retag} --origin ... (of some files: --sources)"
        )
    if vantage:
        out.append(
            f"{plural(vantage, 'row')} without a vantage: they are a reference collection; if they are of a side, "
            f"--vantage says so at import, now {retag} --vantage ..."
        )
    return out


#: By vantage, what its rows are where most are in other letters than it writes, and who may have written them.
_UNLIKE = {
    WESTERN_COMMENTER: ("western commenters', yet mostly in Chinese characters", CHINESE_VIEWER),
    CHINESE_VIEWER: ("Chinese viewers', yet mostly without a Chinese character", WESTERN_COMMENTER),
}


def unlike(files: Sequence[tuple[str, str]], retag: str) -> list[str]:
    """Say which files were said to be of a vantage and are mostly in other letters than it writes; and what to do."""
    out = []
    for vantage, (what, other) in _UNLIKE.items():
        named = [file for file, whose in files if whose == vantage]
        if named:
            more = f" and {len(named) - _NAMED:,} more" * (len(named) > _NAMED)
            out.append(
                f"said to be {what}: {', '.join(named[:_NAMED])}{more}; if others wrote them, a YAML file of rules "
                f"(- file: NAME, below it vantage: {other}) says so: --sources FILE at import, now {retag} "
                "--sources FILE"
            )
    return out


def without_threads(counts: Sequence[tuple[int, int]]) -> list[str]:
    """Say how many rows stand under nothing, and what to do; of each file such rows, and all that came in."""
    lacking = [(without, imported) for without, imported in counts if without]
    if not lacking:
        return []
    number = plural(sum(without for without, _ in lacking), "row")
    text = (
        f"{number} without a thread, each a cluster of its own: intervals are then too narrow wherever comments stand "
        "under one video; name its column (--columns text=...,thread_id=...)"
    )
    if len(lacking) > 1:
        text += ", or where each file or sheet is one video, say which in --sources (file: ..., thread_id: ...)"
    if any(without < imported for without, imported in lacking):
        text += "; where an empty cell means the row above, fill it in first"
    return [text]
