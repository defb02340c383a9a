"""What platforms write for a time, as a moment with its precision, or missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from analysis.corpus.spelt_times import LABEL, coarse, month_of, plainer
from analysis.errors import ParameterError

#: Below this a number is seconds, from here on milliseconds, and from a thousand times this on microseconds.
_MILLISECONDS = 1e11
#: Digits of the first second that is told from a count, of the last microsecond, and of nanoseconds since 2001.
_SHORTEST, _MICROSECONDS, _NANOSECONDS = 9, 17, 19
_LAST_MONTH, _FIRST_YEAR, _LAST_YEAR, _LAST_SECOND = 12, 1900, 2100, 4_133_894_400
#: Year, month, day, hour, minute and second without marks, which would also be a number of seconds.
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])([01]\d|2[0-3])([0-5]\d)([0-5]\d)?")
_EXCEL = datetime(1899, 12, 30, tzinfo=UTC)
#: Nanoseconds in a data frame where other times are missing: 1.7041646451234568e+18. Java has all so.
_NUMBER = re.compile(r"(\d{9,17}|\d{19})(\.\d+)?|[1-4]\.\d{7,}e\+18|[1-4]\.\d+[eE](?:9|1[258])")
#: Signs of the direction of writing, around what a page or a messenger shows.
_DIRECTIONS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_YEAR, _MONTH, _DAY = re.compile(r"\d{4}"), re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{4}-?\d{2}-?\d{2}")
_ISO = re.compile(r"\d{4}(-?\d\d(-?\d\d([T ]\d\d(:?\d\d.*)?)?)?)?", re.DOTALL)
_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}(?::\d{2})?( ?Z| ?[+-]\d{2}:?\d{2})?")
#: A clock and a zone, as exports and spreadsheets write them after a date.
_CLOCK = (
    r"(?:[T,\s]{0,3}(?:at\s)?\s?(?P<noon>上午|下午|오전|오후|[AP]\.?M\.?)?\s?(?P<hour>\d{1,2})"
    r"(?:[:时時点點시h]\s?(?P<minute>\d{1,2})|\.(?P<after>\d\d))[分분]?"
    r"(?::?(?P<second>\d{1,2})秒?(?:[.,](?P<part>\d{1,9}))?)?\s?(?P<half>[AP]\.?M\.?)?)?"
    # In brackets stands a zone's name once more; where there is none, a remark in small letters may.
    r"(?:\s?(?P<zone>Z|(?:UTC|GMT)?[+-]\d\d:?\d\d|UTC|GMT|[A-Z]{4,12}/[A-Z_/]{4,30})(?: UTC| GMT)?"
    r"(?:\s?\([\w ]{1,40}\))?"
    r"|\s?\((?-i:[a-z\d ]{1,40})\))?"
)
_WEEKDAY, _NAME = r"(?:[A-Za-z]{3,9}\.?,?\s{1,2})?", r"(?P<name>[A-Za-z]{3,9})\.?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<year>\d{{4}})[-/.年년]\s?(?P<month>\d{{1,2}})[-/.月월]\s?(?P<day>\d{{1,2}})[日일.]?{_CLOCK}",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]{{1,3}}{_NAME},?[\s-]{{1,3}}(?P<year>\d{{4}}){_CLOCK}",
        rf"(?P<day>\d{{1,2}})-{_NAME}-(?P<year>\d\d){_CLOCK}",  # as a spreadsheet shows a day: 24-Nov-23
        rf"{_WEEKDAY}{_NAME}\s{{1,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,2}}(?P<year>\d{{4}}){_CLOCK}",
    )
)
#: Twitter's and Weibo's; C's without a zone, and with blanks before a day of one digit.
_TWITTER = re.compile(r"(\w{3} \w{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (?:([+-]\d{4}|UTC|GMT) )?(\d{4})")
#: Which of the first two numbers is the day, only the other rows of a file or the user can say.
_EITHER = re.compile(rf"(?P<one>\d{{1,2}})[/.-](?P<two>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d{{2}}){_CLOCK}", re.IGNORECASE)
#: Days of a spreadsheet's calendar from 2000 to 2050.
_SERIAL, _SERIALS = re.compile(r"\d{5}(\.\d+)?"), (36_526, 54_789)
#: Where a time was never set, tools and spreadsheets write nothing but zeros, or day 0 of 1900; where they fill it, the
#: first day of their calendar (a database's, Windows', a spreadsheet's, Unix') or its last: no comment is of these.
_ZEROS = "0.:-/ TZ+年月日时分秒"
_DAY_ZERO = re.compile(r"(?:1900\D0?1\D00?|0?1\D00?\D1900|00?\D0?1\D1900)(?!\d)")
_NEVER = frozenset(
    "0001-01-01 1601-01-01 1899-12-30 1899-12-31 1900-01-01 1969-12-31 1970-01-01 9999-12-31".split()  # noqa: SIM905
)
_YEARS = ("%Y", "%y", "%D", "%c", "%x", "%F", "%G")
#: What ``--time-format`` may be too.
DAY_FIRST, MONTH_FIRST, EXCEL = TIME_FORMS = ("day-first", "month-first", "excel")
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+\d+|\d[.,]\d+[eE]\d+|\d{16,}[.,]0+")
#: An id of which a spreadsheet keeps 15 digits, as it writes them (with zeros at the end left out): those of a thread
#: tell it from others, but by chance. Of fewer it has shown what fits its column.
_FIFTEEN = re.compile(r"(\d)[.,](\d{11,14})E\+(1[5-9])")
#: A whole number as a data frame or a spreadsheet writes it; three zeros may be thousands.
_DECIMAL = re.compile(r"(\d+)[.,]00?")
#: What stands before a number so that a spreadsheet keeps it as text.
_KEPT = re.compile(r"['`\u2018\u2019](\d+)['`\u2018\u2019]?")
#: What a spreadsheet made of words that it took for a formula ("-so free").
LOST = frozenset({"#NAME?", "#VALUE!", "#REF!"})
_MISSING = frozenset(
    {"", "none", "null", "nan", "nat", "n/a", "na", "<na>", "-", "--", "unknown", "undefined", "$undefined"}
    | {word.lower() for word in (*LOST, "#N/A", "#NULL!")}  # a spreadsheet's
)
_LONGEST_WORD = max(map(len, _MISSING))
_AGO = (
    (re.compile(r"second|minute|just now|секунд|минут|秒|分钟|分鐘|分前", re.IGNORECASE), "minute"),
    (re.compile(r"hour|day|yesterday|час|день|дн|小时|小時|時間|天|日|昨", re.IGNORECASE), "day"),
    (re.compile(r"week|month|недел|месяц|周|週|月", re.IGNORECASE), "month"),
)


class Cut(str):
    """An id of which a spreadsheet kept 15 digits, zeros in the place of the others."""

    __slots__ = ()


def missing(value: object) -> bool:
    """Tell whether a value stands for "not given": empty, or a word that tools write for it."""
    if not isinstance(value, str):
        return value is None
    bare = value.strip()
    return len(bare) <= _LONGEST_WORD and bare.lower() in _MISSING


def _never(text: str) -> bool:
    """Tell whether a time is none by its digits: ``0``, ``0000-00-00``, a spreadsheet's ``1900-01-00``."""
    return not text.strip(_ZEROS) or ("1900" in text and _DAY_ZERO.match(text) is not None)


