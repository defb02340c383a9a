"""Groups: who stands where, in what order, in which language, and what stays counted though it is not compared."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.compare.dataset import Dataset
from analysis.compare.groups import (
    LANGUAGE_NAMES,
    REFERENCE,
    STRAY,
    Group,
    add_group,
    cluster_noun,
    describe,
    group_order,
    join_names,
    main_groups,
    main_languages,
    one_vantage,
    split_groups,
)
from analysis.compare.pairings import lawful_pairs, require_one_language, too_small_to_draw, without_partner
from analysis.corpus.schema import ACCEPTED
from analysis.errors import CrossLanguageError, ParameterError


def make(*blocks):
    """Return measures from ``(vantage, language, how many)`` blocks, five to a cluster."""
    rows = []
    for vantage, language, count in blocks:
        rows += [
            {
                "vantage": vantage,
                "origin": {"en": "western", "zh": "chinese"}.get(language),
                "collection": f"{vantage} {language}",
                "language": language,
                "cluster_id": f"{vantage}-{i // 5}",
                "thread_id": None if i % 5 == 4 else f"{vantage}-{language}-{i // 2}",
            }
            for i in range(count)
        ]
    return pd.DataFrame(rows)


MEASURES = make(
    ("vlogger", "zh", 20),
    ("western_commenter", "en", 40),
    (None, "en", 12),
    ("chinese_viewer", "en", 3),
    ("chinese_viewer", "ko", 1),
    ("chinese_viewer", "none", 7),
    ("chinese_viewer", "zh", 89),
    ("vlogger", "en", 30),
)


def test_a_group_is_a_vantage_an_origin_or_a_collection_and_else_the_reference():
    assert add_group(MEASURES, "vantage")["group"].value_counts().to_dict() == {
        "chinese_viewer": 100,
        "vlogger": 50,
        "western_commenter": 40,
        REFERENCE: 12,
    }
    assert add_group(MEASURES, "origin")["group"].value_counts().to_dict() == {
        "chinese": 109,
        "western": 85,
        REFERENCE: 8,
    }
    assert set(add_group(MEASURES, "collection")["group"]) == set(MEASURES["collection"])
    assert "group" not in MEASURES


@pytest.mark.parametrize("kind", ["object", "string", "category"])
def test_a_missing_vantage_is_the_reference_whatever_the_column_is_made_of(kind):
    grouped = add_group(MEASURES.astype({"vantage": kind}), "vantage")
    assert (grouped["group"] == REFERENCE).sum() == 12
    assert grouped["group"].notna().all()


def test_a_comparison_that_is_not_known_names_those_that_are():
    with pytest.raises(ParameterError, match=r"'platform'.*vantage, origin, collection"):
        add_group(MEASURES, "platform")


def test_the_order_is_the_studys_then_by_name_then_references():
    names = ["reference", "zebra", "vlogger", "other", "Ape", "chinese_viewer", "western", "western_commenter"]
    expected = ["western_commenter", "chinese_viewer", "vlogger", "western", "other", "Ape", "zebra", "reference"]
    assert group_order(names) == group_order(reversed(names + names)) == expected


def test_groups_are_split_by_language_and_nothing_is_lost():
    groups = split_groups(add_group(MEASURES, "vantage"))
    assert [(g.name, g.language, len(g.rows)) for g in groups] == [
        ("western_commenter", "en", 40),
        ("chinese_viewer", "en", 3),
        ("chinese_viewer", "zh", 89),
        ("chinese_viewer", "ko", 1),
        ("chinese_viewer", "none", 7),
        ("vlogger", "en", 30),
        ("vlogger", "zh", 20),
        (REFERENCE, "en", 12),
    ]
    assert sum(len(g.rows) for g in groups) == len(MEASURES)
    assert groups[0].label == "western commenter (western_commenter en)"
    assert groups[-1].vantage == REFERENCE


def test_who_has_nobody_to_be_compared_with_is_named_with_what_it_lacks():
    groups = split_groups(add_group(MEASURES, "vantage"))
    alone = without_partner(groups, [group for group in groups if group.language != "none"])
    assert alone.to_numpy().tolist() == [
        ["chinese_viewer", "Korean", 1, "another group, or a reference collection, in Korean"],
        ["chinese_viewer", "another language or no letters", 7, "its own words: paraphrases are not compared"],
    ]
    english = [group for group in groups if group.language == "en"]
    assert without_partner(english, english).empty


def test_of_many_groups_of_a_language_the_largest_five_and_the_reference_are_drawn():
    def group(name, language, count):
        return Group(name, language, "", "", pd.DataFrame(index=range(count)))

    few = [group(f"en {n}", "en", n) for n in range(1, 6)]
    many = [group(f"zh {n}", "zh", n % 5) for n in range(8)] + [group("reference", "zh", 0)]
    assert too_small_to_draw([*few, group("reference", "en", 0)]) == set()
    # Of as many utterances, who comes first.
    assert too_small_to_draw(few + many) == {("zh", "zh 0"), ("zh", "zh 5"), ("zh", "zh 6")}


@pytest.mark.parametrize(
    ("language", "a", "b", "found"),
    [
        ("zh", "large", "small", None),
        ("zh", "large", "larger", "a figure of 1"),
        ("zh", "large", None, "a figure of 1"),
        # Small in Chinese, large in English.
        ("zh-en", "small", "large", "a figure of 1"),
        ("zh-en", "smallest", "large", None),
        (None, "several", None, "a figure of 1"),
    ],
)
def test_a_pair_is_drawn_where_neither_is_small(language, a, b, found):
    study = SimpleNamespace(_undrawn={("zh", "small"), ("zh", "smallest"), ("en", "smallest")})
    table = pd.DataFrame({"language": [language], "a": [a], "b": [b]})
    assert Dataset.drawn(study, lambda table, word: f"{word} of {len(table)}", table, "a figure") == found


def test_every_language_that_a_corpus_may_hold_has_a_place():
    assert set(LANGUAGE_NAMES) == set(ACCEPTED["language"])


def test_stray_languages_are_not_compared_but_stay_counted():
    grouped = add_group(MEASURES, "vantage")
    kept = [(g.name, g.language) for g in main_groups(grouped)]
    # Texts without letters are in no language, however many they are.
    assert [language for name, language in kept if name == "chinese_viewer"] == ["zh"]
    counted = describe(grouped)
    assert counted["utterances"].sum() == len(MEASURES)
    strays = counted[(counted["group"] == "chinese_viewer") & counted["language"].isin(["en", "ko"])]
    assert strays["utterances"].tolist() == [3, 1]


@pytest.mark.parametrize(("count", "kept"), [(4, False), (5, True), (6, True)])
def test_one_in_twenty_is_no_stray(count, kept):
    rows = add_group(make(("vlogger", "zh", 100 - count), ("vlogger", "en", count)), "vantage")
    assert STRAY == 0.05
    assert (("en") in {g.language for g in main_groups(rows)}) == kept
    assert ("en" in main_languages(rows["language"])) == kept


def test_pairs_are_of_one_language():
    groups = main_groups(add_group(MEASURES, "vantage"))
    pairs = [(a.name, b.name, a.language) for a, b in lawful_pairs(groups)]
    assert pairs == [
        ("western_commenter", "vlogger", "en"),
        ("western_commenter", REFERENCE, "en"),
        ("chinese_viewer", "vlogger", "zh"),
        ("vlogger", REFERENCE, "en"),
    ]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["western_commenter", "chinese_viewer", "vlogger", None]),
            st.sampled_from(sorted(LANGUAGE_NAMES)),
            st.integers(1, 30),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_pair_ever_crosses_languages_and_each_stands_once(blocks):
    groups = main_groups(add_group(make(*blocks), "vantage"))
    pairs = list(lawful_pairs(groups))
    assert all(set(a.rows["language"]) == set(b.rows["language"]) == {a.language} for a, b in pairs)
    keys = [frozenset([(a.name, a.language), (b.name, b.language)]) for a, b in pairs]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 2 for key in keys)


def test_the_counts_are_those_of_a_recount():
    counted = describe(add_group(MEASURES, "vantage")).set_index(["group", "language"])
    row = counted.loc[("chinese_viewer", "zh")]
    # 89 utterances: 17 clusters of 5 and one of 4; every fifth has no thread, the rest are two to a thread.
    assert row["clusters"] == 18
    assert row["effective_clusters"] == pytest.approx(89**2 / (17 * 25 + 16))
    assert row["without_thread"] == 17
    threads = {i // 2 for i in range(89) if i % 5 != 4}
    assert row["threads"] == len(threads)
    assert row["collections"] == "chinese_viewer zh"


def test_what_a_group_stands_for():
    assert one_vantage(MEASURES[MEASURES["vantage"] == "vlogger"]) == "vlogger"
    assert one_vantage(MEASURES[MEASURES["vantage"].isna()]) == REFERENCE
    assert one_vantage(MEASURES) == "several"
    assert join_names(pd.Series(["b", "a", "b"])) == "a, b"
    assert join_names(pd.Series(list("edcba"))) == "a, b, c and 2 more"


def test_only_scored_rows_have_a_language_to_refuse():
    rows = MEASURES.assign(score=MEASURES["language"].map({"en": 0.5}))
    require_one_language("score", rows)
    require_one_language("score", rows, rows[rows["language"] == "zh"])
    with pytest.raises(CrossLanguageError, match="'score' in en and zh") as refused:
        require_one_language("score", rows.assign(score=rows["language"].map({"en": 0.5, "zh": 0.1})))
    for lawful in ("reference-centred", "linked", "human-anchored"):
        assert lawful in str(refused.value)


_UNIT = st.tuples(
    st.sampled_from(["t", "x:t", "u", "x:u", "named", "x:"]),
    st.sampled_from(["t", "u", None]),
    st.sampled_from(["x", None]),
    st.sampled_from(["t", "u", "x:t"]),
    st.sampled_from(["vlogger", "western_commenter", None]),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_UNIT, min_size=1, max_size=5))
def test_what_clusters_are_is_what_each_row_says(rows):
    def kind(cluster, thread, platform, utterance, vantage):
        if cluster in {thread or "", f"{platform or ''}:{thread or ''}"}:
            return "threads"
        return "utterances" if cluster == utterance else "accounts" if vantage == "vlogger" else "clusters"

    table = pd.DataFrame(rows, columns=["cluster_id", "thread_id", "platform", "utterance_id", "vantage"])
    kinds = {kind(*row) for row in rows}
    names = [name for name in ("threads", "accounts", "utterances") if name in kinds]
    assert cluster_noun(table) == ("clusters" if "clusters" in kinds else " and ".join(names))
    assert cluster_noun(table.convert_dtypes()) == cluster_noun(table)


@pytest.mark.parametrize("compare", ["platform", "year", "topic"])
def test_ordinary_talk_is_the_reference_whatever_is_compared(compare):
    values = {"platform": ["weibo", "x"], "year": pd.array([2024, 2025], dtype="Int64"), "topic": ["food", "army"]}[
        compare
    ]
    rows = pd.DataFrame({compare: pd.Series(values).take([0, 1, 0, 1, 0]).reset_index(drop=True)})
    rows["vantage"] = ["vlogger", "vlogger", None, None, "chinese_viewer"]
    a, b = (str(value) for value in values)
    assert add_group(rows, compare)["group"].tolist() == [a, b, REFERENCE, REFERENCE, a]
    # Where nobody has a vantage there is no ordinary talk to tell apart, and where only it has a value nothing else.
    assert add_group(rows.assign(vantage=None), compare)["group"].tolist() == [a, b, a, b, a]
    only = rows.assign(**{compare: rows[compare].where(rows["vantage"].isna())})
    assert add_group(only, compare)["group"].tolist() == ["not known", "not known", a, b, "not known"]


def test_ordinary_talk_takes_no_place_among_the_largest_groups():
    rows = pd.DataFrame({"platform": [f"p{i}" for i in range(10) for _ in range(i + 1)]})
    rows["vantage"] = ["vlogger" if name != "p9" else None for name in rows["platform"]]
    sizes = add_group(rows, "platform")["group"].value_counts().to_dict()
    assert sizes == {f"p{i}": i + 1 for i in range(9)} | {REFERENCE: 10}
