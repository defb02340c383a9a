"""ExportComments.com: CSV and XLSX of YouTube, Facebook and others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analysis.corpus.convert import excel_moment
from analysis.corpus.links import platform_of
from analysis.corpus.readers.fields import ParsedItem, added_thread, first_given, pick
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.youtube import video_in_name

# The address of an attachment is signed, and no word of the writer's.
_ATTACHED = re.compile(r"\[[A-Z][A-Z ]{2,20}\]\s*https?://\S+")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?:[ ,]+(\d{1,2}:\d{2}(?::\d{2})?))?")
_DECEMBER = 12
#: A post's number may stand behind its page's (``page_post``), and behind that of a page or a group in an address.
_POST = re.compile(r"pfbid\w{20,}|(?<!\d)(?:\d{5,20}_)?(\d{12,20})(?!\d)")
_FACEBOOK = re.compile(
    r"[?&](?:story_fbid|fbid|v|multi_permalinks)=(\w{5,})"
    r"|/(?:posts|permalink|videos?|reel|photos)/(?:[^/?]+/)*?(pfbid\w+|\d{5,})(?![^/?&#])"
)
_ADDRESS = re.compile(r"https?://(?!(?:www\.)?exportcomments\.com)")
_IN_ADDRESS = re.compile(
    r"[?&]v=([\w-]{11})|(?:youtu\.be|/shorts|/live)/([\w-]{11})|/(?:p|reel|tv|video|status)/([\w-]+)"
)
_PROFILE = ("Profile ID", "Profile Id", "ProfileId")
_NAME = ("Name (click to view profile)", "Name", "Username")


def iso(text: str) -> str:
    """Return the time of an export, an Excel serial or day first, as ISO text without a zone.

    Raises
    ------
    ValueError
        If the month comes first: then the days up to the twelfth of the same file would be read as months.

    Examples
    --------
    >>> iso("03/12/25 06:24:13"), iso("44222.5"), iso("2021-01-26T12:00:00")
    ('2025-12-03T06:24:13', '2021-01-26T12:00:00', '2021-01-26T12:00:00')

    """
    found = _DAY_FIRST.fullmatch(text.strip())
    if found is None:
        return excel_moment(text.strip())
    day, month, year, clock = found.groups()
    if int(month) > _DECEMBER:
        problem = f"the date '{text.strip()}' has its month first; export it with the day first"
        raise ValueError(problem)
    clock = f"T{clock:0>5}" if clock and clock.count(":") == 1 else f"T{clock:0>8}" if clock else ""
    return f"{'20' + year if len(year) == len('25') else year}-{int(month):02d}-{int(day):02d}{clock}"


def _profile(row: dict[str, Any]) -> str | None:
    """Return the account's id ("ID: 809570028"), which a name is not."""
    return (first_given(row, *_PROFILE) or "").removeprefix("ID:").strip() or None


_comment = pick(
    {
        "text": lambda row: _ATTACHED.sub("", row["Comment"]).strip(),
        "author": lambda row: _profile(row) or first_given(row, *_NAME),
        "likes": "Likes",
    }
)


def _row(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a comment; the file is of one post, which its name tells if anything does."""
    link = _address(file) or first_given(row, "(view source)") or ""
    parsed = {**_comment(row), "names": (first_given(row, *_NAME),), "platform": platform_of(link)}
    under = link if parsed["platform"] and not _address(file) else _thread(file)
    parsed["thread_id"] = added_thread(row) or under
    try:
        yield {**parsed, "posted_at": iso(row["Date"])}
    except ValueError as error:
        yield {**parsed, "problem": str(error)}


def _thread(file: File) -> str:
    """Return the video or post, by the address above the header or the file's name, else the export itself.

    One export is of one post.
    """
    address = _address(file)
    if found := (_FACEBOOK.search(address) if "facebook." in address else None) or _IN_ADDRESS.search(address):
        return found[found.lastindex or 0]
    if found := [post[1] or post[0] for post in _POST.finditer(address)]:
        return found[-1]
    if address:
        return address.partition("?")[0]
    name = file.name.rsplit("/", 1)[-1]
    if name.lower().startswith("yt-") or "youtube" in name.lower():
        return video_in_name(file) or file.stem
    found = _POST.search(name)
    return (found[1] or found[0]) if found else file.stem


def _address(file: File) -> str:
    """Return the address of the post that stands above the header, empty where none does."""
    cells = [cell for row in file.envelope.get("above", ()) for cell in row if isinstance(cell, str)]
    return next((cell for cell in cells if _ADDRESS.match(cell)), "")


_LIMITATIONS = (
    "no ids of comments",
    "no post id but in the address above the header, or in the file's name",
    "does not say which comment a reply answers",
    "times are by the exporter's clock: only the day is kept",
)


def _format(platform: str, **rest: Any) -> Format:  # noqa: ANN401  passed on
    return Format(
        name="-".join(filter(None, ("exportcomments", platform))),
        tool="ExportComments.com",
        platform=platform,
        about="comments",
        read=_row,
        kinds=("csv",),
        envelope=True,
        assumed_timezone="unknown",
        **{"limitations": _LIMITATIONS, **rest},
    )


FORMATS = (
    _format("youtube", required=("Name", "Date", "Likes", "isHearted", "isPinned", "Comment")),
    _format(
        "facebook",
        required=("Name (click to view profile)", "Profile ID", "Date", "Likes", "Comment", "(view source)"),
    ),
    _format(
        "",
        required=("Date", "Likes", "Comment", "(view source)"),
        forbidden=("isHearted", "Profile ID"),
        limitations=("no platform: say --platform", *_LIMITATIONS),
    ),
)
