"""Where in a video something was said: what a file tells, or the time that a comment quotes (``2:31``)."""

from __future__ import annotations

import math
import re

#: Platforms of videos, under which a time in a comment is a place in the video.
VIDEO_PLATFORMS = frozenset({"youtube", "bilibili", "tiktok", "douyin", "kuaishou"})
_CLOCK = re.compile(r"(?:(\d{1,2})[:\uff1a])?(\d{1,3})[:\uff1a](\d{2})(?:\.\d{1,3})?")
#: Beside a quoted time stand a blank, the text's end, Chinese words or marks, but no letter, digit or sign of a number.
_QUOTED = re.compile(
    r"(?<![A-Za-z0-9.:\uff1a/\\%$€£#@_~+\-–—−])"
    r"(?:(\d{1,2})[:\uff1a](?=[0-5]\d[:\uff1a]))?([0-5]?\d)[:\uff1a]([0-5]\d)"
    r"(?![A-Za-z0-9:\uff1a/\\%_~+\-–—−]|\.\d)"
)
# What makes it a clock's time, behind it and before it; and a verse, a score or a ratio.
_BEHIND = re.compile(
    r"\s*(?:[ap]\.?\s?m\b|o'?clock\b|h(?:ou)?rs?\b|uhr\b|(?:utc|gmt|[ecmp][sd]t|cet|bst|kst|jst|msk)\b|"
    r"yesterday\b|tomorrow\b|today\b|tonight\b|"
    r"(?:every|each|this|last|in the|at) (?:day|morning|noon|afternoon|evening|night)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:早上|早晨|清晨|上午|中午|下午|晚上|傍晚|凌晨|半夜|今晚|今早|昨晚|明天|昨天|今天|北京时间|当地时间|\d[日号]|"
    r"\d[-/.]\d{1,2}|比分|比例|福音|[诗詩]篇|箴言|[创創]世[记記]|[启啟]示[录錄]|[罗羅][马馬][书書]|林多[前后後][书書]|[圣聖][经經]|"
    r"\b(?:today|tonight|tomorrow|yesterday|ratio|score|odds|verses?|surah?|quran|genesis|gen|"
    r"exodus|leviticus|numbers|deuteronomy|joshua|judges|samuel|kings|chronicles|nehemiah|job|psalms?|proverbs?|prov|"
    r"ecclesiastes|songs?|isaiah|jeremiah|lamentations|ezekiel|daniel|hosea|joel|amos|micah|zechariah|malachi|"
    r"matthew|matt|mark|luke|john|acts|romans|rom|corinthians|cor|galatians|gal|ephesians|eph|philippians|phil|"
    r"colossians|col|thessalonians|timothy|tim|titus|hebrews|heb|james|peter|jude|revelations?|rev))"
    r"(?: (?:was|is|of))?[\s.:\uff1a]*$",
    re.IGNORECASE,
)
#: So many characters before a time may say that it is none of the video.
_NEAR = 24


def position(text: str, platform: str | None, kind: str | None) -> float | None:
    """Return the second of the video that a comment quotes (:func:`quoted`), None where it quotes none.

    Parameters
    ----------
    platform, kind : str, optional
        Only comments on a platform of videos (:data:`VIDEO_PLATFORMS`) quote times of the video.

    Examples
    --------
    >>> position("2:31 the square", "youtube", "comment"), position("2:31 the square", "reddit", "comment")
    (151.0, None)

    """
    if platform in VIDEO_PLATFORMS and kind == "comment" and (":" in text or "\uff1a" in text):
        return quoted(text)
    return None


def seconds(told: object) -> float | None:
    """Return the second that a file tells: a number, or a clock (``1:02:33``, ``00:12.5``).

    What lies before the beginning (a chat before a stream) is not known, nor is an empty cell.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> seconds("3.541"), seconds("0:12.5"), seconds("-0:38")
    (3.541, 12.5, None)

    """
    text = told.strip() if isinstance(told, str) else ""
    if found := _CLOCK.fullmatch(text.removeprefix("-")):
        hours, minutes, _ = found.groups()
        second = float(re.split(r"[:\uff1a]", text)[-1])
        return None if text.startswith("-") else int(hours or 0) * 3600 + int(minutes) * 60 + second
    if told == "":
        return None
    try:
        second = math.nan if isinstance(told, bool) or "_" in text else float(told)  # type: ignore[arg-type]
    except (TypeError, OverflowError):
        second = math.nan
    if not math.isfinite(second):
        raise ValueError(told)
    return second if second >= 0 else None


def quoted(text: str) -> float | None:
    """Return the second that a comment quotes, None where it quotes none or several different ones.

    A quoted time has the form m:ss, mm:ss or h:mm:ss (59 at most in the last places, also with the wide colon) and
    stands alone: a letter, a digit or a sign of a number beside it (``2:31-2:45``, ``16:9``, ``v1:20``) makes it
    something else. It is a clock's time, and not taken, where "am", "pm", "o'clock", a time zone or a part of the day
    stands behind it, or 早上, 下午, 今晚, a date and their like before it; and it is a verse, a score or a ratio where
    the name of a book of the Bible, "score", 比分 and their like stand before it. Scores and ratios as they are mostly
    written (``2:0``, ``3:1``) have one digit behind the colon and never are times.

    >>> quoted("look at 1:02:33, wow"), quoted("2:31那个阿姨"), quoted("（0：45）")
    (3753.0, 151.0, 45.0)
    >>> [quoted(words) for words in ("at 12:30 pm", "won 3:1", "John 3:16", "早上 7:30 起床", "1:10 and 2:20")]
    [None, None, None, None, None]
    """
    found = set()
    for time in _QUOTED.finditer(text):
        if _BEFORE.search(text, max(0, time.start() - _NEAR), time.start()) or _BEHIND.match(text, time.end()):
            continue
        hours, minutes, seconds = (int(part or 0) for part in time.groups())
        found.add(float(hours * 3600 + minutes * 60 + seconds))
    return found.pop() if len(found) == 1 else None
