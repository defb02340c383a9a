"""Where a text names an account: mentions, answers, e-mail addresses, and names on other platforms."""

from __future__ import annotations

import re
from collections.abc import Callable

from analysis.corpus.elsewhere import SYMBOL, is_worded
from analysis.corpus.links import HOST
from analysis.corpus.page import GONE, Page, words

EMAIL = "[email]"
# Letters, digits, combining marks and _ of every script: what is neither a blank nor a mark nor a symbol.
_NO_LETTER = (
    r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf×÷\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff\u2e00-\u2e7f"
    r"\u2ff0-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30fb\u3200-\u33ff\ud800-\uf8ff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uff0f\uff1a-\uff20"
    r"\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001faff\U000e0000-\U0010ffff"
)
_L = rf"[^{_NO_LETTER}]"
_AROUND = rf"(?:{SYMBOL}|[~～\-.·•*^=+|丨丶゛゜﹏])"
_BRACKETS = "「」『』【】〖〗《》〈〉（）()〔〕［］[]<>{}“”‘’\"\"''"
_PAIR = "|".join(
    rf"{re.escape(begin)}[^\s@{re.escape(end)}{GONE}]{{1,24}}{re.escape(end)}"
    for begin, end in zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True)
)
_AFTER = _PAIR.partition("|“")[0].replace(r"|\[[^\s@\]" + GONE + r"]{1,24}\]", "")
# An emoji or a mark within a name, an apostrophe ("o'kennedy", but not the 's of "john's"), Reddit's \_.
_JOIN = (
    rf"(?:[.·•・-]{{1,8}}|[|&](?![A-Za-z]{{2,6}};)(?={_L})|\\(?=[_-])"
    rf"|['’](?!(?:s|re|ve|ll|d|m|t)(?!{_L}))(?={_L}{{2}}))"
)
_NAME = rf"(?:{_L}++(?:{_JOIN}{_L}++)*+[-_]*+)"
_JOINED = rf"(?:{SYMBOL}{{1,4}}+(?!(?:哈|呵|嘻|h[ae]|lol|w+\b)){_L}{{1,16}}+(?=[\s,，。!！?？:：{GONE}]|$|{SYMBOL}|@))"
_MENTION = re.compile(
    rf"(?P<mark>@\xa0?)(?P<name>(?:{_PAIR})|[\w.-]*+(?:%[0-9A-Fa-f]{{2}})++(?:[\w.-]++|%[0-9A-Fa-f]{{2}})*+"
    rf"|[un]/{_L}{{2,40}}+"  # "@u/1234567890": Weibo, for who has no name
    rf"|(?P<first>{_AROUND}{{1,6}}+)?{_NAME}(?P<more>{_JOINED}{{1,3}}+)?(?P<last>{_AROUND}{{1,6}}+)?"
    rf"(?P<bracket>(?:{_AFTER}))?)"
)
_BEGINS = re.compile(rf"^\s*(?P<mark>@ +)(?P<name>{_NAME})")
_SECOND = re.compile(r" ([A-Z][a-z]{1,20}(?:['-][A-Z]?[a-z]+)?)(?=[ ][^A-Z]|[,:;!?]|\.?$)")
_REDDIT = re.compile(r"(?<![A-Za-z0-9_])(?P<mark>/?(?:[uU]|[uU]ser)/|[rR]/[uU]_)(?P<name>(?:[A-Za-z0-9_-]|\\[_-]){3,})")
_ANSWER = re.compile(
    rf"(?:(?<![^\s，。,.!！?？;；:：])|^)(?P<mark>(?:[回答][复覆]|返信先?|답글|Replying to|In reply to)[ \xa0]*)"
    rf"(?P<name>(?!@)[^\s:：@,，。!！?？;；{GONE}]{{1,24}}?(?: [A-Z][^\s:：@,，。{GONE}]{{1,20}})?)(?=\s?[:：])"
    # "RT name:", as some tools write it; of letters alone it may be a word.
    r"|^(?:[RMQ]T|Re:|Antwort (?:an|auf)|Als Antwort an|En réponse à|Respondiendo a|E[nm] resp(?:ue|o)sta a|В ответ) "
    r"(?P<whose>(?=[A-Za-z]*+[0-9_])[A-Za-z0-9_]{2,30})(?=\s?[:：])"
    # "name님에게 답글", "nameさんへの返信".
    rf"|^(?P<polite>[^\s:：@,，。{GONE}]{{1,24}}?)(?:님(?:에게|께|의)(?: 남긴)? 답글|さん(?:への?)?返信)",
    re.MULTILINE,
)
_ANSWERS = (
    *("回复", "回覆", "答复", "答覆", "返信", "답글", "eply", "RT ", "MT ", "QT ", "Re: ", "ntwort a", "onse à "),
    *("esta a ", "osta a ", "iendo a ", "ответ "),
)
#: Who is answered by no name.
_ANYBODY = re.compile(
    r"(?:楼上.*|楼主|楼下.*|层主|你|您|他|她|它|我|大家|各位|所有人|一下|内容|评论|如下|说|道|者|数|率|中|了|的|是|[0-9]+[楼#件개]?|统一|this.*|that|your?"
    r"|my|all|"
    r"everyone|the|him|her|them|me|us|(?:率|数|量|速度|时间|内容|评论).*|여러분|선생|작성자|.*(?:요|니다|음|ありがとう|ます|です|した|さい))",
    re.IGNORECASE,
)
_EVERYBODY = words("everyone here all channel 所有人 全体成员 media import property")
#: What stands after "@ " where it means the place or the time.
_PLACES = words(
    "a about all an any around at each every first five four half her his home last least lunch most my night no "
    "noon nine once one our school seven some ten that the their this three two what work you your 家 "
    "beijing china dandong dprk korea nk north pyongyang rason seoul south"
)
_STARTERS = words(
    "and are but can did do does for from good great had has have hello he hey hi how if is it just kim korea "
    "korean lol love my nice no nobody north not now of oh ok okay please pyongyang she so south sorry than thank "
    "thanks that the then there they this to too true was we well what when where which who why will yeah yes you "
    "your"
)
_COUNT = re.compile(
    r"[0-9]{1,4}(?:[.:][0-9]+)?(?:am|pm|k|m|usd|rmb|hz|ghz|mhz|fps|p|each|元|块|点(?:[钟半整].*)?|"
    r"月[0-9]{1,2}[日号](?:星期.|周.|[上下]午.*|早上?.*|晚上?.*)?|月|年|号|日|楼|万|%)?",
    re.IGNORECASE,
)
#: How platforms write a mention that shows another name than the account's: VK, Discord, Slack, Facebook, Telegram.
_MARKED = re.compile(
    r"\[(?P<kind>id|club|public|event)(?P<vk>\d{1,20})(?::[^|\]\n]{0,40})?\|[^\]\n]{1,80}\]"
    r"|[*@](?:id|club|public)(?P<typed>\d{1,20}) ?\([^()\n]{1,60}\)"
    r"|<@[!&]?(?P<discord>\d{15,20})>|<@(?P<slack>[UW][A-Z0-9]{7,11})(?:\|[^>\n]{0,40})?>"
    r"|@\[(?P<facebook>\d{5,20}):(?:\d{1,9}:)?[^\]\n]{1,80}\]"
    r"|@\[[^\[\]\n]{1,80}\]\((?:[a-z]{1,12}:)?(?P<linked>[\w.-]{1,40})\)"
    r"|\[[^\[\]\n]{1,80}\]\(tg://user\?id=(?P<telegram>\d{1,20})\)"
)
#: No platform lets a name be wider; Chinese and Japanese letters count two. A sentence that was typed onto one goes on.
_WIDEST = 40
_WIDE = re.compile(r"[\u0e00-\u0e7f\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uf900-\ufaff\U00020000-\U0003ffff]")
#: Platforms whose names hold letters, digits, _, - and dots alone.
_NO_EMOJI = words("weibo x twitter instagram threads reddit")


