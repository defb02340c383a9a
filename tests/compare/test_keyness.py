"""Keyness: against the papers' formulas in plain Python, scipy, a recount by deleted cluster, and simulations."""

from __future__ import annotations

import importlib.util
import math
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse, stats
from talk import count, draw_talk, talks, words

from analysis.compare.jackknife import Jackknife
from analysis.compare.keyness import TERM_COLUMNS, dispersion, keyness, leading, log_likelihood, settings
from analysis.compare.log_ratio import Intervals, agree, interval, log_ratio
from analysis.compare.vocabulary import count_pairs
from analysis.measure.lexicon import topic_words
from analysis.parameters import Parameters

_PLACE = Path(__file__).parents[1] / "benchmarks" / "keyness_nulls.py"
_SPEC = importlib.util.spec_from_file_location("keyness_benchmark", _PLACE)
studies = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(studies)


def monroe(a, b, prior, strength):
    """Monroe, Colaresi & Quinn (2008), equations 15, 16, 19 (as approximated in 20) and 22, term by term."""
    y_a, y_b = Counter(a), Counter(b)
    n_a, n_b = len(a), len(b)
    out = {}
    for word in set(a) | set(b):
        alpha = prior[word]
        omega_a = (y_a[word] + alpha) / (n_a + strength - y_a[word] - alpha)
        omega_b = (y_b[word] + alpha) / (n_b + strength - y_b[word] - alpha)
        delta = math.log(omega_a) - math.log(omega_b)
        variance = 1 / (y_a[word] + alpha) + 1 / (y_b[word] + alpha)
        out[word] = (delta, math.sqrt(variance), delta / math.sqrt(variance))
    return out


@pytest.mark.parametrize("prior_share", [0.01, 0.05, 0.5])
@pytest.mark.parametrize("kind", ["background", "pooled", "flat"])
def test_log_odds_are_those_of_the_paper(prior_share, kind):
    a, b = talks(3)
    said_a, said_b = words(a), words(b)
    strength = prior_share * min(len(said_a), len(said_b))
    seen = sorted(set(said_a) | set(said_b))
    if kind == "background":
        background = {"so": 0.02, "free": 0.001, "朝鲜": 0.0005, "unseen": 0.00001}
        share = {word: background.get(word, 0.00001) for word in seen}
    elif kind == "flat":  # as implementations of "fighting words" with one constant have it
        background = dict.fromkeys(seen, 1 / len(seen))
        share = dict.fromkeys(seen, 1 / len(seen))
    else:
        background = None
        share = {word: n / len(said_a + said_b) for word, n in Counter(said_a + said_b).items()}
    expected = monroe(said_a, said_b, {word: strength * share[word] for word in seen}, strength)
    table = keyness(count(a), count(b), background, min_count=3, prior_share=prior_share).set_index("term")
    assert set(table["prior"]) == {"pooled share" if kind == "pooled" else "ordinary language"}
    assert len(table) > 8
    for term, row in table.iterrows():
        assert (row["log_odds"], row["se_tokens"], row["z_tokens"]) == pytest.approx(expected[term], rel=1e-10)


def test_a_stronger_prior_pulls_log_odds_together():
    a, b = talks(3)
    spread = [keyness(count(a), count(b), prior_share=share)["log_odds"].abs().max() for share in (0.01, 0.1, 1.0)]
    assert spread[0] > spread[1] > spread[2]


def test_rates_and_log_ratio_by_hand():
    a = [(f"a{i}", ["free"] * 2 + ["so"] * 98) for i in range(5)] + [("a9", ["the"] * 500)]
    b = [(f"b{i}", ["so"] * 400) for i in range(5)] + [("b9", ["free"] * 4 + ["the"] * 1996)]
    row = keyness(count(a), count(b)).set_index("term").loc["free"]
    assert (row["n_a"], row["n_b"], row["clusters_a"], row["clusters_b"]) == (10, 4, 5, 1)
    assert (row["per_million_a"], row["per_million_b"]) == pytest.approx((10_000, 1000))
    assert row["log_ratio"] == pytest.approx(math.log2((10.5 / 1000) / (4.5 / 4000)))


