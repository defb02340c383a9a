"""Sums of a side under every choice, against what pandas and statsmodels make of the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from analysis.compare.statistics import pooled_sd, spread_of
from analysis.compare.summed import Places

KEEPS = np.array([[True, True, True, True], [False, True, False, True], [True, False, False, False]])


def world(seed: int, rows: int) -> pd.DataFrame:
    """Return utterances in few clusters of most unequal sizes; some without a score, or without known likes."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "cluster": np.minimum(rng.geometric(0.15, rows), 40) * 3,
            "language": rng.choice(["en", "zh"], rows, p=[0.9, 0.1]),
            "kind": rng.choice(4, rows, p=[0.7, 0.2, 0.09, 0.01]),
            "likes": rng.poisson(1, rows).astype(float),
            "score": rng.normal(5, 0.5, rows),
        }
    )
    frame.loc[rng.random(rows) < 0.2, "score"] = np.nan
    frame.loc[rng.random(rows) < 0.1, "likes"] = np.nan
    return frame


def lay_out(frame: pd.DataFrame, at: np.ndarray) -> Places:
    columns = ("cluster", "language", "kind", "likes")
    given = (frame[name].to_numpy(dtype=str if name == "language" else None) for name in columns)
    return Places(at, *given, np.random.default_rng(0).random(len(frame)))


@pytest.mark.parametrize("weighting", ["utterance", "cluster", "likes"])
@pytest.mark.parametrize(("seed", "rows"), [(1, 2000), (2, 60), (3, 9)])
def test_a_choice_is_that_of_its_rows(weighting: str, seed: int, rows: int) -> None:
    frame = world(seed, rows)
    at = np.flatnonzero(np.random.default_rng(seed).random(rows) < 0.8)
    summed = lay_out(frame, at).sums(frame["score"].to_numpy())
    for kept in KEEPS:
        mine = frame.iloc[at]
        mine = mine[kept[mine["kind"]] & mine["score"].notna()]
        mine = mine[mine["likes"].notna()] if weighting == "likes" else mine
        each = {
            "utterance": 1.0,
            "likes": mine["likes"],
            "cluster": 1 / mine.groupby("cluster")["score"].transform("size"),
        }
        mine = mine.assign(weight=each[weighting]).sort_values("cluster")
        picked = summed.pick(kept, weighting)
        by = mine.assign(total=mine["weight"] * mine["score"]).groupby("cluster")[["weight", "total"]].sum()
        assert picked.side.clusters.tolist() == by.index.tolist()
        np.testing.assert_allclose(picked.side.weight, by["weight"], rtol=1e-12)
        np.testing.assert_allclose(picked.side.total, by["total"], rtol=1e-12)
        assert picked.side.n == len(mine)
        if mine["weight"].sum() == 0:
            continue
        known = DescrStatsW(mine["score"], mine["weight"])
        assert picked.side.mean == pytest.approx(known.mean, rel=1e-12)
        assert picked.side.effective_n == pytest.approx(known.sum_weights**2 / np.square(mine["weight"]).sum())
        chinese = (mine["language"] == "zh") * mine["weight"]
        assert picked.held("zh") == pytest.approx(chinese.sum() / known.sum_weights)
        assert picked.mean_of("zh") == pytest.approx((chinese * mine["score"]).sum() / known.sum_weights)
        # Another scale of one language is what its rows would have on it.
        moved = mine["score"].where(mine["language"] == "en", 2 * mine["score"] - 11)
        on = picked.on({"zh": (2.0, -11.0)})
        assert on.side.mean == pytest.approx(DescrStatsW(moved, mine["weight"]).mean, rel=1e-12)
        assert spread_of([on.moments, picked.moments]) == pytest.approx(
            pooled_sd(moved.to_numpy(), mine["score"].to_numpy()), nan_ok=True
        )


def test_the_same_scores_of_the_same_utterances_weighed_alike_are_known_again() -> None:
    frame = world(4, 300).assign(likes=2.0)
    places, score, every = lay_out(frame, np.arange(300)), frame["score"].to_numpy(), KEEPS[0]
    key = places.sums(score).pick(every, "utterance").key
    assert (
        key
        == places.sums(np.nextafter(score, 9)).pick(every, "utterance").key
        == places.sums(score).pick(every, "likes").key
    )
    other = score.copy()
    other[np.flatnonzero(~np.isnan(score))[:2]] = other[np.flatnonzero(~np.isnan(score))[1::-1]]
    swapped = np.where(frame["kind"] == 3, np.nan, score)
    found = [places.sums(one).pick(every, "utterance").key for one in (other, swapped, -score)]
    found += [places.sums(score).pick(every, "cluster").key, places.sums(score).pick(KEEPS[1], "utterance").key]
    assert len({key, *found}) == 6
    # A choice that leaves out nobody who has a score is no choice.
    none = places.sums(np.where(frame["kind"] == 0, score, np.nan))
    assert none.pick(KEEPS[0], "utterance") is none.pick(KEEPS[2], "utterance")


def test_equal_scores_among_others_have_no_spread() -> None:
    frame = world(6, 400)
    for equal in np.linspace(0.1, 9, 20):
        scores = frame["score"].where(frame["kind"] != 0, equal).to_numpy()
        picked = lay_out(frame, np.arange(400)).sums(scores).pick(KEEPS[2], "utterance")
        assert picked.side.n > 100
        assert picked.side.mean == pytest.approx(equal)
        assert not picked.squares.any()
        assert np.isnan(spread_of([picked.moments]))


def test_nobody_is_an_empty_side() -> None:
    frame = world(5, 20)
    for at, score in ((np.arange(0), np.ones(20)), (np.arange(20), np.full(20, np.nan))):
        picked = lay_out(frame, at).sums(score).pick(KEEPS[0], "likes")
        assert (picked.side.n, len(picked.side.clusters), picked.side.weight.sum()) == (0, 0, 0)
        assert np.isnan(spread_of([picked.moments]))
