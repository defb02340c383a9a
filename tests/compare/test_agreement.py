"""Agreement of coders: Krippendorff's own example, the package, clusters, who is apart from whom, and drift."""

from types import SimpleNamespace

import krippendorff
import numpy as np
import pandas as pd
import pytest

from analysis.compare.agreement import (
    NEVER_MET,
    _shown,
    alpha_of,
    alpha_row,
    coder_agreement,
    coder_drift,
    coders_apart,
    coincidences,
    mark_of,
)
from analysis.show.agreement import draw_agreement

#: Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C: 4 coders, 12 units, values 1 to 5.
EXAMPLE = """1 2 3 3 2 1 4 1 2 * * *
1 2 3 3 2 2 4 1 2 5 * 3
* 3 3 3 2 3 4 2 2 5 1 *
1 2 3 3 2 4 4 1 2 5 1 *"""


def counts_of(data, values):
    return np.stack([(data == value).sum(axis=0) for value in values], axis=1)


def study(codes, scheme, clusters=None, languages=None):
    """Return what stands in for a study with codes: rows of (utterance, coder, variable, value, day)."""
    codes = pd.DataFrame(codes, columns=["utterance_id", "coder", "variable", "value", "date"])
    ids = sorted(codes["utterance_id"].unique())
    measures = pd.DataFrame({"utterance_id": ids})
    measures["cluster_id"] = [clusters[name] if clusters else name for name in ids]
    measures["language"] = [(languages or {}).get(name, "en") for name in ids]
    tables = {
        "codes": codes.assign(variant="original", sheet="s"),
        "scheme": pd.DataFrame(scheme, columns=["variable", "kind", "values"]),
    }
    rng = lambda: np.random.default_rng(1)  # noqa: E731
    return SimpleNamespace(measures=measures, left_out=pd.DataFrame(), coding=tables.__getitem__, rng=rng)


YES_NO = [("staged", "nominal", "yes no")]
STANCE = [("stance", "ordinal", "2 1 0 -1 -2 unclear")]


def test_krippendorffs_own_example():
    data = np.array([[np.nan if cell == "*" else float(cell) for cell in row.split()] for row in EXAMPLE.split("\n")])
    pairs = coincidences(counts_of(data, range(1, 6))).sum(axis=0)
    assert alpha_of(pairs, "nominal") == pytest.approx(0.743, abs=5e-4)
    assert alpha_of(pairs, "ordinal") == pytest.approx(0.815, abs=5e-4)


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_alpha_from_sums_is_the_packages(level):
    rng = np.random.default_rng(2)
    for _ in range(20):
        truth = rng.integers(5, size=40)
        data = np.where(rng.random((3, 40)) < 0.7, truth, rng.integers(5, size=(3, 40))).astype(float)
        data[rng.random((3, 40)) < 0.3] = np.nan
        counts = counts_of(data, range(5))
        ours = alpha_of(coincidences(counts).sum(axis=0), level)
        assert ours == pytest.approx(krippendorff.alpha(value_counts=counts, level_of_measurement=level), abs=1e-12)


def coded(rng, clusters, each, noise, together=0.0):
    """Return codes of two coders: in some clusters (``together``) the second misunderstands everything."""
    rows, of = [], {}
    for c in range(clusters):
        lost = rng.random() < together
        for i in range(each):
            name, truth = f"u{c:02}-{i}", int(rng.integers(-2, 3))
            of[name] = f"c{c}"
            other = (
                -truth
                if lost
                else int(np.clip(truth + rng.choice([0, 1, -1], p=[1 - noise, noise / 2, noise / 2]), -2, 2))
            )
            rows += [
                (name, "anna", "stance", str(truth), "2026-01-01"),
                (name, "ben", "stance", str(other), "2026-01-02"),
            ]
    return rows, of


def test_the_interval_is_as_wide_as_the_clusters_make_it():
    rng = np.random.default_rng(4)
    rows, of = coded(rng, 20, 12, 0.3, together=0.25)
    whole = coder_agreement(study(rows, STANCE, of)).iloc[0]
    alone = coder_agreement(study(rows, STANCE)).iloc[0]
    assert whole["alpha"] == alone["alpha"]
    assert whole["ci_low"] < whole["alpha"] < whole["ci_high"]
    assert whole["ci_high"] - whole["ci_low"] > 1.8 * (alone["ci_high"] - alone["ci_low"])
    assert (whole["clusters"], whole["items"], whole["coders"]) == (20, 240, 2)


def test_the_interval_covers_the_alpha_of_many_clusters():
    truth = coder_agreement(study(*_with_scheme(coded(np.random.default_rng(0), 1500, 4, 0.4, 0.2)))).iloc[0]["alpha"]
    rng, held = np.random.default_rng(1), 0
    for _ in range(24):
        row = coder_agreement(study(*_with_scheme(coded(rng, 40, 4, 0.4, 0.2)))).iloc[0]
        held += row["ci_low"] <= truth <= row["ci_high"]
    assert held >= 20


