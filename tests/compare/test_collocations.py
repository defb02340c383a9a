"""Collocations: against published examples, NLTK, a recount in plain Python, deleted clusters and a simulation."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from nltk.metrics import BigramAssocMeasures
from scipy import sparse, stats

from analysis.compare import collocations
from analysis.compare.collocations import (
    CONTRAST_COLUMNS,
    FEW_NOTE,
    SIDE_COLUMNS,
    CooccurrenceCounts,
    contrast_collocates,
    count_near,
    describe_collocates,
)
from analysis.compare.keyness import ABSENT_NOTE, RARE_NOTE
from analysis.measure.concepts import Codebook
from analysis.measure.ragged import Ragged

NOISE = {"!", ",", "2017", "https://a.example/x", ":)"}
WORDS = ["free", "speech", "trade", "people", "so", "press", "the", "👍"]


def split(texts):
    flat = [word for text in texts for word in text.split()]
    vocabulary = sorted(set(flat))
    code = {word: number for number, word in enumerate(vocabulary)}
    ends = np.cumsum([0, *(len(text.split()) for text in texts)])
    return Ragged(np.array([code[word] for word in flat], np.int32), ends.astype(np.int64), vocabulary)


def near(texts, clusters=None, node="free", window=5):
    tokens = split(texts)
    clusters = [f"c{i}" for i in range(len(texts))] if clusters is None else clusters
    book = Codebook([{"concept": "node", "en": node}], "en", split)
    return count_near(tokens, pd.Series(clusters, dtype=object), book.find(tokens), window)


def counts(together, node, term, words, near_words=None):
    """Return one cluster with given frequencies of one collocate."""
    column = [sparse.csc_array(np.array([[value]])) for value in (together, term)]
    whole = [np.array([value]) for value in (node, node if near_words is None else near_words, words)]
    return CooccurrenceCounts(np.array(["c"], dtype=object), np.array(["w"], dtype=object), *column, *whole, 1)


def one(side, collocate="w"):
    return describe_collocates(side, 1).set_index("collocate").loc[collocate]


@pytest.mark.parametrize(
    ("printed", "together", "x", "y"),
    [
        (11.3, 12, 111, 621),  # honorary doctor
        (11.3, 8, 1105, 44),  # doctors, dentists
        (10.7, 30, 1105, 241),  # doctors, nurses
        (9.0, 6, 275, 621),  # examined, doctor
        (8.9, 11, 1105, 317),  # doctors treat
        (8.7, 25, 621, 1407),  # doctor bills
    ],
)
def test_mi_is_what_church_and_hanks_print_for_doctors(printed, together, x, y):
    # Computational Linguistics 16 (1990): associations with "doctor" in the 1987 AP corpus, N = 15 million.
    assert one(counts(together, x, y, 15_000_000))["mi"] == pytest.approx(printed, abs=0.051)


def test_log_dice_has_the_landmarks_of_its_paper():
    # Rychlý 2008: 14 where the two never part, 0 for one co-occurrence in 16,384 of each, +1 for twice as often,
    # whatever the size of the corpus.
    assert one(counts(7, 7, 7, 100))["log_dice"] == 14
    assert one(counts(1, 16_384, 16_384, 10**6))["log_dice"] == 0
    assert one(counts(2, 500, 300, 10**6))["log_dice"] - one(counts(1, 500, 300, 10**6))["log_dice"] == pytest.approx(1)
    assert one(counts(3, 50, 30, 10**4))["log_dice"] == one(counts(3, 50, 30, 10**9))["log_dice"]


@pytest.mark.parametrize("cells", [(3, 20, 45, 1000, 180), (40, 60, 90, 5000, 600), (1, 9, 400, 900, 70)])
def test_measures_equal_nltks(cells):
    together, node, term, words, window = cells
    row = one(counts(together, node, term, words, window))
    assert row["mi"] == pytest.approx(BigramAssocMeasures.pmi(together, (window, term), words))
    assert row["t_tokens"] == pytest.approx(BigramAssocMeasures.student_t(together, (window, term), words))
    dice = BigramAssocMeasures.dice(together, (node, term), words)
    assert row["log_dice"] == pytest.approx(14 + math.log2(dice))
    assert row["expected"] == pytest.approx(window * term / words)


def test_a_sentence_counted_by_hand():
    side = near(["people are so free , to trade ! and so to speak so freely", "free free"], window=2)
    # The window of `free` holds are, so, to, trade; the comma takes no place. The second text holds nothing else.
    assert side.terms[np.asarray(side.together.sum(axis=0)).ravel() > 0].tolist() == ["are", "so", "to", "trade"]
    assert (side.node.tolist(), side.near.tolist(), side.words.tolist()) == ([1, 2], [4, 0], [11, 0])
    row = one(side, "so")
    assert (row["together"], row["node"], row["term"], row["clusters"]) == (1, 3, 3, 1)
    assert row["log_dice"] == pytest.approx(14 + math.log2(2 / 6))
    assert row["mi"] == pytest.approx(math.log2(1 / (4 * 3 / 11)))


def test_a_term_in_two_windows_counts_once_and_the_nodes_own_words_nowhere():
    side = near(["real people so real people", "people so"], node="real people", window=3)
    table = describe_collocates(side, 1).set_index("collocate")
    assert table["together"].to_dict() == {"so": 1}
    assert side.term.sum() == side.words.sum() == 3


def test_a_window_ends_with_its_utterance():
    assert near(["free", "press"]).together.sum() == 0


def test_names_of_users_and_links_and_marks_are_no_collocates():
    side = near(["free u / some_name , https://a.example/x 2017 !", "/ u / kim free 👍", "u free", "u / u / x free u"])
    assert describe_collocates(side, 1)["collocate"].tolist() == ["u", "👍"]
    assert "some_name" not in side.terms


def recount(talk, window, without=None):
    """Count as the module's docstring says, word by word."""
    total = Counter()
    for cluster, words in talk:
        if cluster == without:
            continue
        terms = [word for word in words if word not in NOISE]
        marks = {i for i, word in enumerate(terms) if word == "free"}
        for i, word in enumerate(terms):
            if i in marks:
                total["node"] += 1
                continue
            total["words"] += 1
            total["term", word] += 1
            if any(abs(i - mark) <= window for mark in marks):
                total["near"] += 1
                total["together", word] += 1
    return total


