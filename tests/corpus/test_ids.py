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


def rounded(number: int, **cells: str) -> list[tuple[str, ...]]:
    """Return rows as a spreadsheet leaves them: ids of 15 digits and zeros, and no two of them alike."""
    ids = (f"7241024491{n:05}0000" for n in range(10_001, 10_001 + number))
    return [but(id=name, words=f"第{n}句", **cells) for n, name in enumerate(ids)]


def test_ids_that_a_spreadsheet_rounded_are_known_though_no_two_collide(tmp_path: Path) -> None:
    video = {"video": "724102449200654000", "parent": "7241024491100020000"}
    report, frame = bring(tmp_path, rounded(30, **video))
    assert (report.imported, report.rejected, report.duplicates) == (30, 0, 0)
    assert not frame["utterance_id"].str.isdecimal().any()
    assert frame["parent_id"].isna().all()
    assert set(frame["thread_id"]) == {video["video"]}
    assert sum("rounded to 15 digits" in note for note in report.notes) == 2
    # The same rows again are the same, whoever likes them now.
    again, frame = bring(tmp_path, rounded(30, **video), rounded(30, **video, likes="9"))
    assert (again.imported, again.duplicates, len(frame)) == (0, 30, 30)


def test_a_rounded_id_drops_nobodys_comment(tmp_path: Path) -> None:
    rows = rounded(20)
    more = [tuple("乙" if cell == "甲" else cell for cell in rows[0]), rows[0]]
    report, _ = bring(tmp_path, [*rows, *more])
    assert (report.imported, report.duplicates) == (21, 1)


def test_ids_that_end_in_zeros_by_themselves_are_trusted(tmp_path: Path) -> None:
    whole = [but(id=f"72410244919990{n:05}", words=f"真的第{n}句") for n in range(11, 61)]
    report, frame = bring(tmp_path, [*rounded(2), *whole])
    assert report.imported == len(frame) == 52
    assert frame["utterance_id"].str.isdecimal().all()
    assert not any("15 digits" in note for note in report.notes)


@pytest.mark.parametrize(
    ("ids", "cut"),
    [
        (["7241024491999010000", "7241024491999020000", "7241024491999030000"], 3),  # of 19 digits two are enough
        (["7241024491999010000"], 0),
        (["7241024491999010000", "7241024491999020000", "7241024491999022391"], 0),
        ([f"481200000000{number}0" for number in range(100, 106)], 6),  # of 16 digits, six
        ([f"481200000000{number}0" for number in range(100, 105)], 0),
        ([f"48120000000{number}0" for number in range(100, 150)], 0),  # of 15 none is cut
    ],
)
def test_few_rounded_ids_are_known_where_they_are_no_chance(tmp_path: Path, ids: list[str], cut: int) -> None:
    report, frame = bring(tmp_path, [but(id=each, words=f"so {each}") for each in ids])
    assert len(frame) == len(ids)
    assert frame["utterance_id"].isin(ids).sum() == len(ids) - cut
    assert any("rounded to 15 digits" in note for note in report.notes) == bool(cut)


@pytest.mark.parametrize(("name", "said"), [("4812000000000001", False), ("7241024491999022080", True)])
def test_a_conflict_is_a_spreadsheets_only_where_a_float_rounds(tmp_path: Path, name: str, *, said: bool) -> None:
    report, _ = bring(tmp_path, [but(id=name), but(id=name, words="other", name="乙")])
    assert any("a spreadsheet rounded ids" in note for note in report.notes) == said
