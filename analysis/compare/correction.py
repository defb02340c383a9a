r"""Human codes of some utterances correct the machine's scores of all: design-based supervised learning.

Of each utterance i a prediction g_i of its code is made from its scores; where it was coded, with probability pi_i, the
pseudo-outcome g_i + (Y_i - g_i) / pi_i takes its place, else g_i (Egami, Hinck, Stewart & Wei 2023, NeurIPS 36; the
same as the augmented inverse-probability estimator of Robins, Rotnitzky & Zhao 1994, JASA 89:846). Its mean is that
of the codes whatever the instruments are worth: they only make it more precise. Predictions are cross-fitted by cluster
(`analysis.compare.cross_fitting`; Chernozhukov et al. 2018, Econometrics Journal 21:C1): what predicts a cluster has
seen none of its codes.

**Uncertainty.** Pseudo-outcomes are summed by cluster like any score (`analysis.compare.clusters.Side`), so that the
jackknife leaves out a cluster with its codes. Its degrees of freedom are those of the clusters that bring the variance:
all of them that of the predictions, those where somebody coded that of the residuals (:meth:`Corrected.free`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy.special import stdtrit

from analysis.compare import shares
from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, Side, Weights, effective_clusters, shared_clusters
from analysis.compare.contrasts import Limits, Shares, compare, share_correlation
from analysis.compare.groups import STRAY
from analysis.compare.jackknife import jackknife, standard_error
from analysis.digits import settled

#: With fewer coded clusters there is no interval: with fewer than the first ever, than the second where those coded
#: hold less than half of the group's weight. (Six that happen to be alike pass by G*, and where size goes with tone
#: their intervals hold .85; ten drawn of thirty .90; ten of ten .94.)
FEW_CODED, FEW_OF_MANY = 10, 15
#: With fewer codes neither: simulations had more, and the tone around a concept asks for as many hits.
FEW_CODES = 30
FEW_CODES_NOTE = "too few codes: no interval"
#: The same of those codes that are of who speaks of a concept, beside the number of all.
FEW_OF_IT_NOTE = "too few codes of it, {}: no interval"
#: Codes that stand for less or more of a group than this, as a share, were drawn from others than are compared.
FRAME = (0.5, 2.0)
#: A share of which fewer codes than this are hits, or misses, has no interval.
FEW_HITS = 5
#: A standard error of codes under which it is rounding.
_NOTHING = 1e-9
FEW_CODED_NOTE = "too few coded clusters: no interval"
FEW_CODED_P_NOTE = "too few coded clusters: no p"
FEW_HITS_NOTE = "too few coded hits: no interval"


def pseudo_outcomes(prediction: np.ndarray, code: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Return g + (Y - g) / pi where there is a code, else g.

    Examples
    --------
    >>> pseudo_outcomes(np.array([0.5, 0.5]), np.array([1.0, np.nan]), np.array([4.0, 0.0])).tolist()
    [2.5, 0.5]

    """
    return prediction + np.where(inverse > 0, inverse * (code - prediction), 0.0)


class Pseudo(NamedTuple):
    """What codes make of utterances, any of which can be summed up as one group.

    Attributes
    ----------
    prediction, code, inverse : numpy.ndarray of float64, shape (utterances,)
        As :func:`correct` takes them; where there is no prediction, no code stands for the utterance.
    share : bool
        Whether codes are 0 and 1.
    unit : float
        What one unit of an effect is: .01, or the standard deviation of the codes.
    domain : tuple of numpy.ndarray, optional
        Where only codes tell who belongs to a group: predictions and codes of that; the others are then those of the
        product (:func:`linearised`).

    """

    prediction: np.ndarray
    code: np.ndarray
    inverse: np.ndarray
    share: bool
    unit: float
    domain: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def outcomes(self) -> np.ndarray:
        """The pseudo-outcomes, NaN where no code stands for an utterance; single ones mean nothing."""
        return pseudo_outcomes(self.prediction, self.code, self.inverse)

    def take(self, places: np.ndarray) -> Pseudo:
        """Return the same of utterances at other places, -1 for those that are none of these."""
        known = places >= 0

        def there(values: np.ndarray, nothing: float = np.nan) -> np.ndarray:
            return np.where(known, values[places], nothing)

        return self._replace(
            prediction=there(self.prediction),
            code=there(self.code),
            inverse=there(self.inverse, 0.0),
            domain=self.domain and tuple(map(there, self.domain)),
        )

    def stand_for(self, at: np.ndarray, wanted: np.ndarray) -> bool:
        """Tell whether the codes were drawn from the utterances at some places, and stand for those that are wanted."""
        known = ~np.isnan(self.prediction[wanted])
        stood = float(settled(self.inverse[at].sum() / len(at)))
        return bool(settled((~known).mean()) < STRAY) and FRAME[0] <= stood <= FRAME[1]

    def correct(self, at: np.ndarray, by: Weights) -> Corrected:
        """Sum up the utterances at some places; ``by`` are their weights, all kept."""
        g, y, inverse = self.prediction[at], self.code[at], self.inverse[at]
        if self.domain is None:
            return correct(g, y, inverse, by)
        belongs = tuple(values[at] for values in self.domain)
        found = correct(*linearised((g, belongs[0]), (y, belongs[1]), inverse, by), inverse, by)
        return found._replace(codes=int((belongs[1] > 0).sum()))


