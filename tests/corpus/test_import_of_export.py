"""An export of a corpus that is imported is that corpus: its pseudonyms stay, and nothing is added to its texts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.study.export import export_corpus

ROWS = [
    {"comment_id": "1", "video_id": "-x2AbCdEfG1", "author": "moss", "platform": "youtube", "text": "so @some_one"},
    {"comment_id": "2", "video_id": "-x2AbCdEfG1", "author": "fern", "platform": "youtube", "text": "@some_one =1+1"},
    {
        "comment_id": "3",
        "video_id": "v2",
        "author": "moss",
        "platform": "reddit",
        "text": "ask u/other_name; -no\n- so",
    },
    {"comment_id": "4", "video_id": "v2", "author": "user_0123456789ab", "platform": "reddit", "text": "- hm"},
]
COLUMNS = ["utterance_id", "thread_id", "cluster_id", "platform", "text", "speaker"]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")


def read(folder: Path) -> pd.DataFrame:
    return read_corpus(folder, COLUMNS).sort_values("utterance_id", ignore_index=True)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_an_export_comes_back_as_it_was(tmp_path: Path, ending: str) -> None:
    pd.DataFrame(ROWS).to_csv(tmp_path / "a.csv", index=False)
    options = ImportOptions("Test", constants={"vantage": "western_commenter"})
    import_files(tmp_path / "a.csv", tmp_path / "corpus", options)
    before = read(tmp_path / "corpus")
    # Somebody may be called as a pseudonym looks: in what is no export it is a name.
    assert "user_0123456789ab" not in set(before["speaker"])
    export_corpus(str(tmp_path / "corpus"), tmp_path / f"b.{ending}")
    import_files(tmp_path / f"b.{ending}", tmp_path / "other", ImportOptions("Test"))
    pd.testing.assert_frame_equal(read(tmp_path / "other"), before)
    again = import_files(tmp_path / f"b.{ending}", tmp_path / "corpus", ImportOptions("Test"))
    assert (again.reports[0].imported, again.reports[0].duplicates) == (0, len(ROWS))
