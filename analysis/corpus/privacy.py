"""Nobody's name on the way in: authors and @mentions become pseudonyms, addresses and numbers are masked.

A pseudonym is an HMAC-SHA256 of platform and account under a key that stays outside the corpus and the repository:
``VANTAGE_KEY`` in the environment, or a file that is made on first use. Who has the corpus alone cannot go from a
list of accounts to their comments. No id, order or seed depends on the key.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections import Counter
from functools import lru_cache, partial

from analysis.corpus.elsewhere import hide_elsewhere
from analysis.corpus.identity_numbers import may_plate
from analysis.corpus.links import bare_id, hide_addresses, hide_hosts, may_link
from analysis.corpus.mentions import hide_emails, hide_marked, hide_mentions, may_name
from analysis.corpus.page import MARKS, UNSEEN, WRITTEN, Page
from analysis.corpus.personal_numbers import hide_numbers
from analysis.corpus.schema import MASK, PSEUDONYM
from analysis.corpus.spill import SpillDict

_REMEMBERED = 50_000
_DIGITS = 12
#: What no account's name ends in, in the name of a file.
_ENDINGS = "csv|tsv|tab|txt|json|jsonl|ndjson|xlsx|ods|zip|gz|xz|zst|bz2|vtt|srt|xml|html"
_AT = re.compile(
    # Before the @ of an address stands a name too.
    r"(?<![\w.+-])[\w.+-]++[@＠][\w-]+\.(?:com|net|org|edu|co|cn|de|fr|ru|jp|kr|uk|tw|hk)(?!\w)|"
    rf"[@＠](?!\[)[^\W_][\w-]*(?:\.(?!(?:{_ENDINGS})\b)[\w-]+)*"
)
# "instagram-NAME-2025-01-02-AbCdEf.zip": Meta says in a download's name whose it is.
_WHOSE = re.compile(r"\b(instagram|facebook)-[^/:]{1,60}?-(\d{4}-\d\d-\d\d)\b", re.IGNORECASE)
#: What platforms show in place of a name or an id for accounts that are gone or hidden: many people's, so nobody's.
_NOBODY = frozenset(
    (
        *("0", "-1", "[deleted]", "[removed]", "[deleted by user]", "deleted account", "deleted user"),
        *("user deleted", "account suspended", "deleted", "deleted_user", "(deleted)", "[ deleted ]"),
        *("u/[deleted]", "account deleted", "guest", "compte supprimé", "utilisateur supprimé"),
        *("utilisateur facebook", "usuario eliminado", "cuenta eliminada", "usuario de facebook"),
        *("gelöschter nutzer", "gelöschtes konto", "facebook-nutzer", "удалённый аккаунт", "удаленный аккаунт"),
        *("удалённый пользователь", "탈퇴한 사용자", "알 수 없음", "알 수 없는 사용자", "名無しさん"),
        *("匿名ユーザー", "anonymous", "anonymous user", "anonymous member", "anonymous participant"),
        *("unknown user", "facebook user", "instagram user", "tiktok user", "youtube user", "已注销", "已重置"),
        *("用户已注销", "该用户已注销", "账号已注销", "帐号已注销", "此账号已注销", "该账号已注销", "用户不存在"),
        *("用户已被封禁", "该用户已被封禁", "未知用户", "游客", "匿名網友", "匿名用戶", "已刪除的用戶"),
        *("已刪除的使用者", "匿名", "匿名用户", "知乎用户", "微博用户", "抖音用户", "快手用户", "小红书用户"),
        *("哔哩哔哩用户", "用户"),
    )
)
_WHO = re.compile(
    "author|user|name|nick|speaker|uid|account|channel|owner|profile|who|作者|昵称|用户|博主|账号|帐号", re.IGNORECASE
)
#: Whatever stands for a name or an address in a text.
_MASK = re.compile(rf"{PSEUDONYM}|{MASK}")
_OURS = re.compile(PSEUDONYM)
#: What stands before a name: a mention's mark, Reddit's, Weibo's.
_MARKED = re.compile(r"^(?:@|/?u/)", re.IGNORECASE)
#: How an id without a blank may name somebody.
_NAMING = re.compile(r"[@＠﹫]|\b(?:u|user)/", re.IGNORECASE)
_LINKED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://\S*$")
_FOUR = re.compile(r"[0-9](?:[^0-9\n]{0,3}[0-9]){3}")


def _may_name(text: str) -> bool:
    return may_link(text) or may_name(text) or may_plate(text)


@lru_cache(maxsize=1_000)
def of_nobody(file: str) -> str:
    """Return a file's name as it may be stored: without the name that Meta puts into its downloads', or one after @.

    >>> of_nobody("instagram-some.body-2025-01-02-AbCd.zip: posts_1.json"), of_nobody("TikTok @some.body 2.csv.gz")
    ('instagram-[name]-2025-01-02-AbCd.zip: posts_1.json', 'TikTok @[name] 2.csv.gz')
    """
    return _AT.sub("@[name]", _WHOSE.sub(r"\1-[name]-\2", file))


def is_nobody(account: str) -> bool:
    """Tell whether a name stands for accounts that are gone or hidden: whoever has it is not one speaker.

    >>> is_nobody("匿名用户"), is_nobody("[deleted]"), is_nobody("知乎用户AbC1")
    (True, True, False)
    """
    return account.removeprefix("@").lower() in _NOBODY


def names_somebody(column: str) -> bool:
    """Tell whether a column may hold who speaks.

    >>> names_somebody("author_name"), names_somebody("core_topic")
    (True, False)
    """
    return _WHO.search(column) is not None


def _plain(account: str) -> str:
    """Return an account's name as one person has it, however a file or a text writes it."""
    name = account if account.isascii() else unicodedata.normalize("NFC", UNSEEN.sub("", account)).strip()
    return _MARKED.sub("", name or account).lower()


