"""Records of a known tool in a document of somebody's own: read as those alone are, and no word beside is lost."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from helpers import read_list

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.store import REJECTED

FIXTURES = Path(__file__).parent.parent / "fixtures" / "imports"
FIELDS = ["utterance_id", "thread_id", "parent_id", "platform", "kind", "text", "posted_at", "likes", "region"]
FIELDS += ["speaker", "position", "source_tool"]
REPLY = {
    "rpid": 1,
    "oid": 9,
    "type": 1,
    "mid": 5,
    "parent": 0,
    "ctime": 1709648400,
    "like": 0,
    "member": {"uname": "某甲"},
    "content": {"message": "街上很安静"},
}
ENTRY = {"cid": "Ug1", "text": "so calm", "time": "1 day ago", "author": "@ann", "channel": "UC1", "votes": "3"}


def brought(folder: Path, document: Any, name: str = "own.json") -> tuple[Any, str]:
    """Return the rows of a file, and how it was read."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    (report,) = import_files([folder / name], folder / "corpus", ImportOptions("Test")).reports
    assert report.read == report.imported + report.rejected + report.duplicates
    table = read_corpus(folder / "corpus")
    return table.sort_values(["text"]).reset_index(drop=True)[FIELDS].astype(str), report.format


def listed(path: Path) -> Any:
    """Return the records of a fixture."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


ONE_LIST = [
    "mediacrawler-douyin-comments",
    "youtube-api-thread-items",
    "bilibili-reply-items",
    "bilibili-danmaku-segments",
    "praw-comments",
    "praw-threads",
    "snscrape-tweets",
    "xiaohongshu-web-comment-items",
    "apify-tiktok-comments",
    "bluesky-post-items",
]
#: What an item is, is said around the list that it stands in.
OF_DOCUMENTS = [
    "telegram-desktop-chat",
    "discord-chat-exporter",
    "tiktok-comment-scrapper",
    "instagram-site-comments",
    "yt-dlp-comments",
    "douyin-web-comments",
]
WRAPPED = {
    "beside": lambda records: {"code": 0, "message": "ok", "video": {"title": "x"}, "comments": records},
    "deep": lambda records: {"response": {"result": {"rows": records}}},
    "pages": lambda records: [{"page": 1, "rows": records[:1]}, {"page": 2, "rows": records[1:]}, {"rows": None}],
    "named": lambda records: {"dQw4w9WgXcQ": records[:1], "dQw4w9WgXcR": records[1:]},
    "lines": lambda records: "".join(json.dumps({"_id": "x", "_source": each}) + "\n" for each in records),
}


def fixture(name: str) -> Path:
    """Return the first file of JSON of a format."""
    found = sorted(path for path in (FIXTURES / name).iterdir() if path.name != "expected.json")
    return next(path for path in found if path.suffix in {".json", ".jsonl", ".ndjson"})


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("name", ONE_LIST)
def test_records_within_a_document_are_read_as_those_alone(tmp_path: Path, name: str, how: str) -> None:
    path = fixture(name)
    records = listed(path)
    alone, format_ = brought(tmp_path / "alone", json.dumps(records), path.with_suffix(".json").name)
    wrapped = WRAPPED[how](records)
    within, same = brought(tmp_path / "within", wrapped, path.with_suffix(".json").name)
    assert same.partition(" (")[0] == format_.partition(" (")[0]
    assert within.equals(alone)


@pytest.mark.parametrize("how", [lambda page: [page], lambda page: {"response": page}, lambda page: {"pages": [page]}])
@pytest.mark.parametrize("name", OF_DOCUMENTS)
def test_documents_within_another_keep_what_stands_around_their_records(tmp_path: Path, name: str, how: Any) -> None:
    path = fixture(name)
    alone, format_ = brought(tmp_path / "alone", path.read_text(encoding="utf-8"), path.name)
    within, same = brought(tmp_path / "within", how(listed(path)), path.name)
    assert (same, within.equals(alone)) == (format_, True)


def test_the_document_says_what_they_stand_under(tmp_path: Path) -> None:
    rows, format_ = brought(tmp_path, {"videoId": "dQw4w9WgXcQ", "comments": [ENTRY]})
    assert (format_.partition(" (")[0], list(rows.thread_id)) == ("youtube-comment-downloader", ["dQw4w9WgXcQ"])
    # Of several it is not told which one a record stands in: they are read by names, as before.
    several = [{"videoId": f"dQw4w9WgXc{n}", "comments": [{**ENTRY, "cid": f"Ug{n}"}]} for n in range(2)]
    rows, _ = brought(tmp_path / "several", several)
    assert list(rows.thread_id) == ["dQw4w9WgXc0", "dQw4w9WgXc1"]


def test_what_is_no_object_is_told_wherever_it_stands(tmp_path: Path) -> None:
    rows, _ = brought(tmp_path, {"comments": [REPLY, 17, None, {"x": 1}]})
    assert len(rows) == 1
    assert len(read_list(tmp_path / "corpus", REJECTED)) == 3
    lines = json.dumps({"data": {"replies": [REPLY, 17]}}) + "\n" + json.dumps({"data": {"replies": None}}) + "\n"
    brought(tmp_path / "lines", lines, "own.jsonl")
    assert len(read_list(tmp_path / "lines" / "corpus", REJECTED)) == 1


def test_records_of_two_formats_are_told_and_each_is_read_where_it_is_named(tmp_path: Path) -> None:
    comment = {"id": "k1", "parent_id": "t3_p1", "link_id": "t3_p1", "body": "so calm", "author": "moss"}
    comment["created_utc"] = "1709967900"
    post = {"id": "p1", "title": "A walk", "selftext": "at night", "author": "reed", "score": 3, "num_comments": 1}
    document = {"posts": [{**post, "created_utc": 1709967900, "subreddit": "nk", "url": "u"}], "comments": [comment]}
    _, format_ = brought(tmp_path, document)
    assert "words that are not read stand in posts" in format_
    (path,) = tmp_path.glob("own.json")
    (report,) = import_files([path], tmp_path / "posts", ImportOptions("Test", format="reddit-posts")).reports
    assert (report.imported, list(read_corpus(tmp_path / "posts").text)) == (1, ["A walk\nat night"])


def test_names_that_are_videos_are_what_they_stand_under(tmp_path: Path) -> None:
    said = {"author": "moss", "words": 3, "comment": "so calm"}
    videos = {"dQw4w9WgXcQ": {"title": "x", "list": [said]}, "xvFZjo5PgG0": {"title": "y", "list": [said]}}
    rows, _ = brought(tmp_path, videos)
    assert sorted(rows.thread_id) == sorted(videos)
    # Of a format that does not say it neither: an entry has its thread from the file's name, or from these.
    rows, _ = brought(tmp_path / "known", {name: [ENTRY] for name in videos})
    assert sorted(rows.thread_id) == sorted(videos)
    rows, _ = brought(tmp_path / "none", {"topComments": [said], "new_replies": [{**said, "comment": "calm"}]})
    assert not set(rows.thread_id) & {"topComments", "new_replies"}


def test_words_beside_them_are_not_lost_without_a_word(tmp_path: Path) -> None:
    other = {"id": "7", "video_id": "v1", "text": "other words", "author": "moss"}
    _, format_ = brought(tmp_path, {"comments": [REPLY], "mine": [other]})
    assert format_.startswith("a table")
    assert "words that are not read stand in mine" in format_
    _, format_ = brought(tmp_path / "alone", {"comments": [other], "video": {"title": "x"}, "message": "ok"})
    assert "not read" not in format_


def test_a_list_of_replies_is_no_page_of_those_beneath_them(tmp_path: Path) -> None:
    below = {**REPLY, "rpid": 2, "parent": 1, "content": {"message": "真的"}}
    rows, _ = brought(tmp_path, {"code": 0, "data": [{**REPLY, "replies": [below]}]})
    assert list(rows.text) == ["真的", "街上很安静"]
    assert rows.parent_id[0] == "1"


def test_null_where_a_list_stands_is_no_row(tmp_path: Path) -> None:
    pages = [{"replies": [REPLY]}, {"replies": None}]
    rows, _ = brought(tmp_path, [{"data": page} for page in pages])
    assert (len(rows), read_list(tmp_path / "corpus", REJECTED)) == (1, [])


def test_what_an_api_says_of_a_request_is_nobodys_words(tmp_path: Path) -> None:
    said = [{"id": str(n), "video_id": "v1", "message": f"calm {n}", "user": "moss"} for n in range(2)]
    rows, _ = brought(tmp_path, {"code": 0, "message": "ok", "data": {"list": said}})
    assert list(rows.text) == ["calm 0", "calm 1"]
    document = {"code": 0, "message": "ok", "data": [{"rpid": 6, "uname": "moss", "message": "calm"}]}
    rows, _ = brought(tmp_path / "replies", document)
    assert list(rows.text) == ["calm"]


@pytest.mark.parametrize(
    "name", ["4cat-tiktok-comments", "igcommentexport", "crowdtangle-facebook", "youtube-takeout-comments", "netlytic"]
)
def test_the_rows_of_a_known_table_are_known_as_json(tmp_path: Path, name: str) -> None:
    path = next(path for path in sorted((FIXTURES / name).iterdir()) if path.suffix in {".csv", ".tab"})
    alone, format_ = brought(tmp_path / "alone", path.read_text(encoding="utf-8-sig"), path.name)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.DictReader(lines))
    values = [{name: int(cell) if cell in {"1", "2"} else cell or None for name, cell in row.items()} for row in table]
    within, same = brought(tmp_path / "json", values, f"{path.stem}.json")
    assert (same, within.equals(alone)) == (format_, True)
