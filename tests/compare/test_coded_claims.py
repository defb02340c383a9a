"""Claims that human codes correct: the estimator by hand, the gaps, the joint test, and worlds whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from coded_study import make_study
from coded_world import World, specifications

from analysis.compare.choices import summarise
from analysis.compare.claim_contrasts import claim_contrast
from analysis.compare.claim_rules import parse_claims
from analysis.compare.claims import _by_codes, assess, explore_claims
from analysis.compare.coded_scores import CORRECTED, coded_concept, coded_scores
from analysis.compare.corrected import (
    corrected_around,
    corrected_contrasts,
    corrected_mentions,
    corrected_prevalence,
    corrected_prevalence_contrasts,
)
from analysis.compare.joint import joint_p
from analysis.compare.multiverse import _Maker, explore
from analysis.compare.predicted import correction_of
from analysis.compare.talk import COUNTING, Talk
from analysis.compare.ways import Way

WEST, CHINA = "western_commenter", "chinese_viewer"


def claim(measure="prevalence", concept="staged", **more):
    row = {
        "id": "1",
        "claim": "Text.",
        "document": "000",
        "measure": measure,
        "concept": concept,
        "direction": "higher",
    }
    row |= {"a_name": "those", "a": f"vantage={WEST}", "b_name": "these", "b": f"vantage={CHINA}", "source": "Seeds"}
    row |= {"smallest": "0.2 sd" if "tone" in measure else "5 points", "needs": "More."}
    return parse_claims([{**row, **more}])[0]


def talk_of(study):
    """Return what everybody said, as `study_talk` does of a corpus that stands on a disk."""
    rows = study.measures.assign(kept=True, boilerplate=False, copy_of=-1)

    def score():
        coded = coded_scores(study, rows)
        return [
            Way("labmt", rows["labmt"].to_numpy()),
            *(Way(k, c.outcomes, coded=c) for k, c in coded.corrected.items()),
        ]

    return Talk(rows, score, {}, coded=partial(coded_concept, study, rows))


def held(study, asked, **more):
    """Return the specifications of a claim, and p of the joint test."""
    talk = replace(talk_of(study), **more)
    contrast, barred = claim_contrast(asked, talk, study.mentions, ["staged"])
    assert barred == ""
    return explore(contrast, talk, np.random.default_rng(1), 199)


#: Unequal groups; a concept of 1 in 40; few clusters, all of them coded.
WORLDS = {
    "unequal": {"clusters": 30, "second": 16, "codes": 120},
    "rare": {"clusters": 24, "each": 25, "codes": 200, "rate": 0.02},
    "few": {"clusters": 11, "second": 13, "each": 20, "codes": 90},
}


@pytest.fixture(scope="module", params=WORLDS)
def study(request, tmp_path_factory):
    return make_study(tmp_path_factory.mktemp(request.param), **WORLDS[request.param])


def by_hand(study, group, weight):
    """Return the weighted mean of g + (Y - g) / pi over a group, Y and pi read from the coding's tables."""
    g = pd.Series(correction_of(study).concept("staged").prediction, study.measures["utterance_id"])
    codes = pd.read_csv(study.corpus / "coding" / "codes.csv").query("variable == 'staged'").set_index("utterance_id")
    pi = pd.read_csv(study.corpus / "coding" / "sample.csv").set_index("utterance_id")["probability"]
    above = below = 0.0
    rows = study.measures[study.measures["group"] == group]
    for name, w in zip(rows["utterance_id"], weight(rows), strict=True):
        outcome = g[name]
        if name in codes.index:
            outcome += ((codes.loc[name, "value"] == "yes") - g[name]) / pi[name]
        above, below = above + w * outcome, below + w
    return above / below


WEIGHTS = {
    "utterance": lambda rows: np.ones(len(rows)),
    "cluster": lambda rows: 1 / rows.groupby("cluster_id")["row"].transform("size"),
    "likes": lambda rows: rows["likes"].astype(float),
}


