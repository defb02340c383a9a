"""YouTube by other tools: YouTube Data Tools, Takeout, Apify."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from analysis.corpus.readers.apify import failed, unfolded
from analysis.corpus.readers.fields import (
    Get,
    OfFile,
    ParsedItem,
    constant,
    edited,
    first,
    is_true,
    pick,
    read,
    several,
)
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.youtube import video_in_name

_NO_PLACE = ("no language and no region",)


def _reply_or_not(row: dict[str, Any]) -> str:
    """Return the markup of a row of YouTube Data Tools: comments come as HTML, replies as plain text."""
    return "plain" if row.get("isReply") in {"1", "true", "TRUE", "True"} else "html"


_data_tools = read(
    {
        "utterance_id": "id",
        "thread_id": OfFile(video_in_name),
        "parent_id": ("isReplyTo", "isReplyToId"),
        "text": "text",
        "author": ("authorChannelId", "authorName", "author"),
        "names": several("authorName", "author"),
        "posted_at": "publishedAt",
        "likes": "likeCount",
        "replies": "replyCount",
        "markup": _reply_or_not,
    }
)


#: The columns of Takeout's tables of comments and live chats, by their number: names are in the account's language.
_TAKEOUT = {
    6: ("id", "channel", "time", "price", "video", "text"),
    7: ("id", "channel", "time", "price", "parent", "video", "text"),
    8: ("id", "channel", "time", "price", "parent", "post", "video", "text"),
    9: ("id", "channel", "time", "price", "parent", "post", "video", "text", "top"),
}
#: Eight columns have the comment on top behind the text, or the post of a community before the video.
_TOP = ("id", "channel", "time", "price", "parent", "video", "text", "top")
#: The same by their names where the account is in English: their order has changed, and people change it.
_TIMES = ("Create Timestamp", "Create timestamp", "create timestamp")
_IN_ENGLISH = pick(
    {
        "id": first("Comment ID", "Live Chat ID"),
        "channel": "Channel ID",
        "price": "Price",  # known, and nothing that is said
        "time": first(*(f"{of} {rest}" for of in ("Comment", "Live Chat") for rest in _TIMES)),
        "parent": first("Parent Comment ID", "Parent comment ID"),
        "post": "Post ID",
        "video": "Video ID",
        "text": first(*(f"{of} {rest}" for of in ("Comment", "Live Chat") for rest in ("Text", "text"))),
        "top": first("Top-Level Comment ID", "Top-level comment ID"),
    }
)
#: What stands in each column, whatever its name.
_CELLS = {
    "channel": re.compile(r"UC[\w-]{22}"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]*"),
    "price": re.compile(r"[\d.,]*"),
    "parent": re.compile(r"(?:Ug[\w.-]+)?"),
    "video": re.compile(r"(?:[\w-]{11})?"),
}
_ALONE = {"video": re.compile(r"[\w-]{11}"), **{name: _CELLS[name] for name in ("channel", "time")}}
_ALONE["post"] = re.compile(r"Ugkx[\w-]{8,}")
_OWN_ID = re.compile(r"Ug(?!kx)[\w-]{14,}(?:\.[\w-]+)?")
_NAMED = re.compile(r"^column \d+$| \(\d+\)$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_JSON_TEXT = re.compile(r'\s*\{"')
_takeout = pick(
    {
        "utterance_id": "id",
        "thread_id": ("video", "post"),
        "parent_id": ("parent", "top"),
        "author": "channel",
        "posted_at": "time",
    }
)


def takeout_text(cell: str) -> str:
    r"""Return the words of a Takeout cell: ``{"takeoutSegments":[{"text":…}]}``, ``{"text":…},{"text":…}``, or plain.

    >>> takeout_text('{"text":"see "},{"text":"@Ivo","mention":{}}'), takeout_text("plain, as before 2023")
    ('see @Ivo', 'plain, as before 2023')
    """
    if not cell.lstrip().startswith('{"'):
        return cell
    try:
        # Line ends stand bare within these strings.
        parts = json.loads(f"[{cell}]", strict=False)
    except (ValueError, RecursionError):
        return cell
    segments = [part for each in parts for part in _list(each.get("takeoutSegments") or each)]
    return "".join(part["text"] for part in segments if isinstance(part, dict) and isinstance(part.get("text"), str))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _takeout_cells(cells: Sequence[str]) -> dict[str, str]:
    """Return a row's cells by their number, of a table with other columns by what stands in them alone."""
    names = _TAKEOUT.get(len(cells), ())
    if len(cells) == len(_TOP) and not _JSON_TEXT.match(cells[-1]) and _CELLS["parent"].fullmatch(cells[-1].strip()):
        names = _TOP
    found = dict(zip(names, cells, strict=False))
    if all(form.fullmatch(found.get(name, "?").strip()) for name, form in _CELLS.items() if name in (names or _CELLS)):
        return found
    alone = {name: cell.strip() for name, form in _ALONE.items() for cell in cells if form.fullmatch(cell.strip())}
    # Of the ids the comment's own is the longest: a reply's begins with the one that it answers.
    ids = [cell.strip() for cell in cells if _OWN_ID.fullmatch(cell.strip())]
    words = [cell for cell in cells if cell.strip() not in {*alone.values(), *ids}]
    own = max(ids, key=len, default="")
    alone |= {"id": own, "parent": own.partition(".")[0] if "." in own else ""}
    return alone | {"text": max(words, key=lambda cell: (_JSON_TEXT.match(cell) is not None, len(cell)), default="")}


