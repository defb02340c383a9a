"""From files that people have to rows of the corpus: every row is imported, rejected with a reason, or a duplicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from analysis.corpus import store, told
from analysis.corpus.answered import Answered
from analysis.corpus.convert import require_times
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.keys import fingerprint, key_notes, read_key, sealed
from analysis.corpus.options import ImportOptions
from analysis.corpus.parsed_items import Intake, stored_thread
from analysis.corpus.plan import Task, plan_files
from analysis.corpus.privacy import Pseudonyms, names_somebody
from analysis.corpus.remove import REMOVED
from analysis.corpus.reports import SHOWN, FileReport, Imported
from analysis.corpus.retag import said_of
from analysis.corpus.rewrite import finish
from analysis.corpus.rules import Rules, read_rules
from analysis.corpus.schema import ACCEPTED, SCHEMA
from analysis.corpus.whole import COUNTS
from analysis.corpus.writer import Writer, require_place
from analysis.errors import InputError, ParameterError

_DIGESTS = ("sha256", "rules")
#: Options that a record has only where they were given.
_OPTIONAL = ("rules", "timezone", "time_format")
_INSTEAD = (
    "vantage retag, to say anew who speaks",
    "vantage remove, then import",
    "--again, to import it a second time",
)


class Held(NamedTuple):
    """What of an import is in a corpus already, by the places of files in ``corpus.json``.

    Attributes
    ----------
    same : set of int
        Files that are in with these options.
    stale : set of int
        Files that are in with other bytes or other options: of the same name and collection, or of the same bytes.
    new : list of str
        Files that are not in, or not so.

    """

    same: set[int]
    stale: set[int]
    new: list[str]


def held(paths: Sequence[Path], into: Path, options: ImportOptions) -> Held:
    """Look what of an import is in a corpus already; nothing is changed."""
    plan, _ = plan_files(paths, options)
    if not (into / store.INFO).exists():
        return Held(set(), set(), [task.name for task in plan])
    info = store.read_info(into)
    key, *_ = _keys(info, into, options)
    files = info["files"] = [_sealed(key, file) for file in info["files"]]
    found = Held(set(), set(), [])
    for task in plan:
        record = _sealed(key, task.record(options))
        known = _known(info, record)
        if known is not None:
            found.same.add(next(at for at, file in enumerate(files) if file is known))
            continue
        found.new.append(task.name)
        digest = _digest_of(record)
        named = ("name", "collection")
        found.stale.update(
            at
            for at, file in enumerate(files)
            if all(file.get(name) == record[name] for name in named)
            or (file.get(digest) == record[digest] and not _apart(file["where"], record["where"]))
        )
    return found._replace(stale=found.stale - found.same)


def import_file(path: Path, into: Path, options: ImportOptions) -> FileReport:
    """Add the rows of one file (not of a folder or an archive) to a corpus; see :func:`import_files`."""
    return import_files([path], into, options).reports[0]


def import_files(paths: Sequence[Path | str] | Path | str, into: Path | str, options: ImportOptions) -> Imported:
    """Add the rows of files to a corpus, all or none; the same files with the same options twice change nothing.

    Parameters
    ----------
    paths : sequence of Path or str, or one of them
        Files, folders and ZIP archives. What each file is, is told by its content; a table of no known format is
        read by ``options.columns`` (see :mod:`analysis.corpus.readers.mapping`).
    into : Path or str
        The corpus folder; made if it is missing, added to if it is a corpus.
    options : ImportOptions
        Mapping, constants, rules and filter.

    Returns
    -------
    Imported
        Counts that add up to the rows read. Files of no known format in a folder or an archive are skipped.

    Raises
    ------
    InputError, ParameterError
        If a file that was named is not known, or nothing can be imported; the corpus is then as it was.

    """
    if not options.collection.strip():
        problem = "a collection needs a name"
        raise ParameterError(problem)
    require_times(options.timezone, options.time_format)
    for name, value in options.constants.items():
        if name in ACCEPTED and value not in ACCEPTED[name]:
            raise InputError(f"'{value}' is not known", column=name, accepted=ACCEPTED[name])
    several = [paths] if isinstance(paths, (str, Path)) else paths
    plan, skipped = plan_files([Path(path) for path in several], options)
    into = Path(into)
    require_place(into)
    rules = read_rules(options.rules)
    with Writer(into) as writer:
        return _import(writer, plan, skipped, rules, options)


def _import(writer: Writer, plan: Sequence[Task], skipped: list[str], rules: Rules, options: ImportOptions) -> Imported:
    info, into = writer.info, writer.folder
    key, keys, notes = _keys(info, into, options)
    info["files"] = [_sealed(key, file) for file in info["files"]]
    records = [_sealed(key, task.record(options)) for task in plan]
    work = [(task, record, _known(info, record)) for task, record in zip(plan, records, strict=True)]
    fresh = [(task, record) for task, record, known in work if known is None]
    if not options.again:
        _refuse_twice(info, [record for _, record in fresh])
    done = {id(task): _again(known, record) for task, record, known in work if known is not None}
    if not fresh:
        return Imported([done[id(task)] for task in plan], skipped, {}, notes=notes)
    first = len(info["files"])
    with (
        ImportIndex(*writer.lists.values()) as index,
        closing(Pseudonyms(key)) as pseudonyms,
        closing(Answered(plan, partial(stored_thread, pseudonyms=pseudonyms), ruled=bool(rules))) as index.answered,
    ):
        if first and (late := index.load(into, writer)):
            notes.append(f"answers of earlier imports that had no thread, and have that of what came now: {late:,}")
        index.tools.update(enumerate(file.get("format", "") for file in info["files"]))
        index.other_key = len(keys) > 1
        intakes = [
            Intake(place, task, index, rules, pseudonyms, options) for place, (task, _) in enumerate(fresh, first)
        ]
        for (task, _), intake in zip(fresh, intakes, strict=True):
            for columns in intake.batches():
                crawled = columns.pop(store.CRAWLED)
                seen = pa.table([crawled, [intake.number] * len(crawled)], schema=store.SEEN)
                writer.write(pa.table(columns, schema=SCHEMA), seen)
            if intake.read == 0 and not task.source.inside and len(plan) == 1:
                raise InputError("has a header but no rows", file=task.source.name, accepted=["one row or more"])
        writer.drop(index.superseded)
        gone = sum((intake.gave_up for intake in intakes), Counter())
        reports = [
            _report(task, intake, gone[place])
            for place, ((task, _), intake) in enumerate(zip(fresh, intakes, strict=True), first)
        ]
        if not any(each.imported or each.duplicates for each in reports):
            raise InputError(_nothing(reports, into))
        info["files"] = [_less(file, gone[place]) for place, file in enumerate(info["files"])]
        for (_, record), each in zip(fresh, reports, strict=True):
            info["files"].append({**record, **{name: getattr(each, name) for name in COUNTS}})
        info["keys"] = keys
        text_duplicates = finish(writer, index, len(index))
        replaced = {name: n for name, n in sorted(pseudonyms.replaced().items()) if n}
    done |= {id(task): each for (task, _), each in zip(fresh, reports, strict=True)}
    stand = [(intake, each.imported) for intake, each in zip(intakes, reports, strict=True)]
    unsaid = (
        sum(min(getattr(intake, name), imported) for intake, imported in stand)
        for name in ("without_vantage", "without_origin", "without_platform")
    )
    return Imported([done[id(task)] for task in plan], skipped, replaced, text_duplicates, rules.idle(), notes, *unsaid)


def _keys(info: dict[str, Any], into: Path, options: ImportOptions) -> tuple[bytes, list[str], list[str]]:
    """Return the key, the fingerprints of the keys of the corpus, and what the user should know of the key."""
    keys = list(info.get("keys", ()))
    if options.keep_speakers:  # no name is replaced: no key is needed, or made
        return b"", keys, []
    key = read_key()
    mark = fingerprint(key)
    notes = key_notes(first=mark not in keys)
    if mark in keys:
        return key, keys, notes
    if keys and not options.other_key:
        problem = "its pseudonyms were made with another key; one account would become two speakers"
        raise InputError(
            problem, file=into, accepted=["the key that it was made with", "--other-key, to add to it nevertheless"]
        )
    return key, [*keys, mark], notes


def _sealed(key: bytes, record: dict[str, Any]) -> dict[str, Any]:
    """Return a file's record with its digests under the key: a plain digest would let names be tried."""
    if not key:
        return record
    where = {
        name: sealed(key, value) if names_somebody(name) else value for name, value in record.get("where", {}).items()
    }
    plain = {name: value for name, value in record.items() if name not in _DIGESTS}
    keyed = {f"{name} (keyed)": sealed(key, record[name]) for name in _DIGESTS if name in record}
    return {**plain, **keyed, **({"where": where} if keyed else {})}


