"""Answers that name no video stand under that of what they answer, wherever among the files that is."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.corpus import Imported, ImportOptions, import_files, read_corpus, store
from analysis.corpus.answered import Answered
from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.spill import SpillDict

HEADER = "comment_id,parent_id,video_id,text,author\n"
TOP, ANSWER, TO_IT = "c1,,v1,the top,ann\n", "c2,c1,,an answer,ben\n", "c3,c2,,to the answer,cem\n"


def bring(tmp_path: Path, **files: str) -> tuple[Imported, pd.DataFrame]:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(HEADER + text, encoding="utf-8")
    imported = import_files([folder], tmp_path / "corpus", ImportOptions("Test"))
    return imported, read_corpus(tmp_path / "corpus").set_index("utterance_id")


@pytest.mark.parametrize(
    "files",
    [
        {"a": TOP + ANSWER + TO_IT},
        {"a": TO_IT + ANSWER + TOP},
        {"a": ANSWER, "b": TOP + TO_IT},
        {"a": TO_IT, "b": ANSWER, "c": TOP},
    ],
)
def test_an_answer_stands_under_what_it_answers_in_whatever_order_they_come(
    tmp_path: Path, files: dict[str, str]
) -> None:
    imported, frame = bring(tmp_path, **files)
    assert frame["thread_id"].to_dict() == dict.fromkeys(["c1", "c2", "c3"], "v1")
    assert frame["cluster_id"].eq("v1").all()
    assert frame["parent_id"].fillna("").to_dict() == {"c1": "", "c2": "c1", "c3": "c2"}
    assert sum(report.read for report in imported.reports) == sum(report.imported for report in imported.reports) == 3
    assert not any(report.threadless for report in imported.reports)


def test_answers_to_what_never_comes_or_to_each_other_are_kept_and_counted(tmp_path: Path) -> None:
    rows = ["c7,c8,,lost,ann\n", "c5,c6,,round,ben\n", "c6,c5,,and round,cem\n", "c9,c7,,,dan\n", TOP]
    imported, frame = bring(tmp_path, a="".join(rows), b="c7,c8,,lost,ann\n")
    assert sorted(frame.index) == ["c1", "c5", "c6", "c7"]
    counts = [(each.read, each.imported, each.rejected, each.duplicates) for each in imported.reports]
    assert counts == [(5, 4, 1, 0), (1, 0, 0, 1)]
    assert [each.threadless for each in imported.reports] == [3, 0]
    (rejected,) = (json.loads(line) for line in (tmp_path / "corpus" / "rejected.ndjson").open(encoding="utf-8"))
    assert (rejected["file"], rejected["row"], rejected["utterance_id"]) == ("in/a.csv", 4, "c9")


def test_a_folder_of_answers_is_read_the_same_twice(tmp_path: Path) -> None:
    bring(tmp_path, a=ANSWER, b=TOP)
    again = import_files([tmp_path / "in"], tmp_path / "corpus", ImportOptions("Test"))
    assert [(each.imported, each.duplicates) for each in again.reports] == [(0, 1), (0, 1)]


def test_an_id_of_another_platform_is_another_utterance() -> None:
    def file(platform: str | None, *items: ParsedItem) -> SimpleNamespace:
        form = SimpleNamespace(platform=platform, items=lambda item, _: [item])
        rows = [(SimpleNamespace(value=item, problem=None), None) for item in items]
        return SimpleNamespace(match=SimpleNamespace(format=form), rows=lambda: rows)

    tasks = [
        file("weibo", {"utterance_id": "w1", "thread_id": "p1"}, {"utterance_id": "w2", "parent_id": "x1"}),
        file(None, {"utterance_id": "x1", "thread_id": "p2"}),
    ]
    with closing(Answered(tasks, str)) as answered:

        def thread(name: str, platform: str | None) -> str | None:
            return answered.thread_of(name, platform, lambda *_: None)

        assert [thread("w1", "weibo"), thread("w1", "youtube"), thread("w1", None)] == ["p1", None, "p1"]
        assert [thread("x1", "weibo"), thread("w2", "weibo"), thread("w2", "youtube")] == ["p2", "p2", None]


def test_answers_stand_under_what_a_later_import_brings(tmp_path: Path) -> None:
    folder, options = tmp_path / "corpus", ImportOptions("Test", constants={"platform": "youtube"})
    for name, text in (
        ("a", TO_IT + ANSWER + "c5,c6,,round,ben\nc6,c5,,and round,cem\n"),
        ("b", "c9,,v2,so,eve\n"),
        ("c", TOP),
    ):
        (tmp_path / f"{name}.csv").write_text(HEADER + text, encoding="utf-8")
        imported = import_files([tmp_path / f"{name}.csv"], folder, options)
    frame = read_corpus(folder).set_index("utterance_id")
    assert frame["thread_id"].fillna("").to_dict() == {
        "c3": "v1",
        "c2": "v1",
        "c5": "",
        "c6": "",
        "c9": "v2",
        "c1": "v1",
    }
    assert frame["cluster_id"].to_dict() == {"c3": "v1", "c2": "v1", "c5": "c5", "c6": "c6", "c9": "v2", "c1": "v1"}
    assert "answers of earlier imports that had no thread, and have that of what came now: 2" in imported.lines(folder)
    assert [row["collected"] for row in store.stream_threads(folder)] == [3, 1]


def test_an_answer_before_its_parent_needs_no_platform_that_the_table_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ANSWER + TOP, encoding="utf-8")
    import_files([tmp_path / "a.csv"], tmp_path / "corpus", ImportOptions("Test", constants={"platform": "youtube"}))
    assert set(read_corpus(tmp_path / "corpus")["thread_id"]) == {"v1"}


@pytest.mark.parametrize("rounded", ["7.24102449199902E+18", "7.24102449199902e+18"])
def test_no_answer_stands_under_what_shares_fifteen_digits_with_its_parent(tmp_path: Path, rounded: str) -> None:
    rows = {"a": "c2,c1,,an answer,ben\n", "b": f"c1,{rounded},,in between,cem\n", "c": f"{rounded},,v1,first,ann\n"}
    _, frame = bring(tmp_path, **rows, d=f"c4,{rounded},,another,ben\n")
    assert frame["thread_id"].dropna().tolist() == ["v1"]
    assert frame.loc[["c1", "c2", "c4"], "thread_id"].isna().all()


@pytest.mark.parametrize("top", ["v1", ""])
@pytest.mark.parametrize("order", [1, -1])
def test_a_long_chain_of_answers_is_gone_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, top: str, order: int
) -> None:
    asked = []
    get = SpillDict.get
    monkeypatch.setattr(SpillDict, "get", lambda self, name: asked.append(name) or get(self, name))
    rows = [f"c0,,{top},the first,ann\n", *(f"c{at},c{at - 1},,so free {at},ann\n" for at in range(1, 300))]
    _, frame = bring(tmp_path, a="".join(rows[::order]))
    assert set(frame["thread_id"].fillna("")) == {top}
    assert len(frame) == 300
    assert len(asked) < 40 * 300
