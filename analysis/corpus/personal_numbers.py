"""Numbers that are somebody's: telephone, address in the net; see also :mod:`analysis.corpus.identity_numbers`.

A run of digits is one only in the forms that these have: prices, dates, scores, counts and ids of videos stay.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from analysis.corpus.identity_numbers import DASH, GAP, hide_identity, hide_plates
from analysis.corpus.links import ENDS, IP, REST
from analysis.corpus.page import Page

PHONE = "[phone]"
# What a number holds, seven digits, or six after a capital letter; most texts have no such digits. It begins with one
# class of characters, not with an alternation: for that the engine has a fast search.
_SEVEN = re.compile(r"[0-9](?:(?:[^0-9]{0,3}[0-9]){6}|(?:(?<=[A-Z][0-9])|(?<=[A-Z] [0-9]))(?:[^0-9]{0,3}[0-9]){5})")
# What hardly stands between two numbers, as a comma and a blank or the end of a sentence do.
_BETWEEN = rf"(?:{GAP}|[^\w\x00\x01,，、;；.。…!！?？()'\"“”‘’°%$€£¥￥₩₽]{{1,4}}|[,，、;；ㅡー]|[()]{{1,2}})"
#: Days, years in a row, spans of them, and degrees with decimals are no numbers of anybody.
_DATES = re.compile(
    r"(?<![0-9])(?:(?:(?:19|20)\d\d[ ,、/]{1,2}){2,}(?:19|20)\d\d(?![0-9])"
    r"|(?:(?:0[1-9]|1[0-2])[./-]?(?:[0-2]\d|3[01])[ ,、]{1,2}){2,}(?:0[1-9]|1[0-2])[./-]?(?:[0-2]\d|3[01])(?![0-9])"
    r"|(?<![0-9]\.)(?<!\))(?<!\) )\d{1,3}\.\d{3,7}(?![0-9]|[ .-]?[0-9]))|"
    r"(?<![0-9])(?:(?:1[5-9]|20)\d\d(?:[-./年–]\d{1,2}[-./月–]\d{1,2}(?![0-9])|[ ]?[-~/–—][ ]?(?:1[5-9]"
    r"|20)\d\d(?![0-9]))"
    r"|\d{1,2}[-./]\d{1,2}[-./](?:1[5-9]|20)\d\d(?![0-9]))"
)
_ISBN = re.compile(
    r"(?<![0-9])97[89](?:[ -]?[0-9]){10}(?![0-9])|ISBN[ :\d-]{0,4}(?:[ -]?[0-9]){9}[ -]?[0-9Xx](?![0-9])"
)
_FORMS = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)(?:"
    # With the sign or the prefix of another country's network.
    rf"(?P<abroad>\(?(?:\+|00(?=[1-9])){GAP}?\(?[1-9](?:[ \xa0.·•_()\[\]【】{DASH}]{{0,3}}+[0-9]){{6,14}})"
    # Chinese mobile numbers: in their own groups, whatever is between; in any groups, or all digits apart.
    rf"|(?P<mobile>\(?(?:86\)?{GAP}?)?(?:1[3-9][0-9]{_BETWEEN}[0-9]{{4}}{_BETWEEN}[0-9]{{4}}"
    rf"|1[3-9][0-9](?:{GAP}{{0,2}}+[0-9]{{3,8}}+){{1,3}}"
    rf"|1(?:[ \xa0.,·-][0-9]){{10}}|1(?P<by>(?![+*]){_BETWEEN})[3-9](?:(?P=by)[0-9]){{9}}))"
    # With the 0 before an area's code; the numbers of many countries.
    rf"|(?P<trunk>0[0-9]{{1,3}}{_BETWEEN}[0-9]{{3,4}}{_BETWEEN}?[0-9]{{4}}(?!{_BETWEEN}?[0-9])"
    rf"|\(?0(?!\.)[0-9]{{1,5}}+\)?+(?:[ \xa0.·_/-]{{0,3}}+\(?[0-9]{{1,8}}+\)?+){{1,5}})"
    # North America, and what has three, three and four digits like it.
    rf"|(?P<nanp>(?:1{GAP}?)?(?:(?:\([0-9]{{3}}\)|\[[2-9][0-9]{{2}}\]){GAP}?|[2-9][0-9]{{2}}{GAP}|[0-9]{{3}}-)[0-9]{{3}}{GAP}[0-9]{{4}})"
    rf"|(?P<ten>1?[2-9][0-9]{{2}}[1-9][0-9]{{6}})"
    # Russian and Korean mobile numbers, and others with an area's code in brackets.
    rf"|(?P<area>8{GAP}?\(?9[0-9]{{2}}\)?{GAP}?[0-9]{{3}}{GAP}?[0-9]{{2}}{GAP}?[0-9]{{2}}"
    rf"|86{GAP}[1-9][0-9]{{1,2}}{GAP}[2-9][0-9]{{6,7}}|82{GAP}\(?0?\)?10{GAP}?[0-9]{{4}}{GAP}?[0-9]{{4}}"
    rf"|\((?!(?:19|20)[0-9]{{2}}\))[0-9]{{2,4}}\){GAP}?[0-9]{{3,5}}{GAP}?[0-9]{{3,5}})"
    rf")(?![0-9])(?!\.[0-9])"
)
#: After these words any number that is long enough is a telephone's.
_CALLED = re.compile(
    r"(?:电话|電話|手机号?码?|手機|联系方式|联系"
    r"|致电|热线|(?<![票单單件型编書书案])号码|座机|传真|tel|phone|mobile|cell|fax|call me(?: (?:at|on))?|whats ?app"
    r"|viber|전화|電話番号|携帯|телефон)"
    rf"[号码碼:：.是为 #(-]{{0,4}}([0-9](?:{GAP}?[0-9]){{6,14}})(?![0-9])",
    re.IGNORECASE,
)
#: A whole number, its thousands apart or not.
_THOUSANDS = re.compile(rf"\+{GAP}?(?:[0-9]+|[0-9]{{1,3}}(?:[ \xa0.·][0-9]{{3}})+)")
_CURRENCY = frozenset("$€£¥￥₩₽")
_UNIT = re.compile(
    r"\s?(?:[人元块萬万億亿年个次名吨米度户票股円원명%分台部]|[朝韩韓日美欧]元|[朝韩韓]币|人民币|美金|用户|积分|社会信用|信用分|平方|公里|公斤"
    r"|people|persons?|dollars?|usd|won|krw|rmb|yuan|yen|euros?|pounds?|km|miles?|square|sq\b|kg|kcal|calories"
    r"|meters?|tons?|views?|likes?|followers?|subs(?:cribers)?|users?|years?|times|votes?|deaths?|steps|points?|lives"
    r"|troops|soldiers|citizens|seconds|minutes|hours|days|(?:social )?credits?|aura)(?![a-z])",
    re.IGNORECASE,
)
_POINT = r"(?:\.|[\[(]\.[\])])"
_V4 = re.compile(
    rf"(?<![0-9.])(?<![vV])((?:[0-9]{{1,3}}{_POINT}){{3}}[0-9]{{1,3}})(?!\.?[0-9])"
    rf"(?::[0-9]{{1,5}})?(?:/(?=[A-Za-z~@]){REST})?"
)
_DOTTED = re.compile(rf"[0-9]{_POINT}[0-9]{{1,3}}{_POINT}[0-9]{{1,3}}{_POINT}[0-9]")
_V6 = re.compile(r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?<=:))(?![0-9A-Za-z:])")
_MAC = re.compile(
    r"(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|(?=[0-9-]*[A-Fa-f])[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})(?![0-9A-Za-z:-])"
    r"|(?<![\w.-])(?:(?=[0-9.]*[A-Fa-f])(?=[A-Fa-f.]*[0-9])[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}"
    r"|(?<=MAC )[0-9A-Fa-f]{12}|(?<=MAC: )[0-9A-Fa-f]{12})(?![\w-]|\.\w)"
)
_IN_FOURS = re.compile(r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.")
_VERSION = re.compile(r"(?:\bversion|firmware|\bbuild|版本|\bver\.?|\bsec(?:tion|\.)?|§|第)\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"[0-5][0-9](?::[0-5][0-9]){5}")
_MOBILE, _LEAST, _MOST = 11, 9, 12
#: So many different numbers of one text are looked up; a text with more is a list of numbers.
_LOOKED_UP = 100
#: So many numbers that only blanks are between are told apart.
_IN_A_ROW = 8
#: Between the groups of a number, what otherwise stands between several.
_ODD = re.compile(rf"(?!{GAP})[^0-9()]")
#: Countries whose numbers are known with the 0 before them.
_COUNTRIES = ("CN", "KR", "JP", "GB", "DE", "FR", "TW", "AU", "NL", "IN", "VN", "TH")
_BRITISH_MOBILE = re.compile(r"07\d{9}")


def hide_numbers(page: Page) -> dict[str, int]:
    """Replace numbers that are somebody's; return how many of each kind."""
    found = {"licence plate": hide_plates(page)}
    seen = page.seen
    if _DOTTED.search(seen):
        found["network address"] = page.hide(_V4, _v4)
    if seen.count(":") >= 5 or seen.count("-") >= 5 or _IN_FOURS.search(seen) or "MAC" in seen:  # noqa: PLR2004
        found["network address"] = found.get("network address", 0) + page.hide(_MAC, _mac)
    if seen.count(":") >= 5 or "::" in seen:  # noqa: PLR2004  colons of the shortest one without "::"
        found["network address"] = found.get("network address", 0) + page.hide(_V6, _v6)
    page.seen = page.in_digits()
    if not _SEVEN.search(page.seen):
        return found
    found |= hide_identity(page)
    looked: set[str] = set()

    def phone(match: re.Match[str]) -> tuple[int, int, str] | None:
        looked.add(match[0])
        return _placed(match) if len(looked) > _LOOKED_UP or _is_phone(match) else _first_of(match)

    number = 0
    for _ in range(_IN_A_ROW):
        more = page.hide(_FORMS, phone, _without_dates(page.seen))
        number += more
        if not more:
            break
    if _CALLED.search(page.seen):
        called = _without_dates(page.seen)
        number += page.hide(_CALLED, lambda match: None if _counts(match, 1) else (*match.span(1), PHONE), called)
    found["phone number"] = number
    return found


