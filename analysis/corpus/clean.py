"""What somebody said, without what the platform, the tool or the format put around it."""

from __future__ import annotations

import html
import re

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ALT = re.compile(r"<img\b[^>]*?\balt=(\"[^\"]*\"|'[^']*'|[^\s>]+)[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# "回复@name:" (Weibo), "回复 @name :" (Bilibili), "Replying to @name": who is answered is no part of the answer.
_REPLY = re.compile(r"\s*(?:回复|回覆|Replying to)\s*@[^:\uff1a\n]{1,60}?\s*[:\uff1a]\s*")
_CHAIN = re.compile(r"\s*//\s*@[^:\uff1a\n]{1,60}?\s*[:\uff1a].*", re.DOTALL)
_TOPIC = re.compile(r"#([^#\[\]]+)\[话题\]#?")
_BARE = frozenset({"转发微博", "轉發微博", "转发", "repost", "快转微博", "轉發"})
_DELETED = frozenset(
    {
        "[deleted]",
        "[removed]",
        "[ removed by reddit ]",
        "[deleted by user]",
        "该评论已被删除",
        "该评论已删除",
        "此评论已被删除",
        "评论已删除",
        "该微博已被作者删除",
        "抱歉,此微博已被作者删除。",
    }
)

#: Why a record without words is no utterance.
NO_TEXT, DELETED, REPOST = "no text (a picture or a sticker)", "deleted", "no words of one's own (a bare repost)"


def plain(text: str, markup: str = "plain") -> str:
    r"""Return text without its markup.

    Parameters
    ----------
    text : str
        As the file has it.
    markup : str
        ``plain`` (nothing is changed), ``entities`` (``&amp;`` and its like are decoded), ``html`` (tags too; a
        picture stands for its ``alt``), ``latin1`` (UTF-8 bytes that were written as Latin-1 characters, as in
        Meta's downloads).

    Examples
    --------
    >>> plain('so <b>free</b>&#39;s<br>fine <img src="x" alt="[doge]">', "html")
    "so free's\nfine [doge]"
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
    if markup == "html" and "<" in text:
        text = _ALT.sub(lambda found: found[1].strip("\"'"), _BREAK.sub("\n", text))
        text = _TAG.sub("", text)
    # Reddit's own entities are escaped once more in its API (&amp;#x200B;).
    return html.unescape(html.unescape(text)) if "&" in text else text


def own_words(text: str, platform: str | None) -> str:
    r"""Return what the writer says: no reply prefix, no chain of reposts, hashtags without their mark.

    >>> own_words("回复@某人: 真的吗//@别人:转发微博", "weibo")
    '真的吗'
    >>> own_words("回复@某人\uff1a真的吗//@别人\uff1a转发微博", "weibo")
    '真的吗'
    >>> own_words("#考研[话题]# 好难[哭惹R]", "xiaohongshu")
    '#考研 好难[哭惹R]'
    """
    if platform == "weibo" and "//" in text:
        text = _CHAIN.sub("", text)
    if "@" in text and (found := _REPLY.match(text)):
        text = text[found.end() :]
    if "[话题]" in text:
        text = _TOPIC.sub(r"#\1", text)
    return text


def no_utterance(text: str) -> str | None:
    """Return why a text is no utterance, or None: empty, deleted, or a bare repost."""
    bare = text.strip().strip("\u200b\ufeff").lower()
    if not bare:
        return NO_TEXT
    if bare in _DELETED:
        return DELETED
    return REPOST if bare in _BARE else None
