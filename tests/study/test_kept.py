"""Tables that the notebooks of one run share are those of the study that asks for them."""

import dataclasses

import pandas as pd
import pytest

from analysis.compare import kept
from analysis.compare.concepts import concept_differences
from analysis.compare.dataset import Dataset
from analysis.study import open_study


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
