"""What the fixtures of X and Twitter cannot show: names, and retweets within retweets."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.corpus import ImportOptions, import_files, read_corpus
from analysis.corpus.readers import formats
from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.format import File

FOLDER = Path(__file__).parent.parent / "fixtures" / "imports"
BY_FORMAT = {format_.name: format_ for format_ in formats()}


def parsed_items(format_: str, *records: dict[str, Any], file: str = "file.json") -> list[ParsedItem]:
    return [parsed for record in records for parsed in BY_FORMAT[format_].read(record, File(file))]


@pytest.mark.parametrize(
    ("format_", "name"),
    [
        ("zeeschuimer-twitter", "gen1.ndjson"),
        ("zeeschuimer-twitter", "gen2.ndjson"),
        ("zeeschuimer-twitter", "gen3.ndjson"),
        ("twitter-v2-pages", "pages.jsonl"),
        ("twitter-v2-flat", "flat.jsonl"),
        ("twitter-v2-users", "users.jsonl"),
        ("twitter-v1", "extended.jsonl"),
    ],
)
def test_rules_may_match_the_account_and_the_shown_name_in_every_generation(format_: str, name: str) -> None:
    first, *_ = (FOLDER / format_ / name).read_text(encoding="utf-8").split("\n")
    parsed = parsed_items(format_, json.loads(first))[0]
    number = str(parsed["author"]).removeprefix("90")
    assert {f"demo_{number}", f"Demo {number}"} <= set(parsed["names"])


def test_a_retweet_of_a_retweet_goes_one_step_only() -> None:
    tweet: dict[str, Any] = {"id_str": "0", "text": "innermost", "user": {"id_str": "9", "screen_name": "demo_9"}}
    for number in range(1, 5_000):
        tweet = {"id_str": str(number), "text": f"RT {number}", "user": tweet["user"], "retweeted_status": tweet}
    (parsed,) = parsed_items("twitter-v1", tweet)
    assert (parsed["text"], parsed["parent_id"]) == ("RT 4998", "4998")


def test_likes_of_a_retweet_are_missing_and_not_zero() -> None:
    user = {"id_str": "9", "screen_name": "demo_9"}
    inner = {"id_str": "1", "text": "said", "user": user, "favorite_count": 7}
    (parsed,) = parsed_items("twitter-v1", {**inner, "id_str": "2", "favorite_count": 0, "retweeted_status": inner})
    assert "likes" not in parsed
    assert parsed_items("twitter-v1", inner)[0]["likes"] == 7


def test_what_a_stream_or_a_page_says_of_itself_is_no_tweet() -> None:
    assert parsed_items("twitter-v2-pages", {"meta": {"result_count": 0}}) == []
    (parsed,) = parsed_items("twitter-v2-pages", {"errors": [{"title": "made up"}]})
    assert parsed == {"problem": "an API error, not a tweet"}
    damaged = {"data": [{"id": "1", "text": "x", "author_id": "2", "referenced_tweets": 5}, {"id": "3", "text": "y"}]}
    assert [parsed.get("text") for parsed in parsed_items("twitter-v2-pages", damaged)] == [None, "y"]


def test_a_page_and_its_flattened_tweets_say_the_same() -> None:
    first, *_ = (FOLDER / "twitter-v2-pages" / "pages.jsonl").read_text(encoding="utf-8").split("\n")
    page = json.loads(first)
    page["data"] = [tweet for tweet in page["data"] if tweet["text"] != "damaged"]
    users = {user["id"]: user for user in page["includes"]["users"]}
    tweets = {tweet["id"]: tweet for tweet in page["includes"]["tweets"]}
    flat = []
    for tweet in page["data"]:
        flattened = {**tweet, "author": users.get(tweet["author_id"], {}), "__twarc": page["__twarc"]}
        if "referenced_tweets" in tweet:
            flattened["referenced_tweets"] = [{**tweets.get(to["id"], {}), **to} for to in tweet["referenced_tweets"]]
        if "geo" in tweet:
            flattened["geo"] = {**page["includes"]["places"][0], "id": "x"}
        flat.append(flattened)

    def filled(found: list[ParsedItem]) -> list[ParsedItem]:
        return [{name: value for name, value in parsed.items() if value is not None} for parsed in found]

    assert filled(parsed_items("twitter-v2-flat", *flat)) == filled(parsed_items("twitter-v2-pages", page))


#: A post and what was made of it twenty-five minutes later.
FIRST, SECOND = "1578894000000000001", "1578900353814519810"
Version = dict[str, Any]


def _v2(name: str, text: str, ids: list[str]) -> Version:
    when = "2022-10-08T23:43:58.000Z" if name == FIRST else "2022-10-09T00:09:13.000Z"
    told = {"id": name, "text": text, "author_id": "901", "conversation_id": name, "created_at": when}
    return {**told, "edit_history_tweet_ids": ids}


def _v2_page(name: str, text: str, ids: list[str]) -> Version:
    seen = "2022-12-01T00:00:00+00:00" if SECOND in ids else "2022-10-08T23:50:00+00:00"
    return {"data": [_v2(name, text, ids)], "__twarc": {"retrieved_at": seen}}


def _v2_bare(name: str, text: str, ids: list[str]) -> Version:
    return {"data": [{"id": name, "text": text, "edit_history_tweet_ids": ids}]}


def _v2_row(name: str, text: str, ids: list[str]) -> Version:
    told = {**_v2(name, text, ids), "reply_settings": "everyone", "edit_history_tweet_ids": json.dumps(ids)}
    return {**told, "__twarc.retrieved_at": "2022-12-01T00:00:00+00:00"}


def _captured(name: str, text: str, ids: list[str]) -> Version:
    when = "Sat Oct 08 23:43:58 +0000 2022" if name == FIRST else "Sun Oct 09 00:09:13 +0000 2022"
    legacy = {"created_at": when, "conversation_id_str": name, "full_text": text, "user_id_str": "901", "id_str": name}
    control = {"edit_tweet_ids": ids} if name == FIRST else {"edit_control_initial": {"edit_tweet_ids": ids}}
    data = {"rest_id": name, "legacy": legacy, "edit_control": control}
    return {"timestamp_collected": 1769182968001, "source_platform": "twitter.com", "data": data}


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(_v2_page, id="pages"),
        pytest.param(lambda *said: {"data": _v2(*said), "matching_rules": [{"id": "1"}]}, id="stream"),
        pytest.param(_v2, id="flat"),
        pytest.param(_v2_bare, id="bare"),
        pytest.param(_v2_row, id="table"),
        pytest.param(_captured, id="zeeschuimer"),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["known", "not-yet-edited"])
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("files", [1, 2])
def test_the_versions_of_an_edited_post_are_one_utterance_and_the_newest_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: Callable[..., Version],
    known: bool,  # noqa: FBT001  a case
    newest_first: bool,  # noqa: FBT001  a case
    files: int,
) -> None:
    monkeypatch.setenv("VANTAGE_KEY", "a key of some length")
    if not known and version in {_v2_row, _captured}:
        pytest.skip("gathered at another time, before the edit")
    both = [version(FIRST, "so staged", [FIRST, SECOND] if known else [FIRST])]
    both.append(version(SECOND, "not staged at all", [FIRST, SECOND]))
    both = both[::-1] if newest_first else both
    parts = [both] if files == 1 else [[one] for one in both]
    paths = [tmp_path / f"{number}.{'csv' if version is _v2_row else 'jsonl'}" for number in range(files)]
    for path, records in zip(paths, parts, strict=True):
        with path.open("w", encoding="utf-8", newline="") as out:
            if version is _v2_row:
                table = csv.DictWriter(out, records[0])
                table.writeheader()
                table.writerows(records)
            else:
                out.writelines(json.dumps(one) + "\n" for one in records)
    imported = import_files(paths, tmp_path / "corpus", ImportOptions("Test"))
    frame = read_corpus(tmp_path / "corpus")
    assert list(zip(frame["utterance_id"], frame["text"], strict=True)) == [(FIRST, "not staged at all")]
    told = [(report.read, report.imported, report.duplicates) for report in imported.reports]
    assert [sum(counts) for counts in zip(*told, strict=True)] == [2, 1, 1]
    if version is not _v2_bare:
        assert (frame["thread_id"].item(), str(frame["posted_at"].item())) == (FIRST, "2022-10-08 23:43:58+00:00")
