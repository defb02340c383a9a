"""p of terms by permuting clusters: against exact enumeration in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from exact import exact_p
from scipy import sparse

from analysis.compare import keyness_permutation
from analysis.compare.keyness_permutation import Grid, keyness_p


def statistic(a, b):
    """Recompute |difference of roots| by its standard error from (count, words) of named clusters."""
    roots, deviations, floor = [], {}, 0.0
    for sign, group in ((1, a), (-1, b)):
        n, words = (sum(pair[i] for pair in group.values()) for i in (0, 1))
        root = ((n + 0.5) / words) ** 0.5
        roots.append(root)
        floor += 1 / (4 * words)
        for name, (count, size) in group.items():
            deviations[name] = deviations.get(name, 0) + sign * (count - n / words * size) / (2 * words * root)
    variance = max(sum(deviation**2 for deviation in deviations.values()), floor)
    return abs(roots[0] - roots[1]) / variance**0.5


def grid(*terms):
    """Lay out terms (each a dict of cluster to count and words) of one side."""
    names = sorted(terms[0])
    counts = sparse.csr_array(np.array([[term[name][0] for term in terms] for name in names]))
    return Grid(np.array(names, dtype=object), counts, np.array([terms[0][name][1] for name in names], dtype=float))


def draw(rng, names, rates):
    sizes = rng.integers(20, 90, len(names))
    return [{n: (int(rng.poisson(rate * k)), int(k)) for n, k in zip(names, sizes, strict=True)} for rate in rates]


@pytest.mark.parametrize("shared", [0, 2, 4])
def test_p_is_that_of_exact_enumeration(shared):
    rng = np.random.default_rng(shared)
    names = [f"c{i}" for i in range(9)]
    first = 4 + shared // 2
    a = draw(rng, names[:first], [0.12, 0.05, 0.01])
    b = draw(rng, names[first - shared :][: 5 + shared // 2], [0.02, 0.05, 0.04])
    p = keyness_p(grid(*a), grid(*b), 4000, np.random.default_rng(1))
    for term, found in enumerate(p):
        truth = exact_p(statistic, a[term], b[term])
        assert found == pytest.approx(truth, abs=4 * (truth * (1 - truth) / 4000) ** 0.5 + 1e-3)


def test_a_lone_term_that_no_draw_reaches_goes_on_until_its_q_can_be_small(monkeypatch):
    """With 12 v 12 two splits of 2.7 million are as extreme, so that p is what the draws allow."""
    rng = np.random.default_rng(2)
    strong = [{f"a{i:02}": (20 + i % 3, 100) for i in range(12)}, {f"b{i:02}": (2 + i % 2, 100) for i in range(12)}]
    weak = [draw(rng, sorted(side), [0.05])[0] for side in strong]
    weak = [{name: (count, 100) for name, (count, _) in side.items()} for side in weak]
    grids = [grid(side, *[other] * 999) for side, other in zip(strong, weak, strict=True)]
    p = keyness_p(*grids, 99, np.random.default_rng(3))
    assert p[0] == pytest.approx(1 / (1 + 20 * 1000))
    assert p[0] * 1000 < 0.05
    assert len(set(p[1:])) == 1
    assert p[1] > 0.01
    alone = keyness_p(*(grid(side) for side in strong), 99, np.random.default_rng(1))
    assert alone[0] == pytest.approx(1 / 2000)
    # Not where that would outlast all the rest: 10,000 draws of 24 clusters are enough.
    monkeypatch.setattr(keyness_permutation, "_LONE_LABELS", 10_000 * 24)
    assert keyness_p(*grids, 99, np.random.default_rng(3))[0] == pytest.approx(1 / (1 + 10_000))


def test_what_a_term_is_counted_among_can_be_its_own():
    """Words that come in two parts, of which one is the term's own, are the same as their sum."""
    rng = np.random.default_rng(8)
    sides = [draw(rng, [f"c{i}" for i in places], [0.1, 0.03]) for places in (range(9), range(6, 17))]
    whole = [[grid(term) for term in side] for side in sides]
    apart = []
    for side, terms in zip(sides, whole, strict=True):
        same = np.floor(terms[0].words / 3)
        more = sparse.csr_array(np.column_stack([term.words - same for term in terms]))
        apart.append(grid(*side)._replace(words=same, more=more))
    p = keyness_p(*apart, 300, np.random.default_rng(1))
    alone = [keyness_p(a, b, 300, np.random.default_rng(1))[0] for a, b in zip(*whole, strict=True)]
    assert p.tolist() == alone


def test_p_does_not_depend_on_which_side_is_called_a():
    rng = np.random.default_rng(4)
    a = grid(*draw(rng, [f"a{i:02}" for i in range(14)], [0.05, 0.2, 0.1]))
    b = grid(*draw(rng, [f"a{i:02}" for i in range(8, 20)], [0.1, 0.1, 0.1]))
    p = keyness_p(a, b, 300, np.random.default_rng(1))
    assert keyness_p(b, a, 300, np.random.default_rng(1)).tolist() == p.tolist()
    first = [Grid(side.clusters, side.counts[:, [0]], side.words) for side in (a, b)]
    assert keyness_p(*first, 300, np.random.default_rng(1))[0] == pytest.approx(p[0], abs=0.05)


def test_labels_keep_their_number_and_are_uniform():
    labels = keyness_permutation._labels(6, 2, 3, 30_000, np.random.default_rng(1)).T  # noqa: SLF001
    assert labels.shape == (9, 30_000)
    assert (labels[:6].sum(axis=0) == 2).all()
    _, times = np.unique(labels[:6].T @ 2 ** np.arange(6), return_counts=True)
    assert len(times) == 15
    # 2,000 of each expected; five standard errors.
    assert np.abs(times - 2000).max() < 5 * (2000 * 14 / 15) ** 0.5
    assert np.abs(labels[6:].mean(axis=1) - 0.5).max() < 0.015


def test_a_side_without_words_has_no_p():
    a, b = grid({"x": (1, 5), "y": (0, 4)}), grid({"z": (0, 0)})
    assert np.isnan(keyness_p(a, b, 99, np.random.default_rng(1))[0])
