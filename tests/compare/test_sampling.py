"""What is drawn for coding has the probability that it is said to have, whatever the strata and clusters are like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.compare import sampling
from analysis.compare.sampling import (
    LEAST_CLUSTERS,
    UNIT,
    clusters_reached,
    design,
    inclusion,
    joined,
    score_bands,
    share_evenly,
    share_in_proportion,
    systematic,
)
from analysis.errors import ParameterError


class _From:
    """A generator whose start is given, and whose permutations change nothing."""

    def __init__(self, start: int) -> None:
        self._start = start

    def integers(self, _: int) -> int:
        return self._start

    def permutation(self, number: int) -> np.ndarray:
        return np.arange(number)


#: Of a world that is told below: integers alone decide.
FIRST = [0, 5, 65, 70, 97, 98, 100, 104]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return a world of unequal clusters, with a cluster of half a group and strata of one and of three utterances."""
    rng = np.random.default_rng(7)
    one = pd.DataFrame({"group": "a", "cluster_id": [f"c{int(each)}" for each in rng.pareto(0.9, 300) * 2]})
    two = pd.DataFrame({"group": "b", "cluster_id": ["giant"] * 150 + [f"d{at % 30}" for at in range(90)]})
    frame = pd.concat([one, two], ignore_index=True)
    frame["stratum"] = frame["group"] + rng.choice(["/low", "/middle", "/high"], len(frame))
    frame.loc[[0, 310, 311, 312], "stratum"] = ["a/rare", *["b/rare"] * 3]
    return frame


