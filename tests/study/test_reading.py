"""Collocations and concordance of a study: every node, pair and lone group, as figures, tables and CSV."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from analysis.compare.collocations import collocates
from analysis.compare.concordance import concordance_lines
from analysis.compare.nodes import node_patterns
from analysis.corpus import ImportOptions, import_file
from analysis.errors import ParameterError
from analysis.measure.chinese import tokenize
from analysis.show import collocations
from analysis.show.collocations import listed
from analysis.show.concordance import concordance_table
from analysis.study import open_study

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


def test_every_pair_is_compared_and_a_lone_group_described(corpus, tmp_path):
    options = {"corpus": str(corpus), "out": str(tmp_path), "window": 2, "draws": 99}
    table = collocates(open_study(compare="collection", node=["word:free", "so"], **options))
    assert list(dict.fromkeys(table["node"])) == ["free", "so"]
    table = table[table["node"] == "free"]
    assert set(table["collocate"]) == {"are", "so", "very", "to", "trade"}
    assert (table["log_dice_difference"].abs() < 1).all()
    table = collocates(open_study(compare="vantage", node=["word:free", "absent"], **options))
    assert table["b"].isna().all()
    rows = table[table["node"] == "free"].set_index("collocate")
    assert rows.loc["trade", ["together_a", "clusters_a"]].tolist() == [48, 12]
    (lone,) = table[table["node"] == "absent"].to_dict("records")
    assert pd.isna(lone["collocate"])
    assert lone["times_a"] == 0


def test_a_concordance_is_a_table_of_escaped_lines_and_a_tame_csv(corpus, tmp_path):
    study = open_study(corpus=str(corpus), out=str(tmp_path), compare="collection", node=["freedom"], lines=30)
    lines = concordance_lines(study)
    made = concordance_table(lines)
    assert "<script" not in made.html
    assert "&lt;script&gt;" in made.html
    assert "kim" not in made.html
    study.save("03-concordance-freedom", lines)
    with (tmp_path / "03-concordance-freedom.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == made.lines == len(lines)
    assert [row["group"] for row in rows] == sorted(row["group"] for row in rows)
    assert sum(row["left"].startswith("'=HYPERLINK") for row in rows) == 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert concordance_lines(open_study(corpus=str(corpus), out=str(tmp_path), lines=0)).empty


def test_constructed_lines_say_so(bilingual, tmp_path):
    study = open_study(corpus=str(bilingual), out=str(tmp_path), node=["staged"], lines=3)
    lines = concordance_lines(study)
    assert "nobody said" in concordance_table(lines).html
    assert set(lines["language"]) == {"en", "zh"}


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


def test_the_figure_names_what_is_frequent_spread_and_attracted(monkeypatch: pytest.MonkeyPatch):
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
    assert listed(table, "a", 5)["collocate"].tolist() == ["p", "q", "s"]
    assert listed(table.assign(mi_a=0.5), "a", 5).empty
    assert listed(table, "ab", 10).empty
    monkeypatch.setattr(collocations, "_MOST", 1)
    assert listed(table, "ab", 5)["collocate"].tolist() == ["p", "q"]
