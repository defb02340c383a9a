"""Figures of notebook 04: whole whatever the tables hold, and they draw exactly what their CSV says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from readable import problems

from analysis.compare import comention, concepts, contested, timeline
from analysis.compare.across import Level
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import main_groups
from analysis.digits import rounded
from analysis.show import style
from analysis.show.comention import chosen_pairs, draw_comention
from analysis.show.concepts import draw_prevalence
from analysis.show.contested import draw_contested
from analysis.show.timeline import draw_timeline

NASTY = "<script>alert(1)</script> $\\frac{1}{$ \u202eevil ไทย " + "😂" * 60
FOURTEEN = [f"concept {i:02}" for i in range(14)]
SIX = [
    ("western_commenter", "en", "western_commenter"),
    ("chinese_viewer", "zh", "chinese_viewer"),
    ("vlogger", "en", "vlogger"),
    ("vlogger", "zh", "vlogger"),
    ("west 2", "en", "western_commenter"),
    ("at large", "zh", None),
]
LEVELS = {
    (basis, "labmt", language): Level(5.0, 1.0)
    for basis in ("ordinary language", "reference collection")
    for language in ("en", "zh")
}


def talk(groups=SIX, names=FOURTEEN, clusters=15, each=20, mentioned=0.15, seed=1):
    """Return flagged measures with a period, and mentions with a tone."""
    rng = np.random.default_rng(seed)
    parts = []
    for name, language, vantage in groups:
        count = clusters * each
        where = [f"{name} {i % clusters:02}" for i in range(count)]
        part = pd.DataFrame({"group": name, "language": language, "vantage": vantage, "cluster_id": where})
        parts.append(part.assign(collection=f"{NASTY[:30]} {name}"))
    rows = pd.concat(parts, ignore_index=True) if parts else talk(SIX[:1], names, 1, 1)[0].head(0)
    rows["utterance_id"] = [f"u{i}" for i in range(len(rows))]
    rows["likes"], rows["length"] = 1, rng.integers(1, 50, len(rows))
    rows["period"] = rng.choice(["2013", "2016", None], len(rows))
    mentions = [
        pd.DataFrame({"utterance_id": rows["utterance_id"][rng.random(len(rows)) < mentioned], "concept": name})
        for name in names
    ]
    mentions = pd.concat(mentions, ignore_index=True)
    mentions["tone"] = 5.0 + rng.normal(0, 1, len(mentions))
    return flag_concepts(rows, mentions, names), mentions, names


def contested_table(made, basis="ordinary language", references=None):
    flagged, mentions, names = made
    cells = contested.make_cells(main_groups(flagged), mentions, names)
    contrasts = contested.contested_contrasts(cells, LEVELS, basis, np.random.default_rng(1), draws=9)
    table = contested.by_distance(contested.contested(cells, LEVELS, basis), contrasts)
    return rounded(table.assign(baselines=table["language"].map(references or {}).astype(object)))


def timeline_table(flagged, names):
    """Return what `concept_timeline` makes of a study whose utterances are dated so, by year."""
    counts = timeline.dated(flagged)
    undated = counts.loc[counts["dated"] == 0, ["a", "languages", "vantage", "label"]]
    table = pd.concat([timeline.timeline(flagged, names), undated], ignore_index=True)
    return rounded(table.merge(counts[["a", "dated", "undated"]], on="a", how="left").assign(step="year"))


def drawn(kind, made):
    flagged, _, names = made
    if kind == "contested":
        return draw_contested(contested_table(made, references={"zh": NASTY}))
    if kind == "comention":
        return draw_comention(rounded(comention.comention(flagged, names)))
    if kind == "timeline":
        return draw_timeline(timeline_table(flagged, names))
    return draw_prevalence(rounded(concepts.prevalence(flagged, names)))


WORLDS = {
    "six groups, fourteen concepts": talk,
    "withheld": lambda: talk(SIX[:3], FOURTEEN[:3], clusters=3, each=40),
    "hardly any hit": lambda: talk(SIX, FOURTEEN[:3], 3, 3, 0.03),
    "nobody": lambda: talk([], FOURTEEN[:3]),
    "one group, hostile concepts": lambda: talk(SIX[:1], [NASTY[:40], "自由" * 20, "=1+1"]),
}


CASES = [(kind, world) for kind in ("contested", "comention", "timeline") for world in WORLDS]
CASES += [("prevalence", "six groups, fourteen concepts"), ("prevalence", "nobody")]


@pytest.mark.parametrize(("kind", "world"), CASES)
def test_every_figure_is_drawn_whole(kind, world):
    """Warnings are errors here: a layout that collapses or a glyph that is missing fails."""
    assert problems(drawn(kind, WORLDS[world]())) == []


def texts(figure):
    return " | ".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def dots(ax):
    """Return the places of the data's single markers."""
    lines = [line for line in ax.lines if line.get_marker() not in {"None", ""} and len(line.get_xdata()) == 1]
    return [line.get_xydata()[0] for line in lines if line.get_transform() == ax.transData]


def bars(ax):
    """Return the ends of the horizontal intervals."""
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_transform() == ax.transData]
    return [tuple(line.get_xdata()) for line in lines if line.get_linewidth() > 1]


