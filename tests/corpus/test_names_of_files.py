"""Names of files that are names of accounts: neither the corpus nor what is printed has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.cli import main
from analysis.corpus import read_corpus

POSTS = "id,bid,正文,日期,点赞数,转发数,完整日期\n5000000000000001,N1,街道很干净,2024-07-15,3,1,2024-07-15T18:30:00\n"
COMMENTS = (
    "id,weibo_id,created_at,user_screen_name,text\n5100000000000001,5000000000000001,2024-07-15,乙,真干净\n,,,,\n"
)
TABLE = "comment,video_id\nso quiet,v1\n"


@pytest.mark.parametrize(
    ("files", "stored"),
    [
        ({"行者甲/4000001.csv": POSTS, "行者甲/行者甲_comments.csv": COMMENTS}, {"[name].csv", "[name]_comments.csv"}),
        ({"TikTok @some.walker 2.csv": TABLE}, {"in/TikTok @[name] 2.csv"}),
        ({"@walker_1.csv": TABLE}, {"in/@[name].csv"}),
        ({"a walk @ night.csv": TABLE}, {"in/a walk @ night.csv"}),
    ],
)
def test_a_file_is_stored_without_the_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], stored: set[str]
) -> None:
    for name, text in files.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    into = tmp_path / "corpus"
    more = ["--platform", "tiktok", "--vantage", "western_commenter"] if "comment,video" in text else []
    assert main(["import", "--into", str(into), "--collection", "Test", *more, str(tmp_path / "in")]) == 0
    assert set(read_corpus(into)["source_file"]) == stored
    said = "".join(capsys.readouterr()).encode()
    for written in [said, *(path.read_bytes() for path in into.iterdir())]:
        assert not any(name.encode() in written for name in ("行者甲", "4000001", "walker"))
