"""TikTok's official download, what an account's owner gets: one JSON document, or a folder of text files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.fields import ParsedItem, pick
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.tiktok_exports import video_id

# The sections of a download are renamed now and then; how deep they lie is not.
_DEPTH = 8
_OWN_TEXT = frozenset({"", "n/a", "none"})
#: An entry of a text file begins with its date, in UTC.
_DATE = re.compile(r"^Date: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: UTC)?[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"([A-Z][A-Za-z() -]{2,24}): ?(.*)")
#: Text files have the names of the JSON document, with blanks and brackets in them.
_FIELDS = frozenset(
    {"comment", "photo", "url", "link", "likes", "title", "sound", "location", "coverimage", "alternatetext"}
    | {"whocanview", "allowcomments", "allowstitches", "allowduets", "allowstickers", "allowsharingtostory"}
    | {"contentdisclosure", "aigeneratedcontent", "addyourstext", "datedeleted"}
)


def _named(value: object, name: str, depth: int = _DEPTH) -> Iterator[Any]:
    """Yield what stands under a name, wherever in a download."""
    if not isinstance(value, dict) or not depth:
        return
    for key, inner in value.items():
        if key == name:
            yield inner
        yield from _named(inner, name, depth - 1)


def _entries(document: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of the lists of a name; a list that is empty is null."""
    for entries in _named(document, name):
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield entry


_own_comment = pick({"text": ("comment", "Comment"), "posted_at": ("date", "Date")})
_own_video = pick({"text": ("Title", "title"), "posted_at": ("Date", "date"), "likes": ("Likes", "likes")})


def _download(document: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield the account's own comments, and the titles of its videos.

    What it watched, liked, searched and wrote to others stands in the same document and is passed over; a list of
    videos that have no titles is of those.
    """
    account = next((name for name in _named(document, "userName") if isinstance(name, str)), None)
    for entry in _entries(document, "CommentsList"):
        yield _own(_own_comment(entry), account, entry.get("url"))
    for entry in _entries(document, "VideoList"):
        if "Title" in entry or "title" in entry:
            yield {**_own(_own_video(entry), account, entry.get("Link")), "kind": "caption"}


def _own(parsed: ParsedItem, account: str | None, url: object) -> ParsedItem:
    """Return a parsed item of a download: its times end in "UTC" or in nothing, and "N/A" is no text."""
    when = parsed.get("posted_at")
    if isinstance(when, str):
        parsed["posted_at"] = when.removesuffix(" UTC")
    text = parsed.get("text")
    if isinstance(text, str) and text.strip().lower() in _OWN_TEXT:
        parsed["text"] = ""
    return {**parsed, "author": account, "thread_id": video_id(url)}


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """Yield the entries of a text file under the names of the JSON document; a text goes on to the next name."""
    dates = list(_DATE.finditer(text))
    for number, date in enumerate(dates):
        entry, name = {"date": date[1]}, ""
        end = dates[number + 1].start() if number + 1 < len(dates) else len(text)
        for line in text[date.end() : end].split("\n")[1:]:
            found = _FIELD.fullmatch(line)
            new = re.sub("[^a-z]", "", found[1].lower()) if found else ""
            if found and new in _FIELDS and new not in entry:
                name = new
                entry[name] = found[2]
            elif name:
                entry[name] += f"\n{line}"
        yield {name: value.strip() for name, value in entry.items()}


def _text_comments(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    for entry in _blocks(record["text"]):
        yield _own(_own_comment(entry), None, entry.get("url"))


def _text_posts(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    for entry in _blocks(record["text"]):
        yield {**_own(_own_video(entry), None, entry.get("link")), "kind": "caption"}


def _first_has(sample: Sample, *names: str) -> bool:
    """Tell whether the first entry of a text file has these names, and was not deleted by its author."""
    first = next(_blocks(sample.text[:_BEGINNING].replace("\r\n", "\n")), {})
    return all(name in first for name in names) and "datedeleted" not in first


_BEGINNING = 2**14
_DOWNLOAD = ("this account's own words only", "no replies", "mostly no video (a comment's address is left out)")

_format = partial(Format, tool="TikTok download", platform="tiktok")

FORMATS = (
    _format(
        name="tiktok-download",
        about="posts",
        required=("Comment.Comments",),
        read=_download,
        limitations=_DOWNLOAD,
    ),
    _format(
        # The account's activity stands first, and may be all that the beginning of a large download shows.
        name="tiktok-download-activity",
        about="posts",
        required=("Activity.Activity Summary",),
        forbidden=("Comment.Comments",),
        read=_download,
        limitations=_DOWNLOAD,
    ),
    _format(
        name="tiktok-download-text-comments",
        about="comments",
        required=(),
        read=_text_comments,
        kinds=("text",),
        sniff=lambda sample: _first_has(sample, "comment"),
        sniff_hint="Date: 2022-01-01 00:00:00 UTC, and Comment: beneath it",
        limitations=("does not say whose download it is", *_DOWNLOAD),
    ),
    _format(
        name="tiktok-download-text-posts",
        about="posts",
        required=(),
        read=_text_posts,
        kinds=("text",),
        sniff=lambda sample: _first_has(sample, "link", "likes"),
        sniff_hint="Date: 2022-01-01 00:00:00 UTC, and Link: and Like(s): beneath it",
        limitations=(
            "does not say whose download it is",
            "only titles; older downloads have none",
            _DOWNLOAD[0],
        ),
    ),
)