def score(total, word):
    together, term = total["together", word], total["term", word]
    log_dice = 14 + math.log2(2 * together / (total["node"] + term))
    return log_dice, math.log2(together / (total["near"] * term / total["words"]))


def draw_talk(rng, clusters, tilt=0.0):
    out = []
    for cluster in clusters:
        share = np.exp(rng.normal(tilt * np.arange(len(WORDS)), 0.4))
        for _ in range(rng.integers(2, 6)):
            words = rng.choice(WORDS, rng.integers(1, 25), p=share / share.sum()).tolist()
            out.append((cluster, [w for word in words for w in ([word, ","] if rng.random() < 0.2 else [word])]))
    return out


def count_talk(talk, window=2):
    tokens = Ragged.of(pa.array([words for _, words in talk], pa.list_(pa.string())))
    book = Codebook([{"concept": "node", "en": "free"}], "en", split)
    return count_near(tokens, pd.Series([cluster for cluster, _ in talk]), book.find(tokens), window)


@pytest.fixture(scope="module")
def talks():
    """Return two groups that share five clusters."""
    rng = np.random.default_rng(5)
    a = draw_talk(rng, [f"c{i:02}" for i in range(20)], 0.05)
    return a, draw_talk(rng, [f"c{i:02}" for i in range(15, 38)])


@pytest.mark.parametrize("window", [1, 5])
def test_counts_equal_a_recount_in_plain_python(talks, window):
    talk = talks[0]
    total, table = recount(talk, window), describe_collocates(count_talk(talk, window), 1).set_index("collocate")
    assert table["together"].to_dict() == {k[1]: n for k, n in total.items() if k[0] == "together"}
    assert table["term"].to_dict() == {word: total["term", word] for word in table.index}
    assert set(table["node"]) == {total["node"]}
    for word, row in table.iterrows():
        assert (row["log_dice"], row["mi"]) == pytest.approx(score(total, word))
        holding = {c for c, _ in talk if recount([x for x in talk if x[0] == c], window)["together", word]}
        assert row["clusters"] == len(holding)