def test_corrected_specifications_are_the_corrected_prevalence_of_notebook_05_and_the_formula_by_hand(study):
    table, _ = held(study, claim())
    assert set(table["instrument"]) == {"codebook", "codes"}
    assert table.loc[table["headline"], ["instrument", "weighting"]].to_numpy().tolist() == [["codebook", "utterance"]]
    mine = table[table["instrument"] == "codes"].set_index("weighting")
    means = {
        (name, group): by_hand(study, group, weight) for name, weight in WEIGHTS.items() for group in (WEST, CHINA)
    }
    for name in WEIGHTS:
        assert mine.loc[name, "estimate"] == pytest.approx(means[name, WEST] - means[name, CHINA], abs=1e-9)
    # Of each group; the tables hold eight digits.
    outcomes = corrected_mentions(study, "staged").outcomes
    shown = corrected_prevalence(study).set_index("a")["estimate"]
    for group in (WEST, CHINA):
        assert outcomes[study.measures["group"] == group].mean() == pytest.approx(means["utterance", group], abs=1e-9)
        assert shown[group] == pytest.approx(means["utterance", group], rel=1e-7)
    expected, row = corrected_prevalence_contrasts(study).iloc[0], mine.loc["utterance"]
    if row["unit"] == "points":
        # nan where it is withheld, here and there.
        for end in ("ci_low", "ci_high"):
            assert row[end] == pytest.approx(100 * expected[end], rel=1e-6, nan_ok=True)
    for name in ("estimate", "se", "df", "g_a", "n_b"):
        assert row[name] == pytest.approx(expected[name], rel=1e-6, nan_ok=True), name
    assert row["counted"] == (not np.isnan(expected["p"]))


def test_where_the_headline_is_rare_what_codes_say_is_a_ratio_too(tmp_path):
    study = make_study(tmp_path, **WORLDS["rare"] | {"rate": 0.05, "codes": 350})
    table, _ = held(study, claim())
    assert set(table["unit"]) == {"log2 ratio"}
    row = table[(table["instrument"] == "codes") & (table["weighting"] == "utterance")].iloc[0]
    shown = corrected_prevalence(study).set_index("a")["estimate"]
    # Half a hit is added on each side.
    assert row["effect"] == pytest.approx(np.log2(shown[WEST] / shown[CHINA]), abs=0.15)
    points = corrected_prevalence_contrasts(study).iloc[0]
    assert (row["ci_low"] > 0, row["ci_high"] < 0) == (points["ci_low"] > 0, points["ci_high"] < 0)
    assert row["ci_low"] < row["low_90"] < row["effect"] < row["high_90"] < row["ci_high"]


def test_the_joint_test_takes_what_codes_correct_as_means_and_flags_as_shares(tmp_path):
    study = make_study(tmp_path, **WORLDS["unequal"])
    talk = talk_of(study)
    maker = _Maker(claim_contrast(claim(), talk, study.mentions, ["staged"])[0], talk)
    assert [row["instrument"] for row in maker.rows()] == ["codebook"] * 3 + ["codes"] * 3
    assert maker.flags == [True] * 3 + [False] * 3
    p = joint_p(maker.tests, 199, np.random.default_rng(1), shares=[True] * 3 + [False] * 3)[1]
    assert held(study, claim())[1] == p


def judged(study, asked):
    """Return the verdict of a claim, and its specifications."""
    talk = talk_of(study)
    explored = explore_claims([asked], talk, study.mentions, ["staged"], np.random.default_rng(1), 199)
    return assess(explored, talk.rows[talk.rows["kept"]], 199)


