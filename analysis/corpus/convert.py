"""What platforms write for a time or a count, as a moment with its precision, or a number, or missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from analysis.corpus.schema import parse_time

#: Below this a number is seconds, from here on milliseconds, and from a thousand times this on microseconds.
_MILLISECONDS = 1e11
#: A number of more digits is no 64-bit count.
_LONGEST = 18
#: Digits of the first second that is told from a count, and of the last microsecond.
_SHORTEST, _MICROSECONDS = 9, 17
_CHINA = timezone(timedelta(hours=8))
_EXCEL = datetime(1899, 12, 30, tzinfo=UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TWITTER = re.compile(r"\w{3} (\w{3}) (\d\d) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})")
_NUMBER = re.compile(r"\d{9,17}(\.\d+)?")
_SLASHES = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(.*)", re.DOTALL)
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+\d+|\d[.,]\d+[eE]\d+|\d{16,}[.,]0+")
_MISSING = frozenset({"", "none", "null", "nan", "n/a", "na", "-", "--", "unknown", "undefined", "$undefined"})
_LONGEST_WORD = max(map(len, _MISSING))
_COUNT = re.compile(r"(-?\d[\d.,\s]*+)(万|萬|亿|億|千|w|k|m|b|mln|mio|тыс|млн)?\.?\+?", re.IGNORECASE)
_UNITS = {
    "千": 10**3,
    "k": 10**3,
    "тыс": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "w": 10**4,
    "m": 10**6,
    "mln": 10**6,
    "mio": 10**6,
    "млн": 10**6,
    "亿": 10**8,
    "億": 10**8,
    "b": 10**9,
}
_GROUPED = re.compile(r"-?\d{1,3}([.,\s]\d{3})+")
_AGO = (
    (re.compile(r"second|minute|just now|секунд|минут|秒|分钟|分鐘|分前", re.IGNORECASE), "minute"),
    (re.compile(r"hour|day|yesterday|час|день|дн|小时|小時|時間|天|日|昨", re.IGNORECASE), "day"),
    (re.compile(r"week|month|недел|месяц|周|週|月", re.IGNORECASE), "month"),
)


def missing(value: object) -> bool:
    """Tell whether a value stands for "not given": empty, or a word that tools write for it."""
    if not isinstance(value, str):
        return value is None
    bare = value.strip()
    return len(bare) <= _LONGEST_WORD and bare.lower() in _MISSING


def whole_id(name: str) -> str:
    """Return an id as its platform writes it: a data frame in which other ids are missing makes 42 to 42.0.

    Raises
    ------
    ValueError
        If a spreadsheet or a data frame made a number of it that has lost its last digits.

    Examples
    --------
    >>> whole_id("7512345678901234567"), whole_id("42.0"), whole_id("0042")
    ('7512345678901234567', '42', '0042')

    """
    if name.isdecimal() or not name[:1].isdecimal():
        return name
    if _ROUNDED.fullmatch(name):
        message = f"the id '{name}' lost its last digits in a spreadsheet; export it as text"
        raise ValueError(message)
    return name[:-2] if name.endswith(".0") and name[:-2].isdecimal() else name


def moment(value: object, assumed_timezone: str = "UTC") -> tuple[datetime, str] | tuple[None, None]:
    """Read a time as a platform or a tool writes it.

    Parameters
    ----------
    value : object
        Unix seconds, milliseconds or microseconds (told apart by size), ISO 8601, ``2025/9/21 8:46``, or Twitter's
        ``Mon Jan 19 17:02:39 +0000 2026``.
    assumed_timezone : str
        Whose clock a time without a zone shows: ``UTC``, ``+08:00``, or ``unknown``: then it is read as UTC, and no
        more than its day is claimed.

    Returns
    -------
    tuple
        The moment in UTC and its precision (as :data:`analysis.corpus.schema.ACCEPTED` names it); two None where
        none is given (empty, 0).

    Raises
    ------
    ValueError
        If it is not a time.

    Examples
    --------
    >>> moment("1738737220000")[0].isoformat()
    '2025-02-05T06:33:40+00:00'
    >>> moment("2025-02-05 14:33", "+08:00")
    (datetime.datetime(2025, 2, 5, 6, 33, tzinfo=datetime.timezone.utc), 'minute')

    """
    text = str(value).strip()
    if missing(text) or text.strip("0.") == "":
        return None, None
    try:
        if (number := unix_seconds(text)) is not None:
            return datetime.fromtimestamp(number, UTC), "second"
        if text[4:5] == "-":
            pass
        elif found := _TWITTER.fullmatch(text):
            month, day, clock, offset, year = found.groups()
            text = f"{year}-{_MONTHS.index(month) + 1:02d}-{day}T{clock}{offset[:3]}:{offset[3:]}"
        elif found := _SLASHES.fullmatch(text):
            year, month, day, rest = found.groups()
            text = f"{year}-{int(month):02d}-{int(day):02d}{_padded(rest)}"
        when, precision = parse_time(text)
        if assumed_timezone == "UTC" or precision in {"day", "month", "year"} or _has_zone(text):
            return when, precision
        if assumed_timezone == "unknown":
            return when, "day"
        return when.replace(tzinfo=_CHINA).astimezone(UTC), precision
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"posted_at '{text[:40]}' is not a time") from None


def instant(value: object, assumed_timezone: str = "UTC") -> tuple[int, str] | tuple[None, None]:
    """Return what :func:`moment` does, as Unix microseconds: as the corpus stores it, and without a detour."""
    if isinstance(value, str) and (number := unix_seconds(value)) is not None:
        return round(number * 1e6), "second"
    when, precision = moment(value, assumed_timezone)
    return (None, None) if when is None else (round(when.timestamp() * 1e6), precision)


def unix_seconds(text: str) -> float | None:
    """Return the seconds of a number of seconds, milliseconds or microseconds since 1970; None if it is none."""
    if text.isdecimal() and _SHORTEST <= len(text) <= _MICROSECONDS and text[0] != "0":
        number = int(text)
    elif text[:9].isdecimal() and _NUMBER.fullmatch(text) and text.strip("0."):
        number = float(text)
    else:
        return None
    while number >= _MILLISECONDS:
        number /= 1000
    return number


def stamp(value: object) -> int:
    """Return when a tool saw a row in Unix milliseconds, -1 where that is not known."""
    try:
        if isinstance(value, str) and (number := unix_seconds(value)) is not None:
            return int(number * 1000)
        when, _ = moment(value)
    except ValueError:
        return -1
    return -1 if when is None else int(when.timestamp() * 1000)


def _padded(clock: str) -> str:
    """Return `` 8:46`` as `` 08:46``."""
    return re.sub(r"^([ T])(\d):", r"\g<1>0\2:", clock)


def _has_zone(text: str) -> bool:
    return text.endswith(("Z", "z")) or re.search(r"[+-]\d\d:?\d\d$", text[10:]) is not None


def excel_moment(value: str) -> str:
    """Return an Excel date serial (days since 1899-12-30) as an ISO time without a zone; other text as it is.

    >>> excel_moment("44222.5")
    '2021-01-26T12:00:00'
    """
    if re.fullmatch(r"\d{5}(\.\d+)?", value):
        when = _EXCEL + timedelta(seconds=round(float(value) * 86_400))
        return when.replace(tzinfo=None).isoformat()
    return value


def precision_ago(text: str) -> str:
    """Return how precise a time is that was worked out from "2 weeks ago", in the languages that we met.

    >>> precision_ago("2 weeks ago (edited)"), precision_ago("3天前"), precision_ago("il y a 2 ans")
    ('month', 'day', 'year')
    """
    return next((precision for words, precision in _AGO if words.search(text)), "year")


def count(value: object) -> int | None:
    """Read a count as platforms show it; missing where none is given.

    Raises
    ------
    ValueError
        If it is not a count.

    Examples
    --------
    >>> [count(text) for text in ("1.2万", "3亿", "1.2w", "1.2K", "1万+", "10万+", "3,4 mln", "1,234", "None", "0")]
    [12000, 300000000, 12000, 1200, 10000, 100000, 3400000, 1234, None, 0]

    """
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= _LONGEST:
        return int(value)
    if missing(value):
        return None
    text = str(value).strip().strip("'\"")
    if text.isdecimal() and text.isascii() and len(text) <= _LONGEST:
        return int(text)
    found = _COUNT.fullmatch(text)
    if found is None:
        return _refuse(text)
    digits, unit = found.groups()
    digits = digits.strip().removesuffix(".").rstrip()
    if unit is None and _GROUPED.fullmatch(digits):
        digits = re.sub(r"[.,\s]", "", digits)
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        number = float("nan")
    number *= _UNITS[unit.lower()] if unit else 1
    if not abs(number) < 2**62 or (unit is None and not number.is_integer()):
        return _refuse(text)
    return round(number)


def _refuse(text: str) -> None:
    raise ValueError(f"'{text[:40]}' is not a count")
