"""Readers: what each tool writes for each platform, one module a family.

A module holds ``FORMATS``, a tuple of :class:`~analysis.corpus.readers.format.Format`. A format says how a file is
recognised and takes each record to **parsed items**: dictionaries of what the file says, as it says it. All the rest is
done alike for every format by :mod:`analysis.corpus.parsed_items`. A parsed item may hold

==========================  ===========================================================================================
``utterance_id``            the platform's id, as text, no other kind of thing on this platform having the same (a
                            video on Bilibili is ``av123``, a Reddit post ``t3_abc``); without one it is made of
                            thread, time, masked text
``thread_id``               the video or post, never the parent comment
``parent_id``               the comment answered; ``"0"``, ``"root"``, the thread and the comment itself count as none
``text``                    as the file has it
``kind``                    ``comment`` (default), ``post``, ``caption`` (beneath a video), ``transcript``
``author``                  the account's id, else its name: becomes the pseudonym
``names``                   tuple of the account's other names, which rules may match; never stored
``uploader``                True where the file says that it is the uploader of the video who speaks
``posted_at``               as written; ``assumed_timezone`` and ``time_precision`` override what the format says and
                            the form shows
``position``                seconds of the video at which it was said, or a clock (``1:02:33``); a time that a comment
                            quotes is found without it
``likes``                   as written ("1.2万"); leave out where the platform hides it
``replies``                 likewise
``region``                  where the platform says it was written
``language``                only where the file says so of this text ("zh-Hans" is understood; "fr" is ``none`` of
                            those read)
``platform``                overrides the format's
``markup``                  overrides the format's
``crawled``                 when the tool saw it: of two rows with one id, the newer one stays
``edited``                  when it was last changed, or written where it never was: counts as ``crawled`` where nothing
                            says when it was seen
``platform_comment_count``  of a post or video: how many comments the platform said there were
``apart``                   where times are to the second: what else tells a row without an id from another, such as
                            its second of a film, never a name; the same words of the same account are then one row,
                            crawled twice
``problem``                 why this is no utterance: the parsed item is counted as rejected
==========================  ===========================================================================================
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from analysis.corpus.readers.format import Format
from analysis.corpus.readers.mapping import TABLE
from analysis.errors import InputError

#: The modules whose formats are read, in the order in which ``vantage formats`` lists them.
MODULES = (
    "tiktok",
    "traktok",
    "tiktok_exports",
    "tiktok_download",
    "douyin",
    "rednote",
    "mediacrawler",
    "youtube",
    "youtube_exports",
    "captions",
    "transcripts",
    "live_chat",
    "instagram",
    "instagram_site",
    "facebook",
    "meta_downloads",
    "meta_library",
    "twitter",
    "twitter_scraped",
    "networks",
    "repositories",
    "vk",
    "naver",
    "weibo",
    "bilibili",
    "chinese_sites",
    "chinese_tables",
    "reddit",
    "fourcat",
    "exportcomments",
    "listening",
    "blogs",
)


#: Under this group another package's entry point names a module with ``FORMATS``, or a tuple of formats.
ENTRY_POINTS = "vantage.formats"


@cache
def formats() -> tuple[Format, ...]:
    """Return every format that is read: the project's own, then those of installed packages.

    Raises
    ------
    InputError
        If a package's formats cannot be loaded, or one has the name of another format.

    """
    found = [format_ for name in MODULES for format_ in import_module(f"{__name__}.{name}").FORMATS]
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        for format_ in _offered(point):
            if format_.name == TABLE or any(format_.name == other.name for other in found):
                raise InputError(f"the format '{format_.name}' is there already", file=f"package {point.value}")
            found.append(format_)
    return tuple(found)


def _offered(point: EntryPoint) -> tuple[Format, ...]:
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:  # whatever another's package may raise
        raise InputError(f"its formats cannot be loaded: {error!r}", file=f"package {point.value}") from error
    offered = getattr(loaded, "FORMATS", loaded)
    if not isinstance(offered, (tuple, list)) or not all(isinstance(format_, Format) for format_ in offered):
        raise InputError("offers no FORMATS, a tuple of Format", file=f"package {point.value}")
    return tuple(offered)