def alone(n):
    return n * (math.log(n + 0.5) - math.log(n - 0.5)) ** 2 if n else 0.0


def share(total, word):
    return math.log(total["together", word] + 0.5) - math.log(total["node"] + total["term", word])


def test_intervals_equal_those_of_clusters_deleted_one_by_one(talks):
    table = contrast_collocates(*map(count_talk, talks), min_count=1).set_index("collocate")
    names = [sorted({cluster for cluster, _ in talk}) for talk in talks]
    shared = set(names[0]) & set(names[1])
    assert len(shared) == 5
    weights = (
        lambda one, word: one["node"] + one["term", word],
        lambda one, word: one["together", word],
    )
    for word, row in table.iterrows():
        for measured, weight in zip((share, lambda total, word: score(total, word)[1]), weights, strict=True):
            deviations, free = [], []
            for talk, clusters in zip(talks, names, strict=True):
                without = np.array([measured(recount(talk, 2, c), word) for c in clusters])
                scale = math.sqrt((len(clusters) - 1) / len(clusters))
                deviations.append(dict(zip(clusters, scale * (without - without.mean()), strict=True)))
                held = [weight(recount([x for x in talk if x[0] == c], 2), word) for c in clusters]
                free.append(sum(held) ** 2 / sum(n * n for n in held) - 1)
            parts = [sum(m**2 for c, m in side.items() if c not in shared) for side in deviations]
            parts.append(sum((deviations[0][c] - deviations[1][c]) ** 2 for c in shared))
            df = sum(parts) ** 2 / sum(p * p / f for p, f in zip(parts, [*free, min(free)], strict=True))
            times, se = stats.t.ppf(0.975, df), math.sqrt(sum(parts))
            if measured is not share:
                middle, margin = row["mi_difference"], times * se
                assert (row["mi_ci_low"], row["mi_ci_high"]) == pytest.approx((middle - margin, middle + margin))
                continue
            assert (row["se"], row["df"]) == pytest.approx((se / math.log(2), df))
            n = [row[f"together_{side}"] for side in "ab"]
            among = [row[f"node_{side}"] + row[f"term_{side}"] for side in "ab"]
            effect = max(sum(parts) / sum(map(alone, n)), 1) * (times / stats.norm.ppf(0.975)) ** 2
            law = stats.beta(n[0] / effect + 0.5, n[1] / effect + 0.5)
            ends = [math.log2(end / (1 - end) * among[1] / among[0]) for end in law.ppf([0.025, 0.975])]
            assert (row["ci_low"], row["ci_high"]) == pytest.approx(ends)
            assert row["ci_low"] < row["log_dice_difference"] < row["ci_high"]


