"""Numbers of identity cards, bank cards and accounts: known by form and check digits, or by the word before them."""

from __future__ import annotations

import re

from analysis.corpus.page import Page

ID, CARD = "[id]", "[card]"
DASH = r"\u2010-\u2015\u2212-"
#: What may stand between the groups of a number.
GAP = rf"[ \xa0.·•_{DASH}]"
#: Known by their form: identity cards of China (18 digits with a birthday in them), Korea, Hong Kong and the United
#: States, Italian tax codes.
_CARDS_OF_IDENTITY = re.compile(
    r"(?<![0-9])(?:[1-9][0-9]{5}[ -]?(?:19|20)[0-9]{2}[ -]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]"
    r"|3[01])[ -]?[0-9]{3}[0-9Xx]"
    rf"|[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]) ?[{DASH}] ?[1-8][0-9]{{6}}|(?!000|666"
    rf"|9)[0-9]{{3}}[{DASH}](?!00)[0-9]{{2}}[{DASH}](?!0000)[0-9]{{4}})"
    r"(?![0-9])|(?<![A-Za-z0-9])(?:[A-Z]{1,2}[0-9]{6}\([0-9A]\)"
    r"|[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z](?![A-Za-z0-9]))"
)
#: Known by check digits: Spain's, where the letter is glued or a hyphen before it; Brazil's; India's in three groups.
_CHECKED = re.compile(
    r"(?<![A-Za-z0-9._-])(?:(?P<spain>(?:[XYZ]-?[0-9]{7}|[0-9]{2}\.[0-9]{3}\.[0-9]{3}|[0-9]{8})-?[A-Z])"
    r"|(?P<brazil>[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2})|(?P<india>[2-9][0-9]{3}(?P<by>[ -])[0-9]{4}(?P=by)[0-9]{4}))"
    r"(?![A-Za-z0-9_-]|[ .]?[0-9])"
)
_NAMED_ID = re.compile(
    r"(?:\bSSN|social security|\bmy social\b|주민(?:등록)?번호)(?: ?(?:number|no\.?|num|is|#))*[:：#=은는 ]{0,3}"
    rf"([0-9]{{3}}{GAP}?[0-9]{{2}}{GAP}?[0-9]{{4}}|[0-9]{{6}}{GAP}{{0,3}}[0-9]{{7}})(?![0-9])"
    r"|(?:身[份分][证證](?:字[号號])?|[台臺]胞[证證]|回[乡鄉][证證]|паспорт|护照|護照|证件"
    r"|passport|id card|driver'?s? licen[cs]e|银行卡|銀行卡|卡号|社保|驾照|军官证|通行证|주민등록번호"
    r"|여권(?:번호)?|旅券|パスポート|reisepass|personalausweis)(?:nummer|番号)?[号码碼号:：.是为は은는# ]{0,4}"
    r"(?:no\.?|number|is|num|nr\.?)?[:：#. ]{0,2}"
    r"((?:[0-9][ -]?){17}[0-9Xx]|[0-9]{2} ?[0-9]{2} [0-9]{6}|[0-9]{4}(?: [0-9]{4}){3}(?: [0-9]{1,3})?"
    r"|(?=[A-Za-z]{0,3}[0-9])[A-Za-z]{0,3}[0-9]{6,19}[Xx]?"
    # Germany's and Korea's new ones have letters among the digits.
    r"|(?-i:(?=[A-Z0-9]{0,5}[0-9][A-Z0-9]{0,5}[0-9][A-Z0-9]{0,5}[0-9])[A-Z][A-Z0-9]{8}))(?![0-9A-Za-z])"
    r"|(?-i:\b(?:NINO|NI number|National Insurance(?: number)?))(?: is|[:：# ]){0,3}"
    r"([A-Za-z]{2}(?: ?[0-9]{2}){3} ?[A-D])(?![0-9A-Za-z])"
    # Words that mean nothing else, before a number in any groups.
    r"|(?:(?-i:\b(?:DNI|NIE|NIF|CPF|PESEL|BSN|NIR|CURP|IMEI|HKID|NRIC|KTP|CCCD|CMND)\b)|\baad?haa?r|आधार|codice fiscale"
    r"|numéro de sécurité sociale|steuer-?id|снилс|\bинн\b|マイナンバー)(?: ?(?:card|number|no\.?|num|is|#))*"
    r"[:：#.º=は ]{0,3}"
    r"((?:[A-Za-z]{1,6}-?|[A-Za-z]{1,2} )?[0-9](?:[ .-]?[0-9]){5,17}(?:[ -]?[A-Za-z](?![A-Za-z]))?)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_PROVINCES = "京津沪冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼渝使"
#: Plates of cars: China's by their form, of others the groups of letters and digits after the word.
_PLATED = re.compile(rf"[{_PROVINCES}车車번차ナ](?:[A-Z]|牌|호판|량번호|ンバー)")
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-Z][ ·•.-]?"
    r"(?=(?:[A-Z]{0,5}[0-9]){3})[A-Z0-9]{4}(?:[A-Z0-9]{1,2}|[学警港澳领挂])(?![A-Za-z0-9]| ?[元块人万亿])"
    r"|(?:车牌号?码?|車牌號?碼?|번호판|차량번호|ナンバープレート|(?i:licen[cs]e plate|number plate|kennzeichen))"
    r"(?:号|is|ist|number|[은는は是：: ]){0,4}"
    r"((?:[0-9]{2,3} ?[가-힣] ?[0-9]{4}|[\u4e00-\u9fff]{1,4} ?[0-9]{2,3} ?[ぁ-ん] ?[0-9]{2}-?[0-9]{2}"
    r"|(?=[0-9 -]{0,8}[A-ZÄÖÜ])(?=[A-ZÄÖÜ -]{0,8}[0-9])"
    r"(?![A-ZÄÖÜ]{1,4} (?:19|20)[0-9]{2}(?![0-9]))"  # "DDR 1989"
    r"(?:[A-Z0-9]{5,8}|[A-ZÄÖÜ0-9]{1,4}(?:[ -][A-Z0-9]{1,4}){1,2})))(?![A-Za-z0-9])"
)
_BANK = re.compile(
    r"(?<![0-9])(?<![0-9]\.)(?:[3-6][0-9]{3}(?:[ .-]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?"
    r"|3[47][0-9]{2}[ .-]?[0-9]{6}[ .-]?[0-9]{5})(?![0-9])"
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
    # In small letters of digits alone: "in 24 hour" is none.
    r"|(?<![A-Za-z0-9])[a-z]{2}[0-9]{2}(?: ?[0-9]{4}){3,7}(?: ?[0-9]{1,3})?(?![A-Za-z0-9])"
)
#: After these words a number is that of an account, unless it counts something.
_ACCOUNT = re.compile(
    r"(?:(?i:\baccount (?:number|no\.?|#)|\bacct|\brouting (?:number|no\.?)|\bsort code|\bkonto(?:nummer|nr\.?))"
    r"|账户|帐户|賬戶|口座(?:番号|[:： ]{0,2}(?:普通|当座)))"
    rf"(?: is|[:：.#是为は ]){{0,4}}([0-9](?:[ {DASH}]?[0-9]){{5,18}})(?![0-9])"
    rf"|(?:은행|뱅크|농협|신협|계좌)(?:번호)?[:：은는 ]{{0,3}}([0-9](?:[{DASH}]?[0-9]){{9,13}})(?![0-9])"
)
_COUNTED = re.compile(r"\s?(?:[元块万亿人个次원명円%年]|dollars|won|usd|people|users)")
_SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE"
_SHUFFLED = "1576283094"


