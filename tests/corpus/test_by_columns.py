"""JSON that has the names of a table apart from its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_file, import_files, read_corpus
from analysis.corpus.store import REJECTED
from analysis.errors import InputError

ROWS = [
    {"comment_id": "7512345678901234567", "video_id": "v1", "text": "so, free\n广场", "author": "moss", "likes": 3},
    {"comment_id": "7512345678901234568", "video_id": "v1", "text": "no", "author": None, "likes": None},
    {"comment_id": "7512345678901234569", "video_id": "v2", "text": "so", "author": "fern", "likes": 0},
]
FRAME = pd.DataFrame(ROWS).astype({"likes": "Int64"})
NAMES = list(ROWS[0])
CELLS = [list(row.values()) for row in ROWS]
DOCUMENTS = {
    "a frame's default": json.loads(FRAME.to_json()),
    "a list a column": {name: [row[name] for row in ROWS] for name in NAMES},
    "split": json.loads(FRAME.to_json(orient="split")),
    "a sheet's": {"range": "S!A1:E4", "majorDimension": "ROWS", "values": [NAMES, *CELLS]},
    "lists beneath names": [NAMES, *CELLS],
    "rows left out": json.loads(FRAME.set_index(pd.Index([0, 2, 5])).to_json()),
}


def brought(tmp_path: Path, document: Any, **how: Any) -> pd.DataFrame:
    (tmp_path / "a.json").write_text(json.dumps(document, **how), encoding="utf-8")
    import_file(tmp_path / "a.json", tmp_path / "corpus", ImportOptions("Test"))
    return read_corpus(tmp_path / "corpus").sort_values("utterance_id", ignore_index=True)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_its_rows_are_those_of_the_same_table_by_rows(tmp_path: Path, name: str, indent: int | None) -> None:
    found = brought(tmp_path, DOCUMENTS[name], indent=indent, ensure_ascii=indent is None)
    (tmp_path / "rows").mkdir()
    pd.testing.assert_frame_equal(found, brought(tmp_path / "rows", ROWS))
    assert found["utterance_id"].tolist() == [row["comment_id"] for row in ROWS]


def test_what_stands_beneath_ids_is_rows(tmp_path: Path) -> None:
    by_id = {row["comment_id"]: {name: row[name] for name in NAMES[1:]} for row in ROWS}
    assert set(brought(tmp_path, by_id)["text"]) == {row["text"] for row in ROWS}


def test_the_index_of_a_frame_is_a_column_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(FRAME.set_index("comment_id").to_json(), encoding="utf-8")
    columns = {"text": "text", "utterance_id": "index"}
    assert import_file(path, tmp_path / "corpus", ImportOptions("Test", columns=columns)).imported == len(ROWS)
    assert set(read_corpus(tmp_path / "corpus")["utterance_id"]) == {row["comment_id"] for row in ROWS}


def test_a_row_that_ends_early_is_one_and_a_longer_one_is_rejected(tmp_path: Path) -> None:
    values = [["text", "video_id", "author"], ["so", "v"], ["no", "v", "moss", "more"]]
    assert brought(tmp_path, {"values": values})["text"].tolist() == ["so"]
    assert [row["row"] for row in read_list(tmp_path / "corpus", REJECTED)] == [2]


@pytest.mark.parametrize("document", [{"text": ["so", "no"], "author": ["moss"]}, {"text": {"0": "so"}, "author": {}}])
def test_columns_of_other_lengths_are_no_table(tmp_path: Path, document: Any) -> None:
    with pytest.raises(InputError):
        brought(tmp_path, document)


def test_lists_in_what_is_no_table_stay_what_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(DOCUMENTS["split"]), encoding="utf-8")
    (folder / "settings.json").write_text('{"paths": ["a", "b"], "names": ["c", "d"]}', encoding="utf-8")
    page = {"status": {"code": 0}, "comments": [{"text": "hm", "video_id": "v1", "author": "a"}]}
    (folder / "page.json").write_text(json.dumps(page), encoding="utf-8")
    outcome = import_files(folder, tmp_path / "corpus", ImportOptions("Test"))
    assert sorted(report.imported for report in outcome.reports) == [1, 3]
    assert outcome.skipped == ["in/settings.json"]


def test_one_that_breaks_off_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": ["so", "no"], "author": ["moss", "fern"', encoding="utf-8")
    with pytest.raises(InputError, match="JSON by columns that breaks off"):
        import_file(tmp_path / "a.json", tmp_path / "corpus", ImportOptions("Test"))
