"""What people bring that is neither whole nor in the form expected, and what must come of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.clean import no_utterance, own_words
from analysis.corpus.convert import decided_form, moment
from analysis.corpus.counts import count
from analysis.corpus.privacy import Pseudonyms, is_nobody
from analysis.corpus.readers.encodings import HALF, encoding_of
from analysis.corpus.readers.unnamed import may_be_threads
from analysis.errors import InputError

ROW = {"video_id": "v1", "comment_id": "c1", "text": "so free", "author": "moss"}


def put(tmp_path: Path, **files: Any) -> list[Path]:
    """Write files, whose last _ is the dot before the ending: a_json."""
    paths = []
    for name, content in files.items():
        path = tmp_path / ".".join(name.rsplit("_", 1))
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        paths.append(path)
    return paths


def brought(tmp_path: Path, **files: Any) -> Any:
    """Return the corpus that files make."""
    import_files(put(tmp_path, **files), tmp_path / "corpus", ImportOptions("Test"))
    return read_corpus(tmp_path / "corpus")


# -- files without a row -----------------------------------------------------------------------------------------------

EMPTY = [
    ("a_json", "[]"),
    ("a_json", ""),
    ("a_jsonl", "\n"),
    ("a_json", {"kind": "youtube#commentThreadListResponse", "items": [], "pageInfo": {"totalResults": 0}}),
    ("a_json", {"data": {"replies": [], "page": {"count": 0}}, "code": 0, "message": "0"}),
]


@pytest.mark.parametrize(("name", "content"), EMPTY)
def test_a_page_without_a_record_keeps_no_other_out_and_is_named(tmp_path: Path, name: str, content: Any) -> None:
    paths = put(tmp_path, **{name: content}, b_jsonl=ROW)
    outcome = import_files(paths, tmp_path / "corpus", ImportOptions("Test"))
    assert [report.imported for report in outcome.reports] == [1]
    assert len(outcome.skipped) == 1
    assert outcome.skipped[0].startswith(paths[0].name)
    with pytest.raises(InputError, match=r"is empty|holds no record"):
        import_files(paths[:1], tmp_path / "other", ImportOptions("Test"))


def test_a_table_with_a_header_alone_keeps_no_other_out(tmp_path: Path) -> None:
    paths = put(tmp_path, a_csv="video_id,text\n", b_csv="video_id,text\nv1,so\n")
    reports = import_files(paths, tmp_path / "corpus", ImportOptions("Test")).reports
    assert [(report.read, report.imported) for report in reports] == [(0, 0), (1, 1)]


def test_why_an_api_gives_nothing_is_nobodys_words(tmp_path: Path) -> None:
    refused = {"error": {"code": 403, "message": "disabled", "errors": [{"message": "not here"}]}}
    (path,) = put(tmp_path, a_json=refused)
    with pytest.raises(InputError, match="what an API says"):
        import_files([path], tmp_path / "corpus", ImportOptions("Test"))


# -- JSON in other shapes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["", "https://www.youtube.com/watch?v="])
def test_lists_under_the_ids_of_videos_stand_under_them(tmp_path: Path, link: str) -> None:
    one, two = ({"id": f"c{n}", "text": "so free", "replies": [{"id": f"d{n}", "text": "no"}]} for n in (1, 2))
    frame = brought(tmp_path, a_json={f"{link}vidAAAAAAA1": [one], f"{link}vidAAAAAAA2": [two]})
    assert dict(zip(frame["utterance_id"], frame["thread_id"], strict=True)) == {
        "c1": "vidAAAAAAA1",
        "d1": "vidAAAAAAA1",
        "c2": "vidAAAAAAA2",
        "d2": "vidAAAAAAA2",
    }


@pytest.mark.parametrize(
    "names",
    [
        ["comments2024"],
        ["2024-03-05", "2024-03-06"],
        ["moss_fern99", "fern77"],
        ["5551234567", "5551234568"],
        ["moss_fern99"],
    ],
)
def test_a_list_under_a_word_or_an_account_stands_under_no_video(tmp_path: Path, names: list[str]) -> None:
    brought(tmp_path, a_json={name: [{"text": f"so free {name[-1]}"}] for name in names})
    assert read_corpus(tmp_path / "corpus")["thread_id"].isna().all()
    left = "".join(path.read_text(errors="replace") for path in (tmp_path / "corpus").iterdir())
    assert not [name for name in names if "fern" in name and name in left]


def test_objects_on_one_line_and_tabs_in_a_text_are_read_each(tmp_path: Path) -> None:
    one, two, three = (json.dumps({**ROW, "comment_id": name}) for name in ("c1", "c2", "c3"))
    tab = one.replace("so free", "so\tfree").replace("c1", "c0")
    lines = f"{tab}\n{one}{two}\n{three},\n{three.replace('c3', 'c4')},{one[:20]}\n{one.replace('c1', 'c5')}\n"
    paths = put(tmp_path, a_jsonl=lines)
    (report,) = import_files(paths, tmp_path / "corpus", ImportOptions("Test")).reports
    assert (report.read, report.imported, report.rejected) == (7, 6, 1)
    assert sorted(read_corpus(tmp_path / "corpus")["utterance_id"]) == ["c0", "c1", "c2", "c3", "c4", "c5"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (str([ROW]), "as Python prints it"),
        ("\n".join(map(str, [ROW, ROW])), "as Python prints it"),
        (json.dumps([json.dumps(ROW)]), "JSON within strings"),
        (json.dumps(json.dumps([ROW])), "JSON within strings"),
        ([["so", "v1", "a"], ["no", "v1", "b"]], "JSON by columns"),
        ("<html><p>text, author</p><table><tr><td>so</td></tr><tr><td>b</td></tr></table>", "is a page"),
    ],
)
def test_what_looks_like_no_data_is_called_what_it_is(tmp_path: Path, content: Any, said: str) -> None:
    for name in ("a_json", "a_txt", "a_xls"):
        with pytest.raises(InputError, match=said):
            brought(tmp_path, **{name: content})


# -- letters, times, counts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("they don’t smile, “free” – or not…", "mac_roman"),
        ("Schöne Straßen für alle", "mac_roman"),
        ("très déçu, à côté", "mac_roman"),
        ("they don’t smile, “free” – or not…", "cp1252"),
        ("Schöne Straßen für alle", "cp1252"),
        ("• não é só àquilo ¿qué?", "cp1252"),
        ("Какой чистый город, люди", "cp1251"),
        ("街道很干净的", "gb18030"),
    ],
)
def test_letters_of_excel_on_a_mac_are_told_from_those_of_windows(text: str, encoding: str) -> None:
    assert encoding_of(f"text\n{text}\n{text}\n".encode(encoding), whole=True) == encoding


@pytest.mark.parametrize(
    ("encoding", "bad"),
    [("iso2022_jp", b"\x1b$B\x30\x7f\x1b(B"), ("gb18030", b"\xff")],
)
def test_a_byte_that_is_none_costs_its_row_whatever_the_encoding(tmp_path: Path, encoding: str, bad: bytes) -> None:
    said = "街上很干净，真的" if encoding == "gb18030" else "平壌の街はきれいです"
    lines = [said.encode(encoding), b"so " + bad, b"the last words"]
    table = b"text\tauthor\n" + b"".join(line + b"\tb\n" for line in lines)
    document = b"[" + b",".join(b'{"text": "' + line + b'", "author": "b"}' for line in lines) + b"]"
    cues = b"".join(b"00:0%d:00,000 --> 00:0%d:02,000\n%s\n\n" % (at, at, line) for at, line in enumerate(lines))
    for name, data in (("a.tsv", table), ("a.json", document), ("a.srt", cues)):
        (tmp_path / name).write_bytes(data)
        (report,) = import_files(tmp_path / name, tmp_path / name[2:], ImportOptions("Test")).reports
        assert (report.read, report.imported, report.rejected) == (3, 2, 1)
        assert set(read_corpus(tmp_path / name[2:])["text"]) == {said, "the last words"}


def test_half_a_character_at_a_lines_end_takes_no_line_with_it() -> None:
    assert b"so \x1b$B\x30\nno\n".decode("iso2022_jp", HALF).count("\n") == 2


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024/03/05(火) 14:20", "2024-03-05T14:20:00+00:00"),
        ("2024-03-05 14:20:00 +0800 CST", "2024-03-05T06:20:00+00:00"),
        ("2024-03-05T14:20:00+08:00[Asia/Shanghai]", "2024-03-05T06:20:00+00:00"),
        ("2024-03-05T14:20:00\u221205:00", "2024-03-05T19:20:00+00:00"),
        ("民國113年3月5日 14:20", "2024-03-05T14:20:00+00:00"),
        ("'1709648400", "2024-03-05T14:20:00+00:00"),
        ("'2024-03-05 14:20", "2024-03-05T14:20:00+00:00"),
        ("\u200e2024-03-05\u200f 14:20", "2024-03-05T14:20:00+00:00"),
        ("5 mars 2024 à 14h20", "2024-03-05T14:20:00+00:00"),
        ("1.7096484E9", "2024-03-05T14:20:00+00:00"),
        ("1.7096484E12", "2024-03-05T14:20:00+00:00"),
    ],
)
def test_times_are_read_as_programs_and_taiwan_write_them(text: str, at: str) -> None:
    assert moment(text)[0].isoformat() == at  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["2567-03-05 14:20", "1403-12-15", "5/3/2567", "0113-03-17"])
def test_a_year_of_another_calendar_is_not_read_as_ours(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        moment(text, form="day-first")


def test_other_rows_tell_the_day_whatever_stands_around_a_time(tmp_path: Path) -> None:
    times = ["05.03.2024, 14:20 Uhr", "17.03.2024, 9:20 Uhr"]
    assert decided_form(times) == "day-first"
    frame = brought(tmp_path, a_csv="text;posted_at\n" + "".join(f"so;{when}\n" for when in times))
    assert frame["posted_at"].dt.strftime("%m-%d %H:%M").tolist() == ["03-05 14:20", "03-17 09:20"]


def test_a_time_that_a_spreadsheet_rounded_is_none() -> None:
    with pytest.raises(ValueError, match="is not a time"):
        moment("1.70965E+12")


@pytest.mark.parametrize("shown", ["12👍", "👍 12", "赞 12", "点赞：12", "点赞(12)", "Likes: 12", "12 likes", "12个赞"])
def test_a_count_is_read_with_its_button_before_or_behind_it(shown: str) -> None:
    assert count(shown) == 12


def test_a_number_below_none_is_hidden_where_nobody_votes_against(tmp_path: Path) -> None:
    rows = "".join(f"so,-1,-1,{name}\n" for name in ("instagram", "reddit", "tiktok"))
    frame = brought(tmp_path, a_csv=f"text,likes,replies,platform\n{rows}")
    likes = dict(zip(frame["platform"], frame["likes"].isna(), strict=True))
    assert likes == {"instagram": True, "reddit": False, "tiktok": True}


# -- nobody, and what is nobody's words --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["u/[deleted]", "DELETED", "Compte supprimé", "탈퇴한 사용자", "未知用户", "游客"])
def test_who_is_gone_is_nobody_in_other_languages_too(name: str) -> None:
    assert is_nobody(name)


@pytest.mark.parametrize(
    "text",
    [
        "该评论已被作者删除",
        "此留言已遭移除。",
        "抱歉，该内容已被删除",
        "[Comment deleted]",
        "This comment has been removed.",
        "Comment removed by moderator",
        "삭제된 댓글입니다.",
        "Комментарий удалён",
        "Dieser Kommentar wurde gelöscht",
        "[deleted]",
        "抱歉,此微博已被作者删除。",
    ],
)
def test_what_a_platform_leaves_of_a_comment_is_deleted(text: str) -> None:
    assert no_utterance(text) == "deleted"


@pytest.mark.parametrize("text", ["该视频已被删除", "评论被删了", "my comment was deleted again", "deleted", "已删除"])
def test_who_says_that_something_was_deleted_says_something(text: str) -> None:
    assert no_utterance(text) is None


@pytest.mark.parametrize("text", ["\u2060\ufe0f", "\u200e\u202a \u202c", "\u3164", "\ufffc", "\u2800 ", "\u200b\n"])
def test_signs_that_show_nothing_are_no_text(text: str) -> None:
    assert no_utterance(text) == "no text (a picture or a sticker)"
    assert no_utterance(f"{text}好{text}") is None


def test_a_line_beneath_a_table_is_rejected_without_whom_it_names(tmp_path: Path) -> None:
    brought(tmp_path, a_csv="comment_id,video_id,text\nc1,v1,so\nc2,v1,\nExported by Mara Moss,,\n")
    left = (tmp_path / "corpus" / "rejected.ndjson").read_text(encoding="utf-8")
    assert "Moss" not in left
    assert '"c2"' in left


def test_who_is_answered_is_no_part_of_the_answer_without_an_at() -> None:
    assert own_words("回复 贴吧用户_0ab :你去过？", "tieba") == "你去过？"
    for text in ("回复率 很低: 是的", "回复：谢谢", "回复 一下: 去过", "回复 @"):
        assert own_words(text, "tieba") == text


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("去了 http://t.cn/A6x L某甲的微博视频", "去了 http://t.cn/A6x "),
        ("L某甲的微博视频", ""),
        ("去了 某甲_乙的微博视频 ", "去了  "),
        ("我看了某甲的微博视频", "我看了某甲的微博视频"),
        ("长长的…展开全文", "长长的…"),
        ("长长的...展开c", "长长的..."),
        ("到了这里 收起d", "到了这里"),
        ("把画卷展开", "把画卷展开"),
    ],
)
def test_what_weibo_shows_beneath_a_post_is_nobodys_words(text: str, own: str) -> None:
    assert own_words(text, "weibo") == own


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("q裙 123456789 进", "123456789"),
        ("пишите moss собака mail точка ru", "moss"),
        ("银行卡6222021234567890123", "6222021234567890123"),
    ],
)
def test_accounts_in_more_disguises_are_masked(text: str, hidden: str) -> None:
    assert hidden not in Pseudonyms(b"a key of some length").text(text, None)


@pytest.mark.parametrize("name", ["글번호", "게시글 주소", "원본 게시물"])
def test_what_a_board_calls_its_posts_in_korean_may_be_the_thread(name: str) -> None:
    assert may_be_threads([name, "작성자", "댓글내용"]) == [name]


# -- crawled again -----------------------------------------------------------------------------------------------------


def test_a_table_that_says_when_it_was_crawled_gives_the_newer_row(tmp_path: Path) -> None:
    head = "comment_id,video_id,text,likes,author,{}\n"
    for number, column in enumerate(("crawled_at", "抓取时间", "scrapedAt", "last_modify_ts")):
        folder = tmp_path / str(number)
        folder.mkdir()
        rows = {"a_csv": "c1,v1,so free,9,moss,2024-04-05", "b_csv": "c1,v1,so fre,3,moss,2024-03-05"}
        frame = brought(folder, **{name: head.format(column) + row + "\n" for name, row in rows.items()})
        assert frame[["text", "likes"]].to_numpy().tolist() == [["so free", 9]]


@pytest.mark.parametrize(
    ("author", "at", "number"),
    [("moss", "T10:00:00Z", 1), ("fern", "T10:00:00Z", 2), ("", "T10:00:00Z", 2), ("moss", "", 2)],
)
def test_what_was_edited_since_is_one_comment_of_one_account_in_one_second(
    tmp_path: Path, author: str, at: str, number: int
) -> None:
    rows = (f"c1,v1,so free,moss,2024-03-05{at}", f"c1,v1,so free …全文,{author},2024-03-05{at}")
    frame = brought(tmp_path, a_csv="\n".join(("comment_id,video_id,text,author,published_at", *rows)))
    assert len(frame) == number


def test_a_reply_that_names_no_video_stands_under_that_of_the_comment_it_answers(tmp_path: Path) -> None:
    when = {"publishedAt": "2024-03-05T14:20:00Z", "updatedAt": "2024-03-05T14:20:00Z", "textDisplay": "so"}
    top = {"topLevelComment": {"id": "UgxA", "snippet": {**when, "videoId": "vidAAAAAAA1"}}, "totalReplyCount": 1}
    replies = [{"id": f"{to}.x", "snippet": {**when, "parentId": to}} for to in ("UgxA", "UgxGone")]
    page = {"kind": "youtube#commentListResponse", "items": replies}
    # Whatever the files are called, replies are read after what they answer.
    frame = brought(tmp_path, a_json=page, b_json={"items": [{"id": "UgxA", "snippet": top}]})
    under = dict(zip(frame["utterance_id"], frame["thread_id"].fillna("none"), strict=True))
    assert under == {"UgxA": "vidAAAAAAA1", "UgxA.x": "vidAAAAAAA1", "UgxGone.x": "none"}
    (more,) = put(tmp_path, c_csv="comment_id,parent_id,text\nc9,UgxA,no\n")
    import_files([more], tmp_path / "corpus", ImportOptions("Test"))  # so in a later import
    frame = read_corpus(tmp_path / "corpus").set_index("utterance_id")
    assert frame.loc["c9", "thread_id"] == frame.loc["c9", "cluster_id"] == "vidAAAAAAA1"


def test_minus_one_is_no_comment_that_was_answered(tmp_path: Path) -> None:
    frame = brought(tmp_path, a_csv="comment_id,video_id,text,parent_id\nc1,v1,so,-1\nc2,v1,no,c1\n")
    assert frame["parent_id"].fillna("").tolist() == ["", "c1"]


@pytest.mark.parametrize(
    "answer", [{"code": -404, "message": "没有了", "ttl": 1}, {"status_code": 8, "status_msg": "no"}]
)
def test_what_an_api_answers_instead_of_records_keeps_no_other_out(tmp_path: Path, answer: dict[str, Any]) -> None:
    frame = brought(tmp_path, a_json=answer, b_jsonl=ROW)
    assert frame["text"].tolist() == ["so free"]


def test_a_note_that_comes_with_a_code_is_read(tmp_path: Path) -> None:
    note = {"code": 0, "msg": "ok", "data": {"note_id": "n1", "content": "so free"}}
    assert brought(tmp_path, a_json=note)["text"].tolist() == ["so free"]
