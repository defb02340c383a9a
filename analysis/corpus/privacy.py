"""Nobody's name on the way in: authors and @mentions become pseudonyms, addresses and numbers are masked.

A pseudonym is an HMAC-SHA256 of platform and account under a key that stays outside the corpus and the repository:
``VANTAGE_KEY`` in the environment, or a file that is made on first use. Who has the corpus alone cannot go from a
list of accounts to their comments. No id, order or seed depends on the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

from analysis.errors import InputError

VARIABLE = "VANTAGE_KEY"
EMAIL, PHONE = "[email]", "[phone]"
_SHORTEST = 16
_REMEMBERED = 200_000
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
_MENTION = re.compile(r"(?<![\w/])([@＠]|/?\bu/)([\w](?:[\w.·-]{0,38}\w)?)")
_FOUR = re.compile(r"\d{4}|\d[ -.]\d{2}")


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


class Pseudonyms:
    """Replaces names and masks addresses, and counts what it did.

    Attributes
    ----------
    counts : Counter
        ``authors``, ``mentions``, ``e-mail addresses`` and ``phone numbers`` replaced (authors once each).

    """

    def __init__(self, key: Callable[[], bytes]) -> None:
        """Take a function that returns the key: it is read, and made, only where there is a name to replace."""
        self._key = cache(key)
        self._known: dict[tuple[str, str], str] = {}
        self.counts: Counter[str] = Counter()

    def of(self, platform: str | None, account: str) -> str:
        """Return the pseudonym of an account."""
        known = self._known.get((platform or "", account))
        if known is None:
            message = f"{platform or ''}\x1f{account}".encode("utf-8", "backslashreplace")
            known = "user_" + hmac.digest(self._key(), message, hashlib.sha256).hex()[:_DIGITS]
            if len(self._known) < _REMEMBERED:
                self._known[platform or "", account] = known
        return known

    def author(self, platform: str | None, account: str) -> str:
        """Return the pseudonym of who speaks, and count each once."""
        if (platform or "", account) not in self._known:
            self.counts["authors"] += 1
        return self.of(platform, account)

    def text(self, text: str, platform: str | None) -> str:
        """Return a text with its @mentions as pseudonyms and its e-mail addresses and phone numbers masked."""
        if "@" in text:
            text, found = _EMAIL.subn(EMAIL, text)
            self.counts["e-mail addresses"] += found
        if _FOUR.search(text):
            text, found = _PHONE.subn(PHONE, text)
            self.counts["phone numbers"] += found
        if "@" in text or "＠" in text or "u/" in text:
            text, found = _MENTION.subn(lambda m: m[1] + self.of(platform, m[2].lower()), text)
            self.counts["mentions"] += found
        return text
