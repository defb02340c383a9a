"""The specification curve (Simonsohn, Simmons & Nelson 2020): every analysis, sorted, with its choices beneath."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.choices import summarise
from analysis.compare.claim_rules import AROUND, TONE
from analysis.compare.coded_scores import CORRECTED
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE, called, plain_name
from analysis.compare.multiverse import AXES
from analysis.digits import settled, sure
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.given import of_table

#: Inches: the curve, and a row of choices.
_CURVE, _ROW = 2.1, 0.135
#: The share of the figure's width that gaps take at most.
_GAPS = 0.12
#: Intervals are drawn as far as this share of their ends reaches, and all estimates.
_SHOWN = 0.98
#: So few estimates are drawn as points; of fewer than the second there is no curve.
_FEW, FEWEST = 60, 8
_NAMES = {
    "instrument": {CORRECTED: "corrected by codes"},
    "view": {
        "linked by sd": "on one scale (sd)",
        "linked by ols": "on one scale (OLS)",
        "linked by reverse": "on one scale (reverse OLS)",
        "ordinary language": "from ordinary language",
        "reference collection": "from reference collections",
    },
    "lens": {"0 points": "neutral words scored"},
    "masked": {"yes": "topic words left out", "no": "topic words scored"},
    "laughter": {"apart": "laughter left out", "score": "laughter scored"},
    "weighting": {"utterance": "each utterance alike", "cluster": "each cluster alike", "likes": "weighted by likes"},
    "evidence": {"all allowed": "all evidence", "verbatim": "verbatim only"},
    "boilerplate": {"drop": "boilerplate dropped", "keep": "boilerplate kept"},
    "duplicates": {"keep": "copies kept", "first": "first copy only"},
    "length": {"any": "any length"},
}
_CALLED = {
    "instrument": "the instrument",
    "view": "how languages are compared",
    "lens": "leaving neutral words out",
    "masked": "scoring topic words",
    "laughter": "scoring laughter",
    "weighting": "the weighting",
    "evidence": "the evidence",
    "boilerplate": "keeping boilerplate",
    "duplicates": "keeping copies",
    "length": "the minimum length",
}


@of_table
def draw_multiverse(table: pd.DataFrame) -> Figure:
    """Draw every specification of one contrast, the lowest first, and which choices each rests on.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of one contrast of `analysis.compare.robustness.multiverses`.

    """
    table = style.read_back(table, "contrast")
    # Of a CSV whose cells are all empty nobody knows that they are texts.
    table = table.assign(**{axis: table[axis].astype(object).where(table[axis].notna(), "") for axis in AXES})
    drawn = table[table["ci_low"].notna()] if len(table) else table
    if len(drawn) < FEWEST:
        return style.nothing_to_draw(_nothing(table))
    drawn = drawn.iloc[np.lexsort((np.arange(len(drawn)), settled(drawn["effect"].astype(float))))]
    sums = summarise(table)
    rows = _choice_rows(sums)
    first, gaps = drawn.iloc[0], table[table["ci_low"].isna()]
    notes = _notes(table, gaps, sums, rows)
    height = _CURVE + _ROW * len(rows) + 1.25 + 0.13 * sum(map(bool, notes))
    figure = style.new_figure(height)
    with mpl.rc_context(style.rc()):
        lettering.head(figure, _title(first, sums, without=(gaps["headline"].astype(str) == "True").any()))
        ratios = [_CURVE, _ROW * max(len(rows), 1)]
        curve, matrix = figure.subplots(2, 1, sharex=True, height_ratios=ratios)
        _draw_curve(curve, drawn, len(gaps))
        _draw_matrix(matrix, drawn, rows)
        lettering.foot(figure, *notes)
    return figure


def _nothing(table: pd.DataFrame) -> str:
    if table.empty:
        wanted = "two groups of one language, or a reference collection in each, would give one"
        return f"There is no contrast to draw: {wanted}."
    drawn, gaps = table[table["ci_low"].notna()], table[table["ci_low"].isna()]
    if drawn.empty:
        return (
            f"{_start(table.iloc[0])}: none of {plural(len(table), 'analysis')} has an interval ({_reasons(gaps)}). "
            "More threads or accounts would give a figure."
        )
    ends = (
        {"estimate": drawn["effect"].agg(end), "ci_low": np.nan, "unit": drawn.iloc[0]["unit"]}
        for end in ("min", "max")
    )
    low, high = map(lettering.effect, ends)
    return (
        f"{_start(table.iloc[0])}: {plural(len(drawn), 'analysis')}, from {low} to {high}; too few for a curve. "
        "The CSV holds them all."
    )


def _start(row: pd.Series) -> str:
    text = str(row["contrast"])
    return (text[:1].upper() + text[1:]).rstrip(".").replace("_", " ")


def _reasons(gaps: pd.DataFrame) -> str:
    # Too few for an interval are too few for a p: the reason alone.
    why = gaps["note"].astype(str).str.replace(r"^(too few [^:]+): .*", r"\1", regex=True)
    return "; ".join(f"{reason} ({count:,})" for reason, count in why.value_counts(sort=False).items())


def _is_tone(row: pd.Series) -> bool:
    return row["measure"] in {TONE, AROUND, "tone"}


def _side(name: object) -> str:
    """Return what a sentence calls a side, which a claim has named already."""
    return "the reference collection" if name == REFERENCE else naming.group_name(plain_name(called(str(name))), 34)


def _title(row: pd.Series, sums: pd.DataFrame, *, without: bool) -> str:
    """Say what the analyses find, and that the one which was declared beforehand is not among them."""
    whole = sums.iloc[0]
    spoken = dict(zip("ab", str(row["language"]).split("-"), strict=False)) if "-" in str(row["language"]) else {}
    a, b = (_side(row[side]) + (f" ({LANGUAGE_NAMES[spoken[side]]})" if spoken else "") for side in "ab")
    more = whole["median"] > 0
    found = f"{a} {'warmer' if more else 'colder'} than {b}"
    if not _is_tone(row):
        found = f"it {'more' if more else 'less'} often among {a} than among {b}"
    noun = "other analysis" if without else "analysis"
    said = f"{whole['same_sign']:,} of {plural(whole['drawn'], noun)} find {found}"
    beyond = f"{whole['beyond_zero']:,}" if whole["beyond_zero"] else "none"
    said += f", {beyond} with an interval off 0"
    axes = sums[(sums["axis"] != "") & (sums["choice"] == "") & (sums["explained"] > 0)]
    if len(axes):
        most = axes.iloc[0]["axis"]
        said += f"; {_CALLED[most]} moves the result most"
        apart = sums[(sums["axis"] == most) & (sums["apart"] == "yes")]
        said += f" (apart: {_choice(most, apart.iloc[0]['choice'])})" if len(apart) else ""
    what, _, claim = _start(row).partition(": ")
    claimed = f" (“{style.label(claim, 100)}”)" if what.startswith("Claim ") else ""
    return f"{what}{claimed}{', without its headline' if without else ''}: {said}"


def _choice_rows(sums: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the choices that are drawn: of the axes that move the result most, whole axes as far as there is room."""
    out: list[tuple[str, str]] = []
    for axis in dict.fromkeys(sums.loc[sums["axis"] != "", "axis"]):
        choices = sums[(sums["axis"] == axis) & (sums["choice"] != "")]
        if len(choices) > style.MOST_ROWS:
            # The ends of a long list, and what stands apart, which is at one of them.
            half = style.MOST_ROWS // 2
            choices = pd.concat([choices.head(half), choices.tail(half)])
        if len(out) + len(choices) <= style.MOST_ROWS:
            out += [(axis, choice) for choice in choices["choice"]]
    return out


