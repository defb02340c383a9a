"""Times as people and programs of many languages spell them, put as :mod:`analysis.corpus.convert` reads them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

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
#: The day of the week in signs, a zone's name after its distance (as Go and Java write it).
_WEEKDAY = re.compile(
    r"\s?\([月火水木金土日一二三四五六월화수목금토일]曜?\)\s?"
    r"|\s?\(?(?:(?:星期|[周週])[一二三四五六日天]|[月火水木金土日]曜日|[월화수목금토일]요일)\)?\s?"
)
_NAMED_TOO = re.compile(r"(Z|[+-]\d\d:?\d\d)(?: [A-Z]{3,5}| ?\[[\w/+-]{1,40}\])$")
#: Years of Taiwan's calendar, which begins with 1912.
_REPUBLIC = re.compile(r"^(?:民[国國])\s?(\d{2,3})(?=\s?年|[./-])")
#: A month or a year alone, as pages show it of what is old.
_COARSE = re.compile(
    r"(?P<year>\d{4})(?:年|년|[/.](?=\d))\s?(?:(?P<month>\d{1,2})[月월]?)?"
    r"|(?:(?P<first>\d{1,2})[/.-]|(?P<name>[^\W\d_]{3,10})\.?,?\s(?:de\s)?)(?P<last>\d{4})(?:\sг\.?)?"
)
#: What a page shows before a time (``发布于``, ``Last edited on``).
LABEL = re.compile(
    r"[(\[]?(?:最[后後]|已)?(?:[发發](?:布|佈|表|送)|编辑|編輯|修改|更新|创建|建立|评论|評論|回复|回覆|上传|上傳|投稿|作成)"
    r"[过過]?(?:于|於|在|时间|時間|日期|日時|日)?[)\]:：]?\s?(?=\d)"
    r"|[(\[]?(?:last |first )?(?:posted|published|edited|updated|modified|created|commented|uploaded|premiered)"
    r"(?: on| at)?[)\]:]?\s{1,2}"
    r"|(?:gepostet|veröffentlicht|bearbeitet) am\s|(?:publié|modifié) le\s|(?:publicado|editado) e[lm]\s"
    r"|(?:опубликовано|изменено)\s|(?:작성일시?|게시일|등록일)\s?:?\s?(?=\d)",
    re.IGNORECASE,
)
#: And behind it: that it was edited, and from where. What tells the half of the day, or a zone, is no place.
_BEHIND = re.compile(
    r"(?<=\d)(?:\s?[·•]?\s?[(\[]?(?:已?编辑过?|已?編輯過?|已修改|[发發][布佈]|edited|수정됨|編集済み|ред\.)[)\]]?)?"
    r"(?:\s?[·•]?\s?(?:[来來]自|[发發][布佈][于於]|IP[属屬]地:?)?\s?"
    r"(?!.?午|凌晨|[早晚]上|傍晚|.{0,6}[时時][间間])[\u4e00-\u9fff]{2,8})?$",
    re.IGNORECASE,
)
_CHINAS = re.compile(r"\s?\(?(?:北京|中国|中國|台北|臺北)(?:标准|標準)?[时時][间間]\)?$")
_ENDS, _DOTTED = re.compile(r"\s(?:\(?([A-Z]{3,4})\)?|Uhr)$"), re.compile(r"(\s\d\d)\.(\d\d)\.(\d\d)$")


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
    >>> plainer("发布于 2024-05-01"), plainer("编辑于 2024-05-01 10:00 辽宁"), plainer("Posted on May 1, 2024")
    ('2024-05-01', '2024-05-01 10:00', 'May 1, 2024')
    """
    text = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", text).replace("\u2212", "-")).strip()
    text = _CHINAS.sub(" +08:00", text[found.end() :] if (found := LABEL.match(text)) else text)
    text = _BEHIND.sub("", text)
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


def coarse(text: str) -> tuple[datetime, str] | None:
    """Return a time that says no more than the month or the year, and which; None where it is none.

    >>> coarse("2024年3月"), coarse("mai 2024"), coarse("Season 2024")
    ((datetime.datetime(2024, 3, 1, 0, 0), 'month'), (datetime.datetime(2024, 5, 1, 0, 0), 'month'), None)
    """
    found = _COARSE.fullmatch(text)
    if found is None:
        return None
    name, year = found["name"], int(found["year"] or found["last"])
    month = month_of(name) if name else found["month"] or found["first"]
    if name and month is None:
        return None
    return datetime(year, int(month or 1), 1), "month" if month else "year"  # noqa: DTZ001  a month has no zone
