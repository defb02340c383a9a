"""A corpus cut into parts: each is measured by itself, anywhere, and written whole; together they are its tables.

A part is some batches of rows (:data:`analysis.corpus.store.BATCH`), whoever measures it, so that the tables do not
depend on who measured what. Parts lie beside the tables that they become, in ``<key>.<...>.parts``, until these are
there: whatever is killed, the part in hand is lost and no other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from analysis import disk
from analysis.corpus.store import Rows
from analysis.corpus.whole import require_whole
from analysis.errors import InputError
from analysis.measure.join import join
from analysis.measure.made import SHARES, TEXTS, MeasuredFiles, holds_only_ours, is_as_made, seal
from analysis.parameters import Options

if TYPE_CHECKING:
    from analysis.measure.known import Known

#: The part that holds the tables which no corpus changes: the aligned lines, and what is neutral.
LINES = "lines"
#: Where a corpus has more batches than this, a part is of several: file systems of clusters do not like many files.
_MOST = 1_000


@dataclass(frozen=True)
class Parts:
    """How a corpus is cut, and all that measuring a part of it depends on.

    Attributes
    ----------
    table : Path
        The table of the corpus.
    content : str
        The hash that it must have.
    rows : int
        How many it has.
    folder : Path
        Where its measures are to be; named for what they depend on (:func:`analysis.measure.cache.measure_key`).
    options : Options
    batch : int
        Rows that are measured together.
    known : Path or None
        The folder of an earlier measurement with the same code, data and options.
    shares : int
        Of how many shares each gets one to measure, 0 if it is nobody's.

    """

    table: Path
    content: str
    rows: int
    folder: Path
    options: Options
    batch: int
    known: Path | None = None
    shares: int = 0

    @property
    def size(self) -> int:
        """Rows of a part."""
        return self.batch * max(1, self.rows // self.batch // _MOST)

    @property
    def names(self) -> list[str]:
        """Names of all parts, in the order of their rows; last, :data:`LINES`."""
        return [*(f"{number:06}" for number in range(-(-self.rows // self.size))), LINES]

    @property
    def home(self) -> Path:
        """The folder that holds them, named for how large they are and what they hold: others do not fit with them."""
        kind = "mentions" if self.mentions_alone else "tables"
        return self.folder.with_name(f"{self.folder.name}.{self.size}.{kind}.parts")

    @property
    def other_codebook(self) -> bool:
        """Whether what was measured before has mentions by another codebook."""
        return self.known is not None and self.known.name.rpartition("-")[2] != self.folder.name.rpartition("-")[2]

    @property
    def mentions_alone(self) -> bool:
        """Whether the same rows were measured, with another codebook: then all other tables stay as they are."""
        return self.known is not None and self.known.name.partition("-")[0] == self.folder.name.partition("-")[0]

    def span(self, name: str) -> range:
        """Return the rows of a part."""
        start = self.rows if name == LINES else int(name) * self.size
        return range(start, min(start + self.size, self.rows))

    def share(self, number: int) -> list[str]:
        """Return the names of those in a share, 1 to ``shares``."""
        names = self.names
        return names[(number - 1) * len(names) // self.shares : number * len(names) // self.shares]

    def stored(self) -> list[str]:
        """Return the names of those that are written, and whole."""
        return [name for name in self.names if is_as_made(self.home / name)]

    def absolute(self) -> Self:
        """Return it with paths that hold in any working directory."""
        known = None if self.known is None else self.known.absolute()
        return replace(self, table=self.table.absolute(), folder=self.folder.absolute(), known=known)

    def to_json(self) -> str:
        """Return it as one line, for another process."""
        told = asdict(self) | {"options": self.options.model_dump()}
        return json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in told.items()})

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Return what :meth:`to_json` said."""
        told = json.loads(line)
        told |= {name: told[name] and Path(told[name]) for name in ("table", "folder", "known")}
        return cls(**told | {"options": Options.model_validate_json(json.dumps(told["options"]))})


class Opened(NamedTuple):
    """The rows of a corpus; what was measured before or, where only mentions are to be found, languages of the rows."""

    rows: Rows
    known: Known | None = None
    languages: Rows | None = None


@lru_cache(1)
def opened(parts: Parts) -> Opened:
    """Open what measuring a part reads."""
    from analysis.measure.batch import NEEDED  # noqa: PLC0415  the engines take seconds to import
    from analysis.measure.known import Known  # noqa: PLC0415

    rows = Rows(require_whole(parts.table, parts.content), NEEDED)
    if parts.known is None:
        return Opened(rows)
    if parts.mentions_alone:
        return Opened(rows, languages=Rows(MeasuredFiles.of(parts.known).measures, ["language"]))
    return Opened(rows, Known(parts.known, concepts=not parts.other_codebook))


def digests_of(parts: Parts, name: str) -> list[pa.Array]:
    """Return what the texts of a part are known by, an array a batch."""
    from analysis.measure.known import text_digests  # noqa: PLC0415

    return [text_digests(batch) for batch in _batches(parts, name)]


def _batches(parts: Parts, name: str) -> Iterator[pa.Table]:
    rows, span = opened(parts)[0], parts.span(name)
    for start in span[:: parts.batch]:
        yield rows.take(start, min(start + parts.batch, span.stop))