def test_contested_draws_what_the_csv_says(tmp_path):
    table = contested_table(talk(SIX, FOURTEEN[:4], mentioned=0.12))
    # One concept without enough hits anywhere, one with enough in one group.
    for concept, poor in (("concept 00", 6), ("concept 02", 5)):
        at = table.index[table["measure"] == concept][-poor:]
        table.loc[at, "drawn"] = "no"
        table.loc[at, ["estimate", "ci_low", "ci_high"]] = np.nan
        table.loc[table["measure"] == concept, "distance"] = np.nan
    figure = draw_contested(contested.by_distance(table, pd.DataFrame({"measure": [], "effect": []})))
    table = pd.concat([part for _, part in table.groupby("measure", sort=False)])
    style.save(figure, table, tmp_path, "x")
    rows = pd.read_csv(tmp_path / "x.csv")
    shown = rows[rows["drawn"] == "yes"]
    assert sorted(x for x, _ in dots(figure.axes[0])) == pytest.approx(sorted(shown["estimate"]))
    expected = sorted(zip(shown["ci_low"], shown["ci_high"], strict=True))
    assert sorted(bars(figure.axes[0])) == [pytest.approx(ends) for ends in expected]
    said = texts(figure)
    named = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert set(named) == set(shown["measure"])
    for row in rows[rows["measure"].isin(named)].to_dict("records"):
        assert f"{row['scored']:,} in {row['clusters']:,}" in said
    (left,) = set(rows["measure"]) - set(named)
    assert f"1 more concept is in the CSV: {left}." in said
    assert "<script" not in (tmp_path / "x.svg").read_text(encoding="utf-8").lower()


def test_contested_calls_clusters_what_they_are():
    table = contested_table(talk(SIX[:2], FOURTEEN[:2]))
    for units, said in (("threads", "10 threads;"), ("threads and accounts", "10 threads or accounts;")):
        told = draw_contested(table.assign(units_a=units)).findobj(Text)
        assert any(said in " ".join(text.get_text().split()) for text in told)
        assert not any("clusters" in text.get_text() for text in told)


def test_contested_names_its_reference_and_its_empty_side():
    made = talk([SIX[0], ("chinese_viewer", "zh", "chinese_viewer")], FOURTEEN[:2])
    flagged, mentions, names = made
    english = set(flagged.loc[flagged["language"] == "en", "utterance_id"])
    made = flagged, mentions[mentions["utterance_id"].isin(english)], names
    said = " ".join(texts(draw_contested(contested_table(made))).split())
    assert "ordinary language (word frequencies)" in said
    assert "too few: 0 in 0" in said
    said = " ".join(
        texts(draw_contested(contested_table(made, "reference collection", {"en": "Reddit at large"}))).split()
    )
    assert "Reddit at large (English); unit: the sd of its utterances" in said
    nobody = draw_contested(contested_table(talk(SIX[:2], FOURTEEN[:2], 3, 3)))
    assert nobody.said.endswith("takes 30 scored mentions in 10 clusters; the nearest has 2 in 1.")
    table = contested_table(talk(SIX[:2], FOURTEEN[:2], 3, 3)).assign(scored=[0, 45, 18, 29], clusters=[0, 2, 8, 5])
    # 45 are more than 30, and yet not enough: what lacks least is told, not the most mentions.
    assert draw_contested(table).said.endswith("; the nearest has 18 in 8.")
    assert draw_contested(table.assign(scored=0)).said.endswith("; nobody has one.")


def test_comention_draws_the_most_frequent_pairs_and_what_the_csv_says(tmp_path):
    flagged, _, names = talk(SIX[:3], FOURTEEN, mentioned=0.2)
    table = rounded(comention.comention(flagged, names))
    pairs = chosen_pairs(table)
    assert len(pairs) == style.MOST_ROWS
    shares = table[table["statistic"] == comention.SHARE].groupby("measure")["estimate"].sum()
    assert set(shares[pairs]) == set(shares.nlargest(style.MOST_ROWS))
    ratios = table[table["statistic"] == comention.RATIO].groupby("measure")["estimate"]
    assert (ratios.max() - ratios.min())[pairs].is_monotonic_decreasing
    figure = draw_comention(table)
    style.save(figure, table, tmp_path, "x")
    rows = pd.read_csv(tmp_path / "x.csv").query("measure in @pairs")
    for ax, statistic, scale in zip(figure.axes, (comention.SHARE, comention.RATIO), (100, 1), strict=True):
        mine = rows[rows["statistic"] == statistic]
        assert sorted(x for x, _ in dots(ax)) == pytest.approx(sorted(scale * mine["estimate"].dropna()))
    assert f"Of 91 pairs the {style.MOST_ROWS} named together most often" in texts(figure)


def test_the_timeline_keeps_its_gaps_and_says_what_has_no_date(tmp_path):
    flagged, _, names = talk(SIX[:2], FOURTEEN[:2])
    flagged.loc[flagged["group"] == "chinese_viewer", "period"] = None
    table = timeline_table(flagged, names)
    figure = draw_timeline(table)
    style.save(figure, table, tmp_path, "x")
    rows = pd.read_csv(tmp_path / "x.csv")
    for ax, concept in zip(figure.axes, names, strict=False):
        mine = rows[(rows["measure"] == concept) & rows["period"].notna()]
        assert ax.get_title(loc="left") == concept
        assert [y for _, y in dots(ax)] == pytest.approx((100 * mine["estimate"]).tolist())
        # 2013 to 2016 are four years, of which two hold nothing.
        assert [round(x) for x, _ in dots(ax)] == [0, 3]
    assert "0 utterances with a date, 300 without (not drawn)" in texts(figure)
    assert len(figure.axes) == len(names)
    nothing = draw_timeline(timeline_table(flagged.assign(period=None), names)).said
    assert "No year holds 30 utterances of a group" in nothing
    assert "none dated; 300 without a date" in nothing
