"""Tables that hold more than comments: what is the comment's own is told from what is the post's, or the crawl's."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.readers.mapping import known_columns
from analysis.corpus.readers.unnamed import may_be_speakers, may_be_threads


def test_the_words_of_a_comment_are_read_and_not_those_of_its_post(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "post_id,text,timestamp,likes,comment_content,comment_date,comment_likes,comment_user"
    path.write_text(
        f"{head}\np1,Our trip to Rason,2025-06-01,900,so quiet there,2024-01-02,3,moss\n"
        "p1,Our trip to Rason,2025-06-01,900,nobody smiles,2024-01-03,4,fern\n",
        encoding="utf-8",
    )
    import_files([path], tmp_path / "corpus", ImportOptions("Test"))
    frame = read_corpus(tmp_path / "corpus")
    assert sorted(frame["text"]) == ["nobody smiles", "so quiet there"]
    assert sorted(frame["likes"]) == [3, 4]
    assert sorted(frame["posted_at"].dt.strftime("%Y-%m-%d")) == ["2024-01-02", "2024-01-03"]
    assert frame["thread_id"].unique().tolist() == ["p1"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("comment commentDate timestamp postUrl", {"posted_at": "commentDate"}),
        ("comment comment_time created_at", {"posted_at": "comment_time"}),
        ("text comment_content", {"text": "comment_content"}),
        ("text comment_username user_id", {"speaker": "comment_username"}),
        ("评论 评论时间 发布时间 评论点赞数量 点赞数", {"posted_at": "评论时间", "likes": "评论点赞数量"}),
        ("评论 评论者id 评论者昵称", {"speaker": "评论者id"}),
        ("id screen_name text_raw like_counts", {"text": "text_raw", "likes": "like_counts"}),
    ],
)
def test_a_column_that_says_it_is_the_comments_counts_before_any_other(columns: str, expected: dict[str, str]) -> None:
    assert known_columns(columns.split()).items() >= expected.items()


def test_who_wrote_a_comment_is_not_which_comment_it_is() -> None:
    assert "utterance_id" not in known_columns(["评论者id", "评论", "视频id"])
    assert known_columns(["评论者id", "评论", "id"])["utterance_id"] == "id"


def test_what_is_of_the_comment_or_of_its_replies_is_never_proposed_as_its_video() -> None:
    names = ["comment_url", "commentLink", "评论链接", "replies.id", "reply.video", "動画", "영상", "видео"]
    assert may_be_threads(names) == ["動画", "영상", "видео"]
    assert may_be_speakers(["用户性别", "用户签名", "用户称呼"]) == ["用户称呼"]


def test_columns_are_known_in_traditional_characters_too() -> None:
    names = ["留言內容", "用戶名稱", "影片連結", "按讚數", "發佈時間", "評論 IP屬地", "標題"]
    expected = {"text": "留言內容", "speaker": "用戶名稱", "thread_id": "影片連結", "likes": "按讚數"}
    assert known_columns(names) == {**expected, "posted_at": "發佈時間", "region": "評論 IP屬地"}
    assert known_columns(["評論內容", "暱稱", "投稿日時"]).keys() == {"text", "speaker", "posted_at"}
    assert may_be_threads(["標題"]) == ["標題"]


@pytest.mark.parametrize("commenter", ["评论者昵称", "评论人昵称", "评论用户", "评论者ID", "用户昵称"])
def test_in_a_chinese_table_the_commenter_speaks_and_not_the_author_of_the_video(
    tmp_path: Path, commenter: str
) -> None:
    head = f"视频ID,作者ID,作者,点赞数,{commenter},评论内容,评论点赞数"
    path = tmp_path / "a.csv"
    path.write_text(f"{head}\nv1,900,博主,999,木,很安静,3\nv1,900,博主,999,石,没有人,4\n", encoding="utf-8")
    (report,) = import_files([path], tmp_path / "corpus", ImportOptions("Test")).reports
    frame = read_corpus(tmp_path / "corpus")
    assert report.format.startswith("chinese-table-comments")
    assert frame["speaker"].nunique() == 2
    assert sorted(frame["likes"]) == [3, 4]