def hide_marked(page: Page, named: Callable[[str], str]) -> int:
    """Replace mentions that a platform writes with the account's id and the name it shows; return how many.

    Addresses in the page are not hidden yet: one of them may hold the account.
    """
    if "|" not in page.seen and "(" not in page.seen and "<@" not in page.seen and "@[" not in page.seen:
        return 0

    def marked(found: re.Match[str]) -> tuple[int, int, str]:
        community = "-" if found["kind"] not in {None, "id"} else ""  # VK's own sign for one
        return (*found.span(), "@" + named(community + str(found[str(found.lastgroup)])))

    return page.hide(_MARKED, marked)


def hide_mentions(page: Page, platform: str | None, named: Callable[[str], str]) -> int:
    """Replace the names in mentions and answers; return how many.

    Parameters
    ----------
    page : Page
        Addresses in it are hidden already.
    platform : str or None
        Where it was said: what a name may hold depends on that.
    named : callable
        Takes a name, gives what stands for it.

    """

    def answered(found: re.Match[str]) -> tuple[int, int, str] | None:
        which = str(found.lastgroup)
        return None if _ANYBODY.fullmatch(found[which]) else (*found.span(which), named(found[which]))

    def begun(found: re.Match[str]) -> tuple[int, int, str] | None:
        name = found["name"].lower()
        return None if name in _PLACES or name[0].isdigit() else (found.start("name"), found.end(), named(name))

    def mentioned(found: re.Match[str]) -> tuple[int, int, str] | None:
        start, end = _extent(found, platform)
        name = found.string[start:end]
        if not any(map(str.isalnum, name)) or name.lower() in _EVERYBODY or _COUNT.fullmatch(name):
            return None
        if len(name) == 1 and name.isascii() and found.string[end : end + 1] == "@":
            return None  # a face: @o@
        return start, end, named(name)

    number, seen = 0, page.seen
    if "@" in seen:
        number += page.hide(_BEGINS, begun) + page.hide(_MENTION, mentioned)
    if "/" in seen and _REDDIT.search(seen):
        number += page.hide(_REDDIT, lambda found: (*found.span("name"), named(found["name"].replace("\\", ""))))
    if _may_answer(seen):
        number += page.hide(_ANSWER, answered)
    return number


