"""The explorer of a report: every term and concept a point, and the lines that hold it, side by side by group."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Span, TapTool
from bokeh.plotting import figure as new_plot

from analysis.compare.concordance import visible
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE
from analysis.compare.keyness import SIGNIFICANT, leading
from analysis.compare.pairings import PAIR
from analysis.digits import settled
from analysis.errors import plural
from analysis.show.palette import INK, plot_styles
from analysis.study.report_lines import Lines, choose_lines
from analysis.study.report_page import Explorer, Run
from analysis.study.report_tables import IN_EXPLORER, read_run_table
from analysis.study.study import Study

VOCABULARY = "03-vocabulary"
CONTRASTS, PREVALENCE = "04-contrasts.csv", "04-prevalence.csv"
_MARKERS = {"o": "circle", "s": "square", "D": "diamond"}
#: So many terms of each side bear their names on the plot.
_NAMED = 12
#: Terms of a pair that are points; with more, over several pairs, the page would be too heavy to send.
MOST_POINTS = 5_000
_NO_LINES = "Without lines: "


def make_explorer(run: Run, study: Study | None, why: str = "") -> Explorer:
    """Make the explorer of a run from its tables; only the lines come from the corpus.

    Parameters
    ----------
    study : Study, optional
        As notebook 03 opened it; without it, or with its parameter ``lines`` at 0, there are no lines.
    why : str
        Why there is no study.

    """
    # Who is compared with a reference comes after who is compared with another vantage.
    views = sorted([*_word_views(run), *_concept_views(run)], key=_is_of_reference)
    if not views:
        return Explorer(None, f"Not there: neither {VOCABULARY} nor 04-concepts left a comparison in this folder.")
    lines, told = None, f"{_NO_LINES}{why}"
    terms, concepts = _wanted(views)
    if study is not None and not study.parameters.lines:
        told = f"{_NO_LINES}the run was made with lines = 0."
    elif study is not None:
        lines = choose_lines(study, terms, concepts)
        told = (
            f"{plural(len(lines.text), 'line')}, up to {study.parameters.lines:,} of each group for each word or "
            "concept: verbatim, names with @ left out, long utterances cut, one of each cluster before a second."
            + _alone(views, lines)
        )
    data = {"views": [_packed(view, terms) for view in views], "told": told, **_lines_data(lines, terms, concepts)}
    return Explorer(
        {**data, "plot": _plot()}, told, lines is not None and lines.constructed, lines is None or lines.said
    )


def _alone(views: list[dict[str, Any]], lines: Lines) -> str:
    """Name the groups whose words are compared with nobody's."""
    met = {(side["group"], view["language"]) for view in views for side in view["sides"]}
    alone = [group for group in lines.groups if (group.name, group.language) not in met]
    names = "; ".join(f"{visible(group.label)}, {LANGUAGE_NAMES[group.language]}" for group in alone)
    return f" Words compared with nobody's, for want of another group in the language: {names}." if names else ""


# What is drawn --------------------------------------------------------------------------------------------------------


def _word_views(run: Run) -> Iterator[dict[str, Any]]:
    """Yield a view a pair of groups and language: its table, a row a term, and what tells of it."""
    for name in sorted(run.manifest["figures"]):
        if not (name.startswith(IN_EXPLORER) and name.endswith(".csv") and (run.figures / name).is_file()):
            continue
        table = read_run_table(run.figures / name)
        table = table[table["term"].notna()] if "term" in table else table[:0]
        if table.empty or table[list(PAIR)].drop_duplicates().shape[0] != 1:
            continue
        first, terms = table.iloc[0], plural(len(table), "term")
        named = leading(table, _NAMED).index
        if len(table) > MOST_POINTS:
            table = table.loc[_foremost(table)]
            terms += f" (points: the {MOST_POINTS:,} that are surest or else most frequent; all in the CSV)"
        sides = [
            {"group": first[s], "label": visible(first[f"label_{s}"]), "vantage": first[f"vantage_{s}"]} for s in "ab"
        ]
        whole = max(first["tokens_a"] + first["tokens_b"], 1)
        yield {
            "kind": "words",
            "language": first["language"],
            "sides": sides,
            "told": (
                f"{terms} with at least {plural(first['min_count'], 'occurrence')}; {sides[0]['label']}: "
                f"{plural(first['tokens_a'], 'word')}, {sides[1]['label']}: {first['tokens_b']:,}"
            ),
            "table": pd.DataFrame(
                {
                    "item": table["term"].astype(str),
                    "x": 1e6 * (table["n_a"] + table["n_b"]) / whole,
                    **{key: table[key] for key in ("log_ratio", "ci_low", "ci_high", "q", "n_a", "n_b")},
                    "named": table.index.isin(named),
                }
            ),
        }


