"""From files that people have to rows of the corpus: every row is imported, rejected with a reason, or a duplicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from analysis.corpus import store
from analysis.corpus.floods import find_floods
from analysis.corpus.ledger import Ledger
from analysis.corpus.options import ImportOptions
from analysis.corpus.plan import Intake, ShapeTask, TableTask, plan_files
from analysis.corpus.privacy import Pseudonyms, read_key
from analysis.corpus.rules import read_rules
from analysis.corpus.schema import SCHEMA
from analysis.errors import InputError, ParameterError

_SHOWN = 10
_BOOKS = ("read", "imported", "rejected", "duplicates")


class Sums(NamedTuple):
    """Rows read = imported + rejected + duplicates."""

    file: str
    read: int
    imported: int
    rejected: int
    duplicates: int
    threadless: int
    shape: str = ""
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the sum as a line to print."""
        line = (
            f"{self.file}: {self.shape}{': ' if self.shape else ''}{self.read:,} rows read = {self.imported:,} "
            f"imported + {self.rejected:,} rejected + {self.duplicates:,} duplicates"
        )
        if self.reasons:
            shown = [*self.reasons[:_SHOWN], *(["…"] if len(self.reasons) > _SHOWN else [])]
            line += f"; rejected: {', '.join(shown)}"
        if self.threadless:
            line += f"; {self.threadless:,} without a thread, each a cluster of its own"
        return line


def import_file(path: Path, into: Path, options: ImportOptions) -> Sums:
    """Add the rows of one file (not of a folder or an archive) to a corpus; see :func:`import_files`."""
    return import_files([path], into, options).sums[0]


class Imported(NamedTuple):
    """What an import did.

    Attributes
    ----------
    sums : list of Sums
        The books of each file.
    passed_over : list of str
        Files that no shape knows.
    replaced : dict of str to int
        How many names were made pseudonyms, and how many addresses and numbers were masked.
    floods : tuple of int
        Of the whole corpus: copy-paste floods, and the utterances in them.
    idle : list of int
        Rules of ``sources.yaml`` that no row met, from 1.

    """

    sums: list[Sums]
    passed_over: list[str]
    replaced: dict[str, int]
    floods: tuple[int, int] = (0, 0)
    idle: Sequence[int] = ()

    def lines(self, into: Path) -> list[str]:
        """Return what there is to say, in the order of the files."""
        out = [str(sums) for sums in self.sums]
        if any(sums.rejected for sums in self.sums):
            out.append(f"rejected rows and their reasons: {into / store.REJECTED}")
        if self.passed_over:
            shown = ", ".join(self.passed_over[:_SHOWN]) + (", …" if len(self.passed_over) > _SHOWN else "")
            out.append(f"passed over: {len(self.passed_over):,} ({shown})")
        if self.idle:
            out.append(f"rules of sources.yaml that no row met: {', '.join(map(str, self.idle))} (counted from 1)")
        if self.replaced:
            out.append("made pseudonyms or masked: " + ", ".join(f"{n:,} {name}" for name, n in self.replaced.items()))
        if self.floods[0]:
            many = "s" if self.floods[0] > 1 else ""
            number = f"{self.floods[0]:,} flood{many}, {self.floods[1]:,} utterances"
            out.append(f"copied texts in the whole corpus, marked and kept: {number}")
        return out


