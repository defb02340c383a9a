"""A dictionary on disk, held against one in memory."""

from __future__ import annotations

import sqlite3
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus import spill
from analysis.corpus.spill import SpillDict

NAMES = st.text(st.characters(exclude_categories=()), max_size=3)
VALUES = st.tuples(st.integers(-(2**63), 2**63 - 1), st.one_of(st.none(), st.text("ab\x00自", max_size=3)))


@pytest.fixture(params=[2, 5, 50_000])
def recent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep so few names in memory that the others go to disk."""
    monkeypatch.setattr(spill, "RECENT", request.param)


@pytest.mark.usefixtures("recent")
@pytest.mark.parametrize("bits", [8, 1 << 26])  # with eight bits nearly every name may be on disk
def test_it_is_a_dictionary(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "_BITS", bits)

    @given(st.lists(st.tuples(NAMES, VALUES), max_size=40))
    def holds(pairs: list[tuple[str, tuple[int, str | None]]]) -> None:
        made, told = SpillDict(2), {}
        for name, values in pairs:
            assert made.get(name) == told.get(name)
            assert (name in made) == (name in told)
            made.put(name, *values)
            told[name] = values
        assert {name: made.get(name) for name in told} == told
        assert made.get("none of these") is None
        # Bytes of UTF-8 sort as the code points do, half a character included.
        assert list(made.items()) == sorted(told.items())
        assert len(made) == len(told)
        made.close()
        assert len(made) == 0
        assert made.get("") is None

    holds()


@pytest.mark.usefixtures("recent")
def test_without_values_it_is_a_set() -> None:
    @given(st.lists(NAMES, max_size=60))
    def holds(names: list[str]) -> None:
        seen = SpillDict(0)
        for place, name in enumerate(names, start=1):
            seen.put(name)
            if place % 7 == 0:
                assert len(seen) == len(set(names[:place]))
        assert [name for name, _ in seen.items()] == sorted(set(names))
        seen.close()

    holds()


def test_memory_does_not_grow_with_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "RECENT", 1000)
    monkeypatch.setattr(spill, "_BITS", 1 << 16)

    def peak(names: int) -> int:
        tracemalloc.start()
        made = SpillDict(1)
        for number in range(names):
            made.put(f"7422222222222{number:06d}", number)
        assert made.get("7422222222222000007") == (7,)
        assert len(made) == names
        made.close()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 2 * peak(3_000)  # a dictionary: six times as much


def test_the_disk_is_asked_for_what_may_be_there_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Watched(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            asked.append(statement)
            return super().execute(statement, *values)

    monkeypatch.setattr(spill, "RECENT", 1000)
    monkeypatch.setattr(spill, "scratch", lambda: sqlite3.connect("", factory=Watched, isolation_level=None))
    made = SpillDict(1)
    for number in range(1000):
        made.put(f"there {number}", number)
    asked.clear()
    # 2,000 of 2**26 bits are set: both of a name's are set by chance once in a thousand million times.
    assert not any(f"not there {number}" in made for number in range(1000))
    assert asked == []
    assert all(f"there {number}" in made for number in range(1000))
    assert len(asked) == 1000
    made.close()