@pytest.mark.parametrize(("clusters", "each"), [(6, 20), (12, 10), (100, 2)])
def test_the_interval_holds_what_it_says_with_few_clusters_too(clusters, each):
    """Yes in three of ten, coders who err by cluster; the truth is alpha of 6,000 clusters, by the package."""
    rng = np.random.default_rng(3)

    def draw(clusters, each):
        of = np.repeat(np.arange(clusters), each)
        said = rng.random(len(of)) < 1 / (1 + np.exp(0.85 - 0.8 * rng.normal(size=clusters)[of]))
        errs = np.minimum(0.1 * np.exp(0.7 * rng.normal(size=clusters))[of], 0.9)
        both = np.stack([said ^ (rng.random(len(of)) < errs) for _ in "ab"])
        return of, np.stack([(~both).sum(axis=0), both.sum(axis=0)], axis=1)

    truth = krippendorff.alpha(value_counts=draw(6000, 10)[1], level_of_measurement="nominal")
    held = []
    for _ in range(500):
        of, counts = draw(clusters, each)
        codes = SimpleNamespace(level="nominal", counts=lambda at, counts=counts: counts[at])
        row = alpha_row(codes, np.arange(len(of)), of)
        held.append(row["ci_low"] <= truth <= row["ci_high"])
    # At .95, 500 intervals hold under .92 once in a thousand.
    assert np.mean(held) >= 0.92


@pytest.mark.parametrize(("clusters", "each", "often", "guessed"), [(60, 2, 0.05, 0.5), (10, 10, 0.05, 0.4)])
def test_the_interval_of_a_rare_code_holds_what_it_says(clusters, each, often, guessed):
    """One yes in twenty, some of it guessed; the truth is alpha of 60,000 items, by the package."""
    rng = np.random.default_rng(2)

    def draw(clusters, each):
        of = np.repeat(np.arange(clusters), each)
        true = rng.random(len(of)) < rng.beta(often * 10, (1 - often) * 10, clusters)[of]
        guess = np.minimum(guessed * np.exp(0.5 * rng.normal(size=clusters))[of], 0.9)
        both = np.stack([np.where(rng.random(len(of)) < guess, rng.random(len(of)) < often, true) for _ in "ab"])
        return of, np.stack([(~both).sum(axis=0), both.sum(axis=0)], axis=1)

    truth = krippendorff.alpha(value_counts=draw(6000, 10)[1], level_of_measurement="nominal")
    held, notes = [], set()
    for _ in range(400):
        of, counts = draw(clusters, each)
        codes = SimpleNamespace(level="nominal", counts=lambda at, counts=counts: counts[at])
        row = alpha_row(codes, np.arange(len(of)), of)
        notes.add(row["note"])
        held += [row["ci_low"] <= truth <= row["ci_high"]] if np.isfinite(row["ci_low"]) else []
    assert len(held) >= 250
    assert np.mean(held) >= 0.93
    assert NEVER_MET in notes


def test_coders_meet_in_a_rare_code_of_words_and_among_rare_numbers():
    """By hand: counts of (-1, 0, 1); the commonest is 0."""
    apart, same = [[0, 2, 0]] * 20 + [[1, 1, 0], [0, 1, 1]] * 5, [[0, 2, 0]] * 20 + [[1, 0, 1]] * 5 + [[1, 1, 0]]
    for counts, level, met in ((apart, "nominal", False), (same, "nominal", False), (same, "ordinal", True)):
        codes = SimpleNamespace(level=level, counts=lambda at, counts=counts: np.array(counts)[at])
        at = np.arange(len(counts))
        row = alpha_row(codes, at, at)
        assert (row["note"] != NEVER_MET, bool(np.isfinite(row["ci_low"]))) == (met, met)
        assert row["alpha"] == pytest.approx(krippendorff.alpha(value_counts=counts, level_of_measurement=level))


def test_an_alpha_of_exactly_a_mark_reaches_it():
    """By hand: of 11 pairs 7 say yes, 3 no and one both; 1 - 21 * 2 / (2 * 15 * 7) = .8."""
    said = [("yes", "yes")] * 7 + [("no", "no")] * 3 + [("yes", "no")]
    rows = [
        (f"i{place:02}", coder, "staged", value, "2026-01-01")
        for place, both in enumerate(said)
        for coder, value in zip(("anna", "bo"), both, strict=True)
    ]
    row = coder_agreement(study(rows, [("staged", "nominal", "yes no")])).iloc[0]
    assert (row["alpha"], row["mark"]) == (0.8, "reliable")
    assert mark_of(0.8 - 1e-15) == "reliable"
    assert mark_of(0.667 - 1e-15) == "tentative"
    assert mark_of(0.7999) == "tentative"


