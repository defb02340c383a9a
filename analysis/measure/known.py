"""What was measured before: a text that a corpus still has is not measured again, whatever else of the corpus changed.

What a row gets depends on its text and its language alone (:mod:`analysis.measure.batch`): the tables hold a digest of
both for each row, by which it is found again. Who speaks, threads and clusters are taken from the corpus as it is.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.corpus.store import Rows
from analysis.measure import batch as step
from analysis.measure.made import TEXTS, MeasuredFiles
from analysis.parameters import Options

SCHEMA = pa.schema([pa.field("digest", pa.binary(16))])


def text_digests(batch: pa.Table) -> pa.Array:
    """Return what text and language (as the corpus has it, perhaps missing) of each row are known by: 128 bits."""
    rows = zip(batch.column("language").to_pylist(), batch.column("text").to_pylist(), strict=True)
    found = [hashlib.blake2b(f"{language or ''}\0{text}".encode(), digest_size=16).digest() for language, text in rows]
    return pa.array(found, pa.binary(16))


class Known:
    """The tables of an earlier measurement with the same code, data, options and versions.

    Parameters
    ----------
    folder : Path
        Of the tables, with :data:`analysis.measure.made.TEXTS` beside them.
    concepts : bool
        Whether they were made with the same codebook: if not, scores are known and mentions are not.

    """

    def __init__(self, folder: Path, *, concepts: bool = True) -> None:
        """Open them; of the measures a few row groups are in memory at a time."""
        self.files, self.concepts = MeasuredFiles.of(folder), concepts
        self._texts = _halves(pq.read_table(folder / TEXTS)["digest"])
        self._order = np.argsort(self._texts[:, 0], kind="stable")
        self._sorted = self._texts[self._order, 0]
        begins = np.concatenate([[True], self._sorted[1:] != self._sorted[:-1]])
        self._same = np.cumsum(begins)  # a number for rows with one first half
        self._places = self._same * len(self._order) + self._order  # ascending, as they were sorted
        self._measures = Rows(self.files.measures)
        #: Of the measures: that of the options, without loading an instrument to ask it for its name.
        self.schema = _plain(self._measures.schema)
        ids = pq.read_table(self.files.measures, columns=["utterance_id"])["utterance_id"]
        mentions = pq.read_table(self.files.mentions)
        row = pc.index_in(mentions["utterance_id"], value_set=ids.combine_chunks()).to_numpy()
        order = np.argsort(row, kind="stable")
        self._mentions = mentions.take(pa.array(order)).combine_chunks()
        self._begins = np.searchsorted(row[order], np.arange(len(ids) + 1))

    def find(self, digests: pa.Array, start: int = 0) -> np.ndarray:
        """Return the row of each text, -1 for one that was not measured; int64, shape (texts,).

        Of several rows with a text, it is the first from where the text now stands: the first of ``digests`` is that of
        the row ``start``. So rows that are taken together stand together, whatever was said how often.
        """
        asked = _halves(digests)
        first = np.minimum(np.searchsorted(self._sorted, asked[:, 0]), len(self._order) - 1)
        last = np.searchsorted(self._sorted, asked[:, 0], side="right") - 1
        from_here = self._same[first] * len(self._order) + np.minimum(
            start + np.arange(len(asked)), len(self._order) - 1
        )
        at = np.clip(np.searchsorted(self._places, from_here), first, np.maximum(first, last))
        # Two texts that differ in the second half alone: the other one is measured again, and nothing else happens.
        return np.where((self._texts[self._order[at]] == asked).all(axis=1), self._order[at], -1)

    def take(self, rows: np.ndarray) -> tuple[pa.Table, pa.Table, np.ndarray]:
        """Return the measures of rows, in their order, and the mentions in them with the place of each one's row."""
        ends = self._measures.ends
        group = np.searchsorted(ends, rows, side="right")
        parts, order = [], []
        for number in np.unique(group).tolist():
            at = np.flatnonzero(group == number)
            table = self._measures.group(number)
            parts.append(table.take(pa.array(rows[at] - (ends[number] - table.num_rows))))
            order.append(at)
        measures = pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(order))))
        first, each = self._begins[rows], self._begins[rows + 1] - self._begins[rows]
        of_row = np.repeat(np.arange(len(rows)), each)
        places = np.arange(len(of_row)) - np.repeat(np.cumsum(each) - each - first, each)
        return measures, self._mentions.take(pa.array(places)), of_row


def _halves(digests: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return digests as two numbers each; uint64, shape (digests, 2)."""
    if isinstance(digests, pa.ChunkedArray):
        digests = digests.combine_chunks()
    flat = np.frombuffer(digests.buffers()[1] or b"", dtype=np.uint64)
    return flat[2 * digests.offset : 2 * (digests.offset + len(digests))].reshape(-1, 2)


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema without what reading Parquet adds to it, which would be written again."""
    return pa.schema(
        [
            (field.name, pa.list_(field.type.value_type) if pa.types.is_list(field.type) else field.type)
            for field in schema
        ]
    )


def measure_part(part: pa.Table, digests: pa.Array, start: int, known: Known | None, options: Options) -> step.Measured:
    """Measure a batch, but for the texts that are known: the tables are those of measuring all of it, to the bit.

    Parameters
    ----------
    part : Table
        Rows of the corpus with the columns :data:`analysis.measure.batch.NEEDED`.
    digests : Array, shape (batch,)
        What its texts are known by.
    start : int
        Where the batch begins in the corpus.
    known : Known or None
    options : Options

    """
    frame = part.to_pandas()
    rows = np.full(len(frame), -1) if known is None else known.find(digests, start)
    new = rows < 0
    if known is None or new.all():
        measured = step.measure_batch(frame, options)
        return step.Measured(measured.measures.combine_chunks(), measured.mentions.combine_chunks())
    old, mentions, of_row = known.take(rows[~new])
    at = np.flatnonzero(~new)
    of_row, ids = at[of_row], frame["utterance_id"].to_numpy(dtype=object)
    if new.any():
        fresh = step.measure_batch(frame[new], options)
        of_fresh = pc.index_in(fresh.mentions["utterance_id"], value_set=pa.array(ids, pa.string())).to_numpy()
        old, at = pa.concat_tables([fresh.measures, old]), np.concatenate([np.flatnonzero(new), at])
        mentions, of_row = pa.concat_tables([fresh.mentions, mentions]), np.concatenate([of_fresh, of_row])
    measures = old.take(pa.array(np.argsort(at)))
    for name, column in step.grouping(frame).items():
        measures = measures.set_column(measures.schema.get_field_index(name), name, column)
    measures = measures.cast(known.schema).combine_chunks()
    if not known.concepts:
        return step.Measured(measures, step.find_mentions(frame, measures["language"].to_numpy(), options))
    # As measuring gives them: languages sorted, rows in their order, and within a row as they were found.
    order = np.lexsort((of_row, np.unique(measures["language"].to_numpy(), return_inverse=True)[1][of_row]))
    mentions = mentions.set_column(0, mentions.schema.field(0), pa.array(ids[of_row], pa.string()))
    return step.Measured(measures, mentions.take(pa.array(order)).cast(step.mentions_schema()).combine_chunks())
