"""Shares of classes: a table by hand, unequal groups, what is unclassified, and a planted stance found again."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.compare.classes import class_differences, class_order, shares_of_classes
from analysis.parameters import Parameters
from analysis.show.classes import draw_class_differences, draw_class_shares


def corpus(stances, themes=None, clusters=20):
    """Return rows of two groups with a stance each: a group, then its stances in order."""
    rows = []
    for group, given in stances.items():
        for i, stance in enumerate(given):
            rows.append(
                {
                    "utterance_id": f"{group}{i}",
                    "group": group,
                    "vantage": group,
                    "collection": f"of {group}",
                    "language": "zh" if group == "chinese_viewer" else "en",
                    "cluster_id": f"{group}-{i % clusters}",
                    "likes": i % 7,
                    "class:stance": stance,
                    "class:theme": themes[i % len(themes)] if themes else None,
                }
            )
    return pd.DataFrame(rows)


def study(rows, *names, draws=199):
    """Return what stands in for a study of these rows."""
    options = Parameters(scores="x.csv", classes=list(names), draws=draws)
    return SimpleNamespace(parameters=options, own_words=rows, rng=lambda: np.random.default_rng(1))


SMALL = {
    "western_commenter": ["against"] * 6 + ["for"] * 2 + [None] * 2,
    "chinese_viewer": ["for"] * 3 + ["unclear"],
}


def test_a_small_table_by_hand():
    table = shares_of_classes(corpus(SMALL), ["stance"]).set_index(["class", "a"])
    assert list(dict.fromkeys(table.index.get_level_values(0))) == ["against", "for", "unclear"]
    assert table["estimate"].to_dict() == {
        ("against", "western_commenter"): 6 / 8,
        ("against", "chinese_viewer"): 0,
        ("for", "western_commenter"): 2 / 8,
        ("for", "chinese_viewer"): 3 / 4,
        ("unclear", "western_commenter"): 0,
        ("unclear", "chinese_viewer"): 1 / 4,
    }
    assert table["unclassified"].to_dict()["for", "western_commenter"] == 2
    assert table["unclassified"].to_dict()["for", "chinese_viewer"] == 0
    assert set(table["within"]) == {"all"}


def test_the_first_variable_is_told_by_the_others_and_by_nothing_else():
    rows = corpus(SMALL, ["life", "trade"])
    table = shares_of_classes(rows, ["stance", "theme"])
    parts = list(dict.fromkeys(zip(table["variable"], table["within_variable"], table["within"], strict=True)))
    assert parts == [
        ("stance", "", "all"),
        ("theme", "", "all"),
        ("stance", "theme", "life"),
        ("stance", "theme", "trade"),
    ]
    asked = table[(table["within"] == "trade") & (table["class"] == "for")].set_index("a")["estimate"]
    by_hand = rows[(rows["class:theme"] == "trade") & rows["class:stance"].notna()]
    by_hand = (by_hand["class:stance"] == "for").groupby(by_hand["group"]).mean()
    pd.testing.assert_series_equal(asked.sort_index(), by_hand.sort_index(), check_names=False)


def test_a_planted_stance_is_found_between_unequal_groups_and_an_equal_one_is_not():
    rng = np.random.default_rng(5)
    western = rng.choice(["against", "for", "neutral"], 900, p=[0.6, 0.2, 0.2])
    chinese = rng.choice(["against", "for", "neutral"], 150, p=[0.2, 0.6, 0.2])
    table = class_differences(study(corpus({"western_commenter": western, "chinese_viewer": chinese}), "stance"))
    q = table.set_index("class")["q"]
    assert (q[["against", "for"]] < 0.05).all()
    assert q["neutral"] > 0.05
    assert table.set_index("class")["estimate"]["against"] == pytest.approx(
        (western == "against").mean() - (chinese == "against").mean(), abs=1e-7
    )


def test_a_rare_class_and_few_clusters_get_no_p():
    few = corpus({"western_commenter": ["for"] * 49 + ["against"], "chinese_viewer": ["for"] * 50}, clusters=4)
    table = class_differences(study(few, "stance"))
    assert table["p"].isna().all()
    assert table["ci_low"].isna().all()


def test_classes_stand_in_their_order_whatever_the_rows():
    assert class_order(pd.Series(["other", "positive", "b", "a", "negative", None])) == [
        *("negative", "positive", "a", "b", "other")
    ]


def test_figures_of_classes_say_what_they_show_and_without_classes_what_would_fill_them():
    rows = corpus(SMALL, ["life $x$", "<b>trade</b>"])
    table = shares_of_classes(rows, ["stance", "theme"])
    figure = draw_class_shares(table[table["variable"] == "stance"])
    said = " ".join(text.get_text() for text in figure.findobj(match=lambda it: hasattr(it, "get_text")))
    assert "classes of stance, by theme?" in said
    assert "2 without a class" in said
    assert "classified utterances (in the row's class), 95" in " ".join(said.split())
    alone = draw_class_shares(shares_of_classes(rows, ["stance"]))
    assert "classified utterances, 95 % interval" in " ".join(alone.get_supxlabel().split()) + " ".join(
        " ".join(legend.get_title().get_text().split()) for legend in alone.legends
    )
    assert "-p classes" in str(draw_class_shares(table[:0]).__dict__)
    assert draw_class_differences(class_differences(study(rows, "stance"))) is not None
