"""Instagram: Zeeschuimer, Apify, instaloader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analysis.corpus.readers.apify import failed, unfolded
from analysis.corpus.readers.fields import ParsedItem, find, is_true, pick, with_replies
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.zeeschuimer import captured, fourcat

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE = re.compile(r"/(?:p|reels?|tv)/([\w-]+)")
_CAPTION = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_UTC\.txt")
_ADVERT = "facebook.com/ads"
_AD = "an advertisement"
_NO_REGION = "no language and no region (a tagged place is the picture's)"


def shortcode(media: object) -> str | None:
    """Return the code of a post in its address (``/p/CODE/``) from its number, which may have its account behind it.

    >>> shortcode("3783916721875509634_55317749485")
    'DSDLDXjDOGC'
    """
    digits = str(media).partition("_")[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):  # noqa: PLR2004  64 bits
        return None
    number, code = int(digits), ""
    while number:
        number, place = divmod(number, len(_ALPHABET))
        code = _ALPHABET[place] + code
    return code or None


def code_in(address: object) -> str | None:
    """Return the post's code in an address, or the address itself where it holds none."""
    found = _CODE.search(address) if isinstance(address, str) else None
    return found[1] if found else address if isinstance(address, str) and address else None


_media = pick(
    {
        "text": lambda node: (
            find(node, "caption.text") if isinstance(node.get("caption"), dict) else node.get("caption")
        ),
        "author": ("user.pk", "user.id", "owner.id", "user.username", "owner.username"),
        "posted_at": ("taken_at", "taken_at_timestamp"),
        "likes": ("like_count", "edge_media_preview_like.count", "edge_liked_by.count"),
        "replies": (
            "comment_count",
            "edge_media_to_comment.count",
            "edge_media_to_parent_comment.count",
            "edge_media_preview_comment.count",
        ),
    }
)


def _code(node: dict[str, Any]) -> str | None:
    return node.get("code") or node.get("shortcode") or shortcode(node.get("pk") or node.get("id"))


def media(node: dict[str, Any]) -> ParsedItem:
    """Return a post in any of Instagram's three schemas (item, Graph, Polaris).

    The thread is the code in its address, which every tool has; what its author says beneath a video is a caption.
    """
    if node.get("product_type") == "ad" or _ADVERT in str(node.get("link") or ""):
        return {"problem": _AD}
    parsed = _media(node)
    for edge in find(node, "edge_media_to_caption.edges") or ():
        parsed["text"] = find(edge, "node.text")
    names = ("user.username", "user.full_name", "owner.username", "owner.full_name")
    parsed["names"] = tuple(find(node, name) for name in names)
    parsed["utterance_id"] = parsed["thread_id"] = _code(node)
    if node.get("like_and_view_counts_disabled") is True or str(parsed.get("likes")).startswith("-"):
        parsed.pop("likes", None)
    if "replies" in parsed:
        parsed["platform_comment_count"] = parsed["replies"]
    video = str(node.get("media_type")) == "2" or node.get("is_video") is True or "Video" in str(node.get("__typename"))
    return {**parsed, "kind": "caption" if video else "post"}


_zs_comment = pick(
    {
        "utterance_id": ("comment_id", "pk", "id"),
        "thread_id": (
            "post_shortcode",
            lambda comment: shortcode(comment.get("post_id")),
            "post_id",
        ),
        "parent_id": "parent_comment_id",
        "text": "text",
        "author": ("user.id", "user.unique_id"),
        "posted_at": ("created_at_utc", "created_at"),
        "likes": ("comment_like_count", "like_count"),
        "replies": "child_comment_count",
    }
)


