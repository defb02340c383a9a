"""Accounts on other platforms that a text gives: ``微信：name``, ``my ig is some.name``, ``name#1234``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from analysis.corpus.page import Page

#: Emoji, arrows, stars, dingbats and their like.
SYMBOL = (
    r"[\u00a4\u00a7\u00a9\u00ae\u00b0\u00b6\u2020-\u2022\u2100-\u2bff\u3004\u3013\u3020\u3030\u3200-\u33ff"
    r"\U0001f000-\U0001faff]"
)

#: What may stand between such a word and the account, and tells nothing of itself: in "微信（WeChat）" a word follows.
_BETWEEN = '(（【「“";；-'
#: What points from such a word at the account: a face or a fire does not.
_POINTS = r"[❤♥\U0001f493-\U0001f49f👉👇➡→⬇↓☎📱📲🆔]{1,3}"
#: Words after which an account of another platform stands; the first kind needs a sign that one follows.
_ELSEWHERE = re.compile(
    # What a word begins with is asked first: else each word is tried at every letter.
    r"(?=[微威薇徽维葳溦魏绿卫扣叩秋球企抖快小推飞纸电账帐群进加脸油+＋➕🐧카까라인텔위디왓오"
    r"ライカテインツディтиавсbdfghikopqlstuvwxyz])"
    rf"(?P<word>微[\s.·-]{{0,2}}信号?|[微威薇徽](?:{SYMBOL}{{1,3}}[信号]{{1,2}}|(?={_POINTS}))|微(?=\s?[:：])|[薇威徽](?=\s?[:：]\s?[a-z]{{0,20}}[0-9_])|绿泡泡|威信"
    r"|[薇徽葳溦]信号?|[维魏]信号?(?=\s?[:：])|(?<![\u4e00-\u9fff])薇(?=\s?[a-z][a-z.]{0,20}[0-9_])"
    rf"|卫星号|v信|vx|wx|we ?chat|wei ?xin|(?<![a-z])[vw]{SYMBOL}{{1,2}}x"
    r"|(?<![A-Za-z])[加+＋➕]\s?[我你个下一]{0,2}\s?(?:(?:[vw]x|v|q)(?![a-z])|微信?|[薇威徽]信?)"
    rf"|(?<![A-Za-z])(?:v|[vw] x)(?=\s?(?:{_POINTS})?[:：])|qq号?群?号?|qq?邮箱号?"
    rf"|(?:群号?|[进加]群)(?=[ :：]{{0,2}}[0-9]{{6}})|扣扣号?"
    rf"|(?<![折回克罚])扣(?=[ :：]{{0,2}}[0-9]{{9}})|企鹅号?|(?:叩叩|秋秋|球球)(?=[ :：]{{0,2}}[0-9]{{6}})"
    rf"|🐧[群裙号]?(?=[ :：]{{0,2}}[0-9]{{6}})|[q扣][群裙]|q(?=\s?[:：]|{_POINTS})"
    r"|(?<![a-z])line(?=(?:の|\W{0,3})id|\s?[:：]\s?[@~])|(?<![a-z] )(?<![a-z])line(?=[:：]\s?[a-z])"
    r"|(?<![a-z])icq|аська|라인(?=\W{0,3}(?:id|아이디)|\s?[:：])|인스타(?:그램)?|인별|텔레(?:그램)?|텔그|[카까]톡"
    r"|카카오톡?|오픈톡|위챗|디스코드|디코|왓츠앱|kakao ?talk|kakao|ライン\s?(?=id|[:：])"
    rf"|カカオ(?:トーク)?|インスタ(?:グラム)?|ディスコード|テレグラム|ツイッター(?=\s?[:：])|(?<![a-z])uid(?=[\s:：]{{0,3}}[0-9]{{6}})|telegram"
    r"|(?<![a-z])(?:tele(?=\s?[:：])|tg)"
    r"|(?<!\w)(?:телеграмм?|телега|тг|скайп|инстаграмм?|инста|вк|вконтакте|ватсап|вайбер)(?!\w)"
    r"|snap ?chat|(?<![a-z])snap|skype(?:\s?live)?|discord|whats ?app|(?<![a-z])(?:signal|kik|ig|fb)|insta(?:gram)?"
    r"|g ?mail|hotmail|抖音号?|快手号?|小红书号?|微博(?:号|(?=[:：]))|b站|推特|脸书|油管|纸?飞机(?:号|(?=\s?[:：]))"
    r"|电报号?|账号|帐号|facebook"
    # What is common otherwise, with a sign alone.
    r"|(?<![a-z])(?:ins|weibo|douyin|xhs|小红薯|steam|psn|gamertag|onlyfans|venmo|paypal|twitch|sc)"
    r"(?=\s?(?:id|号)?\s?[:：=是])"
    rf"|twitter|tiktok|youtube|threads|viber|zalo)(?P<points>\s?{_POINTS})?"
    r"(?P<sign>[\sの]{0,2}(?:(?:id|아이디|号|me(?![a-z0-9_])|群|name|handle|username|user ?name"
    r"|account)[은는は]?\s{0,2})?"
    rf"(?:(?:is|是|为|叫|[은는は:：=~])\s{{0,2}})?(?:[{_BETWEEN}]\s?)?@?)(?:{_POINTS}\s?@?)?"
    # Another word of the kind is no name: "微信WeChat：".
    r"(?P<name>(?!(?:we ?chat|wei ?xin|line|telegram|kakao|tiktok|instagram|id|qq)[^A-Za-z0-9_.])"
    r"[A-Za-z][A-Za-z0-9_.-]{3,31}(?<![.-])|(?=(?:[ -]?[0-9]){7})[0-9]{2,5}(?:[ -][0-9]{2,5}){1,3}"
    r"|[0-9]{5,20}|[0-9](?:[ .·-][0-9]){5,10})(?![A-Za-z0-9_@])",
    re.IGNORECASE,
)
_CHINESE_WORD = re.compile(r"[\u4e00-\u9fff]|[vwx]x|^[加+＋➕]", re.IGNORECASE)
#: Latin words onto which people write the account; another that goes on is another word ("instant2000").
_GLUED = re.compile(r"[vwx]x|v信|[qv]$|qq|we ?chat|wei ?xin|uid", re.IGNORECASE)
#: Where one gives an account; of the other sites one speaks.
_MESSENGERS = re.compile(
    r"ins|ig|snap|tg|telegram|discord|kakao|wechat|weixin|whats|skype|threads|viber|인스|인별|텔|카|까|라인|위챗|디|ライン"
    r"|カカオ|インス|テレ|kik",
    re.IGNORECASE,
)
#: Before a name of any letters.
_TITLED = re.compile(
    r"(?:公众号|視頻號|视频号|昵称|暱稱|网名|用户名|(?:抖音|快手|小红书|微博|b站|知乎)(?:id|名|昵称))[是叫为]?\s?[:：]\s?"
    r"(?P<name>(?![0-9.]+(?![^\W_]))[\w·-]{2,16})(?!\w)",
    re.IGNORECASE,
)
_LATIN_WORDS = (
    *("wechat", "we chat", "weixin", "wei xin", "tele:", "tele：", "vx", "wx", "qq", "kakao", "uid"),
    *("telegram", "skype", "discord", "whats", "insta", "icq", "gmail", "hotmail", "snapchat", "viber"),
    *("zalo", "eply", "телег", "тг", "скайп", "инста", "вк", "ватсап", "вайбер", "аська"),
)
_HAN_WORDS = re.compile(
    rf"[微威薇徽维葳溦魏加扣叩秋球企抖快小推飞电账帐回答返脸油群vwqb카까라인텔위디왓오カテインツディラ绿답+＋➕🐧]"
    rf"(?:信|[vq邮스레인泡薇威徽叩秋球 ]|(?<=[扣🐧])[0-9]|(?<=薇)[a-z]|{SYMBOL}"
    r"|扣|群|裙|鹅|音|手|红书|博[号:：]|特|机[号 :：]|报|号|[复覆]|[:：]|站|톡|카오|별|그|픈톡|챗|코|츠|글"
    r"|イン|カオ|ンスタ|ィスコ|レグ|イッタ|书|管)|微[ :：.·-]{0,2}[A-Za-z0-9信]"
)
# Where all letters are Latin, a name needs a digit or a _ in it, or a mark before it.
_SIGN = re.compile(r"[:_=~0-9](?:(?<=[A-Za-z_][0-9])|(?<=[:_=~])|(?<=[0-9])[0-9]{4})")
#: Words that are common otherwise.
_SIGNED = re.compile(
    r"(?:ig|ins|tg|fb|snap|line|signal|threads|youtube|facebook|twitter"
    r"|tiktok|weibo|douyin|xhs|小红薯|steam|psn|gamertag|onlyfans|venmo|paypal|twitch|kik|sc)"
    r"(?:[ の]?(?:id|name|handle|user|号)| ?[:：=@是👉👇➡→❤♥]| is | [a-z][a-z0-9.]{0,30}_)"
)
_MINE = re.compile(r"\bmy (?:ig|snap|tg|fb|line|psn|twitch|kik) [a-z]")
_NUMBERED = re.compile(r"qq|q|uid|icq|аська|扣|叩|秋|球|企鹅|🐧|[微威薇徽]|vx|wx|v信|加|\+", re.IGNORECASE)
#: Discord's and the games' names with a number; a room or an episode has one too where nobody speaks of those.
_TAG = re.compile(r"#[0-9]{4}(?![\w#])")
_TAGGED = re.compile(r"(?<![\w#.-])[\w.-]{2,32}" + _TAG.pattern)
_TAGGING = re.compile(
    r"discord|\bdc ?[:：]|b(?:attle)?\.?net|battle ?tag|riot ?(?:id|games)|valorant|overwatch"
    r"|디스코드|디코|ディスコード|배틀태그|战网",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s?(?:[人元块万亿年月日个次%]|people|users|followers|subs)", re.IGNORECASE)


def hide_elsewhere(page: Page, named: Callable[[str], str]) -> int:
    """Replace names of accounts on other platforms that a text gives; return how many."""
    number = 0
    if _TAG.search(page.seen) and _TAGGING.search(page.seen):
        number += page.hide(_TAGGED, lambda found: (*found.span(), named(found[0])))
    if is_worded(page.seen):
        number += page.hide(_ELSEWHERE, lambda found: _account(found, named))
        number += page.hide(_TITLED, lambda found: (*found.span("name"), named(found["name"])))
    return number


def is_worded(text: str) -> bool:
    """Tell whether a text may say what somebody is called on another platform."""
    said = any(word in text for word in (" id ", " ID ", " Id ")) or ("y " in text and " is " in text)
    if text.isascii() and not said and _SIGN.search(text) is None:
        return False
    low = text.lower()
    return (
        next(filter(low.__contains__, _LATIN_WORDS), None) is not None
        or _SIGNED.search(low) is not None
        or ("my " in low and _MINE.search(low) is not None)
        or _HAN_WORDS.search(low) is not None
        or ((":" in low or "：" in low) and _TITLED.search(low) is not None)
    )


def _account(found: re.Match[str], named: Callable[[str], str]) -> tuple[int, int, str] | None:
    word, sign, name = found["word"], found["sign"].strip(" \t\n\r\xa0" + _BETWEEN).lower(), found["name"]
    if name[0].isdigit():
        sure = _NUMBERED.match(word) is not None or "id" in sign or "号" in sign + word or sign[-1:] in {":", "：", "="}
        sure = sure and word.lower() != "sc"  # Snapchat's begin with a letter
        points = word[:1] in "扣叩秋球" and (name.endswith("000") or len(set(name)) < 3)  # noqa: PLR2004  taken off, or 666666
        years = all(len(part) == 4 and part[:2] in {"19", "20"} for part in re.split("[ -]", name))  # noqa: PLR2004
        sure = sure and not (points or years) and _UNIT.match(found.string, found.end()) is None
    elif found.end("word") == found.start("name") and word[-1].isascii() and not _GLUED.search(word):
        sure = False
    elif any(letter.isdigit() or letter == "_" for letter in name):
        sure = True
    else:
        told = found.string[max(0, found.start() - 3) : found.start()].lower() == "my " and sign == "is"
        named_so = (
            ("." in name and (told or sign[-1:] in {":", "：", "="}))
            or any(each in sign for each in ("id", "号", "name", "handle", "아이디", "@", "是", "叫"))
            or word[-1:] == "号"
        )
        sure = named_so or (_CHINESE_WORD.search(word) is not None and (sign != "" or word[:1] in "加+＋➕"))
        pointed = sign[-1:] in {":", "：", "="} or told or found["points"] is not None
        sure = sure or (pointed and _MESSENGERS.match(word) is not None and not _is_word(name.lower()))
    return (*found.span("name"), named(name)) if sure else None


@lru_cache(maxsize=1_000)
def _is_word(name: str) -> bool:
    """Tell whether letters are a word that people write, or too few to tell: ``instagram: amazing``."""
    from wordfreq import get_frequency_dict  # noqa: PLC0415  half a second, and few texts need it

    return len(name) < 5 or name in get_frequency_dict("en", wordlist="large")  # noqa: PLR2004
