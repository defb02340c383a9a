"""Blog posts: plain text and Markdown with a front matter (YAML between two lines of three dashes).

An utterance is a paragraph, with the title and headings before it: instruments read texts of a comment's length, and a
post of fifty paragraphs is no comment. The post is the thread, so that no paragraph counts as a voice of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analysis.corpus.convert import missing
from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.records import Sample

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
#: A front matter of more characters than this, or of more brackets, is none: each open one makes YAML slower.
_MOST, _BRACKETS = 2**14, 200
#: One of these names makes the dictionary between the dashes a front matter.
_KNOWN = frozenset({"title", "date", "author", "url", "permalink", "language", "platform"})

#: A text of more characters than this is no post.
_LONGEST = 16 * 2**20

# What stands between these is not said: comments, the templates of site generators, code.
_UNSAID = (("<!--", "-->"), ("{%", "%}"), ("{{", "}}"), ("\n```", "\n```"), ("\n~~~", "\n~~~"))
# Every pattern stops at the next of its own marks: a text of nothing but marks costs no more than another.
_TARGET_OF = r"(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[[^\[\]\n]*\])"
_IMAGE = re.compile(rf"!\[[^\[\]\n]*\]{_TARGET_OF}")
_LINK = re.compile(rf"\[([^\[\]\n]+)\]{_TARGET_OF}")
_TARGET = re.compile(r"^ {0,3}\[[^\]\n]+\]:[^\n]*$", re.MULTILINE)
_EMPHASIS = (
    re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*"),  # Chinese has no blank beside it
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<!\w)_{1,2}(?=[^\s_])([^_\n]+)(?<=\S)_{1,2}(?!\w)"),
    re.compile(r"~~(?=\S)([^~\n]+)(?<=\S)~~"),
)
_HEADING = re.compile(r"#{1,6}[ \t]+")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*")
_RULE = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9})\.?,? (\d{4})")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_ISO = re.compile(r"(\d{4})[-.](\d{1,2})[-.](\d{1,2})(.*)", re.DOTALL)


def front_matter(text: str) -> tuple[dict[str, Any], str] | None:
    """Return what stands between the dashes, its names small, and the text beneath; None where there is none."""
    import yaml  # noqa: PLC0415  only who has blog posts pays for it

    found = _FRONT.match(text)
    if found is None or len(found[1]) > _MOST or found[1].count("[") + found[1].count("{") > _BRACKETS:
        return None
    try:
        # Everything stays text: 0123 is no octal number, "no" no truth value, and a date is as it was written.
        told = yaml.load(found[1], Loader=yaml.BaseLoader)  # noqa: S506  it makes strings, lists and dictionaries only
    except (yaml.YAMLError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    told = {name.strip().lower(): value for name, value in told.items() if isinstance(name, str)}
    return (told, text[found.end() :]) if _KNOWN & told.keys() else None


def day(text: str) -> str:
    """Return a date in words as an ISO date; other text with an ISO date's zeros, as it is.

    >>> day("May 3, 2019"), day("3rd June 2019"), day("2019年5月3日"), day("2019-5-3 14:00:00 +0200")
    ('2019-05-03', '2019-06-03', '2019-05-03', '2019-05-03 14:00:00 +0200')
    """
    if found := _MONTH_FIRST.fullmatch(text):
        name, date, year = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        date, name, year = found.groups()
    elif found := _CHINESE.fullmatch(text):
        year, month, date = found.groups()
        return f"{year}-{int(month):02d}-{int(date):02d}"
    elif found := _ISO.fullmatch(text):
        year, month, date, clock = found.groups()
        return f"{year}-{int(month):02d}-{int(date):02d}{clock}"
    else:
        return text
    month = name[:3].lower()
    return f"{year}-{_MONTHS.index(month) + 1:02d}-{int(date):02d}" if month in _MONTHS else text


def paragraphs(body: str) -> Iterator[tuple[str, str | None]]:
    """Yield each paragraph without Markdown's marks, and why it is nobody's utterance here if it is none.

    A heading stands before the paragraph beneath it. Code and pictures are left out; what stands behind ">" is a
    quotation.
    """
    body = "\n" + body
    for begin, end in _UNSAID:
        body = _without(body, begin, end)
    body = _TARGET.sub("", body)
    above: list[str] = []
    for block in re.split(r"\n[ \t]*\n", body):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        if all(line.lstrip().startswith(">") for line in lines):
            yield "", "a quotation (>)"
            continue
        said = []
        for line in lines:
            heading = _HEADING.match(line.strip())
            if heading or (said and _UNDERLINE.fullmatch(line)):
                above += [*said, line.strip().strip("#").strip()] if heading else said
                said = []
            elif not _RULE.fullmatch(line.strip()):
                said.append(line)
        if words := _bare("\n".join(said)):
            yield "\n".join([*map(_bare, above), words]), None
            above = []
    if above:
        yield "\n".join(map(_bare, above)), None


def _without(text: str, begin: str, end: str) -> str:
    """Return text without what stands between two marks; a mark that is never ended is text."""
    out, at = [], 0
    while (first := text.find(begin, at)) >= 0 and (last := text.find(end, first + len(begin))) >= 0:
        out.append(text[at:first])
        at = last + len(end)
    return "".join(out) + text[at:]


def _bare(text: str) -> str:
    """Return text without the marks of links, pictures, emphasis and lists."""
    text = _ITEM.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    for pattern in _EMPHASIS:
        text = pattern.sub(r"\1", text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def _name(value: object) -> str | None:
    """Return a name that stands alone, as the first of several, or as ``name:``."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, str) and value != "~" and not missing(value) else None


def _named(told: dict[str, Any], *keys: str) -> str | None:
    """Return the first of some entries that is filled."""
    return next(filter(None, (_name(told.get(key)) for key in keys)), None)


def _post(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the paragraphs of a post; without an address, date and title tell it from others."""
    found = front_matter(record["text"]) if len(record["text"]) <= _LONGEST else None
    if found is None:
        yield {"problem": f"no readable front matter, or more than {_LONGEST:,} characters"}
        return
    told, body = found
    title = _named(told, "title")
    date = _named(told, "date")
    address = _named(told, "url", "permalink", "link", "id")
    thread = address or " ".join(filter(None, (date and date[:10], title))) or file.name
    common = {
        "thread_id": thread,
        "kind": "post",
        "author": _named(told, "author", "authors", "by"),
        "posted_at": date and day(date.strip()),
        "language": _named(told, "language", "lang"),
        "platform": _named(told, "platform"),
        "crawled": _named(told, "crawled", "accessed"),
    }
    common = {name: value for name, value in common.items() if value is not None}
    number = 0
    for number, (words, problem) in enumerate(paragraphs(body), start=1):
        parsed = {**common, "utterance_id": f"{thread}#{number}"}
        if problem is None:
            yield {**parsed, "text": f"{title}\n{words}" if title else words}
            title = None
        else:
            yield {**parsed, "problem": problem}
    if number == 0:
        yield {**common, "problem": "an empty post"}


def _is_post(sample: Sample) -> bool:
    return front_matter(sample.text.replace("\r\n", "\n")) is not None


FORMATS = (
    Format(
        name="blog-post",
        tool="text with front matter",
        platform="",
        about="posts",
        required=(),
        read=_post,
        kinds=("text",),
        sniff=_is_post,
        sniff_hint="a front matter (title, date, author …) between two lines of three dashes",
        assumed_timezone="unknown",
        markup="html",
        limitations=(
            "an utterance is a paragraph, not a post",
            "no likes and no comments",
            "of times without a time zone only the day is kept",
        ),
    ),
)
