"""What somebody said, without what the platform, the tool or the format put around it, and what others said."""

from __future__ import annotations

import ast
import html
import json
import re

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt=(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
# The last one may have been cut off with the text.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[a-zA-Z]+\s[^<>=]*=[^<>]*\Z")
# What a site or a tool writes and nobody types: a tag that leads somewhere or says how it looks, a line's end between
# words, paragraphs around the whole. "<b>" may be what somebody speaks of.
_WRITTEN = re.compile(
    r"<(?:a|b|div|em|font|i|img|p|s|span|strong|u|video)\s+"
    r"(?:[a-z]+-[a-z-]+|alt|class|color|height|href|id|nick|rel|render|size|src|style|target|title|usercard|width)\s*="
    r"|<br\s*/>|(?<![\s(\[\"'`<])<br>(?![)\]\"'`.,])|<br>(?![\s)\]\"'`.,])"
    r"|\A\s*<(p|div)>.*</\1>\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
# What Windows-1252 has for the bytes from 80 to 9F; those that it leaves out stand as they are.
_BYTES = {ord(bytes([byte]).decode("cp1252", "replace")): byte for byte in range(0x80, 0xA0)}
_BYTES.pop(0xFFFD)
_CONTROLS = re.compile("[\x80-\x9f]")
_MISREAD = re.compile(f"[\xc2-\xf4][\x80-\xbf{''.join(map(chr, _BYTES))}]")
# A text that Python wrote as the bytes that it was (b'so'), and signs as it and JSON escape them.
_PYTHONS, _ESCAPED = re.compile(r"b(['\"]).*\1", re.DOTALL), re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
# How somebody ends a word in capitals ("IRMÃ…", "OLÉ®") or in ß ("Spaß…"): read as bytes it would be a letter.
_WORD_ENDS = re.compile(r"(?:[\xdc-\xdf]|(?:(?<=[A-Z])\xc3|(?<![a-z\xdf-\xff])[\xc4-\xdb])(?=.(?!\w)))[…“”‘’‹›«»–—™®°]")
# "回复@name:" (Weibo), "回复 @name :" (Bilibili), "Replying to @name": who is answered is no part of the answer.
_REPLY = re.compile(r"\s*(?:回复|回覆|Replying to)\s*@[^:\uff1a\n]{1,60}?\s*[:\uff1a]\s*")
# "回复 name :" (Tieba): with a blank before the name and behind it nobody types it.
_REPLY_TO = re.compile(r"\s*(?:回复|回覆)\s[^\s:\uff1a@,\uff0c。]{1,40}\s[:\uff1a]\s*")
_CHAIN = re.compile(r"//\s*@[^:\uff1a\n]{1,60}?\s*[:\uff1a].*", re.DOTALL)
# Where Weibo's lists cut a long post, they end it with a link to the rest; letters stand for its arrows.
_CUT = re.compile(r"(\.{3}|…)\s*(?:展开全文|全文|展开)c?\Z|收起(?:全文)?d\Z")
# How Weibo shows a video beneath a post: with a sign that is an L as text, and the name of whose video it is.
_VIDEO = re.compile(
    r"(?:(?<=[\s\u200b])|\A)L[^\s@]{1,30}的微博(?:视频|直播)|(?<=[\s\u200b])[^\s@，。！？]{1,30}的微博视频(?=\s*\Z)"
)
_TOPIC = re.compile(r"#([^#\[\]]+)\[话题\]#?")
# Reddit quotes line by line, and what follows a quoted line without a blank line between belongs to it, as Reddit shows
# it. ">!" begins a spoiler and ">:(" is a face: both are the writer's own.
_NO_QUOTE = r"(?!!|[:;=8][-'o*]?[()\[\]{}dDpP/\\|@](?!\S)|[._][<>](?!\S))"
_QUOTE = re.compile(
    rf"^[ \t]{{0,3}}(?:>|&(?:amp;)?gt;){_NO_QUOTE}[^\n]*"
    r"(?:\n(?![ \t\r]*(?:\n|\Z))(?![ \t]{0,3}(?:>|&(?:amp;)?gt;)!)[^\n]*)*\n?",
    re.MULTILINE,
)
_EMPTY_LINES = re.compile(r"\n(?:[ \t\r]*\n){2,}")
_PICTURE = re.compile(r"!\[[^\[\]\n]{0,40}\]\([^()\s]{1,200}\)")
# "[words](address)": in the words and in the address one pair of brackets may stand. Possessive, so that no text is
# looked through twice.
_LINK = re.compile(
    r"\[([^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+)\]"
    r"\(\s*+(?=[a-z]{2,9}:|[/#<]|www\.)(?:[^()\s\\]++|\\\S|\([^()\s]*+\))*+(?:\s++\"[^\"\n]*+\")?\s*+\)",
    re.IGNORECASE,
)
# Names and nothing else; a long one that is not Latin has a sentence typed onto it (see analysis.corpus.privacy).
_NAMES = re.compile(r"(?:(?:[@＠]|/?u/)(?>[\w.·-]{1,12}(?![\w.·-])|[A-Za-z0-9_.·-]++(?![\w.·-]))[\s,，、:\uff1a]*+)++")
#: Signs that show nothing: some people write nothing else.
_UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u2800\u3164\ufeff\uffa0\ufffc" + "".join(
    chr(sign)
    for first, last in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F))
    for sign in range(first, last + 1)
)
_UNSEEN += "".join(filter(str.isspace, map(chr, range(0x3001))))
_ENDS = "。.!！~～…"
# A time may have a letter between its digits.
_NAMELIKE = re.compile(r" ?'(?!(?:[^\w']|\d{1,9}(?!\d)|(?<=\.)\d+|(?<=\d)[TZeE](?![^\W\d]))*').*'", re.DOTALL)
_QUOTED = re.compile(r" ?'.*'| \(accepted: .*\)$", re.DOTALL)
_BARE = frozenset({"转发微博", "轉發微博", "转发", "repost", "快转微博", "轉發"})
# What platforms leave of a comment, whole.
_GONE = re.compile(
    r"\[(?:deleted(?: by user)?|removed| removed by reddit )\]"
    r"|[\[(（【]?(?:抱歉[,，])?[该該此这這]?[条條]?(?:评论|評論|留言|回复|回覆|内容|內容|微博)已经?[被遭]?"
    r"(?:作者|用户|用戶|管理员|管理員|版主|吧主|系统)?(?:删除|刪除|移除|屏蔽)[\])）】]?"
    r"|\[?(?:this )?(?:comment|message) (?:(?:was|has been) )?(?:deleted|removed)"
    r"(?: by (?:the |a )?(?:moderator|author|user|uploader)s?)?\]?"
    r"|(?:(?:작성자가|관리자가|운영규칙 위반으로) )?(?:삭제한|삭제된) 댓글입니다|댓글이 삭제되었습니다"
    r"|このコメントは(?:投稿者により)?削除されました|(?:комментарий|сообщение) удал[её]но?"
    r"|(?:este )?comentario (?:ha sido )?eliminado|(?:ce )?commentaire (?:a été )?supprimé"
    r"|(?:dieser )?kommentar (?:wurde )?gelöscht"
)

