"""What codes make of a study: from the three tables of a corpus to means, contrasts, shares and one more instrument."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from coded_study import WORDS, make_study
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from analysis.compare import corrected, learned
from analysis.compare.classifier import Features, analyser, fit, strongest, usable
from analysis.compare.clusters import make_side
from analysis.compare.coded import Coding
from analysis.compare.coded_scores import coded_scores
from analysis.compare.concepts import prevalence, prevalence_contrasts
from analysis.compare.contrasts import COLUMNS
from analysis.compare.predicted import Correction, correction_of
from analysis.compare.validity import instrument_validity

GROUPS = {"western_commenter": "en", "chinese_viewer": "zh"}


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """Return a study with codes for a half of its utterances, so that classifiers are learned."""
    return make_study(tmp_path_factory.mktemp("coded"), clusters=24, each=20, codes=230)


@pytest.fixture(scope="session")
def means(study):
    return corrected.corrected_means(study)


def rewrite(folder, name, change):
    path = folder / "coding" / f"{name}.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


def test_means_are_near_the_truth_and_closer_than_the_instrument_says(study, means):
    assert tuple(means.columns) == (*COLUMNS, *corrected.MORE)
    for row in means[means["statistic"] == "mean"].to_dict("records"):
        truth = study.measures.loc[study.measures["group"] == row["a"], "stance"].mean()
        assert row["ci_low"] < truth < row["ci_high"]
        assert row["uncorrected_by"] == "labmt"
        assert row["codes_a"] == pytest.approx(230, abs=2)
        assert row["coded_clusters_a"] == 24
        assert row["worth"] > row["codes_a"]
        halved = f"{row['more']:,.0f} more codes" if np.isfinite(row["more"]) else "no number of codes"
        assert halved in row["note"]
    assert set(means["statistic"]) == {"mean", "against", "neutral", "for"}
    shares = means[means["unit"] == "points"].groupby("a")["codes_only"].sum()
    assert shares.to_numpy() == pytest.approx(1)


def test_two_languages_are_compared_on_the_scale_of_the_codes(study, means):
    table = corrected.corrected_contrasts(study)
    row = table[table["statistic"] == "mean"].iloc[0]
    assert (row["a"], row["language_a"], row["b"], row["language_b"]) == (
        "western_commenter", "en", "chinese_viewer", "zh",
    )  # fmt: skip
    each = means[means["statistic"] == "mean"].set_index("a")["estimate"]
    assert row["estimate"] == pytest.approx(each["western_commenter"] - each["chinese_viewer"], abs=1e-7)
    truth = study.measures.groupby("group")["stance"].mean()
    assert row["ci_low"] < truth["western_commenter"] - truth["chinese_viewer"] < row["ci_high"]
    assert row["p"] < 0.05
    assert table["q"].notna().all()


def test_prevalence_makes_the_codebooks_misses_good(study):
    table = corrected.corrected_prevalence(study).set_index("a")
    for group, language in GROUPS.items():
        mine = study.measures["group"] == group
        truth = study.measures.loc[mine, "staged"].mean()
        flagged = study.measures.loc[mine, "utterance_id"].isin(study.mentions["utterance_id"]).mean()
        row = table.loc[group]
        assert row["uncorrected"] == pytest.approx(flagged)
        assert row["uncorrected_by"] == "codebook"
        assert row["uncorrected_high"] < truth
        assert row["ci_low"] < truth < row["ci_high"]
        assert row["language_a"] == language
    pair = corrected.corrected_prevalence_contrasts(study).iloc[0]
    assert pair["estimate"] == pytest.approx(table["estimate"].iloc[0] - table["estimate"].iloc[1], abs=1e-7)


@pytest.mark.parametrize("nobody", [False, True])
def test_what_is_not_corrected_has_the_interval_of_notebook_04(study, nobody):
    mentions = study.mentions[study.mentions["utterance_id"] < "u00300"] if nobody else study.mentions
    other = dataclasses.replace(study, mentions=mentions)
    other.__dict__["said"] = study.__dict__["said"]
    flags = [*other.concepts], other.parameters.weighting
    for mine, theirs in (
        (corrected.corrected_prevalence(other), prevalence(other.mentioned, *flags)),
        (corrected.corrected_prevalence_contrasts(other), prevalence_contrasts(other.mentioned, *flags)),
    ):
        ends = mine[["uncorrected", "uncorrected_low", "uncorrected_high"]].to_numpy()
        assert ends == pytest.approx(theirs[["estimate", "ci_low", "ci_high"]].to_numpy(), rel=1e-6)
        assert not np.isnan(ends).any()
    if nobody:  # a share that nobody has may be larger than nothing
        assert ends[0, 1] < ends[0, 0] < ends[0, 2]
        assert corrected.corrected_prevalence(other).set_index("a").loc["chinese_viewer", "uncorrected_high"] > 0


def test_around_a_concept_readers_say_where_it_is(study):
    table = corrected.corrected_around(study).set_index("a")
    for group in GROUPS:
        mine = study.measures[(study.measures["group"] == group) & (study.measures["staged"] == 1)]
        row = table.loc[group]
        assert row["statistic"] == "staged"
        assert row["ci_low"] < mine["stance"].mean() < row["ci_high"]


def test_too_few_codes_of_a_concept_are_counted_apart_from_all_codes(study, monkeypatch):
    monkeypatch.setattr(corrected, "FEW_CODES", 10**6)
    table = corrected.corrected_around(study).set_index("a")
    codes = study.coding("codes")
    yes = codes.loc[(codes["variable"] == "staged") & (codes["value"] == "yes"), "utterance_id"]
    for group in GROUPS:
        mine = study.measures.loc[study.measures["group"] == group, "utterance_id"]
        count = mine.isin(yes).sum()
        assert table.loc[group, "note"] == f"too few codes of it, {count}: no interval"
        assert 0 < count < table.loc[group, "codes_a"]


def test_pseudo_outcomes_of_all_utterances_have_the_corrected_means(study, means):
    scores = pd.Series(corrected.corrected_codes(study).outcomes, study.measures.index)
    assert scores.notna().all()
    for group in GROUPS:
        mine = study.measures["group"] == group
        side = make_side(scores[mine], study.measures.loc[mine, "cluster_id"])
        row = means[(means["a"] == group) & (means["statistic"] == "mean")].iloc[0]
        assert side.mean == pytest.approx(row["estimate"], abs=1e-7)


def test_without_codes_tables_are_empty_and_say_why(tmp_path):
    study = make_study(tmp_path, clusters=3, each=4, codes=0)
    for table in (
        corrected.corrected_means,
        corrected.corrected_contrasts,
        corrected.corrected_prevalence,
        corrected.corrected_prevalence_contrasts,
        corrected.corrected_around,
    ):
        assert table(study).empty
        assert tuple(table(study).columns) == (*COLUMNS, *corrected.MORE)
    assert learned.learned_words(study).empty
    assert corrected.corrected_codes(study) is None
    assert corrected.corrected_mentions(study, "staged") is None
    assert corrected.corrected_codes_around(study, "staged") is None
    assert learned.learned_scores(study).isna().all()
    assert "vantage sheet" in corrected.why_none(study)
    for name in ("sample", "codes", "scheme"):
        (tmp_path / "coding" / f"{name}.csv").unlink()
    fresh = type(study)(tmp_path, None, study.parameters, study.measures, scales=study.scales)
    assert corrected.corrected_means(fresh).empty


def test_a_group_that_nobody_coded_has_no_row(tmp_path):
    study = make_study(tmp_path, clusters=16, each=8, codes=60)
    rewrite(
        tmp_path, "codes", lambda t: t[t["utterance_id"].isin(study.measures.query("language == 'en'")["utterance_id"])]
    )
    table = corrected.corrected_means(study)
    assert set(table["a"]) == {"western_commenter"}
    assert corrected.corrected_contrasts(study).empty
    scores = corrected.corrected_codes(study).outcomes
    assert (~np.isnan(scores) == (study.measures["language"] == "en")).all()


def test_grades_without_a_middle_have_no_classes(tmp_path):
    study = make_study(tmp_path, clusters=16, each=8, codes=60, variables=("stance",))
    rewrite(tmp_path, "scheme", lambda t: t.assign(values="1 2 3 unclear", kind="ordinal"))
    rewrite(tmp_path, "codes", lambda t: t.assign(value=(t["value"].astype(int).clip(-1, 1) + 2).astype(str)))
    table = corrected.corrected_means(study)
    assert table["statistic"].tolist() == ["mean", "mean"]
    assert table["estimate"].between(1, 3).all()


def test_a_stray_in_a_language_without_codes_takes_no_row_away(tmp_path):
    study = make_study(tmp_path, clusters=16, each=8, codes=60)
    english = study.measures.query("language == 'en'")["utterance_id"]
    rewrite(tmp_path, "codes", lambda t: t[t["utterance_id"].isin(english)])
    stray = (study.measures["language"] == "zh") & (np.arange(len(study.measures)) == len(study.measures) - 1)
    rows = study.measures.assign(group=np.where(stray, "western_commenter", study.measures["group"]))
    table = corrected.corrected_prevalence(dataclasses.replace(study, measures=rows))
    assert table["a"].tolist() == ["western_commenter"]
    assert table["n_a"].tolist() == [(rows["language"] == "en").sum()]


def test_codes_are_read_as_the_contract_says(tmp_path):
    study = make_study(tmp_path, clusters=4, each=6, codes=20, coders=2, variables=("stance",))
    ids = study.coding("sample")["utterance_id"].tolist()

    def change(codes):
        codes = codes.copy()
        one = codes["utterance_id"] == ids[0]
        codes.loc[one, "value"] = ["2", "-1"]  # two coders
        codes.loc[codes["utterance_id"] == ids[1], "value"] = ["unclear", "1"]
        codes.loc[codes["utterance_id"] == ids[2], "value"] = "unclear"
        codes.loc[codes["utterance_id"] == ids[3], ["variant", "value"]] = ("translation", "-2")
        other = codes[codes["utterance_id"] == ids[4]].assign(variant="translation", value="-2")
        codes.loc[codes["utterance_id"] == ids[4], "value"] = "1"
        stray = codes.iloc[:1].assign(utterance_id=not_drawn)
        return pd.concat([codes, other, stray])

    not_drawn = next(i for i in study.measures["utterance_id"] if i not in ids)
    rewrite(tmp_path, "codes", change)
    coding = Coding(study)
    code = pd.Series(coding.mean("stance").code, study.measures["utterance_id"])
    assert code[ids[:5]].tolist() == pytest.approx([0.5, 1, np.nan, -2, 1], nan_ok=True)
    assert np.isnan(code[not_drawn])
    share = pd.Series(coding.share("stance", "for").code, study.measures["utterance_id"])
    assert share[ids[:2]].tolist() == [0.5, 1.0]
    assert coding.missing(coding.mean("stance").code) == 1


def test_where_coders_are_even_no_class_is_preferred(tmp_path):
    """By hand; all codes turned about give all classes turned about."""
    said = [("-1", "0"), ("0", "1"), ("-1", "1"), ("-2", "1"), ("-1", "2"), ("1", "1"), ("unclear", "-1"), ("0", "2")]
    wanted = ["against", "for", "neutral", "against", "for", "for", "against", "for"]
    turned = {"against": "for", "neutral": "neutral", "for": "against"}
    study = make_study(tmp_path, clusters=4, each=6, codes=20, coders=2)
    ids = study.coding("sample")["utterance_id"].tolist()[: len(said)]
    for sign in (1, -1):

        def change(codes, sign=sign):
            codes = codes.copy()
            for name, both in zip(ids, said, strict=True):
                mine = (codes["utterance_id"] == name) & (codes["variable"] == "stance")
                codes.loc[mine, "value"] = [value if value == "unclear" else str(sign * int(value)) for value in both]
            yes_and_no = (codes["utterance_id"] == ids[0]) & (codes["variable"] == "staged")
            codes.loc[yes_and_no, "value"] = ["yes", "no"]
            return codes

        rewrite(tmp_path, "codes", change)
        label = pd.Series(Coding(study).label("stance"), study.measures["utterance_id"])
        assert label[ids].tolist() == [one if sign == 1 else turned[one] for one in wanted]
        staged = pd.Series(Coding(study).label("staged"), study.measures["utterance_id"])
        assert staged[ids[:2]].isna().tolist() == [True, False]


def test_who_is_not_coded_is_stood_for_by_the_stratum(tmp_path):
    study = make_study(tmp_path, clusters=4, each=10, codes=20, variables=("stance",))
    sample = study.coding("sample")
    sample = sample[sample["stratum"].str.startswith("western")]
    far = sample[sample["stratum"] == sample["stratum"].iloc[0]]
    gone = far["utterance_id"].tolist()[:4]
    rewrite(tmp_path, "codes", lambda t: t[~t["utterance_id"].isin(gone)])
    coding = Coding(study)
    outcome = coding.mean("stance")
    inverse = pd.Series(coding.inverse(outcome.code), study.measures["utterance_id"])
    left = far[~far["utterance_id"].isin(gone)]
    expected = 1 / left["probability"] * (len(far) / len(left))
    assert inverse[left["utterance_id"]].tolist() == pytest.approx(expected.tolist())
    assert (inverse[gone] == 0).all()
    # A whole stratum without a code: its group's others stand for it.
    rewrite(tmp_path, "codes", lambda t: t[~t["utterance_id"].isin(far["utterance_id"])])
    coding = Coding(study)
    inverse = pd.Series(coding.inverse(coding.mean("stance").code), study.measures["utterance_id"])
    assert inverse[sample["utterance_id"]].sum() == pytest.approx((1 / sample["probability"]).sum())
    note = corrected.corrected_means(study)["note"].iloc[0]
    assert f"{len(far)} drawn without a code" in note


def test_a_classifier_finds_the_words_that_tell(study):
    words = learned.learned_words(study)
    for language, (against, _, favour) in WORDS.items():
        mine = words[(words["variable"] == "stance") & (words["language"] == language)].groupby("class")["term"].first()
        assert (mine["against"].split()[0], mine["for"].split()[0]) == (against, favour)
    scores = learned.learned_scores(study)
    assert scores.between(-1, 1).all()
    for language in WORDS:
        mine = study.measures["language"] == language
        assert np.corrcoef(scores[mine], study.measures.loc[mine, "stance"])[0, 1] > 0.5


def test_what_was_learned_is_called_alike_among_instruments_and_in_the_multiverse(study):
    mine = set(coded_scores(study, study.measures).own)
    assert mine == set(instrument_validity(study)["instrument"]) - set(study.scales)


def test_predictions_saw_no_code_of_their_fold_not_even_through_the_classifier(study):
    correction, other = correction_of(study), Correction(study)
    mine = correction.fold == 2
    outcome = correction.coding.mean("stance")
    label = correction.coding.label("stance")
    turned = np.where(mine & (label == "for"), "against", label)
    other.coding.label = lambda _: turned
    before = correction.estimate(outcome).prediction
    after = other.estimate(outcome._replace(code=np.where(mine, -outcome.code, outcome.code))).prediction
    assert (before[mine] == after[mine]).all()
    assert not (before[~mine] == after[~mine]).all()
    first, again = correction.learned("stance", "en"), other.learned("stance", "en")
    at = correction.fold[correction.language == "en"] == 2
    assert (first.of[at] == again.of[at]).all()
    # Nor did what the regression of that fold is fitted to, which predicts other folds.
    assert (first.among[2] == again.among[2]).all()
    assert not (first.among[1] == again.among[1]).all()


def test_what_was_learned_predicts_where_no_instrument_does(study):
    bare = Correction(study)
    bare._learned = correction_of(study)._learned  # noqa: SLF001  learning takes a second
    bare.study = dataclasses.replace(study, scales={})
    prediction = bare.estimate(bare.coding.mean("stance")).prediction
    for language in WORDS:
        mine = study.measures["language"] == language
        assert np.corrcoef(prediction[mine], study.measures.loc[mine, "stance"])[0, 1] > 0.5


def test_too_few_codes_teach_nothing():
    few = np.array(["for"] * 100 + ["against"] * 99 + [None], dtype=object)
    assert usable(few) == []
    assert usable(np.append(few, "for")) == ["against", "for"]
    assert usable(np.array(["for"] * 195 + ["against"] * 9, dtype=object)) == []


def test_a_model_is_scikit_learns_own_of_the_texts_that_it_may_see():
    rng = np.random.default_rng(5)
    texts = [list(rng.choice(["good", "bad", "so", "clean", "street", "1"], size)) for size in rng.integers(1, 9, 90)]
    label = np.where(["good" in text for text in texts], "for", "against").astype(object)
    coded = np.arange(90) < 60
    features = Features(pa.array(texts).take, coded, "en")
    seen = np.arange(0, 60, 2)
    made = fit(features.counts[seen], label[seen].tolist())
    whole = TfidfVectorizer(analyzer=analyser("en"), min_df=2, sublinear_tf=True)
    model = LogisticRegression(C=4.0, solver="newton-cg", tol=1e-12, max_iter=5000)
    model.fit(whole.fit_transform([texts[i] for i in seen]), label[seen].tolist())
    assert features.names[made.terms].tolist() == whole.get_feature_names_out().tolist()
    expected = model.predict_proba(whole.transform(texts))[:, 1:]
    assert made.probabilities(features.counts, ["against", "for"]) == pytest.approx(expected, abs=1e-4)


def test_features_are_words_pairs_and_runs_of_characters():
    assert list(analyser("en")(["so", "it"])) == [
        "wso", "wit", "wso it", "cso", "co ", "c i", "cit", "cso ", "co i", "c it", "cso i", "co it",
    ]  # fmt: skip
    texts = pa.array([["good", "day"], ["bad", "day"]] * 20)
    features = Features(texts.take, np.ones(40, dtype=bool), "en")
    table = strongest(features, np.array(["for", "against"] * 20, dtype=object))
    assert table.groupby("class")["term"].first().to_dict() == {"against": "bad", "for": "good"}
    assert (table["weight"] > 0).all()