def whole_id(name: str) -> str:
    """Return an id as its platform writes it: a data frame in which other ids are missing makes 42 to 42.0.

    Raises
    ------
    ValueError
        If a spreadsheet or a data frame made a number of it that has lost its last digits, and shows fewer than 15.

    Examples
    --------
    >>> whole_id("7512345678901234567"), whole_id("42.0"), whole_id("0042"), whole_id("'42")
    ('7512345678901234567', '42', '0042', '42')
    >>> whole_id("7.51234567890123E+18")
    '7512345678901230000'

    """
    if name.isdecimal():
        return name
    if not name[:1].isdecimal():
        return found[1] if (found := _KEPT.fullmatch(name)) else name
    if found := _FIFTEEN.fullmatch(name):
        return Cut(found[1] + found[2].ljust(int(found[3]), "0"))
    whole = _DECIMAL.fullmatch(name)
    # Digits that no float has were never one.
    if _ROUNDED.fullmatch(name) and not (whole and int(float(whole[1])) != int(whole[1])):
        message = f"the id '{name}' lost its last digits in a spreadsheet; export it as text"
        raise ValueError(message)
    return whole[1] if whole else name


def moment(
    value: object, assumed_timezone: str = "UTC", form: str | None = None
) -> tuple[datetime, str] | tuple[None, None]:
    """Read a time as a platform or a tool writes it.

    Parameters
    ----------
    value : object
        Unix seconds, milliseconds, microseconds or nanoseconds (told apart by size), ISO 8601, ``2025/9/21 8:46``,
        ``2025年9月21日``, RFC 2822, ``Sep 21, 2025``, or Twitter's ``Mon Jan 19 17:02:39 +0000 2026``.
    assumed_timezone : str
        Whose clock a time without a zone shows: ``UTC``, ``+08:00``, ``Asia/Shanghai``, or ``unknown``: then it is
        read as UTC, and no more than its day is claimed.
    form : str, optional
        What says how an ambiguous time is meant: ``day-first`` or ``month-first`` of ``02/12/2023``, ``excel`` of
        days since 1899-12-30, or a pattern of strptime, which all times then have.

    Returns
    -------
    tuple
        The moment in UTC and its precision (as :data:`analysis.corpus.schema.ACCEPTED` names it); two None where
        none is given: empty, 0, or a day that only stands for none (``0000-00-00``, ``1970-01-01``, ``1900-01-00``).

    Raises
    ------
    ValueError
        If it is not a time, or ambiguous.

    Examples
    --------
    >>> moment("1738737220000")[0].isoformat()
    '2025-02-05T06:33:40+00:00'
    >>> moment("2025-02-05 14:33", "+08:00")
    (datetime.datetime(2025, 2, 5, 6, 33, tzinfo=datetime.timezone.utc), 'minute')
    >>> moment("02/12/2023", form="day-first")[0].date().isoformat()
    '2023-12-02'

    """
    return _moment(value, assumed_timezone, form)[:2]


