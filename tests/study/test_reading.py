"""Collocations and concordance of a study: every node, pair and lone group, as figures, tables and CSV."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from analysis.study.reading import collocation_figures, concordance_tables, node_patterns
from analysis.study.session import open_study

from analysis.corpus import ImportOptions, import_file
from analysis.errors import ParameterError
from analysis.measure.chinese import tokenize
from analysis.show.collocations import listed

HOSTILE = '=HYPERLINK("http://127.0.0.1/") <script>alert(1)</script> u/kim_1 @kim_2 \u202efree people'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading")
    rows = [["text", "thread_id", "vantage", "platform", "kind"]]
    what = ["western_commenter", "reddit", "comment"]
    rows += [[f"they are {word} free to trade {i}", f"t{i}", *what] for i in range(12) for word in ("so", "very")]
    rows += [[HOSTILE, "t1", *what]]
    for name, extra in (("One", ["the free press"] * 2), ("Two", ["nobody is free here"])):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([*rows, *([text, "t2", *what] for text in extra)])
        import_file(folder / f"{name}.csv", folder / "corpus", ImportOptions(name))
    return folder / "corpus"


def test_every_pair_is_drawn_and_a_lone_group_by_itself(corpus, tmp_path):
    pair = collocation_figures(open_study(str(corpus), str(tmp_path / "a"), "collection"), ["word:free", "so"], 2, 3)
    assert [saved.png.name.split("-")[3] for saved in pair][1] == "so"
    table = pd.read_csv(pair[0].png.with_suffix(".csv"))
    assert set(table["collocate"]) == {"are", "so", "very", "to", "trade"}
    assert (table["log_dice_difference"].abs() < 1).all()
    lone = collocation_figures(open_study(str(corpus), str(tmp_path / "b"), "vantage"), ["word:free", "absent"], 2, 3)
    assert len(lone) == 2
    table = pd.read_csv(lone[0].png.with_suffix(".csv")).set_index("collocate")
    assert table.loc["trade", ["together_a", "clusters_a"]].tolist() == [48, 12]
    assert pd.read_csv(lone[1].png.with_suffix(".csv")).empty


def test_a_concordance_is_a_table_of_escaped_lines_and_a_tame_csv(corpus, tmp_path):
    study = open_study(str(corpus), str(tmp_path), "collection")
    (made,) = concordance_tables(study, ["freedom"], 30, 1)
    assert "<script" not in made.html
    assert "&lt;script&gt;" in made.html
    assert "kim" not in made.html
    with (tmp_path / "03-concordance-freedom.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == made.lines
    assert [row["group"] for row in rows] == sorted(row["group"] for row in rows)
    assert sum(row["left"].startswith("'=HYPERLINK") for row in rows) == 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert concordance_tables(study, ["freedom"], 0, 1) == []


def test_constructed_lines_say_so(bilingual, tmp_path):
    study = open_study(str(bilingual), str(tmp_path), "vantage")
    (made,) = concordance_tables(study, ["staged"], 3, 1)
    assert "nobody said" in made.html
    assert set(pd.read_csv(tmp_path / "03-concordance-staged.csv")["language"]) == {"en", "zh"}


def test_a_node_is_a_concept_or_words():
    words = node_patterns("north korea|朝鲜")
    assert len(words["zh"].find(tokenize(["去朝鲜玩", "朝鮮很美"])).text) == 2
    assert len(node_patterns("staged")["zh"].find(tokenize(["都是演员"])).text) == 1
    assert len(node_patterns("word:staged")["zh"].find(tokenize(["都是演员"])).text) == 0


def test_a_word_of_the_users_dictionary_is_a_node_as_it_is_a_token():
    tokens = tokenize(["罗津港口美食街很好"], ("罗津港口美食街",))
    assert "罗津港口美食街" in tokens.vocabulary
    assert len(node_patterns("罗津港口美食街")["zh"].find(tokens).text) == 0
    assert len(node_patterns("罗津港口美食街", tokens.vocabulary)["zh"].find(tokens).text) == 1


@pytest.mark.parametrize("node", ["", "word:", "|", "!!", " * ", "@kim"])
def test_a_node_without_a_word_is_refused(node):
    with pytest.raises(ParameterError, match=r"holds no word.*accepted: a concept"):
        node_patterns(node)


def test_the_figure_names_what_is_frequent_spread_and_attracted():
    table = pd.DataFrame(
        {
            "collocate": list("pqrst"),
            "log_dice_a": [9.0, 8.0, 7.0, 6.0, float("nan")],
            "log_dice_b": [8.0, 8.5, 7.0, float("nan"), 5.0],
            "together_a": [9, 9, 9, 9, 0],
            "together_b": [9, 9, 9, 0, 9],
            "clusters_a": [3, 3, 1, 3, 0],
            "clusters_b": [3, 3, 1, 0, 3],
            "mi_a": [2.0, 2, 2, 2, float("nan")],
            "mi_b": [2.0, 2, 2, float("nan"), 2],
        }
    )
    assert listed(table, "ab", 5)["collocate"].tolist() == ["s", "p", "q", "t"]
    assert listed(table, "ab", 5, most=1)["collocate"].tolist() == ["p", "q"]
    assert listed(table, "a", 5)["collocate"].tolist() == ["p", "q", "s"]
    assert listed(table.assign(mi_a=0.5), "a", 5).empty
    assert listed(table, "ab", 10).empty
