"""Claims and their verdicts, on one axis: multiples of the smallest effect of interest."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.claim_rules import CONTRADICTED, SUPPORTED, UNTESTABLE, VERDICTS, comma_after
from analysis.compare.clusters import name_clusters
from analysis.compare.coded_scores import CORRECTED
from analysis.compare.concordance import columns_of
from analysis.compare.groups import any_of
from analysis.compare.multiverse import NUMBERS
from analysis.digits import sure
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.given import of_table

#: Inches of a line beside a claim, of a line of its name, and around both.
_TALL, _NAME, _AROUND = 0.1, 0.135, 0.14
#: The axis reaches at least and at most so far; what lies beyond stands at the edge.
_LEAST, _MOST = 2.5, 10.0
#: Columns of what is told beside a claim.
_SIDE = 58
#: Where that begins, in widths of the axis: past a mark that stands at its edge.
_BESIDE = 1.04
_BAND = "#EFEFEF"
_SEEDS = "The seeds: three documents on how these voices differ, with which the study began."
_CONDITIONS = (
    "All three conditions: the 95 % interval lies beyond 0, so does the median of all specifications, and the joint "
    "test has p < .05."
)
_GAP = "#F3DDB3"


@of_table
def draw_claims(table: pd.DataFrame) -> Figure:
    """Draw every claim with its verdict and its specifications: a row a claim.

    The axis is signed by the claim, so that right is as claimed, and divided by the claim's smallest effect of
    interest, so that points and standard deviations share it. A claim that could not be tested shows what would
    decide it in place of a number.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.claims.claim_rows`.

    """
    table = style.read_back(table)
    verdicts, specifications = (table[table["row"] == row] for row in ("claim", "specification"))
    tested, untold = verdicts[verdicts["verdict"] != UNTESTABLE], verdicts[verdicts["verdict"] == UNTESTABLE]
    if tested.empty:
        return style.nothing_to_draw(_no_claim(untold))
    rows = tested.head(style.MOST_ROWS).to_dict("records")
    drawn = [_multiples(row, specifications) for row in rows]
    limit = min(1.05 * max([_LEAST, *(np.abs(values).max() for values, _ in drawn)]), _MOST)
    verdict = [lettering.fold(f"{row['verdict']}: {row['reason']}", _SIDE, 3) for row in rows]
    names = [lettering.fold(f"{row['id']}. {row['claim']}", 28, 6) for row in rows]
    told = [_told(row) for row in rows]
    first, beside, named = (np.array([text.count("\n") + 1 for text in texts]) for texts in (verdict, told, names))
    tall = np.maximum(_TALL * (first + beside), _NAME * named) + _AROUND
    places = np.cumsum(tall) - tall / 2
    figure = style.new_figure(1.5 + tall.sum())
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        for number, (y, (values, coded)) in enumerate(zip(places, drawn, strict=True)):
            if number:
                ax.axhline(y - tall[number] / 2, color="#E4E4E4", linewidth=0.6, zorder=0)
            _draw_tested(ax, y, tall[number] / 2, np.clip(values, -limit, limit), coded)
            top = y - _TALL * (first[number] + beside[number]) / 2
            where = {"transform": ax.get_yaxis_transform(), "fontsize": style.SMALL, "va": "top", "linespacing": 1.1}
            lettering.embolden(ax.text(_BESIDE, top, verdict[number], **where))
            ax.text(_BESIDE, top + _TALL * first[number], told[number], **where)
        ax.set_yticks(places, names)
        ax.set_ylim(tall.sum(), 0)
        ax.set_xlim(-limit, limit)
        ax.tick_params(axis="y", length=0)
        what = "effect, in multiples of the smallest that matters"
        ax.set_xlabel(lettering.axis("against the claim", "as claimed", what))
        lettering.head(figure, _title(verdicts))
        lettering.foot(
            figure,
            "Smallest effects that matter: 5 points; for shares under 10 % a ratio of 1.5; 0.2 sd (grey: smaller). "
            "Diamond and bar: the headline with its 95 % interval (thick: 90 %). Ticks: all specifications. What "
            "reaches beyond the axis stands at its edge.",
            lettering.OCHRE if tested[["gap_low", "gap_high"]].astype(float).any(axis=None) else "",
            lettering.HALVES if (tested["unit"] == "log2 ratio").any() else "",
            _CONDITIONS if tested["verdict"].isin([SUPPORTED, CONTRADICTED]).any() else "",
            "Tall ticks: corrected by human codes." if any(coded.any() for _, coded in drawn) else "",
            f"{_SEEDS} The difference is between these collections, not between peoples.",
            f"Not tested: {'; '.join(_reasons(untold))}." if len(untold) else "",
            lettering.in_csv(tested["id"].iloc[len(rows) :], "tested claim"),
        )
    return figure


def _reasons(untold: pd.DataFrame) -> list[str]:
    """Say which claims could not be tested, and why, a reason once."""
    grouped = untold.groupby("reason", sort=False)
    return [
        f"{'claim' if len(rows) == 1 else 'claims'} {', '.join(map(str, rows['id']))}: {_called(rows, why)}"
        for why, rows in grouped
    ]


def _called(rows: pd.DataFrame, reason: str) -> str:
    """Call the clusters of a reason what they are."""
    units = [unit for side in "ab" for unit in rows.get(f"units_{side}", []) if unit]
    return name_clusters(reason, any_of(units))


def _no_claim(untold: pd.DataFrame) -> str:
    if untold.empty:
        return "There are no claims."
    return (
        f"No claim of the seeds can be tested on this corpus: {'; '.join(_reasons(untold))}. {_SEEDS} There is no "
        "number to draw. The table says what would decide each."
    )


def _multiples(row: dict[str, object], specifications: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the headline's numbers and all specifications, signed as claimed, in multiples of the smallest effect.

    And which of the specifications human codes correct.
    """
    mine = specifications[(specifications["id"] == row["id"]) & (specifications["counted"].astype(str) == "True")]
    values = [row[key] for key in NUMBERS]
    sign = 1.0 if row["direction"] == "higher" else -1.0
    coded = (mine["instrument"] == CORRECTED).to_numpy(dtype=bool)
    return sign * np.array([*values, *mine["effect"]], dtype=float) / row["smallest"], coded


def _draw_tested(ax: Axes, y: float, half: float, values: np.ndarray, coded: np.ndarray) -> None:
    middle, low, high, low_90, high_90, gap_low, gap_high = values[: len(NUMBERS)]
    ax.fill_between([-1, 1], y - half, y + half, color=_BAND, linewidth=0, zorder=-1)
    ax.fill_between([gap_low, gap_high], y - 0.13, y + 0.13, color=_GAP, linewidth=0, zorder=0)
    ax.plot([0, 0], [y - half, y + half], color=style.INK, linewidth=0.8, zorder=1)
    ax.plot([low, high], [y, y], color=style.INK, linewidth=1.0, zorder=2)
    ax.plot([low_90, high_90], [y, y], color=style.INK, linewidth=2.6, zorder=2, solid_capstyle="butt")
    ax.plot(middle, y, marker=palette.marker(""), markersize=6, color=style.INK, zorder=3, clip_on=False)
    ticks = values[len(NUMBERS) :]
    for mine, size, colour in ((~coded, 7, "#666666"), (coded, 12, style.INK)):
        up = np.full(mine.sum(), y + 0.2)
        ax.plot(ticks[mine], up, marker="|", markersize=size, color=colour, linestyle="none", zorder=2)


def _told(row: dict[str, object]) -> str:
    """Say what the verdict rests on."""
    # A ratio is no difference.
    between = " against " if row["unit"] == "log2 ratio" else " minus "
    names = f"{row['a']}{comma_after(str(row['a']))}{between}{row['b']}"
    of = plural(row["specifications"], "specification")
    *before, last = lettering.fold(f"{names}:", _SIDE, 2).split("\n")
    effect = lettering.effect({**row, "estimate": row["effect"]})
    # An interval is not parted.
    between = " " if columns_of(f"{last} {effect}") <= _SIDE else "\n"
    lines = [
        "\n".join([*before, f"{last}{between}{effect}"]),
        lettering.fold(
            f"{lettering.instruments(row['analysis'])}; joint p {sure(row['p_holm'])} (Holm) of {of}",
            _SIDE,
            2,
        ),
    ]
    for side in "ab":
        size = naming.effective_size(row[f"clusters_{side}"], row[f"g_{side}"], row.get(f"units_{side}") or "clusters")
        said = f"n = {row[f'n_{side}']:,} in {size}"
        whole = style.label(f"{said}, {row[f'collections_{side}']}", _SIDE)
        # Of names cut to a few letters nobody learns anything: they stand in the CSV.
        lines.append(said if whole.endswith("…") else whole)
    return "\n".join(lines)


def _title(verdicts: pd.DataFrame) -> str:
    counts = verdicts["verdict"].value_counts()
    told = ", ".join(f"{counts[word]} {word}" for word in VERDICTS if word in counts)
    return f"Do the seeds' claims hold of this corpus? {told[0].upper()}{told[1:]}" if told else "There are no claims"