def _moment(value: object, assumed_timezone: str, form: str | None) -> tuple[datetime | None, str | None, bool]:
    """Return a moment, its precision, and whether its zone was assumed: it shows a clock, and names no zone."""
    text = str(value).strip().lstrip("'")
    text = text if text.isascii() else _DIRECTIONS.sub("", text).strip()
    if missing(text) or _never(text):
        return None, None, False
    if found := _COMPACT.fullmatch(text):
        text = "{}-{}-{} {}:{}".format(*found.groups()[:5]) + (f":{found[6]}" if found[6] else "")
    try:
        if form is not None and "%" in form:
            when = datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
            precision = "second" if "%S" in form or "%T" in form or "%c" in form else _coarse(form)
        elif (number := unix_seconds(text)) is not None:
            when, precision = datetime.fromtimestamp(number, UTC), "second"
        else:
            when, precision = _written(text, form) or _spelt(text, form)
        if when.date().isoformat() in _NEVER:
            return None, None, False
        _require_ours(when)
        assumed = when.tzinfo is None and precision in {"minute", "second"}
        if when.tzinfo is None:
            when = when.replace(tzinfo=zone(assumed_timezone) if assumed else UTC)
            precision = "day" if assumed_timezone == "unknown" and assumed else precision
        return when.astimezone(UTC), precision, assumed
    except (ValueError, LookupError, OverflowError, OSError):
        raise ValueError(f"posted_at '{text[:40]}' is not a time") from None


