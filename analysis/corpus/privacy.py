"""Nobody's name on the way in: authors and @mentions become pseudonyms, addresses and numbers are masked.

A pseudonym is an HMAC-SHA256 of platform and account under a key that stays outside the corpus and the repository:
``VANTAGE_KEY`` in the environment, or a file that is made on first use. Who has the corpus alone cannot go from a
list of accounts to their comments. No id, order or seed depends on the key.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from analysis.corpus.spilled import Distinct
from analysis.errors import InputError

VARIABLE = "VANTAGE_KEY"
EMAIL, PHONE = "[email]", "[phone]"
_SHORTEST = 16
_REMEMBERED = 50_000
_DIGITS = 12
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)
# Chinese mobile numbers, numbers with a country's code, and North American and Chinese numbers with their usual marks.
# Ids, years and prices are no phone numbers: a run of digits is one only in these forms.
_PHONE = re.compile(
    r"(?<![\w+.#/])(?:"
    r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}"
    r"|\+\d{1,3}[ -.]?\(?\d{1,4}\)?(?:[ -.]?\d{2,4}){2,4}"
    r"|\(?\d{3}\)?[ -.]\d{3}[-.]\d{4}"
    r"|0\d{2,3}-\d{7,8}"
    r")(?![\w])",
    re.ASCII,
)
# Chinese has no blank before an @ (so only what makes an address may not stand there), and often none after the name.
_MENTION = re.compile(r"((?<![A-Za-z0-9_.+-])[@＠]|(?<!\w)/?u/|/user/)(\w(?:[\w.·-]{0,38}\w)?)")
#: A platform's own mention ends at a blank or a mark, as Weibo has it. Where a name that is not Latin goes on for more
#: than this, a sentence was typed onto it: then this many characters are the name, and the sentence stays.
_LONGEST_NAME, _NAME = 12, 8
# "instagram-NAME-2025-01-02-AbCdEf.zip": Meta says in a download's name whose it is.
_WHOSE = re.compile(r"\b(instagram|facebook)-[^/:]{1,60}?-(\d{4}-\d\d-\d\d)\b", re.IGNORECASE)
#: What platforms show in place of a name or an id for accounts that are gone or hidden: many people's, so nobody's.
_NOBODY = frozenset(
    {
        "0",
        "-1",
        "[deleted]",
        "[removed]",
        "[deleted by user]",
        "deleted account",
        "deleted user",
        "user deleted",
        "account suspended",
        "anonymous",
        "anonymous user",
        "anonymous member",
        "anonymous participant",
        "unknown user",
        "facebook user",
        "instagram user",
        "tiktok user",
        "youtube user",
        "已注销",
        "已重置",
        "用户已注销",
        "该用户已注销",
        "账号已注销",
        "帐号已注销",
        "此账号已注销",
        "该账号已注销",
        "用户不存在",
        "匿名",
        "匿名用户",
        "知乎用户",
        "微博用户",
        "抖音用户",
        "快手用户",
        "小红书用户",
        "哔哩哔哩用户",
        "用户",
    }
)
# What every phone number holds. It begins with one class of characters, not with an alternation: for that the engine
# has a fast search, and most texts have no such digits.
_FOUR = re.compile(r"[0-9](?:[0-9]{3}|[ -.][0-9]{2})")


def key_file() -> Path:
    """Return where the key is kept: in the user's own configuration folder."""
    if sys.platform == "win32" and "APPDATA" in os.environ:
        return Path(os.environ["APPDATA"]) / "vantage" / "key"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "vantage" / "key"


def read_key() -> bytes:
    """Return the key: of ``VANTAGE_KEY``, else of the key file, which is made with a random one if it is missing.

    Raises
    ------
    InputError
        If the key is shorter than 16 characters, or its file cannot be made.

    """
    given = os.environ.get(VARIABLE)
    if given is None:
        path = key_file()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            given = path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise InputError(f"cannot keep a key: {error.strerror}; set {VARIABLE}", file=path) from error
        else:
            given = secrets.token_hex(32)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(given + "\n")
    if len(given) < _SHORTEST:
        raise InputError(f"the key is shorter than {_SHORTEST} characters", file=VARIABLE)
    return given.encode()


@lru_cache(maxsize=1_000)
def of_nobody(file: str) -> str:
    """Return a file's name as it may be stored: without the name that Meta puts into its downloads' names.

    >>> of_nobody("instagram-some.body-2025-01-02-AbCd.zip: posts_1.json")
    'instagram-[name]-2025-01-02-AbCd.zip: posts_1.json'
    """
    return _WHOSE.sub(r"\1-[name]-\2", file)


def is_nobody(account: str) -> bool:
    """Tell whether a name stands for accounts that are gone or hidden: whoever has it is not one speaker.

    >>> is_nobody("匿名用户"), is_nobody("[deleted]"), is_nobody("知乎用户AbC1")
    (True, True, False)
    """
    return account.removeprefix("@").lower() in _NOBODY


class Pseudonyms:
    """Replaces names and masks addresses, and counts what it did.

    Attributes
    ----------
    counts : Counter
        ``mentions``, ``e-mail addresses`` and ``phone numbers`` replaced.

    """

    def __init__(self, key: Callable[[], bytes]) -> None:
        """Take a function that returns the key: it is read, and made, only where there is a name to replace."""
        self._key = cache(key)
        self._known: dict[tuple[str | None, str], str] = {}
        self._authors = Distinct()
        self.counts: Counter[str] = Counter()

    def of(self, platform: str | None, account: str) -> str:
        """Return the pseudonym of an account, or of the name by which a text mentions it.

        A leading @ and capital letters make no difference. Who speaks is known by the account's id wherever a format
        gives one, since names change; who is mentioned is known by the name. So a speaker and a mention have one
        pseudonym only in formats that know accounts by their unique name alone (Reddit, tables by name), and elsewhere
        two. They are not linked: which name an id has is known only from some file, and a pseudonym may not depend on
        which files were read before, nor on what else an import held.
        """
        name = account.removeprefix("@").lower()
        message = f"{platform or ''}\x1f{name}".encode("utf-8", "backslashreplace")
        return "user_" + hmac.digest(self._key(), message, "sha256").hex()[:_DIGITS]

    def author(self, platform: str | None, account: str) -> str:
        """Return the pseudonym of who speaks, and count each once."""
        known = self._known.get((platform, account))
        if known is None:
            known = self.of(platform, account)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[platform, account] = known
            self._authors.add(hash(known))
        return known

    def replaced(self) -> dict[str, int]:
        """Return how many names and addresses were replaced, each author once."""
        return {**self.counts, "authors": len(self._authors)}

    def close(self) -> None:
        """Forget who was met."""
        self._known.clear()
        self._authors.close()

    def text(self, text: str, platform: str | None) -> str:
        """Return a text with its @mentions as pseudonyms and its e-mail addresses and phone numbers masked."""
        if "@" in text:
            text, found = _EMAIL.subn(EMAIL, text)
            self.counts["e-mail addresses"] += found
        if _FOUR.search(text):
            text, found = _PHONE.subn(PHONE, text)
            self.counts["phone numbers"] += found
        if "@" in text or "＠" in text or "u/" in text or "/user/" in text:
            text, found = _MENTION.subn(lambda m: self._mention(platform, m[1], m[2]), text)
            self.counts["mentions"] += found
        return text

    def _mention(self, platform: str | None, mark: str, name: str) -> str:
        end = len(name) if len(name) <= _LONGEST_NAME or name.isascii() else _NAME
        return mark + self.of(platform, name[:end].lower()) + name[end:]