def test_the_choice_is_named_and_the_reason_of_a_verdict_says_what_codes_make_of_it(tmp_path):
    study = make_study(tmp_path, clusters=30, codes=200)
    verdicts, table = judged(study, claim())
    choices = summarise(table)
    assert set(choices.loc[choices["axis"] == "instrument", "choice"]) == {"", "codebook", "codes"}
    assert verdicts["specifications"].tolist() == [6]
    assert verdicts["median"].iloc[0] == pytest.approx(table["effect"].median())
    assert verdicts["analysis"].tolist() == ["codebook, utterance-weighted"]
    row = table[(table["instrument"] == "codes") & (table["weighting"] == "utterance")].iloc[0]
    where = "lies beyond 0 as claimed" if row["ci_low"] > 0 else "includes 0"
    assert verdicts["reason"].iloc[0].endswith(f"; corrected by codes, the interval {where}")
    lower = judged(study, claim(direction="lower"))[0]
    where = where.replace("as claimed", "against the claim")
    assert lower["reason"].iloc[0].endswith(f"; corrected by codes, the interval {where}")


def test_what_too_few_coded_clusters_withhold_is_a_gap_with_the_reason_and_no_part_of_the_joint_test(tmp_path):
    study = make_study(tmp_path, clusters=30, codes=200)
    codes = pd.read_csv(tmp_path / "coding" / "codes.csv")
    of = study.measures.set_index("utterance_id")["cluster_id"]
    some = of[of.str[-3:].astype(int) < 6].index
    codes[codes["utterance_id"].isin(some)].to_csv(tmp_path / "coding" / "codes.csv", index=False)
    table, p = held(study, claim())
    gaps = table[table["instrument"] == "codes"]
    assert (len(gaps), gaps["ci_low"].isna().all(), gaps["counted"].any()) == (3, True, False)
    assert set(gaps["note"]) == {"too few coded clusters: no interval"}
    bare, p_bare = held(study, claim(), coded=lambda *_, **__: None)
    assert (set(bare["instrument"]), p) == ({""}, p_bare)
    pd.testing.assert_frame_equal(
        table[table["instrument"] == "codebook"].drop(columns="instrument"), bare.drop(columns="instrument")
    )
    verdicts, _ = judged(study, claim())
    assert verdicts["reason"].iloc[0].endswith("; not corrected by codes: too few coded clusters")


def test_a_side_that_nobody_coded_or_of_which_a_part_was_drawn_is_a_gap(tmp_path):
    study = make_study(tmp_path, clusters=20, codes=120)
    codes = pd.read_csv(tmp_path / "coding" / "codes.csv")
    western = study.measures.loc[study.measures["group"] == WEST, "utterance_id"]
    codes[codes["utterance_id"].isin(western)].to_csv(tmp_path / "coding" / "codes.csv", index=False)
    table, _ = held(study, claim())
    gaps = table[table["instrument"] == "codes"]
    assert gaps[["view", "weighting", "note"]].to_numpy().tolist() == [
        ["", "utterance", "codes do not stand for all these"]
    ]
    # Nobody coded anything of either side: no choice at all.
    (tmp_path / "coding" / "codes.csv").write_text(",".join(codes) + "\n", encoding="utf-8")
    assert set(held(study, claim())[0]["instrument"]) == {""}


def test_tone_has_the_corrected_contrast_of_notebook_05_in_standard_deviations_of_codes(tmp_path):
    study = make_study(tmp_path, clusters=24, codes=200)
    talk = talk_of(study)
    contrast, _ = claim_contrast(claim("overall tone", ""), talk, study.mentions, ["staged"])
    table, _ = explore(contrast, talk, np.random.default_rng(1), 99)
    row = table[(table["instrument"] == "codes") & (table["weighting"] == "utterance")].iloc[0]
    shown = corrected_contrasts(study)
    expected = shown[shown["statistic"] == "mean"].iloc[0]
    assert row["view"] == "human codes"
    for name in ("estimate", "se", "df", "effect"):
        assert row[name] == pytest.approx(expected[name], rel=1e-6), name
    unit = expected["estimate"] / expected["effect"]
    assert row["ci_low"] == pytest.approx(expected["ci_low"] / unit, rel=1e-6)


