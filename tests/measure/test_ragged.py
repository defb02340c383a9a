"""Stored lists as flat arrays."""

from __future__ import annotations

import pyarrow as pa

from analysis.measure.ragged import Ragged


def test_stored_lists_come_back_whatever_part_of_a_column_they_are() -> None:
    lists = [["a", "b"], [], ["b", "b", "c"], ["a"]]
    column = pa.array(lists, pa.list_(pa.string()))
    assert Ragged.of(column).lists() == lists
    assert Ragged.of(column.slice(1, 2)).lists() == lists[1:3]
    assert Ragged.of(column.take(pa.array([3, 0]))).lists() == [lists[3], lists[0]]
    assert len(Ragged.of(column.slice(0, 0))) == 0