@pytest.mark.parametrize("min_count", [1, 5, 40])
def test_the_declared_vocabulary_is_what_the_pair_holds_often_enough(min_count):
    a, b = talks(4)
    both = Counter(words(a)) + Counter(words(b))
    table = keyness(count(a), count(b), min_count=min_count)
    assert tuple(table.columns) == TERM_COLUMNS
    assert table["term"].tolist() == sorted(word for word, n in both.items() if n >= min_count)
    assert (table["n_a"] + table["n_b"]).tolist() == [both[term] for term in table["term"]]
    assert table["clusters_a"].tolist() == [len({c for c, t in a if term in t}) for term in table["term"]]


def recount(a, b, term):
    """Return variances (whole, of a, of b) and df of the natural log ratio, one cluster after the other left out."""
    names = [sorted({cluster for cluster, _ in talk}) for talk in (a, b)]
    deviations, free = [], []
    for talk, mine in zip((a, b), names, strict=True):
        left_out = {}
        for cluster in mine:
            said = words(talk, cluster)
            left_out[cluster] = math.log((said.count(term) + 0.5) / len(said))
        middle = sum(left_out.values()) / len(mine)
        shrink = math.sqrt((len(mine) - 1) / len(mine))
        deviations.append({cluster: shrink * (value - middle) for cluster, value in left_out.items()})
        sizes = [len(words([pair for pair in talk if pair[0] == cluster])) for cluster in mine]
        free.append(sum(sizes) ** 2 / sum(size**2 for size in sizes) - 1)
    parts = Counter()
    for cluster in {*names[0], *names[1]}:
        parts[cluster in deviations[0], cluster in deviations[1]] += (
            deviations[0].get(cluster, 0) - deviations[1].get(cluster, 0)
        ) ** 2
    variance = sum(parts.values())
    frees = {(True, False): free[0], (False, True): free[1], (True, True): min(free)}
    alone = [sum(deviation**2 for deviation in side.values()) for side in deviations]
    return variance, *alone, variance**2 / sum(part**2 / frees[key] for key, part in parts.items() if part)


def alone(n):
    """Return the jackknife's variance of log(n + 1/2) if each occurrence is left out alone."""
    return sum((math.log(n + 0.5) - math.log(n - 0.5)) ** 2 for _ in range(n))


@pytest.mark.parametrize("shared", [0, 1, 7, 12])
def test_intervals_are_those_of_a_recount_without_one_cluster_at_a_time(shared):
    a, b = talks(5, shared=shared)
    table = keyness(count(a), count(b)).set_index("term")
    given_one = table[np.isfinite(table["ci_low"])]
    assert len(given_one) > 8
    sizes = len(words(a)), len(words(b))
    for term, row in given_one.iterrows():
        variance, _, _, df = recount(a, b, term)
        n_a, n_b = row["n_a"], row["n_b"]
        effect = max(variance / (alone(n_a) + alone(n_b)), 1) * (stats.t.ppf(0.975, df) / 1.959963984540054) ** 2
        share = stats.beta.ppf([0.025, 0.975], n_a / effect + 0.5, n_b / effect + 0.5)
        expected = np.log2(share / (1 - share) * sizes[1] / sizes[0])
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(expected), rel=1e-8)
        assert row["ci_low"] < row["log_ratio"] < row["ci_high"]


def test_where_a_side_lacks_the_term_the_interval_is_open_and_rests_on_the_other_side():
    a, b = talks(5)
    for number, (_, said) in enumerate(a[::3]):
        said.extend(["only"] * (1 + number % 3))
    table = keyness(count(a), count(b)).set_index("term")
    row = table.loc["only"]
    assert row["n_b"] == 0
    assert row["ci_high"] == math.inf
    assert "interval open" in row["note"]
    _, variance, _, df = recount(a, b, "only")
    effect = max(variance / alone(row["n_a"]), 1) * (stats.t.ppf(0.975, df) / 1.959963984540054) ** 2
    share = stats.beta.ppf(0.025, row["n_a"] / effect + 0.5, 0.5)
    assert row["ci_low"] == pytest.approx(math.log2(share / (1 - share) * len(words(b)) / len(words(a))), rel=1e-8)
    back = keyness(count(b), count(a)).set_index("term").loc["only"]
    assert (back["ci_low"], back["ci_high"]) == (-math.inf, -row["ci_low"])


