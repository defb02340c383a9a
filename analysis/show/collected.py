"""Collected against existing: how many comments of a thread the corpus holds, of how many the platform said it had."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from analysis.compare.groups import REFERENCE, join_names
from analysis.show import style
from analysis.show.looks import Look, looks

_THREAD = ["platform", "thread_id"]
_SOURCE = ["collection", "platform"]
_UNKNOWN = "unknown"
_NO_UTTERANCE = "threads without an utterance"
_MOST_ROWS = 12
#: Threads of which nothing was collected stand below the logarithmic axis: in a band, each source at its own height.
_BAND = (0.63, 0.09)
_LINES = {1.0: "all", 0.1: "10 %", 0.01: "1 %"}


def count_collected(threads: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Say whose each thread is and what share of its comments was collected.

    Parameters
    ----------
    threads : pandas.DataFrame
        ``thread_id, platform, platform_comment_count, collected`` (see `analysis.corpus.store.read_threads`).
    measures : pandas.DataFrame
        Name the collection and the vantage of a thread's comments; of its other utterances where it has no comment.

    Returns
    -------
    pandas.DataFrame
        ``collection, platform, thread_id, vantage, platform_comment_count, collected, share``, a row a thread, sorted.
        The platform's count is missing where no file told it; ``share`` is ``collected`` of that, missing where it is
        missing or 0. ``collection`` and ``vantage`` are missing where none of the thread's utterances is in
        ``measures``.

    """
    known = pd.DataFrame(threads, columns=[*_THREAD, "platform_comment_count", "collected"])
    known = known.astype({"thread_id": "str", "platform_comment_count": "Int64", "collected": "Int64"})
    known["platform"] = known["platform"].astype(object).fillna(_UNKNOWN).astype("str")
    table = known.merge(_owners(measures), on=_THREAD, how="left")
    said = table["platform_comment_count"].astype(float).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        table["share"] = np.where(said > 0, table["collected"].astype(float).to_numpy() / said, np.nan)
    names = [*_SOURCE, "thread_id", "vantage", "platform_comment_count", "collected", "share"]
    return table[names].sort_values([*_SOURCE, "thread_id"], ignore_index=True)


def _owners(measures: pd.DataFrame) -> pd.DataFrame:
    rows = measures.loc[measures["thread_id"].notna(), [*_THREAD, "kind", "collection", "vantage"]]
    rows = rows.assign(
        platform=rows["platform"].astype(object).fillna(_UNKNOWN).astype("str"),
        vantage=rows["vantage"].astype(object).fillna(REFERENCE),
        comment=rows["kind"].astype(object).fillna("comment") == "comment",
    )
    rows = rows[rows["comment"] | ~rows.groupby(_THREAD)["comment"].transform("any")]
    vantages = rows.groupby(_THREAD)["vantage"].agg(["first", "nunique"])
    vantages = vantages["first"].where(vantages["nunique"] == 1, "several").rename("vantage").reset_index()
    names = rows[[*_THREAD, "collection"]].drop_duplicates()
    # Few threads are in two collections: only their names have to be joined one by one.
    shared = names.duplicated(_THREAD, keep=False)
    joined = names[shared].groupby(_THREAD, as_index=False)["collection"].agg(join_names)
    return vantages.merge(pd.concat([names[~shared], joined]), on=_THREAD, how="left")


def sum_collected(table: pd.DataFrame) -> pd.DataFrame:
    """Sum the table of :func:`count_collected` by collection and platform.

    Returns
    -------
    pandas.DataFrame
        ``collection, platform, threads, comments`` (collected in all of them), ``with_total`` (threads of which a
        file told the total) and of those alone ``platform_comment_count, collected, share`` (of all their comments) and
        ``median_share`` (of a thread's comments, over the threads that have any); missing where no total is known.

    """
    told = table["platform_comment_count"].notna()
    frame = table.assign(
        collection=table["collection"].astype(object).fillna(_NO_UTTERANCE),
        comments=table["collected"],
        collected=table["collected"].where(told),
    )
    by = frame.groupby(_SOURCE)
    out = by.agg(
        threads=("thread_id", "size"), comments=("comments", "sum"), with_total=("platform_comment_count", "count")
    )
    out = out.join(by[["platform_comment_count", "collected"]].sum(min_count=1))
    said = out["platform_comment_count"].astype(float)
    out["share"] = out["collected"].astype(float) / said.where(said > 0)
    out = out.join(by["share"].median().rename("median_share")).reset_index()
    last = out["collection"] == _NO_UTTERANCE
    return pd.concat([out[~last], out[last]], ignore_index=True)