def may_plate(text: str) -> bool:
    """Tell whether a text may have the plate of a car."""
    return "late " in text or "ennzeichen" in text or _PLATED.search(text) is not None


def hide_plates(page: Page) -> int:
    """Replace the plates of cars; return how many."""
    if not may_plate(page.seen):
        return 0
    return page.hide(_PLATE, lambda match: (*match.span(match.lastindex or 0), ID))


def hide_identity(page: Page) -> dict[str, int]:
    """Replace numbers of identity cards, bank cards and accounts; return how many of each kind."""
    accounts = page.hide(_IBAN, _iban) if _IBAN.search(page.seen) else 0
    accounts += page.hide(_ACCOUNT, _account)
    cards = page.hide(_CARDS_OF_IDENTITY, lambda match: (*match.span(), ID))
    cards += page.hide(_NAMED_ID, lambda match: (*match.span(match.lastindex or 0), ID)) + page.hide(_CHECKED, _checked)
    return {"identity card": cards, "bank card": accounts + page.hide(_BANK, _bank)}


def _checked(match: re.Match[str]) -> tuple[int, int, str] | None:
    """Take a number for an identity card's if its check digits are right."""
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    if match["spain"]:
        first = "XYZ".find(match[0][0])  # of who is no citizen; it stands for 0, 1 or 2
        number = int("".join(map(str, [max(first, 0), *digits])))
        right = _SPANISH[number % 23] == match[0][-1]
    elif match["brazil"]:
        right = all(
            sum(digit * (at + 1 - place) for place, digit in enumerate(digits[:at])) * 10 % 11 % 10 == digits[at]
            for at in (9, 10)
        )
    else:
        groups = re.findall("[0-9]+", match[0])  # that rise, fall, are years or round: a list of numbers
        listed = len(set(groups)) == len(groups) and sorted(groups) in (groups, groups[::-1])
        listed = listed or all(each[:2] in {"19", "20"} or each[2:] in {"00", "50"} for each in groups)
        right = not listed and _verhoeff(digits) == 0
    return (*match.span(), ID) if right else None


def _verhoeff(digits: list[int]) -> int:
    """Return Verhoeff's check of digits, 0 where they are right: each turns or mirrors a pentagon."""
    check = 0
    for times, digit in enumerate(reversed(digits)):
        for _ in range(times % 8):
            digit = int(_SHUFFLED[digit])  # noqa: PLW2901  shuffled
        turned = (check - digit if check > 4 else check + digit) % 5  # noqa: PLR2004  5 to 9 mirror
        check = turned + 5 * ((check > 4) != (digit > 4))  # noqa: PLR2004
    return check


def _bank(match: re.Match[str]) -> tuple[int, int, str] | None:
    """Take a number for a bank card's if its check digit is right (Luhn)."""
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]  # noqa: PLR2004  two digits make one
    return (*match.span(), CARD) if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else None


def _account(match: re.Match[str]) -> tuple[int, int, str] | None:
    counts = _COUNTED.match(match.string, match.end())
    return None if counts else (*match.span(match.lastindex or 0), CARD)


def _iban(match: re.Match[str]) -> tuple[int, int, str] | None:
    """Take a number for a bank account's if its check digits are right (ISO 13616)."""
    said = match[0].replace(" ", "").upper()
    return (*match.span(), CARD) if int("".join(str(int(each, 36)) for each in said[4:] + said[:4])) % 97 == 1 else None