def _nothing(reports: Sequence[FileReport], into: Path) -> str:
    """Return what to say where no row was imported: the reports of the files, and why."""
    shown = "; ".join(map(str, reports[:SHOWN])) + ("; …" if len(reports) > SHOWN else "")
    left = "the corpus is unchanged" if (into / store.INFO).exists() else "no corpus was made"
    encoded = "not valid Unicode text" in shown
    return f"{shown}: no row was imported, and {left}" + ("; save the file as UTF-8" if encoded else "")


def _less(file: dict[str, Any], gone: int) -> dict[str, Any]:
    """Return the record of an earlier file, after rows of it that a newer crawl replaced became duplicates."""
    return {**file, "imported": file["imported"] - gone, "duplicates": file["duplicates"] + gone}


def _known(info: dict[str, Any], record: dict[str, Any]) -> dict[str, Any] | None:
    """Return the record of the same file, imported with the same options or retagged to them since."""
    for known in info["files"]:
        if REMOVED in known:  # what is missing of it may come again
            continue
        same = {key: known[key] for key in known if key in record or key.startswith(_OPTIONAL)}
        if record in (same, same | {"constants": said_of(known, record["collection"])}):
            return known
    return None


def _refuse_twice(info: dict[str, Any], fresh: Sequence[dict[str, Any]]) -> None:
    """Refuse a file whose bytes are in the corpus under another collection or mapping: its rows would count twice.

    Raises
    ------
    InputError
        It names the collection and the file that they are in as, and what differs.

    """
    for record in fresh:
        digest = _digest_of(record)
        for known in info["files"]:
            if REMOVED in known or known.get(digest) != record[digest] or _apart(known["where"], record["where"]):
                continue
            if known["name"] != record["name"] and known["name"].count(": ") == record["name"].count(": ") > 0:
                continue  # another sheet of a workbook, another file of an archive
            was = {**known, "constants": said_of(known, record["collection"])}
            names = sorted({*record, *(name for name in was if name.startswith(_OPTIONAL))} - {"name"})
            differs = [name.removesuffix(" (keyed)") for name in names if was.get(name) != record.get(name)]
            if differs:
                told = ", ".join(f"{name} {_shown(was, name)}, not {_shown(record, name)}" for name in differs)
                problem = f"is in already, as {known['name']} in the collection '{known.get('collection')}': {told}"
                raise InputError(problem, file=record["name"], accepted=_INSTEAD)