def write_part(parts: Parts, name: str, digests: Sequence[pa.Array] | None = None) -> None:
    """Measure a part and put it beside the others, whole or not at all; one that is there stays as it is.

    Parameters
    ----------
    parts : Parts
    name : str
        One of its ``names``.
    digests : sequence of Array, optional
        Of :func:`digests_of`, where they are at hand.

    Raises
    ------
    InputError
        If the corpus is not what was imported, or something else stands in the place of the part.

    """
    place = parts.home / name
    if is_as_made(place):
        return
    with disk.made(parts.home), disk.scratch(parts.home) as temporary, disk.naming(place):
        made = temporary / name
        made.mkdir()
        measure_into(parts, name, made, digests)
        if parts.shares:
            (made / SHARES).write_text(f"{parts.shares}\n", encoding="utf-8")
        seal(made)
        put(made, place, temporary)


def put(made: Path, place: Path, temporary: Path) -> None:
    """Move a folder into its place; what is there already, damaged, goes to a temporary folder."""
    require_ours(place)
    if place.is_dir():  # of no use: all that it held is here anew
        os.replace(place, temporary / "damaged")
    os.replace(made, place)
    disk.flush(place.parent)


def require_ours(place: Path) -> None:
    """Refuse to replace a folder that holds what measuring did not write."""
    if place.is_dir() and not holds_only_ours(place):
        problem = "holds files that measuring did not write"
        raise InputError(problem, file=place, accepted=["the folder without them"])


def measure_into(parts: Parts, name: str, folder: Path, digests: Sequence[pa.Array] | None = None) -> None:
    """Write the tables of a part into a folder (see :func:`write_part`)."""
    if name == LINES:
        _write_lines(parts, folder)
        return
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for number, batch in enumerate(_batches(parts, name)):
            start = parts.span(name).start + number * parts.batch
            for table_name, table in _tables(parts, batch, start, digests[number] if digests else None).items():
                if table_name not in writers:
                    writer = pq.ParquetWriter(folder / table_name, table.schema, compression="zstd")
                    writers[table_name] = stack.enter_context(writer)
                writers[table_name].write_table(table)


def _tables(parts: Parts, batch: pa.Table, start: int, digests: pa.Array | None) -> dict[str, pa.Table]:
    """Return the tables of a batch, which begins at a row of the corpus, by the names of their files."""
    from analysis.measure import known as before  # noqa: PLC0415
    from analysis.measure.batch import find_mentions  # noqa: PLC0415

    measures, mentions = (path.name for path in MeasuredFiles.of(Path())[:2])
    _, known, languages = opened(parts)
    if languages is not None:
        spoken = languages.take(start, start + batch.num_rows)["language"].to_numpy()
        return {mentions: find_mentions(batch.to_pandas(), spoken, parts.options)}
    digests = before.text_digests(batch) if digests is None else digests
    measured = before.measure_part(batch, digests, start, known, parts.options)
    return dict(zip((measures, mentions), measured, strict=True)) | {TEXTS: pa.table([digests], schema=before.SCHEMA)}


def _write_lines(parts: Parts, folder: Path) -> None:
    """Write the tables of :data:`LINES`."""
    from analysis.measure.aligned import aligned_lines  # noqa: PLC0415
    from analysis.measure.batch import measure_batch  # noqa: PLC0415
    from analysis.measure.neutral import neutral_table  # noqa: PLC0415

    files = MeasuredFiles.of(folder)
    if parts.known is None:
        pq.write_table(measure_batch(aligned_lines(), parts.options).measures, files.aligned)
        pq.write_table(neutral_table(parts.options), files.neutral)
        return
    for name in ("aligned", "neutral"):  # no corpus changes them, and no codebook
        place = getattr(files, name)
        disk.bring(parts.known / place.name, place)


def require_all(parts: Parts) -> None:
    """Refuse to put parts together of which some are missing; the line says which, and whose share they are."""
    stored = parts.stored()
    missing = [name for name in parts.names if name not in set(stored)]
    if not missing:
        return
    told = [path for name in stored if (path := parts.home / name / SHARES).is_file()]
    shares = int(told[0].read_text(encoding="utf-8")) if told else 0
    again = "vantage measure without --merge, which measures what is missing"
    if not shares:
        raise InputError("no part of it was measured", file=parts.home, accepted=["--part K/N before --merge", again])
    of = replace(parts, shares=shares)
    numbers = [number for number in range(1, shares + 1) if not set(missing).isdisjoint(of.share(number))]
    problem = f"of {shares:,} shares, {ranges(numbers)} {'is' if len(numbers) == 1 else 'are'} not measured in full"
    raise InputError(problem, file=parts.home, accepted=[f"--part {numbers[0]}/{shares} and so on, again", again])


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers in ascending order as a reader would say them.

    >>> ranges([1, 2, 3, 7, 9, 10])
    '1-3, 7, 9-10'
    """
    begins = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(begins, ends, strict=True))


def put_together(parts: Parts, folder: Path) -> None:
    """Write the tables of a corpus into a folder, from all its parts."""
    *names, lines = (parts.home / name for name in parts.names)
    measures, mentions, *others = MeasuredFiles.of(folder)
    for place in (mentions,) if parts.mentions_alone else (measures, mentions, folder / TEXTS):
        join([name / place.name for name in names], place)
    for place in others:
        disk.bring(lines / place.name, place)


def bring_known(parts: Parts, folder: Path) -> None:
    """Have the tables that stay as they are in a folder, where only mentions were found."""
    if parts.mentions_alone:
        for name in (MeasuredFiles.of(folder).measures.name, TEXTS):
            disk.bring(parts.known / name, folder / name)


def clear(home: Path) -> None:
    """Remove the parts of a folder that are whole, and the folder if nothing else is in it."""
    if not home.is_dir():
        return
    disk.mend(home)
    with disk.scratch(home) as temporary:
        for place in sorted(home.iterdir()):
            if is_as_made(place):
                os.replace(place, temporary / place.name)
    try:
        home.rmdir()
    except OSError:
        return