def test_where_a_permutation_and_an_interval_disagree_the_more_cautious_holds():
    ratio = np.array([1.0, 1.0, 1.0, -2.0, 1.0, 1.0])
    own = Intervals(
        np.array([0.2, 0.2, -0.1, -np.inf, 0.2, 0.2]),
        np.array([2.0, 2.0, 2.0, -0.3, 2.0, 2.0]),
        np.array([0.002, 0.02, 0.08, 0.01, 0.02, 0.02]),
    )
    limits = agree(np.array([0.001, 0.06, 0.03, 0.2, 1.0, np.nan]), ratio, own)
    assert limits.p[:5].tolist() == [0.002, 0.06, 0.08, 0.2, 1.0]
    assert math.isnan(limits.p[5])
    # Miettinen: with z of p .06 (1.881) and of .2 (1.282), the estimate times 1 - 1.960 / z.
    assert limits.low.tolist() == pytest.approx(
        [0.2, 1 - 1.95996 / 1.88079, -0.1, -np.inf, 1 - 1.95996 / 0.67449, 0.2], abs=1e-4
    )
    assert limits.high.tolist() == pytest.approx([2, 2, 2, 2 * (1.95996 / 1.28155 - 1), 2, 2], abs=1e-4)


@pytest.mark.parametrize("shared", [0, 7])
def test_the_p_of_an_interval_is_the_error_at_which_it_touches_nothing(shared):
    a, b = talks(5, shared=shared)
    table = keyness(count(a), count(b)).set_index("term")
    words_a, words_b = len(words(a)), len(words(b))
    for term, row in table.iterrows():
        variance, of_a, of_b, df = recount(a, b, term)
        spread = Jackknife(*(np.array([value]) for value in (variance, of_a, of_b, df)))
        found = interval((np.array([float(row["n_a"])]), np.array([float(row["n_b"])])), (words_a, words_b), spread)
        assert (found.low[0], found.high[0]) == pytest.approx((row["ci_low"], row["ci_high"]), rel=1e-8)
        effect = max(variance / (alone(row["n_a"]) + alone(row["n_b"])), 1)
        effect *= (stats.t.ppf(0.975, df) / 1.959963984540054) ** 2
        law = stats.beta(row["n_a"] / effect + 0.5, row["n_b"] / effect + 0.5)
        tail = law.cdf(words_a / (words_a + words_b))
        assert found.p[0] == pytest.approx(2 * min(tail, 1 - tail), rel=1e-8)


def test_a_word_that_few_clusters_repeat_has_a_wider_interval_than_one_that_many_say_once():
    rng = np.random.default_rng(3)
    a = [(f"a{i:02}", ["so"] * int(rng.integers(40, 60)) + (["burst"] * 8 if i % 5 == 0 else [])) for i in range(20)]
    b = [(f"b{i:02}", ["so"] * int(rng.integers(40, 60))) for i in range(20)]
    for i, (_, said) in enumerate(a):
        said.extend(["spread"] * (1 + (i % 3 == 0) + (i % 4 == 0)))
    for _, said in b[:8]:
        said.extend(["burst", "spread"])
    table = keyness(count(a), count(b)).set_index("term")
    wide = table["ci_high"] - table["ci_low"]
    assert table.loc["burst", "n_a"] == table.loc["spread", "n_a"] == 32
    assert wide["burst"] > 1.3 * wide["spread"]


@pytest.mark.parametrize("shared", [0, 7])
def test_swapping_the_groups_turns_the_signs_exactly(shared):
    a, b = (count(talk) for talk in talks(6, shared=shared))
    there, back = (keyness(*pair, draws=199, rng=np.random.default_rng(1)) for pair in ((a, b), (b, a)))
    assert there["term"].tolist() == back["term"].tolist()
    for name, other in (("log_ratio",) * 2, ("log_odds",) * 2, ("z_tokens",) * 2, ("ci_low", "ci_high")):
        np.testing.assert_array_equal(there[name], -back[other])
    for name in ("se_tokens", "g2_tokens", "p_tokens"):
        assert there[name].to_numpy() == pytest.approx(back[name].to_numpy(), rel=1e-14)
    for name in ("n", "per_million", "clusters", "dp", "dp_norm"):
        np.testing.assert_array_equal(there[f"{name}_a"], back[f"{name}_b"])
    pd.testing.assert_frame_equal(
        there[["class", "p", "q", "prior", "note"]], back[["class", "p", "q", "prior", "note"]]
    )


