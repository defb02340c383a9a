"""Reddit: Pushshift's and Arctic Shift's dumps, and tables that were made from the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from analysis.corpus.convert import missing
from analysis.corpus.readers.fields import (
    CHILDREN,
    ParsedItem,
    children,
    constant,
    edited,
    lines,
    marked,
    matched,
    one,
    pick,
    read,
    records_at,
    several,
)
from analysis.corpus.readers.format import ANY, File, Format

_GONE = frozenset({"[deleted]", "[removed]"})
_NOBODY = _GONE | {"AutoModerator"}
_LIMITATIONS = (
    "no region",
    "likes are votes for minus votes against",
    "quoted lines are left out: they are another's words",
)


def _named(mark: str, *columns: str) -> Callable[[dict[str, Any]], str | None]:
    """Return a function that gives the full name of a record (t1_ comment, t3_ post), which ``id`` may be already.

    A script that keeps the API's other names may have one of its own for it (``columns``).
    """

    def name(record: dict[str, Any]) -> str | None:
        full = record.get("name")
        if isinstance(full, str) and full.startswith(("t1_", "t3_")):
            return full
        found = next((value for key in ("id", *columns) if isinstance(value := record.get(key), str) and value), None)
        return found if found is None or found.startswith(("t1_", "t3_")) else mark + found

    return name


def _author(record: dict[str, Any]) -> object:
    """Return who wrote it, unless the account is gone."""
    author = record.get("author")
    return None if author in _NOBODY else author


def _problem(record: dict[str, Any]) -> str | None:
    """Return why this is nobody's utterance."""
    return "written by AutoModerator" if record.get("author") == "AutoModerator" else None


def _score(record: dict[str, Any]) -> object:
    """Return the score, unless Reddit hid it."""
    return None if record.get("score_hidden") is True else record.get("score")


def _title_and_text(post: dict[str, Any]) -> object:
    """Return a post's words; of one that is gone what stands in their place, whatever its title was."""
    title, text = post.get("title"), post.get("selftext")
    return text if text in _GONE else "\n".join(filter(None, (title, text)))


_comment = pick(
    {
        "utterance_id": _named("t1_", "comment_id"),
        "thread_id": "link_id",
        "parent_id": "parent_id",
        "text": "body",
        "author": _author,
        "posted_at": "created_utc",
        "likes": _score,
        "crawled": ("retrieved_utc", "retrieved_on"),
        "edited": edited("edited", "created_utc"),
        "problem": _problem,
    }
)
_post = pick(
    {
        "utterance_id": _named("t3_", "post_id", "submission_id"),
        "thread_id": _named("t3_", "post_id", "submission_id"),
        "text": _title_and_text,
        "author": _author,
        "posted_at": "created_utc",
        "likes": _score,
        "replies": "num_comments",
        "platform_comment_count": "num_comments",
        "crawled": ("retrieved_utc", "retrieved_on", "collection_date"),
        "edited": edited("edited", "created_utc"),
        "kind": constant("post"),
        "problem": _problem,
    }
)

_CREATED = ("created_utc", "created", "timestamp")
#: Scripts that use PRAW choose names of their own; these are those of its attributes, and of much-copied tutorials.
_PRAW_COMMENT = {
    "utterance_id": marked("t1_", ("comment_id", "id")),
    "thread_id": marked("t3_", ("post_id", "submission_id", "link_id")),
    "parent_id": "parent_id",
    "text": ("body", "comment_body", "comment", "text"),
    "author": _author,
    "posted_at": _CREATED,
    "edited": edited("edited", _CREATED),
    "likes": ("score", "ups", "upvotes"),
    "problem": _problem,
}
_PRAW_POST = {
    "utterance_id": marked("t3_", ("id", "post_id")),
    "thread_id": marked("t3_", ("id", "post_id")),
    "text": lines("title", ("body", "text")),
    "author": _author,
    "posted_at": _CREATED,
    "edited": edited("edited", _CREATED),
    "likes": ("score", "ups", "upvotes"),
    "replies": ("num_comments", "comms_num"),
    "platform_comment_count": ("num_comments", "comms_num"),
    "kind": constant("post"),
    "problem": _problem,
}

#: A script that keeps the comments with their post; they may nest.
_WITH_COMMENTS = {
    **_PRAW_POST,
    "text": _title_and_text,
    CHILDREN: children("comments", fields={**_PRAW_COMMENT, CHILDREN: children("replies")}),
}
_praw_post, _praw_comment = read(_PRAW_POST), read(_PRAW_COMMENT)


