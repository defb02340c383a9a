"""The overview: one column a vantage, one row a question, on one page at a journal's width."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.compare.claim_rules import UNTESTABLE, VERDICTS
from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS
from analysis.compare.groups import LANGUAGE_NAMES, called
from analysis.compare.summary import FEW_POINTS, REACH, column_names
from analysis.corpus.schema import VANTAGES
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.given import of_table
from analysis.show.page import GREY, HEAD, LABELS, LEFT, PAD, RULE, SMALL, TEXT, TITLE, WIDTH, Page, line_height

#: Tone around a concept, in sd of the baseline: up to each limit one colour, cold to warm. Violet and yellow: no hue of
#: a vantage is among them.
_LIMITS = (-0.6, -0.2, 0.2, 0.6)
_TONES = ("#5B3A93", "#B9A8DA", "#C9C9C9", "#F3E48C", "#D9B300")
#: Inches of a column in which nobody speaks, unless its heading is longer.
_NARROW = 0.9
_TEXTS = (
    *("column", "vantage", "language", "name", "text", "gloss", "unit"),
    *("evidence", "dates", "judged", "note"),
)
#: Inches: a distribution, a bar, the place of a dot, a swatch.
_BINS, _BAR, _DOT, _SWATCH = 0.42, 0.105, 0.045, 0.3


@of_table
def draw_summary(table: pd.DataFrame) -> Figure:
    """Draw the overview.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.summary.summary`.

    """
    table = style.read_back(table)
    for name in _TEXTS:
        table[name] = table[name].astype(object).where(table[name].notna(), "")
    figure = style.new_figure(4.0, WIDTH)
    figure.set_layout_engine(None)
    with mpl.rc_context(style.rc()):
        ax = figure.add_axes((0, 0, 1, 1))
        columns = column_names(table.loc[table["column"] != "", "column"])
        parts = {str(name): rows for name, rows in table.groupby("part", sort=False)}
        none = table.head(0)
        who = parts.get("who", none)
        colours = {name: palette.COLOURS.get(name.partition(",")[0], style.INK) for name in columns}
        nobody = frozenset(who.loc[who["n_a"] == 0, "column"])
        page = Page(ax, colours, _rooms(columns, nobody), nobody)
        noun = (parts["title"]["unit"].iloc[0] if "title" in parts else "") or "clusters"
        y = _head(page, parts.get("title", none), parts.get("claim", none))
        y = _who(page, who, parts.get("apart", none), noun, y)
        y = _tone(page, table[table["part"].isin(["tone", "bin", "point"])], parts.get("axis", none), noun, y)
        if "quotation" in parts:
            y = _quotations(page, parts["quotation"], y)
        y = _shares(page, parts["concept"], noun, y) if "concept" in parts else y
        y = _words(page, parts["word"], y) if "word" in parts else y
        y = _claims(page, parts["claim"], y) if "claim" in parts else y
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(y + 0.04, 0)
        ax.axis("off")
    figure.set_size_inches(WIDTH, y + 0.04)
    return figure


def _rooms(columns: list[str], empty: frozenset[str]) -> dict[str, float]:
    """Return how wide the columns are: one in which nobody speaks as wide as its heading, the others share the rest."""
    whole = WIDTH - LABELS - LEFT
    rooms = {}
    if len(empty) < len(columns):
        rooms = {name: max(_NARROW, lettering.width_of(_heading(name), HEAD) + 0.02) for name in empty}
    others = len(columns) - len(rooms)
    rest = (whole - sum(rooms.values()) - PAD * len(rooms)) / others - PAD
    return {name: rooms.get(name, rest) for name in columns}


def _heading(column: str) -> str:
    name = called(column)
    return name[0].upper() + name[1:]


def _head(page: Page, title: pd.DataFrame, claims: pd.DataFrame) -> float:
    y = 0.07
    for row in title.head(1).to_dict("records"):
        # Of whom nobody is here the page says nothing; the three are named where that is all of them.
        heard = dict.fromkeys(name.partition(",")[0] for name in page.rooms if name not in page.nobody)
        *first, last = map(called, heard or VANTAGES)
        asked = f"How {', '.join(first)}{' and ' if first else ''}{last} speak of North Korea"
        y = page.write(LEFT, y, asked, WIDTH - 2 * LEFT, TITLE)
        verdicts = claims["verdict"].value_counts()
        judged = ", ".join(f"{verdicts[one]} {one}" for one in VERDICTS if one in verdicts)
        told = f"{plural(int(row['n_a']), 'utterance')}: {row['name']}. {row['text']}".removesuffix(". ")
        if set(verdicts.index) == {UNTESTABLE} and len(claims["note"].unique()) == 1:
            judged += f", for {claims['note'].iloc[0]}"
        if judged:
            told = f"Claims of the three documents that the study began with (the seeds): {judged}. {told}"
        if row["hits"] == row["n_a"]:
            told = f"A program made these utterances; nobody said them, and no verdict is about anybody. {told}"
        elif row["hits"]:
            told = f"A program made {row['hits']:,} of these utterances; nobody said those. {told}"
        if isinstance(row["note"], str) and row["note"]:
            told = f"{row['note']} {told}"
        page.ax.figure.set_label(f"{asked}. {told}")
        y = page.write(LEFT, y, told, WIDTH - 2 * LEFT, SMALL, GREY, 4) + 0.05
    for column in page.rooms:
        x, colour = page.left(column), page.colours[column]
        page.write(x, y, _heading(column), page.rooms[column] + PAD - 0.02, HEAD, most=1)
        page.ax.plot([x, x + page.rooms[column]], [y + 0.16] * 2, color=colour, linewidth=1.6, solid_capstyle="butt")
    return y + 0.21


def _who(page: Page, rows: pd.DataFrame, apart: pd.DataFrame, noun: str, y: float) -> float:
    ends = [page.label(y, "who spoke")]
    for row in rows.to_dict("records"):
        x, width = page.left(row["column"]), page.rooms[row["column"]]
        if not row["n_a"]:
            ends.append(page.write(x, y, row["note"], width, SMALL, GREY))
            continue
        below = page.write(x, y, plural(int(row["n_a"]), "utterance"), width)
        for line in (*_sizes(row), row["text"], ", ".join(filter(None, (row["name"], row["dates"])))):
            below = page.write(x, below, line, width, SMALL, GREY)
        ends.append(below)
    y = max(ends) + 0.03
    told = "Effective: as many of equal size would tell as much."
    if "thread" in noun:
        told = f"A thread is what stands under one video or post. {told}"
    if "utterance" in noun:
        told = (
            "Where neither thread nor account is known each utterance counts as independent: intervals are too narrow, "
            f"and p too small, if several stand under one video. {told}"
        )
    for row in apart.to_dict("records"):
        told += f" No {row['name']} in common: {row['text']}." if row["text"] else ""
        told += f" No {row['name']} is known of {row['note']}." if row["note"] else ""
    if len(apart):
        told += f" What differs between them may come from the {' or the '.join(apart['name'])}."
    return page.write(LEFT, y, told, WIDTH - 2 * LEFT, SMALL, GREY) + 0.06 if len(rows) else y


def _sizes(row: dict[str, Any]) -> list[str]:
    """Say how many clusters there are, by the name of what they are, and under how many videos or posts they stand."""
    if row["unit"] == "utterances":
        return ["no thread or account known"]
    number, threads = int(row["clusters_a"]), int(row["threads"])
    told = naming.effective_size(number, float(settled(row["g_a"])), row["unit"])
    videos = f"{threads:,} videos or posts" if threads != 1 else "1 video or post"
    return [told] if row["unit"] == "threads" else [told, videos]


# Tone -----------------------------------------------------------------------------------------------------------------


def _tone(page: Page, rows: pd.DataFrame, axis: pd.DataFrame, noun: str, y: float) -> float:
    page.rule(y)
    y += 0.05
    ends = [page.label(y, "how warm their words are", "sd from the baseline")]
    shown = rows[rows["part"] != "tone"]
    highest = float(shown["share"].max()) if shown["share"].notna().any() else 1.0
    means = rows[rows["part"] == "tone"]
    for column in page.rooms:
        below = y
        mine = means[means["column"] == column]
        for row in mine.to_dict("records"):
            if pd.isna(row["estimate"]):
                below = page.empty(column, below, row["note"])
                continue
            cells = shown[(shown["column"] == column) & (shown["language"] == row["language"])]
            below = _spread(page, row, cells, highest, below)
        ends.append(below)
    y = max(ends)
    if len(means) and means["estimate"].notna().any():
        for row in axis.head(1).to_dict("records"):
            told = _measured(row)
            if (shown["part"] == "bin").any():
                told += f" Bars: how scored utterances are spread; the outermost hold what lies beyond {REACH:g} sd."
            if (shown["part"] == "point").any():
                told += f" Small dots: utterances one by one, where fewer than {FEW_POINTS} are scored."
            told += " Below them: the mean"
            if (means["estimate"].notna() & means["ci_low"].isna()).any():
                told += f", hollow where there are too few {noun} for an interval"
            y = page.write(LEFT, y + 0.03, f"{told}.", WIDTH - 2 * LEFT, SMALL, GREY)
    return y + 0.06


def _spread(page: Page, row: dict[str, Any], cells: pd.DataFrame, highest: float, y: float) -> float:
    """Draw one distribution with its mean; return where the next may stand."""
    ax, x, colour = page.ax, page.left(str(row["column"])), page.colours[str(row["column"])]
    wide = page.rooms[str(row["column"])]

    def at(value: float) -> float:
        return x + wide * (min(max(value, -REACH), REACH) + REACH) / (2 * REACH)

    mean, low, high = (lettering.minus(row[name], "+.2f") for name in ("estimate", "ci_low", "ci_high"))
    given = not pd.isna(row["ci_low"])
    told = f"{mean} [{low}, {high}]" if given else mean
    y = page.write(x, y, told, wide)
    base = y + _BINS
    ax.plot([x, x + wide], [base, base], color=RULE, linewidth=0.6, zorder=0)
    ax.plot([at(0)] * 2, [y, base + 0.1], color=GREY, linewidth=0.6, zorder=0)
    for each in cells[cells["part"] == "bin"].to_dict("records"):
        low, high = at(each["bin_low"]), at(each["bin_high"])
        size = _BINS * float(settled(each["share"] / highest))
        ax.add_patch(Rectangle((low, base - size), high - low, size, color=colour, alpha=0.4, linewidth=0))
    _points(page, [at(score) for score in cells.loc[cells["part"] == "point", "estimate"]], base, colour)
    if given:
        ax.plot([at(row["ci_low"]), at(row["ci_high"])], [base + 0.055] * 2, color=colour, linewidth=2)
    face = colour if given else "white"
    ax.plot(at(row["estimate"]), base + 0.055, marker="o", markersize=4, color=colour, markerfacecolor=face)
    page.put(x, base + 0.11, "← colder")
    page.put(x + wide, base + 0.11, "warmer →", ha="right")
    y = base + 0.12 + line_height(SMALL)
    spoken = LANGUAGE_NAMES.get(row["language"], "")
    told = f"{lettering.percent(row['share'])} of the {spoken} scored ({int(row['hits']):,} of {int(row['n_a']):,})"
    return page.write(x, y, told + (f"; {row['note']}" if row["note"] else ""), wide, SMALL, GREY)


def _points(page: Page, places: list[float], base: float, colour: str) -> None:
    """Draw a dot for each utterance, on one another where they would cover each other."""
    stands = [int(settled(place / _DOT)) for place in places]
    most = max([stands.count(stand) for stand in stands], default=1)
    step = min(_DOT, (_BINS - _DOT) / most)
    for number, (place, stand) in enumerate(zip(places, stands, strict=True)):
        height = base - _DOT / 2 - step * stands[:number].count(stand)
        page.ax.plot(place, height, marker="o", markersize=3, color=colour, alpha=0.7, markeredgewidth=0)


def _measured(row: dict[str, Any]) -> str:
    """Say what 0 is, and how far apart two languages are that say the same."""
    told = f"Baseline (0): {row['text']}; unit: its standard deviation (sd), by labMT’s ratings of words."
    if not pd.isna(row["estimate"]):
        apart = lettering.minus(row["estimate"], "+.2f")
        told += f" Measured so, translations of the same lines differ by {apart} sd (Chinese "
        told += "minus English): what differs no more across languages may be the languages’."
    return told + (f" {str(row['note'])[0].upper()}{str(row['note'])[1:]}." if row["note"] else "")


# Concepts -------------------------------------------------------------------------------------------------------------


def tone_colour(tone: float) -> str:
    """Return the colour of a tone around a concept; white where there is too little to tell.

    Examples
    --------
    >>> [tone_colour(value) for value in (-0.7, 0.2, float("nan"))]
    ['#5B3A93', '#F3E48C', 'white']

    """
    return "white" if pd.isna(tone) else _TONES[int(np.searchsorted(settled(_LIMITS), settled(tone), side="right"))]


def _shares(page: Page, rows: pd.DataFrame, noun: str, y: float) -> float:
    page.rule(y)
    y += 0.05
    top, step = y, 0.155
    concepts = list(dict.fromkeys(rows["name"]))
    ends = [rows[name].max() for name in ("estimate", "ci_high")]
    most = max([float(end) for end in ends if not pd.isna(end)] or [1.0]) or 1.0
    room = max(page.rooms.values()) - 0.36
    for number, concept in enumerate(concepts):
        page.write(LEFT, top + number * step, concept, LABELS - LEFT, TEXT, most=1)
    for column in page.rooms:
        x, mine = page.left(column), rows[rows["column"] == column]
        if len(mine) and mine["estimate"].isna().all():
            page.empty(column, top, mine["note"].iloc[0])
            continue
        page.ax.plot([x, x], [top - 0.01, top + len(concepts) * step - 0.02], color=GREY, linewidth=0.6)
        for row in mine.to_dict("records"):
            if pd.isna(row["estimate"]):
                continue
            middle = top + concepts.index(row["name"]) * step + 0.055
            size, face = room * row["estimate"] / most, tone_colour(row["tone"])
            bar = Rectangle((x, middle - _BAR / 2), size, _BAR, facecolor=face, edgecolor=GREY, linewidth=0.4, zorder=2)
            page.ax.add_patch(bar)
            end = size
            if not pd.isna(row["ci_low"]):
                low, end = room * row["ci_low"] / most, max(size, room * row["ci_high"] / most)
                page.ax.plot([x + low, x + end], [middle] * 2, color=style.INK, linewidth=0.9, zorder=3)
            text = lettering.percent(row["estimate"])
            page.ax.text(x + end + 0.04, middle, text, fontsize=SMALL, va="center", color=style.INK)
    y = top + len(concepts) * step + 0.02
    return _legend(page, noun, y) + 0.06


def _legend(page: Page, noun: str, y: float) -> float:
    """Say what length, line and colour mean."""
    told = (
        f"Share of the utterances in English or Chinese that mention it; line: 95 % interval (none with too few {noun}"
        "). Those mentioned most are drawn, all are in 04-prevalence. Colour: the tone of the words around it, in sd "
        "from the baseline:"
    )
    y = page.write(LEFT, y, told, WIDTH - 2 * LEFT, SMALL, GREY) + 0.03
    x = LEFT + page.measure("colder", SMALL) + 0.05
    page.put(LEFT, y, "colder")
    few = f"too few to tell (under {MIN_HITS} scored mentions in {MIN_CLUSTERS} {noun})"
    places = [x + number * _SWATCH for number in range(len(_TONES))]
    end = places[-1] + _SWATCH
    page.put(end + 0.05, y, "warmer")
    after = end + 0.3 + page.measure("warmer", SMALL)
    for place, colour in (*zip(places, _TONES, strict=True), (after, "white")):
        page.ax.add_patch(Rectangle((place, y), _SWATCH, 0.09, facecolor=colour, edgecolor=GREY, linewidth=0.4))
    page.put(after + _SWATCH + 0.05, y, few)
    for place, limit in zip(places[1:], _LIMITS, strict=True):
        page.put(place, y + 0.1, lettering.minus(limit, "+g"), ha="center")
    return y + 0.1 + line_height(SMALL)


def _quotations(page: Page, rows: pd.DataFrame, y: float) -> float:
    """Draw the words themselves: concept by vantage."""
    for concept in dict.fromkeys(rows["name"]):
        page.rule(y)
        y += 0.04
        mine = rows[rows["name"] == concept]
        ends = [page.label(y, concept)]
        for column in page.rooms:
            below, cells = y, mine[mine["column"] == column].to_dict("records")
            for row in cells:
                if not row["text"]:
                    below = page.empty(column, below, row["note"])
                    continue
                retold = row["evidence"] == "paraphrase"
                text, colour = (row["text"], GREY) if retold else (f"“{row['text']}”", style.INK)
                below = page.write(page.left(column), below, text, page.rooms[column], SMALL, colour, 6) + 0.02
            shown = len(cells)
            if shown and cells[0]["text"] and (more := int(cells[0]["n_a"]) - shown) > 0:
                below = page.empty(column, below, f"and {more} more")
            ends.append(below)
        y = max(ends) + 0.02
    told = "In quotation marks: what was said, or its translation; grey: a paraphrase, or what the cell lacks."
    page.rule(y)
    return page.write(LEFT, y + 0.03, told, WIDTH - 2 * LEFT, SMALL, GREY) + 0.06


# Words and claims -----------------------------------------------------------------------------------------------------


def _words(page: Page, rows: pd.DataFrame, y: float) -> float:
    page.rule(y)
    y += 0.05
    below = "times as often as the others of its language; words of grammar left out"
    below += "; in parentheses: our translation or labMT’s" if (rows["gloss"] != "").any() else ""
    below += "; chosen by 95 % intervals, one word at a time" if rows["ci_low"].notna().any() else ""
    ends = [page.label(y, "the words that set them apart", below)]
    for column in page.rooms:
        x, wide, end = page.left(column), page.rooms[column], y
        for _, mine in rows[rows["column"] == column].groupby("language", sort=False, dropna=False):
            first = mine.iloc[0]
            if not first["name"]:
                end = page.empty(column, end, first["note"])
                continue
            end = page.write(x, end, f"against {first['text']}", wide, SMALL, GREY)
            for row in mine.to_dict("records"):
                times = "only here" if row["unit"] == "only here" else f"× {_times(row['estimate'])}"
                page.put(x + wide, end, times, ha="right")
                gloss = f" ({row['gloss']})" if row["gloss"] else ""
                end = page.write(x, end, f"{row['name']}{gloss}", wide - 0.42, TEXT, most=1)
            if mine["ci_low"].isna().all():
                end = page.empty(column, end, "a description, not a finding: too few for an interval")
        ends.append(end)
    return max(ends) + 0.06


def _times(log_ratio: float) -> str:
    times = float(settled(2.0 ** float(log_ratio)))
    return f"{times:.1f}" if times < 9.95 else f"{times:,.0f}"  # noqa: PLR2004


def _claims(page: Page, rows: pd.DataFrame, y: float) -> float:
    page.rule(y)
    ratios = ((rows["unit"] == "log2 ratio") & (rows["verdict"] != UNTESTABLE)).any()
    told = (
        f"what the seeds claim, held against this corpus{' (×: half a mention added to each side)' if ratios else ''}"
    )
    y = page.write(LEFT, y + 0.05, told, WIDTH - 2 * LEFT) + 0.02
    wide = WIDTH - LABELS - LEFT
    for verdict in VERDICTS[:-1]:
        for row in rows[rows["verdict"] == verdict].to_dict("records"):
            page.write(LEFT, y, verdict, LABELS - LEFT, TEXT)
            page.put(WIDTH - LEFT, y, lettering.effect(row), ha="right")
            y = page.write(LABELS, y, f"{row['name']}. {row['text']}", wide - 1.45, TEXT, most=2)
            if row["judged"]:
                y = page.write(LABELS, y, f"judged on {row['judged']}", wide, SMALL, GREY, 2)
    untold = rows[rows["verdict"] == UNTESTABLE]
    for number, (reason, mine) in enumerate(untold.groupby("note", sort=False)):
        if not number:
            page.write(LEFT, y, UNTESTABLE, LABELS - LEFT, TEXT)
        y = page.write(LABELS, y, f"{reason}:", wide, SMALL, GREY, 2)
        for row in mine.to_dict("records"):
            here = f" (here: {row['judged']})." if row["judged"] else "."
            y = page.write(LABELS, y, f"{row['name']}. {row['text'].removesuffix('.')}{here}", wide, SMALL, most=2)
    return y + 0.04
