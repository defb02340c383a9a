"""A text as it is searched for names: odd characters as plain ones, each with its place, and what was found replaced.

A name may be written with full-width letters, invisible characters in it, digits of any script or an ``@`` as HTML has
it. It is looked for in a plain copy, and replaced where it stands: everything else of the text stays to the letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import chain

#: Stands in the copy for what was found already; no pattern accepts it.
GONE = "\x00"
#: The first digits of the decimal systems of other scripts, and of the full-width and mathematical ones.
_ZEROS = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0),
    *(0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6),
)
#: What carries no name in itself but may stand within one; an emoji's parts are put aside in the copy alone.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u3164"
    "\ufe00-\ufe0f\ufeff\ufffc\uffa0\U000e0000-\U000e01ef"
)
UNSEEN = re.compile(f"[{_INVISIBLE}]")
# No "%40" as some write 40 %: a name follows.
_AT = r"&(?:amp;)?(?:#0*64(?![0-9]);?|#[xX]0*40(?![0-9A-Fa-f]);?|commat;)|%40(?=[A-Za-z_])"
_PUT_ASIDE = re.compile(rf"(?P<at>{_AT})|[{_INVISIBLE}]|\\(?=/)")  # "https:\/\/", as JSON has it


def _plain_forms() -> dict[int, str]:
    """Return the character by which an odd one is looked for."""
    found = {zero + value: str(value) for zero in _ZEROS for value in range(10)}
    letters = (0x2160, 0x2180), (0x2460, 0x24EB), (0xFF21, 0xFF5B), (0x1F130, 0x1F14A), (0x1D400, 0x1D7CC)
    for code in chain(range(0x2070, 0x209D), *(range(*ends) for ends in letters)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1 and plain.isalnum():
            found[code] = plain
    for first in (0x2474, 0x2488, 0x2776, 0x2780, 0x278A):  # ⑴, ⒈, ❶, ➀, ➊
        found |= {first + value: str(value + 1) for value in range(9)}
    for first in (0x1F150, 0x1F170):  # 🅐, 🅰
        found |= {first + letter: chr(ord("A") + letter) for letter in range(26)}
    found |= {0xB2: "2", 0xB3: "3", 0xB9: "1", 0x24FF: "0"}
    like = {"@": "＠﹫", ".": "．", "+": "＋﹢", "/": "／", "_": "＿", "#": "＃﹟", "(": "（", ")": "）", "'": "ʼ＇"}
    like |= {"&": "＆", "-": "\u2011\ufe63\uff0d", "\xa0": "\u2007\u202f"}
    like |= {" ": "\t\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000"}
    return found | {ord(odd): plain for plain, odds in like.items() for odd in odds}


_PLAIN = _plain_forms()


def _any_of(odds: Iterable[int]) -> str:
    """Return what of a class of characters stands for these; beyond the first plane, where each is slow, gaps too."""
    runs: list[list[int]] = []
    for odd in sorted(odds):
        if runs and odd - runs[-1][1] <= (1 if odd < 0x10000 else 16):  # noqa: PLR2004  the first plane's end
            runs[-1][1] = odd
        else:
            runs.append([odd, odd])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)


# Classes alone, since the engine searches for one fast.
_ODD = re.compile(f"[{_any_of(_PLAIN)}{_INVISIBLE}]")
#: What a name, an address or a number has something of, but for plain digits: most texts have none.
MARKS = re.compile(f"[@|/\\u20e3{_any_of(odd for odd, plain in _PLAIN.items() if plain.isalnum() or plain in '@/')}]")
#: Digits as Chinese and Korean write them, where seven or more stand together or in groups: a year has four.
_NUMERALS = "零〇一壹二贰三叁四肆五伍六陆七柒八捌九玖幺공영일이삼사오육륙칠팔구"
WRITTEN = re.compile(rf"[0-9{_NUMERALS}](?:[ .·_—-]{{0,2}}[0-9{_NUMERALS}]){{6,}}")
_DIGITS = str.maketrans(_NUMERALS, "001122334455667788991001234566789")


def words(said: str) -> frozenset[str]:
    """Return words that stand with blanks between them."""
    return frozenset(said.split())


class Page:
    """A text with what is found in it.

    Attributes
    ----------
    seen : str
        The copy to be searched: plain characters, and :data:`GONE` where something was found.

    Examples
    --------
    >>> page = Page("ｔｅｌ １２3, \u200b4")
    >>> page.seen, page.hide(re.compile("123|4"), lambda found: (*found.span(), "#")), page.text()
    ('tel 123, 4', 2, 'ｔｅｌ #, \u200b#')

    """

    def __init__(self, text: str) -> None:
        """Make the copy."""
        self._text, self.seen = text, text
        self._places: list[int] | None = None
        self._found: list[tuple[int, int, str]] = []
        odd = not text.isascii() and _ODD.search(text) is not None
        if (odd or "&" in text or "%40" in text or "\\/" in text) and _PUT_ASIDE.search(text):
            self._put_aside()
        if odd:
            self.seen = self.seen.translate(_PLAIN)

    def _put_aside(self) -> None:
        """Leave out of the copy what cannot be seen, and read ``&#64;`` and ``%40`` as one character."""
        kept, self._places, at = [], [], 0
        for odd in _PUT_ASIDE.finditer(self._text):
            kept.append(self._text[at : odd.start()])
            self._places += range(at, odd.start())
            if odd["at"]:
                kept.append("@")
                self._places.append(odd.start())
            at = odd.end()
        kept.append(self._text[at:])
        self._places += range(at, len(self._text) + 1)
        self.seen = "".join(kept)

    def in_digits(self) -> str:
        """Return the copy with digits for long runs of digits that are written as words."""
        return self.seen if self.seen.isascii() else WRITTEN.sub(lambda run: run[0].translate(_DIGITS), self.seen)

    def hide(
        self, pattern: re.Pattern[str], put: Callable[[re.Match[str]], tuple[int, int, str] | None], within: str = ""
    ) -> int:
        """Replace what a pattern finds.

        Parameters
        ----------
        pattern : Pattern
            Searched in :attr:`seen`.
        put : callable
            Takes a match; returns which part of the copy is replaced (start, end) and by what, or None.
        within : str
            Another copy of the same length to be searched instead.

        Returns
        -------
        int
            How many were replaced.

        """
        pieces, at, number = [], 0, 0
        for match in pattern.finditer(within or self.seen):
            found = put(match)
            if found is not None:
                start, end, _ = found
                self._found.append(found)
                pieces += [self.seen[at:start], GONE * (end - start)]
                at = end
                number += 1
        if number:
            self.seen = "".join([*pieces, self.seen[at:]])
        return number

    def text(self) -> str:
        """Return the text with everything replaced."""
        if not self._found:
            return self._text
        pieces, at = [], 0
        for start, end, new in sorted(self._found):
            if self._places is not None:
                start, end = self._places[start], self._places[end]  # noqa: PLW2901  the places in the text
            pieces += [self._text[at:start], new]
            at = end
        return "".join([*pieces, self._text[at:]])
