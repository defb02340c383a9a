"""How far coders agree: Krippendorff's alpha with an interval from clusters, each coder against the rest, and drift.

alpha = 1 - Do / De, observed over expected disagreement (Krippendorff 2019, Content Analysis, ch. 12): ordinal for
codes that are numbers, nominal for others. The estimate is the `krippendorff` package's; its interval is that of t by
leaving out each cluster's coincidences, for a thread's comments are understood or misunderstood together. It is made of
log(1 - alpha), the disagreement, which is a quotient and skewed: in simulations of 6 to 200 clusters and alphas of .27
to .82 it holds .93 to .97. (Of alpha itself .90 to .96; the middle 95 % of bootstrap draws of clusters .87 to .92.)
Where no two coders ever meet in a rare code, alpha lies near 0 whatever it is of many items, and each cluster without
such a meeting says the same: with one yes in twenty to thirty, intervals held .71 to .93. Those are withheld, and the
others hold .94 and more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from scipy.special import stdtrit

from analysis.compare.clusters import FEW_FOR_INTERVAL, effective_clusters
from analysis.compare.coded import NO, UNCLEAR, YES
from analysis.compare.dataset import Dataset
from analysis.compare.groups import LANGUAGE_NAMES
from analysis.compare.jackknife import deviations
from analysis.corpus.codes import ORIGINAL
from analysis.digits import rounded, settled

#: Krippendorff's marks: conclusions are tentative from the first on, reliable from the second.
TENTATIVE, RELIABLE = 0.667, 0.800
#: Why there is no interval where nothing varies, or only one cluster tells of disagreement.
ALL_AGREE = "the coders never differ: no interval"
DIFFER_ONCE = "the coders differ in one cluster only: no interval"
NEVER_MET = "no two coders agree on any code but the commonest: no interval"
#: Items of a coder, in the order of coding, are told in so many parts.
PARTS = 3
_KEYS = ["utterance_id", "variant"]
ALPHA_COLUMNS = (
    *("variable", "level", "part", "items", "coders", "clusters", "g", "alpha", "ci_low", "ci_high"),
    *("agree", "unclear", "mark", "note"),
)
CODER_COLUMNS = ("variable", "coder", "items", "shared", "alpha", "mean", "difference")
DRIFT_COLUMNS = ("variable", "coder", "part", "from", "until", "items", "shared", "mean", "difference", "agree")


def coincidences(counts: np.ndarray) -> np.ndarray:
    """Return the coincidence matrix of each item.

    Parameters
    ----------
    counts : numpy.ndarray, shape (items, values)
        How many coders gave each value.

    Returns
    -------
    numpy.ndarray of float64, shape (items, values, values)
        n_c n_k / (m - 1), and n_c (n_c - 1) / (m - 1) on the diagonal; 0 for an item of fewer than two codes.

    """
    m = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    return np.where(m[:, None, None] > 1, pairs / np.maximum(m - 1, 1)[:, None, None], 0.0)


def alpha_of(pairs: np.ndarray, level: str) -> np.ndarray:
    """Return alpha from coincidence matrices.

    Parameters
    ----------
    pairs : numpy.ndarray of float64, shape (..., values, values)
    level : {"nominal", "ordinal"}

    Returns
    -------
    numpy.ndarray of float64, shape (...)
        NaN where there are no two codes, or all codes are the same.

    """
    n = pairs.sum(axis=-1)
    if level == "nominal":
        distance = np.broadcast_to(1 - np.eye(n.shape[-1]), pairs.shape)
    else:
        # Ranks: half of one's own value, and all of those below.
        rank = np.cumsum(n, axis=-1) - n / 2
        distance = np.square(rank[..., :, None] - rank[..., None, :])
    whole = n.sum(axis=-1)
    expected = (n[..., :, None] * n[..., None, :] * distance).sum(axis=(-2, -1))
    observed = (pairs * distance).sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - (whole - 1) * observed / expected, np.nan)


class _Codes:
    """The codes of one variable: values as numbers, a row an item, a column a coder."""

    def __init__(self, codes: pd.DataFrame, values: list[str], level: str) -> None:
        self.level, self.names = level, values
        self.unclear = int((codes["value"] == UNCLEAR).sum())
        place = {value: i for i, value in enumerate(values)}
        codes = codes[codes["value"].isin(values)]
        codes = codes.assign(place=codes["value"].map(place).astype(float))
        # One code a cell; sorted by item and by coder.
        self.table = codes.pivot_table(index=_KEYS, columns="coder", values="place", aggfunc="last")

    def counts(self, at: np.ndarray) -> np.ndarray:
        """Return how many coders gave each value, shape (items, values)."""
        cells = self.table.to_numpy()[at]
        return (cells[:, :, None] == np.arange(len(self.names))).sum(axis=1)

    @property
    def numbers(self) -> np.ndarray:
        """The codes as numbers, shape (items, coders): yes is 1, any other word 0."""
        cells = self.table.to_numpy(dtype=float)
        known = np.array([float(value) if self.level == "ordinal" else float(value == YES) for value in self.names])
        return np.where(np.isnan(cells), np.nan, known[np.nan_to_num(cells).astype(int)])

    def against(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a coder's codes as numbers, shape (items,), and those of the others, shape (items, others)."""
        return self.numbers[:, place], np.delete(self.numbers, place, axis=1)

    def beside_each(self, place: int, at: np.ndarray) -> np.ndarray:
        """Return a coder's codes of some items beside those of each other coder of the same, shape (2, pairs).

        What most of the others say would be nobody's code where they are even.
        """
        cells = self.table.to_numpy(dtype=float)[at]
        others = np.delete(cells, place, axis=1)
        item, other = np.nonzero(~np.isnan(others))
        return np.stack([cells[item, place], others[item, other]])