def _post_or_comment(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a row of a much-copied script: what it calls "Comment" and gives no link is one, of a post it forgot."""
    is_comment = row.get("title") == "Comment" and missing(row.get("url"))
    yield from _praw_comment(row, file) if is_comment else _praw_post(row, file)


_ACCOUNT = ("userId", "authorId", "username", "authorName")
#: Apify's most used scrapers of Reddit: posts and comments in one list, also of communities and accounts.
_APIFY = {
    "utterance_id": "id",
    "thread_id": marked("t3_", ("postId", "parsedPostId", matched(r"/comments/(\w+)", "url"))),
    "parent_id": "parentId",
    "text": lines("title", "body"),
    "author": lambda row: next((row[key] for key in _ACCOUNT if row.get(key) not in {None, "", *_NOBODY}), None),
    "names": several("username", "authorName"),
    "posted_at": ("commentCreatedAt", "createdAt"),
    "likes": ("commentUpVotes", "upVotes"),
    "replies": ("numberOfComments", "commentsCount", "numberOfreplies", "numberOfReplies"),
}


def _apify_row(parsed: ParsedItem, row: dict[str, Any]) -> None:
    """Say what a row is: a comment under a post whose title may stand beside it, a post, or neither."""
    if row.get("dataType") == "comment":
        parsed |= {"text": row.get("body"), "kind": "comment"}
    elif row.get("dataType") == "post":
        parsed |= {"thread_id": parsed.get("utterance_id"), "kind": "post"}
        parsed |= {"platform_comment_count": parsed["replies"]} if "replies" in parsed else {}
    else:
        parsed["problem"] = "a community or an account, not a text"
    if "AutoModerator" in {row.get("username"), row.get("authorName")}:
        parsed["problem"] = "written by AutoModerator"


_read_post, _read_comment = one(_post), one(_comment)
#: What tells an archived comment or post, as it stands in a file or within a page of an API's answer.
_POST_FIELDS = ("title", "selftext", "num_comments", "created_utc", "author")
_COMMENT_FIELDS = ("body", "link_id", "parent_id", "created_utc", "author")


def _listing(entry: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a post or a comment as Reddit's own pages have it (``….json``), with the replies beneath it."""
    waiting = [entry]
    while waiting:
        found = waiting.pop()
        data = found["data"]
        if found.get("kind") == "t3":
            yield from _read_post(data, file)
        elif found.get("kind") == "t1":
            yield from _read_comment(data, file)
            waiting += reversed(records_at(data, "replies.data.children"))


_format = partial(Format, tool="Pushshift / Arctic Shift", platform="reddit")

FORMATS = (
    _format(
        name="reddit-comments",
        about="comments",
        required=_COMMENT_FIELDS,
        read=_read_comment,
        kinds=ANY,
        markup="entities",
        versions={
            "a script's, with comment_id": ("comment_id",),
            "from 2018: with permalink": ("permalink",),
            "without permalink, as to 2017": ("link_id",),
        },
        limitations=_LIMITATIONS,
    ),
    _format(
        name="reddit-posts",
        about="posts",
        required=_POST_FIELDS,
        read=_read_post,
        kinds=ANY,
        markup="entities",
        limitations=_LIMITATIONS,
    ),
    *(
        _format(
            name=f"reddit-{what}-pages",
            tool="PullPush / Pushshift's API",
            about=f"{what}s",
            required=tuple(f"data.{name}" for name in fields),
            forbidden=("data.comments",),
            record_path=("data",),
            read=reading,
            markup="entities",
            limitations=_LIMITATIONS,
        )
        for what, fields, reading in (
            ("comment", _COMMENT_FIELDS, _read_comment),
            ("post", _POST_FIELDS, _read_post),
        )
    ),
    _format(
        name="apify-reddit",
        tool="Apify",
        about="posts and comments",
        required=("id", "parsedId", "body", "username|authorName", "upVotes|commentUpVotes", "dataType"),
        read=read(_APIFY, _apify_row),
        kinds=ANY,
        markup="entities",
        limitations=_LIMITATIONS,
    ),
    _format(
        name="praw-comments",
        tool="a script with PRAW",
        about="comments",
        required=(
            "comment_id|parent_id|submission_id",
            "post_id|submission_id",
            "body|comment_body|comment|text",
            "score|ups|upvotes",
            "created_utc|subreddit",
            "author",
        ),
        forbidden=("link_id", "video_id"),
        read=_praw_comment,
        kinds=ANY,
        markup="entities",
        limitations=_LIMITATIONS,
        by_names=True,
    ),
    _format(
        name="praw-posts",
        tool="a script with PRAW",
        about="posts",
        required=(
            "title",
            "score|ups",
            "comms_num|num_comments",
            "url",
            "body|text",
            "created|created_utc|timestamp",
        ),
        forbidden=("source_platform", "comment_id", "selftext"),
        read=_post_or_comment,
        kinds=ANY,
        markup="entities",
        limitations=("not which post a comment among them stands under", *_LIMITATIONS),
    ),
    _format(
        name="praw-threads",
        tool="a script with PRAW",
        about="posts and comments",
        required=(
            "title",
            "id",
            "created_utc|created",
            "comments.body",
            "comments.author",
            "comments.score|comments.id",
        ),
        read=read(_WITH_COMMENTS),
        markup="entities",
        limitations=_LIMITATIONS,
    ),
    _format(
        name="reddit-listing",
        tool="Reddit's site",
        about="posts and comments",
        required=("data.children.kind", "data.children.data.subreddit", "data.children.data.author"),
        record_path=("data", "children"),
        read=_listing,
        markup="entities",
        limitations=("not the comments that are folded away (more)", *_LIMITATIONS),
    ),
)
