"""Every fixture against every other format: none is taken for another's, whichever formats there are beside its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.corpus.readers import formats
from analysis.corpus.readers.format import recognise
from analysis.corpus.readers.records import Sample, sample
from analysis.corpus.readers.source import sources

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.name != "expected.json")
BY_NAME = {format_.name: format_ for format_ in formats()}
#: What asks only for the columns that all tables of its tool have; any other two formats of a tool exclude each other.
GENERAL = "4cat-any"


@pytest.fixture(scope="module")
def samples() -> dict[Path, Sample]:
    return {path: sample(sources(path)[0]) for path in FILES}


def test_beside_any_other_format_a_fixture_is_of_its_own(samples: dict[Path, Sample]) -> None:
    taken = []
    for path, begun in samples.items():
        own = BY_NAME[path.parent.name]
        for other in formats():
            if other is own or recognise(begun, (other,)) is None:
                continue
            for pair in ((own, other), (other, own)):
                match = recognise(begun, pair)
                if match is None or match.format is not own:
                    taken.append((f"{path.parent.name}/{path.name}", other.name))
    assert taken == []


def test_two_formats_of_one_tool_exclude_each_other(samples: dict[Path, Sample]) -> None:
    both = set()
    for path, begun in samples.items():
        own = BY_NAME[path.parent.name]
        for other in formats():
            if other is not own and other.tool == own.tool and other.name != GENERAL and recognise(begun, (other,)):
                both.add((own.name, other.name))
    assert sorted(both) == []
