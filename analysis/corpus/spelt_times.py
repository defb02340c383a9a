"""Times as people and programs of many languages spell them, put as :mod:`analysis.corpus.convert` reads them."""

from __future__ import annotations

import re
import unicodedata

#: What stands for two zones in the world (CST, IST) is missing here.
ZONES = {
    "EST": "-05:00",
    "EDT": "-04:00",
    "CDT": "-05:00",
    "MST": "-07:00",
    "MDT": "-06:00",
    "PST": "-08:00",
    "PDT": "-07:00",
    "AKST": "-09:00",
    "AKDT": "-08:00",
    "HST": "-10:00",
    "BRT": "-03:00",
    "ART": "-03:00",
    "UTC": "+00:00",
    "GMT": "+00:00",
    "WET": "+00:00",
    "WEST": "+01:00",
    "BST": "+01:00",
    "CET": "+01:00",
    "CEST": "+02:00",
    "EET": "+02:00",
    "EEST": "+03:00",
    "MSK": "+03:00",
    "TRT": "+03:00",
    "SAST": "+02:00",
    "PKT": "+05:00",
    "ICT": "+07:00",
    "WIB": "+07:00",
    "HKT": "+08:00",
    "SGT": "+08:00",
    "PHT": "+08:00",
    "JST": "+09:00",
    "KST": "+09:00",
    "AEST": "+10:00",
    "AEDT": "+11:00",
    "NZST": "+12:00",
    "NZDT": "+13:00",
}
#: How the months begin in English, German, French, Spanish, Italian, Portuguese and Russian.
_MONTHS = {
    "Jan": "jan jän ene gen янв",
    "Feb": "feb fev fév фев",
    "Mar": "mar mär mrz мар",
    "Apr": "apr abr avr апр",
    "May": "may mai mag май мая",
    "Jun": "jun juin giu июн",
    "Jul": "jul juil lug июл",
    "Aug": "aug ago aou aoû авг",
    "Sep": "sep set сен",
    "Oct": "oct okt ott out окт",
    "Nov": "nov ноя",
    "Dec": "dec déc dez dic дек",
}
_STEMS = {stem: nth for nth, stems in enumerate(_MONTHS.values(), start=1) for stem in stems.split()}
#: A clock before the day: ``10:00 AM · May 1, 2024``, ``10:00, 1 May 2024 (UTC)``.
_CLOCK_FIRST = re.compile(
    r"(\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]\.?M\.?)?)[\s,·–-]{1,3}([^(]{5,30}\d{4})\s?\(?(UTC|)\)?", re.IGNORECASE
)
#: A day, its month in letters, the year: ``1. Mai 2024``, ``1 de mayo de 2024``, ``01MAY2024:10:00:00``. What may stand
#: before them is the day of the week.
_DAY_FIRST = re.compile(
    r"(?:[^\W\d]{2,13}[,.]{0,2}\s)?(\d{1,2})[.º]?\s?(?:de\s)?([^\W\d_]{3,9})\.?\s?(?:de\s)?(\d{4})"
    r"(?:\s?г(?:\.|ода))?[,:\s]{0,2}(?:(?:à|às|a las|alle|um|в)\s)?(.{0,30})"
)
_DISTANCE = re.compile(r"\s?\(?(?:UTC|GMT)\s?([+-])(\d{1,2})(?::?(\d\d))?\)?$")
#: The day of the week in brackets, a zone's name after its distance (as Go and Java write it).
_WEEKDAY = re.compile(r"\s?\([月火水木金土日一二三四五六월화수목금토일]曜?\)\s?")
_NAMED_TOO = re.compile(r"(Z|[+-]\d\d:?\d\d)(?: [A-Z]{3,5}| ?\[[\w/+-]{1,40}\])$")
#: Years of Taiwan's calendar, which begins with 1912.
_REPUBLIC = re.compile(r"^(?:民[国國])\s?(\d{2,3})(?=\s?年|[./-])")
_ENDS, _DOTTED = re.compile(r"\s(?:([A-Z]{3,4})|Uhr)$"), re.compile(r"(\s\d\d)\.(\d\d)\.(\d\d)$")


def month_of(name: str) -> int | None:
    """Return the number of a month by how it begins; None for what is none.

    >>> month_of("Okt"), month_of("juillet"), month_of("juin"), month_of("Foo")
    (10, 7, 6, None)
    """
    return next((_STEMS[begun] for size in (4, 3) if (begun := name.lower()[:size]) in _STEMS), None)


def plainer(text: str) -> str:
    """Return a time as English has it, its zone as a number; other text as it is.

    >>> plainer("1. Mai 2024 10:00"), plainer("1 мая 2024 г. в 10:00"), plainer("10:00 AM · May 1, 2024")
    ('1 May 2024 10:00', '1 May 2024 10:00', 'May 1, 2024 10:00 AM')
    >>> plainer("2024-05-01 10:00:00 +0800 CST"), plainer("2024/05/01(水) 10:00"), plainer("民國113年5月1日")
    ('2024-05-01 10:00:00 +0800', '2024/05/01 10:00', '2024年5月1日')
    >>> plainer("2024-05-01 10:00:00 EDT"), plainer("01MAY2024:10:00:00")
    ('2024-05-01 10:00:00 -04:00', '01 May 2024 10:00:00')
    """
    text = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", text).replace("\u2212", "-"))
    text = _REPUBLIC.sub(lambda found: str(int(found[1]) + 1911), _NAMED_TOO.sub(r"\1", text))
    if found := _CLOCK_FIRST.fullmatch(text):
        text = f"{found[2]} {found[1]} {found[3]}".rstrip()
    if found := _DAY_FIRST.fullmatch(text):
        day, name, year, rest = found.groups()
        month = month_of(name)
        text = f"{day} {name if month is None else list(_MONTHS)[month - 1]} {year} {rest}".rstrip()
    if (found := _ENDS.search(text)) and (found[1] is None or found[1] in ZONES):
        text = text[: found.start()] + (f" {ZONES[found[1]]}" if found[1] else "")
    text = _DISTANCE.sub(lambda found: f" {found[1]}{found[2]:0>2}:{found[3] or '00'}", text)
    return _DOTTED.sub(r"\1:\2:\3", text)
