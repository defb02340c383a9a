"""Clusters: sums by hand and by pandas, and what the effective number of clusters means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.compare.clusters import WEIGHTINGS, effective_clusters, make_side, placed
from analysis.errors import ParameterError

VALUES = pd.Series([1.0, 3.0, 5.0, np.nan, 7.0, -2.0])
CLUSTERS = pd.Series(["v2", "v2", "v1", "v1", "v3", "v2"])
LIKES = pd.Series([10, 0, 2, 99, None, 4], dtype="Int64")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([7], 1),
        ([5, 5, 5, 5], 4),
        ([2, 1], 9 / 5),
        ([97, 1, 1, 1], 10_000 / (97**2 + 3)),
        ([20, 9, 8, 7, 6, 6, 5, 5, 5, 4, 4, 3, 3, 3, 2, 2, 1, 1, 1], 95**2 / 811),
    ],
)
def test_effective_clusters_by_hand(sizes, expected):
    assert effective_clusters(np.array(sizes, dtype=float)) == pytest.approx(expected, rel=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=30), st.floats(0.001, 1000))
def test_effective_clusters_lie_between_one_and_all_and_know_no_scale(sizes, factor):
    weights = np.array(sizes, dtype=float)
    effective = effective_clusters(weights)
    assert 1 - 1e-9 <= effective <= len(sizes) + 1e-9
    assert effective_clusters(weights * factor) == pytest.approx(effective)
    assert effective_clusters(np.append(weights, 0.0)) == pytest.approx(effective)


def test_whole_numbers_do_not_overflow():
    assert effective_clusters(np.full(3, 2_000_000_000, dtype=np.int32)) == pytest.approx(3)


def test_utterances_weigh_the_same():
    side = make_side(VALUES, CLUSTERS)
    assert side.clusters.tolist() == ["v1", "v2", "v3"]
    assert side.total.tolist() == [5, 2, 7]
    assert side.weight.tolist() == [1, 3, 1]
    assert side.n == 5
    assert side.mean == pytest.approx(14 / 5)
    assert side.effective == pytest.approx(25 / 11)


def test_clusters_weigh_the_same():
    side = make_side(VALUES, CLUSTERS, "cluster")
    assert side.total == pytest.approx([5, 2 / 3, 7])
    assert side.weight == pytest.approx([1, 1, 1])
    assert side.mean == pytest.approx((5 + 2 / 3 + 7) / 3)
    assert side.effective == pytest.approx(3)
    assert side.n == 5


def test_likes_weigh_and_unknown_likes_are_left_out():
    side = make_side(VALUES, CLUSTERS, "likes", LIKES)
    assert side.clusters.tolist() == ["v1", "v2"]
    assert side.total.tolist() == [10, 10 * 1 + 0 * 3 - 4 * 2]
    assert side.weight.tolist() == [2, 14]
    assert side.n == 4
    assert side.mean == pytest.approx(12 / 16)


def test_votes_below_zero_weigh_nothing():
    side = make_side(pd.Series([1.0, -1.0, 0.5]), pd.Series(["a", "a", "b"]), "likes", pd.Series([3, -50, 1]))
    assert side.weight.tolist() == [3, 1]
    assert side.mean == pytest.approx(3.5 / 4)


def test_nothing_endorsed_has_no_mean():
    side = make_side(pd.Series([1.0, 2.0]), pd.Series(["a", "b"]), "likes", pd.Series([0, 0]))
    assert np.isnan(side.mean)
    assert side.effective == 0


def draw(rng, rows=400):
    values = np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows))
    likes = np.where(rng.random(rows) < 0.1, np.nan, rng.integers(0, 50, rows))
    clusters = [f"视频{i}" for i in rng.zipf(1.7, rows)]
    return pd.DataFrame({"value": values, "cluster": clusters, "likes": likes})


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_means_and_weights_are_those_of_pandas(weighting):
    frame = draw(np.random.default_rng(7))
    side = make_side(frame["value"], frame["cluster"], weighting, frame["likes"])
    scored = frame.dropna() if weighting == "likes" else frame.dropna(subset=["value"])
    if weighting == "cluster":
        expected = scored.groupby("cluster")["value"].mean().mean()
    else:
        expected = np.average(scored["value"], weights=scored["likes"] if weighting == "likes" else None)
    assert side.mean == pytest.approx(expected, rel=1e-12)
    assert side.n == len(scored)
    assert side.clusters.tolist() == sorted(set(scored["cluster"]))
    if weighting == "utterance":
        assert side.weight.tolist() == scored.groupby("cluster").size().tolist()


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_neither_order_nor_index_of_the_rows_matters(weighting):
    rng = np.random.default_rng(8)
    frame = draw(rng)
    mixed = frame.sample(frac=1, random_state=1)
    first, second = (make_side(f["value"], f["cluster"], weighting, f["likes"]) for f in (frame, mixed))
    assert first.clusters.tolist() == second.clusters.tolist()
    assert first.total == pytest.approx(second.total)
    assert first.weight == pytest.approx(second.weight)


def test_clusters_that_are_replaced_in_place_are_numbered_anew():
    frame = pd.DataFrame({"value": np.arange(12.0), "cluster": pd.Series(list("aabbccddeeff"), dtype=object)})
    assert len(make_side(frame["value"], frame["cluster"]).clusters) == 6
    frame.loc[frame["value"] > 5, "cluster"] = "z"
    after = make_side(frame["value"], frame["cluster"])
    assert (after.clusters.tolist(), after.weight.tolist()) == (["a", "b", "c", "z"], [2, 2, 2, 6])
    # And where nobody but the rows held what stood there: another string may then stand where it stood.
    for number in range(50):
        for at in range(12):
            frame.loc[at, "cluster"] = f"of {number}, {at % 5}"
        assert make_side(frame["value"], frame["cluster"]).clusters.tolist() == [f"of {number}, {i}" for i in range(5)]


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_a_side_without_values_is_empty(values):
    side = make_side(pd.Series(values, dtype=float), pd.Series(["a"] * len(values), dtype=object))
    assert side.n == 0
    assert len(side.clusters) == 0
    assert np.isnan(side.mean)
    assert side.effective == 0


def test_a_weighting_that_is_not_known_names_those_that_are():
    with pytest.raises(ParameterError, match=r"'views'.*utterance, cluster, likes"):
        make_side(VALUES, CLUSTERS, "views")


def test_likes_that_are_not_there_are_never_taken_for_ones():
    with pytest.raises(ParameterError, match="likes"):
        make_side(VALUES, CLUSTERS, "likes")


@pytest.mark.parametrize(
    "sides", [[["a", "b"], ["c"]], [["a", "b", "d"], ["b", "c"]], [["a"], ["a", "b"], ["b"]], [["x"]]]
)
def test_where_the_clusters_of_several_sides_stand(sides):
    names = [np.array(side, dtype=object) for side in sides]
    count, places = placed(*names)
    assert count == len(set().union(*sides))
    stand = np.zeros((len(names), count), dtype=bool)
    for number, at in enumerate(places):
        stand[number, at] = True
    # As many as there are on each side, and on each two of them.
    assert (stand.astype(int) @ stand.T).tolist() == [[len(set(a) & set(b)) for b in sides] for a in sides]
    # The same names in another array are known by what they are.
    assert placed(*(name.copy() for name in names))[0] == count
