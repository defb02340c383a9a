"""The provinces of constructed Chinese viewers: what is planted is there and is recovered, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from runpy import run_path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.compare.attributes import read_attributes
from analysis.corpus import demo_draw as module
from analysis.corpus import read_corpus
from analysis.corpus.demo import write_demo
from analysis.corpus.demo_draw import plant
from analysis.corpus.demo_plan import (
    CELLS,
    OF_PROVINCES,
    UNKNOWN_SHARE,
    VIEWERS,
    concepts_of,
    planted_truth,
    read_plan,
)
from analysis.corpus.schema import CHINESE_VIEWER

PLAN = read_plan()
REGIONS = PLAN.provinces["region"]


@pytest.fixture(scope="module")
def viewers():
    """Return 30,000 utterances of viewers: their cluster, province (-1: not known), and a column a concept."""
    parts = [part for part in plant(120_000, 3) if part.cell == VIEWERS]
    topic = np.concatenate([part.topic for part in parts])
    frame = pd.DataFrame({name: np.concatenate([getattr(p, name) for p in parts]) for name in ("cluster", "province")})
    for concept in PLAN.concepts:
        frame[concept] = np.array([concept in concepts_of(name) for name in PLAN.topics], dtype=float)[topic]
    return frame


def z_score(away, clusters):
    """Return the mean of what should be 0 on average, in standard errors of cluster sums."""
    sums = away.groupby(clusters).sum()
    return sums.sum() / np.sqrt(np.square(sums).sum())


def test_the_provinces_shares_and_prevalences_come_to_those_of_all_viewers():
    overall = PLAN.topic_share[VIEWERS, PLAN.topics.index(OF_PROVINCES)]
    assert PLAN.province_share.sum() == pytest.approx(1, abs=1e-12)
    assert PLAN.province_share @ PLAN.province_prevalence == pytest.approx(overall, abs=1e-12)
    assert [topic for topic in PLAN.topics if OF_PROVINCES in concepts_of(topic)] == [OF_PROVINCES]
    assert all((PLAN.topics_at(p) > 0).all() for p in PLAN.province_prevalence)


def test_provinces_are_as_large_and_as_often_unknown_as_planted_and_mixed_in_every_thread(viewers):
    z = [z_score((viewers["province"] < 0) - UNKNOWN_SHARE, viewers["cluster"])]
    for place, share in enumerate(PLAN.province_share * (1 - UNKNOWN_SHARE)):
        z.append(z_score((viewers["province"] == place) - share, viewers["cluster"]))
    assert np.abs(z).max() < stats.norm.isf(0.0005 / len(z))
    known = viewers[viewers["province"] >= 0]
    assert known.groupby("cluster")["province"].nunique().median() >= 5
    # Two viewers of a thread are in one province more often than two of all.
    sizes = known.groupby(["cluster", "province"]).size()
    whole = known.groupby("cluster").size()
    together = (sizes * (sizes - 1)).sum() / (whole * (whole - 1)).sum()
    apart = np.square(PLAN.province_share).sum()
    correlation = 1 / (1 + module.PROVINCES_CONCENTRATION)
    assert together == pytest.approx(apart + (1 - apart) * correlation, rel=0.1)


def test_in_every_province_every_concept_is_as_frequent_as_the_truth_says(viewers):
    truth = planted_truth(120_000)["groups"]
    z = []
    for by, names in PLAN.provinces.items():
        of = np.array([*names, "not known"], dtype=object)[viewers["province"]]
        for name in sorted(set(names)):
            mine = viewers[of == name]
            for concept, share in truth[by][name]["prevalence"].items():
                z.append(z_score(mine[concept] - share, mine["cluster"]))
    assert np.abs(z).max() < stats.norm.isf(0.0005 / len(z))


def test_the_truth_of_provinces_is_one_concept_and_what_it_is_made_of():
    truth = planted_truth(10_000)
    whole = truth["collections"][CELLS[VIEWERS].collection]
    found = truth["groups"]["region"]
    assert set(found) == {*REGIONS, "not known"}
    for concept, share in whole["prevalence"].items():
        each = [found[name]["prevalence"][concept] for name in REGIONS]
        assert PLAN.province_share @ each == pytest.approx(share)
        assert (len(set(each)) > 1) == (concept == OF_PROVINCES)
        # How a concept is spoken of is the same everywhere.
        assert all(found[name]["tone"][concept] == whole["tone"][concept] for name in REGIONS)
    assert {
        name for name in REGIONS if found[name]["prevalence"][OF_PROVINCES] > whole["prevalence"][OF_PROVINCES]
    } == {
        "辽宁",
        "吉林",
    }
    at = truth["groups"]["border"]
    assert at["at the border"]["prevalence"][OF_PROVINCES] == pytest.approx(0.30)
    assert at["elsewhere"]["prevalence"][OF_PROVINCES] == pytest.approx(0.15)
    # Whoever has no region: everybody but Chinese viewers, and 8 % of them.
    others = {name: told["utterances"] for name, told in truth["collections"].items()}
    others[CELLS[VIEWERS].collection] *= UNKNOWN_SHARE
    freedom = np.average(
        [t["prevalence"]["freedom"] for t in truth["collections"].values()], weights=[*others.values()]
    )
    assert found["not known"]["prevalence"]["freedom"] == pytest.approx(freedom)


def test_the_corpus_names_provinces_as_platforms_do_and_the_table_beside_it_joins_them(tmp_path: Path):
    folder = tmp_path / "demo"
    write_demo(1_000, folder, 7)
    corpus = read_corpus(folder, ["vantage", "region", "cluster_id"])
    assert set(corpus.loc[corpus["region"].notna(), "vantage"]) == {CHINESE_VIEWER}
    assert set(corpus["region"].dropna()) <= set(REGIONS)
    key, table = read_attributes(folder / "provinces.csv")
    assert (key, list(table)) == ("region", ["border", "made_up_income"])
    assert list(table.index) == list(REGIONS)
    assert set(table[table["border"] == "at the border"].index) == {"辽宁", "吉林"}
    said = json.loads((folder / "truth.json").read_text("utf-8"))
    assert "made up" in said["provinces.csv"]
    # A column of one's own stays when the corpus is written again.
    (folder / "provinces.csv").write_text("region,mine\n辽宁,1\n", encoding="utf-8")
    write_demo(1_000, folder, 8)
    assert (folder / "provinces.csv").read_text("utf-8") == "region,mine\n辽宁,1\n"


def test_the_planted_difference_is_recovered_and_what_is_not_planted_is_not_found():
    """A small part of ``tests/benchmarks/demo_truth.py --provinces``, whose results ``demo_truth.md`` holds."""
    provinces = run_path(str(Path(__file__).parents[1] / "benchmarks" / "demo_truth.py"))["provinces"]
    rows = pd.DataFrame([row for seed in range(40) for row in provinces(4_000, seed, ["border"], 99)])
    planted = rows[rows["kind"] == "border, a difference planted"]
    assert len(planted) == 40
    assert set(planted["truth"].round(12)) == {0.15}
    assert planted["covered"].sum() >= stats.binom.ppf(0.001, 40, 0.95)
    assert planted["zero"].mean() > 0.9
    nothing = rows[rows["kind"] == "border, nothing planted"]
    assert len(nothing) == 40 * (len(PLAN.concepts) - 1)
    assert (nothing["p"] < 0.05).sum() <= stats.binom.ppf(0.999, len(nothing), 0.05)
    assert nothing["covered"].sum() >= stats.binom.ppf(0.001, len(nothing), 0.95)