def test_order_of_rows_does_not_matter():
    a, b = talks(7, shared=3)
    random = np.random.default_rng(0)
    mixed = [[talk[i] for i in random.permutation(len(talk))] for talk in (a, b)]
    tables = [keyness(*map(count, pair), draws=99, rng=np.random.default_rng(1)) for pair in ((a, b), mixed)]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize(
    ("n_a", "n_b", "words_a", "words_b"), [(20, 10, 1000, 1000), (0, 7, 300, 5000), (3, 3, 90, 90)]
)
def test_g2_is_that_of_scipy(n_a, n_b, words_a, words_b):
    table = [[n_a, n_b], [words_a - n_a, words_b - n_b]]
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert log_likelihood(np.array([n_a]), np.array([n_b]), words_a, words_b)[0] == pytest.approx(
        expected.statistic, rel=1e-9, abs=1e-12
    )
    rest = [("x", ["so"] * (words_a - n_a) + ["free"] * n_a)], [("y", ["so"] * (words_b - n_b) + ["free"] * n_b)]
    row = keyness(*map(count, rest)).set_index("term").loc["free"]
    assert (row["g2_tokens"], row["p_tokens"]) == pytest.approx(
        (expected.statistic, expected.pvalue), rel=1e-9, abs=1e-12
    )


def test_dp_is_that_of_the_published_example():
    """Gries (2008, 2020): a corpus of 50 letters in five parts, and the dispersion of the letter a."""
    parts = ["bamnibeup", "basatbewqn", "bcagabesta", "baghabeaat", "bahaabeaxat"]
    letters = sorted(set("".join(parts)))
    counts = sparse.csr_array(np.array([[part.count(letter) for letter in letters] for part in parts]))
    dp, norm = dispersion(counts, np.array([len(part) for part in parts], dtype=float))
    assert dp[letters.index("a")] == pytest.approx(0.18, abs=1e-12)
    assert norm[letters.index("a")] == pytest.approx(0.18 / 0.82, abs=1e-12)
    # x stands in the last part only: half of .18 + .2 + .2 + .2 + (1 - .22).
    assert dp[letters.index("x")] == pytest.approx(0.78, abs=1e-12)
    # b stands as the parts are long but for its two in the first three: recomputed part by part.
    share = np.array([9, 10, 10, 10, 11]) / 50
    said = np.array([part.count("b") for part in parts])
    assert dp[letters.index("b")] == pytest.approx(np.abs(share - said / said.sum()).sum() / 2, abs=1e-12)


def test_dispersion_is_of_each_side_and_missing_where_the_term_is():
    a, b = talks(4)
    a[0][1].extend(["only"] * 9)
    row = keyness(count(a), count(b)).set_index("term").loc["only"]
    sizes = [len(words([pair for pair in a if pair[0] == cluster])) for cluster in sorted({c for c, _ in a})]
    expected = 1 - sizes[0] / sum(sizes)
    assert (row["dp_a"], row["dp_norm_a"]) == pytest.approx((expected, expected / (1 - min(sizes) / sum(sizes))))
    assert math.isnan(row["dp_b"])
    assert math.isnan(row["dp_norm_b"])


def test_few_clusters_have_neither_interval_nor_p_and_say_so():
    a, b = talks(8, count_a=4)
    table = keyness(count(a), count(b), draws=99, rng=np.random.default_rng(1))
    assert table[["ci_low", "ci_high", "p", "q"]].isna().all(axis=None)
    assert table["note"].str.contains("too few clusters: no interval, no p").all()
    assert table["log_ratio"].notna().all()


def test_under_ten_effective_clusters_have_no_p():
    a, b = talks(8, count_a=9)
    table = keyness(count(a), count(b), draws=99, rng=np.random.default_rng(1))
    assert table["ci_low"].notna().any()
    assert table[["p", "q"]].isna().all(axis=None)
    assert table["note"].str.contains("too few clusters: no p").all()