def _without_dates(seen: str) -> str:
    return _ISBN.sub(_blank, _DATES.sub(_blank, seen))


def _blank(match: re.Match[str]) -> str:
    return "\x01" * len(match[0])


def _placed(match: re.Match[str]) -> tuple[int, int, str]:
    """Return where a number stands, without a bracket that is not its own."""
    start, end, said = match.start(), match.end(), match[0]
    start += said.startswith("(") and ")" not in said
    end -= said.endswith(")") and "(" not in said
    return start, end, PHONE


def _first_of(match: re.Match[str]) -> tuple[int, int, str] | None:
    """Return where the first of several numbers stands that only blanks are between."""
    if match.lastgroup != "trunk" or _counted(match):
        return None
    digits = 0
    for group in re.finditer(r"[0-9]+", match[0]):
        digits += len(group[0])
        if digits > _MOST:
            return None
        said = match[0][: group.end()]
        if digits >= _LEAST and not _glued(match) and _at_home("".join(filter(str.isdigit, said))):
            return match.start(), match.start() + group.end(), PHONE
    return None


def _counts(match: re.Match[str], group: int = 0) -> bool:
    """Tell whether a number counts something or is a price."""
    text, start, end = match.string, match.start(group), match.end(group)
    before = text[max(0, start - 2) : start].strip()
    return before[-1:] in _CURRENCY or _UNIT.match(text, end) is not None


