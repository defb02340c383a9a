"""Weighting by likes where a side has none: nothing is put in their place, and what is missing is said."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.compare import concepts, findings, tone
from analysis.compare.claim_rules import why_untestable
from analysis.compare.clusters import NO_LIKES, NOT_LIKED, NOTHING, make_side
from analysis.compare.contrasts import compare
from analysis.compare.groups import add_group, main_groups
from analysis.show.tone import draw_tone, draw_tone_differences
from analysis.study.findings import with_sentences

WHO = {"western_commenter": 5.4, "vlogger": 6.2, "chinese_viewer": 5.9}
NEUTRAL = {("labmt", "en"): (5.7, 6.1)}


@pytest.fixture
def measures():
    """Return scored English utterances of three groups: likes of all, of none, and all of them 0."""
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"vantage": np.repeat(list(WHO), 120), "cluster_id": np.tile(np.repeat(np.arange(15), 8), 3)})
    rows["cluster_id"] = rows["vantage"] + rows["cluster_id"].astype(str)
    rows["labmt"] = rows["vantage"].map(WHO) + rng.normal(0, 0.5, len(rows))
    likes = {"western_commenter": 3, "chinese_viewer": 0}
    rows["likes"] = rows["vantage"].map(likes).astype("Int64")
    rows = rows.assign(language="en", collection=rows["vantage"], origin="western", platform="reddit", labmt_n=3)
    rows = rows.assign(utterance_id=[f"u{i}" for i in range(len(rows))], thread_id=rows["cluster_id"])
    return add_group(rows, "vantage")


def test_a_row_says_whether_likes_are_not_known_or_nobody_liked_anything():
    values, names = pd.Series([1.0, 0.0]), pd.Series(["a", "b"])
    known = make_side(values, names)
    for likes, note in (([None, None], NO_LIKES), ([0, -3], NOT_LIKED)):
        side = make_side(values, names, "likes", pd.Series(likes, dtype="Int64"))
        assert compare("m", "a", side)["note"] == note
        assert compare("m", "a", known, "b", side)["note"] == note
    assert compare("m", "a", make_side(values[:0], names[:0], "likes", values[:0]))["note"] == NOTHING


def test_tone_by_likes_is_never_replaced_by_that_of_utterances(measures):
    table = tone.tone_contrasts(measures, NEUTRAL, np.random.default_rng(1), "likes", 99)
    assert tone.main_weighting(table) == "likes"
    asked = table[table["weighting"] == "likes"]
    assert dict(zip(zip(asked["a"], asked["b"], strict=True), asked["note"], strict=True)) == {
        ("western_commenter", "chinese_viewer"): NOT_LIKED,
        ("western_commenter", "vlogger"): NO_LIKES,
        ("chinese_viewer", "vlogger"): NOT_LIKED,
    }
    assert asked[["estimate", "ci_low", "p", "q"]].isna().all(axis=None)
    # The findings are of the run's weighting, so that nothing of tone holds.
    found = with_sentences(findings.find({findings.OVERALL: table}))
    assert set(found["kind"]) == {findings.NOT_ASKED, findings.WHOLE}
    assert any("could not be tested: no likes are known." in text for text in found["sentence"])
    # One by utterance beside it stays, and is called what it is.
    pair = table[(table["a"] == "western_commenter") & (table["b"] == "vlogger")]
    figure = draw_tone_differences(pair.assign(label_a="A", label_b="B"))
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names[:2] == ["mean of utterances, each like alike, by instrument", "labMT"]
    assert "mean, each utterance alike" in names


@pytest.mark.parametrize("weighting", ["utterance", "cluster"])
def test_the_weighting_of_a_table_is_that_of_all_but_its_means(measures, weighting):
    table = tone.tone_contrasts(measures, NEUTRAL, np.random.default_rng(1), weighting, 99)
    assert tone.main_weighting(table) == weighting
    assert table["estimate"].notna().all()


def test_shares_by_likes_say_that_none_are_known(measures):
    flagged = measures.assign(staged=(np.arange(len(measures)) % 4 == 0).astype(float))
    table = concepts.prevalence(flagged, ["staged"], "likes").set_index("a")
    assert table["note"].to_dict() == {"western_commenter": "", "chinese_viewer": NOT_LIKED, "vlogger": NO_LIKES}


def test_the_figure_of_tone_prints_no_mean_where_there_is_none(measures):
    options = SimpleNamespace(lines=0, weighting="likes")
    study = SimpleNamespace(groups=main_groups(measures), scales={"labmt": (1, 9)}, parameters=options)
    texts = [text.get_text() for text in draw_tone(tone.tone_scores(study)).axes[0].texts]
    assert not any("nan" in text for text in texts)
    told = " ".join(texts)
    assert "120 scored utterances with known likes; 15 threads (15.0 effective); mean 5.38" in told
    assert "0 scored utterances with known likes; 0 threads (0.0 effective); no mean; no likes are known" in told


def test_a_claim_on_equal_scores_says_why_it_cannot_be_tested():
    head = {"headline": True, "counted": False, "effect": np.nan, "g_a": 20.0, "g_b": 20.0}
    for note in ("no variation between clusters: no interval, no p", NO_LIKES):
        assert why_untestable(pd.DataFrame([head | {"note": note}])) == note
    assert why_untestable(pd.DataFrame([head | {"note": ""}])) == "nothing to measure"
