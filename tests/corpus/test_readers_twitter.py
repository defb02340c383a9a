"""What the fixtures of X and Twitter cannot show: names, and retweets within retweets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
