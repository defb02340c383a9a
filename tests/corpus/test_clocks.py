"""Tables that have the day in one column and the clock in another."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from analysis.corpus import ImportOptions, import_file, read_corpus

OPTIONS = ImportOptions("Test", timezone="+08:00", constants={"platform": "tiktok", "vantage": "western_commenter"})


def times(path: Path) -> list[str]:
    import_file(path, path.parent / "corpus", OPTIONS)
    frame = read_corpus(path.parent / "corpus", ["text", "posted_at"]).sort_values("text")
    return [str(when)[:19] for when in frame["posted_at"]]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("date,time,comment,video_id\n2024-05-01,22:05,a,v1\n2024-05-03,7:45 PM,b,v1\n", "2024-05-01 14:05:00"),
        # Another row says which number is the day.
        ("Datum,Uhrzeit,Kommentar,Video-ID\n01.05.2024,22:05,a,v1\n13.05.2024,19:45,b,v1\n", "2024-05-01 14:05:00"),
        ("日期,时间,评论内容,视频ID\n2024/5/1,22:05:00,a,v1\n2024/5/3,19:45,b,v1\n", "2024-05-01 14:05:00"),
        # Nothing is made up: a clock without a day, a whole time beside a clock.
        ("date,time,comment,video_id\n,22:05,a,v1\n2024-05-03,19:45,b,v1\n", "NaT"),
        ("created_at,time,comment,video_id\n2024-05-01 22:05,03:10,a,v1\n2024-05-03 19:45,1:00,b,v1\n",
         "2024-05-01 14:05:00"),
    ],
)  # fmt: skip
def test_the_two_are_one_time(tmp_path: Path, table: str, found: str) -> None:
    (tmp_path / "a.csv").write_text(table, encoding="utf-8")
    first, second = times(tmp_path / "a.csv")
    assert (first, second[11:]) == (found, "11:45:00")


def test_a_workbook_has_them_as_times(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["date", "time", "comment", "video_id"], [date(2024, 5, 1), time(22, 5), "a", "v1"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert times(tmp_path / "a.xlsx") == ["2024-05-01 14:05:00"]


def test_a_day_in_a_workbook_is_that_day_in_every_zone_and_a_midnight_is_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["date", "comment", "video_id"], [date(2024, 5, 1), "a", "v1"], [datetime(2024, 5, 2), "b", "v1"]):  # noqa: DTZ001
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert times(tmp_path / "a.xlsx") == ["2024-05-01 00:00:00", "2024-05-01 16:00:00"]
    assert read_corpus(tmp_path / "corpus").sort_values("text")["time_precision"].tolist() == ["day", "second"]
