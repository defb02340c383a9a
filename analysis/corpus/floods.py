"""Copy-paste floods: the same words again and again. They are marked, never dropped.

Two texts are copies if the same letters are left of them after Unicode's compatibility form (NFKC) and small letters,
without links, @mentions, digits, punctuation, blanks and emoji: these are what a copy is varied by. A **flood** is
:data:`COPIES` copies or more, whoever wrote them, of a text with at least :data:`LETTERS` bytes of letters (30 Latin
or 10 Chinese ones): shorter comments meet by chance. Identical messages as the mark of a campaign: Keller, Schoch,
Stier & Yang (2020), Political Communication 37(2). A text that was reworded is not found.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

COPIES = 3
LETTERS = 30
_VARIED = r"https?://\S+|[@＠]\w+|[^\p{L}\p{M}@＠]+|[@＠]"
#: Of a longer text the beginning decides.
_LONGEST = 2_000
SCHEMA = pa.schema([pa.field("utterance_id", pa.string()), pa.field("flood", pa.int32())])


def letters(texts: pa.Array) -> pa.Array:
    """Return what copies have in common.

    >>> letters(pa.array(["FREE tickets!!! 100% @you @we https://x.example ９", "free 🎉 tickets"])).to_pylist()
    ['freetickets', 'freetickets']
    """
    begun = pc.utf8_slice_codeunits(texts, 0, _LONGEST)
    small = pc.utf8_lower(pc.utf8_normalize(begun, form="NFKC"))
    return pc.replace_substring_regex(small, pattern=_VARIED, replacement="")


def find_floods(batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """Return which utterances are copies of one text.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Columns ``utterance_id`` and ``text``. They are gone through once; eight bytes a row are kept, and the ids.

    Returns
    -------
    Table
        ``utterance_id`` and ``flood``: 1 is the flood that begins first. Rows that are in none are left out.

    """
    digests, ids = [], []
    for batch in batches:
        bare = letters(batch.column("text"))
        long = pc.greater_equal(pc.binary_length(bare), LETTERS)
        kept = bare.filter(long)
        digests.append(pd.util.hash_array(kept.to_numpy(zero_copy_only=False), categorize=False))
        ids.append(batch.column("utterance_id").filter(long))
    if not digests:
        return SCHEMA.empty_table()
    whole = np.concatenate(digests)
    _, first, group, copies = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    flood = np.zeros(len(copies), dtype="int32")
    many = np.flatnonzero(copies >= COPIES)
    flood[many[np.argsort(first[many])]] = np.arange(1, len(many) + 1, dtype="int32")
    number = flood[group]
    return pa.table([pa.chunked_array(ids).filter(pa.array(number > 0)), number[number > 0]], schema=SCHEMA)
