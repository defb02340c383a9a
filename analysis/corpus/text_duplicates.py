"""Duplicate texts: one long text in several utterances, as campaigns and spam paste it. They are marked, never dropped.

They are not the duplicate rows of an import, which are one utterance that was read twice and are left out.

Two texts are copies if the same letters are left of them after Unicode's compatibility form (NFKC) and small letters,
without links, @mentions, digits, punctuation, blanks and emoji: these are what a copy is varied by. They count from
:data:`LEAST` copies on, whoever wrote them, of a text with at least :data:`LETTERS` bytes of letters (30 Latin
or 10 Chinese ones): shorter comments meet by chance. Identical messages as the mark of a campaign: Keller, Schoch,
Stier & Yang (2020), Political Communication 37(2). A text that was reworded is not found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.corpus.spill import scratch

LEAST = 3
LETTERS = 30
_VARIED = r"https?://\S+|user_[0-9a-f]{12}|[@＠]\w+|[^\p{L}\p{M}@＠]+|[@＠]"
#: Of a longer text the beginning decides.
_LONGEST = 2_000
_BATCH = 20_000
SCHEMA = pa.schema([pa.field("utterance_id", pa.string()), pa.field("duplicate_group", pa.int32())])


def letters(texts: pa.Array) -> pa.Array:
    """Return what copies have in common.

    >>> letters(pa.array(["FREE tickets!!! 100% @you @we https://x.example ９", "free 🎉 tickets"])).to_pylist()
    ['freetickets', 'freetickets']
    """
    return _bare(_small(texts))


def _small(texts: pa.Array) -> pa.Array:
    begun = pc.utf8_slice_codeunits(texts, 0, _LONGEST)
    return pc.utf8_lower(pc.utf8_normalize(begun, form="NFKC"))


def _bare(small: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(small, pattern=_VARIED, replacement="")


def _long(texts: pa.Array) -> pa.Array:
    return pc.greater_equal(pc.binary_length(texts), LETTERS)


class TextDuplicates(NamedTuple):
    """How many texts stand in several utterances, in how many, and which (``utterance_id``, ``duplicate_group``)."""

    number: int
    utterances: int
    rows: pa.RecordBatchReader


#: Numbered by where they begin.
_GROUPS = """
    SELECT text, count(*) AS copies, row_number() OVER (ORDER BY min(row)) AS duplicate_group
    FROM copies GROUP BY text HAVING count(*) >= ?
"""


@contextmanager
def find_text_duplicates(batches: Iterable[pa.RecordBatch]) -> Iterator[TextDuplicates]:
    """Return which utterances are copies of one text; what is compared lies on disk, so memory stays small.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Columns ``utterance_id`` and ``text``. They are gone through once.

    Yields
    ------
    TextDuplicates
        Its rows are in the order of the corpus; utterances with one number have one text, and 1 is the text that
        comes first. Utterances whose text is in no others are left out.

    """
    with closing(scratch()) as disk:
        disk.execute("CREATE TABLE copies (row INTEGER PRIMARY KEY, text INTEGER, name TEXT)")
        disk.execute("BEGIN")
        for batch in batches:
            names, small = batch.column("utterance_id"), _small(batch.column("text"))
            long = _long(small)
            if not pc.any(long).as_py():  # the pattern alone takes as long to make ready as a small import
                continue
            names, bare = names.filter(long), _bare(small.filter(long))
            long = _long(bare)
            digests = pd.util.hash_array(bare.filter(long).to_numpy(zero_copy_only=False), categorize=False)
            names = names.filter(long).to_pylist()
            rows = zip(digests.view("int64").tolist(), names, strict=True)
            disk.executemany("INSERT INTO copies (text, name) VALUES (?, ?)", rows)
        disk.execute("COMMIT")
        disk.execute("CREATE TABLE groups AS " + _GROUPS, (LEAST,))
        number, utterances = disk.execute("SELECT count(*), total(copies) FROM groups").fetchone()
        found = disk.execute("SELECT name, duplicate_group FROM copies JOIN groups USING (text) ORDER BY row")
        yield TextDuplicates(number, int(utterances), pa.RecordBatchReader.from_batches(SCHEMA, _batches(found)))


def _batches(found: sqlite3.Cursor) -> Iterator[pa.RecordBatch]:
    while rows := found.fetchmany(_BATCH):
        yield pa.record_batch([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)