def test_a_systematic_sample_draws_each_with_its_probability_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """All starts that there are, counted: an oracle without a random number."""
    monkeypatch.setattr(sampling, "UNIT", 1000)
    chances = np.array([1000, 1, 999, 250, 250, 250, 333, 417, 500])
    clusters = np.array([2, 0, 0, 1, 1, 1, 2, 3, 3])
    taken = np.array([systematic(chances, clusters, _From(start)) for start in range(1000)])
    assert taken.sum(axis=0).tolist() == chances.tolist()
    assert set(taken.sum(axis=1)) == {chances.sum() // 1000}


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_probabilities_sum_to_the_sample_and_none_is_above_one(power: float) -> None:
    sizes = np.array([200] * 200 + [3] * 3 + [1] * 4)
    for number in (1, 5, 30, 206, 207):
        chances = inclusion(sizes, number, power)
        assert chances.sum() == number * UNIT
        assert 0 < chances.min() <= chances.max() <= UNIT
    chances = inclusion(sizes, 5, power) / UNIT
    assert chances[0] / chances[-1] == pytest.approx(200.0**-power, rel=1e-6)


def test_horvitz_thompson_totals_are_unbiased_with_one_wave_and_with_two(frame: pd.DataFrame) -> None:
    # Tone that goes with the size of clusters, and is far off in rare strata.
    sizes = frame.groupby("cluster_id")["group"].transform("size").to_numpy()
    values = np.log(sizes) + 5 * frame["stratum"].str.endswith("rare").to_numpy()
    truth, times = values.sum(), 600
    first, second = design(frame, 60), design(frame, 40)
    chances = [first.probability, joined(first.probability, second.probability)]
    totals, seen = np.zeros((times, 2)), np.zeros((2, len(frame)))
    for at in range(times):
        one, two = first.draw(np.random.default_rng([at, 1])), second.draw(np.random.default_rng([at, 2]))
        for column, taken in enumerate([one, one | two]):
            totals[at, column] = (values / chances[column])[taken].sum()
            seen[column] += taken
    errors = (totals.mean(axis=0) - truth) / (totals.std(axis=0, ddof=1) / np.sqrt(times))
    assert np.abs(errors).max() < 3
    for column, chance in enumerate(chances):
        sure = chance > 1 - 1e-9
        z = (seen[column] - times * chance)[~sure] / np.sqrt(times * chance * (1 - chance))[~sure]
        assert np.square(z).mean() == pytest.approx(1, abs=0.2)
        assert (seen[column][sure] == times).all()


def test_every_stratum_is_drawn_from_and_groups_alike(frame: pd.DataFrame) -> None:
    plan = design(frame, 60)
    taken = plan.draw(np.random.default_rng(1))
    assert set(frame["stratum"][taken]) == set(frame["stratum"])
    assert frame["group"][taken].value_counts().to_dict() == {"a": 30, "b": 30}
    assert plan.groups["drawn"].tolist() == [30, 30]
    assert plan.probability.min() > 0
    assert plan.probability[frame["stratum"] == "a/rare"] == pytest.approx(1)


def test_a_group_with_a_giant_reaches_enough_clusters(frame: pd.DataFrame) -> None:
    plan = design(frame, 60)
    assert plan.groups.set_index("group").loc["b", "power"] > 0
    of = (frame["group"] == "b").to_numpy()
    reached = [frame["cluster_id"][of & plan.draw(np.random.default_rng(seed))].nunique() for seed in range(50)]
    assert min(reached) >= LEAST_CLUSTERS
    # Alike for all, they would not be enough.
    alike = [
        systematic(
            inclusion(np.ones(240), 30, 0.0),
            np.unique(frame["cluster_id"][of], return_inverse=True)[1],
            np.random.default_rng(seed),
        )
        for seed in range(50)
    ]
    assert np.median([frame["cluster_id"][of][each].nunique() for each in alike]) < LEAST_CLUSTERS


def test_the_expected_clusters_are_those_of_many_samples() -> None:
    chances = np.concatenate([inclusion(np.full(n, n), k, 0.0) for n, k in ((60, 9), (30, 2))])
    strata, clusters = np.repeat([0, 1], [60, 30]), np.arange(90) % 12
    mean, _ = clusters_reached(chances, strata, clusters)
    found = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        taken = [systematic(chances[strata == s], clusters[strata == s], rng) for s in (0, 1)]
        found.append(len(np.unique(clusters[np.concatenate(taken)])))
    assert np.mean(found) == pytest.approx(mean, abs=4 * np.std(found) / 20)


def test_the_sample_is_the_same_wherever_it_is_drawn(frame: pd.DataFrame) -> None:
    taken = design(frame, 60).draw(np.random.default_rng([1, 1, 0]))
    again = design(frame.astype(object), 60).draw(np.random.default_rng([1, 1, 0]))
    assert np.flatnonzero(taken).tolist() == np.flatnonzero(again).tolist()
    assert np.flatnonzero(taken)[:8].tolist() == FIRST


def test_fewer_codes_than_strata_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match=r"there are 8 strata \(accepted: 8 or more\)"):
        design(frame, 7)
    assert design(frame, 8).draw(np.random.default_rng(1)).sum() == 8


def test_more_codes_than_utterances_are_all_of_them(frame: pd.DataFrame) -> None:
    plan = design(frame, 10_000)
    assert plan.draw(np.random.default_rng(1)).all()
    assert (plan.probability == 1).all()


def test_shares_are_whole_and_add_up() -> None:
    assert share_evenly(np.array([1000, 3, 1000]), 300).tolist() == [149, 3, 148]
    for total in range(4, 120, 7):
        out = share_in_proportion(np.array([70, 40, 9, 1]), total)
        assert out.sum() == total
        assert (out <= [70, 40, 9, 1]).all()
        assert out.min() >= 1


def test_bands_are_thirds_and_ties_stay_together() -> None:
    assert score_bands(np.array([3.0, 3, 3, 3, 9, np.nan])).tolist() == ["low"] * 4 + ["high", "unscored"]
    bands = score_bands(np.arange(99.0))
    assert pd.Series(bands).value_counts().to_dict() == {"low": 33, "middle": 33, "high": 33}
    assert score_bands(np.full(3, np.nan)).tolist() == ["unscored"] * 3
