"""Ids that cannot be trusted: of two utterances, or rounded by a spreadsheet; and two crawls of one utterance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.corpus import FileReport, ImportOptions, import_files, read_corpus

NAMES = ("id", "video", "parent", "name", "words", "time", "likes")
COLUMNS = {
    "utterance_id": "id",
    "thread_id": "video",
    "parent_id": "parent",
    "speaker": "name",
    "text": "words",
    "posted_at": "time",
    "likes": "likes",
}
ROW = ("7241024491999022391", "v1", "", "甲", "哈哈哈", "2024-01-01 10:00:00", "1")


def bring(tmp_path: Path, *tables: list[tuple[str, ...]]) -> tuple[FileReport, Any]:
    """Import tables one after the other into one corpus; return the last report and the corpus as a frame."""
    for number, rows in enumerate(tables):
        path = tmp_path / f"{number}.csv"
        path.write_text("".join(",".join(row) + "\n" for row in [NAMES, *rows]), encoding="utf-8")
        (report,) = import_files([path], tmp_path / "corpus", ImportOptions("Test", columns=COLUMNS)).reports
    return report, read_corpus(tmp_path / "corpus")


def but(**values: str) -> tuple[str, ...]:
    """Return the row with other cells."""
    return tuple(values.get(name, cell) for name, cell in zip(NAMES, ROW, strict=True))


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(
    "other", [{"time": "2024-01-01 11:00:00"}, {"time": "2024-01-01 10:00:01"}, {"video": "v2"}, {"time": "2023-12"}]
)
def test_one_id_at_another_time_or_in_another_thread_is_no_duplicate(
    tmp_path: Path, other: dict[str, str], *, apart: bool
) -> None:
    tables = [[ROW], [but(**other)]] if apart else [[ROW, but(**other)]]
    report, frame = bring(tmp_path, *tables)
    two = other != {"time": "2023-12"}  # it may be worked out from "a month ago"
    assert (report.duplicates, len(frame)) == ((0, 2) if two else (1, 1))
    assert any("another thread or time" in note for note in report.notes) == two
    assert frame["utterance_id"].is_unique


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(
    "other",
    [
        {},
        {"likes": "9"},
        {"time": ""},
        {"time": "2024-01-01"},
        {"time": "2024-01-01 10:00"},
        {"time": "2024-01-02"},
        {"video": ""},
        {"time": "未知"},
    ],
)
def test_another_crawl_of_an_utterance_is_a_duplicate(tmp_path: Path, other: dict[str, str], *, apart: bool) -> None:
    tables = [[ROW], [but(**other)]] if apart else [[ROW, but(**other)]]
    report, frame = bring(tmp_path, *tables)
    assert (report.duplicates, len(frame)) == (1, 1)


def test_the_same_rows_of_one_id_again_are_duplicates(tmp_path: Path) -> None:
    rows = [ROW, but(time="2024-01-01 11:00:00"), but(video="v2")]
    report, frame = bring(tmp_path, rows, [*rows, but(id="7241024491999022392", words="还有")])
    assert (report.imported, report.duplicates, len(frame)) == (1, 3, 4)
