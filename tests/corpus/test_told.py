"""What an import says of its rows: each count is of what it names, and nothing is left out silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.corpus import Imported, ImportOptions, import_files, store


def bring(tmp_path: Path, table: str | bytes, name: str = "a.csv", **options: Any) -> Imported:
    """Import a table into a new corpus."""
    (tmp_path / name).write_bytes(table.encode() if isinstance(table, str) else table)
    return import_files([tmp_path / name], tmp_path / "corpus", ImportOptions("Test", **options))


@pytest.mark.parametrize("when", ["07-15 10:04", "昨天 12:30", "3天前", "刚刚", "7月15日"])
def test_a_time_that_names_no_day_is_counted_with_the_others_that_are_not_read(tmp_path: Path, when: str) -> None:
    rows = ["评论时间,用户昵称,点赞数,评论内容", "2024-07-15 10:01:00,甲,12,第一句", f"{when},乙,3,第二句", "未知,丙,3,第三句"]
    (report,) = bring(tmp_path, "\n".join(rows)).reports
    assert f"posted_at not read in 2 rows, e.g. '{when}'" in report.notes
