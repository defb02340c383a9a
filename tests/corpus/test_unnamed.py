"""Columns of no known name: what may be the video or the account is asked about in any format; else it is left."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.corpus import Imported, ImportOptions, import_files, read_corpus
from analysis.errors import InputError

ROWS = 8


def bring(tmp_path: Path, data: str, name: str = "a.csv") -> tuple[Imported, pd.DataFrame]:
    path, into = tmp_path / name, tmp_path / "corpus"
    path.write_text(data, encoding="utf-8")
    return import_files([path], into, ImportOptions("Test")), read_corpus(into)


def asked(tmp_path: Path, data: str, name: str = "a.csv") -> tuple[str, pd.DataFrame]:
    """Import a file that must be asked about, then as the message says: return the message and the corpus."""
    with pytest.raises(InputError) as caught:
        bring(tmp_path, data, name)
    said = str(caught.value)
    (option,) = re.findall(r"(--columns .+?) \(else without", said)
    into = tmp_path / "corpus"
    pasted = [*shlex.split(option), "--into", str(into), "--collection", "Test"]
    assert main(["import", str(tmp_path / name), *pasted]) == 0
    return said, read_corpus(into)


def table(*names: str, **values: list[str]) -> str:
    """Return a table of columns with as many values as rows, or with those that are given, again and again."""
    rows = ([values.get(name, [f"{name}{n}"])[n % len(values.get(name, "1"))] for name in names] for n in range(ROWS))
    return "".join(",".join(cells) + "\n" for cells in (names, *rows))


# A table that no tool wrote -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["aweme", "title", "标题", "yt", "movie", "episode", "item", "chat", "source", "来源", "vid", "videoTitle"]
)
def test_a_column_that_may_be_the_video_is_asked_about(tmp_path: Path, name: str) -> None:
    said, frame = asked(tmp_path, table("text", name))
    assert f"if it is {name}:" in said
    assert frame["thread_id"].nunique() == ROWS


@pytest.mark.parametrize(
    "name", ["who", "from", "person", "contributor", "发送人", "sender_id", "posterId", "member.id"]
)
def test_a_column_that_may_be_the_account_is_asked_about(tmp_path: Path, name: str) -> None:
    said, frame = asked(tmp_path, table("text", name))
    assert f"if who wrote it is {name}:" in said
    assert frame["speaker"].nunique() == ROWS


def test_words_that_repeat_may_be_the_video(tmp_path: Path) -> None:
    said, frame = asked(tmp_path, table("text", "trip", trip=["罗先", "平壤"]))
    assert "if it is trip:" in said
    assert frame["thread_id"].nunique() == 2


@pytest.mark.parametrize(
    "name",
    [
        "label",
        "topic",
        "sentiment",
        "video_view_count",
        "视频播放量",
        "post_date",
        "user_avatar_url",
        "用户主页链接",
        "_id",
        "headurl",
        "Notes",
    ],
)
def test_what_is_no_video_is_not_asked_about(tmp_path: Path, name: str) -> None:
    _, frame = bring(tmp_path, table("text", name, **{name: ["one", "two"]}))
    assert len(frame) == ROWS


def test_a_column_in_which_nothing_stands_is_no_video(tmp_path: Path) -> None:
    _, frame = bring(tmp_path, table("text", "video_id2", video_id2=["", " ", "N/A"]))
    assert len(frame) == ROWS


@pytest.mark.parametrize("values", [["3", "4"], ["2024-07-01", "2024-07-02"], ["one"], [f"w{n}" for n in range(ROWS)]])
def test_numbers_and_words_that_do_not_repeat_are_no_video(tmp_path: Path, values: list[str]) -> None:
    _, frame = bring(tmp_path, table("text", "trip", trip=values))
    assert frame["thread_id"].isna().all()


def test_an_accounts_id_is_never_proposed_as_the_video_since_it_would_stay_as_written(tmp_path: Path) -> None:
    comments = [{"id": f"7_{n}", "message": "so", "sender": {"name": "Jo", "id": f"9{n}"}} for n in range(ROWS)]
    said, frame = asked(tmp_path, json.dumps({"data": comments}), "a.json")
    assert "speaker=sender.id (else" in said
    assert not set(frame["speaker"]) & {f"9{n}" for n in range(ROWS)}


def test_the_kind_of_a_peer_is_not_the_channel_but_its_number_is(tmp_path: Path) -> None:
    peer = {"peer_id": {"_": "PeerChannel", "channel_id": 1001}}
    messages = [
        {"id": n, "message": "so", "from_id": {"_": "PeerUser", "user_id": 70 + n}, **peer} for n in range(ROWS)
    ]
    said, frame = asked(tmp_path, json.dumps(messages), "a.json")
    assert "speaker=from_id.user_id,thread_id=peer_id.channel_id (else" in said
    assert frame["speaker"].nunique() == ROWS


def test_a_number_of_comments_is_no_comment(tmp_path: Path) -> None:
    comments = [{"commentNo": n, "contents": f"said {n}", "postId": "p"} for n in range(ROWS)]
    _, frame = bring(tmp_path, json.dumps({"result": {"count": {"comment": ROWS}, "list": comments}}), "a.json")
    assert frame["text"].tolist() == [f"said {n}" for n in range(ROWS)]


@pytest.mark.parametrize("above", ["user", "user_info", "userInfo", "author"])
def test_who_wrote_it_may_stand_within_an_object(tmp_path: Path, above: str) -> None:
    comments = [{"text": "so", "videoId": "v", above: {"user_id": f"u{n}", "sign": "x"}} for n in range(ROWS)]
    _, frame = bring(tmp_path, json.dumps(comments), "a.json")
    assert frame["speaker"].nunique() == ROWS


@pytest.mark.parametrize("lines", [True, False])
def test_what_a_database_wraps_is_read_as_what_it_is(tmp_path: Path, *, lines: bool) -> None:
    wrapped = {"comment_id": {"$numberLong": "7512345678901234567"}, "likes": {"$numberInt": "5"}, "video_id": "v"}
    wrapped |= {"created_at": {"$date": {"$numberLong": "1714557600000"}}, "_id": {"$oid": "66310a"}, "text": "so"}
    data = json.dumps(wrapped if lines else [wrapped], indent=None if lines else 1)
    _, frame = bring(tmp_path, data, "a.json")
    assert frame["utterance_id"].tolist() == ["7512345678901234567"]
    assert frame["likes"].tolist() == [5]
    assert frame["posted_at"].iloc[0].isoformat() == "2024-05-01T10:00:00+00:00"


@pytest.mark.parametrize(
    "names",
    [
        ("Kommentar", "Nutzername", "Datum", "Gefällt mir", "Video-ID"),
        ("Commentaire", "Auteur", "Date", "J'aime", "video_id"),
        ("Comentario", "Usuario", "Fecha", "Me gusta", "VideoID"),
        ("Comentário", "Usuário", "Date", "Curtidas", "ID do vídeo"),
        ("Комментарий", "Автор", "Дата", "Лайки", "ID видео"),
        ("Текст", "Автор", "Дата", "Лайки", "ID поста"),
        ("留言內容", "使用者名稱", "留言時間", "按讚數", "影片ID"),
        ("コメント本文", "投稿者名", "投稿日", "高評価数", "動画ID"),
        ("댓글내용", "작성자", "작성일", "좋아요", "영상 ID"),
        ("comment_text", "commenter_user_name", "date_created", "num_likes", "post_id"),
        ("full_text", "user_id_str", "created_at", "favorite_count", "conversation_id_str"),
    ],
)
def test_columns_of_other_languages_and_tools_are_known(tmp_path: Path, names: tuple[str, ...]) -> None:
    _, frame = bring(tmp_path, table(*names, **{names[2]: ["2024-07-15"], names[3]: ["3"]}))
    assert frame[["text", "speaker", "posted_at", "likes", "thread_id"]].notna().all(axis=None)
    assert set(frame["text"]) == {f"{names[0]}{n}" for n in range(ROWS)}


def test_a_header_stands_beneath_names_of_its_groups(tmp_path: Path) -> None:
    data = "comment,comment,comment,video\ncomment_id,text,author,video_id\n1,so,ann,v\n"
    _, frame = bring(tmp_path, data)
    assert frame[["utterance_id", "text", "thread_id"]].to_numpy().tolist() == [["1", "so", "v"]]


# A format that is known by what people call its columns ---------------------------------------------------------------

CHINESE = ("评论时间", "用户昵称", "点赞数")


def chinese(name: str, *values: str, text: str = "评论内容") -> str:
    times = [f"2024-07-15 10:0{n}:00" for n in range(ROWS)]
    likes = [str(n) for n in range(ROWS)]
    return table(*CHINESE, text, name, 评论时间=times, 点赞数=likes, **({name: list(values)} if values else {}))


@pytest.mark.parametrize("name", ["video_id", "视频bv号", "帖子链接", "postId", "Video ID"])
def test_beside_chinese_columns_a_name_that_is_known_of_any_table_is_taken(tmp_path: Path, name: str) -> None:
    imported, frame = bring(tmp_path, chinese(name, "v1", "v2"))
    assert imported.reports[0].format == "chinese-table-comments"
    assert frame["thread_id"].tolist() == ["v1", "v2"] * (ROWS // 2)
    assert frame["likes"].tolist() == list(range(ROWS))


def test_beside_chinese_columns_an_account_of_a_known_name_is_one(tmp_path: Path) -> None:
    _, frame = bring(tmp_path, table("评论内容", "视频ID", "姓名", 姓名=["甲", "乙"]))
    assert frame["speaker"].nunique() == 2


@pytest.mark.parametrize(
    "name", ["视频标题", "所属视频", "video", "url", "原文链接", "标题", "来源视频", "作品标题", "Title"]
)
def test_beside_chinese_columns_what_may_be_the_video_is_asked_about(tmp_path: Path, name: str) -> None:
    said, frame = asked(tmp_path, chinese(name, "v1", "v2"))
    assert f"if it is {name}:" in said
    assert frame["thread_id"].tolist() == ["v1", "v2"] * (ROWS // 2)
    # The mapping keeps the clock that the format knew.
    assert frame["posted_at"].dt.hour.unique().tolist() == [2]
    assert frame["speaker"].nunique() == ROWS


def test_the_short_chinese_table_is_asked_about_too(tmp_path: Path) -> None:
    said, frame = asked(tmp_path, table("昵称", "时间", "评论", "视频标题", 时间=["2024-07-15 10:00:00"]))
    assert "if it is 视频标题:" in said
    assert frame["thread_id"].notna().all()


@pytest.mark.parametrize("name", ["评论图片", "视频播放量", "用户主页链接", "性别", "作品发布时间"])
def test_beside_chinese_columns_what_is_no_video_is_not_asked_about(tmp_path: Path, name: str) -> None:
    _, frame = bring(tmp_path, chinese(name, "甲", "乙"))
    assert frame["thread_id"].isna().all()


def test_the_mapping_keeps_the_platform_that_the_links_told(tmp_path: Path) -> None:
    links = ["https://weibo.com/u/1"]
    said, frame = asked(tmp_path, table("评论内容", "用户主页链接", "标题", 用户主页链接=links))
    assert "--platform weibo" in said
    assert set(frame["platform"]) == {"weibo"}


@pytest.mark.parametrize("name", ["the $video", 'video "A"', "video (`x`)", 'it\'s "a" $video'])
def test_a_name_with_signs_of_the_shell_can_be_pasted(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    _, frame = asked(tmp_path, f"text,{quoted}\nso,v1\nno,v2\n")
    assert frame["thread_id"].tolist() == ["v1", "v2"]


def test_a_script_of_youtube_is_asked_about_too(tmp_path: Path) -> None:
    times = ["2024-07-15T10:00:00Z"]
    names = ("textDisplay", "authorDisplayName", "publishedAt", "likeCount")
    said, frame = asked(tmp_path, table(*names, "videoTitle", publishedAt=times, likeCount=["3"]))
    assert "if it is videoTitle:" in said
    assert frame["thread_id"].nunique() == ROWS


def test_a_video_in_the_name_of_a_file_needs_no_question(tmp_path: Path) -> None:
    _, frame = bring(tmp_path, chinese("视频标题"), "BV1xx411c7mD.csv")
    assert set(frame["thread_id"]) == {"BV1xx411c7mD"}


def test_who_names_the_format_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(chinese("视频标题"), encoding="utf-8")
    into = tmp_path / "corpus"
    import_files([tmp_path / "a.csv"], into, ImportOptions("Test", format="chinese-table-comments"))
    assert read_corpus(into)["thread_id"].isna().all()


# Objects within objects -----------------------------------------------------------------------------------------------


def nested(holder: str, **more: object) -> list[dict[str, object]]:
    def item(name: str, *replies: dict[str, object]) -> dict[str, object]:
        user = {"id": f"u{name}", "name": "x"}
        return {"user": user, holder: {"text": f"words {name}"}, "id": name, "replies": [*replies], **more}

    return [item("1", item("3")), item("2")]


@pytest.mark.parametrize("holder", ["content", "data", "comment", "said"])
@pytest.mark.parametrize("within", [True, False])
def test_words_in_an_object_of_their_own_keep_their_id_and_who_said_them(
    tmp_path: Path, holder: str, *, within: bool
) -> None:
    items = nested(holder)
    imported, frame = bring(tmp_path, json.dumps({"data": {"items": items}} if within else items), "a.json")
    assert f"utterance_id=id,text={holder}.text,speaker=user.id" in imported.reports[0].format
    assert frame["text"].tolist() == ["words 1", "words 3", "words 2"]
    assert frame["utterance_id"].tolist() == ["1", "3", "2"]
    assert frame["parent_id"].fillna("").tolist() == ["", "1", ""]
    assert frame["speaker"].nunique() == 3


def test_beside_such_words_what_may_be_the_video_is_asked_about(tmp_path: Path) -> None:
    said, frame = asked(tmp_path, json.dumps(nested("content", clip={"name": "罗先"})), "a.json")
    assert "if it is clip.name:" in said
    assert frame["thread_id"].tolist() == ["罗先"] * 3


@pytest.mark.parametrize("holder", ["video", "quoted", "user"])
def test_the_words_of_what_stands_beside_a_comment_are_not_its(tmp_path: Path, holder: str) -> None:
    with pytest.raises(InputError, match="is not in a known format"):
        bring(
            tmp_path,
            json.dumps([{"id": "1", holder: {"text": "words"}}, {"id": "2", holder: {"text": "so"}}]),
            "a.json",
        )


def test_an_object_that_holds_a_comment_and_its_answers_is_read_with_them(tmp_path: Path) -> None:
    lines = [
        {"data": {"text": f"so {n}", "id": f"a{n}", "replies": [{"text": f"no {n}", "id": f"b{n}"}]}} for n in "12"
    ]
    _, frame = bring(tmp_path, "\n".join(map(json.dumps, lines)), "a.jsonl")
    assert frame["text"].tolist() == ["so 1", "no 1", "so 2", "no 2"]
    assert frame["parent_id"].fillna("").tolist() == ["", "a1", "", "a2"]


@pytest.mark.parametrize(
    ("above", "threads"),
    [
        (["Video URL,https://www.tiktok.com/@made.up/video/7300000000000000001"], {"7300000000000000001"}),
        (["Source: https://youtu.be/madeupvid01,,", "By https://tool.example/,,"], {"madeupvid01"}),
        (["By https://tool.example/,,"], {None}),
        (["https://youtu.be/madeupvid01,,", "https://youtu.be/madeupvid02,,"], {None}),
    ],
)
def test_the_video_may_be_said_above_the_header(tmp_path: Path, above: list[str], threads: set[str | None]) -> None:
    data = "\n".join([*above, "", "Comment,Nick Name,Likes", "so quiet,moss,1", "so clean,fern,2"])
    _, frame = bring(tmp_path, data)
    assert set(frame["thread_id"].astype(object).where(frame["thread_id"].notna(), None)) == threads
    assert len(frame) == 2