def alpha_row(codes: _Codes, at: np.ndarray, clusters: np.ndarray) -> dict[str, Any]:
    """Return alpha of some items with its interval by leaving out clusters."""
    counts = codes.counts(at)
    shared = counts.sum(axis=1) > 1
    counts, names = counts[shared], clusters[shared]
    units, at_unit = np.unique(names.astype(str), return_inverse=True)
    g = effective_clusters(np.bincount(at_unit).astype(float)) if len(units) else 0.0
    row: dict[str, Any] = {"items": len(counts), "clusters": len(units), "g": g}
    row |= dict.fromkeys(("alpha", "ci_low", "ci_high", "agree"), float("nan"))
    if len(counts) < 2 or (counts.sum(axis=0) > 0).sum() < 2:  # noqa: PLR2004
        return row | {"mark": "", "note": "no two codes of an item" if not len(counts) else "all codes are the same"}
    row["alpha"] = float(krippendorff.alpha(value_counts=counts, level_of_measurement=codes.level)) + 0.0
    pairs = coincidences(counts)
    row["agree"] = float(np.trace(pairs.sum(axis=0)) / pairs.sum())
    sums = np.zeros((len(units), *pairs.shape[1:]))
    np.add.at(sums, at_unit, pairs)
    row["mark"] = mark_of(row["alpha"])
    if settled(g) < FEW_FOR_INTERVAL:
        return row | {"note": "too few clusters"}
    without = settled(alpha_of(pairs.sum(axis=0) - sums, codes.level))
    if why := _withheld(row["alpha"], without, pairs.sum(axis=0), codes.level):
        return row | {"note": why}
    margin = stdtrit(g - 1, 0.975) * np.sqrt(np.square(deviations(np.log(1 - without))).sum())
    # No alpha is under -1.
    row["ci_low"], row["ci_high"] = np.maximum(1 - (1 - row["alpha"]) * np.exp([margin, -margin]), -1).tolist()
    return row | {"note": ""}


