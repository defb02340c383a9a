"""What the notebooks of one run share is of the study that asks for it."""

import dataclasses
import mmap
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.compare import kept
from analysis.compare.concepts import concept_differences
from analysis.compare.dataset import Dataset
from analysis.compare.groups import in_order, split_groups
from analysis.parameters import Parameters
from analysis.study import open_study, study


@pytest.fixture
def calls(monkeypatch, tmp_path):
    monkeypatch.setenv(kept.FOLDER, str(tmp_path))
    return []


def made(calls: list[int]):
    @kept.kept
    def sizes(study: Dataset) -> tuple[pd.DataFrame, int]:
        calls.append(len(study.measures))
        return pd.DataFrame({"n": pd.array([len(study.measures), None], dtype="Int64"), "name": ["a", None]}), calls[-1]

    return sizes


def test_a_second_notebook_takes_what_the_first_made(calls):
    sizes = made(calls)
    first, second = sizes(open_study()), sizes(open_study(out="elsewhere", figure_formats=["svg"]))
    assert len(calls) == 1
    assert first[1] == second[1]
    pd.testing.assert_frame_equal(first[0], second[0])


def test_who_asks_while_another_makes_waits_and_says_nothing(calls, caplog):
    def make() -> int:
        calls.append(1)
        time.sleep(0.3)
        return 7

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: kept.keep("slow", Parameters(), make), range(2)))
    assert (found, len(calls), caplog.records) == ([7, 7], 1, [])


def test_other_parameters_are_another_table(calls):
    sizes = made(calls)
    sizes(open_study())
    fewer = sizes(open_study(evidence=["paraphrase"]))
    assert calls == [calls[0], fewer[1]]
    assert fewer[1] < calls[0]


def test_changed_rows_are_neither_kept_nor_answered_with_the_whole(calls):
    sizes, study = made(calls), open_study()
    part = dataclasses.replace(study, measures=study.measures.head(3))
    assert [sizes(part)[1], sizes(study)[1], sizes(part)[1]] == [3, len(study.measures), 3]


def test_outside_a_run_nothing_is_kept(monkeypatch, tmp_path):
    monkeypatch.delenv(kept.FOLDER, raising=False)
    monkeypatch.chdir(tmp_path)
    calls: list[int] = []
    sizes, study = made(calls), open_study()
    sizes(study)
    sizes(study)
    assert len(calls) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("calls")
def test_a_table_comes_back_as_it_was_made():
    study = open_study()
    alone = concept_differences.__wrapped__(study)
    for _ in range(2):
        pd.testing.assert_frame_equal(concept_differences(study), alone, check_exact=True)


@pytest.mark.usefixtures("calls")
def test_what_is_kept_is_mapped_and_belongs_to_who_reads_it(tmp_path):
    table = {
        "words": pd.DataFrame({"text": ["a", None, "平壤"], "n": pd.array([1, None, 3], dtype="Int64")}),
        "numbers": np.arange(6.0).reshape(2, 3),
        "none": np.empty(0),
        "lists": pa.array([["x"], None, []]),
    }
    first, second = (kept.keep("all", open_study().parameters, lambda: table) for _ in range(2))
    for read in (first, second):
        pd.testing.assert_frame_equal(read["words"], table["words"])
        assert read["lists"].equals(table["lists"])
        assert read["none"].shape == (0,)
    (path,) = tmp_path.glob("all-*/made")
    written = path.read_bytes()
    first["numbers"][0, 0] = 99
    assert np.array_equal(second["numbers"], table["numbers"])
    assert path.read_bytes() == written
    # Not a copy: as far as can be seen from here, its memory is a map of the file.
    base = second["numbers"]
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, memoryview)
    assert isinstance(base.obj, mmap.mmap)


@pytest.mark.usefixtures("calls")
def test_a_study_is_opened_once_and_is_the_same(monkeypatch, tmp_path):
    opened, again = open_study(), open_study(out="elsewhere")
    assert again.as_opened
    assert again.out != opened.out
    monkeypatch.delenv(kept.FOLDER)
    alone = open_study()
    for name in ("measures", "left_out", "mentions", "aligned", "boilerplate"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(alone, name), check_exact=True)
    assert again.scales == alone.scales
    assert again.neutral == alone.neutral
    monkeypatch.setattr(study, "_open", lambda _: pytest.fail("opened again"))
    monkeypatch.setenv(kept.FOLDER, str(tmp_path))
    assert len(open_study().measures) == len(alone.measures)
    with pytest.raises(pytest.fail.Exception):
        open_study(evidence=["paraphrase"])


def test_each_group_is_one_piece_of_the_study():
    rows = {
        "group": ["b", "a", "b", "a", "b"],
        "language": ["zh", "en", "en", "en", "zh"],
        "origin": [None, "y", "x", "x", None],
    }
    told = {"vantage": None, "collection": "c", "cluster_id": list("vwxyz"), "score": np.arange(5.0)}
    measures = in_order(pd.DataFrame({**rows, **told}))
    assert measures.index.tolist() == [3, 1, 2, 0, 4]
    for group in split_groups(measures):
        assert np.shares_memory(group.rows["score"].to_numpy(), measures["score"].to_numpy())
    # In another order they are the same groups.
    shuffled = split_groups(measures.sort_index())
    assert [sorted(group.rows.index) for group in shuffled] == [[1, 3], [2], [0, 4]]