class Corrected(NamedTuple):
    """One group, corrected.

    Attributes
    ----------
    side : Side
        The pseudo-outcomes.
    predicted : Side
        The predictions alone: the same clusters and weights.
    coded : Side
        The codes alone, each for the 1 / pi utterances that it stands for, of clusters with a code (Hajek 1971).
    codes : int
        Coded utterances.
    hits : float
        Of a share: the hits among them, or the misses if these are fewer.
    independent : float
        The variance of the mean if utterances were independent.
    carriers : float
        The effective number of coded clusters that carry those hits.

    """

    side: Side
    predicted: Side
    coded: Side
    codes: int
    hits: float
    independent: float
    carriers: float

    @property
    def few(self) -> bool:
        """Whether too few clusters were coded to tell how far they differ."""
        count = len(self.coded.clusters)
        held = self.side.weight[np.searchsorted(self.side.clusters, self.coded.clusters)].sum()
        half = settled(held) >= settled(self.side.weight.sum() / 2)
        return count < (FEW_CODED if half else FEW_OF_MANY)

    def free(self, lean: float = 1.0) -> float:
        """Degrees of freedom of the jackknife variance; see :func:`cluster_variance`.

        What the predictions add to the variance lies in every cluster, what the residuals add in those with codes; each
        part is laid on its clusters by what they weigh, the second by the sum of weight / pi.
        """
        known = jackknife(self.predicted)
        rest = jackknife(self.side) - known
        spread = np.square(known).sum() * cluster_variance(self.side.weight, lean)
        at = np.searchsorted(self.side.clusters, self.coded.clusters)
        spread[at] += np.square(rest).sum() * cluster_variance(self.coded.weight, lean)
        return max(effective_clusters(spread) - 1, 0.0)

    @property
    def variance(self) -> float:
        """The jackknife variance of the corrected mean."""
        return float(np.square(jackknife(self.side)).sum())


def correct(prediction: np.ndarray, code: np.ndarray, inverse: np.ndarray, by: Weights) -> Corrected:
    """Sum up one group.

    Parameters
    ----------
    prediction, code, inverse : numpy.ndarray of float64, shape (utterances,)
        Of the group's utterances.
    by : Weights
        Of the same utterances (`analysis.compare.clusters.weigh`).

    """
    prediction, code, inverse = (values[by.kept] for values in (prediction, code, inverse))
    pseudo = pseudo_outcomes(prediction, code, inverse)
    side = by.side(pseudo)
    seen = inverse > 0
    count, weight = len(by.clusters), by.weights * inverse
    known = np.nan_to_num(code)
    totals = np.bincount(by.codes, weight, count)
    at = np.flatnonzero(np.bincount(by.codes, seen, count) > 0)
    coded = Side(
        by.clusters[at],
        np.bincount(by.codes, weight * known, count)[at],
        totals[at],
        int(seen.sum()),
        float(np.square(weight).sum()),
    )
    rare = known if coded.mean <= 1 / 2 else 1 - known
    carried = np.bincount(by.codes, weight * np.where(seen, rare, 0.0), count)
    whole = by.weights.sum()
    independent = float(np.square(by.weights * (pseudo - side.mean)).sum()) / whole**2 if whole > 0 else float("nan")
    hits = float(rare[seen].sum())
    return Corrected(side, by.side(prediction), coded, int(seen.sum()), hits, independent, effective_clusters(carried))


