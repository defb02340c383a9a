"""Instruments and codebook against codes: scikit-learn, and instruments that are right, wrong or silent."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score

from analysis.compare import validity
from analysis.compare.validity import calibration, codebook_validity, instrument_validity, worst_lines
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


def test_where_all_that_is_found_is_right_only_precision_has_no_interval():
    study = make_study()
    staged, flagged, *_ = study.truth
    study.mentioned["staged"] = (staged & flagged).astype(float)
    for row in codebook_validity(study).to_dict("records"):
        assert row["precision"] == 1
        assert np.isnan(row["precision_low"])
        assert row["recall_low"] < row["recall"] < row["recall_high"]
        assert row["note"] == "all or none (precision)"


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