def draw_collected(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of :func:`count_collected`: a point a thread that is known to have had comments."""
    sums = sum_collected(table)
    shown = table[table["share"].notna()]
    with mpl.rc_context(style.rc()):
        if shown.empty:
            return _nothing(table, sums)
        source = _sources(table, sums)
        look = looks({key: _vantage(table[source == key]) for key in sums.index})
        told = sums[sums["with_total"] > 0].sort_values("with_total", ascending=False, kind="stable")
        named = told.head(_MOST_ROWS).sort_index()
        figure = style.new_figure(5.6 + 0.17 * len(named))
        ax = figure.subplots()
        _frame(ax, shown)
        drawn = sorted(set(source[shown.index]))
        for key, none in zip(drawn, np.geomspace(*_BAND, len(drawn) + 2)[1:-1], strict=True):
            mine = shown[source[shown.index] == key].astype({"platform_comment_count": float, "collected": float})
            colour, marker = look[key]
            ax.scatter(
                mine["platform_comment_count"], mine["collected"].replace(0, none), s=22, marker=marker, color=colour,
                alpha=0.6, linewidths=0, rasterized=True, zorder=3,
            )  # fmt: skip
        middle = _percent(shown["share"].median())
        ax.set_title(
            f"Collected against existing: a median of {middle} of a thread's comments ({_of(len(shown), 'thread')})"
        )
        handles = [_handle(row, look[key]) for key, row in named.to_dict("index").items()]
        title = {"title": _notes(table, shown, len(told) - len(named)), "title_fontsize": 7.5, "alignment": "left"}
        figure.legend(handles=handles, loc="outside lower left", fontsize=7.5, ncols=1, **title)
    return figure


def _sources(table: pd.DataFrame, sums: pd.DataFrame) -> np.ndarray:
    """Return for each thread the row of its collection and platform in the sums."""
    names = pd.MultiIndex.from_frame(sums[_SOURCE])
    return names.get_indexer(pd.MultiIndex.from_frame(table[_SOURCE].fillna({"collection": _NO_UTTERANCE})))


def _vantage(rows: pd.DataFrame) -> str:
    """Return the vantage of a source's comments; of all its threads where it has none."""
    commented = rows[rows["collected"] > 0]
    seen = set((commented if len(commented) else rows)["vantage"].dropna())
    return seen.pop() if len(seen) == 1 else "several" if seen else REFERENCE


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"  # noqa: PLR2004


def _frame(ax: Axes, shown: pd.DataFrame) -> None:
    # One range for both axes: a step down from the diagonal is the same share wherever a point stands.
    most = max(float(shown["platform_comment_count"].max()), float(shown["collected"].max()), 10.0) * 1.4
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(0.8, most)
    ax.set_ylim(_BAND[1], most)
    ax.axhspan(*_BAND, color="#F1F1F1", linewidth=0, zorder=0.5)
    for share, name in _LINES.items():
        if share * most > 1:
            ax.plot([1 / share, most], [1, share * most], color=style.FAINT, linewidth=0.9, zorder=1)
            ax.text(1.01, share * most, name, transform=ax.get_yaxis_transform(), fontsize=7.5, va="center")
    decades = [10.0**power for power in range(int(np.log10(most)) + 1)]
    ax.xaxis.set_major_locator(LogLocator(numticks=12))
    ax.yaxis.set_major_locator(FixedLocator([float(np.sqrt(_BAND[0] * _BAND[1])), *decades]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else "none"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    ax.set_xlabel("comments that the platform said the thread had")
    ax.set_ylabel("comments of it in the corpus")


def _notes(table: pd.DataFrame, shown: pd.DataFrame, left_out: int) -> str:
    some = shown[shown["collected"] > 0]
    nothing = int(table["platform_comment_count"].notna().sum()) - len(shown)
    lines = [
        f"A point is a thread that is known to have had comments: {len(shown):,} of {_of(len(table), 'thread')}"
        + (f"; {nothing:,} more had none." if nothing else "."),
        f"The corpus holds comments of {len(some):,} of them"
        + (f": a median of {_percent(some['share'].median())} of a thread's." if len(some) else "."),
        "A platform may count what cannot be collected (hidden and deleted comments, deeper replies).",
        "Above 'all': comments that came after the count. Below: collected, in threads of a known total alone.",
    ]
    if left_out:
        lines.append(f"The {_MOST_ROWS} sources with most such threads; {left_out} more are in the table beside.")
    return "\n".join(lines)


def _name(row: dict[str, Any]) -> str:
    return style.label(f"{row['collection']}, {row['platform']}", 50)


def _handle(row: dict[str, Any], look: Look) -> Line2D:
    share = (
        f" ({_percent(row['share'])}; median {_percent(row['median_share'])})" if row["platform_comment_count"] else ""
    )
    text = f"{_name(row)}: {row['collected']:,} of {_of(row['platform_comment_count'], 'comment')}{share}"
    text += f" in {row['with_total']:,} of {_of(row['threads'], 'thread')}"
    return Line2D([], [], color=look.colour, marker=look.marker, markersize=4.5, linestyle="none", label=text)


def _nothing(table: pd.DataFrame, sums: pd.DataFrame) -> Figure:
    said = "No file said how many comments there were."
    if table["platform_comment_count"].notna().any():
        said = "Of no thread did a file say that it had a comment."
    lines = [f"{said} What share of the talk was collected is not known.", ""]
    named = sums.sort_values("threads", ascending=False, kind="stable").head(_MOST_ROWS).sort_index()
    for row in named.to_dict("records"):
        counts = f"{_of(row['comments'], 'comment')} in {_of(row['threads'], 'thread')}"
        lines.append(f"{_name(row)}: {counts}")
    if sums.empty:
        lines.append("No utterance has a thread.")
    if len(sums) > len(named):
        lines.append(f"{len(sums) - len(named)} more are in the table beside.")
    figure = style.new_figure(0.5 + 0.15 * len(lines))
    ax = figure.subplots()
    ax.axis("off")
    ax.text(0, 1, "\n".join(lines), fontsize=8, va="top", transform=ax.transAxes)
    figure.suptitle("Collected against existing: comments of each thread", x=0.01, ha="left", fontsize=11)
    return figure