#: Why a record without words is no utterance.
NO_TEXT, DELETED = "no text (a picture or a sticker)", "deleted"
REPOST = "nothing but a repost"
QUOTE = "nothing but a quotation"
MENTIONS = "nothing but @mentions"


def plain(text: str, markup: str = "plain") -> str:
    r"""Return text without its markup.

    Parameters
    ----------
    text : str
        As the file has it.
    markup : str
        ``plain`` (nothing is changed), ``entities`` (``&amp;`` and its like are decoded), ``html`` (tags too; a
        picture stands for its ``alt``), ``either`` (``html`` where a text plainly is such, else ``entities``: for
        tables that may be of any platform), ``latin1`` (UTF-8 bytes that were written as Latin-1 characters, as in
        Meta's downloads).

    Examples
    --------
    >>> plain('so <b>free</b>&#39;s<br>fine <img src="x" alt="[doge]">', "html")
    "so free's\nfine [doge]"
    >>> plain('so <a href="/n/x">free</a>', "either"), plain("a <b> &amp; a < b", "either")
    ('so free', 'a <b> & a < b')
    >>> plain("CafÃ©", "latin1"), plain("Café", "latin1")
    ('Café', 'Café')

    """
    if markup == "plain":
        return text
    if markup == "latin1":
        try:
            return text.encode("latin-1").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return text
    if markup == "either":
        # Some tools write tags as entities too.
        text = text if _WRITTEN.search(text) else plain(text, "entities")
        markup = "html" if "<" in text and _WRITTEN.search(text) else "plain"
        return plain(text, markup)
    if markup == "html" and "<" in text:
        text = _TAG.sub("", _IMAGE.sub(_alternative, _BREAK.sub("\n", text)))
    # Reddit's own entities are escaped once more in its API (&amp;#x200B;).
    return html.unescape(html.unescape(text)) if "&" in text else text


def put_right(text: str) -> str:
    r"""Return a text in UTF-8 that a spreadsheet took for Windows-1252 and saved so, as it was; others as they are.

    So are texts that a script wrote as bytes, or with escapes for all that is not ASCII.

    >>> put_right("itâ€™s cafÃ©"), put_right("café, naïve"), put_right("平壤"), put_right("Viel Spaß…")
    ('it’s café', 'café, naïve', '平壤', 'Viel Spaß…')
    >>> put_right(r"b'so \xe5\xb9\xb3'"), put_right(r"so \u5e73")
    ('so 平', 'so 平')
    """
    if text.isascii():
        return _unescaped(text) if "\\" in text or text.startswith("b") else text
    if not _MISREAD.search(text) or not _MISREAD.search(_WORD_ENDS.sub(" ", text)):
        return text
    try:
        right = text.translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
    return text if _CONTROLS.search(right) else right  # such signs nobody has written