def _foremost(table: pd.DataFrame) -> pd.Index:
    """Return the index of the terms with q < .05 and then of the most frequent ones, in the order of the table."""
    unsure = ~(settled(table["q"].fillna(1)) < settled(SIGNIFICANT))
    order = np.lexsort((-(table["n_a"] + table["n_b"]).to_numpy(), unsure))
    return table.index[np.sort(order[:MOST_POINTS])]


def _concept_views(run: Run) -> Iterator[dict[str, Any]]:
    """Yield a view a pair of groups: their concepts, whatever the language."""
    if not all((run.figures / name).is_file() for name in (CONTRASTS, PREVALENCE)):
        return
    contrasts, shares = (read_run_table(run.figures / name) for name in (CONTRASTS, PREVALENCE))
    if not {"log_ratio", "ratio_low", "ratio_high"} <= set(contrasts) or not {"hits", "label"} <= set(shares):
        return
    known = shares.set_index(["a", "measure"])
    for (a, b), table in contrasts.groupby(["a", "b"], sort=False):
        hits = [[known.loc[(side, concept), "hits"] for concept in table["measure"]] for side in (a, b)]
        n = table["n_a"].to_numpy() + table["n_b"].to_numpy()
        about = [known.loc[side].iloc[0] for side in (a, b)]
        yield {
            "kind": "concepts",
            "language": "",
            "sides": [
                {"group": side, "label": visible(row["label"]), "vantage": row["vantage"]}
                for side, row in zip((a, b), about, strict=True)
            ],
            "told": plural(len(table), "concept") + " of the codebook, read in English and Chinese",
            "table": pd.DataFrame(
                {
                    "item": table["measure"].astype(str),
                    "x": 100 * np.sum(hits, axis=0) / np.maximum(n, 1),
                    "log_ratio": table["log_ratio"],
                    "ci_low": table["ratio_low"],
                    "ci_high": table["ratio_high"],
                    "q": table["q"],
                    "n_a": hits[0],
                    "n_b": hits[1],
                    "named": True,
                }
            ).query("x > 0"),
        }


def _is_of_reference(view: dict[str, Any]) -> bool:
    return any(side["group"] == REFERENCE for side in view["sides"])