def cluster_variance(weight: np.ndarray, lean: float = 1.0) -> np.ndarray:
    """Return which part of a mean's variance each cluster of these weights is to bring; they add to 1.

    s = w (1 + lean w / mean w). The degrees of freedom of a jackknife variance are then (sum s)^2 / sum s^2 - 1
    (Satterthwaite 1946; with a working variance, Bell & McCaffrey 2002, Survey Methodology 28:169). With a lean of 0
    they are G* - 1. That takes all variance for the utterances' own, and where large clusters are darker intervals of
    one mean hold .91 to .93, for its distribution is skewed then; with 1, half of what a cluster of mean size brings
    comes from the cluster's level.

    Examples
    --------
    >>> cluster_variance(np.array([3.0, 1.0])).round(3).tolist()
    [0.833, 0.167]

    """
    spread = weight * (1 + lean * weight / weight.mean()) if len(weight) and weight.sum() > 0 else 0.0 * weight
    return spread / spread.sum() if spread.sum() > 0 else spread


def free_of(*sides: Corrected) -> float:
    """Return degrees of freedom of a mean, or of the difference of two; see :func:`joined_freedom`."""
    return joined_freedom(sides, shared=len(sides) > 1 and shared_clusters(*(side.side for side in sides)) > 0)


class Mean(Protocol):
    """A mean of which the variance is known, and its degrees of freedom for a lean (:func:`cluster_variance`)."""

    @property
    def variance(self) -> float: ...  # noqa: D102
    def free(self, lean: float) -> float: ...  # noqa: D102


def joined_freedom(sides: Sequence[Mean], *, shared: bool = False) -> float:
    """Return degrees of freedom of a mean, or by Satterthwaite of the difference of two.

    In a difference the skewness of two means cancels as far as their variances are equal, and what is left of it moves
    the coverage of a two-sided interval by its square (Hall 1992, The Bootstrap and Edgeworth Expansion, ch. 2): it
    leans by ((Va^1.5 - Vb^1.5) / (Va + Vb)^1.5)^2. Where two groups share clusters, both have the smaller number.
    """
    if len(sides) == 1:
        return sides[0].free(1.0)
    variances = [side.variance for side in sides]
    whole = sum(variances)
    lean = ((variances[0] ** 1.5 - variances[1] ** 1.5) / whole**1.5) ** 2 if whole > 0 else 1.0
    free = [side.free(lean) for side in sides]
    if shared:
        return min(free)
    spread = sum(variance**2 / each for variance, each in zip(variances, free, strict=True) if each > 0)
    return whole**2 / spread if spread > 0 else 0.0