def _is_phone(match: re.Match[str]) -> bool:
    """Tell whether a number of a form of telephone numbers is one."""
    digits = "".join(filter(str.isdigit, match[0]))
    form = match.lastgroup
    plain = match[0].isdigit()
    if form == "abroad":
        score = _THOUSANDS.fullmatch(match[0]) and _counts(match)
        whole = digits if "+" in match[0] else digits.removeprefix("00")
        return not score and _abroad(whole, glued=match[0][1:].isdigit())
    if form == "mobile":
        number = digits.removeprefix("86") if len(digits) > _MOBILE else digits
        odd = plain or _ODD.search(match[0]) is not None
        return len(number) == _MOBILE and number[0] == "1" and not (_counted(match) or (odd and _counts(match)))
    if form == "trunk":
        listed = re.fullmatch(r"\d(?:[^\d]\d)*", match[0]) is not None or _counted(match)
        return _LEAST <= len(digits) <= _MOST and not listed and not _glued(match) and _at_home(digits)
    if form == "nanp":
        return not (_counts(match) or _round(_groups(match)))
    if form == "ten":
        few = len(set(digits)) <= 2 or digits.endswith("0000")  # noqa: PLR2004  a round number
        return not (few or _counts(match) or _glued(match))
    return True


def _groups(match: re.Match[str]) -> list[int]:
    return [int(group) for group in re.findall("[0-9]+", match[0])]


