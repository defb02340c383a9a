"""What is written on figures, and where a line of it ends: titles, notes, axes, counts, glosses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import AutoLocator, MaxNLocator

from analysis import digits
from analysis.compare.concordance import columns_of
from analysis.compare.groups import LANGUAGE_NAMES, any_of
from analysis.compare.permutation import LEAST_GROUPS
from analysis.digits import settled
from analysis.errors import plural
from analysis.measure.pairs import translation
from analysis.show import palette, style
from analysis.show.canvas import POINTS, text_size

#: Inches that are left free beside a title, and beside notes.
_MARGIN = 0.15
#: Inches between the numbers of an axis.
_APART = 0.03
#: Words that a line of a note holds after its first.
_WORDS = 12
#: Columns that a word's translation may take beyond what the term has.
_GLOSS = 12
#: So many names are listed of what a figure leaves out.
_NAMED = 6


def glossed(term: str, language: str, most: int) -> str:
    """Return what a figure calls a term: a Chinese one with its translation, for which it has room beside.

    Examples
    --------
    >>> glossed("快乐", "zh", 20), glossed("人 快乐", "zh", 28), glossed("happy", "en", 20)
    ('快乐 (happy)', '人 快乐 (people happy)', 'happy')
    >>> glossed("#朝鲜", "zh", 20), glossed("外汇商店", "zh", 20), glossed("hard-currency shopping", "en", 20)
    ('#朝鲜 (North Korea)', '外汇商店 (hard-currency shop)', 'hard-currency shopp…')

    """
    gloss = _gloss(term, language)
    room = _GLOSS * len(term.split()) if gloss else 0
    return style.label(f"{term} ({gloss})" if gloss else term, most + room)


def _gloss(term: str, language: str) -> str:
    """Return the translation of a term's words, a dot for one that has none; nothing if no word has any."""
    words = [(language == "zh" and translation(word)) or "·" for word in term.split(" ")]
    return " ".join(words) if set(words) != {"·"} else ""


def languages(codes: str) -> str:
    """Return the names of one language or of several, as a table joins their codes.

    Examples
    --------
    >>> languages("zh-en"), languages("en+zh"), languages("none")
    ('Chinese and English', 'English and Chinese', 'other')

    """
    names = {**LANGUAGE_NAMES, "none": "other"}
    return " and ".join(names.get(code, code) for code in re.split("[-+]", str(codes)))


def units_of(table: pd.DataFrame) -> str:
    """Return what the clusters of the two sides of a table of one pair are (:func:`any_of`)."""
    units = (unit for name in ("units_a", "units_b") if name in table for unit in table[name].iloc[:1].dropna())
    return any_of(str(unit) for unit in units if unit)


#: What instruments are called where people read; one that is not here is called as it is.
INSTRUMENTS = {"labmt": "labMT", "nrcvad": "NRC-VAD", "vader": "VADER", "zh_rules": "the Chinese rules"}


def instruments(names: object) -> str:
    """Return what instruments are called, one or several in a text.

    Examples
    --------
    >>> instruments("labmt"), instruments("vader / zh_rules"), instruments("column:mine")
    ('labMT', 'VADER / the Chinese rules', 'column:mine')

    """
    return re.sub(r"\w+", lambda found: INSTRUMENTS.get(found.group(), found.group()), str(names))


#: What the band behind a row across languages is.
OCHRE = (
    "Ochre: how far translations of the same lines are apart, measured in the same way; what lies no farther from 0 "
    "may be the languages'."
)
#: Of which utterances shares of concepts are; fewer than are in the corpus, more than have a tone.
READ = "Counted: utterances in English or Chinese, each read through its side of the codebook, paraphrases too."
#: What ratios of shares are of, so that they are not quite the quotients of the shares.
HALVES = "Ratios are of shares with half a mention added to each side."
#: How Chinese words come to be rated on the English scale.
LINKS = (
    "Chinese words are put on the English scale by labMT's words that translate each other: by equal spread (sd), or "
    "by regression of English on Chinese (OLS) or of Chinese on English (reverse OLS)."
)


