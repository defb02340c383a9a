"""The tone of words by group: every utterance on the scale, differences, coverage, laughter and masking."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.compare.contrasts import EQUAL_NOTE
from analysis.compare.groups import LANGUAGE_NAMES, any_of
from analysis.compare.pairings import PAIR
from analysis.compare.tone import main_weighting
from analysis.errors import plural
from analysis.measure.laughter import Laughter
from analysis.parameters import COLUMN
from analysis.show import lettering, naming, palette, style
from analysis.show.contrasts import COLDER_WARMER, draw_contrasts
from analysis.show.given import of_table

_ROW, _LINE = 0.155, 0.17
_BAND = 1.6
#: What a further line above the utterances of a group takes, where they are few and where they are many.
_FURTHER_FEW, _FURTHER_MANY = 0.65, 0.17
#: The instrument that leads, for both languages have it with native raters; views across languages, the first first.
_LEAD = "labmt"
_VIEWS = {
    "reference collection": "from the reference collection",
    "ordinary language": "from ordinary language",
    "linked by sd": "Chinese words put on the English scale (sd)",
    "linked by ols": "Chinese words put on the English scale (OLS)",
    "linked by reverse": "Chinese words put on the English scale (reverse OLS)",
}
_APART = "What differs may be the platform's or the period's: see the grid of who was heard where and when."
CAVEAT = f"Tone of words, not stance: mockery can score as warmth. {_APART}"

OWN_CAVEAT = f"What the score measures is for whoever gave it to say; utterances without one are missing. {_APART}"


@of_table
def draw_tone(table: pd.DataFrame) -> Figure:
    """Draw the utterances of one language on the scale of one instrument.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one instrument and language of `analysis.compare.tone.tone_scores`, or the CSV of such a figure.

    """
    table = style.read_back(table, "instrument", "language")
    if table.empty:
        return style.nothing_to_draw()
    first = table.iloc[0]
    scale, instrument = (first["scale_low"], first["scale_high"]), lettering.instruments(first["instrument"])
    few = (table["part"] == "utterance").any()
    means = table[table["part"] == "mean"]
    if means.empty:
        return style.nothing_to_draw("The means are not in the table: choose those rows, too.")
    with mpl.rc_context(style.rc()):
        heads = [_head(row) for row in means.to_dict("records")]
    more = max((head.count("\n") - 1 for head in heads), default=0)
    size = _ROW * (len(table) + (1.9 + _FURTHER_FEW * more) * len(means)) if few else 0.95 * len(means)
    size += 0 if few else 0.3 + 0.1 * more * len(means)  # what is said of many takes a line or two more below
    figure = style.new_figure(max(1.0 + size, 1.6))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        (_draw_few if few else _draw_many)(ax, table, means.assign(head=heads), scale, more)
        middle = (scale[0] + scale[1]) / 2
        ax.axvline(middle, color=palette.FAINT, linewidth=0.8, zorder=0)
        for head in ax.texts:  # the line at the middle goes behind them, what is drawn of utterances before them
            head.set(bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5}, zorder=0.5)
        marks = f"Dot: an utterance. Cross: no {_read_in(instrument)}. Line and band" if few else "Dot and bar"
        what = f"score by {style.label(instrument, 40)}, {lettering.minus(scale[0], 'g')} to {scale[1]:g}"
        own = instrument.startswith(COLUMN)
        ax.set_xlabel(lettering.axis(*(("lower", "higher") if own else ("colder", "warmer")), what))
        asked = "How does your own score place" if own else "How warm are the words of"
        title = f"{asked} each group? {LANGUAGE_NAMES[first['language']]}, by {style.label(instrument, 40)}"
        lettering.head(figure, title)
        told = f"Grey line: the middle of the scale. {marks}: mean and 95 % interval."
        if not few and means["ci_low"].isna().any():
            units = any_of(means.get("units_a", []))
            same = means["note"].eq(EQUAL_NOTE).any()
            hollow = f"no interval, for too few {units} or because nothing varies" if same else ""
            told += f" Hollow: {hollow or f'too few {units} for an interval'}."
        told += "" if few else " Height: the share of a group's utterances."
        weighed = lettering.weighed(table).replace("Weighted", "Means are weighted")
        lettering.foot(figure, told, weighed, OWN_CAVEAT if own else CAVEAT)
    return figure


@of_table
def draw_tone_differences(table: pd.DataFrame) -> Figure:
    """Draw every statistic of one pair of groups of one language.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one pair of `analysis.compare.tone.tone_differences`.

    """
    table = style.read_back(table, *PAIR)
    if table.empty:
        return style.nothing_to_draw()
    first = table.iloc[0]
    spoken = LANGUAGE_NAMES[first["language"]]
    sides = [naming.group_name(str(first[f"label_{side}"]), 90) for side in "ab"]
    title = f"Whose words are warmer in {spoken}? First: {sides[0]}; second: {sides[1]}"
    # All other statistics have the run's weighting; the means in that stand first.
    main = main_weighting(table)
    plain = (table["statistic"] == "mean") & (table["weighting"] == main)
    lead = table["instrument"] == (_LEAD if (table["instrument"] == _LEAD).any() else first["instrument"])
    table = table.assign(plain=plain, lead=lead).sort_values(["plain", "lead"], ascending=False, kind="stable")
    labels = [
        lettering.instruments(row.instrument) if row.plain else f"{row.statistic}{_weighted(row.weighting, main)}"
        for row in table.itertuples()
    ]
    headings = [
        f"mean of utterances{_weighted(main, 'utterance')}, by instrument"
        if row.plain
        else f"{lettering.instruments(row.instrument)}, other statistics"
        for row in table.itertuples()
    ]
    return draw_contrasts(table, title, labels, headings=headings, ends=COLDER_WARMER)


def _weighted(weighting: str, main: str) -> str:
    """Say what counts alike, where it is not the utterance or other rows count otherwise."""
    plain = weighting == main == "utterance"
    return "" if plain else f", each {'like' if weighting == 'likes' else weighting} alike"


@of_table
def draw_across_languages(table: pd.DataFrame) -> Figure:
    """Draw the same-language views of groups of two languages beside what they leave between translations.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.tone.tone_across_languages`.

    """
    title = "Whose words are warmer across languages? Chinese minus English"
    empty = (
        "Nothing can be compared across languages: there are no two groups of different languages with scores. "
        "Utterances of Chinese viewers in Chinese beside English ones would give this figure."
    )
    if table.empty:
        return style.nothing_to_draw(empty)
    table = style.read_back(table)
    rank = [list(_VIEWS).index(view) if view in _VIEWS else len(_VIEWS) for view in table["view"]]
    table = table.assign(rank=rank, other=table["instrument"] != _LEAD)
    table = table.sort_values(["rank", "other"], kind="stable")
    labels = [
        f"{lettering.instruments(row.instrument)}, {_VIEWS.get(row.view, row.view)}" for row in table.itertuples()
    ]
    headings = [naming.sides((row.a, row.b), ("Chinese", "English")) for row in table.itertuples()]
    linked = table["view"].astype(str).str.startswith("linked").head(style.MOST_ROWS).any()
    return draw_contrasts(
        table, title, labels, headings=headings, ends=COLDER_WARMER, note=lettering.LINKS if linked else ""
    )


def _head(row: dict[str, object]) -> str:
    lacking = "score" if row["instrument"].startswith(COLUMN) else _read_in(row["instrument"])
    counts = f"{plural(row['n_a'], 'utterance')} scored, {row['unscored']:,} without a {lacking}; "
    if row.get("weighting") == "likes":
        counts = f"{plural(row['n_a'], 'scored utterance')} with known likes; "
    units = row.get("units_a") or "clusters"
    counts += naming.effective_size(row["clusters_a"], row["g_a"], units)
    counts += "; no mean" if pd.isna(row["estimate"]) else f"; mean {lettering.minus(row['estimate'], '#.3g')}"
    note = f"; {row['note'].replace('clusters', any_of([units]))}" if row["note"] else ""
    told = lettering.fold_to(counts + note, 0.97 * style.WIDTH, style.SMALL, 2)
    return naming.group_name(str(row["label"]), 120) + "\n" + told


def _read_in(instrument: str) -> str:
    """Return what of an utterance an instrument scores."""
    return "scored emoji" if instrument == "emoji" else "scored word"


def _draw_few(ax: Axes, table: pd.DataFrame, means: pd.DataFrame, scale: tuple[float, float], more: int) -> None:
    y, ticks, names = 0.0, [], []
    across = blended_transform_factory(ax.figure.transFigure, ax.transData)
    edge = scale[0] - 0.04 * (scale[1] - scale[0])
    for mean in means.to_dict("records"):
        colour = palette.COLOURS[str(mean["vantage"])]
        rows = table[(table["part"] == "utterance") & (table["group"] == mean["group"])]
        y += _FURTHER_FEW * more
        head = ax.text(0.02, y, mean["head"], transform=across, fontsize=style.SMALL, color=colour, va="center")
        head.set_in_layout(False)
        y += 0.7
        top = y + 0.5
        for row in rows.to_dict("records"):
            y += 1
            ticks.append(y)
            names.append(style.label(row["text"], 60))
            if pd.isna(row["estimate"]):
                ax.plot(edge, y, marker="x", color=palette.FAINT, markersize=4)
            else:
                ax.plot([scale[0], scale[1]], [y, y], color="#EEEEEE", linewidth=0.6, zorder=0)
                ax.plot(row["estimate"], y, marker=palette.marker(mean["language"]), color=colour, markersize=4)
        ax.plot([mean["estimate"]] * 2, [top, y + 0.4], color=colour, linewidth=1.4, alpha=0.8)
        if not pd.isna(mean["ci_low"]):
            ax.fill_betweenx([top, y + 0.4], mean["ci_low"], mean["ci_high"], color=colour, alpha=0.12, linewidth=0)
        y += 2.2
    ax.set_yticks(ticks, names, fontsize=style.SMALL)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(y - 1.3, -1.1)
    ax.set_xlim(edge - 0.02 * (scale[1] - scale[0]), scale[1] + 0.02 * (scale[1] - scale[0]))
    ax.spines["left"].set_visible(False)


def _draw_many(ax: Axes, table: pd.DataFrame, means: pd.DataFrame, scale: tuple[float, float], more: int) -> None:
    highest, above = table["share"].max(), _FURTHER_MANY * more
    band = _BAND + above
    for i, mean in enumerate(means.to_dict("records")):
        colour, base = palette.COLOURS[str(mean["vantage"])], -band * i
        bins = table[(table["part"] == "density") & (table["group"] == mean["group"])]
        if len(bins):
            edges = [*bins["bin_low"], bins["bin_high"].iloc[-1]]
            ax.stairs(base + bins["share"] / highest, edges, baseline=base, fill=True, color=colour, alpha=0.45)
        face = "white" if pd.isna(mean["ci_low"]) else colour
        how = {"marker": palette.marker(mean["language"]), "markersize": 4, "color": colour, "markerfacecolor": face}
        ax.plot(mean["estimate"], base - 0.09, **how)
        if not pd.isna(mean["ci_low"]):
            ax.plot([mean["ci_low"], mean["ci_high"]], [base - 0.09] * 2, color=colour, linewidth=2)
        where = {"transform": ax.get_yaxis_transform(), "fontsize": style.SMALL, "color": colour, "va": "top"}
        ax.text(0, base + 1.38 + above, mean["head"], **where).set_in_layout(False)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(*scale)
    ax.set_ylim(-band * max(len(means) - 1, 0) - 0.25, 1.45 + above)


# Dots with intervals, a row a group -----------------------------------------------------------------------------------


@of_table
def draw_coverage(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.tone.tone_coverage`: what share of each group could be scored."""
    axis = lettering.axis("less read", "more read", "utterances with a scored word or emoji (%), 95 % interval")
    note = (
        "Beside: how many, in how many {}, and of how many scored words or emoji on average. Unscored: missing, never "
        "neutral."
    )
    return _draw_shares(table, "How much of the talk does each instrument read?", axis, note)


@of_table
def draw_laughter(table: pd.DataFrame) -> Figure:
    """Draw the table of `analysis.compare.tone.laughter_shares`: what share of each group's utterances laugh."""
    axis = lettering.axis("fewer laugh", "more laugh", "utterances that laugh (%), 95 % interval")
    note = (
        "Beside: how many, in how many {}, and with how many laughs on average. Who laughs may laugh with somebody or "
        "at him: laughter stands beside tone (data/laughter.csv)."
    )
    return _draw_shares(table, "How much of the talk laughs?", axis, note)