def _with_scheme(made):
    rows, of = made
    return rows, STANCE, of


def test_few_clusters_have_no_interval_and_one_coder_no_alpha():
    rows, of = coded(np.random.default_rng(1), 4, 10, 0.2)
    row = coder_agreement(study(rows, STANCE, of)).iloc[0]
    assert np.isnan(row["ci_low"])
    assert row["note"] == "too few clusters"
    alone = coder_agreement(study([one for one in rows if one[1] == "anna"], STANCE, of)).iloc[0]
    assert np.isnan(alone["alpha"])
    assert alone["note"] == "no two codes of an item"
    same = coder_agreement(study([(*one[:3], "1", one[4]) for one in rows], STANCE, of)).iloc[0]
    assert same["note"] == "all codes are the same"


def test_three_yes_in_a_hundred_codes_have_no_interval():
    said = [(f"i{i}", coder, "staged", "no", "2026-01-01") for i in range(50) for coder in ("anna", "bo")]
    said = [(*one[:3], "yes" if place in {0, 1, 42} else "no", one[4]) for place, one in enumerate(said)]
    row = coder_agreement(study(said, [("staged", "nominal", "yes no")])).iloc[0]
    assert row["alpha"] == pytest.approx(krippendorff.alpha(value_counts=[[0, 2], [1, 1], *[[2, 0]] * 48]))
    assert row[["ci_low", "ci_high"]].isna().all()
    assert row["note"] == "the coders differ in one cluster only: no interval"


def test_coders_who_never_differ_have_no_interval_and_no_zero_is_below_zero():
    said = [
        (f"i{i}", coder, "staged", "yes" if i % 2 else "no", "2026-01-01") for i in range(50) for coder in ("a", "b")
    ]
    row = coder_agreement(study(said, [("staged", "nominal", "yes no")])).iloc[0]
    assert row["alpha"] == 1
    assert np.isnan(row["ci_low"])
    assert row["note"] == "the coders never differ: no interval"
    table = _shown(pd.DataFrame({"alpha": [-0.0, -1e-17, -0.25, np.nan], "items": [1, 2, 3, 4]}))
    assert [str(value) for value in table["alpha"]] == ["0.0", "0.0", "-0.25", "nan"]


def test_languages_are_told_apart_and_unclear_is_counted_and_left_out():
    rows = [
        (f"u{i}", coder, "stance", value, "2026-01-01") for i in range(6) for coder, value in (("a", "1"), ("b", "1"))
    ]
    rows += [(f"v{i}", coder, "stance", str(i % 3 - 1), "2026-01-01") for i in range(6) for coder in "ab"]
    rows += [("w", "a", "stance", "unclear", "2026-01-01"), ("w", "b", "stance", "2", "2026-01-01")]
    table = coder_agreement(study(rows, STANCE, languages={f"v{i}": "zh" for i in range(6)})).set_index("part")
    assert list(table.index) == ["all", "English", "Chinese"]
    assert table.loc["Chinese", "alpha"] == 1
    assert table.loc["Chinese", "mark"] == "reliable"
    assert table.loc["all", "unclear"] == 1
    assert table["items"].tolist() == [12, 6, 6]


def test_what_was_removed_counts_no_more_and_what_is_only_not_compared_does():
    rows = [(f"u{i}", coder, "stance", str(i % 3 - 1), "2026-01-01") for i in range(9) for coder in "ab"]
    rows += [
        (f"gone{i}", coder, "stance", value, "2026-01-01")
        for i in range(9)
        for coder, value in (("a", "2"), ("b", "-2"))
    ]
    whole = study(rows, STANCE)
    apart = whole.measures["utterance_id"].str.startswith(("u0", "gone"))
    whole.left_out, whole.measures = whole.measures.iloc[[9]], whole.measures[~apart]
    assert whole.left_out["utterance_id"].tolist() == ["u0"]
    assert coder_agreement(whole)[["items", "alpha"]].to_numpy().tolist()[0] == [9, 1]
    assert coders_apart(whole)["items"].tolist() == coder_drift(whole)["items"].tolist() == [9, 9]
    whole.left_out, whole.measures = pd.DataFrame(), whole.measures[:0]
    assert coder_agreement(whole).empty