def _digest_of(record: dict[str, Any]) -> str:
    """Return the name under which a record has the digest of its file."""
    return next(name for name in record if name.startswith(_DIGESTS[0]))


def _apart(one: dict[str, str], other: dict[str, str]) -> bool:
    """Tell whether no row passes both filters: one file may be several collections, by a column of it."""
    return any(one[name] != other[name] for name in one.keys() & other.keys())


def _shown(record: dict[str, Any], name: str) -> str:
    """Return one of the options of an import; of rules, and of a filter by who speaks, only whether there are any."""
    value = record.get(name, record.get(f"{name} (keyed)"))
    if name in _DIGESTS or (name == "where" and any(map(names_somebody, value))):
        return "others" if value else "none"
    return (" ".join(f"{key}={each}" for key, each in value.items()) if isinstance(value, dict) else value) or "none"


def _again(known: dict[str, Any], record: dict[str, Any]) -> FileReport:
    """Return the report of a file that is in the corpus already."""
    read, rejected = known["read"], known["rejected"]
    return FileReport(record["name"], read, 0, rejected, read - rejected, 0, record["format"])


def _report(task: Task, intake: Intake, gone: int) -> FileReport:
    """Return the report of one file, after rows of it that a newer crawl replaced became duplicates."""
    return FileReport(
        task.name,
        intake.read,
        intake.imported - gone,
        sum(intake.reasons.values()),
        intake.duplicates + gone,
        intake.threadless,
        task.told,
        next((who for who, number in intake.unlike.items() if 2 * number > intake.imported), ""),
        tuple(f"{many:,} {'with ' * reason[:1].isdigit()}{reason}" for reason, many in intake.reasons.most_common()),
        tuple(told.notes(intake)),
    )