def _zeeschuimer_comment(line: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    comment = line["data"]
    names = (find(comment, "user.unique_id"), find(comment, "user.nickname"))
    yield {**_zs_comment(comment), "names": names, "crawled": line.get("timestamp_collected")}


_apify = pick(
    {
        "utterance_id": "id",
        "thread_id": lambda comment: code_in(comment.get("postUrl") or comment.get("commentUrl")),
        "text": "text",
        "author": ("owner.id", "ownerId", "ownerUsername"),
        "posted_at": "timestamp",
        "likes": "likesCount",
        "replies": "repliesCount",
    }
)


def _apify_comments(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a comment and the replies within it, as deep as they go."""
    if problem := failed(record):
        yield problem
        return
    yield from _with_replies(unfolded(record, "replies"), None)


def _with_replies(comment: dict[str, Any], thread: str | None) -> Iterator[ParsedItem]:
    thread = _apify(comment).get("thread_id", thread)
    for found, above in with_replies(comment, "replies"):
        names = (found.get("ownerUsername"), find(found, "owner.full_name"))
        parsed = {"thread_id": thread, **_apify(found), "names": names}
        yield parsed if above is None else {**parsed, "parent_id": above.get("id")}


_apify_item = pick(
    {
        "utterance_id": "shortCode",
        "thread_id": "shortCode",
        "text": "caption",
        "author": ("ownerId", "ownerUsername"),
        "posted_at": "timestamp",
        "likes": "likesCount",
        "replies": "commentsCount",
        "platform_comment_count": "commentsCount",
        "names": lambda item: (item.get("ownerUsername"), item.get("ownerFullName")),
        "kind": lambda item: "caption" if item.get("type") == "Video" else "post",
        "problem": lambda item: _AD if is_true(item.get("isAdvertisement")) else None,
    }
)


def _apify_post(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a post and the latest comments that came with it; likes that are hidden are -1."""
    item = unfolded(record, "latestComments", "replies")
    parsed = _apify_item(item) | failed(item, "caption")
    if str(parsed.get("likes")).startswith("-"):
        del parsed["likes"]
    yield parsed
    for comment in item.get("latestComments") or ():
        yield from _with_replies(comment, item.get("shortCode"))


_loaded = pick(
    {
        "utterance_id": "id",
        "text": "text",
        "author": ("owner.id", "owner.username"),
        "posted_at": "created_at",
        "likes": "likes_count",
    }
)


def _metadata(file: File) -> tuple[str, str]:
    """Return the names that the document of a post may have, as its caption and its comments are called."""
    stem = file.stem.removesuffix("_comments")
    return f"{stem}.json", f"{stem}.json.xz"


def _post_of(file: File) -> str:
    """Return the code of the post of a file of comments, else the time by which the post's files are called."""
    node = file.sidecar.get("node")
    return (isinstance(node, dict) and _code(node)) or file.stem.removesuffix("_comments")


def _instaloader_comments(comment: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    thread = _post_of(file)
    answers = [answer for answer in comment.get("answers") or () if isinstance(answer, dict)]
    for one, parent in [(comment, None), *((answer, comment.get("id")) for answer in answers)]:
        names = (find(one, "owner.username"),)
        yield {**_loaded(one), "thread_id": thread, "parent_id": parent, "names": names} | (
            {"replies": len(answers)} if parent is None else {}
        )


def _instaloader_post(document: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    yield media(document["node"])


def _instaloader_caption(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the words of a post from its ``.txt``, unless its metadata, which have them too, lie beside it.

    The name says the post and its time; that it is a video, the film beside it.
    """
    if any(map(file.has, _metadata(file))):
        yield {"problem": "the same post is read from the .json file beside it"}
        return
    day, clock, _ = file.stem.split("_")
    yield {
        "thread_id": file.stem,
        "text": record["text"].strip(),
        "posted_at": f"{day}T{clock.replace('-', ':')}Z",
        "kind": "caption" if file.has(f"{file.stem}.mp4") else "post",
    }


def _is_caption(sample: Sample) -> bool:
    """Tell a caption by its name, ``2024-05-01_12-00-00_UTC.txt``: its content may be any words."""
    return _CAPTION.fullmatch(File(sample.name).own) is not None


def _format(name: str, tool: str, about: str, required: tuple[str, ...], read: Any, **rest: Any) -> Format:  # noqa: ANN401
    """Return a format with what all of them have."""
    return Format(
        name=name,
        tool=tool,
        platform="instagram",
        about=about,
        required=required,
        read=read,
        **{"limitations": (_NO_REGION,), **rest},
    )


_ZEESCHUIMER = (
    _format(
        "zeeschuimer-instagram",
        "Zeeschuimer",
        "posts",
        ("timestamp_collected", "data"),
        captured(media),
        values={"source_platform": "instagram.com"},
        versions={
            "Graph": ("data.edge_media_to_caption",),
            "items": ("data.taken_at",),
            "Polaris, without times and counts": ("data.__typename",),
        },
        limitations=("no comments", _NO_REGION),
    ),
    _format(
        "zeeschuimer-instagram-comments",
        "Zeeschuimer",
        "comments",
        ("timestamp_collected", "data"),
        _zeeschuimer_comment,
        values={"source_platform": "instagram-comments"},
    ),
)

FORMATS = (
    *_ZEESCHUIMER,
    *map(fourcat, _ZEESCHUIMER),
    _format(
        "apify-instagram-comments",
        "Apify",
        "comments",
        ("id", "text", "timestamp", "ownerUsername", "postUrl"),
        _apify_comments,
        kinds=ANY,
        versions={
            "2: with replies": ("repliesCount",),
            "1: with positions": ("position",),
            "cut down, without likes": ("id",),
        },
        limitations=("often the first comments only", _NO_REGION),
    ),
    _format(
        "apify-instagram-posts",
        "Apify",
        "posts and comments",
        ("shortCode", "caption", "url", "ownerUsername", "commentsCount", "timestamp"),
        _apify_post,
        kinds=ANY,
        limitations=("the latest comments only", _NO_REGION),
    ),
    _format(
        "instaloader-comments",
        "instaloader",
        "comments",
        ("id", "created_at", "text", "owner.username"),
        _instaloader_comments,
        forbidden=("source_platform", "user"),
        sidecars=_metadata,
        limitations=(
            "no post id but in the .json beside it (else the file's name stands for it)",
            _NO_REGION,
        ),
    ),
    _format(
        "instaloader-posts",
        "instaloader",
        "posts",
        ("node", "instaloader.version"),
        _instaloader_post,
        values={"instaloader.node_type": "Post"},
        limitations=(_NO_REGION,),
    ),
    _format(
        "instaloader-captions",
        "instaloader",
        "posts",
        (),
        _instaloader_caption,
        kinds=("text",),
        sniff=_is_caption,
        sniff_hint="the file's name",
        limitations=(
            "only files called 2024-05-01_12-00-00_UTC.txt: nothing in them tells what they are",
            "no post whose .json lies beside it: that is read instead",
            "no account, no likes and no address of the post",
            _NO_REGION,
        ),
    ),
)