def linearised(
    predicted: tuple[np.ndarray, np.ndarray],
    coded: tuple[np.ndarray, np.ndarray],
    inverse: np.ndarray,
    by: Weights,
) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and codes whose corrected mean is that of a domain which only codes can tell.

    theta = sum w (D Y)~ / sum w D~, with D whether an utterance is in the domain and ~ the pseudo-outcome; what is
    returned is theta + (D Y - theta D) / mean D~ (Woodruff 1971, JASA 66:411), of predictions and of codes.

    Parameters
    ----------
    predicted, coded : tuple of numpy.ndarray of float64, shape (utterances,)
        Of D Y, and of D.
    inverse : numpy.ndarray of float64, shape (utterances,)

    Returns
    -------
    tuple of numpy.ndarray
        NaN predictions where the domain is estimated to be empty.

    """
    above, below = (
        by.side(pseudo_outcomes(g[by.kept], y[by.kept], inverse[by.kept])).mean
        for g, y in zip(predicted, coded, strict=True)
    )
    if not settled(below) > 0:
        return np.full(len(inverse), np.nan), coded[0]
    ratio = above / below
    return tuple(ratio + (both - ratio * domain) / below for both, domain in (predicted, coded))


def share_of(one: Corrected) -> shares.Share:
    """Return what is known of a corrected share, for the intervals of `analysis.compare.shares`.

    n is so many independent utterances as would be as precise as the pseudo-outcomes, were these independent.
    """
    share = float(np.clip(one.side.mean, 0, 1))
    spread = share * (1 - share)
    n = np.clip(spread / one.independent, 1, one.side.effective_n) if one.independent > 0 else one.codes
    design = one.variance * n / spread if spread > 0 else 1.0
    return shares.Share(*map(np.asarray, (share, n, design, one.carriers, one.coded.effective)))


def corrected_row(
    measure: str,
    name_a: str,
    a: Corrected,
    name_b: str | None = None,
    b: Corrected | None = None,
    *,
    share: bool = False,
    **unit: Any,  # noqa: ANN401  passed on
) -> dict[str, Any]:
    """Describe a corrected mean or share, or the difference of two: of any languages, for codes are on one scale.

    Parameters
    ----------
    share : bool
        Whether codes are 0 and 1: intervals then are those of shares, and withheld with fewer than :data:`FEW_HITS`
        coded hits (or misses) on a side.
    **unit
        As in `analysis.compare.contrasts.compare`.

    Returns
    -------
    dict
        As `compare`. There is no interval where a side has fewer than 30 codes, fewer than 10 coded clusters (15 where
        those hold less than half of its weight), or fewer than 5 effective ones by what the codes stand for, sum of
        weight / pi; with fewer than 10 effective ones there is no p. Then ``codes_a, coded_clusters_a, coded_g_a`` and
        the same of b; ``codes_only`` with its standard error ``codes_only_se``, ``worth`` (codes alone that would be as
        precise) and ``more`` (further codes that would halve the interval, at least; infinite if codes alone cannot).

    """
    given = [side for side in (a, b) if side is not None]
    limits = limits_of(given, share=share)
    row = compare(measure, name_a, a.side, name_b, None if b is None else b.side, limits=limits, **unit)
    if np.isfinite(row["se"]):
        row["df"] = free_of(*given)
    fewest = settled(min(side.coded.effective for side in given))
    few_codes = min(side.codes for side in given) < FEW_CODES
    few_coded = fewest < FEW_FOR_INTERVAL or any(side.few for side in given)
    few_hits = share and settled(min(side.hits for side in given)) < FEW_HITS
    if few_coded or few_codes or few_hits:
        note = FEW_CODED_NOTE if few_coded else FEW_CODES_NOTE if few_codes else FEW_HITS_NOTE
        row |= dict.fromkeys(("se", "df", "ci_low", "ci_high", "p"), float("nan")) | {"note": note}
    elif b is not None and fewest < FEW_FOR_P:
        row |= {"p": float("nan"), "note": FEW_CODED_P_NOTE}
    return row | _about(given)


def limits_of(given: Sequence[Corrected], *, share: bool) -> Limits | None:
    """Return the interval of one group or of the difference of two (of shares: `Shares`); None if nothing varies."""
    return _share_limits(given) if share else _mean_limits(given)


def _signed(sides: Sequence[Side]) -> list[tuple[float, Side]]:
    """Return the terms of one mean, or of the difference of two."""
    return list(zip((1.0, -1.0), sides, strict=False))


def _mean_limits(given: Sequence[Corrected]) -> Limits | None:
    """Return the interval of t with the degrees of freedom of the coded clusters; None where nothing varies."""
    terms = _signed([one.side for one in given])
    estimate = sum(sign * side.mean for sign, side in terms)
    se, free = standard_error(terms)[0], free_of(*given)
    if se <= _NOTHING:
        return None

    def limits(alpha: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        margin = stdtrit(free, 1 - np.asarray(alpha) / 2) * se
        return estimate - margin, estimate + margin

    return limits


def _share_limits(given: Sequence[Corrected]) -> Limits:
    """Return the interval of a corrected share, or of the difference of two."""
    known = [share_of(one) for one in given]
    if len(known) == 1:
        return lambda alpha: shares.share_limits(known[0], alpha)
    return Shares(*known, share_correlation(*(one.side for one in given), known))


def _about(given: Sequence[Corrected]) -> dict[str, Any]:
    """Return what the codes alone say, what they are worth, and how many there are."""
    terms = _signed([one.coded for one in given])
    out: dict[str, Any] = {}
    for name, one in zip("ab", [*given, None][:2], strict=True):
        out[f"codes_{name}"] = None if one is None else one.codes
        out[f"coded_clusters_{name}"] = None if one is None else len(one.coded.clusters)
        out[f"coded_g_{name}"] = float("nan") if one is None else one.coded.effective
    # Where all codes say the same, what is left of an error is their mean's last bits.
    alone = standard_error(terms)[0]
    alone = 0.0 if alone < _NOTHING else alone
    variance = standard_error(_signed([one.side for one in given]))[0] ** 2
    known = standard_error(_signed([one.predicted for one in given]))[0] ** 2
    codes = sum(one.codes for one in given)
    rest, wanted = max(variance - known, 0.0), variance / 4 - known
    out["codes_only"] = sum(sign * side.mean for sign, side in terms)
    out["codes_only_se"] = alone
    out["worth"] = codes * alone**2 / variance if variance > 0 else float("nan")
    more = np.ceil(settled(codes * (rest / wanted - 1))) if settled(wanted) > 0 else np.inf
    # More than there are utterances cannot be coded.
    out["more"] = float(more) if more <= sum(one.side.n - one.codes for one in given) else float("inf")
    return out