def minus(value: float, how: str) -> str:
    """Return a number with the sign that axes have.

    Examples
    --------
    >>> minus(-0.1672, ".3g"), minus(5.5, ".2f"), minus(5, "#.3g"), minus(123, "#.3g"), minus(0, "+.2f")
    ('−0.167', '5.50', '5.00', '123', '0.00')
    >>> minus(-0.0004, "+.2f")
    '−0.0004'

    """
    text = digits.fixed(value, how).replace("-", "−").rstrip(".")
    return text if value else text.lstrip("+−")


def percent(share: float) -> str:
    """Return a share as people read it; only what is all is 100 %, and only what is nothing 0 %.

    Examples
    --------
    >>> percent(0.253), percent(0.0513), percent(0.0004), percent(0), percent(0.9999)
    ('25 %', '5.1 %', '< 0.1 %', '0 %', '> 99 %')

    """
    value = float(settled(100 * share))
    if 99.5 <= value < 100:  # noqa: PLR2004  not all
        return "> 99 %"
    return f"{value:.0f} %" if value >= 9.95 or not value else f"{value:.1f} %" if value >= 0.05 else "< 0.1 %"  # noqa: PLR2004


def permuted(units: str, fewest: float) -> str:
    """Say what was permuted, of which the smaller side has so many.

    Examples
    --------
    >>> permuted("threads", 40), permuted("accounts", 2000)
    ('threads permuted', 'accounts permuted, in random groups where there are thousands')

    """
    return f"{units} permuted" + (", in random groups where there are thousands" if fewest >= 2 * LEAST_GROUPS else "")


_WEIGHED = {
    "likes": "Weighted by likes: what was liked more counts more; what nobody liked, or has no known likes, does not.",
    "cluster": "Each cluster (a thread, an account) counts alike, however many utterances it has.",
}


def weighed(table: pd.DataFrame) -> str:
    """Say what counts in the means and shares of a table, if it is not every utterance alike.

    Examples
    --------
    >>> weighed(pd.DataFrame({"weighting": ["likes", "likes"]}))
    'Weighted by likes: what was liked more counts more; what nobody liked, or has no known likes, does not.'
    >>> weighed(pd.DataFrame({"weighting": ["utterance"]})), weighed(pd.DataFrame({"weighting": ["likes", "cluster"]}))
    ('', '')

    """
    ways = set(table["weighting"]) if "weighting" in table else set()
    return _WEIGHED.get(ways.pop(), "") if len(ways) == 1 else ""


#: From here numbers are written whole.
_HUNDRED = 99.5
#: Ratios so near to 1 would be written as 1 with two digits.
_ABOUT_ONE = 0.05


def translated(language: str, terms: Iterable[str]) -> str:
    """Say where the English words beside Chinese ones come from, if there are any.

    Examples
    --------
    >>> translated("zh", ["快乐", "三胖"]), translated("zh", ["这边"]), translated("en", ["happy"])
    ('In parentheses: our translation or labMT’s, where there is one.', '', '')
    >>> translated("zh", ["这边 快乐"])
    'In parentheses: our translation or labMT’s, where there is one; a dot for a word without.'

    """
    told = [gloss for gloss in (_gloss(term, language) for term in terms) if gloss]
    dots = "; a dot for a word without" if any("·" in gloss for gloss in told) else ""
    return f"In parentheses: our translation or labMT’s, where there is one{dots}." if told else ""


