"""A number of likes or replies as platforms show it: ``1.2万``, ``3,4 mln``, or a word that stands for none yet."""

from __future__ import annotations

import re

from analysis.corpus.convert import missing

#: A number of more digits is no 64-bit count.
_LONGEST = 18
_COUNT = re.compile(
    r"(?:(?:[❤♥👍🤍]\ufe0f?|点?赞同?|likes?)\s*+[:：(（]?\s*+)?([-+]?\d[\d.,\s'’]*+)(万|萬|만|亿|億|억|千|천|w|k|m|b|mln|mio|tsd|тыс|млн)?\.?\+?\s*(?:likes?|points?|upvotes?|repl(?:y|ies)|[个次人]?点?[赞讚]同?了?|[❤♥👍🤍]\ufe0f?)?[)）]?",
    re.IGNORECASE,
)
_EXPONENT = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}")
#: What stands beneath a button that nobody has pressed yet.
_NO_COUNT = frozenset(
    {"赞", "点赞", "抢首评", "评论", "回复", "转发", "收藏", "分享", "like", "likes", "reply", "share"}
)
_UNITS = {
    "千": 10**3,
    "천": 10**3,
    "k": 10**3,
    "tsd": 10**3,
    "тыс": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "만": 10**4,
    "w": 10**4,
    "m": 10**6,
    "mln": 10**6,
    "mio": 10**6,
    "млн": 10**6,
    "亿": 10**8,
    "億": 10**8,
    "억": 10**8,
    "b": 10**9,
}
#: Where nobody can vote against a comment: a number below 0 stands there for one that is hidden.
ONLY_UP = frozenset(
    {"instagram", "facebook", "threads", "twitter", "tiktok", "youtube", "douyin", "kuaishou", "xiaohongshu", "weibo"}
)
_GROUPED = re.compile(r"-?\d{1,3}([.,\s'’]\d{3})+")


def count(value: object) -> int | None:
    """Read a count as platforms show it; missing where none is given.

    Raises
    ------
    ValueError
        If it is not a count.

    Examples
    --------
    >>> [count(text) for text in ("1.2万", "3亿", "1.2w", "1.2K", "1万+", "10万+", "3,4 mln", "1,234", "None", "❤️ 3")]
    [12000, 300000000, 12000, 1200, 10000, 100000, 3400000, 1234, None, 3]

    """
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= _LONGEST:
        return int(value)
    if missing(value) or (isinstance(value, str) and value.strip() in _NO_COUNT):
        return None
    text = str(value).strip().strip("'\"")
    if text.isdecimal() and text.isascii() and len(text) <= _LONGEST:
        return int(text)
    if _EXPONENT.fullmatch(text):
        text = f"{float(text):.0f}"
    found = _COUNT.fullmatch(text)
    if found is None:
        return _refuse(text)
    digits, unit = found.groups()
    digits = digits.removeprefix("+").strip().removesuffix(".").rstrip()
    if unit is None and _GROUPED.fullmatch(digits):
        digits = re.sub(r"[.,\s'’]", "", digits)
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        number = float("nan")
    number *= _UNITS[unit.lower()] if unit else 1
    if not abs(number) < 2**62 or (unit is None and not number.is_integer()):
        return _refuse(text)
    return round(number)


def shown(value: object, platform: str | None) -> int | None:
    """Return a count that a platform shows, None for one that it hides (``-1``).

    >>> shown("-1", "instagram"), shown("-1", "reddit")
    (None, -1)
    """
    number = count(value)
    return None if number is not None and number < 0 and platform in ONLY_UP else number


def _refuse(text: str) -> None:
    raise ValueError(f"'{text[:40]}' is not a count")
