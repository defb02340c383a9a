"""A small classifier learned from the user's own codes: one more predictor of what a code would be.

Words and pairs of words of the stored tokens, and runs of one to four characters, weighted by tf-idf; logistic
regression with a ridge penalty. Stance of five grades is learned as three classes: a few hundred codes hold too few of
the outer grades to learn them apart, classes have words that can be shown, and the regression that follows
(`analysis.compare.cross_fitting.cross_fit`) finds what a class is worth on the codes' own scale.

What is predicted of an utterance comes from models that saw no code of its fold. A regression is fitted to predictions
as well, so those of its training rows come from models that saw neither their fold nor the one to be predicted.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

from analysis.digits import settled

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

#: Codes in a language from which one is learned, and those that a class needs.
LEAST_CODES, LEAST_OF_CLASS = 200, 10
_LEAST_CLASSES = 2
#: Utterances whose features are counted, and whose probabilities are found, at once.
BATCH = 20_000
#: Texts that a feature must be in.
_LEAST_TEXTS = 2
#: Decimal digits of a probability. Its equation is solved to many more, and processors differ in the last of those: by
#: 2e-7 at a tolerance of 1e-9, so that of ten thousand probabilities some were rounded to either side; here by 2e-10.
_DIGITS, _TOLERANCE = 4, 1e-12
#: Words shown of a class, and the coded texts that one must be in.
_SHOWN, _HELD = 12, 5
_LONGEST_RUN = 4


class Learned(NamedTuple):
    """Probabilities of the classes but the first.

    Attributes
    ----------
    of : numpy.ndarray of float64, shape (utterances, classes - 1)
        By models that saw no code of the utterance's fold.
    at : numpy.ndarray of int64, shape (coded,)
        The places of the coded utterances.
    among : dict of int to numpy.ndarray of float64, shape (coded, classes - 1)
        Of the coded utterances by models that saw no code of this fold either.
    classes : list of str

    """

    of: np.ndarray
    at: np.ndarray
    among: dict[int, np.ndarray]
    classes: list[str]

    def for_fold(self, number: int) -> np.ndarray:
        """Return what the regression that predicts a fold may see, shape (utterances, classes - 1)."""
        out = self.of.copy()
        out[self.at] = self.among[number]
        return out


def analyser(language: str) -> Callable[[Sequence[str]], Iterator[str]]:
    """Return what parts tokens into features: words and pairs (``w…``), runs of characters (``c…``).

    Examples
    --------
    >>> list(analyser("zh")(["自由", "人"]))
    ['w自由', 'w人', 'w自由 人', 'c自', 'c由', 'c人', 'c自由', 'c由人', 'c自由人']

    """
    joint = "" if language == "zh" else " "
    shortest = 1 if language == "zh" else 2

    def parts(tokens: Sequence[str]) -> Iterator[str]:
        words = list(tokens)
        yield from ("w" + word for word in words)
        yield from (f"w{a} {b}" for a, b in pairwise(words))
        line = joint.join(words)
        for width in range(shortest, _LONGEST_RUN + 1):
            yield from ("c" + line[at : at + width] for at in range(len(line) - width + 1))

    return parts


class Model(NamedTuple):
    """What was learned: of which columns of the counts, how they are weighed, and what they tell."""

    terms: np.ndarray
    weighed: TfidfTransformer
    weights: LogisticRegression

    def probabilities(self, counts: sparse.csr_array, classes: Sequence[str]) -> np.ndarray:
        """Return those of all classes but the first; 0 of a class that it never saw."""
        out = np.zeros((counts.shape[0], len(classes)))
        known = [list(classes).index(name) for name in self.weights.classes_]
        for start in range(0, len(out), BATCH):
            some = counts[start : start + BATCH][:, self.terms].astype(float)
            out[start : start + BATCH, known] = self.weights.predict_proba(self.weighed.transform(some))
        return np.round(settled(out[:, 1:]), _DIGITS)


class Features:
    """The features of a language's utterances, counted once for all that is learned of them.

    Parameters
    ----------
    tokens : callable
        Returns the tokens of utterances by their places, so that never all are in memory.
    coded : numpy.ndarray of bool, shape (utterances,)
        The utterances that somebody coded, in anything: what stands in none or one of them can be learned by no model.
    language : str

    """

    def __init__(self, tokens: Callable[[np.ndarray], pa.ListArray], coded: np.ndarray, language: str) -> None:
        """Count nothing yet: where there are few codes nothing is learned."""
        self._tokens, self._coded, self._language = tokens, coded, language

    @cached_property
    def _counter(self) -> Any:  # noqa: ANN401
        # It takes every kernel two seconds to import, and only codes need it.
        from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415

        counter = CountVectorizer(analyzer=analyser(self._language), min_df=_LEAST_TEXTS, dtype=np.uint16)
        return counter.fit(self._tokens(np.flatnonzero(self._coded)).to_pylist())

    @cached_property
    def names(self) -> np.ndarray:
        """The features, in the order of their columns."""
        return self._counter.get_feature_names_out()

    @cached_property
    def counts(self) -> sparse.csr_array:
        """How often each utterance has each feature, shape (utterances, features)."""
        places = np.arange(len(self._coded))
        parts = (places[start : start + BATCH] for start in range(0, len(places), BATCH))
        return sparse.vstack([self._counter.transform(self._tokens(part).to_pylist()) for part in parts], format="csr")


def fit(counts: sparse.csr_array, classes: Sequence[str]) -> Model:
    """Learn classes from features; the same from the same texts in the same order, without threads."""
    from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    terms = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= _LEAST_TEXTS)
    weighed = TfidfTransformer(sublinear_tf=True)
    seen = weighed.fit_transform(counts[:, terms].astype(float))
    weights = LogisticRegression(C=4.0, solver="newton-cg", tol=_TOLERANCE, max_iter=5000)
    with warnings.catch_warnings():
        # As near as floats can tell, there is no step down any more.
        warnings.filterwarnings("ignore", "Line Search failed")
        return Model(terms, weighed, weights.fit(seen, list(classes)))


def learn(features: Features, label: np.ndarray, fold: np.ndarray) -> Learned | None:
    """Learn from the codes of a language, and predict all of its utterances.

    Parameters
    ----------
    label : numpy.ndarray of object, shape (utterances,)
        The class of a coded utterance, None of the others.
    fold : numpy.ndarray of int64, shape (utterances,)
        Of `analysis.compare.cross_fitting.fold_of`.

    Returns
    -------
    Learned or None
        None with fewer than :data:`LEAST_CODES` codes, or two classes of :data:`LEAST_OF_CLASS`.

    """
    at, classes = np.flatnonzero([each is not None for each in label]), usable(label)
    if not classes:
        return None
    mine, folds = fold[at], np.unique(fold).tolist()
    fitted = np.isin(label[at].astype(str), classes)

    def told(rows: np.ndarray, *without: int) -> np.ndarray:
        """Return the probabilities of utterances by a model that saw no code of some folds."""
        seen = at[fitted & ~np.isin(mine, without)]
        known = label[seen].tolist()
        if len(set(known)) < _LEAST_CLASSES:
            return np.zeros((len(rows), len(classes) - 1))
        return fit(features.counts[seen], known).probabilities(features.counts[rows], classes)

    out = np.zeros((len(label), len(classes) - 1))
    for number in folds:
        rows = np.flatnonzero(fold == number)
        out[rows] = told(rows, number)
    among = dict(zip(folds, np.repeat(out[at][None], len(folds), axis=0), strict=True))
    for pair in combinations(folds, 2):
        rows = np.flatnonzero(np.isin(mine, pair))
        seen, (one, two) = told(at[rows], *pair), pair
        among[one][rows[mine[rows] == two]] = seen[mine[rows] == two]
        among[two][rows[mine[rows] == one]] = seen[mine[rows] == one]
    return Learned(out, at, among, classes)


def usable(label: np.ndarray) -> list[str]:
    """Return the classes that can be learned, sorted; none where there is too little to learn from."""
    counts = Counter(each for each in label.tolist() if each is not None)
    classes = sorted(name for name, count in counts.items() if count >= LEAST_OF_CLASS)
    enough = counts.total() >= LEAST_CODES and len(classes) > 1
    return classes if enough else []


def strongest(features: Features, label: np.ndarray) -> pd.DataFrame:
    """Return the words, and pairs of words, that speak most for each class, learned from all codes of a language.

    Parameters
    ----------
    label : numpy.ndarray of object, shape (utterances,)
        The class of a coded utterance; None of the others, and of classes that cannot be learned.

    Returns
    -------
    pandas.DataFrame
        ``class, term, weight, codes``: the change of the class's log-odds for a text of that word alone, and the coded
        texts that hold it. (With two classes the second's, and the first's with the sign turned.)

    """
    at = np.flatnonzero([each is not None for each in label])
    counts = features.counts[at]
    made = fit(counts, label[at].tolist())
    names, weights = features.names[made.terms], settled(made.weights.coef_)
    weights = np.vstack([-weights, weights]) if len(weights) == 1 else weights
    holding = np.bincount(counts.indices, minlength=counts.shape[1])[made.terms]
    words = np.array([name.startswith("w") for name in names])
    rows = []
    for name, row in zip(made.weights.classes_, weights, strict=True):
        best = sorted(
            np.flatnonzero(words & (row > 0) & (holding >= _HELD)), key=lambda i: (-np.round(row[i], _DIGITS), names[i])
        )[:_SHOWN]
        rows += [(name, names[i][1:], np.round(row[i], _DIGITS), int(holding[i])) for i in best]
    return pd.DataFrame(rows, columns=["class", "term", "weight", "codes"])