def test_p_is_that_of_clusters_dealt_out_anew():
    """A permutation in plain Python of whole clusters' counts, half as many draws; five standard errors."""
    rng = np.random.default_rng(6)
    names = [f"a{i:02}" for i in range(25)], [f"b{i:02}" for i in range(32)]
    sides = [count_talk(draw_talk(rng, side, tilt)) for side, tilt in zip(names, (0.3, 0), strict=True)]
    table = contrast_collocates(*sides, min_count=1, draws=2000, rng=np.random.default_rng(1)).set_index("collocate")
    rng = np.random.default_rng(2)
    for word, row in table.iterrows():
        cells = []
        for side in sides:
            at = side.terms.tolist().index(word)
            together, term = (part[:, [at]].toarray().ravel() for part in (side.together, side.term))
            cells.append(np.column_stack([together, side.node + term]))
        count, cells = len(cells[0]), np.concatenate(cells).astype(float)

        def statistic(order, cells=cells, count=count):
            roots, variance, least = [], 0.0, 0.0
            for part in (cells[order[:count]], cells[order[count:]]):
                n, among = part.sum(axis=0)
                roots.append(math.sqrt((n + 0.5) / among))
                variance += np.square(part[:, 0] - n / among * part[:, 1]).sum() / (2 * among * roots[-1]) ** 2
                least += 1 / (4 * among)
            return abs(roots[0] - roots[1]) / math.sqrt(max(variance, least))

        reached = statistic(np.arange(len(cells)))
        drawn = np.array([statistic(rng.permutation(len(cells))) for _ in range(1000)])
        p = (1 + (drawn >= reached - 1e-9).sum()) / 1001
        held = [row[f"together_{side}"] for side in "ab"]
        effect = max((row["se"] * math.log(2)) ** 2 / sum(map(alone, held)), 1)
        effect *= (stats.t.ppf(0.975, row["df"]) / stats.norm.ppf(0.975)) ** 2
        among = [row[f"node_{side}"] + row[f"term_{side}"] for side in "ab"]
        tail = stats.beta(*(n / effect + 0.5 for n in held)).cdf(among[0] / sum(among))
        own = 2 * min(tail, 1 - tail)
        assert row["p"] == pytest.approx(max(p, own), abs=5 * math.sqrt(p * (1 - p) / 600) + 2e-3)
    assert (table["p"] < 0.05).any()
    assert table["q"].to_numpy() == pytest.approx(stats.false_discovery_control(table["p"]))


def test_swapping_the_groups_flips_every_sign_exactly(talks):
    a, b = map(count_talk, talks)
    one_way, other = (
        contrast_collocates(*pair, 1, draws=199, rng=np.random.default_rng(1)) for pair in ((a, b), (b, a))
    )
    flipped = other.rename(columns={f"{n}_{x}": f"{n}_{y}" for n in SIDE_COLUMNS for x, y in ("ab", "ba")})
    flipped[["log_dice_difference", "mi_difference"]] *= -1
    for low, high in (("ci_low", "ci_high"), ("mi_ci_low", "mi_ci_high")):
        flipped[low], flipped[high] = -other[high], -other[low]
    pd.testing.assert_frame_equal(one_way, flipped[list(CONTRAST_COLUMNS)], check_exact=True)


def test_equal_scores_differ_by_nothing_whatever_their_last_bits(talks, monkeypatch):
    plain, turn = collocations._describe, iter(range(1000))  # noqa: SLF001

    def moved(chosen):
        up = np.inf if next(turn) % 2 else -np.inf
        cells = plain(chosen)
        return {name: np.nextafter(cells[name], up) if name in {"log_dice", "mi"} else cells[name] for name in cells}

    monkeypatch.setattr(collocations, "_describe", moved)
    side = count_talk(talks[0])
    table = contrast_collocates(side, side, min_count=1)
    assert len(table) > 1
    for name in ("log_dice_difference", "mi_difference"):
        assert set(table[name].dropna()) == {0.0}


def test_no_logarithm_of_nothing_and_no_interval_from_few_clusters():
    a = near([f"free press {'trade' * (i < 3)} w{i}" for i in range(12)])
    b = near(["free press"] * 11 + ["speech free trade", "trade"])
    table = contrast_collocates(a, b, 1).set_index("collocate")
    only = table.loc["speech"]
    assert only["note"] == RARE_NOTE
    assert (only["together_a"], only["together_b"], only["clusters_a"], only["g_a"]) == (0, 1, 0, 0)
    assert math.isnan(only["log_dice_a"])
    assert only[["log_dice_difference", "mi_difference", "ci_low", "p"]].isna().all()
    few = table.loc["trade"]
    assert (few["together_a"], few["together_b"], few["term_b"], few["note"]) == (3, 1, 2, RARE_NOTE)
    assert not math.isnan(few["log_dice_difference"])
    assert few[["ci_low", "mi_ci_low", "p"]].isna().all()
    flat = contrast_collocates(near(["free press"] * 12), near(["free press"] * 15), 1).iloc[0]
    assert (flat["log_dice_difference"], flat["se"], flat["note"]) == (0, pytest.approx(0, abs=0.1), "")
    assert flat["ci_low"] < 0 < flat["ci_high"]
    assert math.isnan(flat["mi_ci_low"])