def test_who_is_apart_from_the_rest_and_since_when():
    rows = []
    for i in range(30):
        value, day = i % 4 - 2, f"2026-01-{1 + i:02}"
        late = 1 if i >= 20 else 0
        rows += [(f"u{i:02}", coder, "stance", str(value), day) for coder in ("anna", "ben")]
        rows.append((f"u{i:02}", "carl", "stance", str(value + late), day))
    apart = coders_apart(study(rows, STANCE)).set_index("coder")
    assert apart["difference"].round(4).to_dict() == {"anna": -0.1667, "ben": -0.1667, "carl": 0.3333}
    assert apart["alpha"].idxmin() == "carl"
    drift = coder_drift(study(rows, STANCE)).set_index(["coder", "part"])
    assert drift["difference"]["carl"].tolist() == [0, 0, 1]
    assert drift["agree"]["carl"].tolist() == [1, 1, 0]
    assert drift["agree"]["anna"].tolist() == [1, 1, 0.5]  # with ben always, with carl no more
    assert drift["items"]["carl"].tolist() == [10, 10, 10]
    assert drift.loc[("carl", 3), "from"] == "2026-01-21"


@pytest.mark.parametrize("kind", ["yes no", "no yes"])
def test_who_is_apart_does_not_hang_on_which_value_the_scheme_names_first(kind):
    """By hand: anna leans to yes as carl to no; ben is between them, so that the others of either are often even."""
    said = [("yes", "yes", "yes")] * 6 + [("no", "no", "no")] * 6
    said += [("yes", "yes", "no")] * 4 + [("yes", "no", "no")] * 4
    rows = [
        (f"i{place:02}", coder, "staged", value, "d")
        for place, three in enumerate(said)
        for coder, value in zip(("anna", "ben", "carl"), three, strict=True)
    ]
    apart = coders_apart(study(rows, [("staged", "nominal", kind)])).set_index("coder")
    for place, coder in enumerate(("anna", "ben", "carl")):
        units = [[three[place], three[other]] for three in said for other in range(3) if other != place]
        counts = [[pair.count("yes"), pair.count("no")] for pair in units]
        wanted = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        assert apart["alpha"][coder] == pytest.approx(wanted)
    assert apart["alpha"]["anna"] == pytest.approx(apart["alpha"]["carl"])
    assert apart["alpha"]["ben"] > apart["alpha"]["anna"]


def test_yes_is_one_and_no_is_nothing():
    rows = [
        (f"u{i}", coder, "staged", "yes" if i < n else "no", "d") for coder, n in (("a", 3), ("b", 2)) for i in range(4)
    ]
    apart = coders_apart(study(rows, [("staged", "nominal", "yes no")])).set_index("coder")
    assert apart["mean"].to_dict() == {"a": 0.75, "b": 0.5}
    assert apart["difference"].to_dict() == {"a": 0.25, "b": -0.25}


def test_of_two_words_there_is_no_mean_but_of_yes_and_no():
    rows = [
        (f"u{i}", coder, "about", "war" if i < n else "food", "d")
        for coder, n in (("a", 3), ("b", 2))
        for i in range(4)
    ]
    scheme = [("about", "nominal", "war food")]
    for table in (coders_apart(study(rows, scheme)), coder_drift(study(rows, scheme))):
        assert table[["mean", "difference"]].isna().all(axis=None)
    yes = [(*row[:2], "staged", {"war": "yes", "food": "no"}[row[3]], "d") for row in rows]
    for values in ("yes no", "no yes"):
        apart = coders_apart(study(yes, [("staged", "nominal", values)])).set_index("coder")
        assert apart["mean"].to_dict() == {"a": 0.75, "b": 0.5}


def test_the_figure_has_the_marks_and_without_codes_says_what_would_fill_it():
    rows, of = coded(np.random.default_rng(1), 20, 5, 0.2)
    figure = draw_agreement(coder_agreement(study(rows, STANCE, of)))
    said = " ".join(text.get_text() for text in figure.findobj(match=lambda it: hasattr(it, "get_text")))
    assert "0.667 (tentative conclusions) and 0.8 (reliable)" in said
    assert {line.get_xdata()[0] for line in figure.axes[0].lines if len(set(line.get_xdata())) == 1} >= {0.667, 0.8}
    assert "vantage sheet" in str(draw_agreement(coder_agreement(study([], STANCE))).__dict__)


def test_a_variable_that_everybody_gives_alike_is_named_beneath_the_figure():
    rows, of = coded(np.random.default_rng(1), 20, 5, 0.2)
    alike = [(item, coder, "staged", "no", "d") for item in list(of)[:8] for coder in "ab"]
    for more, named in (([], False), (alike, True)):
        scheme = [*STANCE, ("staged", "nominal", "yes no")]
        figure = draw_agreement(coder_agreement(study(rows + more, scheme, of)))
        said = " ".join(text.get_text() for text in figure.findobj(match=lambda it: hasattr(it, "get_text")))
        assert ("in different ways: staged." in " ".join(said.split())) == named
