"""Word shift graphs, as Gallagher et al. (2021) draw them: the words behind a difference between two means."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from analysis.compare.groups import LANGUAGE_NAMES
from analysis.compare.pairings import PAIR
from analysis.compare.word_shift import KINDS
from analysis.errors import plural
from analysis.show import lettering, naming, style
from analysis.show.given import of_table
from analysis.show.tone import CAVEAT

#: Warm and cold words; dark where a uses them more, light where less. Told apart in grey and by the colour-blind, and
#: unlike the colour of any vantage.
COLOURS = {
    "positive up": "#E3A900",
    "positive down": "#F8E7AC",
    "negative up": "#6A4C9C",
    "negative down": "#CFC5E6",
}
SYMBOLS = {"positive up": "+↑", "positive down": "+↓", "negative up": "−↑", "negative down": "−↓"}
_WORDS = {
    "positive up": "positive word, A uses it more",
    "positive down": "positive word, A uses it less",
    "negative up": "negative word, A uses it more",
    "negative down": "negative word, A uses it less",
}
_ROW = 0.18
_GAP = 5.0
#: Columns that a term and a group's label may take; a Chinese character takes two.
_TERM = 18
_LABEL = 100
#: Labels get at most this share of half the axes; what is left is for the bars.
_LABELS = 0.8


@of_table
def draw_word_shift(table: pd.DataFrame, most: int = style.MOST_ROWS) -> Figure:
    """Draw the word shift of one pair of groups: a minus b, bars to the right make a the warmer side.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one pair of `analysis.compare.word_shift.word_shifts`.
    most : int
        Terms to draw.

    """
    whole = style.read_back(table, *PAIR)
    if not (whole["name"] == "mean of words").any():
        return style.nothing_to_draw("The means that the words explain are not in the table: choose those rows too.")
    first = whole.iloc[0]
    language, middle, weighting = first["language"], first["middle"], first["weighting"]
    summary, table = whole[whole["part"] != "term"], whole[whole["part"] == "term"]
    drawn = table[table["contribution"].notna() & (table["contribution"] != 0)].head(most)
    title = f"Which words make A warmer or colder than B? {LANGUAGE_NAMES[language]}, labMT"
    if drawn.empty:
        return style.nothing_to_draw(f"{title}. {_nothing(table, _mean(summary, 'mean of words'))}")
    variation = float(table["contribution"].abs().sum())
    rows = max(len(drawn), 3)
    heights = [0.45, 0.75, _ROW * (rows + 1)]
    figure = style.new_figure(sum(heights) + 2.5)
    with mpl.rc_context(style.rc()):
        key, totals, words = figure.subplots(3, height_ratios=heights)
        lettering.head(figure, title)
        key.set_title(_head(summary), x=-0.13, fontsize=style.SMALL, linespacing=1.35)
        _draw_key(key)
        labels = [_draw_totals(totals, summary, variation), _draw_words(words, drawn, variation, language)]
        unit = f"100 % = {variation:.3g} points, the sum of all contributions without their sign"
        words.set_xlabel(lettering.axis("A colder", "A warmer", f"contribution in % ({unit})"))
        foot = [*_rests_on(summary, table, drawn, middle), *_other_mean(summary, weighting), CAVEAT]
        lettering.foot(
            figure,
            *foot,
            lettering.translated(language, drawn["name"]),
            lettering.in_csv(len(table) - len(drawn), "word"),
        )
        layout = figure.get_layout_engine()
        if layout is not None:
            layout.execute(figure)
        for ax, texts in zip((totals, words), labels, strict=True):
            _make_room(ax, texts)
    return figure


def _nothing(table: pd.DataFrame, mean: dict[str, Any]) -> str:
    if table.empty and (mean["n_a"] > 0 or mean["n_b"] > 0):
        return "The words are not in the table: choose those rows, too."
    if table.empty:
        return "No scored word on either side: more talk, or a lower lens, would give this figure."
    if table["contribution"].isna().any():
        return "One side has no scored word: there is no mean to compare until it says more."
    return "No word makes a difference."


def _mean(summary: pd.DataFrame, name: str) -> dict[str, Any]:
    return summary[(summary["part"] == "mean") & (summary["name"] == name)].to_dict("records")[0]


def _head(summary: pd.DataFrame) -> str:
    counted, words = summary[summary["part"] == "words"], _mean(summary, "mean of words")
    lines = []
    first = summary.iloc[0]
    for letter in "ab":
        lines.append(f"{letter.upper()}: {naming.group_name(first[f'label_{letter}'], _LABEL)}")
        size = f"{int(words[f'n_{letter}']):,} scored of {int(counted[f'n_{letter}'].sum()):,} words, in "
        units = first.get(f"units_{letter}", "clusters")
        size += naming.effective_size(int(words[f"clusters_{letter}"]), float(words[f"g_{letter}"]), units)
        size += f"; {first[f'utterances_{letter}']:,} utterances"
        lines.append(f"     mean of words {_number(words[f'mean_{letter}'])}; {size}")
    lines.append(f"Difference of the means of words: {_difference(words, lettering.units_of(summary))}")
    return "\n".join(lines)


def _rests_on(summary: pd.DataFrame, table: pd.DataFrame, drawn: pd.DataFrame, middle: float) -> list[str]:
    shares = summary[(summary["part"] == "words") & (summary["name"] != "scored")]
    left = [
        f"{row['name']} {lettering.percent(row['share_a'])} / {lettering.percent(row['share_b'])}"
        for row in shares.to_dict("records")
    ]
    size = f"The {len(drawn):,} largest of {plural(len(table), 'scored word')}"
    return [
        f"{size}; positive and negative: rated above and below {middle:g}.",
        _intervals(drawn),
        f"Left out before counting, of all words of A / B: {', '.join(left)}.",
    ]


def _other_mean(summary: pd.DataFrame, weighting: str) -> list[str]:
    if "mean of utterances" not in set(summary["name"]):
        return []
    row = _mean(summary, "mean of utterances")
    difference = _difference(row, lettering.units_of(summary))
    two = f"A {_number(row['mean_a'])}, B {_number(row['mean_b'])}, difference {difference}"
    why = "A shift explains means of words, in which every word counts alike, not the study's means of utterances"
    return [f"{why} (weighting: {weighting}; here without the words in hashtags):", f"{two}."]


def _intervals(drawn: pd.DataFrame) -> str:
    if drawn["ci_low"].isna().all():
        return "No interval for any word drawn: these are descriptions, not findings."
    return (
        "Line: 95 % interval of one word; none for a word that few threads or accounts hold, or one side lacks.\n"
        "Of words shown because they are the largest, more than one in twenty exclude 0 by chance."
    )


def _number(value: float) -> str:
    return "not known" if pd.isna(value) else f"{value:.3f}"


def _signed(value: float) -> str:
    return lettering.minus(value, "+.3f")


def _difference(row: dict[str, Any], units: str) -> str:
    if pd.isna(row["contribution"]):
        return f"not known ({row['note']})"
    if pd.isna(row["ci_low"]):
        return f"{_signed(row['contribution'])} ({row['note'].replace('clusters', units)})"
    return f"{_signed(row['contribution'])} [{_signed(row['ci_low'])}, {_signed(row['ci_high'])}]"


def _draw_key(ax: Axes) -> None:
    ax.axis("off")
    patches = [
        Patch(facecolor=COLOURS[kind], edgecolor=style.INK, linewidth=0.4, label=f"{SYMBOLS[kind]}  {_WORDS[kind]}")
        for kind in KINDS
    ]
    ax.legend(handles=patches, loc="center", ncols=2, fontsize=style.SMALL, borderpad=0)


def _bar(ax: Axes, y: float, row: dict[str, Any], scale: float, colour: str) -> float:
    """Draw one bar with its interval; return where its label begins."""
    width = row["contribution"] * scale
    ax.barh(y, width, 0.78, color=colour, edgecolor=style.INK, linewidth=0.4)
    if pd.isna(row["ci_low"]):
        return width
    low, high = row["ci_low"] * scale, row["ci_high"] * scale
    halo = [withStroke(linewidth=1.8, foreground="white")]
    ax.plot([low, high], [y, y], color=style.INK, linewidth=0.9, path_effects=halo)
    return high if width >= 0 else low


def _label(ax: Axes, at: float, y: float, text: str, *, right: bool) -> Text:
    drawn = ax.annotate(
        text,
        (at, y),
        (_GAP if right else -_GAP, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center_baseline",
        fontsize=style.TEXT,
        annotation_clip=False,
    )
    drawn.set_in_layout(False)
    return drawn


def _draw_totals(ax: Axes, summary: pd.DataFrame, variation: float) -> list[Text]:
    scale = 100 / variation if variation > 0 else 1.0
    kinds = summary[summary["part"] == "kind"].to_dict("records")
    whole = _mean(summary, "mean of words")
    texts = []
    if not pd.isna(whole["contribution"]):
        for row in kinds:
            kind, value = row["name"], _signed(row["contribution"])
            y, right = (0 if kind.startswith("positive") else 1), kind in KINDS[:2]
            text = f"{SYMBOLS[kind]} {value}" if right else f"{value} {SYMBOLS[kind]}"
            texts.append(_label(ax, _bar(ax, y, row, scale, COLOURS[kind]), y, text, right=right))
        end = _bar(ax, 2, whole, scale, "#8C8C8C")
        texts.append(_label(ax, end, 2, f"Σ {_signed(whole['contribution'])}", right=whole["contribution"] >= 0))
    ax.axvline(0, color=style.INK, linewidth=0.8)
    ax.set_ylim(2.6, -0.6)
    ax.set_yticks([0, 1, 2], ["positive words", "negative words", "all words"])
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_title("← makes A colder than B", loc="left", fontsize=style.SMALL)
    ax.set_title("makes A warmer than B →", loc="right", fontsize=style.SMALL)
    ax.set_title("totals in points (a scale of their own)", loc="center", fontsize=style.SMALL)
    return texts


def _draw_words(ax: Axes, drawn: pd.DataFrame, variation: float, language: str) -> list[Text]:
    scale = 100 / variation if variation > 0 else 1.0
    texts = []
    across = ax.get_yaxis_transform()
    for rank, row in enumerate(drawn.to_dict("records"), start=1):
        end = _bar(ax, rank, row, scale, COLOURS[row["kind"]])
        right = row["contribution"] > 0
        term, symbol = lettering.glossed(str(row["name"]), language, _TERM), SYMBOLS[row["kind"]]
        texts.append(_label(ax, end, rank, f"{term} {symbol}" if right else f"{symbol} {term}", right=right))
        n = f"{row['n_a']:,} : {row['n_b']:,}"
        ax.text(1.01, rank, n, transform=across, fontsize=style.SMALL, va="center_baseline")
    if len(drawn):
        ax.text(1.01, 0, "n in A : B", transform=across, fontsize=style.SMALL, va="center_baseline")
    ax.axvline(0, color=style.INK, linewidth=0.8)
    ax.set_ylim(max(len(drawn), 3) + 0.7, 0.3)
    ticks = [rank for rank in range(1, len(drawn) + 1) if rank == 1 or rank % 5 == 0]
    ax.set_yticks(ticks, [str(rank) for rank in ticks])
    ax.set_ylabel("rank by size")
    ax.grid(axis="x", color="#EEEEEE", linewidth=0.6)
    ax.set_axisbelow(True)
    return texts


def _make_room(ax: Axes, texts: list[Text]) -> None:
    """Widen the axes, zero in the middle, until every label fits beside its bar."""
    half = ax.get_window_extent().width / 2
    gap = _GAP * ax.figure.dpi / 72
    reach = [float(np.abs(line.get_xdata()).max()) * 1.03 for line in ax.lines]
    for text in texts:
        taken = min((text.get_window_extent().width + 2 * gap) / half, _LABELS)
        reach.append(abs(float(text.xy[0])) / (1 - taken))
    limit = max(reach, default=0.0) or 1.0
    ax.set_xlim(-limit, limit)