def test_a_term_in_few_clusters_has_no_interval():
    a, b = talks(9)
    a.append((a[0][0], ["somewhere"] * 50))
    b += [(b[0][0], ["somewhere"]), (b[-1][0], ["somewhere"])]
    table = keyness(count(a), count(b)).set_index("term")
    assert math.isnan(table.loc["somewhere", "ci_low"])
    assert "too few clusters" in table.loc["somewhere", "note"]
    assert table.loc["so", "note"] == "too few clusters: no p"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_side_without_words_gives_no_interval_and_no_error():
    a, _ = talks(10)
    for pair in ((a, [("b", ["!"])]), ([("b", [])], a), ([], a)):
        table = keyness(*map(count, pair), draws=99, rng=np.random.default_rng(1))
        assert table[["ci_low", "p"]].isna().all(axis=None)
        assert table["note"].str.contains("too few clusters").all()
    assert keyness(count([]), count([])).empty


def test_q_is_corrected_over_the_declared_vocabulary():
    a, b = draw_pair(30, times=4)
    table = keyness(a, b, min_count=3, draws=499, rng=np.random.default_rng(1))
    expected = stats.false_discovery_control(table["p"].to_numpy(), method="bh")
    assert table["q"].to_numpy() == pytest.approx(expected, rel=1e-12)
    assert (table["q"] < 0.05).any()


def draw_pair(clusters, times=1.0, seed=1):
    return studies.draw(studies.World((clusters, clusters), 0.5), np.random.default_rng(seed), times)


def test_words_that_are_left_out_are_out_of_the_family_and_change_no_other_row():
    rng = np.random.default_rng(8)
    talks = [draw_talk(rng, [f"{side}{i}" for i in range(15)]) for side in "ab"]
    for made in (count, lambda talk: count_pairs(pa.array([t for _, t in talk]), pd.Series([c for c, _ in talk]))):
        whole, less = (
            keyness(*map(made, talks), without=without, draws=99, rng=np.random.default_rng(1))
            for without in ((), ("free", "朝鲜"))
        )
        gone = [term for term in whole["term"] if {"free", "朝鲜"} & set(term.split(" "))]
        assert gone
        assert less["term"].tolist() == [term for term in whole["term"] if term not in gone]
        kept = whole[~whole["term"].isin(gone)].reset_index(drop=True)
        same = ["n_a", "n_b", "log_ratio", "ci_low", "ci_high", "log_odds", "dp_a"]
        pd.testing.assert_frame_equal(less[same], kept[same])
        tested = less["p"].notna()
        expected = stats.false_discovery_control(less.loc[tested, "p"])
        assert less.loc[tested, "q"].to_numpy() == pytest.approx(expected)


def test_topic_words_name_what_the_talk_is_about_and_nothing_else():
    assert {"korea", "kim", "china", "president"} <= topic_words("en")
    assert {"朝鲜", "中国", "领袖"} <= topic_words("zh")
    assert not {"not", "happy", "but"} & topic_words("en")
    assert not {"不", "的", "快乐"} & topic_words("zh")


@pytest.mark.parametrize(("parameter", "dropped"), [("keep", False), ("drop", True)])
def test_the_run_says_whether_topic_words_are_key_words(parameter, dropped):
    study = SimpleNamespace(parameters=Parameters(topic_words=parameter, min_count=7), rng=lambda: 1)
    told = settings(study, "zh")
    assert bool(told["without"]) == dropped
    assert {name: told[name] for name in ("min_count", "prior_share", "draws", "rng")} == {
        "min_count": 7,
        "prior_share": 0.02,
        "draws": 1999,
        "rng": 1,
    }


def test_pairs_have_a_family_and_a_prior_of_their_own():
    a, b = talks(3)
    counts = [
        count_pairs(pa.array([said for _, said in talk], pa.list_(pa.string())), pd.Series([c for c, _ in talk]))
        for talk in (a, b)
    ]
    table = keyness(*counts, min_count=3, draws=99, rng=np.random.default_rng(1))
    assert set(table["class"]) == {"pair"}
    assert set(table["prior"]) == {"pooled share"}
    assert table["per_million_a"].iloc[0] == pytest.approx(1e6 * table["n_a"].iloc[0] / counts[0].matrix.sum())