def test_where_a_group_never_has_both_the_interval_is_open():
    a, b = (
        near([f"free press w{i}" for i in range(30)]),
        near(["free trade press"] * 3 + ["free so press"] * 27, window=1),
    )
    table = contrast_collocates(a, b, 1, draws=499, rng=np.random.default_rng(1)).set_index("collocate")
    row = table.loc["press"]
    assert (row["together_a"], row["together_b"], row["ci_high"], row["note"]) == (30, 0, math.inf, ABSENT_NOTE)
    assert math.isnan(row["log_dice_difference"])
    assert row["ci_low"] > 0
    assert row["q"] < 0.05


def test_a_collocate_is_declared_by_its_number_in_both_groups():
    a, b = near(["free press"] * 2), near(["free press", "free trade", "trade free"])
    assert contrast_collocates(a, b, 3)["collocate"].tolist() == ["press"]
    assert contrast_collocates(a, b, 2)["collocate"].tolist() == ["press", "trade"]


@pytest.mark.parametrize("texts", [["press"], [""], ["2017 !"]])
def test_without_the_node_there_is_an_empty_table(texts):
    empty = near(texts)
    assert describe_collocates(empty, 1).empty
    assert contrast_collocates(empty, empty, 1).empty
    assert list(contrast_collocates(empty, empty, 1).columns) == list(CONTRAST_COLUMNS)
    assert contrast_collocates(near(["free press"]), empty, 1)["note"].tolist() == [FEW_NOTE]


def test_collocates_are_taken_in_blocks_without_a_seam(talks, monkeypatch):
    whole = contrast_collocates(*map(count_talk, talks), min_count=1)
    monkeypatch.setattr(collocations, "_BLOCK", 3)
    pd.testing.assert_frame_equal(contrast_collocates(*map(count_talk, talks), min_count=1), whole, rtol=1e-13)


def simulate(rng, clusters, rate, mean, pairs):
    """Draw a group: how often a node stands with each of many collocates of one truth varies between clusters."""
    size = len(clusters)
    node = rng.poisson(rng.gamma(2, rate / 2, size)) + 1
    shape = (size, pairs)
    together = rng.binomial(node[:, None], rng.beta(mean * 4, (1 - mean) * 4, shape))
    term = together + rng.poisson(rng.gamma(1, 6, shape))
    terms = np.array([f"w{i:03}" for i in range(pairs)], dtype=object)
    words = node * 10 + rng.poisson(400, size)
    return CooccurrenceCounts(
        clusters, terms, sparse.csc_array(together), sparse.csc_array(term), node, node * 10, words, size
    )


@pytest.mark.parametrize(("sizes", "rate"), [((30, 30), 4), ((15, 80), 4)])
def test_intervals_cover_the_truth_and_nulls_are_no_findings(sizes, rate):
    rng = np.random.default_rng(11)
    names = [np.array([f"{side}{i:03}" for i in range(n)], dtype=object) for side, n in zip("ab", sizes, strict=True)]
    means, covered, null = (0.3, 0.15), [], []
    truth = np.subtract(*(math.log2(2 * (rate + 1) * mean / ((rate + 1) * (1 + mean) + 6)) for mean in means))
    for _ in range(16):
        sides = [simulate(rng, n, rate, mean, 50) for n, mean in zip(names, means, strict=True)]
        table = contrast_collocates(*sides, min_count=1)
        assert table["ci_low"].notna().all()
        covered += ((table["ci_low"] <= truth) & (truth <= table["ci_high"])).tolist()
        other = simulate(rng, names[1], rate, means[0], 50)
        null.append(contrast_collocates(sides[0], other, min_count=1, draws=199, rng=rng))
    assert 0.93 <= np.mean(covered) <= 0.985
    every = pd.concat(null)
    every = every[every["p"].notna()]
    assert len(every) >= 600
    assert (every["p"] < 0.05).mean() <= 0.07
    assert sum((table["q"] < 0.05).any() for table in null) <= 2
    assert ((every["p"] < 0.05) == ((every["ci_low"] > 0) | (every["ci_high"] < 0))).all()