def _require_ours(when: datetime) -> None:
    """Refuse a year of another calendar (2567 is Thailand's 2024), and a number that would be of the next century."""
    if not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        raise ValueError


def _written(text: str, form: str | None) -> tuple[datetime, str] | None:
    """Return a time with the zone that it names, if it names one, and its precision; None where it is none."""
    if text[16:17] == ":" or _ISO.fullmatch(text):  # what most exports write
        try:
            return _iso(text)
        except ValueError:
            pass
    if found := _TWITTER.fullmatch(text):
        text = f"{found[1]} {found[2]} {found[5]} {found[3]} {found[4] or ''}".rstrip()
    for pattern in _FORMS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            month = int(parts["month"]) if "month" in parts else month_of(parts["name"])
            return None if month is None else _put_together(parts, month, int(parts["day"]))
    if found := _EITHER.fullmatch(text):
        one, two = int(found["one"]), int(found["two"])
        if form not in {DAY_FIRST, MONTH_FIRST} and (one != two or len(found["year"]) == 2):  # noqa: PLR2004  05/05/2024
            raise ValueError
        return _put_together(found.groupdict(), *((two, one) if form == DAY_FIRST else (one, two)))
    if form == EXCEL and _SERIAL.fullmatch(text):
        when = (_EXCEL + timedelta(seconds=round(float(text) * 86_400))).replace(tzinfo=None)
        return when, "second" if "." in text else "day"
    return None


def _spelt(text: str, form: str | None) -> tuple[datetime, str]:
    """Return a time as :func:`_written` does that is spelt as other languages or programs have it."""
    plain = plainer(text)
    found = _written(plain, form) or coarse(plain)
    if found is None:
        raise ValueError
    return found


def _iso(text: str) -> tuple[datetime, str]:
    if _YEAR.fullmatch(text) or _MONTH.fullmatch(text):
        year, _, month = text.partition("-")
        return datetime(int(year), int(month or 1), 1), "month" if month else "year"  # noqa: DTZ001
    when = datetime.fromisoformat(text)
    return when, "day" if _DAY.fullmatch(text) else "minute" if _MINUTE.fullmatch(text) else "second"


def _put_together(parts: dict[str, str | None], month: int, day: int) -> tuple[datetime, str]:
    year = int(parts["year"] or 0)
    year += 2000 * (year < 100)  # noqa: PLR2004  of two digits
    if parts["hour"] is None:
        return datetime(year, month, day), "day"  # noqa: DTZ001  a day has no zone
    hour, half = int(parts["hour"]), (parts["half"] or parts["noon"] or "").lower()[:2]
    if half:
        hour = hour % 12 + 12 * (half in {"pm", "p.", "下午", "오후"})
    micro = int((parts["part"] or "0")[:6].ljust(6, "0"))
    at = (year, month, day, hour, int(parts["minute"] or parts["after"] or 0), int(parts["second"] or 0), micro)
    when = datetime(*at, tzinfo=zone(parts["zone"]) if parts["zone"] else None)
    return when, "minute" if parts["second"] is None else "second"


def _coarse(form: str) -> str:
    """Return how precise a pattern of strptime without seconds is."""
    finest = (("minute", "%M %R"), ("day", "%d %j %x %D %F"), ("month", "%m %b %B"))
    return next((name for name, marks in finest if any(mark in form for mark in marks.split())), "year")


