"""Lists of words: stored ones as flat arrays, and what stands in the place of a unit, held against plain lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from analysis.measure.ragged import Ragged


def test_stored_lists_come_back_whatever_part_of_a_column_they_are() -> None:
    lists = [["a", "b"], [], ["b", "b", "c"], ["a"]]
    column = pa.array(lists, pa.list_(pa.string()))
    assert Ragged.of(column).lists() == lists
    assert Ragged.of(column.slice(1, 2)).lists() == lists[1:3]
    assert Ragged.of(column.take(pa.array([3, 0]))).lists() == [lists[3], lists[0]]
    assert len(Ragged.of(column.slice(0, 0))) == 0


@pytest.mark.parametrize("seed", range(20))
def test_replace_is_what_plain_lists_give(seed):
    rng = np.random.default_rng(seed)
    words = [f"w{i}" for i in range(12)]
    counts = rng.integers(0, 5, 30)
    old = Ragged(
        rng.integers(0, len(words), counts.sum()).astype(np.int32), np.concatenate([[0], np.cumsum(counts)]), words
    )
    # Nothing, the unit itself, others of the vocabulary, new ones, one of them twice.
    bank = [*words, "new", "newer"]
    places = rng.permutation(len(words))[: rng.integers(1, 6)].tolist()
    parts = {place: [bank[i] for i in rng.integers(0, len(bank), rng.integers(0, 4))] for place in places}
    new, source = old.replace(parts)
    become = [parts.get(place, [word]) for place, word in enumerate(words)]
    assert new.lists() == [[unit for word in text for unit in become[words.index(word)]] for text in old.lists()]
    assert source.tolist() == [at for at, code in enumerate(old.codes.tolist()) for _ in become[code]]
    assert (new.codes.dtype, len(set(new.vocabulary))) == (np.int32, len(new.vocabulary))
    assert new.vocabulary[: len(words)] == words