class Pseudonyms:
    """Replaces names and masks addresses, and counts what it did in rows that come in (:meth:`enter`).

    Attributes
    ----------
    counts : Counter
        How many of each kind were replaced (``mention``, ``e-mail address``, ``phone number``, ...).
    masked : Counter
        The same of the latest text.
    kept : bool
        Whether what looks like a pseudonym is one, and stays: in rows that an export of a corpus has. Elsewhere
        somebody may be called so.

    """

    def __init__(self, key: bytes) -> None:
        """Take the key."""
        self._key = key
        self._known: dict[tuple[str | None, str], str] = {}
        self._authors = SpillDict(0)
        self.counts: Counter[str] = Counter()
        self.masked: Counter[str] = Counter()
        self.kept = False

    def of(self, platform: str | None, account: str) -> str:
        """Return the pseudonym of an account, or of the name by which a text mentions it.

        A leading @ or u/, capital letters, marks that nobody sees and how an accent is written make no difference. Who
        speaks is known by the account's id wherever a format gives one, since names change; who is mentioned is known
        by the name. So a speaker and a mention have one pseudonym only in formats that know accounts by their unique
        name alone (Reddit, tables by name), and elsewhere two. They are not linked: which name an id has is known only
        from some file, and a pseudonym may not depend on which files were read before, nor on what else an import held.
        """
        if self.kept and _OURS.fullmatch(name := _plain(account)):
            return name
        known = self._known.get((platform, account))
        if known is None:
            name = _plain(account)
            message = f"{platform or ''}\x1f{name}".encode("utf-8", "backslashreplace")
            known = "user_" + hmac.digest(self._key, message, "sha256").hex()[:_DIGITS]
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[platform, account] = known
        return known

    def in_link(self, account: str) -> str:
        """Return the pseudonym of an account of whose link a thread's id is made."""
        return self.of(None, account)

    def in_title(self, name: str) -> str:
        """Return an id or a label; a title, or a name, without whom it names, which counts for no row."""
        # Where all letters are Latin, a title has blanks: the digits of an id may look like a telephone's.
        titled = " " in name.strip() or "://" in name or not name.isascii() or _NAMING.search(name)
        if _LINKED.match(name) or not titled:
            return name
        hidden = self._hide(name, None)[0]
        # Of an address alone nothing is left to tell it from another.
        return self.of(None, name) if re.fullmatch(MASK, hidden) else hidden

    def in_id(self, name: str) -> str:
        """Return an id without its link's tokens, and without whom it names."""
        return self.in_title(bare_id(name))

    def in_label(self, name: str) -> str:
        """Return a word that rows are put together by, without whom it or its link names."""
        return self.in_title(bare_id(name, self.in_link))

    def enter(self, speaker: str | None) -> None:
        """Count what was masked in the latest text, whose row comes in, and who speaks, each once."""
        self.counts += self.masked
        if speaker is not None:
            self._authors.put(speaker)

    def replaced(self) -> dict[str, int]:
        """Return how many names and addresses were replaced, each author once."""
        return {**self.counts, "author": len(self._authors)}

    def close(self) -> None:
        """Forget who was met."""
        self._known.clear()
        self._authors.close()

    def text(self, text: str, platform: str | None) -> str:
        """Return a text with the names in it as pseudonyms and addresses and numbers masked.

        What is looked for, and what is not, stands in the README. Links keep their site.
        """
        hidden, self.masked = self._hide(text, platform)
        return hidden

    def _hide(self, text: str, platform: str | None) -> tuple[str, Counter[str]]:
        if not (MARKS.search(text) or _FOUR.search(text) or WRITTEN.search(text) or _may_name(text)):
            return text, Counter()
        page = Page(text)
        named = partial(self.of, platform)
        counts = {
            "mention": hide_marked(page, named),
            "link": hide_addresses(page),
            "e-mail address": hide_emails(page),
        }
        counts["link"] += hide_hosts(page)
        counts["mention"] += hide_mentions(page, platform, named)
        counts |= hide_numbers(page)
        counts["mention"] += hide_elsewhere(page, named)
        return page.text(), Counter({name: number for name, number in counts.items() if number})


def without_masks(text: str) -> str:
    """Return a text with one mark for whatever was masked: by this texts are told apart, and made ids are made.

    So an id tells nothing that the text does not, is the same under every key, and no guess of a name can be tried.

    >>> without_masks("@user_0123456789ab: [email]") == without_masks("@user_ba9876543210: [phone]")
    True
    """
    return _MASK.sub("\x1a", text) if "user_" in text or "[" in text else text
