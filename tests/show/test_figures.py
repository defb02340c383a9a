"""Figures: they draw exactly what their CSV says, whatever the table holds, and the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from readable import problems

from analysis.compare import concepts, tone
from analysis.compare.clusters import make_side
from analysis.compare.contrasts import compare, finish
from analysis.compare.dataset import Dataset
from analysis.compare.groups import split_groups
from analysis.compare.keyness import SIGNIFICANT, keyness, leading
from analysis.compare.overview import count_grid
from analysis.compare.tone import FEW, tone_scores
from analysis.compare.vocabulary import count_terms
from analysis.digits import rounded
from analysis.parameters import Parameters
from analysis.show import palette, style
from analysis.show.concepts import draw_prevalence
from analysis.show.contrasts import draw_contrasts
from analysis.show.keyness import draw_key_terms, draw_keyness
from analysis.show.overview import draw_grid
from analysis.show.tone import draw_coverage, draw_masking, draw_tone

SCALE = (1.0, 9.0)
READS = {"labmt": ("en", "zh")}
NASTY = "<script>alert(1)</script> $\\frac{1}{$ \u202eevil _x_ ไทย 👨\u200d👩\u200d👧 " + "😂" * 100


def talk(clusters=12, each=8, vantages=("western_commenter", "vlogger"), collection="Reddit 2017", seed=1):
    """Return measures in English: ``each`` utterances in each cluster of each vantage, some not scored."""
    rng = np.random.default_rng(seed)
    parts = []
    for vantage in vantages:
        n = clusters * each
        score = np.where(rng.random(n) < 0.2, np.nan, rng.normal(5.5, 0.7, n).clip(*SCALE))
        cluster = [f"{vantage} {i:02}" for i in np.repeat(np.arange(clusters), each)]
        parts.append(pd.DataFrame({"vantage": vantage, "group": vantage, "cluster_id": cluster, "labmt": score}))
    table = pd.concat(parts, ignore_index=True)
    table["labmt_masked"], table["likes"] = table["labmt"] + rng.normal(0, 0.1, len(table)), 1
    table["labmt_n"] = table["labmt"].notna() * 3
    texts = [NASTY, "so free", "朝鲜的市场", "", "=1+1", "it was $5"]
    table["text"] = [texts[i % len(texts)] for i in range(len(table))]
    table["utterance_id"] = [f"u{i:04}" for i in range(len(table))]
    return table.assign(language="en", collection=collection)


class Talk(Dataset):
    """A study of a measures frame that holds its texts."""

    @classmethod
    def of(cls, rows):
        """Take rows with their texts."""
        made = cls(Path(), None, Parameters(), rows.drop(columns="text").assign(evidence="verbatim"))
        made.scales["labmt"] = SCALE
        made.__dict__["texts"] = rows.set_index("utterance_id")["text"]
        return made

    def with_text(self, rows):
        """Give the rows their texts back."""
        return rows.assign(text=rows["utterance_id"].map(self.texts))


def tone_table(rows):
    return tone_scores(Talk.of(rows.assign(utterance_id=[f"u{i:04}" for i in range(len(rows))])))


def contrasts(count, clusters=12, unit="points", *, equal=False):
    rng = np.random.default_rng(2)
    rows = []
    for i in range(count):
        sides = []
        for name in "ab":
            value = rng.integers(0, 2, 5 * clusters).astype(float)
            if equal:
                value = np.tile([0.0, 1.0], 3 * clusters)[: 5 * clusters]
            where = [f"{name}{j:02}" for j in np.arange(5 * clusters) % clusters]
            sides.append(make_side(pd.Series(value), pd.Series(where)))
        size = {"points": 0.01, "sd": 0.3 + 0.1 * i}[unit]
        rows.append(compare(f"m{i}", "a", sides[0], "b", sides[1], unit=size, unit_name=unit))
    return rounded(finish(rows).assign(unit=unit))


def compared(table, title=NASTY, empty=""):
    return draw_contrasts(table, title, [f"{NASTY} {i}" for i in range(len(table))], empty)


def prevalences(groups, clusters=12, names=("freedom", "staged")):
    rng = np.random.default_rng(3)
    rows = pd.concat(
        [talk(clusters, 4, ("western_commenter",), f"{NASTY[:20]} {i}").assign(group=f"g{i}") for i in range(groups)]
    )
    for name in names:
        rows[name] = (rng.random(len(rows)) < 0.3).astype(float)
    return rounded(concepts.prevalence(rows, list(names)))


def vocabulary(clusters=12, terms=40, times=3.0, vantages=("western_commenter", "vlogger")):
    """Return keyness of two sides in which every fourth term is ``times`` as frequent in a."""
    rng = np.random.default_rng(4)
    words = [f"{w}{i}" for i, w in zip(range(terms), [NASTY, "自由", "free", "👍", "$x$", "<b>"] * terms, strict=False)]
    counts = []
    for side, factor in (("a", times), ("b", 1.0)):
        rates = np.where(np.arange(terms) % 4 == 0, factor, 1.0)
        tokens = [rng.choice(words, 60, p=rates / rates.sum()).tolist() if terms else [] for _ in range(clusters)]
        names = pd.Series([f"{side}{i:02}" for i in range(clusters)])
        counts.append(count_terms(pa.array(tokens, pa.list_(pa.string())), names))
    table = keyness(*counts, draws=199, rng=np.random.default_rng(1))
    # As `key_words`: a pair without a term has one row.
    table = table if len(table) else table.reindex([0])
    about = {"language": "en", "min_count": 5}
    for side, vantage in zip("ab", vantages, strict=True):
        about |= {f"label_{side}": f"western commenter ({NASTY})", f"vantage_{side}": vantage}
        about |= {f"tokens_{side}": 1_234_567, f"utterances_{side}": 12_345}
        about |= {f"group_clusters_{side}": 1_234, f"group_g_{side}": 1_234.5}
    return rounded(table.assign(**about))


def years(rows, sources=1):
    rng = np.random.default_rng(5)
    return rows.assign(
        platform=[f"{NASTY[:12]}{i}" if i else None for i in rng.integers(0, sources, len(rows))],
        kind="comment",
        year=[None if y == 2012 else y for y in rng.integers(2012, 2016, len(rows))],
        vantage=[None if i == 0 else v for i, v in zip(rng.integers(0, 9, len(rows)), rows["vantage"], strict=True)],
    )


ONE_VANTAGE = ("western_commenter", "western_commenter")


def sentence(rows):
    return draw_tone(tone_table(rows))


CASES = {
    "contrasts: none": lambda: compared(contrasts(0), empty="nothing to compare"),
    "contrasts: one": lambda: compared(contrasts(1)),
    "contrasts: 40": lambda: compared(contrasts(40)),
    "contrasts: 60": lambda: compared(contrasts(60)),
    "contrasts: withheld": lambda: compared(contrasts(3, clusters=3)),
    "contrasts: two panels": lambda: compared(pd.concat([contrasts(3), contrasts(3, unit="sd")])),
    "prevalence: none": lambda: draw_prevalence(prevalences(1).head(0)),
    "prevalence: one": lambda: draw_prevalence(prevalences(1)),
    "prevalence: ten groups of a vantage": lambda: draw_prevalence(prevalences(10)),
    "prevalence: 14 concepts": lambda: draw_prevalence(prevalences(3, names=[f"concept {i}" for i in range(14)])),
    "prevalence: withheld": lambda: draw_prevalence(prevalences(2, clusters=3)),
    "tone: one utterance": lambda: sentence(talk(1, 1, ("vlogger",), seed=7)),
    "tone: one group": lambda: sentence(talk(5, 3, ("vlogger",), NASTY)),
    "tone: as many as are drawn one by one": lambda: sentence(talk(5, FEW // 10, collection=NASTY)),
    "tone: many": lambda: sentence(talk(40, 30, ("western_commenter", "vlogger", "chinese_viewer"), NASTY)),
    "tone: withheld": lambda: sentence(talk(2, 30)),
    "tone: ten groups": lambda: sentence(
        pd.concat([talk(6, 8, ("vlogger",), str(i)).assign(group=f"g{i}") for i in range(10)])
    ),
    "words: none": lambda: draw_keyness(vocabulary(terms=0)),
    "words: some": lambda: draw_keyness(vocabulary()),
    "words: none stands out": lambda: draw_keyness(vocabulary(times=1.0, terms=6)),
    "words: many": lambda: draw_keyness(vocabulary(terms=2000, clusters=300)),
    "words: withheld": lambda: draw_keyness(vocabulary(clusters=3)),
    "key terms: none": lambda: draw_key_terms(vocabulary(terms=0)),
    "key terms: some": lambda: draw_key_terms(vocabulary()),
    "key terms: none stands out": lambda: draw_key_terms(vocabulary(times=1.0, terms=6)),
    "key terms: many": lambda: draw_key_terms(vocabulary(terms=2000, clusters=100)),
    "key terms: withheld": lambda: draw_key_terms(vocabulary(clusters=3)),
    "key terms: one vantage on both sides": lambda: draw_key_terms(vocabulary(vantages=ONE_VANTAGE)),
    "words: one vantage on both sides": lambda: draw_keyness(vocabulary(vantages=ONE_VANTAGE)),
    "grid: one": lambda: draw_grid(count_grid(years(talk(1, 1)))),
    "grid: 60 sources": lambda: draw_grid(count_grid(years(talk(), 60))),
    "coverage: none": lambda: draw_coverage(rounded(tone.coverage([], READS))),
    "coverage: two": lambda: draw_coverage(rounded(tone.coverage(split_groups(talk()), READS))),
    "coverage: withheld": lambda: draw_coverage(rounded(tone.coverage(split_groups(talk(2)), READS))),
    "masking: none": lambda: draw_masking(rounded(tone.masking([], {}))),
    "masking: two": lambda: draw_masking(
        rounded(tone.masking(split_groups(talk(collection=NASTY)), {"labmt_masked": "labmt"}))
    ),
    "masking: withheld": lambda: draw_masking(rounded(tone.masking(split_groups(talk(2)), {"labmt_masked": "labmt"}))),
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_drawn_whatever_the_table_holds(case):
    """Warnings are errors here: a layout that collapses or a glyph that is missing fails."""
    before = dict(mpl.rcParams.copy())
    assert problems(CASES[case]()) == []
    assert dict(mpl.rcParams.copy()) == before


@pytest.mark.parametrize("case", ["contrasts: one", "prevalence: one", "tone: one group", "words: some"])
def test_saved_figures_with_hostile_labels_hold_no_script(case, tmp_path):
    style.save(CASES[case](), pd.DataFrame({"x": [1]}), tmp_path, "x")
    assert (tmp_path / "x.png").stat().st_size > 5_000
    assert "<script" not in (tmp_path / "x.svg").read_text(encoding="utf-8").lower()


def saved(figure, table, folder):
    style.save(figure, table, folder, "x")
    return pd.read_csv(folder / "x.csv", keep_default_na=False, na_values=[""])


def dots(ax):
    """Return the places of single markers, in the order drawn."""
    return [
        line.get_xydata()[0]
        for line in ax.lines
        if line.get_marker() not in {"None", ""} and len(line.get_xdata()) == 1
    ]


def bars(ax):
    """Return the ends of horizontal bars by their height; grey lines across are none."""
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_color() not in {"#EEEEEE", "#F0F0F0"}]
    return {round(line.get_ydata()[0], 6): tuple(line.get_xdata()) for line in lines if np.ptp(line.get_ydata()) == 0}


def test_contrasts_draw_what_the_csv_says(tmp_path):
    table = pd.concat([contrasts(4), contrasts(1, clusters=3)], ignore_index=True)
    figure = compared(table, "title")
    rows = saved(figure, table, tmp_path)
    ax = figure.axes[0]
    assert [x for x, _ in dots(ax)] == pytest.approx(rows["effect"].tolist())
    expected = {
        y: (100 * row["ci_low"], 100 * row["ci_high"]) for y, row in rows.iterrows() if not pd.isna(row["ci_low"])
    }
    assert bars(ax) == {y: pytest.approx(ends, rel=1e-6) for y, ends in expected.items()}
    assert len(expected) == 4
    faces = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "D"]
    assert [face == "white" for face in faces] == [False] * 4 + [True]
    texts = " ".join(text.get_text() for text in ax.texts)
    assert "too few clusters" in texts
    assert f"q = {rows['q'][0]:.2g}" in texts


def test_a_difference_of_exactly_nothing_keeps_its_interval():
    equal = contrasts(1, equal=True)
    assert equal["estimate"][0] == 0
    assert equal["ci_high"][0] > 0
    ax = compared(equal, "title").axes[0]
    assert bars(ax)[0] == pytest.approx((100 * equal["ci_low"][0], 100 * equal["ci_high"][0]))
    assert dots(ax)[0][0] == 0
    # Standard deviations: the rows of the same instrument and weighting tell.
    other = contrasts(2, unit="sd").assign(instrument=["labmt", "vader"])
    table = pd.concat([other, contrasts(1, unit="sd", equal=True).assign(instrument="vader")], ignore_index=True)
    table.loc[:, "weighting"] = "utterance"
    unit = table["effect"][1] / table["estimate"][1]
    ax = compared(table, "title").axes[0]
    assert bars(ax)[2] == pytest.approx((unit * table["ci_low"][2], unit * table["ci_high"][2]))
    # Where nothing tells, there is no bar rather than a wrong one.
    ax = compared(table.tail(1), "title").axes[0]
    assert bars(ax) == {}


def test_prevalences_draw_what_the_csv_says(tmp_path):
    table = prevalences(3)
    figure = draw_prevalence(table)
    rows = saved(figure, table, tmp_path)
    ax = figure.axes[0]
    drawn = sorted(dots(ax), key=lambda place: place[1])
    assert [x for x, _ in drawn] == pytest.approx((100 * rows["estimate"]).tolist())
    ends = [ends for _, ends in sorted(bars(ax).items())]
    assert ends == [
        pytest.approx((100 * max(low, 0), 100 * high))
        for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
    ]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["freedom", "staged"]


def test_few_utterances_are_each_drawn_and_many_become_shares(tmp_path):
    few = tone_table(talk(5, 4))
    rows = saved(draw_tone(few), few, tmp_path / "few")
    figure = draw_tone(few)
    drawn = [x for (x, _), line in zip(dots(figure.axes[0]), figure.axes[0].lines, strict=False) if line]
    utterances = rows[rows["part"] == "utterance"]
    scored = utterances["estimate"].dropna()
    assert len(utterances) == FEW
    for value in scored:
        assert min(abs(value - x) for x in drawn) < 1e-9
    assert len(drawn) == FEW
    many = tone_table(talk(20, 30))
    rows = saved(draw_tone(many), many, tmp_path / "many")
    assert rows[rows["part"] == "density"].groupby("group")["share"].sum().tolist() == pytest.approx([1, 1], abs=1e-6)
    for name, mine in talk(20, 30).groupby("group"):
        mean = rows[(rows["part"] == "mean") & (rows["group"] == name)].iloc[0]
        assert mean["estimate"] == pytest.approx(mine["labmt"].mean(), rel=1e-7)
        assert (mean["n_a"], mean["unscored"]) == (mine["labmt"].notna().sum(), mine["labmt"].isna().sum())


@pytest.mark.parametrize("groups", [1, 2])
def test_no_bar_stands_on_what_is_said_of_a_group(groups):
    table = tone_table(talk(20, 30))
    table = table[table["group"].isin(sorted(set(table["group"]))[:groups])]
    # All in one bin: as high as a bar can be; and no interval, of which a note tells.
    peak = table["bin_low"] == table["bin_low"].min()
    table = table.assign(share=table["share"].mask(table["share"].notna(), peak.astype(float)), ci_low=np.nan)
    figure = draw_tone(table)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    heads, bars = ([each.get_window_extent() for each in several] for several in (ax.texts, ax.patches))
    assert len(heads) == len(bars) == groups
    assert all(head.y0 >= bar.y1 for head, bar in zip(heads, bars, strict=True))


def test_no_line_goes_through_what_is_said_of_a_group():
    for rows in (talk(5, 4), talk(20, 30)):
        (ax,) = draw_tone(tone_table(rows)).axes
        (middle,) = [line for line in ax.lines if line.get_color() == palette.FAINT and line.get_marker() == "None"]
        assert ax.texts
        for head in ax.texts:
            assert head.get_bbox_patch().get_facecolor()[:3] == (1, 1, 1)
            assert middle.get_zorder() < head.get_zorder()


def test_masking_says_of_how_many_utterances_and_clusters():
    groups = [group._replace(units="threads") for group in split_groups(talk())]
    figure = draw_masking(rounded(tone.masking(groups, {"labmt_masked": "labmt"})))
    beside = [text.get_text() for text in figure.axes[0].texts]
    for text, group in zip(beside, groups, strict=True):
        assert text.endswith(f"; {group.rows['labmt'].notna().sum():,} in {group.rows['cluster_id'].nunique():,}")
    assert "scored utterances in how many threads." in " ".join(figure.get_supxlabel().split())


def test_a_sources_language_is_not_cut_off():
    rows = years(talk(1, 1)).assign(
        platform="a platform with a name that is much too long for a row", vantage="reference"
    )
    labels = [text.get_text() for text in draw_grid(count_grid(rows)).axes[0].get_yticklabels()]
    assert all(label.endswith((", English", ", Chinese")) for label in labels)
    assert "(k: thousand)" not in draw_grid(count_grid(rows)).get_supxlabel()


def test_words_are_drawn_where_the_csv_puts_them(tmp_path):
    table = vocabulary(clusters=40)
    figure = draw_keyness(table)
    rows = saved(figure, table, tmp_path)
    found = rows["q"] < SIGNIFICANT
    parts = (rows[~found], rows[found & (rows["log_ratio"] > 0)], rows[found & (rows["log_ratio"] < 0)])
    assert min(map(len, parts)) > 0
    for part, points in zip(parts, figure.axes[0].collections[:3], strict=True):
        drawn = np.asarray(points.get_offsets())
        assert drawn[:, 0] == pytest.approx(part["n_a"] + part["n_b"])
        assert drawn[:, 1] == pytest.approx(part["log_ratio"])
        clusters = (part["clusters_a"] + part["clusters_b"]).to_numpy()
        assert (np.argsort(points.get_sizes(), kind="stable") == np.argsort(clusters, kind="stable")).all()
    named = {text.get_text() for text in figure.axes[0].texts}
    assert named == {style.label(term, 24) for term in leading(rows, 16)["term"]}


def test_labels_of_words_do_not_lie_on_each_other():
    figure = draw_keyness(vocabulary(terms=400, clusters=60, times=6.0))
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) > 12
    assert [one for i, one in enumerate(boxes) for other in boxes[:i] if one.overlaps(other)] == []


def test_key_terms_are_drawn_with_the_intervals_of_the_csv():
    table = vocabulary(clusters=40)
    figure = draw_key_terms(table, most=5)
    chosen = leading(table, 5)
    for ax, sign in zip(figure.axes[:2], (1, -1), strict=True):
        mine = chosen[sign * chosen["log_ratio"] > 0]
        assert len(mine)
        assert [text.get_text() for text in ax.get_yticklabels()] == [style.label(term, 20) for term in mine["term"]]
        at = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
        assert at == pytest.approx(sign * mine["log_ratio"])
        bars = [line.get_xdata() for line in ax.lines[1:] if line.get_marker() == "None"]
        ends = np.sort(sign * mine[["ci_low", "ci_high"]].to_numpy(), axis=1)
        inside = np.clip(ends, *sorted((ax.get_xlim()[0], ax.get_xlim()[1] / 1.02)))
        assert np.array(bars) == pytest.approx(inside)


def test_figures_of_words_say_when_nothing_is_a_finding():
    said = draw_keyness(vocabulary(clusters=3)).get_supxlabel()
    assert "a description, not a finding" in said
    assert "No term occurs 5 times" in draw_keyness(vocabulary(terms=0)).said
    assert "differs with q < .05" in draw_keyness(vocabulary(times=1.0, terms=6)).get_supxlabel()


def test_where_no_term_sets_two_groups_apart_a_sentence_says_so_and_there_are_no_empty_panels():
    figure = draw_key_terms(vocabulary(times=1.0, terms=6))
    assert isinstance(figure, style.Sentence)
    assert "differs with q < .05" in figure.said
    # Saved by hand it is no empty page, and a terminal shows it.
    assert repr(figure) == figure.texts[0].get_text().replace("\n", " ") == figure.said


def test_words_say_what_clusters_are_and_marks_are_those_of_the_language():
    chinese = vocabulary(clusters=3).assign(language="zh", units_a="threads", units_b="accounts")
    for draw in (draw_keyness, draw_key_terms):
        said = " ".join(draw(chinese).get_supxlabel().split())
        assert "Too few threads or accounts for any interval" in said
        assert "In parentheses" not in said  # its words have none
        some = chinese.assign(term=["快乐", *chinese["term"][1:]])
        assert "In parentheses: our translation" in " ".join(draw(some).get_supxlabel().split())
    named = [points for points in draw_keyness(chinese).axes[0].collections if len(points.get_sizes()) == 1]
    square = mpl.markers.MarkerStyle("s").get_path().vertices.shape
    assert {points.get_paths()[0].vertices.shape for points in named} == {square}


def test_a_mean_without_an_interval_is_hollow_and_the_foot_says_so():
    table = tone_table(talk(2, 100)).assign(units_a="threads")
    assert (table["part"] == "density").any()
    figure = draw_tone(table)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert {line.get_markerfacecolor() for line in marks} == {"white"}
    assert "Hollow: too few threads for an interval." in " ".join(figure.get_supxlabel().split())
    assert "by labMT" in figure.get_suptitle()


def test_the_grid_counts_everyone_once_and_holds_the_empty_cells():
    rows = years(talk(20, 10, ("western_commenter", "chinese_viewer")), 5)
    grid = count_grid(rows)
    assert grid["utterances"].sum() == len(rows)
    keys = ["vantage", "platform", "kind", "language", "year"]
    assert not grid.duplicated(keys).any()
    named = rows.fillna({"vantage": "reference", "platform": "unknown"})
    years_seen = ["undated" if pd.isna(year) else str(int(year)) for year in named["year"]]
    sources = named[["platform", "kind", "language"]].drop_duplicates()
    assert len(grid) == 4 * len(sources) * len(set(years_seen))
    told = list(dict.fromkeys(grid[["platform", "kind", "language"]].itertuples(index=False, name=None)))
    assert told == sorted(told)
    assert len(told) == len(sources)
    assert (grid.loc[grid["vantage"] == "vlogger", "utterances"] == 0).all()
    counted = named.assign(year=years_seen).groupby(keys)["cluster_id"].agg(["size", "nunique"])
    full = grid.set_index(keys).loc[counted.index]
    assert full["utterances"].tolist() == counted["size"].tolist()
    assert full["clusters"].tolist() == counted["nunique"].tolist()
    assert list(dict.fromkeys(grid["year"]))[-1] == "undated"


def test_the_grid_prints_its_numbers_and_no_empty_year_or_vantage():
    grid = count_grid(years(talk(20, 10), 3))
    (ax,) = draw_grid(grid).axes
    said = grid[grid["utterances"] > 0]
    printed = [text.get_text() for text in ax.texts]
    counts = [int(text.replace(",", "")) for text in printed if text.replace(",", "").isdecimal()]
    assert sorted(counts) == sorted(said["utterances"])
    assert [text.get_text() for text in ax.get_xticklabels()] == list(dict.fromkeys(said["year"]))
    voices = said.groupby(["vantage", "platform", "kind", "language"])["utterances"].sum()
    assert len(ax.get_yticklabels()) == len(voices)
    assert sorted(text for text in printed if text.startswith("n =")) == sorted(f"n = {n:,}" for n in voices)
    assert "Not in the corpus: Chinese viewer." in ax.figure.get_supxlabel()
    named = draw_grid(count_grid(years(talk(20, 10, ("chinese_viewer",)), 3))).axes[0].get_yticklabels()
    assert {text.get_text().partition(":")[0] for text in named} <= {"Chinese viewer", "reference collection"}


def test_the_grid_says_what_it_leaves_out_and_joins_early_years():
    rows = years(talk(20, 10), 60)
    grid = count_grid(rows)
    voices = len(grid[grid["utterances"] > 0][["vantage", "platform", "kind", "language"]].drop_duplicates())
    assert f"{voices - style.MOST_ROWS} more sources are in the CSV: the smallest." in draw_grid(grid).get_supxlabel()
    assert "more" not in draw_grid(count_grid(years(talk(), 3))).get_supxlabel()
    many = count_grid(years(talk(20, 10)).assign(year=[1990 + i % 20 for i in range(len(rows))]))
    columns = [text.get_text() for text in draw_grid(many).axes[0].get_xticklabels()]
    assert columns == ["to 1996", *map(str, range(1997, 2010))]
    assert problems(draw_grid(many)) == []


def test_a_vantage_has_its_colour_in_every_figure():
    rows = talk(6, 4, ("chinese_viewer",))
    rows["freedom"] = np.arange(len(rows)) % 2.0
    colour = palette.COLOURS["chinese_viewer"]
    many = pd.concat([rows] * 2, ignore_index=True)
    for figure in (
        draw_prevalence(rounded(concepts.prevalence(rows, ["freedom"]))),
        sentence(rows),
        sentence(many),
        draw_coverage(rounded(tone.coverage(split_groups(rows), READS))),
        draw_masking(rounded(tone.masking(split_groups(rows), {"labmt_masked": "labmt"}))),
    ):
        lines = figure.axes[0].lines
        coloured = {line.get_color() for line in lines if line.get_marker() == "o"}
        assert coloured == {colour}
    points = draw_keyness(vocabulary(clusters=40, vantages=("chinese_viewer", "vlogger"))).axes[0].collections
    for part, expected in zip(points[1:3], (colour, palette.COLOURS["vlogger"]), strict=True):
        assert {mpl.colors.to_hex(face).upper() for face in part.get_facecolors()} == {expected}


@pytest.mark.parametrize("case", ["words: some", "tone: many", "prevalence: one", "grid: one"])
def test_the_same_figure_twice_is_the_same_bytes(case, tmp_path):
    for name in ("one", "two"):
        style.save(CASES[case](), pd.DataFrame({"x": [1]}), tmp_path / name, "x")
    for ending in ("png", "svg"):
        assert (tmp_path / f"one/x.{ending}").read_bytes() == (tmp_path / f"two/x.{ending}").read_bytes()


def test_the_traps_of_the_fixture_are_drawn():
    table = pd.read_csv(Path(__file__).parents[1] / "fixtures/bilingual.csv", dtype=str, keep_default_na=False)
    texts = table.loc[table["utterance_id"].str.startswith("trap"), "text"].tolist()
    assert len(texts) > 20
    rows = talk(4, 10).head(len(texts)).assign(text=texts)
    sentence(rows).canvas.draw()