def _wanted(views: list[dict[str, Any]]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the terms of each language, the surest and then the most frequent first, and the concepts."""
    terms: dict[str, list[str]] = {}
    words = [view["table"].assign(language=view["language"]) for view in views if view["kind"] == "words"]
    if words:
        every = pd.concat(words, ignore_index=True)
        every = every.assign(q=settled(every["q"].fillna(1)), n=-(every["n_a"] + every["n_b"]))
        every = every.sort_values(["q", "n", "item"], kind="stable").drop_duplicates(["language", "item"])
        terms = {language: mine["item"].tolist() for language, mine in every.groupby("language", sort=True)}
    concepts = [item for view in views if view["kind"] == "concepts" for item in view["table"]["item"]]
    return terms, list(dict.fromkeys(concepts))


def _packed(view: dict[str, Any], terms: dict[str, list[str]]) -> dict[str, Any]:
    """Return a view as the page holds it: columns of numbers, terms by their number in the list of the language."""
    table = view["table"]
    vantages = {number: side["vantage"] for number, side in enumerate(view["sides"])}
    styles = plot_styles(vantages, dict.fromkeys(vantages, view["language"]))
    sides = [
        {"group": str(side["group"]), "label": side["label"], "colour": how.colour, "marker": _MARKERS[how.marker]}
        for side, how in zip(view["sides"], styles.values(), strict=True)
    ]
    out = {key: view[key] for key in ("kind", "language", "told")} | {"sides": sides}
    out["spoken"] = LANGUAGE_NAMES.get(view["language"], "")
    if view["kind"] == "words":
        place = {term: number for number, term in enumerate(terms[view["language"]])}
        out["item"] = [place[term] for term in table["item"]]
    else:
        out["names"] = [visible(name) for name in table["item"]]
    held = settled(table["q"].fillna(1)) < settled(SIGNIFICANT)
    excludes = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    out |= {
        key: [_short(value) for value in table[key].tolist()] for key in ("x", "log_ratio", "ci_low", "ci_high", "q")
    }
    out |= {key: table[key].astype(int).tolist() for key in ("n_a", "n_b", "named")}
    out["held"] = (held & excludes).astype(int).tolist()
    return out


def _short(value: float) -> float | str | None:
    """Return a number with four digits as JSON can hold it: None where it is missing, a word where it has no end."""
    if np.isnan(value):
        return None
    return float(f"{value:.4g}") if np.isfinite(value) else "open"


def _lines_data(lines: Lines | None, terms: dict[str, list[str]], concepts: list[str]) -> dict[str, Any]:
    """Return the lines, each once, and by number those of each term and concept."""
    shown = {language: [visible(term) for term in mine] for language, mine in terms.items()}
    if lines is None:
        return {"terms": shown, "groups": [], "lines": {}, "held": {}, "words": {}}
    collections = sorted(set(lines.collection))
    place = {name: number for number, name in enumerate(collections)}
    return {
        "terms": shown,
        "groups": [
            {"label": visible(group.label), "language": group.language, "spoken": LANGUAGE_NAMES[group.language]}
            for group in lines.groups
        ],
        "lines": {
            "text": lines.text,
            "group": lines.group,
            "collection": [place[name] for name in lines.collection],
            "collections": [visible(name) for name in collections],
        },
        "held": {
            **{language: [lines.held.get((language, term), []) for term in mine] for language, mine in terms.items()},
            "": {concept: lines.held.get(("", concept), []) for concept in concepts},
        },
        "words": lines.words,
    }


# Bokeh ----------------------------------------------------------------------------------------------------------------


def _plot() -> dict[str, Any]:
    """Return the empty plot for BokehJS; the page's own script fills it, so that no text of people's is in it."""
    points = ColumnDataSource(
        {name: [] for name in ("x", "y", "item", "colour", "fill", "marker", "name", "n_a", "n_b", "between", "q")},
        name="points",
    )
    named = ColumnDataSource({name: [] for name in ("x", "y", "name")}, name="named")
    chosen = ColumnDataSource({name: [] for name in ("x", "y", "low", "high")}, name="chosen")
    plot = new_plot(
        name="plot",
        height=440,
        sizing_mode="stretch_width",
        x_axis_type="log",
        x_range=Range1d(1, 10),
        y_range=Range1d(-1, 1),
        tools="pan,box_zoom,wheel_zoom,reset",
        active_drag="box_zoom",
        active_scroll=None,
        toolbar_location="above",
        x_axis_label="per million words, both sides together",
        y_axis_label="log ratio (+1: twice as frequent)",
        output_backend="canvas",
        background_fill_color="#ffffff",
    )
    plot.toolbar.logo = None
    plot.xgrid.grid_line_color = plot.ygrid.grid_line_color = "#e5e5e5"
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = axis.major_label_text_color = INK
    plot.add_layout(Span(location=0, dimension="width", line_color=INK))
    drawn = plot.scatter(
        "x", "y", source=points, marker="marker", size=8, line_color="colour", fill_color="fill", fill_alpha=0.65
    )
    # Chosen or not, a point keeps its colour; the ring says which it is.
    drawn.nonselection_glyph = drawn.selection_glyph = None
    plot.segment("x", "low", "x", "high", source=chosen, line_color=INK, line_width=2)
    plot.scatter("x", "y", source=chosen, size=16, line_color=INK, line_width=2.5, fill_color=None)
    plot.text("x", "y", "name", source=named, text_font_size="12px", text_color=INK, x_offset=6, text_baseline="middle")
    tips = [("", "@name"), ("a", "@n_a{0,0}"), ("b", "@n_b{0,0}"), ("log ratio", "@y{0.00} @between"), ("q", "@q")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, name="hover"), TapTool(renderers=[drawn]))
    # Bokeh counts its ids from the start of the process: here, from the start of the plot.
    text, seen = json.dumps(json_item(plot)), dict[str, str]()
    text = re.sub(r'"p([0-9]+)"', lambda found: f'"{seen.setdefault(found[1], f"v{len(seen)}")}"', text)
    item = json.loads(text)
    return {"target_id": "plot", "root_id": item["root_id"], "doc": item["doc"]}