def _extent(found: re.Match[str], platform: str | None) -> tuple[int, int]:
    """Return where the name of a mention begins and ends."""
    start, end = found.span("name")
    plain = found["first"] is None
    if found["more"] and platform in _NO_EMOJI:
        return start, _within(found.string, start, found.start("more"))
    if found["last"] and plain and not found["bracket"]:
        end = found.start("last")
    end = _within(found.string, start, end)
    if end == found.end("name") and plain and found.string[start : start + 1].isupper() and _alone(found, start):
        second = _SECOND.match(found.string, end)
        if second is not None and second[1].lower() not in _STARTERS and found["name"].isalpha():
            end = second.end(1)
    return start, end


def _alone(found: re.Match[str], start: int) -> bool:
    """Tell whether a mention begins a text, where names of two words stand."""
    return start <= 4 and found.string[:start].strip(" \n") == "@"  # noqa: PLR2004  blanks before it


def _within(text: str, start: int, end: int) -> int:
    """Return where a name ends at the latest."""
    name = text[start:end]
    if not _WIDE.search(name):
        return end
    width = 0
    for place, letter in enumerate(name):
        width += 2 if _WIDE.match(letter) else 1
        if width > _WIDEST:
            return start + place
    return end


# -- e-mail ------------------------------------------------------------------------------------------------------------