def _choice(axis: str, choice: object) -> str:
    """Return what a figure calls a choice."""
    text = str(choice)
    if axis == "lens":
        text = f"neutral words ±{text.removesuffix(' points')} out"
    elif axis == "length":
        text = f"at least {text.replace('tokens', 'words')}"
    known = _NAMES.get(axis, {}).get(str(choice), text)
    return style.label(lettering.instruments(known) if axis == "instrument" else known, 26)


def _draw_curve(ax: Axes, drawn: pd.DataFrame, gaps: int) -> None:
    count, x = len(drawn), np.arange(len(drawn))
    low, middle, high = (drawn[name].to_numpy(dtype=float) for name in ("ci_low", "effect", "ci_high"))
    bottom, top = _limits(low, middle, high)
    first = drawn.iloc[0]
    vantages = {side: first[f"vantage_{side}"] for side in "ab"}
    known = {side: name if name in palette.COLOURS else "several" for side, name in vantages.items()}
    # Two sides of one vantage are shades of its colour.
    colours = {side: how.colour for side, how in palette.plot_styles(known).items()}
    sure = np.where(settled(low) > 0, 1, np.where(settled(high) < 0, -1, 0))
    width = float(np.clip(200 / count, 0.25, 2.0))
    for what, colour in ((0, palette.FAINT), (1, colours["a"]), (-1, colours["b"])):
        at = np.flatnonzero(sure == what)
        if len(at):
            across = np.repeat(x[at].astype(float), 3)
            up = np.stack([np.clip(low[at], bottom, top), np.clip(high[at], bottom, top), np.full(len(at), np.nan)])
            ax.plot(across, up.T.ravel(), color=colour, linewidth=width, solid_capstyle="butt", zorder=1)
    ax.plot(x, middle, color=style.INK, linewidth=0.9, marker="o" if count <= _FEW else "", markersize=2, zorder=2)
    ax.axhline(0, color=style.INK, linewidth=0.6, zorder=0)
    at = np.flatnonzero(drawn["headline"].astype(str).to_numpy() == "True")
    if len(at):
        ax.plot(x[at], middle[at], marker="D", markersize=5, color="white", markeredgecolor=style.INK, zorder=4)
    band = min(gaps, max(count * _GAPS, 1)) if gaps else 0
    if gaps:
        ax.axvspan(
            count - 0.5, count - 0.5 + band, facecolor="white", edgecolor=palette.FAINT, hatch="////", linewidth=0
        )
    ax.set_xlim(-0.5 - count * 0.005, count - 0.5 + band + count * 0.005)
    ax.set_ylim(bottom, top)
    unit = {"points": "percentage points", "log2 ratio": "log2 of the ratio (1: twice)"}.get(
        str(first["unit"]), str(first["unit"])
    )
    worse, better = ("colder", "warmer") if _is_tone(first) else ("less often", "more often")
    a = naming.group_name(_side(first["a"]), 28)
    ax.set_ylabel(f"{a}\n← {worse}      {better} →\ndifference, {unit}", fontsize=style.SMALL)
    ax.tick_params(axis="x", length=0, labelbottom=False)


