"""The traps that exports hold whatever their platform: one named case a rule, each fails without its handling.

``RULES`` lists the rules that hold for all formats; ``OF_ONE_FORMAT`` the traps of single formats that no other test
holds. Every case writes a tiny file of invented words, imports it as a user would, and looks at what is stored.

The other traps of single formats, and what holds them: a folder of ``fixtures/imports`` (every field of every row and
every rejected row, by ``test_shapes.py``) or a test.

=================================================================  ====================================================
Zeeschuimer: lines of 4CAT without ``data`` (``__import_meta``)    4cat-ndjson-*
TikTok: author a plain string, text on stickers, advertisements    zeeschuimer-tiktok-posts
TikTok comments: thread and parent by ``reply_id``                 zeeschuimer-tiktok-comments, tiktok-web-comments
Instagram: three schemas, no caption, hidden counts, adverts       zeeschuimer-instagram
X: long posts, cut retweets, promoted, qme/zxx/und, tombstones,
nested ``tweet``, no user, one id on many lines                    zeeschuimer-twitter, test_readers_twitter.py
Facebook: texts in lists, each doubled                             facebook-zs-parser
Douyin: API and page, ``$undefined``, live streams                 zeeschuimer-douyin-posts
4CAT: ``thread_id`` is the parent, ``post_id`` the video           4cat-tiktok-comments
4CAT: likes_hidden; Unknown and N/A                                4cat-instagram-posts; 4cat-douyin-posts
4CAT: the clock of its server                                      test_readers_tiktok.py
MediaCrawler: three versions                                    mediacrawler-douyin-comments
MediaCrawler: title beside description; Weibo's own id as parent   mediacrawler-*-posts; mediacrawler-weibo-comments
Douyin's raw comments: replies, regions, only @mentions            douyin-web-comments
Tables without ids, Chinese headers; reposts on China's clock      bilibili-crawler-*, chinese-table-*; weibo-ced-*
YouTube API: bare items, replies' parents, no channel id           youtube-api-*
Downloader: votes in words, ages in words, video in the name       youtube-comment-downloader
YouTube Data Tools: backslashes before quotes                      youtube-data-tools
Takeout: headers in the account's language, text as JSON           youtube-takeout-*, test_readers_tables.py
yt-dlp: ``root``, ages, the uploader, dates without a clock        yt-dlp-comments, yt-dlp-video
Captions: rolling lines, tags, headers, marks, translated tracks   youtube-captions, captions, test_readers_captions.py
TikTok Research: the video as parent of a comment on top           tiktok-research-comments
pyktok: cells that are Python; the scrapper without ids            pyktok-comments; tiktok-comment-scrapper
TikTok's download: sections renamed, lists that are null           tiktok-download, tiktok-download-activity
X API: flat, pages with includes, streams; the last line cut       twitter-v2-*; test_shapes.py (cut anywhere)
v1.1: ``truncated`` with extended text, three containers           twitter-v1, twitter-v1-search
Instagram by Apify and instaloader: nested replies, answers        apify-instagram-comments, instaloader-comments
Meta's downloads: localised keys, captions on the outside          instagram-download-*, facebook-download-*
Meta Content Library: parent empty, ``author_id`` empty            meta-content-library-comments
Apify Facebook: ids in base64, counts as text, workbooks           apify-facebook-comments, test_readers_meta.py
CrowdTangle: EST and EDT                                           crowdtangle-facebook
ExportComments: header beneath a title, Excel's dates, day first,
``id`` with a blank, a column without a name, [PHOTO]              exportcomments*, test_readers_tables.py
Reddit: ``created_utc`` as text, AutoModerator, hidden scores      reddit-comments
Reddit: dumps with a window of 2 GiB                               test_source.py
Reddit: quoted lines, links; Weibo: posts that it cut              test_clean.py
Tokens, device ids, signed addresses, accounts                     test_secrets.py
Ids and texts in every container                                   test_round_trip.py
=================================================================  ====================================================
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus, store
from analysis.measure import chinese

TOP = "7512345678901234567"
NEXT = "7512345678901234568"
SECOND = 1738737220
MOMENT = "2025-02-05T06:33:40+00:00"
NO_TEXT = "no text (a picture or a sticker)"
REPOST = "nothing but a repost"
ROUNDED = "the id '7.51235E+18' lost its last digits in a spreadsheet; export it as text"
QUOTE = "nothing but a quotation"
MENTIONS = "nothing but @mentions"


class Case(NamedTuple):
    """A file, what one column of its corpus must then hold, and why the other rows are rejected."""

    rule: str
    file: str
    data: bytes
    column: str
    values: list[Any]
    rejected: tuple[str, ...] = ()


# Files -----------------------------------------------------------------------------------------------------------


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def table(*rows: dict[str, Any], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def douyin(text: str = "好", name: str = TOP, **more: Any) -> dict[str, Any]:
    row = {"comment_id": name, "aweme_id": "1", "content": text, "user_id": "u", "create_time": SECOND}
    return {**row, "last_modify_ts": 1740589025042, **more}


def rednote(text: str = "好", **more: Any) -> dict[str, Any]:
    row = {"comment_id": "67a30642000000000b019d8e", "note_id": "67", "content": text, "user_id": "u"}
    return {**row, "create_time": 1738737220000, "last_modify_ts": 1740589025042, "like_count": "0", **more}


def weibo(text: str = "好", **more: Any) -> dict[str, Any]:
    row = {"comment_id": "5012345678901234", "note_id": "5", "content": text, "user_id": "u", "create_time": SECOND}
    return {**row, "create_date_time": "2025-02-05 14:33:40", "last_modify_ts": 1740589025042, **more}


def bilibili(text: str) -> dict[str, Any]:
    return {"comment_id": "3", "video_id": "1", "content": text, "user_id": "u", "last_modify_ts": 1740589025042}


def zhihu(name: str, under: str) -> dict[str, Any]:
    row = {"comment_id": name, "content_id": "7", "content_type": under, "content": "好", "publish_time": SECOND}
    return {**row, "user_id": "u", "last_modify_ts": 1740589025042}


def reddit(body: str, name: str = "c1", **more: Any) -> dict[str, Any]:
    row = {"id": name, "parent_id": "t3_a", "link_id": "t3_a", "created_utc": SECOND, "author": "demo", "score": 1}
    return {**row, "body": body, **more}


def youtube(shown: str, **more: Any) -> dict[str, Any]:
    said = {"textDisplay": shown, "videoId": "vidAAAAAAA1", "likeCount": 0, **more}
    return {"kind": "youtube#comment", "id": "UgA", "snippet": {"publishedAt": "2025-02-05T06:33:40Z", **said}}


def meta(written: str) -> bytes:
    said = {"Comment": {"value": written}, "Media Owner": {"value": "demo"}, "Time": {"timestamp": SECOND}}
    return json.dumps([{"media_list_data": [{"uri": ""}], "string_map_data": said}]).encode()


def of_tiktoks_api(*names: int) -> bytes:
    rows = [
        {"id": name, "video_id": 7, "parent_comment_id": 7, "text": "x", "like_count": 0, "create_time": SECOND}
        for name in names
    ]
    return json.dumps({"data": {"comments": rows, "has_more": False, "cursor": 1}, "error": {"code": "ok"}}).encode()


def exported(date: str) -> bytes:
    return f"id ,,Name,Date,Likes,isHearted,isPinned,Comment,(view source)\n1,,@a,{date},3,no,no,first,x\n".encode()


# Rules that hold for all -----------------------------------------------------------------------------------------


def ids() -> list[Case]:
    both = [TOP, NEXT]
    return [
        Case("an id that is text", "a.jsonl", lines(douyin(name=TOP), douyin(name=NEXT)), "utterance_id", both),
        Case("an id that is a number", "a.json", of_tiktoks_api(int(TOP), int(NEXT)), "utterance_id", both),
        Case("an id in a cell", "a.csv", table(douyin(name=TOP), douyin(name="0042")), "utterance_id", [TOP, "0042"]),
        Case(
            "a video's id that a spreadsheet rounded",
            "a.csv",
            table(douyin(aweme_id="7.51235E+18"), douyin(name=NEXT)),
            "utterance_id",
            [NEXT],
            (ROUNDED,),
        ),
        Case("an account's id that was rounded", "a.csv", table(douyin(user_id="7.51235E+18")), "speaker", [None]),
        Case(
            "an id in a data frame where others are missing",
            "a.csv",
            table(douyin(parent_comment_id="42.0")),
            "parent_id",
            ["42"],
        ),
        Case(
            "an id that stayed text by a sign before it",
            "a.csv",
            table(douyin(name="'42", aweme_id="9.00"), douyin(name="`43", aweme_id="9")),
            "utterance_id",
            ["42", "43"],
        ),
        Case(
            "a number with decimals", "a.csv", table(douyin(aweme_id="1,0"), douyin(name=NEXT)), "thread_id", ["1", "1"]
        ),
        Case("digits that no float has", "a.csv", table(douyin(aweme_id=f"{TOP}.0")), "thread_id", [TOP]),
        Case(
            "an id that a spreadsheet rounded",
            "a.csv",
            table(douyin("a", name="7.51235E+18"), douyin("b", name=NEXT)),
            "text",
            ["a", "b"],
        ),
    ]


def times() -> list[Case]:
    naive, zoned = weibo(create_date_time="2025-02-05 14:33:40"), weibo(create_date_time="2025-02-05 09:33:40+03:00")
    in_utc = weibo(create_date_time="2025-02-05T06:33:40Z")
    return [
        Case("seconds, UTC though the tool is Chinese", "a.jsonl", lines(douyin()), "posted_at", [MOMENT]),
        Case("milliseconds", "a.jsonl", lines(rednote()), "posted_at", [MOMENT]),
        Case("Z, though the tool is Chinese", "a.jsonl", lines(in_utc), "posted_at", [MOMENT]),
        Case("a zone of its own", "a.jsonl", lines(zoned), "posted_at", [MOMENT]),
        Case("no zone, by a Chinese tool", "a.jsonl", lines(naive), "posted_at", [MOMENT]),
        Case("no zone, by a Chinese tool: precise", "a.jsonl", lines(naive), "time_precision", ["second"]),
        Case("no zone that is known", "yt-comments_a.csv", exported("05/02/25 06:33:40"), "time_precision", ["day"]),
        Case("no time", "a.jsonl", lines(douyin(create_time=0)), "posted_at", [None]),
    ]


COUNTS = {
    "1.2万": 12_000,
    "1.2萬": 12_000,
    "1万+": 10_000,
    "10万+": 100_000,
    "3亿": 300_000_000,
    "1.2w": 12_000,
    "1.2K": 1_200,
    "3,4 mln": 3_400_000,
    "1,234": 1_234,
    "1'234": 1_234,
    "1.2만": 12_000,
    "3천": 3_000,
    "None": None,
    "Unknown": None,
    "N/A": None,
    "": None,
}


def counts() -> list[Case]:
    return [
        Case(f"a count of '{written}'", "a.jsonl", lines(rednote(like_count=written)), "likes", [number])
        for written, number in COUNTS.items()
    ]


def encodings() -> list[Case]:
    rare = "自由😀㐀"
    cut = "cafÃ© Ã"
    latin = "café – quiet 🌸".encode().decode("latin-1")
    return [
        Case("a BOM in a table", "a.csv", table(douyin(), encoding="utf-8-sig"), "utterance_id", [TOP]),
        Case("a BOM before lines", "a.jsonl", b"\xef\xbb\xbf" + lines(douyin()), "utterance_id", [TOP]),
        Case("gb18030 and not gbk, table", "a.csv", table(douyin(rare), encoding="gb18030"), "text", [rare]),
        Case(
            "gb18030 and not gbk, lines",
            "a.jsonl",
            lines(douyin(rare)).decode().encode("gb18030"),
            "text",
            [rare],
        ),
        Case(
            "half an emoji where a text was cut",
            "a.jsonl",
            lines(douyin("so #…")).replace(b"#", b"\\ud83d")
            + lines(douyin("a#b", name=NEXT)).replace(b"#", b"\\ud83d"),
            "text",
            ["so …"],
            ("not valid Unicode text",),
        ),
        Case(
            "a text that a script wrote as bytes or with escapes",
            "a.csv",
            table(douyin(r"b'so \xe5\xa5\xbd'"), douyin(r"so \u597d\ud83d\ude00", name=NEXT)),
            "text",
            ["so 好", "so 好😀"],
        ),
        Case(
            "what only looks like it",
            "a.csv",
            table(douyin(r"b'so \xff'"), douyin(r"C:\user\u59 \ud83d", name=NEXT)),
            "text",
            [r"b'so \xff'", r"C:\user\u59 \ud83d"],
        ),
        Case(
            "what a spreadsheet could not work out",
            "a.csv",
            table(douyin(aweme_id="#NAME?", digg_count="#REF!"), douyin("#NAME?", name=NEXT)),
            "thread_id",
            [None],
            ("the text is a spreadsheet's error",),
        ),
        Case(
            "an object is nobody's words",
            "a.csv",
            table(douyin(), douyin('{"text": "好", "user": "某甲"}', name=NEXT), douyin("{'text': '好'}", name="3")),
            "text",
            ["好"],
            ("the text is an object, not words",) * 2,
        ),
        Case("Meta's Latin-1", "a.json", meta(latin), "text", ["café – quiet 🌸"]),
        Case("Meta's text that is no such Latin-1", "a.json", meta(cut), "text", [cut]),
    ]


def line_ends() -> list[Case]:
    signs = {"U+2028": "\u2028", "U+0085": "\u0085", "a form feed": "\f", "U+001E": "\u001e"}
    broken = 'one\nsaid "so"\tthen, two'
    large = "城" * 150_000
    cases = []
    for name, sign in signs.items():
        said = f"one{sign}two"
        if sign >= " ":
            cases.append(Case(f"{name} ends no line of JSON", "a.jsonl", lines(douyin(said)), "text", [said]))
        cases.append(Case(f"{name} ends no row of a table", "a.csv", table(douyin(said)), "text", [said]))
    return [
        *cases,
        Case("a cell with a line end, quotes and a tab", "a.csv", table(douyin(broken)), "text", [broken]),
        Case("a cell larger than csv's own limit", "a.csv", table(douyin(large)), "text", [large]),
    ]


def emoji() -> list[Case]:
    codes = "好[doge][捂脸][good][笑哭R]"
    return [
        Case("emoji codes stay", "a.jsonl", lines(rednote(codes)), "text", [codes]),
        Case(
            "[话题] is no emoji code",
            "a.jsonl",
            lines(rednote("#考研[话题]# 难[哭惹R] #早市[话题]")),
            "text",
            ["#考研 难[哭惹R] #早市"],
        ),
    ]


def prefixes() -> list[Case]:
    return [
        Case("回复@name:", "a.jsonl", lines(weibo("回复@某甲:真的吗")), "text", ["真的吗"]),
        Case("回复@name\uff1a", "a.jsonl", lines(weibo("回复@某甲\uff1a真的吗")), "text", ["真的吗"]),
        Case("回复 @name :", "a.jsonl", lines(bilibili("回复 @某甲 :真的吗")), "text", ["真的吗"]),
        Case("//@name:", "a.jsonl", lines(weibo("真的吗//@某甲:对//@某乙:不对")), "text", ["真的吗"]),
        Case("//@name\uff1a", "a.jsonl", lines(weibo("真的吗//@某甲\uff1a对")), "text", ["真的吗"]),
        Case(
            "a chain and nothing before it", "a.jsonl", lines(weibo(), weibo("//@某甲:对")), "text", ["好"], (REPOST,)
        ),
        Case("a prefix and a picture", "a.jsonl", lines(weibo(), weibo("回复@某甲:")), "text", ["好"], (NO_TEXT,)),
        Case("only @mentions", "a.jsonl", lines(douyin(), douyin("@某甲 @b", name=NEXT)), "text", ["好"], (MENTIONS,)),
        Case("@name stays, as nobody's name", "a.jsonl", lines(douyin("@某甲 快看")), "text", ["@<某甲> 快看"]),
        Case("bare 转发微博", "a.jsonl", lines(weibo(), weibo("转发微博")), "text", ["好"], (REPOST,)),
        Case("bare 转发微博。", "a.jsonl", lines(weibo(), weibo("转发微博。")), "text", ["好"], (REPOST,)),
        Case("转发微博 and more", "a.jsonl", lines(weibo("转发微博 好")), "text", ["转发微博 好"]),
    ]


def markup() -> list[Case]:
    shown = 'so <a href="https://example.org">free</a><br>it&#39;s'
    reply = "<a href='/n/x'>@某甲</a>"
    picture = '好<img src="https://example.org/d.png" alt=[doge]>'
    typed = youtube(shown, textOriginal="a <b> is &amp; stays")
    return [
        Case("YouTube's textOriginal, as it is", "a.jsonl", lines(typed), "text", ["a <b> is &amp; stays"]),
        Case("YouTube's textDisplay alone", "a.jsonl", lines(youtube(shown)), "text", ["so free\nit's"]),
        Case("entities", "a.jsonl", lines(reddit("a &amp; b &gt; c")), "text", ["a & b > c"]),
        Case("&#x200B; before words", "a.jsonl", lines(reddit("&amp;#x200B;so")), "text", ["\u200bso"]),
        Case("&#x200B; alone", "a.jsonl", lines(reddit("so"), reddit("&#x200B;", "c2")), "text", ["so"], (NO_TEXT,)),
        Case("<img alt=[doge]>", "a.jsonl", lines(weibo(picture)), "text", ["好[doge]"]),
        Case("<a> around who is answered", "a.jsonl", lines(weibo(f"回复{reply}:不信")), "text", ["不信"]),
    ]


def quoted() -> list[Case]:
    both = "&gt; they are free\n\nare they? [here](https://example.org/x)"
    return [
        Case("Reddit: a quoted line, a link", "a.jsonl", lines(reddit(both)), "text", ["are they? here"]),
        Case("Reddit: only a quotation", "a.jsonl", lines(reddit("so"), reddit("> x", "c2")), "text", ["so"], (QUOTE,)),
    ]


def nothing_said() -> list[Case]:
    gone = [reddit("so"), reddit("[deleted]", "c2", author="[deleted]"), reddit("[removed]", "c3")]
    return [
        Case("empty text", "a.jsonl", lines(rednote(), rednote("", comment_id="68")), "text", ["好"], (NO_TEXT,)),
        Case("an empty cell", "a.csv", table(rednote(), rednote(" ", comment_id="68")), "text", ["好"], (NO_TEXT,)),
        Case("[deleted] and [removed]", "a.jsonl", lines(*gone), "text", ["so"], ("deleted", "deleted")),
        Case("[deleted] is nobody", "a.jsonl", lines(reddit("so", author="[deleted]")), "speaker", [None]),
    ]


def duplicates() -> list[Case]:
    old, new = douyin(like_count=1), douyin(like_count=2, last_modify_ts=1740589025043)
    return [
        Case("of two crawls the newer stays", "a.jsonl", lines(old, new), "likes", [2]),
        Case("of two crawls the newer stays, though it came first", "a.jsonl", lines(new, old), "likes", [2]),
        Case(
            "of one crawl appended twice the first stays", "a.csv", table(old, {**old, "like_count": 3}), "likes", [1]
        ),
    ]


RULES = [
    *ids(),
    *times(),
    *counts(),
    *encodings(),
    *line_ends(),
    *emoji(),
    *prefixes(),
    *markup(),
    *quoted(),
    *nothing_said(),
    *duplicates(),
]

# Traps of one format that no other test holds ------------------------------------------------------------------------


def of_one_format() -> list[Case]:
    faulty = {"create_date_time": "", "create_time": SECOND + 8 * 3600, "last_modify_ts": 1785369599000}
    before = {**faulty, "create_time": SECOND, "last_modify_ts": 1703375999000}
    mended = {**faulty, "create_time": SECOND, "last_modify_ts": 1785369600000}
    under = ("answer", "article", "zvideo")
    return [
        Case("Weibo's eight hours: the last faulty file", "a.jsonl", lines(weibo(**faulty)), "posted_at", [MOMENT]),
        Case("Weibo's eight hours: a file before them", "a.jsonl", lines(weibo(**before)), "posted_at", [MOMENT]),
        Case("Weibo's eight hours: a file after them", "a.jsonl", lines(weibo(**mended)), "posted_at", [MOMENT]),
        Case(
            "Zhihu's numbers are of a kind each",
            "a.jsonl",
            lines(*(zhihu(str(number), kind) for number, kind in enumerate(under))),
            "thread_id",
            [f"{kind}-7" for kind in under],
        ),
    ]


OF_ONE_FORMAT = of_one_format()


pytestmark = pytest.mark.usefixtures("plain_names")


@pytest.mark.parametrize("case", [*RULES, *OF_ONE_FORMAT], ids=lambda case: case.rule)
def test_a_trap_is_seen(tmp_path: Path, case: Case) -> None:
    path, into = tmp_path / case.file, tmp_path / "corpus"
    path.write_bytes(case.data)
    (report,) = import_files([path], into, ImportOptions("Traps")).reports
    values = pq.read_table(store.table_path(into))[case.column].to_pylist()
    assert [each.isoformat() if hasattr(each, "isoformat") else each for each in values] == case.values
    assert tuple(row["reason"] for row in read_list(into, store.REJECTED)) == case.rejected
    assert (report.imported, report.rejected) == (len(case.values), len(case.rejected))
    assert report.read == report.imported + report.rejected + report.duplicates


def test_an_emoji_code_that_came_in_is_one_token_and_a_topic_is_a_hashtag(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(rednote("#考研[话题]# [笑哭R][doge]")))
    import_files([path], tmp_path / "corpus", ImportOptions("Traps"))
    (tokens,) = chinese.tokenize(read_corpus(tmp_path / "corpus")["text"].tolist()).lists()
    assert tokens == ["#考研", "[笑哭R]", "[doge]"]