def _draw_shares(table: pd.DataFrame, title: str, axis: str, note: str) -> Figure:
    table, others = _lead_first(table[table["n_a"] > 0])
    if table.empty:
        return style.nothing_to_draw(f"{title} No group speaks a language that is read: English or Chinese would be.")
    with mpl.rc_context(style.rc()):
        figure, ax = _rows(table)
        for y, row in enumerate(table.to_dict("records")):
            _dot(ax, y, 100 * row["estimate"], (100 * row["ci_low"], 100 * row["ci_high"]), row)
            units = "" if pd.isna(row["units"]) else f", {row['units']:.1f} each"
            text = f"{row['scored']:,} of {row['n_a']:,} in {row['clusters_a']:,}{units}"
            ax.text(1.03, y, text, transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center")
        ax.set_xlim(0, 100)
        ax.set_xlabel(axis)
        lettering.head(figure, title)
        lettering.foot(figure, *_notes(table, note.format(any_of(table.get("units_a", []))), others))
    return figure


@of_table
def draw_masking(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.tone.masking_effect`: each mean with and without topic words."""
    title = "How much does it matter that names, titles and topic words are not scored?"
    table, others = _lead_first(table)
    if table.empty:
        return style.nothing_to_draw(f"{title} No group has scores of an instrument that leaves topic words out.")
    with mpl.rc_context(style.rc()):
        figure, ax = _rows(table)
        ax.axvline(0, color=style.INK, linewidth=0.8)
        for y, row in enumerate(table.to_dict("records")):
            scale = row["effect"] / row["estimate"] if row["estimate"] else float("nan")
            _dot(ax, y, row["effect"], (row["ci_low"] * scale, row["ci_high"] * scale), row)
            means = " → ".join(lettering.minus(row[name], "#.3g") for name in ("unmasked", "masked"))
            text = f"{means}; {row['n_a']:,} in {row['clusters_a']:,}"
            ax.text(1.03, y, text, transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center")
        what = "difference (sd of the scores), 95 % interval"
        ax.set_xlabel(lettering.axis("colder without them", "warmer without them", what))
        lettering.head(figure, title)
        note = (
            "Beside: mean with all words → without the masked ones, which stand with their reasons in data/masks.csv; "
            f"scored utterances in how many {any_of(table.get('units_a', []))}."
        )
        lettering.foot(figure, *_notes(table, note, others))
    return figure


def _lead_first(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that are drawn, those of the instrument that leads first, and what the others are called."""
    if table.empty:
        return table, []
    table = style.read_back(table)
    table = table.assign(other=table["instrument"] != _LEAD).sort_values("other", kind="stable").drop(columns="other")
    rest = table.iloc[style.MOST_ROWS :]
    # Without collections: several stand in one sentence.
    return table.head(style.MOST_ROWS), _names(rest.assign(label=[label.partition(" (")[0] for label in rest["label"]]))


def _names(table: pd.DataFrame) -> list[str]:
    return [
        naming.group_name(f"{_read_by(row['instrument'])}{LANGUAGE_NAMES[row['language']]}: {row['label']}", 60)
        for row in table.to_dict("records")
    ]


def _notes(table: pd.DataFrame, note: str, others: Sequence[str]) -> list[str]:
    units = any_of(table.get("units_a", []))
    hollow = (
        f"Hollow: no interval, for too few {units} or because nothing varies." if table["ci_low"].isna().any() else ""
    )
    return [
        note,
        lettering.weighed(table),
        " ".join(filter(None, [hollow, lettering.languages_told(list(table["language"])), lettering.in_csv(others)])),
    ]


def _read_by(instrument: str) -> str:
    """Return what stands before a language: the instrument, unless the figure is of one alone."""
    return "" if instrument == Laughter.name else f"{lettering.instruments(instrument)}, "


def _rows(table: pd.DataFrame) -> tuple[Figure, Axes]:
    figure = style.new_figure(1.1 + _LINE * max(len(table), 1))
    ax = figure.subplots()
    names = _names(table)
    ax.set_yticks(range(len(names)), names, fontsize=style.SMALL)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    for y in range(len(names)):
        ax.axhline(y, color="#F0F0F0", linewidth=0.6, zorder=0)
    return figure, ax


def _dot(ax: Axes, y: int, x: float, ends: tuple[float, float], row: dict[str, object]) -> None:
    colour, given = palette.COLOURS[str(row["vantage"])], not any(map(pd.isna, ends))
    if given:
        ax.plot(ends, [y, y], color=colour, linewidth=1.6)
    face = "white" if pd.isna(row["ci_low"]) else colour
    shape = palette.marker(row["language"])
    ax.plot(x, y, marker=shape, markersize=4, color=colour, markerfacecolor=face, clip_on=False)