def test_leading_terms_are_those_whose_interval_stays_farthest_from_nothing():
    a, b = draw_pair(60, times=np.tile([4.0, 1.0, 1.0, 1.0, 0.25], len(studies.RATES)))
    table = keyness(a, b, min_count=3, draws=499, rng=np.random.default_rng(1))
    chosen = leading(table, 4)
    for sign, side in ((1, chosen[chosen["log_ratio"] > 0]), (-1, chosen[chosen["log_ratio"] < 0])):
        assert side["rank"].tolist() == [1, 2, 3, 4]
        assert (side["q"] < 0.05).all()
        found = table[(table["q"] < 0.05) & (sign * table["log_ratio"] > 0)]
        limits = found["ci_low"] if sign > 0 else -found["ci_high"]
        assert side["term"].tolist() == found.loc[limits.sort_values(ascending=False).index, "term"].head(4).tolist()
    alone = keyness(a, b, min_count=3)
    chosen = leading(alone, 100)
    assert set(chosen["term"]) == set(alone.loc[(alone["ci_low"] > 0) | (alone["ci_high"] < 0), "term"])


def test_without_any_interval_a_term_of_one_cluster_does_not_lead():
    a = [("a0", ["burst"] * 90 + ["so"] * 50), ("a1", ["free"] * 9 + ["so"] * 50), ("a2", ["free", "so"])]
    b = [("b0", ["so"] * 60), ("b1", ["so"] * 60)]
    assert leading(keyness(count(a), count(b)), 9)["term"].tolist() == ["free", "so"]
    one = keyness(count(a[:1]), count(b))
    assert leading(one, 9)["term"].tolist() == ["burst", "so"]


@pytest.mark.parametrize("name", ["15 v 15, log-sd .5", "12 v 60, log-sd 1", "15 v 15, all on both sides, log-sd 1"])
def test_nulls_are_no_findings(name):
    """A small version of ``tests/benchmarks/keyness_nulls.py``, which holds 1,000 of each."""
    found = studies.nulls(studies.NULLS[name], 40, np.random.default_rng(5), 199)
    assert found["p"] <= 0.05
    assert found["q"] <= 0.08
    assert found["apart"] == 0
    assert found["p_tokens"] > 0.08
    assert 0.02 <= found["interval"] <= 0.07


def test_videos_of_few_speakers_are_no_clusters():
    rng = np.random.default_rng(6)
    assert math.isnan(studies.nulls(studies.NULLS["6 v 6 speakers x 25 videos"], 10, rng, 99)["p"])
    wrong = studies.nulls(studies.NULLS["6 v 6 speakers, each video a cluster (the mistake)"], 10, rng, 99)
    assert wrong["p"] > 0.1


def test_planted_terms_are_found_and_intervals_hold_the_truth():
    rows = studies.planted(studies.World((60, 60), 0.5), 30, np.random.default_rng(7), 199)
    often = rows[rows["rate"] >= 20]
    assert (often.loc[often["times"] == 3, "q"] < 0.05).mean() > 0.9
    assert (often.loc[often["times"] == 1, "p"] < 0.05).mean() < 0.08
    assert 0.93 <= studies.covered(rows) <= 0.99
    rare = rows[(rows["times"] > 1) & (rows["n_a"] + rows["n_b"]).between(5, 14)]
    assert rare["ci_low"].notna().sum() > 80
    assert studies.covered(rare) >= 0.93


def test_half_an_occurrence_gives_no_term_its_direction():
    # Hand-worked: 1 of 49 words is less than 701 of 31,966, but 1.5 of 49 is more than 701.5 of them.
    n, words = (np.array([1, 3, 0]), np.array([701, 701, 0])), (49, 31_966)
    assert log_ratio(n, words) == pytest.approx([0, np.log2(3.5 / 49) - np.log2(701.5 / 31_966), 0])
    assert log_ratio(n[::-1], words[::-1]).tolist() == (-log_ratio(n, words)).tolist()