def _withheld(alpha: float, without: np.ndarray, pairs: np.ndarray, level: str) -> str:
    """Return why there is no interval; ``without`` are the alphas without each cluster."""
    reasons = {
        ALL_AGREE: settled(alpha) == 1,
        "too few different codes for an interval": np.isnan(without).any(),
        DIFFER_ONCE: (without == 1).any(),
        NEVER_MET: not _met(pairs, level),
    }
    return next((why for why, there in reasons.items() if there), "")


def _met(pairs: np.ndarray, level: str) -> bool:
    """Tell whether two coders meet outside the commonest code: in one that is another's too, of numbers in any."""
    others = np.arange(len(pairs)) != pairs.sum(axis=1).argmax()
    rare = pairs[np.ix_(others, others)]
    return bool((np.trace(rare) if level == "nominal" else rare.sum()) > 0)


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the digits of a CSV, and no zero below zero."""
    out = rounded(table)
    floats = out.columns[[pd.api.types.is_float_dtype(kind) for kind in out.dtypes]]
    return out.assign(**{name: out[name].mask(settled(out[name] + 1.0) == 1.0, 0.0) for name in floats})


def mark_of(alpha: float) -> str:
    """Return what an alpha allows.

    >>> mark_of(0.81), mark_of(0.7), mark_of(0.5)
    ('reliable', 'tentative', 'too low')
    """
    alpha = settled(alpha)
    return "reliable" if alpha >= settled(RELIABLE) else "tentative" if alpha >= settled(TENTATIVE) else "too low"


def _variables(study: Dataset) -> Iterator[tuple[str, _Codes]]:
    codes, scheme = study.coding("codes"), study.coding("scheme").drop_duplicates("variable")
    # Who took utterances out of the corpus wants them out of every table.
    there = [part["utterance_id"] for part in (study.measures, study.left_out) if len(part)]
    codes = codes[codes["utterance_id"].isin(pd.concat(there))] if there else codes[:0]
    codes = codes.drop_duplicates([*_KEYS, "coder", "variable"], keep="last")
    for row in scheme.to_dict("records"):
        mine = codes[codes["variable"] == row["variable"]]
        values = [value for value in row["values"].split() if value != UNCLEAR]
        values = sorted(values, key=float) if row["kind"] == "ordinal" else values
        if len(mine):
            yield row["variable"], _Codes(mine, values, row["kind"])


# What notebook 05 calls -----------------------------------------------------------------------------------------------


def coder_agreement(study: Dataset) -> pd.DataFrame:
    """Return alpha of every coded variable: of all items, by language, and of originals and translations.

    Returns
    -------
    pandas.DataFrame
        :data:`ALPHA_COLUMNS`: ``items`` that two or more coded, ``clusters`` they stand in and ``g`` effective ones,
        ``agree`` the share of pairs of codes that are equal (each code counts alike, in however many pairs),
        ``unclear`` codes left out, ``mark`` by :data:`TENTATIVE` and :data:`RELIABLE`. No rows without codes.

    """
    about = study.measures.set_index("utterance_id")[["language", "cluster_id"]]
    rows = []
    for name, codes in _variables(study):
        ids = codes.table.index.get_level_values("utterance_id")
        variant = codes.table.index.get_level_values("variant").to_numpy()
        # What was coded and is left out of comparisons stays a matter between coders.
        language = about["language"].reindex(ids).to_numpy(dtype=object)
        clusters = about["cluster_id"].reindex(ids).fillna(pd.Series(ids, ids)).to_numpy(dtype=object)
        original = variant == ORIGINAL
        parts = {"all": original} if original.any() else {}
        parts |= {
            LANGUAGE_NAMES[code]: original & (language == code) for code in sorted(set(language) - {None, np.nan})
        }
        parts |= {} if original.all() else {"translated": ~original}
        for part, at in parts.items():
            row = alpha_row(codes, at, clusters[at])
            told = {"variable": name, "level": codes.level, "part": part, "coders": codes.table.shape[1]}
            rows.append({**told, **row, "unclear": codes.unclear if part == "all" else None})
    return _shown(pd.DataFrame(rows, columns=list(ALPHA_COLUMNS)).astype({"unclear": "Int64"}))


def coders_apart(study: Dataset) -> pd.DataFrame:
    """Hold each coder against the mean of the others on the items that they share.

    Returns
    -------
    pandas.DataFrame
        :data:`CODER_COLUMNS`: ``alpha`` of the coder and each of the others, pair by pair, ``mean`` of the coder's
        codes, ``difference`` from the rest's mean on shared items; of words there is no mean.

    """
    rows = []
    for name, codes in _variables(study):
        for place, coder in enumerate(codes.table.columns):
            own, rest = codes.against(place)
            mine = ~np.isnan(own)
            shared = mine & ~np.isnan(rest).all(axis=1)
            row: dict[str, Any] = {"variable": name, "coder": coder, "items": int(mine.sum())}
            row |= {"shared": int(shared.sum()), "alpha": float("nan")}
            row |= _means(codes, own, rest, mine, shared)
            both = codes.beside_each(place, shared)
            if shared.sum() > 1 and len(np.unique(both)) > 1:
                row["alpha"] = float(krippendorff.alpha(reliability_data=both, level_of_measurement=codes.level))
            rows.append(row)
    return _shown(pd.DataFrame(rows, columns=list(CODER_COLUMNS)))


def _means(codes: _Codes, own: np.ndarray, rest: np.ndarray, at: np.ndarray, shared: np.ndarray) -> dict[str, float]:
    """Return the mean of a coder's codes, and how far it is from the others' on the items that they share."""
    if codes.level == "nominal" and set(codes.names) != {YES, NO}:
        return {"mean": float("nan"), "difference": float("nan")}
    apart = own[shared] - np.nanmean(rest[shared], axis=1) if shared.any() else np.array([np.nan])
    return {"mean": float(own[at].mean()) if at.any() else np.nan, "difference": float(apart.mean())}


def coder_drift(study: Dataset) -> pd.DataFrame:
    """Tell whether coders change while they code: each one's items in thirds, by the day of coding.

    Returns
    -------
    pandas.DataFrame
        :data:`DRIFT_COLUMNS`: ``difference`` from the rest's mean and ``agree`` (share of equal codes, with each of the
        others) on shared items. A coder who did all on one day is one part.

    """
    dates = study.coding("codes").drop_duplicates([*_KEYS, "coder", "variable"], keep="last")
    dates = dates.set_index([*_KEYS, "coder", "variable"])["date"]
    rows = []
    for name, codes in _variables(study):
        for place, coder in enumerate(codes.table.columns):
            own, rest = codes.against(place)
            done = np.flatnonzero(~np.isnan(own))
            days = np.array([dates.get((*codes.table.index[i], coder, name), "") for i in done], dtype=str)
            for number, part in enumerate(_thirds(days)):
                at = np.zeros(len(own), dtype=bool)
                at[done[part]] = True
                shared = at & ~np.isnan(rest).all(axis=1)
                row: dict[str, Any] = {"variable": name, "coder": coder, "part": number + 1, "items": int(at.sum())}
                row |= {
                    "from": min(days[part].tolist()),
                    "until": max(days[part].tolist()),
                    "shared": int(shared.sum()),
                }
                same = np.equal(*codes.beside_each(place, shared))
                row |= _means(codes, own, rest, at, shared) | {"agree": float(same.mean()) if len(same) else np.nan}
                rows.append(row)
    return _shown(pd.DataFrame(rows, columns=list(DRIFT_COLUMNS)))


def _thirds(days: np.ndarray) -> list[np.ndarray]:
    """Part items by day into so many parts, never one day into two."""
    order = np.argsort(days, kind="stable")
    part = np.minimum(np.searchsorted(np.sort(days), days[order]) * PARTS // max(len(days), 1), PARTS - 1)
    return [order[part == number] for number in np.unique(part)]