def _round(groups: list[int]) -> bool:
    return all(group % 50 == 0 for group in groups)


def _counted(match: re.Match[str]) -> bool:
    """Tell whether numbers stand in a row: as one counts (01 02 03), or drawn (six pairs that rise).

    With odd marks between them also round ones, and years.
    """
    groups = _groups(match)
    many = len(groups)
    drawn = many > 5 and max(groups) < 100 and groups == sorted(set(groups))  # noqa: PLR2004  no number has so many
    row = many > 2 and groups == list(range(groups[0], groups[0] + many))  # noqa: PLR2004
    years = many == 3 and all(1900 <= group < 2100 for group in groups[1:])  # noqa: PLR2004
    return drawn or row or (many > 1 and _ODD.search(match[0]) is not None and (years or _round(groups[1:])))


def _glued(match: re.Match[str]) -> bool:
    """Tell whether a number is part of a word, such as the id of a video."""
    around = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
    return any(letter.isascii() and (letter.isalnum() or letter == "_") for letter in around)


@lru_cache(maxsize=1_000)
def _abroad(digits: str, *, glued: bool) -> bool:
    """Tell whether digits with a country's code may be a number there; a score of a round million is none.

    Digits without any gap are scores more often than numbers that lack their area's code.
    """
    import phonenumbers  # noqa: PLC0415  few texts hold such a number

    if digits.endswith("00000"):
        return False
    try:
        told = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False
    of_area = () if glued else (phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,)
    return told in {phonenumbers.ValidationResult.IS_POSSIBLE, *of_area}


@lru_cache(maxsize=1_000)
def _at_home(digits: str) -> bool:
    """Tell whether digits with a 0 before them are a number in one of the countries that are looked at."""
    import phonenumbers  # noqa: PLC0415  few texts hold such a number

    if _BRITISH_MOBILE.fullmatch(digits):  # those that are kept for films too
        return True
    return any(phonenumbers.is_valid_number(phonenumbers.parse(digits, country)) for country in _COUNTRIES)


def _v4(match: re.Match[str]) -> tuple[int, int, str] | None:
    said = _VERSION.search(match.string, max(0, match.start() - 12), match.start()) is not None
    parts = re.findall("[0-9]+", match[1])
    # A byte; "1.5.7.8" is none, and "1.000.000.000" a number.
    fits = all(int(part) < 256 for part in parts) and max(map(len, parts)) > 1 and "000" not in parts  # noqa: PLR2004
    return (match.start(), match.start() + len(match[0].rstrip(ENDS)), IP) if fits and not said else None


def _v6(match: re.Match[str]) -> tuple[int, int, str] | None:
    try:
        ipaddress.IPv6Address(match[0])
    except ValueError:
        return None
    parts = match[0].split(":")
    told = sum(part != "" for part in parts)
    # "a::b" is code, "1:2:3:4:5:6:7:8" a ratio
    fits = told > 2 and any(map(str.isdigit, match[0])) and max(map(len, parts)) > 1  # noqa: PLR2004
    return (*match.span(), IP) if fits else None


def _mac(match: re.Match[str]) -> tuple[int, int, str] | None:
    return None if _CLOCK.fullmatch(match[0]) else (*match.span(), IP)