def _limits(low: np.ndarray, middle: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Return how far the axis reaches: to 0, to all estimates, and to nearly all ends of intervals."""
    ends = []
    for values, share in ((low, 1 - _SHOWN), (high, _SHOWN)):
        known = values[np.isfinite(values)]
        ends.append(float(np.quantile(known, share)) if len(known) else 0.0)
    bottom, top = min(ends[0], middle.min(), 0.0), max(ends[1], middle.max(), 0.0)
    margin = 0.06 * max(top - bottom, 1e-9)
    # Settled: a limit that hung on a last bit would move every point.
    return float(settled(bottom - margin)), float(settled(top + margin))


def _draw_matrix(ax: Axes, drawn: pd.DataFrame, rows: list[tuple[str, str]]) -> None:
    width = float(np.clip(200 / len(drawn), 0.3, 2.0))
    for y, (axis, choice) in enumerate(rows):
        at = np.flatnonzero(drawn[axis].astype(str).to_numpy() == choice).astype(float)
        up = np.tile([y - 0.36, y + 0.36, np.nan], len(at))
        ax.plot(np.repeat(at, 3), up, color=style.INK, linewidth=width, solid_capstyle="butt")
        if y and axis != rows[y - 1][0]:
            ax.axhline(y - 0.5, color=palette.FAINT, linewidth=0.6)
    ax.set_yticks(range(len(rows)), [_choice(*row) for row in rows], fontsize=style.SMALL)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="both", length=0, labelbottom=False)
    ax.set_xlabel("analyses, sorted by what they find", fontsize=style.SMALL)


def _notes(table: pd.DataFrame, gaps: pd.DataFrame, sums: pd.DataFrame, rows: list[tuple[str, str]]) -> list[str]:
    p = float(table["joint_p"].iloc[0]) if "joint_p" in table else float("nan")
    tested = int((table["counted"].astype(str) == "True").sum())
    whole = int(table["joint_n"].iloc[0]) if "joint_n" in table else tested
    here = f" ({tested:,} of them are drawn here)" if whole != tested else ""
    # Analyses leave out different clusters: the most that the smaller side has.
    sizes = [pd.to_numeric(table[name], errors="coerce") for name in ("clusters_a", "clusters_b") if name in table]
    fewest = min((float(size.astype(float).max()) for size in sizes), default=0.0)
    how = lettering.permuted(lettering.units_of(table), fewest)
    told = f"Joint test, {how}, once for all {plural(whole, 'analysis')} with enough of them{here}: "
    told = "" if np.isnan(p) else f"{told}p {sure(p)}."
    shown = {axis for axis, _ in rows}
    axes = sums[(sums["axis"] != "") & (sums["choice"] == "")]
    parts = [f"{_CALLED[row.axis]} {100 * row.explained:.0f} %" for row in axes.itertuples() if row.explained >= 0.005]  # noqa: PLR2004
    shown_headline = table[(table["headline"].astype(str) == "True") & table["ci_low"].notna()]
    headline = "The headline is among the gaps."
    for effect in shown_headline["effect"].head(1):
        headline = f"Diamond: the headline, declared before looking ({lettering.minus(effect, '+.2g')})."
    hidden = [_CALLED[axis] for axis in axes["axis"] if axis not in shown]
    how = (
        "Line: the estimates; bars: 95 % intervals, pale grey where they hold 0, else in the colour of the higher "
        f"side. {headline} What reaches beyond the axis stands at its edge."
    )
    return [
        how,
        told,
        f"How much of the variance between analyses each choice explains, taken alone: {', '.join(parts)}."
        + (" These shares overlap and need not add up to 100 %." if len(parts) > 1 else "")
        if parts
        else "",
        *_explained(table, rows),
        f"Not drawn beneath: {', '.join(hidden)}." if hidden else "",
        f"Hatched: {plural(len(gaps), 'gap')} (not to be computed, or withheld): {_reasons(gaps)}."
        if len(gaps)
        else "",
    ]


def _explained(table: pd.DataFrame, rows: list[tuple[str, str]]) -> list[str]:
    """Say which choices all have that are drawn, though others were tried, and what choices mean."""
    drawn = table[table["ci_low"].notna()]
    tried = {axis: (set(drawn[axis]), set(table[axis]) - {""}) for axis in AXES}
    alike = [_choice(axis, *given) for axis, (given, every) in tried.items() if len(given) == 1 and every > given]
    seen = {axis for axis, _ in rows}
    links = "view" in seen and any(str(choice).startswith("linked") for axis, choice in rows if axis == "view")
    return [
        f"Only these choices gave an interval: {', '.join(alike)}." if alike else "",
        "Neutral words: within so many points of the middle of labMT's scale (1 to 9), or as near on another."
        if "lens" in seen
        else "",
        lettering.LINKS if links else "",
    ]