def require_times(timezone_name: str | None, form: str | None) -> None:
    """Refuse a zone that is none, and a form of times that does not say the year: :class:`ParameterError` says so."""
    if timezone_name is not None:
        try:
            zone(timezone_name)
        except ValueError as error:
            raise ParameterError(f"--timezone: {error} (accepted: UTC, +08:00, Asia/Shanghai, …)") from None
    if form is not None and form not in TIME_FORMS:
        if not any(mark in form for mark in _YEARS):
            accepted = ", ".join(TIME_FORMS)
            raise ParameterError(
                f"--time-format: '{form}' does not say where the year is (accepted: {accepted}, %Y-%m-%d)"
            )
        try:
            datetime.strptime("", form)  # noqa: DTZ007
        except ValueError as error:
            if "bad directive" in str(error) or "stray" in str(error):
                raise ParameterError(f"--time-format: {error}") from None


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Return a time zone by its distance from UTC (``+08:00``, ``UTC+0800``) or its name (``Asia/Shanghai``).

    Raises
    ------
    ValueError
        If there is none of that name.

    """
    bare = name.strip().upper().removeprefix("UTC").removeprefix("GMT")
    if bare in {"", "Z"} or name == "unknown":
        return UTC
    if found := re.fullmatch(r"([+-])(\d{1,2}):?(\d\d)?", bare):
        distance = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-distance if found[1] == "-" else distance)
    try:
        return ZoneInfo(name.strip())
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not a time zone") from error


def is_ambiguous(text: str) -> bool:
    """Tell whether a time is of a form that can be read in more than one way: ``02/12/2023``, ``45262.4``."""
    return _either(text) is not None or _SERIAL.fullmatch(text) is not None


def _either(text: str) -> re.Match[str] | None:
    """Return what an ambiguous time says, however it is spelt (``05.03.2024, 14:20 Uhr``)."""
    if text[:4].isdecimal():  # a year comes first
        return None
    found = _EITHER.fullmatch(text)
    spelt = text[:1].isdecimal() or LABEL.match(text)
    return _EITHER.fullmatch(plainer(text)) if found is None and spelt else found


def decided_form(values: Iterable[object]) -> str | None:
    """Return how a file's ambiguous times are meant, where its own rows decide it; None where they do not.

    A day beyond 12 tells which number is the day; a column of nothing but numbers of a spreadsheet's calendar is one.
    """
    firsts = seconds = serials = others = 0
    for value in values:
        text = str(value).strip()
        if missing(text) or _never(text):
            continue
        if found := _either(text):
            firsts += int(found["one"]) > _LAST_MONTH
            seconds += int(found["two"]) > _LAST_MONTH
            others += 1
        elif _SERIAL.fullmatch(text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
            serials += 1
        else:
            others += 1
    if bool(firsts) != bool(seconds):
        return DAY_FIRST if firsts else MONTH_FIRST
    return EXCEL if serials and not others else None


def instant(
    value: object, assumed_timezone: str = "UTC", form: str | None = None
) -> tuple[int | None, str | None, bool]:
    """Return what :func:`moment` does, in Unix microseconds as the corpus has it, and whether the zone was assumed."""
    number = unix_seconds(value) if form is None and isinstance(value, str) else None
    if number is not None and number < _LAST_SECOND and not _COMPACT.fullmatch(value):
        return round(number * 1e6), "second", False
    when, *told = _moment(value, assumed_timezone, form)
    return (None if when is None else round(when.timestamp() * 1e6), *told)


def unix_seconds(text: str) -> float | None:
    """Return the seconds of a number of seconds, milli-, micro- or nanoseconds since 1970; None if it is none."""
    digits = len(text) if text.isdecimal() and text[0] != "0" else 0
    if _SHORTEST <= digits <= _MICROSECONDS or digits == _NANOSECONDS:
        number = int(text)
    elif text[:1].isdecimal() and _NUMBER.fullmatch(text) and text.strip("0."):
        number = float(text)
    else:
        return None
    while number >= _MILLISECONDS:
        number /= 1000
    return number


def stamp(value: object) -> int:
    """Return when a tool saw a row in Unix milliseconds, -1 where that is not known."""
    if value is None:
        return -1
    try:
        if isinstance(value, str) and (number := unix_seconds(value)) is not None:
            return int(number * 1000)
        when, _ = moment(value)
    except ValueError:
        return -1
    return -1 if when is None else int(when.timestamp() * 1000)


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