_LATIN = r"A-Za-z0-9\u00c0-\u024f\u0370-\u052f\u1e00-\u1eff"
_LOCAL = rf"[{_LATIN}.+'!$%&^~_-]"
_LABEL = rf"[{_LATIN}-]{{1,63}}+"
_HAN_ENDINGS = (
    "公司|网络|網絡|中国|中國|香港|台湾|台灣|网址|在线|商城"
    "|集团|我爱你|世界|移动|企业|手机|机构|公益|网店|商店|邮箱|みんな|닷컴|닷넷|한국"
)
_DOMAIN = (
    rf"(?:(?:[A-Za-z0-9-]{{1,63}}+\.)+[A-Za-z]{{2,24}}(?![A-Za-z0-9_])"
    rf"|\[?(?:\d{{1,3}}\.){{3}}\d++\]?|\[(?:IPv6:)?[0-9A-Fa-f:.]{{3,45}}\]"
    rf"|(?:{_LABEL}\.)+[{_LATIN}]{{2,24}}(?![{_LATIN}_])|(?:[\w-]{{1,63}}+\.)+(?:{_HAN_ENDINGS}|com|net|org|cn|jp|kr|tw|hk)"
    # India's, the Arabic and other alphabets, whose marks stand between the letters.
    rf"|(?:[\u0530-\u0e7f\u10a0-\u10ff-]{{1,63}}+\.)+[\u0530-\u0e7f\u10a0-\u10ff]{{2,24}}+"
    rf"|localhost(?!\w))"
)
# The path too, where a repository or a file is named so ("git@host:name/what").
_EMAIL = re.compile(rf"(?<!{_LOCAL})(?<!@){_LOCAL}++@{_DOMAIN}(?::(?!//)[A-Za-z0-9_.~-]*+/[A-Za-z0-9_./~-]*+)?")
_PROVIDER = (
    r"(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|icloud|me|aol|proton(?:mail)?|gmx|web|mail"
    r"|yandex|qq|vip\.qq|foxmail|163|126|"
    r"yeah|139|189|sina|sohu|21cn|aliyun|naver|네이버|daum|hanmail|rambler|freenet|t-online|orange|wanadoo|zoho|tutanota)"
)
#: Those of them that are hardly anybody's name.
_SURE = "(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|proton(?:mail)?|foxmail|qq|163|126|naver|hanmail)"
#: Those that mean nothing but e-mail.
_MAIL = "(?:gmail|googlemail|hotmail)"
#: Endings of sites that are no words.
_ENDS = "(?:com|net|org|edu|gov|info|biz|io|co|cn|kr|jp|tw|hk|uk|de|fr|ru|nl|eu|ca|au|es|br)"
_PUT_DOT = r"(?:[\[({<【]\s?(?:dot|\.|点|점)\s?[\])}>】]|[*-]dot[*-])"
_DOT = rf"\s?(?:\.|。|点|點|점|닷|ドット|{_PUT_DOT}|\s(?:dot|点|점|닷|punto|point|punkt|точка)\s)\s?"
_APART = rf"(?:\s?{_PUT_DOT}\s?|\sdot\s|[ ]\.[ ])"
_AT_WORDS = "艾特|圈|골뱅이|앳|アット(?:マーク)?|собака|arroba|arobase"
_PUT = rf"\s{{0,2}}(?:[\[({{<【]\s?(?:at|ät|a|@|{_AT_WORDS})\s?[\])}}>】]|[*-]at[*-])\s{{0,2}}"
_SPELT = re.compile(
    # Before the @ a dot is a word only between blanks, and a full stop only where blanks are around it.
    rf"(?<!{_LOCAL}){_LOCAL}++(?:{_APART}{_LOCAL}++){{0,3}}+"
    rf"(?:{_PUT}[A-Za-z0-9-]{{1,63}}+(?:{_DOT}[A-Za-z0-9-]{{1,30}}+)+"
    rf"|\sat\s[A-Za-z0-9-]{{1,63}}+(?:\sdot\s[A-Za-z0-9-]{{1,30}}+){{0,2}}\sdot\s{_ENDS}"
    rf"|[ ]?@[ ]?[A-Za-z0-9-]{{1,63}}+(?:{_APART}[A-Za-z0-9-]{{1,30}}+){{0,2}}"
    rf"{_APART}{_ENDS}|@[A-Za-z0-9-]{{1,63}}+(?:[,，·•。｡]|[ ]\.|\.[ ])(?:com|net|org|edu)"
    rf"|[ ]собака[ ][A-Za-z0-9-]{{1,63}}+(?:\.|[ ]точка[ ])(?:{_ENDS}|рф)"
    rf"|(?:[ ]?(?:@|#|艾特|圈a?|골뱅이|앳|アットマーク|arroba|arobase|klammeraffe)[ ]?|[*&★☆※●◎○◆■]"
    rf"|[ ]?at[ ]?(?={_PROVIDER}[ ]?(?:dot|点))){_PROVIDER}"
    rf"(?:{_DOT}|[,，;；])(?:com|cn|net|org|de|fr|ru|co\.(?:uk|kr|jp)|me|컴)(?:{_DOT}cn)?)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PUT_IN = re.compile(rf"[\[({{<【*-] ?(?:[aAäÄ][tT]?|[dD][oO][tT]|@|점|{_AT_WORDS}) ?[\])}}>】*-]")
# What is no word before a site or a provider; after an @ without a blank a name with a dot stands too.
_LOOSE = re.compile(
    rf"(?<!{_LOCAL})(?:(?=[A-Za-z-]++[._][A-Za-z0-9]|[A-Za-z-]*+[0-9]){_LOCAL}{{5,}}+(?<!\.)"
    rf"(?:[ ]at[ ](?:{_PROVIDER}\.(?:com|cn|net|org|de|fr|ru|co\.(?:uk|kr|jp))(?![A-Za-z0-9])|{_MAIL}(?![\w.-]))"
    rf"|[ ]?@[ ]{HOST})|{_LOCAL}{{5,}}+(?:@|{_PUT}){_SURE}(?:[ ]com)?(?!\.?[\w-]))"
    # All letters apart: "m a r a @ g m a i l . c o m".
    r"|(?<!\S)(?:[A-Za-z0-9._-] ){3,40}@ (?:[A-Za-z0-9-] ){2,30}\. (?:[A-Za-z] ){1,4}[A-Za-z](?![A-Za-z])",
    re.IGNORECASE,
)
_AN_AT = re.compile(r"@(?: ?[A-Za-z0-9-]++(?: ?[\[({<【.*-]|[,，·•。｡][a-z]))")
_LOOSE_AT = re.compile(rf"@(?: |[\])}}>】]? ?{_SURE})|(?:at|艾特)[\])}}>】] ?{_SURE}", re.IGNORECASE)
_AT_SITE = re.compile(rf" at (?:{_PROVIDER}\.|{_MAIL})", re.IGNORECASE)
_PROVIDED = re.compile(rf"(?:[@#*&★☆※●◎○◆■特圈이앳ク] ?[aA]?|\bat ?|a(?:rroba|robase|ffe) ){_PROVIDER}", re.IGNORECASE)


def may_name(text: str) -> bool:
    """Tell whether a text may name an account without an @ and without digits."""
    return is_worded(text) or _spelt(text) or _may_answer(text) or "*id" in text or "*club" in text


def _may_answer(text: str) -> bool:
    return next(filter(text.__contains__, _ANSWERS), None) is not None


def hide_emails(page: Page) -> int:
    """Replace e-mail addresses, also spelt ones; return how many."""
    number = 0
    if "@" in page.seen:
        number += page.hide(_EMAIL, _email, page.in_digits())
    if _spelt(page.seen) or _AN_AT.search(page.seen):
        number += page.hide(_SPELT, _email)
    at = " at " in page.seen or " AT " in page.seen
    if _LOOSE_AT.search(page.seen) or (at and _AT_SITE.search(page.seen)):
        number += page.hide(_LOOSE, _email)
    return number


def _spelt(text: str) -> bool:
    return (
        " dot " in text
        or " DOT " in text
        or " Dot " in text
        or " собака " in text
        or _PUT_IN.search(text) is not None
        or _PROVIDED.search(text) is not None
    )


def _email(found: re.Match[str]) -> tuple[int, int, str]:
    return (*found.span(), EMAIL)