def _takeout_row(row: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    cells = _IN_ENGLISH(row) if "Channel ID" in row else _takeout_cells(list(row.values()))
    yield {**_takeout(cells), "text": takeout_text(cells.get("text", ""))}


def _in_any_language(sample: Sample) -> bool:
    """Tell Takeout's table by the cells of its first row: its header is in the language of the account."""
    try:
        # Saved by a spreadsheet it has other marks, or is a workbook, whose blank cells are named by their places.
        rows: Iterable[list[str]] = csv.reader(io.StringIO(sample.text, newline=""), delimiter=sample.delimiter)
        if sample.kind == "xlsx":
            rows = ([_NAMED.sub("", cell) for cell in document] for document in sample.documents)
        header, first = islice((row for row in rows if any(row)), 2)
    except (csv.Error, ValueError):  # no table, or one without rows
        return False
    if "Channel ID" in header or len(set(header)) != len(first):
        return False
    cells = _takeout_cells(first)
    if "price" in cells:
        return True
    return {"channel", "time"} <= cells.keys() and bool(cells["id"] and _JSON_TEXT.match(cells["text"]))


def _apify_also(parsed: ParsedItem, record: dict[str, Any]) -> None:
    """Say whether the uploader speaks (a table has words for it), and whether an item is an error of the tool."""
    parsed["uploader"] = is_true(record.get("authorIsChannelOwner"))
    parsed |= failed(record, "comment")


#: "2 days ago" is not a time, since nobody says before when.
_apify = read(
    {
        "utterance_id": "cid",
        "thread_id": ("videoId", OfFile(video_in_name)),
        "parent_id": "replyToCid",
        "text": "comment",
        "author": "author",
        "likes": "voteCount",
        "replies": "replyCount",
        "platform_comment_count": "commentsCount",
    },
    _apify_also,
)

_apify_video = pick(
    {
        "utterance_id": "id",
        "thread_id": "id",
        # The title as it was given; a translated one stands beside it.
        "text": lambda item: "\n".join(part for part in (item.get("title"), item.get("text")) if part),
        "author": ("channelId", "channelUsername", "channelName"),
        "names": lambda item: (item.get("channelName"), item.get("channelUsername")),
        # "2 years ago" is not a time, since nobody says before when.
        "posted_at": lambda item: item.get("date") if _DATE.match(str(item.get("date"))) else None,
        "likes": "likes",
        "platform_comment_count": "commentsCount",
        "kind": constant("caption"),
    }
)


def _apify_item(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    item = unfolded(record)
    yield _apify_video(item) | failed(item, "title")


#: What the Data API calls a comment's parts: scripts leave the names, their way in dots, or neither of both.
_ON_TOP, _SNIPPET = "snippet.topLevelComment.snippet.", "snippet."


def _api_column(*names: str) -> Get:
    return first(*(f"{way}{name}" for name in names for way in (_ON_TOP, _SNIPPET, "")))


def _answered(row: dict[str, Any]) -> object:
    """Return the comment above, if the table says it: Facepager numbers its rows, and what they were fetched from."""
    return None if "object_id" in row else row.get("parent_id")


_script = read(
    {
        "utterance_id": first("snippet.topLevelComment.id", "commentId", "comment_id", "object_id", "id"),
        "thread_id": (first("snippet.videoId", f"{_ON_TOP}videoId", "videoId", "video_id"), OfFile(video_in_name)),
        "parent_id": first("snippet.parentId", "parentId", _answered),
        "text": _api_column("textOriginal", "textDisplay"),
        "author": _api_column("authorChannelId.value", "authorChannelId", "authorDisplayName"),
        "names": several(_api_column("authorDisplayName")),
        "posted_at": _api_column("publishedAt"),
        "edited": edited(_api_column("updatedAt"), _api_column("publishedAt")),
        "likes": _api_column("likeCount"),
        "replies": first("snippet.totalReplyCount", "totalReplyCount"),
        "markup": lambda row: "plain" if _api_column("textOriginal")(row) else "html",  # type: ignore[operator]
    }
)


def _by_the_api(sample: Sample) -> bool:
    """Tell a script's table by a header with the API's own names."""
    names = {name.rsplit(".", 1)[-1] for header in sample.documents[:1] for name in header}
    return {"publishedAt", "authorDisplayName", "likeCount"} <= names and bool({"textOriginal", "textDisplay"} & names)


def _takeout_format(what: str, *required: str, **rest: Any) -> Format:  # noqa: ANN401  passed on
    return Format(
        name=f"youtube-takeout-{what}",
        tool="Google Takeout",
        platform="youtube",
        about="comments",
        required=required,
        read=_takeout_row,
        kinds=("csv",),
        limitations=("only the account's own comments", "no likes and no replies", *_NO_PLACE),
        **rest,
    )


_format = partial(Format, platform="youtube")

FORMATS = (
    _format(
        name="youtube-data-tools",
        tool="YouTube Data Tools",
        about="comments",
        required=("replyCount", "likeCount", "publishedAt", "authorName|author", "text", "isReply"),
        read=_data_tools,
        kinds=("csv",),
        escape="\\",
        versions={"with accounts": ("authorChannelId",), "pseudonymised by the tool": ("isReply",)},
        limitations=(
            "no video id (it is taken from the file's name)",
            "no backslashes and line ends in a text",
            *_NO_PLACE,
        ),
    ),
    _format(
        name="youtube-script-comments",
        tool="a script with the YouTube Data API",
        about="comments",
        required=(),
        read=_script,
        kinds=("csv",),
        sniff=_by_the_api,
        sniff_hint="textOriginal or textDisplay, authorDisplayName, publishedAt, likeCount (behind dots too)",
        limitations=("mostly no ids", "no video id but in a column or the file's name", *_NO_PLACE),
        by_names=True,
    ),
    _takeout_format("comments", "Comment ID", "Channel ID", "Video ID", "Comment Text|Comment text"),
    _takeout_format(
        "localised", sniff=_in_any_language, sniff_hint="the cells of its first row, whatever its header says"
    ),
    _takeout_format("live-chats", "Live Chat ID", "Channel ID", "Video ID", "Live Chat Text|Live Chat text"),
    _format(
        name="apify-youtube-comments",
        tool="Apify",
        about="comments",
        required=("cid", "comment", "author", "voteCount", "replyCount"),
        read=_apify,
        kinds=ANY,
        limitations=('no times (only "2 days ago", of no day)', "no channel ids", *_NO_PLACE),
    ),
    _format(
        name="apify-youtube-posts",
        tool="Apify",
        about="posts",
        required=("id", "title", "url", "channelName", "viewCount", "date", "text"),
        read=_apify_item,
        kinds=ANY,
        limitations=("no comments, and the speech only where it was asked for (import the captions)", *_NO_PLACE),
    ),
)
