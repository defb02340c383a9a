"""Predictions of an utterance's code from its scores, by regressions that have seen no code of its cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.digits import settled

#: Parts that the clusters are cut into; what predicts a part was fitted on the others.
FOLDS = 5
#: How many codes the belief weighs that no score tells anything.
RIDGE = 5.0
#: Binary digits of a prediction: fewer than of any other number, for an equation was solved for it.
_BITS = 30
#: A column that varies less is one value.
_VARIES = 1e-9


def fold_of(clusters: Sequence[str], coded: np.ndarray, seed: int = 1) -> np.ndarray:
    """Return the fold of each utterance: that of its cluster, by the hash of its name and the seed.

    Parameters
    ----------
    clusters : sequence of str, shape (utterances,)
    coded : numpy.ndarray of bool, shape (utterances,)
        Clusters with a code and clusters without are dealt out separately, so that every fold has codes.

    Returns
    -------
    numpy.ndarray of int64, shape (utterances,)

    """
    codes, names = pd.factorize(np.asarray(clusters, dtype=object), sort=True)
    drawn = np.array([hashlib.blake2b(f"{seed} {name}".encode(), digest_size=8).hexdigest() for name in names])
    known = np.bincount(codes, coded, len(names)) > 0
    out = np.empty(len(names), dtype=np.int64)
    for which in (known, ~known):
        at = np.flatnonzero(which)
        out[at[np.argsort(drawn[at], kind="stable")]] = np.arange(len(at)) % FOLDS
    return out[codes]


def cross_fit(
    scores: np.ndarray | Callable[[int], np.ndarray],
    code: np.ndarray,
    inverse: np.ndarray,
    fold: np.ndarray,
    levels: np.ndarray | None = None,
) -> np.ndarray:
    """Predict the code of every utterance from scores, by ridge regressions that saw no code of its fold.

    Parameters
    ----------
    scores : numpy.ndarray of float64, shape (utterances, scores), or callable
        NaN where an instrument has none: then its mean, and an indicator beside it. Where scores were themselves
        learned from codes, what returns those that the regression for a fold may see.
    code : numpy.ndarray of float64, shape (utterances,)
        NaN where there is none.
    inverse : numpy.ndarray of float64, shape (utterances,)
        1 / pi of coded utterances, which is their weight; 0 of the others.
    fold : numpy.ndarray of int64, shape (utterances,)
        Of :func:`fold_of`.
    levels : numpy.ndarray of int64, shape (utterances,), optional
        The group of each utterance: each may have a level of its own.

    Returns
    -------
    numpy.ndarray of float64, shape (utterances,)
        Not cut to the range of codes; the mean of the codes where no score varies, 0 without any code.

    """
    out = np.zeros(len(code))
    for number in np.unique(fold):
        seen = scores(int(number)) if callable(scores) else scores
        here, there = fold == number, (fold != number) & (inverse > 0)
        if there.any():
            out[here] = _ridge(*_design(seen, there, here, levels), code[there], inverse[there])
    return np.ldexp(np.rint(np.ldexp(out, _BITS)), -_BITS)


def _design(
    scores: np.ndarray, fitted: np.ndarray, wanted: np.ndarray, levels: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the standardised columns of the rows to fit and of those to predict."""
    known = ~np.isnan(scores[fitted])
    middle = np.where(known, scores[fitted], 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    kinds = np.empty(0) if levels is None else np.unique(levels[fitted])
    tables = []
    for rows in (fitted, wanted):
        absent = np.isnan(scores[rows])
        of_group = np.empty((len(absent), 0)) if levels is None else levels[rows][:, None] == kinds
        tables.append(np.hstack([np.where(absent, middle, scores[rows]), absent, of_group]))
    centre, spread = tables[0].mean(axis=0), tables[0].std(axis=0)
    varies = settled(spread) > _VARIES
    fit, predict = ((table[:, varies] - centre[varies]) / spread[varies] for table in tables)
    return fit, predict


def _ridge(fit: np.ndarray, predict: np.ndarray, code: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return predictions of a weighted ridge regression whose intercept is free."""
    weight = weight / weight.mean()
    mean, centre = np.average(code, weights=weight), weight @ fit / weight.sum()
    fit, predict = fit - centre, predict - centre
    # einsum: BLAS sums in an order that is the processor's.
    gram = np.einsum("ni,n,nj->ij", fit, weight, fit) + RIDGE * np.eye(fit.shape[1])
    slopes = np.linalg.solve(gram, np.einsum("ni,n,n->i", fit, weight, code - mean))
    return mean + np.einsum("ni,i->n", predict, slopes)