@pytest.mark.parametrize(("read", "codes"), [(True, 300), (True, 90), (False, 300)])
def test_tone_around_a_concept_has_the_corrected_one_of_notebook_05(tmp_path, read, codes):
    variables = ("stance", "staged") if read else ("stance",)
    study = make_study(tmp_path, clusters=24, each=25, codes=codes, variables=variables)
    near = study.mentions.merge(study.measures[["utterance_id", "truth"]])
    study = replace(study, mentions=near.rename(columns={"truth": "tone"}))
    vars(study).update(said=make_study(tmp_path / "again", clusters=24, each=25).__dict__["said"])
    talk = talk_of(study)
    contrast, barred = claim_contrast(claim("tone around a concept"), talk, study.mentions, ["staged"])
    assert barred == ""
    table, _ = explore(contrast, talk, np.random.default_rng(1), 99)
    row = table[(table["instrument"] == "codes") & (table["weighting"] == "utterance")].iloc[0]
    shown = corrected_around(study).set_index("a")
    assert row["estimate"] == pytest.approx(shown["estimate"][WEST] - shown["estimate"][CHINA], rel=1e-6)
    assert (row["view"], row["counted"]) == ("human codes", shown["ci_low"].notna().all())
    # Of 90 codes too few are of those who speak of it.
    assert row["note"].startswith("too few codes") == (not row["counted"])
    assert row["counted"] == (codes == 300 and read)
    # Who has its words, or who was said to speak of it.
    assert (row["n_a"] == (study.measures["group"] == WEST).sum()) == read


# Worlds whose truth is known ------------------------------------------------------------------------------------------


def simulated(world, runs):
    """Return for codebook and codes how often the headline's interval holds the truth, and the p of the joint tests."""
    truth, holds, joint = 100 * (world.shares[0] - world.shares[1]), [], []
    for seed in range(runs):
        table, p = specifications(world, seed, 99)
        mine = table[table["weighting"] == "utterance"].set_index("instrument").loc[["codebook", "codes"]]
        holds.append(((mine["ci_low"] <= truth) & (truth <= mine["ci_high"])).to_numpy())
        joint.append(p)
    return np.mean(holds, axis=0), np.array(joint)


def test_where_the_codebook_misses_one_sides_mentions_codes_put_it_right():
    (codebook, codes), _ = simulated(World(missed=(0.4, 0.0), shares=(0.35, 0.2)), 60)
    assert codebook < 0.3
    assert codes > 0.88


def test_where_there_is_nothing_to_be_found_the_joint_test_finds_nothing():
    _, joint = simulated(World(), 100)
    # .07 of 100, and two standard errors; `tests/benchmarks/correction.md` has 1,000.
    assert (joint < 0.05).mean() <= 0.07 + 2 * np.sqrt(0.07 * 0.93 / 100)


@pytest.mark.parametrize(
    ("low", "high", "sign", "words"),
    [
        (0.2, 0.9, 1, "lies beyond 0 as claimed"),
        (0.2, 0.9, -1, "lies beyond 0 against the claim"),
        (-0.9, -0.2, -1, "lies beyond 0 as claimed"),
        (-0.1, 0.9, 1, "includes 0"),
        (0.0, 0.9, 1, "includes 0"),
    ],
)
def test_the_reason_says_where_the_corrected_headline_lies(low, high, sign, words):
    chosen = dict.fromkeys(COUNTING, "run") | {"weighting": "utterance"}
    rows = [{"instrument": "codebook", "ci_low": 3.0, "ci_high": 4.0}, {"instrument": CORRECTED, "weighting": "likes"}]
    rows = [{**chosen, "note": "", **row} for row in [*rows, {"instrument": CORRECTED, "ci_low": low, "ci_high": high}]]
    assert _by_codes(pd.DataFrame(rows), chosen, sign) == f"; corrected by codes, the interval {words}"
