"""What its writer changed between two crawls is one utterance, the newer one, where the platform tells the change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.corpus import FileReport, ImportOptions, import_files, read_corpus

WRITTEN, CHANGED = "2024-01-01T10:00:00Z", "2024-01-05T10:00:00Z"
SECOND, LATER = 1704103200, 1704448800
VIDEO = "vidAAAAAAA1"


def _youtube(text: str, likes: int, *, changed: bool) -> dict[str, Any]:
    said = {"textOriginal": text, "textDisplay": text, "authorChannelId": {"value": "UCx"}, "videoId": VIDEO}
    times = {"publishedAt": WRITTEN, "updatedAt": CHANGED if changed else WRITTEN}
    return {"id": "UgA", "snippet": {**said, **times, "likeCount": likes}}


def _youtube_thread(text: str, likes: int, *, changed: bool) -> dict[str, Any]:
    comment = _youtube(text, likes, changed=changed)
    return {"id": "UgA", "snippet": {"videoId": VIDEO, "topLevelComment": comment, "totalReplyCount": 0}}


def _youtube_table(text: str, likes: int, *, changed: bool) -> str:
    header = "commentId,videoId,authorDisplayName,textOriginal,publishedAt,updatedAt,likeCount"
    return f"{header}\nUgA,{VIDEO},@x,{text},{WRITTEN},{CHANGED if changed else WRITTEN},{likes}\n"


def _reddit(text: str, likes: int, *, changed: bool) -> dict[str, Any]:
    told = {"id": "c1", "link_id": "t3_a", "parent_id": "t3_a", "author": "x", "subreddit": "s"}
    return {**told, "body": text, "score": likes, "created_utc": SECOND, "edited": changed and float(LATER)}


def _reddit_post(text: str, likes: int, *, changed: bool) -> dict[str, Any]:
    told = {"id": "p1", "title": "so", "selftext": text, "author": "x", "num_comments": 0}
    return {**told, "score": likes, "created_utc": SECOND, "edited": changed and LATER}


def _listing(text: str, likes: int, *, changed: bool) -> dict[str, Any]:
    comment = {"kind": "t1", "data": _reddit(text, likes, changed=changed)}
    return {"kind": "Listing", "data": {"children": [comment]}}


def _praw(text: str, likes: int, *, changed: bool) -> str:
    header = "comment_id,submission_id,author,body,score,created_utc,edited"
    return f"{header}\nc1,a,x,{text},{likes},{SECOND}.0,{float(LATER) if changed else False}\n"


def _mastodon(text: str, likes: int, *, changed: bool) -> list[dict[str, Any]]:
    told = {"id": "112", "account": {"id": "7", "acct": "x"}, "created_at": WRITTEN, "language": "en"}
    return [{**told, "content": f"<p>{text}</p>", "favourites_count": likes, "edited_at": CHANGED if changed else None}]


def _telegram(text: str, _: int, *, changed: bool) -> dict[str, Any]:
    message = {"id": 1, "type": "message", "date": WRITTEN[:-1], "from_id": "user7", "text": text}
    # Former versions wrote the first second of all where nothing was changed.
    return {
        "id": 9,
        "type": "public_supergroup",
        "messages": [message | {"edited": (CHANGED if changed else _NEVER)[:-1]}],
    }


_NEVER = "1970-01-01T00:00:00Z"


def _telegram_new(text: str, likes: int, *, changed: bool) -> dict[str, Any]:
    chat = _telegram(text, likes, changed=changed)
    (message,) = chat["messages"]
    message |= {"date_unixtime": str(SECOND), **({"edited_unixtime": str(LATER)} if changed else {})}
    return {**chat, "messages": [message if changed else {k: v for k, v in message.items() if k != "edited"}]}


def _meta(text: str, likes: int, *, changed: bool) -> list[dict[str, Any]]:
    told = {"id": "801", "post_owner": {"id": "7"}, "creation_time": WRITTEN, "statistics": {"like_count": likes}}
    return [{**told, "text": text, "modified_time": CHANGED if changed else WRITTEN}]


SHAPES = [
    *(_youtube, _youtube_thread, _youtube_table, _reddit, _reddit_post, _listing, _praw),
    *(_mastodon, _telegram, _telegram_new, _meta),
]


def written(path: Path, document: object) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def bring(tmp_path: Path, *paths: Path) -> list[FileReport]:
    return import_files(paths, tmp_path / "corpus", ImportOptions("Test")).reports


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("newer_first", [False, True])
@pytest.mark.parametrize("commands", [1, 2])
def test_what_was_changed_since_is_one_utterance(
    tmp_path: Path, shape: Any, commands: int, *, newer_first: bool
) -> None:
    paths = [
        written(tmp_path / f"{number}.json", shape(*(("so free now", 9) if new else ("so nice", 1)), changed=new))
        for number, new in enumerate((newer_first, not newer_first))
    ]
    told = bring(tmp_path, *paths) if commands == 1 else [*bring(tmp_path, paths[0]), *bring(tmp_path, paths[1])]
    frame = read_corpus(tmp_path / "corpus")
    assert [text.removeprefix("so\n") for text in frame["text"]] == ["so free now"]
    assert frame["likes"].fillna(9).tolist() == [9]
    assert not any("of another utterance" in note for each in told for note in each.notes)


def test_what_was_changed_since_is_one_utterance_within_a_file_too(tmp_path: Path) -> None:
    lines = [_youtube("so nice", 1, changed=False), _youtube("so free now", 9, changed=True)]
    (report,) = bring(tmp_path, written(tmp_path / "a.jsonl", "".join(json.dumps(each) + "\n" for each in lines)))
    assert (report.imported, report.duplicates) == (1, 1)
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == ["so free now"]


@pytest.mark.parametrize(("name", "kept"), [("7241024491999020000", 3), ("7241024491999020391", 1)])
def test_a_rounded_id_within_a_file_is_that_of_several_utterances(tmp_path: Path, name: str, kept: int) -> None:
    row = {"comment_id": name, "aweme_id": "1", "user_id": "u", "create_time": SECOND}
    rows = [{**row, "content": text, "last_modify_ts": 1000 * LATER + n} for n, text in enumerate(("so", "no", "yes"))]
    (report,) = bring(tmp_path, written(tmp_path / "a.jsonl", "".join(json.dumps(each) + "\n" for each in rows)))
    assert (report.imported, report.duplicates) == (kept, 3 - kept)
    assert read_corpus(tmp_path / "corpus")["text"].tolist()[-1] == "yes"


@pytest.mark.parametrize(
    "other", [{"authorChannelId": {"value": "UCy"}}, {"publishedAt": CHANGED}, {"videoId": "v" * 11}]
)
def test_somebody_elses_words_or_another_threads_are_no_change_of_it(tmp_path: Path, other: dict[str, Any]) -> None:
    one, two = _youtube("so nice", 1, changed=False), _youtube("so free now", 9, changed=True)
    two["snippet"] |= other
    reports = bring(tmp_path, written(tmp_path / "a.json", one), written(tmp_path / "b.json", two))
    assert [report.imported for report in reports] == [1, 1]


def test_when_a_file_was_gathered_counts_more_than_when_its_comments_were_changed(tmp_path: Path) -> None:
    rules = written(tmp_path / "sources.yaml", "- file: 0.json\n  collected: 2025-02-01\n")
    first = written(tmp_path / "0.json", _youtube("so free now", 9, changed=False))
    second = written(tmp_path / "1.json", _youtube("so nice", 1, changed=True))
    import_files([first, second], tmp_path / "corpus", ImportOptions("Test", rules=rules))
    assert read_corpus(tmp_path / "corpus")["text"].tolist() == ["so free now"]