def effect(row: Mapping[str, Any]) -> str:
    """Return an effect with its interval: differences with their sign, ratios as so many times.

    Examples
    --------
    >>> effect({"estimate": 2.0, "ci_low": 1.0, "ci_high": float("inf"), "unit": "log2 ratio"})
    '× 4 [2, ∞]'
    >>> effect({"estimate": -0.5, "ci_low": float("nan"), "ci_high": float("nan"), "unit": "sd"})
    '−0.5 sd'
    >>> effect({"estimate": 1.02, "ci_low": 0.5, "ci_high": 1.5, "unit": "points"})
    '+1 point [+0.5, +1.5]'
    >>> effect({"estimate": 6.8, "ci_low": 2.0, "ci_high": 12.0, "unit": "log2 ratio"})
    '× 111 [4, 4,096]'
    >>> effect({"estimate": 1.18, "ci_low": 0.0447, "ci_high": 2.76, "unit": "log2 ratio"})
    '× 2.3 [1.03, 6.8]'
    >>> effect({"estimate": 1.18, "ci_low": 0.0004, "ci_high": 2.76, "unit": "log2 ratio"})
    '× 2.3 [1.0003, 6.8]'

    """
    ratio = row["unit"] == "log2 ratio"

    def number(name: str) -> str:
        value = float(np.exp2(settled(row[name])) if ratio else settled(row[name]))
        if ratio and value < _HUNDRED:
            return digits.ratio(value, 3 if abs(value - 1) < _ABOUT_ONE else 2)
        sign = "" if ratio else "+"
        # Not 1.1e+02.
        return minus(value, f"{sign}.2g" if abs(value) < _HUNDRED else f"{sign},.0f").replace("inf", "∞")

    unit = str(row["unit"])
    shown = f"{number('estimate')} {unit}"
    if ratio:
        shown = f"× {number('estimate')}"
    elif unit == "points":
        shown = plural(number("estimate"), "point")
    return shown + ("" if pd.isna(row["ci_low"]) else f" [{number('ci_low')}, {number('ci_high')}]")


def languages_told(languages: Sequence[str]) -> str:
    """Say what the markers of a figure mean, where it has several.

    Examples
    --------
    >>> languages_told(["zh", "en"]), languages_told(["en", "en"])
    ('Round: English; square: Chinese.', '')

    """
    shapes = {"o": "round: English", "s": "square: Chinese", "D": "diamond: several languages, or another"}
    seen = {palette.marker(language) for language in languages}
    told = "; ".join(name for shape, name in shapes.items() if shape in seen)
    return f"{told[0].upper()}{told[1:]}." if len(seen) > 1 else ""


def fold(text: str, most: int, lines: int = 12) -> str:
    r"""Part a text that may be drawn in lines of so many columns.

    Examples
    --------
    >>> fold("the human side of it", 10)
    'the human\nside of it'

    """
    return "\n".join(wrap(text, lambda line: columns_of(line) <= most, lines))


def wrap(text: str, fits: Callable[[str], bool], most: int = 12) -> list[str]:
    """Part a text in lines that fit, between words where that is possible; what takes too many lines is cut.

    Examples
    --------
    >>> wrap("the human side of it", lambda line: len(line) <= 10), wrap("朝鲜很安全", lambda line: len(line) <= 3)
    (['the human', 'side of it'], ['朝鲜很', '安全'])
    >>> wrap("a b c d", lambda line: len(line) <= 3, 1)
    ['a …']

    """
    words = re.split(r" (?!%)", style.label(text, 2000))  # a number and its sign stay together
    lines: list[str] = []
    at, more = 0, _WORDS
    while at < len(words):
        rest = words[at]
        while not fits(rest) and len(rest) > 1:
            cut = next(i for i in range(len(rest) - 1, 0, -1) if fits(rest[:i]) or i == 1)
            lines.append(rest[:cut])
            rest = rest[cut:]
        # To measure is slow, and lines hold about as many words as the one before: sought from there.
        after = words[at + 1 :]
        more = min(more, len(after))
        while more and not fits(" ".join([rest, *after[:more]])):
            more -= 1
        while more < len(after) and fits(" ".join([rest, *after[: more + 1]])):
            more += 1
        lines.append(" ".join([rest, *after[:more]]))
        at += more + 1
    if len(lines) > most:
        last = lines[most - 1]
        while last and not fits(f"{last} …"):
            last = last[:-1].rstrip()
        lines = [*lines[: most - 1], f"{last} …".strip()]
    return [style.forward(line) for line in lines]