def _unescaped(text: str) -> str:
    """Return a text that a script wrote with escapes as it was; another as it is."""
    try:
        if _PYTHONS.fullmatch(text):
            right = ast.literal_eval(text).decode()
        else:
            right = _ESCAPED.sub(lambda found: json.loads(f'"{found[0]}"'), text)
            right.encode()
    except (ValueError, SyntaxError, AttributeError):
        return text
    return text if "\0" in right else right


def _alternative(image: re.Match[str]) -> str:
    """Return what stands for a picture, such as an emoji's code."""
    found = _ALT.search(image[0])
    return found[1].strip("\"'") if found else ""


def own_words(text: str, platform: str | None) -> str:
    r"""Return what the writer says: no reply prefix, no chain of reposts, no quotation, hashtags without their mark.

    What others said is set apart by the signs of each platform: Weibo's ``//@name:``, Reddit's ``>`` before a line (a
    spoiler, ``>!...!<``, is the writer's own). Of Reddit's links the words stay; a link that stands bare stays, as
    everywhere. Reddit's other marks (``**bold**``, ``~~struck~~``) stay too: they are tokens of their own, which no
    measure counts as words.

    >>> own_words("回复@某人: 真的吗//@别人:转发微博", "weibo")
    '真的吗'
    >>> own_words("回复@某人\uff1a真的吗//@别人\uff1a转发微博", "weibo")
    '真的吗'
    >>> own_words("#考研[话题]# 好难[哭惹R]", "xiaohongshu")
    '#考研 好难[哭惹R]'
    >>> own_words("> they are free\n\nNo, see [this](https://example.org/a_(b)).", "reddit")
    'No, see this.'
    """
    if platform == "weibo":
        if "//" in text and (chain := _CHAIN.search(text)):
            text = text[: chain.start()].rstrip()
        if "的微博" in text:
            text = _VIDEO.sub("", text)
        if "全文" in text or "展开" in text or "收起" in text:
            text = _CUT.sub(r"\1", text.rstrip()).rstrip()
    elif platform == "reddit":
        text = _said_on_reddit(text)
    if ("@" in text and (found := _REPLY.match(text))) or ("回" in text and (found := _REPLY_TO.match(text))):
        text = text[found.end() :]
    if "[话题]" in text:
        text = _TOPIC.sub(r"#\1", text)
    return text


def _said_on_reddit(text: str) -> str:
    """Return a text without quoted lines and pictures, links as their words."""
    if ">" in text or "gt;" in text:
        text, quoted = _QUOTE.subn("", text)
        if quoted:
            text = _EMPTY_LINES.sub("\n\n", text).strip()
    if "](" in text:
        text = _LINK.sub(r"\1", _PICTURE.sub("", text))
    return text


def no_utterance(words: str, said: str = "") -> str | None:
    """Return why a record is no utterance, or None.

    Parameters
    ----------
    words : str
        The writer's own (see :func:`own_words`).
    said : str
        The whole text that they are of: where nothing of it is the writer's own, the reason says what it was.

    Examples
    --------
    >>> no_utterance("转发微博。"), no_utterance("@某甲 @某乙"), no_utterance("@某甲 快看")
    ('nothing but a repost', 'nothing but @mentions', None)

    """
    bare = words.strip(_UNSEEN).lower()
    if not bare:
        return _nothing_own(said)
    if _GONE.fullmatch(bare.rstrip(_ENDS)):
        return DELETED
    if bare.rstrip(_ENDS) in _BARE:
        return REPOST
    return MENTIONS if bare[0] in "@＠/u" and _NAMES.fullmatch(bare) else None


def _nothing_own(said: str) -> str:
    if _QUOTE.search(said):
        return QUOTE
    return REPOST if _CHAIN.search(said) else NO_TEXT


def without_names(reason: str) -> str:
    """Return a reason without what it quotes from the row, if that has letters: in a shifted row it may be a name.

    >>> without_names("likes 'some_body' is not a count"), without_names("posted_at '2025-13-01' is not a time")
    ('likes is not a count', "posted_at '2025-13-01' is not a time")
    """
    return _NAMELIKE.sub("", reason).strip()


def without_values(reason: str) -> str:
    """Return a reason without what it quotes from the row or accepts, so that rows with one reason can be counted.

    >>> without_values("posted_at 'soon' is not a time (accepted: ISO 8601, Unix seconds)")
    'posted_at is not a time'
    """
    return _QUOTED.sub("", reason).strip()
