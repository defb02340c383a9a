"""A corpus and what was measured of it as one table for other programs: a row an utterance.

The columns of the corpus come first (``language`` as measured), then for each instrument its score and the units that
it rests on (missing for paraphrases, which are never scored), then ``concept_<name>``: 1 where the codebook's concept
is mentioned, 0 where not, missing in languages that it does not read. Texts and speakers are masked as in the corpus.

CSV and XLSX are for spreadsheets: no cell of theirs is run (:func:`analysis.show.style.write_csv`). The CSV begins with
a byte order mark, by which Excel knows that it is UTF-8, and which R's ``read.csv`` is told by
``fileEncoding = "UTF-8-BOM"``. Excel rounds ids of more than 15 digits when it opens a CSV, not in an XLSX.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis import disk
from analysis.corpus import store
from analysis.corpus.quotations import NAME, import_quotations
from analysis.corpus.schema import SCHEMA
from analysis.corpus.spreadsheet import sheet_cell, tame, undate
from analysis.errors import InputError, plural
from analysis.measure.cache import MeasuredFiles
from analysis.measure.concepts import LANGUAGES, read_codebook
from analysis.measure.options import SCALES
from analysis.show.style import csv_cells
from analysis.study.measuring import measure_corpus
from analysis.study.study import found

#: What a sheet of Excel holds: rows with the header, and units of UTF-16 in a cell.
SHEET_ROWS, CELL = 1_048_576, 32_767
#: Bytes of a text in SPSS.
SAV_BYTES = 32_767
_TEXTS = [field.name for field in SCHEMA if field.type == pa.string()]
#: A time that says nothing, as SPSS writes it: the same bytes on every day.
_SAV_DAWN, _SAV_MOMENT = b"01 Jan 8000:00:00", 92


class Exported(NamedTuple):
    """What was written."""

    to: Path
    rows: int
    columns: int

    def lines(self) -> list[str]:
        """Return what there is to say."""
        return [f"{self.to}: {plural(self.rows, 'utterance')} in {plural(self.columns, 'column')}"]


def export_corpus(corpus: str, to: Path, *, force: bool = False, quiet: bool = True) -> Exported:
    """Write a corpus, measured, as one table.

    Parameters
    ----------
    corpus : str
        A corpus folder, or ``quotations``.
    to : Path
        ``.csv``, ``.xlsx``, ``.parquet`` or ``.sav`` (SPSS, whose rows are all in memory at once).
    force : bool
        Replace the file if it exists.
    quiet : bool
        Show no progress of measuring.

    Raises
    ------
    InputError
        If there is no corpus, the file exists or its ending is not known, or the corpus does not fit into it; nothing
        is written then.

    """
    write = _WRITERS.get(to.suffix.lower())
    if write is None:
        raise InputError(f"the ending '{to.suffix}' is not known", file=to, accepted=sorted(_WRITERS))
    if to.is_dir() or (to.exists() and not force):
        accepted = ["--to with another name", *([] if to.is_dir() else ["--force"])]
        raise InputError("exists and is not replaced", file=to, accepted=accepted)
    folder = Path(found(corpus))
    with disk.locked(to.parent), disk.naming(to), disk.scratch(to.parent) as work:
        disk.mend(to.parent)
        opened = work / "corpus"
        if corpus == NAME:
            import_quotations(opened)
        else:
            store.pin(folder, opened)
        _require_room(opened, to)
        beside = opened if corpus == NAME else folder
        files = MeasuredFiles.of(measure_corpus(opened, quiet=quiet, beside=beside, pinned=work))
        columns = write(work / "table", partial(_tables, opened, files))
        rows = store.read_info(opened)["rows"]
        disk.commit(work, {"table": to})
    return Exported(to, rows, columns)


def _require_room(corpus: Path, to: Path) -> None:
    """Refuse a corpus that a sheet or SPSS cannot hold, before anything is measured or written."""
    kind, rows = to.suffix.lower(), store.read_info(corpus)["rows"]
    if kind == ".xlsx" and rows >= SHEET_ROWS:
        problem = f"{rows:,} utterances do not fit: a sheet holds {SHEET_ROWS - 1:,} below its header"
        raise InputError(problem, file=to, accepted=[".csv", ".parquet", ".sav"])
    if kind not in {".xlsx", ".sav"}:
        return
    most, unit = (CELL, "characters") if kind == ".xlsx" else (SAV_BYTES, "bytes")
    for first, batch in _numbered(store.batches(corpus, _TEXTS)):
        for name in _TEXTS:
            long = pc.fill_null(pc.greater(pc.binary_length(batch.column(name)), most // 2), fill_value=False)
            for place in np.flatnonzero(long.to_numpy(zero_copy_only=False)).tolist():
                text = batch.column(name)[place].as_py()
                if (number := _units(text) if kind == ".xlsx" else len(text.encode())) > most:
                    problem = f"a text of {number:,} {unit} does not fit: a cell of {kind} holds {most:,}"
                    raise InputError(
                        problem, file=to, row=first + place + 1, column=name, accepted=[".csv", ".parquet"]
                    )


def _numbered(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    first = 0
    for batch in batches:
        yield first, batch
        first += batch.num_rows


def _units(text: str) -> int:
    return len(tame(text).encode("utf-16-le")) // 2


def _tables(corpus: Path, files: MeasuredFiles) -> Iterator[pa.Table]:
    """Yield the table in batches: measures stand in groups of rows as the corpus is read."""
    mentions = pq.read_table(files.mentions, columns=["utterance_id", "concept"])
    concepts = [row["concept"] for row in read_codebook()]
    with pq.ParquetFile(files.measures) as measures:
        for number, batch in enumerate(store.batches(corpus)):
            measured = measures.read_row_group(number)
            if not measured["utterance_id"].combine_chunks().equals(batch.column("utterance_id")):
                raise AssertionError
            language = measured["language"].combine_chunks()
            columns = {name: batch.column(name) for name in batch.schema.names} | {"language": language}
            scored = pc.not_equal(batch.column("evidence"), "paraphrase")
            for name in (each + part for each in SCALES for part in ("", "_n")):
                values = pc.if_else(scored, measured[name].combine_chunks(), None)
                columns[name] = values if name.endswith("_n") else pc.if_else(pc.is_nan(values), None, values)
            columns |= _mentioned(batch.column("utterance_id"), language, mentions, concepts)
            yield pa.table(columns)


def _mentioned(ids: pa.Array, language: pa.Array, mentions: pa.Table, concepts: list[str]) -> dict[str, pa.Array]:
    read = pc.is_in(language, value_set=pa.array(LANGUAGES))
    out = {}
    for concept in concepts:
        mine = mentions.filter(pc.equal(mentions["concept"], concept))["utterance_id"]
        hits = pc.is_in(ids, value_set=mine.combine_chunks()).cast(pa.int8())
        out[f"concept_{re.sub(r'[^A-Za-z0-9]+', '_', concept)}"] = pc.if_else(read, hits, None)
    return out


# A format each: it writes the batches to a file and returns the number of columns ------------------------------------

Tables = Callable[[], Iterator[pa.Table]]


def _sheet(table: pa.Table) -> pd.DataFrame:
    """Return the cells of a batch for a spreadsheet: times as text, numbers as numbers, nothing that is run."""
    at = table.schema.get_field_index("posted_at")
    when = pc.strftime(table.column(at).cast(pa.timestamp("s", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")
    return table.set_column(at, "posted_at", when).to_pandas(types_mapper=_NULLABLE.get)


_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.int8(): pd.Int8Dtype()}


def _write_csv(path: Path, tables: Tables) -> int:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for number, table in enumerate(tables()):
            csv_cells(_sheet(table)).to_csv(file, index=False, header=number == 0, lineterminator="\n")
    return table.num_columns


def _write_xlsx(path: Path, tables: Tables) -> int:
    from openpyxl import Workbook  # noqa: PLC0415  only who writes a workbook pays for it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("utterances")
    for number, table in enumerate(tables()):
        cells = _sheet(table)
        if number == 0:
            sheet.append(list(cells))
        for row in zip(*(map(sheet_cell, cells[name].tolist()) for name in cells), strict=True):
            sheet.append(row)
    book.save(path)
    undate(path)
    return table.num_columns


def _write_parquet(path: Path, tables: Tables) -> int:
    batches = tables()
    first = next(batches)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as file:
        file.write_table(first)
        for table in batches:
            file.write_table(table)
    return first.num_columns


def _write_sav(path: Path, tables: Tables) -> int:
    try:
        import pyreadstat  # noqa: PLC0415
    except ImportError as error:
        problem = "writing it needs the package pyreadstat: pip install pyreadstat"
        raise InputError(problem, file=path.name, accepted=[".csv", ".xlsx", ".parquet"]) from error
    frame = pa.concat_tables(tables()).to_pandas()
    frame["posted_at"] = frame["posted_at"].dt.tz_localize(None)
    for name in frame:
        if name in _TEXTS:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
        elif name != "posted_at":
            frame[name] = frame[name].astype(float)
    pyreadstat.write_sav(frame, path, row_compress=True)
    with path.open("r+b") as file:
        file.seek(_SAV_MOMENT)
        file.write(_SAV_DAWN)
    return len(frame.columns)


_WRITERS = {".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet, ".sav": _write_sav}