def import_files(paths: Sequence[Path], into: Path, options: ImportOptions) -> Imported:
    """Add the rows of files to a corpus, all or none; the same files with the same options twice change nothing.

    Parameters
    ----------
    paths : sequence of Path
        Files, folders and ZIP archives. What each file is, is told by its content; a table that no shape knows is
        read by ``options.columns`` (see :func:`analysis.corpus.readers.table.read_table`).
    into : Path
        The corpus folder; made if it is missing, added to if it is a corpus.
    options : ImportOptions
        Mapping, constants, rules and filter.

    Returns
    -------
    Imported
        Counts that add up to the rows read. Files in a folder or an archive that no shape knows are passed over.

    Raises
    ------
    InputError, ParameterError
        If a file that was named is not known, or nothing can be imported; the corpus is then as it was.

    """
    if not options.collection.strip():
        problem = "a collection needs a name"
        raise ParameterError(problem)
    plan, passed_over = plan_files(paths, options)
    if into.exists() and not into.is_dir():
        raise InputError("is a file, not a folder", file=into, accepted=["a new or empty folder", "a corpus"])
    exists = (into / store.INFO).exists()
    if into.exists() and store.sweep(into) and not exists:
        raise InputError("the folder is not empty and holds no corpus", file=into, accepted=["a new or empty folder"])
    info = store.read_info(into) if exists else {"files": []}
    work = [(task, task.record(options)) for task in plan]
    fresh = [(task, record) for task, record in work if _known(info, record) is None]
    done = {id(task): _again(_known(info, record), record) for task, record in work if _known(info, record)}
    if not fresh:
        return Imported([done[id(task)] for task in plan], passed_over, {})

    rules, first = read_rules(options.rules), len(info["files"])
    with (
        store.Writer(into) as writer,
        Ledger(writer.lists[store.REJECTED], writer.lists[store.DUPLICATES]) as ledger,
        closing(Pseudonyms(read_key)) as pseudonyms,
    ):
        if exists:
            ledger.load(into, writer)
        intakes = [
            task.intake(place, ledger, rules, pseudonyms, options) for place, (task, _) in enumerate(fresh, first)
        ]
        for (task, _), intake in zip(fresh, intakes, strict=True):
            for columns in intake.batches(task.rows(options)):
                crawled = columns.pop(store.CRAWLED)
                seen = pa.table([crawled, [intake.number] * len(crawled)], schema=store.SEEN)
                writer.write(pa.table(columns, schema=SCHEMA), seen)
            if intake.read == 0 and not task.inside:
                raise InputError("holds a header and no rows", file=task.file, accepted=["one row or more"])
        writer.drop(ledger.superseded)
        gone = sum((intake.gave_up for intake in intakes), Counter())
        sums = [
            _sums(task, intake, gone[place])
            for place, ((task, _), intake) in enumerate(zip(fresh, intakes, strict=True), first)
        ]
        files = [_less(file, gone[place]) for place, file in enumerate(info["files"])]
        for (_, record), each in zip(fresh, sums, strict=True):
            files.append({**record, **{name: getattr(each, name) for name in _BOOKS}})
        whole = {"rows": len(ledger), "rejected": ledger.rejects.number, "files": files}
        with find_floods(writer.written(["utterance_id", "text"])) as floods:
            writer.commit(whole, ledger.thread_rows(), floods.rows)
        replaced = {name: n for name, n in sorted(pseudonyms.replaced().items()) if n}
    done |= {id(task): each for (task, _), each in zip(fresh, sums, strict=True)}
    books, copies = [done[id(task)] for task in plan], (floods.number, floods.utterances)
    return Imported(books, passed_over, replaced, copies, rules.idle())


def _less(file: dict[str, Any], gone: int) -> dict[str, Any]:
    """Return the books of an earlier file, after rows of it that a newer crawl replaced became duplicates."""
    return {**file, "imported": file["imported"] - gone, "duplicates": file["duplicates"] + gone}


def _known(info: dict[str, Any], record: dict[str, Any]) -> dict[str, Any] | None:
    return next((known for known in info["files"] if {key: known.get(key) for key in record} == record), None)


def _again(known: dict[str, Any] | None, record: dict[str, Any]) -> Sums:
    """Return the sums of a file that is in the corpus already."""
    read, rejected = (known or {})["read"], (known or {})["rejected"]
    return Sums(record["name"], read, 0, rejected, read - rejected, 0, record.get("shape", ""))


def _sums(task: TableTask | ShapeTask, intake: Intake, gone: int) -> Sums:
    """Return the books of one file, after rows of it that a newer crawl replaced became duplicates."""
    return Sums(
        task.name,
        intake.read,
        intake.imported - gone,
        sum(intake.reasons.values()),
        intake.duplicates + gone,
        intake.threadless,
        task.told,
        tuple(f"{number:,} {reason}" for reason, number in intake.reasons.most_common()),
    )
