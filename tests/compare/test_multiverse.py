"""The multiverse: each specification equals the contrast that the ordinary functions make of the filtered rows."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from analysis.compare import across
from analysis.compare.choices import summarise
from analysis.compare.claim_contrasts import claim_contrast
from analysis.compare.claim_rules import parse_claims
from analysis.compare.claims import assess, explore_claims
from analysis.compare.clusters import make_side
from analysis.compare.concepts import prevalence_contrasts
from analysis.compare.contrasts import compare, compare_shares
from analysis.compare.correction import Pseudo
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import Group
from analysis.compare.jackknife import standard_error
from analysis.compare.links import add_linked, linked_contrast
from analysis.compare.multiverse import AXES, Contrast, explore
from analysis.compare.permutation import mean_test, permutation_p, share_test
from analysis.compare.statistics import make_scored, mean_difference
from analysis.compare.talk import Talk
from analysis.compare.tone import tone_contrasts
from analysis.compare.ways import Way
from analysis.errors import InputError
from analysis.measure.pairs import Link

NAMES = ["labmt", "nrcvad", "vader", "zh_rules", "emoji"]
LINKS = {
    "sd": Link("sd", 1.6, -3.0, 0.004, 0.1, -0.019, 3000),
    "ols": Link("ols", 1.2, -1.0, 0.004, 0.1, -0.019, 3000),
    "reverse": Link("reverse", 2.1, -5.0, 0.004, 0.1, -0.019, 3000),
}
WESTERN, CHINESE, VLOG = "vantage=western_commenter", "vantage=chinese_viewer", "vantage=vlogger"


def make_group(name, vantage, language, clusters, each, seed, *, tone=0.0, shares=None, **more):
    """Return utterances of one group, their scores around a tone, and their mentions by share."""
    rng = np.random.default_rng(seed)
    n = clusters * each
    cluster = np.repeat(np.arange(clusters), each)
    level = rng.normal(0, 0.3, clusters)[cluster]
    rows = pd.DataFrame(
        {
            "utterance_id": [f"{name}-{language}-{i}" for i in range(n)],
            "collection": f"Collection {name}",
            "cluster_id": [f"{name} {i:02}" for i in cluster],
            "thread_id": [f"{name} {i:02}" for i in cluster],
            "vantage": vantage,
            "origin": None,
            "platform": "x",
            "kind": "comment",
            "language": language,
            "evidence": "verbatim",
            "year": 2025,
            "likes": pd.array(rng.integers(0, 9, n), dtype="Int64"),
        }
    ).assign(**more)
    reads = {"vader": ("en",), "zh_rules": ("zh",)}
    for instrument in [*NAMES, "labmt_linked"]:
        score = tone + level + rng.normal(0, 1, n)
        scored = (rng.random(n) < 0.9) & (language in reads.get(instrument, (language,)))
        rows[instrument] = np.where(scored, score, np.nan)
        rows[f"{instrument}_unmasked"] = rows[instrument] + rng.normal(0, 0.1, n)
    mentions = []
    for concept, share in (shares or {}).items():
        hit = rng.random(n) < np.clip(share + 0.1 * level * share, 0, 1)
        near = tone + level[hit] + rng.normal(0, 1, hit.sum())
        mentions.append(pd.DataFrame({"utterance_id": rows["utterance_id"][hit], "concept": concept, "tone": near}))
    return rows, pd.concat(mentions) if mentions else pd.DataFrame(columns=["utterance_id", "concept", "tone"])


class Inputs(NamedTuple):
    """What claims are held against, and the masked rows with their levels for the oracles."""

    talk: Talk
    mentions: pd.DataFrame
    masked: pd.DataFrame
    levels: dict
    concepts: tuple = ("staged", "commerce", "ordinary life", "surveillance", "freedom")


def inputs(*parts, background=True, links=LINKS, instruments=NAMES, **more):
    """Make a talk of groups, with the levels of reference collections and of ordinary language."""
    measures = pd.concat([rows for rows, _ in parts], ignore_index=True)
    measures = measures.assign(kept=True, boilerplate=False, copy_of=-1)
    mentions = pd.concat([found for _, found in parts], ignore_index=True)
    known = dict.fromkeys(("en", "zh"), across.Level(0.1, 1.5)) if background else {}
    ways = []
    for name in instruments:
        for mark, ending in (("yes", ""), ("no", "_unmasked")) if name != "emoji" else (("", ""),):
            linked = measures[f"labmt_linked{ending}"].to_numpy() if name == "labmt" and links else None
            score = measures[f"{name}{ending}"].to_numpy()
            ways.append(Way(name, score, "", mark, "", linked, known if name == "labmt" else {}))
    masked = add_linked(measures, LINKS)
    levels = across.reference_levels(masked, tuple(NAMES))
    levels |= {("ordinary language", "labmt", code): level for code, level in known.items()}
    return Inputs(Talk(measures, lambda: ways, links, **more), mentions, masked, levels)


def claim(measure="overall tone", concept="", a=WESTERN, b=VLOG, direction="higher", **more):
    smallest = "0.2 sd" if "tone" in measure else "5 points"
    row = {"id": "1", "claim": "Text.", "document": "000", "measure": measure, "concept": concept}
    row |= {"a_name": "those", "a": a, "b_name": "these", "b": b, "direction": direction, "smallest": smallest}
    return parse_claims([{**row, "source": "Seeds", "needs": "More.", **more}])[0]


def run(asked, where, draws=199):
    """Return the specifications of a claim, p of the joint test, and what bars it."""
    contrast, barred = claim_contrast(asked, where.talk, where.mentions, where.concepts)
    if contrast is None:
        return pd.DataFrame(), float("nan"), barred
    return (*explore(contrast, where.talk, np.random.default_rng(1), draws), barred)


def hold(asked, where, draws=199):
    explored = explore_claims(asked, where.talk, where.mentions, where.concepts, np.random.default_rng(1), draws)
    return assess(explored, where.talk.rows[where.talk.rows["kept"]], draws)


NOTHING = pd.DataFrame(columns=["utterance_id", "concept", "tone"])
ENGLISH = (
    make_group("w", "western_commenter", "en", 14, 9, 1, tone=-0.5, shares={"staged": 0.4, "ordinary life": 0.2}),
    make_group("v", "vlogger", "en", 12, 9, 2, shares={"staged": 0.1, "ordinary life": 0.5}),
)
BOTH = (
    make_group("w", "western_commenter", "en", 14, 9, 1, tone=-0.5),
    make_group("c", "chinese_viewer", "zh", 12, 9, 3),
    make_group("re", None, "en", 15, 9, 4, tone=0.3),
    make_group("rz", None, "zh", 15, 9, 5, tone=-0.2),
)


def uneven(*parts):
    """Take every third utterance out of some clusters, so that a mean of clusters is another mean."""
    return [(rows[(rows.index % 3 > 0) | (rows["cluster_id"].str[-1] > "4")], found) for rows, found in parts]


# Each specification is the contrast that a notebook shows -------------------------------------------------------------


@pytest.mark.parametrize("weighting", ["utterance", "cluster", "likes"])
def test_prevalence_is_that_of_notebook_04(weighting):
    where = inputs(*uneven(*ENGLISH))
    table, p, barred = run(claim("prevalence", "staged"), where)
    assert (barred, len(table), table["counted"].all()) == ("", 3, True)
    assert table.loc[table["headline"], "weighting"].tolist() == ["utterance"]
    flagged = flag_concepts(where.talk.rows.assign(group=where.talk.rows["vantage"]), where.mentions, ["staged"])
    expected = prevalence_contrasts(flagged, ["staged"], weighting).iloc[0]
    row = table[table["weighting"] == weighting].iloc[0]
    for name, scale in (("effect", 1), ("ci_low", 100), ("ci_high", 100), ("g_a", 1), ("n_b", 1), ("df", 1)):
        source = {"ci_low": "ci_low", "ci_high": "ci_high"}.get(name, name)
        assert row[name] == pytest.approx(expected[source] * scale), name
    assert row["low_90"] > row["ci_low"]
    assert p <= 0.05


def test_co_mention_is_the_share_that_mentions_both():
    where = inputs(*ENGLISH)
    table, _, _ = run(claim("co-mention", "ordinary life + staged"), where)
    ids = where.mentions.groupby("concept")["utterance_id"].agg(set)
    both = ids["ordinary life"] & ids["staged"]
    share = where.talk.rows["utterance_id"].isin(both).groupby(where.talk.rows["vantage"]).mean()
    head = table[table["headline"]].iloc[0]
    assert head["effect"] == pytest.approx(100 * (share["western_commenter"] - share["vlogger"]))


def test_tone_within_a_language_is_that_of_notebook_02():
    where = inputs(*ENGLISH)
    table, _, _ = run(claim(), where)
    assert set(table["view"]) == {"direct"}
    # Four instruments are read in English; three of them have an unmasked twin.
    assert len(table) == (4 + 3) * 3
    rows = where.talk.rows.assign(group=where.talk.rows["vantage"])
    neutral = dict.fromkeys([(name, "en") for name in NAMES], (-0.3, 0.3))
    shown = tone_contrasts(rows, neutral, np.random.default_rng(1), "utterance", 99)
    shown = shown[shown["statistic"] == "mean"].set_index(["instrument", "weighting"])
    masked = table[table["masked"].isin(["yes", ""])]
    assert len(masked) == len(shown) == 12
    for row in masked.to_dict("records"):
        expected = shown.loc[(row["instrument"], row["weighting"])]
        assert row["effect"] == pytest.approx(expected["effect"])
        assert row["ci_low"] * expected["estimate"] / expected["effect"] == pytest.approx(expected["ci_low"])
    head = table[table["headline"]]
    assert head[["instrument", "masked", "weighting"]].to_numpy().tolist() == [["labmt", "yes", "utterance"]]


@pytest.mark.parametrize("sides", [ENGLISH, BOTH])
def test_the_other_choice_of_laughter_is_a_fork_of_what_can_laugh_and_never_the_headline(sides):
    where = inputs(*sides)
    first = where.talk.ways[0]
    apart = [replace(first, laughter="apart"), *where.talk.ways[1:]]
    score = replace(first, laughter="score", score=first.score + 0.3, linked=first.linked + 0.3)
    claimed = claim() if sides is ENGLISH else claim(a=CHINESE, b=WESTERN)
    before, after, same = (
        run(claimed, where._replace(talk=replace(where.talk, score=lambda ways=ways: ways)))[0]
        for ways in (apart, [*apart, score], [*apart, replace(apart[0], laughter="score")])
    )
    fork = after[after["laughter"] == "score"]
    assert len(fork) == len(after) - len(before) > 0
    assert set(fork["instrument"]) == {"labmt"}
    assert set(fork["masked"]) == {"yes"}
    assert not fork["headline"].any()
    head = [table.loc[table["headline"], "estimate"].tolist() for table in (before, after)]
    assert head[0] == head[1]
    # Where nobody laughs, laughter is no choice.
    pd.testing.assert_frame_equal(same, before)


def test_tone_across_languages_is_that_of_notebook_02():
    where = inputs(*BOTH)
    table, _, barred = run(claim(a=CHINESE, b=WESTERN), where)
    assert barred == ""
    assert set(table["view"]) == {"reference collection", "ordinary language", *(f"linked by {link}" for link in LINKS)}
    assert table.loc[table["headline"], "view"].tolist() == ["reference collection"]
    rows, levels = where.masked, where.levels
    zh, en = (
        Group(name, language, name, "", rows[rows["vantage"] == name])
        for name, language in (("chinese_viewer", "zh"), ("western_commenter", "en"))
    )
    assert set(table["weighting"]) == {"utterance", "cluster", "likes"}
    for row in table[table["masked"] != "no"].to_dict("records"):
        weighting = row["weighting"]
        if row["view"].startswith("linked"):
            link = LINKS[row["view"].removeprefix("linked by ")]
            expected = linked_contrast(zh.rows, en.rows, link, weighting=weighting)
        else:
            views = across.lawful_views("zh", "en", levels)
            (view,) = [one for one in views if (one.basis, one.name) == (row["view"], row["instrument"])]
            expected = across.centred_contrast(zh, en, view, levels, weighting)
        for name in ("estimate", "se", "df", "effect", "g_a", "g_b", "note"):
            wanted = expected[name] if name == "note" else pytest.approx(expected[name], rel=1e-9)
            assert row[name] == wanted, (row["view"], row["instrument"], name)


def test_the_headline_across_languages_has_the_gap_of_aligned_lines_as_far_as_its_sides_differ_in_language():
    lines = pd.concat([make_group("line", "x", language, 40, 2, 8 + i)[0] for i, language in enumerate(("en", "zh"))])
    lines.loc[lines["language"] == "zh", "labmt"] += 0.7
    few = {"links": {}, "instruments": ["labmt"]}
    where = inputs(*BOTH, make_group("u", "vlogger", "en", 12, 9, 7), make_group("v", "vlogger", "zh", 12, 9, 6), **few)
    where = where._replace(talk=replace(where.talk, aligned=lines))
    levels = {key: level._replace(rows=None) for key, level in where.levels.items()}
    zh, en = (Group(c, c, "", "", lines[lines["language"] == c]) for c in ("zh", "en"))
    view = across.View("reference collection", "labmt", ("labmt", "labmt"))
    expected = across.centred_contrast(zh, en, view, levels)
    for sides, factor in (({"a": CHINESE, "b": WESTERN}, 1.0), ({"a": WESTERN, "b": CHINESE}, -1.0)):
        table = run(claim(**sides), where)[0]
        head = table[table["headline"]].iloc[0]
        ends = sorted(factor * expected[end] for end in ("ci_low", "ci_high"))
        assert [head["gap_low"], head["gap_high"]] == pytest.approx(ends)
    table = run(claim(), where)[0]
    rows = where.talk.rows[(where.talk.rows["vantage"] == "vlogger") & where.talk.rows["labmt"].notna()]
    share = (rows["language"] == "zh").mean()
    head = table[table["headline"]].iloc[0]
    assert head["gap_low"] == pytest.approx(-share * expected["ci_high"])
    assert not table.loc[~table["headline"] & (table["masked"] == "no"), ["gap_low", "gap_high"]].any(axis=None)


def test_without_reference_collections_ordinary_language_is_the_headline():
    table, _, _ = run(claim(a=CHINESE, b=WESTERN), inputs(*BOTH[:2], instruments=["labmt"]))
    assert table.loc[table["headline"], "view"].tolist() == ["ordinary language"]


def test_a_side_in_two_languages_is_measured_from_both_references():
    mixed = make_group("v", "vlogger", "zh", 12, 9, 6, tone=1.0)
    few = {"links": {}, "instruments": ["labmt"]}
    where = inputs(*BOTH, make_group("u", "vlogger", "en", 11, 9, 7), mixed, **few)
    table, _, _ = run(claim(), where)
    rows = where.masked
    value = pd.Series(np.nan, index=rows.index)
    for language in ("en", "zh"):
        reference = rows[rows["vantage"].isna() & (rows["language"] == language)]["labmt"]
        value = value.where(rows["language"] != language, (rows["labmt"] - reference.mean()) / reference.std())
    means = value.groupby(rows["vantage"]).mean()
    head = table[table["headline"]].iloc[0]
    assert head["view"] == "reference collection"
    assert head["effect"] == pytest.approx(means["western_commenter"] - means["vlogger"])
    # English weighs 1 on the one side and under 1 on the other: its reference cancels in part, the Chinese not at all.
    vloggers = rows[(rows["vantage"] == "vlogger") & rows["labmt"].notna()]
    share = (vloggers["language"] == "zh").mean()
    sides = [
        make_side(value[rows["vantage"] == name], rows.loc[rows["vantage"] == name, "cluster_id"])
        for name in ("western_commenter", "vlogger")
    ]
    references = []
    for language in ("en", "zh"):
        found = rows[rows["vantage"].isna() & (rows["language"] == language)]
        references.append(make_side(found["labmt"] / found["labmt"].std(), found["cluster_id"]))
    terms = [(1.0, sides[0]), (-1.0, sides[1]), (-share, references[0]), (share, references[1])]
    se, df = standard_error(terms)
    assert (head["se"], head["df"]) == pytest.approx((se, df))


def test_tone_around_a_concept_is_the_mean_around_an_utterances_mentions():
    shares = {"freedom": 0.6}
    where = inputs(
        make_group("w", "western_commenter", "en", 14, 9, 1, tone=-0.8, shares=shares),
        make_group("v", "vlogger", "en", 12, 9, 2, shares=shares),
    )
    again = where.mentions.assign(tone=where.mentions["tone"] + 1.0)
    where = where._replace(mentions=pd.concat([where.mentions, again], ignore_index=True))
    table, _, barred = run(claim("tone around a concept", "freedom", direction="lower"), where)
    assert (barred, set(table["instrument"]), set(table["masked"]), len(table)) == ("", {"labmt"}, {"yes"}, 3)
    tone = where.mentions.groupby("utterance_id")["tone"].mean()
    vantage = where.talk.rows.set_index("utterance_id")["vantage"].reindex(tone.index)
    means = tone.groupby(vantage).mean()
    head = table[table["headline"]].iloc[0]
    assert head["estimate"] == pytest.approx(means["western_commenter"] - means["vlogger"])
    assert head["n_a"] == (vantage == "western_commenter").sum()


def test_evidence_is_a_fork_where_it_differs_and_paraphrases_have_no_tone():
    told = make_group("v", "vlogger", "en", 12, 9, 2, shares={"staged": 0.2})
    told[0].loc[told[0].index % 3 == 0, "evidence"] = "paraphrase"
    where = inputs(ENGLISH[0], told)
    table, _, _ = run(claim("prevalence", "staged"), where)
    assert table.groupby("evidence")["n_b"].first().to_dict() == {"all allowed": 108, "verbatim": 72}
    assert table.loc[table["headline"], "evidence"].tolist() == ["all allowed"]
    tone, _, _ = run(claim(), where)
    assert set(tone["evidence"]) == {"all allowed"}
    assert tone["n_b"].max() <= 72


# Every combination ----------------------------------------------------------------------------------------------------


def forked(*parts, **more):
    """Make a talk in which every choice of whom to count makes a difference."""
    where = inputs(*parts, count=lambda: np.zeros(0), **more)
    rows, rng = where.talk.rows, np.random.default_rng(5)
    rows["boilerplate"] = rng.random(len(rows)) < 0.1
    rows["copy_of"] = np.where(rng.random(len(rows)) < 0.2, rng.integers(0, 30, len(rows)), -1)
    rows["evidence"] = np.where(rng.random(len(rows)) < 0.2, "translated", "verbatim")
    rows["kept"] = ~rows["boilerplate"]
    tokens = rng.integers(0, 30, len(rows))
    talk = replace(where.talk, count=lambda: tokens)
    return where._replace(talk=talk, masked=where.masked.assign(**rows[["boilerplate", "copy_of", "evidence"]])), tokens


#: The English reference stands in the threads of the English side, so that its part of the error is no sum.
SHARING = (
    *BOTH[:2],
    (BOTH[2][0].assign(cluster_id=BOTH[2][0]["cluster_id"].str.replace("re ", "w ")), NOTHING),
    BOTH[3],
)


def oracle(row, where, tokens, sides):
    """Return the ordinary contrast of the rows that a specification says, filtered as anybody would."""
    rows = where.masked.assign(tokens=tokens)
    rows["labmt_linked"] = rows["labmt_linked" if row["masked"] == "yes" else "labmt_linked_unmasked"]
    if row["masked"] == "no":
        rows = rows.assign(**{name: rows[f"{name}_unmasked"] for name in NAMES[:-1]})
    if row["evidence"] == "verbatim":
        rows = rows[rows["evidence"] == "verbatim"]
    if row["boilerplate"] == "drop":
        rows = rows[~rows["boilerplate"]]
    if row["duplicates"] == "first":
        rows = rows[(rows["copy_of"] < 0) | ~rows["copy_of"].duplicated()]
    if row["length"] != "any":
        rows = rows[rows["tokens"] >= 5]
    rows = add_linked(rows, LINKS)
    a, b = (rows[rows["vantage"] == side] for side in sides)
    a, b = (Group(part["vantage"].iloc[0], part["language"].iloc[0], "", "", part) for part in (a, b))
    if row["view"] == "direct":
        statistic = mean_difference(*(make_scored(g.rows, row["instrument"], row["weighting"]) for g in (a, b)))
        return compare("x", "a", statistic.sides[0], "b", statistic.sides[1], unit=statistic.unit, unit_name="sd")
    if row["view"].startswith("linked"):
        return linked_contrast(a.rows, b.rows, LINKS[row["view"][10:]], weighting=row["weighting"])
    levels = across.reference_levels(rows, tuple(NAMES)) | {
        ("ordinary language", "labmt", code): across.Level(0.1, 1.5) for code in ("en", "zh")
    }
    views = across.lawful_views("zh", "en", levels)
    (view,) = [one for one in views if (one.basis, one.name) == (row["view"], row["instrument"])]
    return across.centred_contrast(a, b, view, levels, row["weighting"])


@pytest.mark.parametrize(
    ("parts", "vantages", "number"),
    [
        # Unequal groups: 40 clusters against 12. labMT unmasked too, emoji.
        ((make_group("w", "western_commenter", "en", 40, 9, 1), ENGLISH[1]), ("western_commenter", "vlogger"), 3),
        # labMT by five views, unmasked too; emoji by references.
        (SHARING, ("chinese_viewer", "western_commenter"), 5 * 2 + 1),
    ],
)
def test_every_combination_is_the_contrast_of_the_rows_that_it_says(parts, vantages, number):
    where, tokens = forked(*parts, instruments=["labmt", "emoji"])
    table, p, _ = run(claim(a=f"vantage={vantages[0]}", b=f"vantage={vantages[1]}"), where, 19)
    # Three weightings; two of evidence, of boilerplate, of copies and of length.
    assert len(table) == number * 3 * 2**4
    assert not table.duplicated([*AXES]).any()
    assert (table["headline"].sum(), p <= 1) == (1, True)
    head = table[table["headline"]].iloc[0]
    choices = ["evidence", "boilerplate", "duplicates", "length", "weighting", "instrument", "masked"]
    assert head[choices].tolist() == ["all allowed", "drop", "keep", "any", "utterance", "labmt", "yes"]
    for row in table.iloc[::17].to_dict("records"):
        expected = oracle(row, where, tokens, vantages)
        for name in ("estimate", "se", "df", "effect", "n_a", "n_b", "clusters_a", "clusters_b", "g_a", "g_b"):
            assert row[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-12), (row, name)
        unit = expected["estimate"] / expected["effect"]
        assert row["ci_low"] == pytest.approx(expected["ci_low"] / unit, rel=1e-9)
        assert row["counted"] == (not np.isnan(expected["p"]))


def test_choices_that_make_no_difference_are_one_specification():
    where = inputs(*ENGLISH, instruments=["labmt"], count=lambda: np.full(234, 9))
    assert len(run(claim(), where)[0]) == 2 * 3
    alike = [where.talk.ways[0], replace(where.talk.ways[1], score=where.talk.ways[0].score)]
    one = where._replace(talk=replace(where.talk, score=lambda: alike))
    table = run(claim(), one)[0]
    assert set(table["masked"]) == {"yes"}
    # A like each is every comment alike.
    liked = where.talk.rows.assign(likes=pd.array(np.full(len(where.talk.rows), 2), dtype="Int64"))
    liked = where._replace(talk=replace(where.talk, rows=liked))
    assert set(run(claim(), liked)[0]["weighting"]) == {"utterance", "cluster"}


def test_a_multiverse_worked_by_hand():
    a, b = make_group("w", "western_commenter", "en", 6, 2, 1)[0], make_group("v", "vlogger", "en", 6, 2, 2)[0]
    a, b = a.drop(index=0), b.drop(index=[0, 1, 2])
    a["labmt"], b["labmt"] = np.arange(11.0), np.arange(9.0) * 2
    a["likes"], b["likes"] = pd.array([0, 5, *[0] * 8, 5], dtype="Int64"), pd.array([1] * 9, dtype="Int64")
    where = inputs((a, NOTHING), (b, NOTHING), instruments=["labmt"])
    table = run(claim(), where._replace(talk=replace(where.talk, score=lambda: where.talk.ways[:1])))[0]
    found = table.set_index("weighting")
    # Means of all: 5 and 8. Of clusters: (0 + 1.5 + 3.5 + 5.5 + 7.5 + 9.5) / 6 and (0 + 3 + 7 + 11 + 15) / 5.
    # By likes: (5 * 1 + 5 * 10) / 10, and b as all.
    means = {"utterance": 5 - 8, "cluster": 27.5 / 6 - 36 / 5, "likes": 5.5 - 8}
    assert found["estimate"].to_dict() == pytest.approx(means)
    assert found["n_a"].to_dict() == {"utterance": 11, "cluster": 11, "likes": 11}
    # Of b's five clusters 81 / 17 are effective where one is smaller, 5 where all weigh alike: an interval, and no p.
    assert found["g_b"].to_dict() == pytest.approx({"utterance": 81 / 17, "cluster": 5.0, "likes": 81 / 17})
    assert found["counted"].tolist() == [False, False, False]
    assert found["ci_low"].notna().to_dict() == {"utterance": False, "cluster": True, "likes": False}
    none, no_p = "too few clusters: no interval, no p", "too few clusters: no p"
    assert found["note"].to_dict() == {"utterance": none, "cluster": no_p, "likes": none}
    sums = summarise(table).iloc[0]
    assert sums[["specifications", "drawn", "gaps", "same_sign"]].tolist() == [3, 1, 2, 1]


def test_what_cannot_be_computed_is_a_row_that_says_why():
    where = inputs(*ENGLISH)
    where.talk.rows["likes"] = pd.array([pd.NA] * len(where.talk.rows), dtype="Int64")
    ways = [*where.talk.ways, Way("vader", None, "", "no", "score", why="not measured together")]
    lost = where.talk.ways[0].score.copy()
    lost[where.talk.rows["vantage"] == "vlogger"] = np.nan
    ways.append(Way("column:half", lost))
    table, p, _ = run(claim(), where._replace(talk=replace(where.talk, score=lambda: ways)))
    gaps = table[~table["counted"]]
    assert gaps["ci_low"].isna().all()
    told = gaps.groupby("instrument")["note"].agg(set).to_dict()
    assert told.pop("vader") == {"not measured together", "no likes are known"}
    assert told.pop("column:half") == {"nothing to measure"}
    assert set(map(frozenset, told.values())) == {frozenset({"no likes are known"})}
    assert 0 < p <= 1


def test_a_column_has_no_view_across_languages_unless_codes_make_it_mean_the_same_in_both():
    where = inputs(*BOTH)
    score, each = np.nan_to_num(where.talk.ways[0].score) + 1.0, np.ones(len(where.talk.rows))
    for coded, views in ((None, {""}), (Pseudo(score, score, each, share=False, unit=2.0), {"human codes"})):
        ways = [*where.talk.ways, Way("corrected", score, coded=coded)]
        table = run(claim(a=CHINESE, b=WESTERN), where._replace(talk=replace(where.talk, score=lambda w=ways: w)))[0]
        mine = table[table["instrument"] == "corrected"]
        assert set(mine["view"]) == views
        assert mine["counted"].any() == (coded is not None)
    by = where.talk.rows.assign(score=score).groupby("vantage")["score"].mean()
    first = mine[mine["weighting"] == "utterance"].iloc[0]
    assert first["estimate"] == pytest.approx(by["chinese_viewer"] - by["western_commenter"])
    # In standard deviations of the codes, not of pseudo-outcomes, which are many times as far apart.
    assert first["effect"] == pytest.approx(first["estimate"] / 2.0)


def test_a_fabricated_column_among_ten_prompt_variants_is_exposed():
    where, rng = inputs(*ENGLISH, instruments=["labmt"]), np.random.default_rng(9)
    rows = where.talk.rows
    truth = rows["labmt"].fillna(0).to_numpy()
    variants = [truth + rng.normal(0, 0.5, len(rows)) for _ in range(10)]
    # Prompted to find what was hoped for: the fifth one turns the sides round.
    variants[4] = variants[4] + 2.0 * (rows["vantage"] == "western_commenter")
    ways = [*where.talk.ways, *(Way(f"column:prompt {i}", score) for i, score in enumerate(variants))]
    talk = replace(where.talk, score=lambda: ways)
    sides = tuple((rows["vantage"] == v).to_numpy() for v in ("western_commenter", "vlogger"))
    table, p = explore(Contrast("tone_en", "tone", ("a", "b"), sides), talk, np.random.default_rng(1), 199)
    sums = summarise(table, p)
    apart = sums.loc[sums["apart"] == "yes", ["axis", "choice"]]
    assert apart.to_numpy().tolist() == [["instrument", "column:prompt 4"]]
    assert sums.loc[sums["axis"] != "", "axis"].iloc[0] == "instrument"
    # It does not carry the result: nine others and labMT do.
    assert sums.iloc[0]["median"] < 0
    assert sums.loc[sums["choice"] == "column:prompt 4", "same_sign"].iloc[0] == 0
    # Without it none stands apart.
    honest = summarise(table[table["instrument"] != "column:prompt 4"], p)
    assert (honest["apart"] == "").all()


# What bars a claim ----------------------------------------------------------------------------------------------------


def test_what_a_claim_was_drawn_from_cannot_test_it_but_the_rest_can():
    seeds = tuple((rows.assign(collection="Seeds"), found) for rows, found in ENGLISH)
    table, p, barred = run(claim("prevalence", "staged"), inputs(*seeds))
    assert (len(table), barred) == (0, "source of the claim")
    assert np.isnan(p)
    assert run(claim("prevalence", "staged"), inputs(seeds[0], ENGLISH[1]))[2] == "source of the claim"
    # An unknown concept or an absent side does not hide it.
    assert run(claim("prevalence", "unheard"), inputs(*seeds))[2] == "source of the claim"
    more = make_group("s", "vlogger", "en", 3, 9, 7, shares={"staged": 1.0}, collection="Seeds")
    with_seeds = run(claim("prevalence", "staged"), inputs(*ENGLISH, more))[0]
    pd.testing.assert_frame_equal(with_seeds, run(claim("prevalence", "staged"), inputs(*ENGLISH))[0])
    # Nor do its collection, or what its clusters are, stand for a side.
    (verdict,) = hold([claim("prevalence", "staged")], inputs(*ENGLISH, more), 19)[0].to_dict("records")
    assert [verdict[f"collections_{side}"] for side in "ab"] == ["Collection w", "Collection v"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (claim("prevalence", "staged", b=CHINESE), "no utterances of these"),
        (claim("prevalence", "staged", a=CHINESE, b=f"{VLOG} + year=2013"), "no utterances of those nor of these"),
        (claim("prevalence", "weather"), "the codebook has no concept 'weather'"),
        (claim("prevalence", "commerce"), "no utterance here mentions commerce"),
        (claim("co-mention", "commerce + staged"), "no utterance here mentions commerce and staged"),
        (claim("tone around a concept", "freedom"), "too few scored mentions (0 in 0 clusters and 0 in 0 clusters"),
    ],
)
def test_why_a_claim_cannot_be_tested_is_said(asked, why):
    table, p, barred = run(asked, inputs(*ENGLISH))
    assert barred.startswith(why)
    assert table.empty
    assert np.isnan(p)


def test_too_few_scored_mentions_on_one_side_are_counted_out():
    where = inputs(*ENGLISH)
    rows = where.mentions[where.mentions["concept"] == "staged"].merge(where.talk.rows, on="utterance_id")
    a, b = (rows[rows["vantage"] == vantage] for vantage in ("western_commenter", "vlogger"))
    assert len(a) >= 30 > len(b)
    told = " and ".join(f"{len(side)} in {side['cluster_id'].nunique()} clusters" for side in (a, b))
    why = f"too few scored mentions ({told}; 30 in 10 a side are needed)"
    assert run(claim("tone around a concept", "staged"), where)[2] == why


def test_two_languages_without_any_level_have_no_lawful_view():
    asked, few = claim(a=CHINESE, b=WESTERN), {"background": False, "instruments": ["labmt"]}
    linked = run(asked, inputs(*BOTH[:2], **few))[0]
    assert set(linked["view"]) == {f"linked by {link}" for link in LINKS}
    assert not linked["headline"].any()
    none = inputs(*BOTH[:2], links={}, **few)
    verdicts, _ = hold([asked], none)
    assert verdicts["reason"].tolist() == ["no common scale for the two sides"]
    assert run(asked, none)[0]["note"].tolist() == ["no common scale for the two sides"]


def test_vloggers_without_an_origin_are_counted_where_a_side_lacks_them():
    asked = claim("prevalence", "staged", a=f"{VLOG} + origin=western", b=WESTERN)
    known, mentions = ENGLISH[1]
    unknown = known.assign(origin=None), mentions
    n = len(known)
    said = f"no utterances of those; {n} utterances of vloggers without an origin (vantage retag --origin)"
    assert run(asked, inputs(ENGLISH[0], unknown))[2] == said
    assert run(asked, inputs(ENGLISH[0], (known.assign(origin="chinese"), mentions)))[2] == "no utterances of those"


def test_an_utterance_on_both_sides_is_an_error():
    with pytest.raises(InputError, match="claim 1: an utterance is on both sides"):
        run(claim("prevalence", "staged", b=f"{VLOG} | {WESTERN}"), inputs(*ENGLISH))


# The whole ------------------------------------------------------------------------------------------------------------


def test_planted_truths_get_their_verdicts_with_holm_over_those_that_were_tested():
    shares = {"w": 0.4, "v": 0.1}, {"w": 0.1, "v": 0.4}, {"w": 0.14, "v": 0.13}, {"w": 0.2, "v": 0.2}
    names = ("staged", "commerce", "ordinary life", "surveillance")
    parts = [
        make_group(key, vantage, "en", 25, 20, seed, shares={c: s[key] for c, s in zip(names, shares, strict=True)})
        for key, vantage, seed in (("w", "western_commenter", 11), ("v", "vlogger", 12))
    ]
    asked = [claim("prevalence", name) for name in names]
    asked = [one._replace(number=str(i)) for i, one in enumerate([*asked, claim("prevalence", "freedom", b=CHINESE)])]
    verdicts, every = hold(asked, inputs(*parts), 499)
    assert verdicts["verdict"].tolist() == ["supported", "contradicted", "negligible", "undecided", "untestable"]
    assert verdicts["p"].notna().tolist() == [True] * 4 + [False]
    assert verdicts["p_holm"].iloc[0] == pytest.approx(4 * verdicts["p"].iloc[0])
    assert (verdicts["specifications"].tolist(), len(every)) == ([2, 2, 2, 2, 0], 8)
    assert verdicts["reason"].iloc[4] == "no utterances of these"
    # Clusters of one size: the mean of their shares is the share, and Welch's t knows which ones differ.
    for name, row in zip(names, verdicts.iloc[:4].itertuples(), strict=True):
        said = [
            rows["utterance_id"]
            .isin(mentions.loc[mentions["concept"] == name, "utterance_id"])
            .groupby(rows["cluster_id"])
            .mean()
            for rows, mentions in parts
        ]
        welch = ttest_ind(*said, equal_var=False)
        assert (row.p < 0.05) == (welch.pvalue < 0.05), name
        ends = np.multiply(100, welch.confidence_interval())
        np.testing.assert_allclose((row.ci_low, row.ci_high), ends, atol=1.0, err_msg=name)
    # With so few draws no p can be low enough, which is no finding of the test.
    few, _ = hold(asked, inputs(*parts), 19)
    assert few["verdict"].iloc[0] == "undecided"
    assert few["reason"].iloc[0] == "19 draws are too few for the joint test"
    # One test of 19 draws has .05 as its least p, of 20 a smaller one.
    for draws, bare in ((19, False), (20, True)):
        one, _ = hold(asked[3:4], inputs(*parts), draws)
        assert one["reason"].iloc[0].endswith("the joint test finds nothing") == bare
    # What one claim gets does not depend on the claims after it.
    alone, _ = hold(asked[:1], inputs(*parts), 499)
    assert alone["p"].iloc[0] == verdicts["p"].iloc[0]
    assert alone["p_holm"].iloc[0] == alone["p"].iloc[0]


def test_a_level_is_of_its_way_even_where_another_stood_before():
    where = inputs(
        make_group("w", "western_commenter", "en", 12, 5, 1), make_group("r", None, "en", 12, 5, 2, tone=3.0)
    )
    score, first = where.talk.ways[0].score, where.talk.filters[0]
    one = Way("mine", score)
    level, _ = where.talk.level(one, first, "en")
    place = id(one)
    del one
    # Memory is given out again.
    others = [Way("another", 10 * score) for _ in range(50)]
    other = next((way for way in others if id(way) == place), others[0])
    found, _ = where.talk.level(other, first, "en")
    assert found.mean == pytest.approx(10 * level.mean)
    # Tone around a concept is measured from the tone of all that the references say.
    around = Way("around", np.full(len(score), np.nan), level=score)
    assert where.talk.level(around, first, "en")[0] == level


@pytest.mark.parametrize(
    ("measure", "concept", "western", "vloggers", "truth", "seed"),
    [
        ("prevalence", "staged", (14, 4), (60, 9), {"tone": 0.25, "shares": {"staged": 0.06}}, 46),
        ("overall tone", "", (12, 3), (40, 3), {"tone": 0.4}, 864),
    ],
)
def test_a_headline_says_no_more_than_the_permutation_of_its_clusters(measure, concept, western, vloggers, truth, seed):
    # Few clusters against many: the interval alone excludes 0, permuting the clusters does not find it.
    parts = make_group("w", "western_commenter", "en", *western, seed, **truth)
    others = make_group("v", "vlogger", "en", *vloggers, seed + 1, shares={"staged": 0.02})
    where = inputs(parts, others, instruments=["labmt"])
    rows, asked = where.talk.rows, claim(measure, concept)
    contrast, _ = claim_contrast(asked, where.talk, where.mentions, where.concepts)
    value = rows["labmt"] if contrast.value is None else pd.Series(contrast.value)
    a, b = (make_side(value[side], rows["cluster_id"][side]) for side in contrast.sides)
    rare = measure == "prevalence"
    alone = (compare_shares if rare else compare)(measure, "a", a, "b", b)
    assert alone["ci_low"] > 0
    assert alone["p"] < 0.05
    assert permutation_p([(share_test if rare else mean_test)(a, b)], 9999, np.random.default_rng(2))[0] > 0.05
    verdicts, table = hold([asked], where, draws=1999)
    head = table[table["headline"]].iloc[0]
    assert head["ci_low"] <= 0 < head["low_90"] < head["effect"]
    assert (verdicts["verdict"][0], head["counted"]) == ("undecided", True)
    assert "the interval is compatible with no difference" in verdicts["reason"][0]
