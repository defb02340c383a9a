"""Links: in a text only the site stays; an id that is a link keeps what names the video or post, and nobody's name.

A link's path often is somebody's profile, and its parameters hold tokens of who shared it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from analysis.corpus.cells import PLATFORMS, as_platform
from analysis.corpus.page import GONE, Page, words

IP = "[ip]"

#: Endings of sites by which one is known where no "https://" stands before it.
_ENDINGS = (
    "com|net|org|edu|gov|info|biz|name|pro|mobi|asia|io|me|tv|co|app|dev|xyz|top|vip|club|site|online|shop|live|link|page|"
    "blog|social|chat|fans|bio|store|news|video|watch|space|website|moe|fm|ly|gl|be|gg|cc|im|to|ee|(?<=instagr[.])am|cn|hk|tw|mo|jp|kr|kp|ru|"
    "su|ua|by|kz|de|at|ch|uk|ie|fr|it|es|pt|eu|us|ca|au|nz|in|br|mx|ar|nl|se|no|fi|dk|pl|cz|hu|ro|gr|tr|il|ir|vn|th|id|"
    "my|sg|ph|la|ws|st|sh|ai|lol|wiki"
)
HOST = rf"(?:[A-Za-z0-9_-]{{1,63}}\.)+(?:{_ENDINGS})(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
# What may stand in an address. Letters of other scripts belong to it where it would break off without them
# ("weibo.com/n/" and a name); Weibo's chain of reposts ("//@name:") does not.
REST = (
    rf"(?:[A-Za-z0-9!#$%&*+,\-.:;=?@_~|^\\'\[\]]|/(?!/[@ ])|\([^\s()<>{GONE}]{{0,200}}\)"
    rf"|(?<=[/=@_-])(?:(?![A-Za-z0-9])[\w\u0300-\u036f·-]){{1,40}})*+"
)
_ADDRESS = re.compile(
    # Before a link may stand a name without a blank.
    rf"(https?|(?<![A-Za-z0-9])(?![A-Za-z0-9+.-]{{1,20}}https?:)[A-Za-z][A-Za-z0-9+.-]{{1,20}})[:：]//"
    rf"(?![@ ])([^\s/?#\"'<>()，。！？、；]{{0,255}})({REST})"
)
_ENCODED = re.compile(
    rf"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9+.-]{{1,20}}%(?:25){{0,3}}3[Aa](?:%(?:25){{0,3}}2[Ff]){{2}})([A-Za-z0-9_.-]{{0,255}})({REST})"
)
#: What begins the path of an address, also as another's parameter has it.
_PATH = r"(?:[/?#]|%(?:25){0,3}(?:2[Ff]|3[Ff]|23))"
_BARE = re.compile(rf"(?<![A-Za-z0-9_@.\\-])(?<![^/:]/)({HOST})((?::\d{{1,5}})?(?:{_PATH}{REST})?)", re.IGNORECASE)
_A_DOT = re.compile(r"\.[A-Za-z]{2}")
#: Marks that end a sentence, not an address.
ENDS = ".,:;!?'*_~-[]|"
#: Words before which a country's ending has another one ("co.uk", "com.cn").
_SECOND = words("co com net org gov edu ac or ne go gob gouv")
_POINT = r"(?:\.|\[(?:\.|dot)\])"
_PUT_POINT = r"(?:\s?[\[({](?:\.|dot|点)[\])}]\s?|\sdot\s|[。｡]| \.)"
# As links are written where they may not be: "t[.]me/name", "x dot com/name".
_DEFANGED = re.compile(
    rf"(?<![A-Za-z0-9_@.\\-])((?:[A-Za-z0-9_-]{{1,63}}(?:\.|{_PUT_POINT})){{1,5}}(?:{_ENDINGS}))((?::\d{{1,5}})?/{REST})",
    re.IGNORECASE,
)
_PUT_POINTS = re.compile(_PUT_POINT, re.IGNORECASE)
_BYTE = r"(?:0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,11})"
_NUMERIC = re.compile(
    rf"{_BYTE}(?:{_POINT}{_BYTE}){{1,3}}+|\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|(?:[0-9A-Fa-f]{{0,4}}:){{2}}[0-9A-Fa-f:.]*"
)
_IN_HOST = re.compile(
    rf"(?:[A-Za-z0-9_-]{{1,63}}{_POINT})+[A-Za-z]{{2,24}}(?![A-Za-z0-9])"
    rf"|{_NUMERIC.pattern}|(?:[\w-]{{1,63}}\.)+\w{{1,24}}|[\w-]*"
)


def site(host: str) -> str:
    """Return the site that a host is of, without the part that may be somebody's name.

    >>> site("maria.tumblr.com"), site("www.bbc.co.uk:443"), site("somebody:word@example.org")
    ('tumblr.com', 'bbc.co.uk', 'example.org')
    """
    host = _PUT_POINTS.sub(".", host.rpartition("@")[2])
    if _NUMERIC.fullmatch(host):
        return IP
    labels = host.partition(":")[0].strip(".").lower().split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND  # noqa: PLR2004  labels, letters
    return ".".join(labels[-3 if country else -2 :]) if len(labels) > 1 else ""


def may_link(text: str) -> bool:
    """Tell whether a text may have an address without a scheme, or an @ spelt as HTML or as links do."""
    return _A_DOT.search(text) is not None or "&" in text or "%40" in text or "[.]" in text


def hide_addresses(page: Page) -> int:
    """Leave of addresses with a scheme only that and the site; return how many lost something."""
    number = page.hide(_ADDRESS, _address) if "//" in page.seen else 0
    return number + (page.hide(_ENCODED, _encoded) if "%" in page.seen else 0)


def _address(found: re.Match[str]) -> tuple[int, int, str] | None:
    scheme, place = found[1], found[2]
    # No blank stands between an address and Chinese words after it.
    begun = place.rfind("@") + 1
    host_end = _IN_HOST.match(place, begun).end()  # always: of no letter if of none
    cut = place[host_end:]
    end = found.start(2) + host_end if cut.strip(":0123456789") else _end(found)
    new = f"{scheme}://{site(place[begun:host_end])}"
    same = not place + found[3].strip("/") or new.lower() == found[0][: end - found.start()].lower().rstrip("/")
    return None if same else (found.start(), end, new)


def _encoded(found: re.Match[str]) -> tuple[int, int, str] | None:
    new, end = found[1] + site(found[2]), _end(found)
    return None if len(new) == end - found.start() else (found.start(), end, new)


def _end(found: re.Match[str]) -> int:
    """Return where an address ends: before the marks that end a sentence."""
    return found.start() + len(found[0].rstrip(ENDS))


def hide_hosts(page: Page) -> int:
    """Leave of addresses without a scheme only the site; return how many lost something."""
    number = page.hide(_DEFANGED, _bare) if _PUT_POINTS.search(page.seen) else 0
    return number + (page.hide(_BARE, _bare) if _A_DOT.search(page.seen) else 0)


def _bare(found: re.Match[str]) -> tuple[int, int, str] | None:
    kept, end = site(found[1]), _end(found)
    return None if len(kept) == end - found.start() else (found.start(), end, kept)


# -- ids that are links ------------------------------------------------------------------------------------------------

#: Sites that show the posts of X under other names.
_MIRRORS = r"(?:fx|vx)twitter\.com|fix(?:up|v)x\.com|xcancel\.com|nitter\.[a-z.]+"
#: What names a video or post in a link to it, by the site.
_NAMED = tuple(
    (re.compile(rf"(?:^|\.)(?:{sites})$"), re.compile(pattern))
    for sites, pattern in (
        (r"youtube\.com|youtube-nocookie\.com", r"(?:[?&]v=|/(?:shorts|embed|live|v|e)/)([\w-]{11})(?![\w-])"),
        (r"youtu\.be", r"^/([\w-]{11})(?![\w-])"),
        (
            r"tiktok\.com|douyin\.com|iesdouyin\.com",
            r"(?:/(?:video|photo|note|v)/|[?&](?:modal|item|aweme|share_item)_id=)(\d{8,})",
        ),
        (r"instagram\.com|instagr\.am", r"/(?:p|reels?|tv)/([\w-]{5,})"),
        (rf"twitter\.com|x\.com|{_MIRRORS}", r"/status(?:es)?/(\d+)"),
        (r"threads\.net|threads\.com|bsky\.app", r"/post/([\w-]+)"),
        (
            r"facebook\.com|fb\.com",
            r"(?:[?&](?:story_fbid|fbid|v)=|/(?:posts|videos|permalink|reel|photos?)/(?:[^/?]*[^/?\d][^/?]*/)?)(\w{5,})",
        ),
        (r"fb\.watch", r"^/([\w-]+)"),
        (r"weibo\.com|weibo\.cn", r"(?:/(?:detail|status)/|^/\d{5,}/(?!profile|follow|info)|[?&]id=)(\w{6,})"),
        (
            r"(?<!space\.)bilibili\.com|b23\.tv",
            r"(BV[0-9A-Za-z]{10}|(?<=/)av\d+|(?<=/)cv\d+|(?<!space/)(?<=/)\d{6,})",
        ),
        (r"xiaohongshu\.com", r"/(?:explore|item|profile/[0-9a-f]{24})/([0-9a-f]{24})"),
        (r"zhihu\.com", r"/(?:answer|p|zvideo|pin)/(\d+)|/question/(\d+)$"),
        (r"kuaishou\.com", r"/(?:short-video|photo)/(\w+)"),
        (r"reddit\.com", r"/comments/(\w+)"),
        (r"redd\.it", r"^/(\w+)$"),
        (r"tieba\.baidu\.com", r"^/p/(\d+)"),
        (r"news\.naver\.com", r"/article/(?:comment/)?(\d{3}/\d{6,})"),  # numbered by each newspaper
        (r"blog\.naver\.com", r"(?:[?&]logNo=|/\w+/)(\d{6,})"),
        (r"vk\.com|vk\.ru", r"((?:wall|video|photo|clip)-?\d+_\d+)"),
        (
            r"vimeo\.com|twitch\.tv|dailymotion\.com|rutube\.ru|nicovideo\.jp",
            r"(?<!user)(?<!channel)/(?:videos?/|watch/)?([0-9a-f]{32}|\d{5,}(?!\w)|x\w{5,}|s[mo]\d+)",
        ),
    )
)
_PERMALINK = re.compile(r"/?(?:r|u|user)/[\w-]+/comments/\w")  # as Reddit gives it, without the site
_BILIBILI = re.compile(r"BV1[0-9A-Za-z]{9}")
_REDDIT = re.compile(r"(?:^|\.)(?:reddit\.com|redd\.it)$")
#: Sites whose paths begin with somebody's name, unless with one of these.
_OF_PEOPLE = re.compile(
    r"(?:^|\.)(?:twitter|x|instagram|facebook|fb|tiktok|threads|medium|github|weibo|vk|ok|pinterest|snapchat|tumblr|"
    r"soundcloud|patreon|linktr|ko-fi|t|twitch|linkedin|youtube|line|kakao|ameblo|about|behance|flickr|last|onlyfans|"
    r"quora|douban|jianshu|csdn|cnblogs|telegram|mixi|note|naver)\.(?:com|net|me|co|ee|tv|fm|cn|ru|app|jp|org|page|mu)$"
    rf"|^space\.bilibili\.com$|(?:^|\.)(?:{_MIRRORS})$|(?:^|\.)qzone\.qq\.com$"
)
#: Sites that write somebody's name before theirs.
_BLOGS = re.compile(
    r"^(?:lofter|tumblr|blogspot|wordpress|substack|livejournal|tistory|hatenablog|pixnet|github|bandcamp)\."
)
#: Pages whose ``id`` is an account.
_PROFILES = re.compile(r"/(?:profile\.php|home/main)$")
_NO_NAMES = words(
    "p reel reels tv status i watch groups permalink.php story.php photo.php video videos posts share shared "
    "stories comments r s c web events detail embed shorts live v hashtag topic questions question subject note "
    "notes article articles pin show explore search clip post"
)
_BEFORE_NAME = words(
    "stories user users u n profile profiles people person member members author authors channel c in space id"
)
_IDS = words(
    "id v p pid tid aid mid fid idx sn threadid thread topic post postid article articleid docid logno item "
    "itemid story_fbid fbid aweme_id item_id modal_id note_id photoid vid bvid nid newsid no oid wr_id bo_table "
    "document_srl board_no articleno nttid seq"
)
#: A link as another's parameter has it, escaped once or twice, and one after the address of an archive.
_QUOTED = re.compile(r"(?:https?%(?:25)*3a%(?:25)*2f|[\w.-]+%(?:25)*2f)", re.IGNORECASE)
_WITHIN = re.compile(r"^https?://[^?#]{1,200}?/(https?://.+)")
_A_LINK = re.compile(rf"(?:[a-z][a-z0-9+.-]*:)?//|www\.|{HOST}[/?:]", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def thread_id(name: str, known_as: Callable[[str], str] | None = None) -> str:
    """Return a thread's id; of a link, in whatever form, the id of the video or post that it leads to.

    Where the site's way to name one is not known, the link stays without what may be a name or a token; two accounts'
    links are two threads, where it is told what an account is ``known_as``.

    >>> thread_id("https://www.tiktok.com/@maria.k/video/7512345678901234567?_t=8k"), thread_id("kJQP7kiw5Fk")
    ('7512345678901234567', 'kJQP7kiw5Fk')
    >>> thread_id("https://example.org/2019/river?utm_source=maria&id=5")
    'https://example.org/2019/river?id=5'
    """
    parts = _parts(name)
    if parts is None:
        return name
    _, host, path, query, _ = parts
    for sites, pattern in _NAMED:
        if sites.search(host) and (found := pattern.search(path + (f"?{query}" if query else ""))):
            named = found[found.lastindex or 0]
            return f"t3_{named}" if _REDDIT.search(host) else named
    return bare_id(name, known_as)


@lru_cache(maxsize=10_000)
def platform_of(name: str) -> str | None:
    """Return the platform that a link leads to, or an id of Bilibili's is of; None of others.

    >>> platform_of("https://youtu.be/kJQP7kiw5Fk"), platform_of("https://example.org/tiktok.com"), platform_of("v1")
    ('youtube', None, None)
    >>> platform_of("BV1xx411c7mD")
    'bilibili'
    """
    if _BILIBILI.fullmatch(name):
        return "bilibili"
    parts = _parts(name)
    found = as_platform(site(parts[1])) if parts and parts[1] else None
    return found if found in PLATFORMS else None


@lru_cache(maxsize=10_000)
def bare_id(name: str, known_as: Callable[[str], str] | None = None) -> str:
    """Return an id; a link without tokens, and without names but as they are ``known_as``.

    >>> bare_id("https://somebody@x.com/jane_doe/status/1?s=20#m"), bare_id("c1"), bare_id("https://example.org/u/jane/5")
    ('https://x.com/status/1', 'c1', 'https://example.org/u/5')
    """
    parts = _parts(name)
    if parts is None:
        return name
    scheme, host, path, query, fragment = parts
    known = known_as or (lambda _: "")
    kept, before, first, of_people = [], "", True, False
    for part in path.split("/"):
        named = (
            part[:1] in {"@", "~"}
            or before in _BEFORE_NAME
            or (before == "s" and site(host) == "t.me")
            or (first and part and _hides(host, part))
        )
        named = named or (of_people and part.isdecimal())  # people/Jane-Doe/100012345678901
        name = known(part.lstrip("@~")) if named else part
        kept += [name] if name or not named else []
        before, first, of_people = part.lower(), first and not part, of_people or part == "people"
    told = [(key, value) for key, value in parse_qsl(query) if key.lower() in _IDS and len(value) < 60]  # noqa: PLR2004
    if _PROFILES.search(path):
        told = [(key, known(value) if key == "id" else value) for key, value in told]
    place = site(host) if _OF_PEOPLE.search(site(host)) else host
    if _BLOGS.search(site(host)) and site(host) != host.removeprefix("www."):
        place = "/".join(filter(None, (site(host), known(host.removesuffix(site(host)).strip(".")))))
    where = f"{scheme}{place}{'/'.join(kept)}"
    return where + (f"?{urlencode(told)}" if told else "") + (f"#{fragment}" if fragment.isdigit() else "")


def _hides(host: str, part: str) -> bool:
    return _OF_PEOPLE.search(host) is not None and part.lower() not in _NO_NAMES


def _parts(name: str) -> tuple[str, str, str, str, str] | None:
    """Return scheme, host, path, query and fragment of a link; None for another id."""
    name = name.replace("\\/", "/")
    for _ in range(2):
        name = unquote(name) if _QUOTED.match(name) else name
    name = f"https://reddit.com/{name.lstrip('/')}" if _PERMALINK.match(name) else name
    if within := _WITHIN.search(name):
        name = within[1]
    if ("/" not in name and "www." not in name) or not _A_LINK.match(name):
        return None
    whole = name if "//" in name.partition("?")[0] else f"//{name}"
    try:
        found = urlsplit(whole)
        host = found.hostname or ""
    except ValueError:
        return "", "", "", "", ""
    scheme = f"{found.scheme}://" if found.scheme else ""
    return scheme, host, found.path, found.query, found.fragment
