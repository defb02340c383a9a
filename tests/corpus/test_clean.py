"""Whose words a text holds: what others said is set apart, what is nobody's utterance is told with the reason."""

from __future__ import annotations

import csv
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


def test_a_table_of_a_known_platform_holds_the_writers_words_and_says_what_it_left_out(tmp_path: Path) -> None:
    path, into = table(tmp_path / "a.csv", *ROWS), tmp_path / "corpus"
    options = ImportOptions("Test", {"text": "body", "thread_id": "link_id"}, constants={"platform": "reddit"})
    (report,) = import_files([path], into, options).reports
    assert (report.read, report.imported, report.rejected) == (5, 2, 3)
    assert read_corpus(into)["text"].tolist() == ["are they?", "so"]
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