def width_of(text: str, size: float) -> float:
    """Return how wide a text of one line is, in inches: the sum of its words, most of which were measured before."""
    font = FontProperties(family=list(mpl.rcParams["font.family"]), size=size)
    words = text.split(" ")
    width = sum(text_size(word, font)[0] for word in words if word) + (len(words) - 1) * text_size(" ", font)[0]
    return float(settled(width / POINTS))


def fold_to(text: str, inches: float, size: float, lines: int = 12) -> str:
    """Part a text in lines of so many inches."""
    return "\n".join(wrap(text, lambda line: width_of(line, size) <= settled(inches), lines))


def head(figure: Figure, title: str) -> None:
    """Write the title of a figure: a question or what was found."""
    figure.suptitle(fold_to(title, figure.get_figwidth() - _MARGIN, style.TITLE, 3), x=0.01, ha="left")


class _Apart(AutoLocator):
    """Ticks of which no number stands on the next: matplotlib takes each for three letters wide."""

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        wide = self.axis.axes.bbox.width / self.axis.get_figure(root=True).dpi
        for most in range(min(self.axis.get_tick_space(), 9), 0, -1):
            ticks = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(vmin, vmax)
            seen = ticks[(settled(ticks) >= settled(vmin)) & (settled(ticks) <= settled(vmax))]
            told = self.axis.get_major_formatter().format_ticks(seen)
            sizes = [width_of(text, style.SMALL) for text in told]
            apart = [(one + two) / 2 + _APART for one, two in pairwise(sizes)]
            if (settled(np.diff(seen) * wide / (vmax - vmin)) >= settled(apart)).all():
                break
        return ticks


def foot(figure: Figure, *notes: str, handles: Sequence[Artist] = ()) -> None:
    """Write what a figure needs to be read below it, and the groups of a legend under that; part numbers of axes."""
    for ax in figure.axes:
        if type(ax.xaxis.get_major_locator()) is AutoLocator:
            ax.xaxis.set_major_locator(_Apart())
    told = "\n".join(fold_to(note, figure.get_figwidth() - _MARGIN, style.SMALL) for note in notes if note.strip())
    if handles:
        figure.legend(
            handles=handles, loc="outside lower left", fontsize=style.SMALL, title=told, title_fontsize=style.SMALL,
            alignment="left", borderaxespad=0.2,
        )  # fmt: skip
    elif told:
        figure.supxlabel(told, fontsize=style.SMALL, x=0.01, ha="left", linespacing=1.25)


def axis(left: str, right: str, what: str) -> str:
    """Return what an axis is called: where it leads to either side, and what it measures."""
    return f"← {left}      {right} →\n{what}"


def embolden(text: Text) -> None:
    """Make a text bold; of the fonts for Chinese and Korean there is no bold one."""
    text.set_path_effects([withStroke(linewidth=0.5, foreground=style.INK)])


def in_csv(more: int | Iterable[object], what: str = "row", which: str = "") -> str:
    """Say how many more rows the table holds than the figure, and which: by their names, or by what they are.

    Examples
    --------
    >>> in_csv(1_230, which="the shorter ones"), in_csv(["safety"], "concept"), in_csv(0), in_csv([])
    ('1,230 more rows are in the CSV: the shorter ones.', '1 more concept is in the CSV: safety.', '', '')
    >>> in_csv("abcdefghi", "concept")
    '9 more concepts are in the CSV: a; b; c; d; e; f; and 3 others.'

    """
    if not isinstance(more, int):
        names = [style.label(str(name), 50) for name in more]
        more, beyond = len(names), len(names) - _NAMED
        which = "; ".join(names[:_NAMED]) + (f"; and {plural(beyond, 'other')}" if beyond > 0 else "")
    told = f": {which}" if which else ""
    return f"{plural(more, f'more {what}')} {'is' if more == 1 else 'are'} in the CSV{told}." if more > 0 else ""
