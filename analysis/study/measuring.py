"""Measure a corpus, or a share of it, showing progress."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from analysis import disk
from analysis.errors import ParameterError
from analysis.measure.cache import MeasuredFiles, measure_share, measured_files
from analysis.parameters import Options

#: So many processes measure, if there is much to be measured and nobody says another number.
_AT_ONCE = 2


def measure_corpus(
    corpus: Path,
    options: Options | None = None,
    *,
    quiet: bool = False,
    beside: Path | None = None,
    pinned: Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    merge: bool = False,
) -> Path:
    """Measure a corpus if need be, showing progress on a terminal; return the folder of what was measured.

    With ``pinned``, a folder, the tables get a second name in it, where nobody removes them. For the others see
    :func:`analysis.measure.cache.measured_files`; ``workers`` are 2 unless it is said, 1 where there is one processor.
    """
    if workers is not None and workers < 1:
        message = f"--workers: {workers} is not accepted (accepted: 1 or more)"
        raise ParameterError(message)
    workers = min(_AT_ONCE, os.cpu_count() or 1) if workers is None else workers
    with _progress(quiet=quiet) as advance:
        while True:
            files = measured_files(
                corpus, options, advance, beside=beside, workers=workers, scheduler=scheduler, merge=merge
            )
            if pinned is None:
                return files.measures.parent
            try:
                return _pin(files, pinned / "measured")
            except FileNotFoundError:  # removed meanwhile, by who measured another content of the corpus
                if all(path.exists() for path in files):
                    raise


def measure_part(corpus: Path, part: str, *, quiet: bool = False) -> str:
    """Measure a share of a corpus, showing progress on a terminal.

    Parameters
    ----------
    corpus : Path
        A corpus folder.
    part : str
        ``K/N``: the share K of N.

    Returns
    -------
    str
        What was measured, in a line.

    Raises
    ------
    ParameterError
        If ``part`` is of another form, or K is not 1 to N.

    """
    found = re.fullmatch("([0-9]{1,9})/([0-9]{1,9})", part)
    number, shares = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= shares:
        message = f"--part: '{part}' is not K/N with K from 1 to N (accepted: 1/64 to 64/64, for 64 shares)"
        raise ParameterError(message)
    with _progress(quiet=quiet) as advance:
        start, stop = measure_share(corpus, number, shares, advance)
    if start == stop:
        return f"part {number}/{shares} holds no rows"
    return f"part {number}/{shares} measured, rows {start + 1:,} to {stop:,}"


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what moves a bar: rows to be measured, and rows done."""
    with tqdm(unit="utterance", desc="measuring", disable=True if quiet else None, leave=False) as bar:

        def advance(rows: int, done: int) -> None:
            bar.total = rows
            bar.update(done - bar.n)

        yield advance


def _pin(files: MeasuredFiles, into: Path) -> Path:
    into.mkdir(exist_ok=True)
    for path in files:
        (into / path.name).unlink(missing_ok=True)
        disk.bring(path, into / path.name)
    return into
