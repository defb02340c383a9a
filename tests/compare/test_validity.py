"""Instruments and codebook against codes: scikit-learn, and instruments that are right, wrong or silent."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score
from statsmodels.stats.proportion import proportion_confint

from analysis.compare import validity
from analysis.compare.validity import (
    _precision_recall,
    calibration,
    codebook_validity,
    instrument_validity,
    worst_lines,
)
from analysis.parameters import Parameters
from analysis.show.agreement import draw_codebook_validity, draw_validity


@pytest.fixture(autouse=True)
def nothing_learned(monkeypatch):
    """Leave the classifier to its own tests."""
    monkeypatch.setattr(validity, "learned_scores", lambda study, _: pd.Series(np.nan, study.measures.index))


def make_study(n=400, seed=3, lines=20):
    """Return a study of two languages: 'good' knows the stance, 'blind' does not, 'turned' is its opposite."""
    rng = np.random.default_rng(seed)
    language = np.where(np.arange(n) % 3 == 0, "zh", "en")
    stance = rng.integers(-2, 3, n)
    measures = pd.DataFrame(
        {
            "utterance_id": [f"u{i:03}" for i in range(n)],
            "language": language,
            "group": np.where(
                language == "zh", "chinese_viewer", np.where(np.arange(n) % 2, "vlogger", "western_commenter")
            ),
            "cluster_id": [f"c{i % 37}" for i in range(n)],
            "collection": "x",
            "vantage": "x",
            "evidence": np.where(np.arange(n) % 10 == 1, "translated", "verbatim"),
            "good": stance + rng.normal(0, 0.3, n),
            "blind": rng.normal(0, 1, n),
            "turned": -stance + rng.normal(0, 0.3, n),
        }
    )
    measures.loc[::5, "good"] = np.nan
    staged = (rng.random(n) < 0.3).astype(int)
    flagged = np.where(rng.random(n) < 0.2, 1 - staged, staged)
    pi = np.where(flagged == 1, 0.9, 0.3)
    drawn = rng.random(n) < pi
    ids = measures["utterance_id"]
    sample = pd.DataFrame({"utterance_id": ids, "stratum": flagged.astype(str), "probability": pi})[drawn]
    codes = [(ids[i], "stance", str(stance[i])) for i in np.flatnonzero(drawn)]
    codes += [(ids[i], "staged", "yes" if staged[i] else "no") for i in np.flatnonzero(drawn)]
    codes = pd.DataFrame(codes, columns=["utterance_id", "variable", "value"])
    scheme = [("stance", "ordinal", "-2 -1 0 1 2 unclear"), ("staged", "nominal", "yes no")]
    tables = {
        "sample": sample.assign(wave=1, translation="no"),
        "codes": codes.assign(coder="anna", variant="original", date="2026-01-01", sheet="s"),
        "scheme": pd.DataFrame(scheme, columns=["variable", "kind", "values"]).assign(meaning=""),
    }
    return SimpleNamespace(
        measures=measures,
        mentioned=measures.assign(staged=flagged.astype(float)),
        concepts=["staged", "fear"],
        scales={"good": (-3.0, 3.0), "blind": (-3.0, 3.0), "turned": (-3.0, 3.0)},
        neutral={},
        parameters=Parameters(lines=lines),
        coding=tables.__getitem__,
        rng=lambda: np.random.default_rng(1),
        with_text=lambda rows: rows.assign(text="words"),
        truth=(staged, flagged, drawn, pi),
    )


def test_precision_and_recall_are_those_of_all_utterances():
    study = make_study()
    staged, flagged, drawn, pi = study.truth
    table = codebook_validity(study).set_index("language")
    for language, code in (("English", "en"), ("Chinese", "zh")):
        at = drawn & (study.measures["language"] == code).to_numpy()
        # Each stratum's weight: all of it, over what was coded of it.
        weight = pd.Series(1 / pi[at])
        recall = recall_score(staged[at], flagged[at], sample_weight=weight)
        precision = precision_score(staged[at], flagged[at], sample_weight=weight)
        assert table.loc[language, "recall"] == pytest.approx(recall, abs=1e-6)
        assert table.loc[language, "precision"] == pytest.approx(precision, abs=1e-6)
        unweighted = recall_score(staged[at], flagged[at])
        assert abs(recall - unweighted) > 0.02
        assert table.loc[language, "recall_low"] < recall < table.loc[language, "recall_high"]
    assert set(table["concept"]) == {"staged"}


def test_where_all_that_is_found_is_right_precision_has_an_interval_that_ends_at_one():
    study = make_study()
    staged, flagged, *_ = study.truth
    study.mentioned["staged"] = (staged & flagged).astype(float)
    for row in codebook_validity(study).to_dict("records"):
        assert row["precision"] == 1
        assert 0.8 < row["precision_low"] < row["precision_high"] == 1
        assert row["recall_low"] < row["recall"] < row["recall_high"]
        assert row["note"] == ""


def test_an_instrument_that_knows_one_that_does_not_and_one_that_is_turned():
    table = instrument_validity(make_study())
    by = table.set_index(["part", "instrument"])
    for part in ("English", "Chinese", "English: vlogger", "English: western commenter"):
        assert by.loc[(part, "good"), "r"] > 0.7
        assert by.loc[(part, "good"), "coverage"] == pytest.approx(0.8, abs=0.1)
        assert abs(by.loc[(part, "blind"), "r"]) < 0.35
        assert by.loc[(part, "turned"), "auc"] < 0.05
    rows = make_study()
    coded = rows.measures.merge(rows.coding("codes").query("variable == 'stance'"), on="utterance_id")
    coded = coded[coded["language"] == "en"]
    r = np.corrcoef(coded["turned"], coded["value"].astype(float))[0, 1]
    assert by.loc[("English", "turned"), "r"] == pytest.approx(r, abs=1e-6)


def test_calibration_rises_with_what_knows_and_counts_everybody_scored():
    study = make_study()
    table = calibration(study)
    english = table[(table["language"] == "English") & (table["instrument"] == "good")]
    assert english["code"].is_monotonic_increasing
    assert english["part"].tolist() == [1, 2, 3, 4, 5]
    coded = study.measures["utterance_id"].isin(study.coding("codes")["utterance_id"])
    known = coded & (study.measures["language"] == "en") & study.measures["good"].notna()
    assert english["n"].sum() == known.sum()


def test_the_worst_lines_are_the_worst_and_only_such_as_may_be_quoted():
    study = make_study()
    table = worst_lines(study, most=5)
    mine = table[(table["language"] == "English") & (table["instrument"] == "turned")]
    assert len(mine) == 5
    assert mine["apart"].abs().is_monotonic_decreasing
    assert (mine["score"] * mine["code"] < 0).all()
    evidence = study.measures.set_index("utterance_id")["evidence"]
    assert set(evidence[table["utterance_id"]]) == {"verbatim"}
    assert worst_lines(make_study(lines=0)).empty


def test_few_codes_tell_nothing_and_figures_say_what_would():
    study = make_study(n=40)
    assert instrument_validity(study).empty
    assert codebook_validity(study).empty
    assert "vantage sheet" in str(draw_validity(instrument_validity(study)).__dict__)
    assert "vantage sheet" in str(draw_codebook_validity(codebook_validity(study)).__dict__)
    for draw, table in ((draw_validity, instrument_validity), (draw_codebook_validity, codebook_validity)):
        said = " ".join(
            text.get_text() for text in draw(table(make_study())).findobj(lambda it: hasattr(it, "get_text"))
        )
        assert "English:" in said


def test_what_has_no_score_is_said_to_be_missing_elsewhere_and_neutral_here():
    said = " ".join(draw_validity(instrument_validity(make_study())).legends[0].get_title().get_text().split())
    assert "An utterance without a score, which other figures leave out, is coded all the same" in said


def test_instruments_are_called_as_in_the_other_figures():
    table = instrument_validity(make_study()).replace({"instrument": {"good": "vader", "turned": "zh_rules"}})
    named = [tick.get_text() for tick in draw_validity(table).axes[0].get_yticklabels()]
    assert named == ["VADER", "blind", "the Chinese rules"]


def coded_world(rng, clusters, prevalence, recall):
    """Return what was said and found, weights of two strata, and clusters that differ in both."""
    at = np.repeat(np.arange(clusters), rng.integers(1, 10, clusters))
    more = rng.normal(0, 0.6, (2, clusters))[:, at]
    said = rng.random(len(at)) < 1 / (1 + np.exp(-np.log(prevalence / (1 - prevalence)) - more[0]))
    found = said & (rng.random(len(at)) < 1 / (1 + np.exp(-np.log(recall / (1 - recall)) - more[1])))
    return said * 1.0, found * 1.0, np.where(rng.random(len(at)) < 0.5, 2.0, 10.0), at.astype(str)


@pytest.mark.parametrize(("clusters", "prevalence", "recall"), [(40, 0.08, 0.3), (80, 0.05, 0.9), (14, 0.3, 0.6)])
def test_intervals_of_recall_hold_where_few_were_found_and_where_all_were(clusters, prevalence, recall):
    rng = np.random.default_rng(7)
    truth = (1 / (1 + np.exp(-np.log(recall / (1 - recall)) - rng.normal(0, 0.6, 400_000)))).mean()
    rows = [_precision_recall(*coded_world(rng, clusters, prevalence, recall)) for _ in range(300)]
    given = [row for row in rows if not np.isnan(row["recall_low"])]
    assert len(given) > 250
    held = np.mean([row["recall_low"] <= truth <= row["recall_high"] for row in given])
    assert held > 0.93  # the middle 95 % of draws of clusters held .91, .84 and .88
    assert all(row["recall_low"] > 0 for row in given if row["recall"] > 0)
    assert all(row["recall_high"] < 1 for row in given if row["recall"] < 1)


def test_of_lone_utterances_the_interval_is_near_jeffreys_and_of_few_clusters_there_is_none():
    said = np.repeat([1.0, 0.0], [60, 40])
    found = (np.arange(100) % 5 < 2) * said
    row = _precision_recall(said, found, np.ones(100), np.arange(100).astype(str))
    expected = proportion_confint(24, 60, method="jeffreys")
    assert (row["recall_low"], row["recall_high"]) == pytest.approx(expected, abs=0.015)
    assert row["precision"] == 1
    assert row["precision_low"] == pytest.approx(proportion_confint(24, 24, method="jeffreys")[0], abs=0.06)
    assert row["note"] == ""
    few = _precision_recall(said, found, np.ones(100), (np.arange(100) % 4).astype(str))
    assert np.isnan([few["recall_low"], few["precision_high"]]).all()
    assert few["note"] == "too few clusters with it (precision, recall): no interval"


def test_a_code_that_coders_share_counts_in_part_and_unequal_weights_tell_less():
    said, found = np.tile([1.0, 0.5, 0.0], 40), np.tile([1.0, 1.0, 0.0, 0.0, 1.0, 1.0], 20)
    weight, clusters = np.tile([1.0, 2.0, 3.0], 40), np.arange(120).astype(str)
    row = _precision_recall(said, found, weight, clusters)
    assert row["recall"] == pytest.approx((weight * said * found).sum() / (weight * said).sum(), abs=1e-9)
    assert row["precision"] == pytest.approx((weight * said * found).sum() / (weight * found).sum(), abs=1e-9)
    said, found = np.ones(200), np.tile([1.0, 0.0], 100)
    even = _precision_recall(said, found, np.ones(200), np.arange(200).astype(str))
    weight = np.tile([1.0, 1.0, 9.0, 9.0], 50)
    uneven = _precision_recall(said, found, weight, np.arange(200).astype(str))
    n = weight.sum() ** 2 / np.square(weight).sum()  # Kish
    expected = proportion_confint(n / 2, n, method="jeffreys")
    assert (uneven["recall_low"], uneven["recall_high"]) == pytest.approx(expected, abs=0.01)
    assert uneven["recall_high"] - uneven["recall_low"] > 1.15 * (even["recall_high"] - even["recall_low"])
