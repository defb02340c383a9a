"""A world whose truth is known: two sides mention a concept, a codebook misses some of it, a few hundred are coded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.correction import Pseudo
from analysis.compare.cross_fitting import cross_fit, fold_of
from analysis.compare.multiverse import Contrast, explore
from analysis.compare.talk import Talk

#: The codebook finds what nobody said in one utterance of so many.
FALSE = 0.01
_NAMES = ("those", "these")


class World(NamedTuple):
    """Of side a and side b: clusters, the share that speaks of the concept, the share of that which is missed.

    Then codes a side, from so many clusters (0: from all), and the mean size of these.
    """

    clusters: tuple[int, int] = (40, 25)
    shares: tuple[float, float] = (0.2, 0.2)
    missed: tuple[float, float] = (0.4, 0.4)
    codes: int = 200
    coded: int = 0
    size: int = 30

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Return utterances with what is true of each, whether the codebook finds it, and 1 / pi of the coded ones."""
        parts, inverse = [], []
        for name, count, share, missed in zip(_NAMES, self.clusters, self.shares, self.missed, strict=True):
            size = np.maximum(np.rint(np.exp(rng.normal(np.log(self.size), 0.6, count))), 3).astype(int)
            of = np.repeat(np.arange(count), size)
            # A beta's mean is the share, whatever the clusters' differences.
            spoken = rng.random(len(of)) < rng.beta(share * 15, (1 - share) * 15, count)[of]
            found = np.where(spoken, rng.random(len(of)) >= missed, rng.random(len(of)) < FALSE)
            chosen = rng.choice(count, self.coded or count, replace=False)
            frame = np.flatnonzero(np.isin(of, chosen))
            drawn = rng.choice(frame, min(self.codes, len(frame)), replace=False)
            parts.append(pd.DataFrame({"side": name, "cluster_id": [f"{name} {i:03}" for i in of]}))
            parts[-1] = parts[-1].assign(spoken=spoken.astype(float), found=found.astype(float))
            inverse.append(np.zeros(len(of)))
            inverse[-1][drawn] = len(frame) / len(drawn) * count / len(chosen)
        rows = pd.concat(parts, ignore_index=True).assign(
            language="en", evidence="verbatim", collection="C", copy_of=-1
        )
        rows = rows.assign(likes=pd.NA, vantage=None, kept=True, boilerplate=False)
        return rows, rows["found"].to_numpy(), np.concatenate(inverse)


def specifications(world: World, seed: int, draws: int = 199) -> tuple[pd.DataFrame, float]:
    """Return the specifications of a claim about one such world, and p of their joint test."""
    rng = np.random.default_rng(seed)
    rows, found, inverse = world.draw(rng)
    code = np.where(inverse > 0, rows["spoken"], np.nan)
    side = (rows["side"] == _NAMES[1]).to_numpy()
    fold = fold_of(rows["cluster_id"], inverse > 0)
    prediction = cross_fit(found[:, None], code, inverse, fold, side.astype(int))
    coded = Pseudo(prediction, code, inverse, share=True, unit=0.01)
    contrast = Contrast("1", "prevalence", _NAMES, (~side, side), "points", 5.0, found, coded=coded)
    return explore(contrast, Talk(rows, list, {}), rng, draws)
