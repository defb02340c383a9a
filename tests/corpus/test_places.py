"""The row of each id, held against a dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus import places
from analysis.corpus.places import Places


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 2**40)), max_size=200))
def test_it_is_a_dictionary(pairs: list[tuple[str, int]]) -> None:
    made, told = Places(), {}
    for name, row in pairs:
        assert (name in made) == (name in told)
        made[name] = told[name] = row
    assert len(made) == len(told)
    assert {name: made.get(name) for name in told} == told
    assert made.get("none of these") is None


def test_it_grows_and_keeps_every_id(monkeypatch) -> None:
    names = [str(7_422_222_222_222_222_000 + i) for i in range(20_000)]
    made = Places()
    for row, name in enumerate(names):
        made[name] = row
    assert len(made) == len(names)
    assert [made.get(name) for name in names] == list(range(len(names)))
    assert not any(f"{name}0" in made for name in names)
    # Hashes that all begin at one place, and one that is 0, which marks a free place.
    monkeypatch.setattr(places, "hash", lambda name: int(name) << 20, raising=False)
    made = Places()
    for row in range(300):
        made[str(row)] = row
    assert [made.get(str(row)) for row in range(300)] == list(range(300))
