"""Whose words a text holds: what others said is set apart, what is nobody's utterance is told with the reason."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.corpus.clean import DELETED, MENTIONS, NO_TEXT, QUOTE, REPOST, no_utterance, own_words, plain

REDDIT = {
    "> quoted\n\nmine": "mine",
    ">quoted\n\nmine": "mine",
    ">> older\n> quoted\n\nmine": "mine",
    "&gt; not yet decoded\n\nmine": "mine",
    "mine\n\n> quoted\n\nmine too\n\n> and\n\n": "mine\n\nmine too",
    "mine\r\n\r\n> quoted\r\n\r\nmine too": "mine\r\n\nmine too",
    "> quoted, and what\nfollows without an empty line\n\nmine": "mine",
    "> quoted\n  \nmine": "mine",
    "   > quoted\n\nmine": "mine",
    ">!a secret!<": ">!a secret!<",
    "> quoted\n>!a secret!<": ">!a secret!<",
    "&gt;!a secret!&lt;": "&gt;!a secret!&lt;",
    ">:( poor people": ">:( poor people",
    ">_> sure": ">_> sure",
    "a -> b, 6 > 5\nand 2\n-> c": "a -> b, 6 > 5\nand 2\n-> c",
    "\\> mine": "\\> mine",
    "    > code of mine": "    > code of mine",
    "see [my words](https://example.org/x) now": "see my words now",
    '[a](https://example.org/w_(b)_c) [d](/r/x/wiki "title") [[1]](http://e.org)': "a d [1]",
    "[a](https://example.org/w_\\(b\\))": "a",
    "https://example.org/x stays [so] (too)": "https://example.org/x stays [so] (too)",
    "array[i](j) is no link": "array[i](j) is no link",
    "![gif](giphy|abc123) ha": " ha",
    "**very** *so* ~~not~~": "**very** *so* ~~not~~",
}


@pytest.mark.parametrize("said", REDDIT)
def test_what_is_quoted_on_reddit_is_not_the_writers(said: str) -> None:
    assert own_words(said, "reddit") == REDDIT[said]
    assert own_words(said, "youtube") == said


ANSWER = "回复<a href='/n/王五' >@王五</a>:"
DOGE = '<span class="url-icon"><img alt=[doge] src="https://h5.sinaimg.cn/m/x.png" /></span>'
#: What a table of any platform may hold, and what of it was said.
EITHER = {
    f"{ANSWER}你好{DOGE}": "回复@王五:你好[doge]",
    f"{ANSWER}你好{DOGE}".replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"): "回复@王五:你好[doge]",
    "你好<a href='/n/王": "你好",
    "看<A  HREF = 'https://weibo.com/x' data-hide=''>网页链接</A>": "看网页链接",
    '朝鲜<em class="keyword">旅游</em>': "朝鲜旅游",
    "一<br />二<br/>三": "一\n二\n三",
    "so free!<br><br>It&#39;s": "so free!\n\nIt's",
    "so free! <br>It": "so free! \nIt",
    "so free!<br> It": "so free!\n It",
    "<p>so &lt;free&gt;</p><p>and</p>": "so <free>and",
    f"a &lt;b&gt; {DOGE}": "a <b> [doge]",
    # What somebody typed, though it looks like it.
    "a < b": "a < b",
    "a <b and c> d": "a <b and c> d",
    "I <3 it, <b>": "I <3 it, <b>",
    "<b> and </b> make it bold": "<b> and </b> make it bold",
    "put <br> or (<br>), <a> and <img> there": "put <br> or (<br>), <a> and <img> there",
    "<p> is a tag": "<p> is a tag",
    "if x <a b=2> y": "if x <a b=2> y",
    "x<y && y>z &amp; so": "x<y && y>z & so",
    "<朝鲜>": "<朝鲜>",
}


@pytest.mark.parametrize("written", EITHER)
def test_tags_are_taken_from_a_text_that_plainly_has_them_and_from_no_other(written: str) -> None:
    assert plain(written, "either") == EITHER[written]


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("评论时间,用户昵称,点赞数,评论内容,微博id", "2024-01-01 10:00,甲,1,{},5"),
        ("时间,用户昵称,评论,微博id", "2024-01-01 10:00,甲,{},5"),
        ("微博id,评论者姓名,评论时间,评论内容", "5,甲,2024-01-01 10:00,{}"),
        ("id,用户昵称,发布时间,微博正文", "5,甲,2024-01-01 10:00,{}"),
        ("id,bid,user_id,用户昵称,微博正文,发布时间", "5,b,7,甲,{},2024-01-01 10:00"),
        ("comment_id,video_id,author,comment_text,platform", "c1,v1,甲,{},weibo"),
    ],
)
def test_a_table_of_weibos_html_says_what_its_json_does(tmp_path: Path, header: str, row: str) -> None:
    said = f"{ANSWER}你好{DOGE}"
    answer = {"id": "1", "rootid": "1", "text": said, "user": {"id": "7", "screen_name": "甲"}}
    page = {"data": {"data": [{**answer, "created_at": "Mon Jan 01 10:00:00 +0800 2024"}]}}
    (tmp_path / "a.json").write_text(json.dumps(page), encoding="utf-8")
    (tmp_path / "a.csv").write_text(f"{header}\n{row.format(_cell(said))}\n", encoding="utf-8")
    for name in ("a.json", "a.csv"):
        import_files([tmp_path / name], tmp_path / name[2:], ImportOptions("Test"))
        assert read_corpus(tmp_path / name[2:])["text"].tolist() == ["你好[doge]"]
    written = b"".join(path.read_bytes() for path in (tmp_path / "csv").iterdir() if path.suffix != ".parquet")
    assert "王五" not in written.decode()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("很干净，也很安静...全文", "很干净，也很安静..."),
        ("很干净…全文 ", "很干净…"),
        ("请看全文", "请看全文"),
        ("全文", "全文"),
    ],
)
def test_the_link_to_the_rest_of_a_post_that_weibo_cut_is_not_the_writers(said: str, kept: str) -> None:
    assert own_words(said, "weibo") == kept
    assert own_words(said, "bilibili") == said


@pytest.mark.parametrize(
    ("said", "platform", "reason"),
    [
        ("> only\n> this", "reddit", QUOTE),
        ("&gt; only this", "reddit", QUOTE),
        ("![gif](giphy|abc123)", "reddit", NO_TEXT),
        ("[deleted]", "reddit", DELETED),
        ("> x\n\n[removed]", "reddit", DELETED),
        ("u/some_bot", "reddit", MENTIONS),
        ("u", "reddit", None),
        ("//@某甲:对", "weibo", REPOST),
        ("  //@某甲:对", "weibo", REPOST),
        ("转发微博//@某甲:对", "weibo", REPOST),
        ("转发微博。", "weibo", REPOST),
        ("轉發微博", "weibo", REPOST),
        ("转发微博[哈哈]", "weibo", None),
        ("回复@某甲:", "weibo", NO_TEXT),
        ("回复@某甲:@某乙", "weibo", MENTIONS),
        ("@某甲 @某乙", "douyin", MENTIONS),
        ("@某甲，@某乙", "douyin", MENTIONS),
        ("@a.long_name.of_latin", "tiktok", MENTIONS),
        ("@某甲你说的那个城市我也去过一次真的很干净", "weibo", None),
        ("@某甲 好", "douyin", None),
        ("@a 😂", "tiktok", None),
        ("@", "tiktok", None),
        ("", "weibo", NO_TEXT),
        ("\u200b", "weibo", NO_TEXT),
        ("。", "weibo", None),
    ],
)
def test_what_is_no_utterance_is_told_with_the_reason(said: str, platform: str, reason: str | None) -> None:
    assert no_utterance(own_words(said, platform), said) == reason


def test_no_text_is_looked_through_again_and_again() -> None:
    # With a rule that goes back over what it has read, one of these alone would take minutes.
    many = 100_000
    for part in ("[a](http://x\\(", "> a\n", "\n \t", "@a ", "![a](b", "<img alt='x' ", "//@a", "#a", '[a](b "', " //"):
        said = "x" + part * many + "]>"
        assert no_utterance(own_words(plain(said, "html"), "reddit"), said) is None
        own_words("> q\n\n" + part * many, "reddit")
        own_words(part * many, "weibo")


def table(path: Path, *rows: tuple[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("body", "link_id"), *rows])
    return path


ROWS = (
    ("> they are free\n\nare they?", "t1"),
    ("> they are free", "t1"),
    ("[deleted]", "t2"),
    ("", "t2"),
    ("so", "t2"),
)


@pytest.mark.parametrize("called", ["reddit", "Reddit"])
def test_a_table_of_a_known_platform_holds_the_writers_words_and_says_what_it_left_out(
    tmp_path: Path, called: str
) -> None:
    path, into = table(tmp_path / "a.csv", *ROWS), tmp_path / "corpus"
    options = ImportOptions("Test", {"text": "body", "thread_id": "link_id"}, constants={"platform": called})
    (report,) = import_files([path], into, options).reports
    assert (report.read, report.imported, report.rejected) == (5, 2, 3)
    assert read_corpus(into)["text"].tolist() == ["are they?", "so"]
    assert set(read_corpus(into)["platform"]) == {"reddit"}
    assert [row["reason"] for row in read_list(into, store.REJECTED)] == [QUOTE, DELETED, NO_TEXT]


def test_a_table_of_no_known_platform_keeps_its_quotations_and_its_ids_are_the_same(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", *ROWS)
    columns = {"text": "body", "thread_id": "link_id"}
    import_files([path], tmp_path / "plain", ImportOptions("Test", columns))
    import_files([path], tmp_path / "reddit", ImportOptions("Test", columns, constants={"platform": "reddit"}))
    frame, named = read_corpus(tmp_path / "plain"), read_corpus(tmp_path / "reddit")
    assert frame["text"].tolist() == [said for said, _ in ROWS if said not in {"", "[deleted]"}]
    assert set(named["utterance_id"]) <= set(frame["utterance_id"]) | set(named["utterance_id"].iloc[:1])


@pytest.mark.parametrize("more", [{"constants": {"evidence": "constructed"}}, {"keep_speakers": True}])
def test_constructed_words_and_the_presss_quotations_stay_as_they_are(tmp_path: Path, more: dict[str, object]) -> None:
    constants = {"platform": "reddit", **more.pop("constants", {})}  # type: ignore[dict-item]
    path = table(tmp_path / "a.csv", *ROWS)
    options = ImportOptions("Test", {"text": "body"}, constants=constants, **more)  # type: ignore[arg-type]
    import_files([path], tmp_path / "corpus", options)
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == [said for said, _ in ROWS]
