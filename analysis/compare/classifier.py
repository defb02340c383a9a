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
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.digits import settled

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

#: Codes in a language from which one is learned, and those that a class needs.
LEAST_CODES, LEAST_OF_CLASS = 200, 10
#: Utterances whose probabilities are found at once.
BATCH = 20_000
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


class Model(NamedTuple):
    """What was learned."""

    terms: Any
    weights: LogisticRegression

    def probabilities(self, texts: Sequence[Sequence[str]], classes: Sequence[str]) -> np.ndarray:
        """Return those of all classes but the first; 0 of a class that it never saw."""
        out = np.zeros((len(texts), len(classes)))
        if len(texts):
            known = [list(classes).index(name) for name in self.weights.classes_]
            out[:, known] = self.weights.predict_proba(self.terms.transform(texts))
        return np.round(settled(out[:, 1:]), _DIGITS)


def features(language: str) -> Callable[[Sequence[str]], Iterator[str]]:
    """Return what parts tokens into features: words and pairs (``w…``), runs of characters (``c…``).

    Examples
    --------
    >>> list(features("zh")(["自由", "人"]))
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


def fit(texts: Sequence[Sequence[str]], classes: Sequence[str], language: str) -> Model:
    """Learn classes of tokenised texts; the same from the same texts in the same order, without threads."""
    # They take every kernel two seconds to import, and only codes need them.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    terms = TfidfVectorizer(analyzer=features(language), min_df=2, sublinear_tf=True)
    counted = terms.fit_transform(texts)
    weights = LogisticRegression(C=4.0, solver="newton-cg", tol=_TOLERANCE, max_iter=5000)
    with warnings.catch_warnings():
        # As near as floats can tell, there is no step down any more.
        warnings.filterwarnings("ignore", "Line Search failed")
        return Model(terms, weights.fit(counted, list(classes)))


def learn(
    tokens: Callable[[np.ndarray], pa.ListArray], label: np.ndarray, fold: np.ndarray, language: str
) -> Learned | None:
    """Learn from the codes of a language, and predict all of its utterances.

    Parameters
    ----------
    tokens : callable
        Returns the tokens of utterances by their places, so that never all are in memory.
    label : numpy.ndarray of object, shape (utterances,)
        The class of a coded utterance, None of the others.
    fold : numpy.ndarray of int64, shape (utterances,)
        Of `analysis.compare.cross_fitting.fold_of`.
    language : str

    Returns
    -------
    Learned or None
        None with fewer than :data:`LEAST_CODES` codes, or two classes of :data:`LEAST_OF_CLASS`.

    """
    at, classes = np.flatnonzero([each is not None for each in label]), usable(label)
    if not classes:
        return None
    texts, mine, folds = tokens(at).to_pylist(), fold[at], np.unique(fold).tolist()
    fitted = np.isin(label[at].astype(str), classes)

    def model(*without: int) -> Model | None:
        rows = np.flatnonzero(fitted & ~np.isin(mine, without))
        known = label[at[rows]].tolist()
        return fit([texts[i] for i in rows], known, language) if len(set(known)) > 1 else None

    def told(made: Model | None, some: Sequence[Sequence[str]]) -> np.ndarray:
        return np.zeros((len(some), len(classes) - 1)) if made is None else made.probabilities(some, classes)

    out = np.zeros((len(label), len(classes) - 1))
    for number in folds:
        made, rows = model(number), np.flatnonzero(fold == number)
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            out[some] = told(made, tokens(some).to_pylist())
    among = dict(zip(folds, np.repeat(out[at][None], len(folds), axis=0), strict=True))
    for one, two in combinations(folds, 2):
        made = model(one, two)
        for here, other in ((one, two), (two, one)):
            rows = np.flatnonzero(mine == other)
            among[here][rows] = told(made, [texts[i] for i in rows])
    return Learned(out, at, among, classes)


def usable(label: np.ndarray) -> list[str]:
    """Return the classes that can be learned, sorted; none where there is too little to learn from."""
    counts = Counter(each for each in label.tolist() if each is not None)
    classes = sorted(name for name, count in counts.items() if count >= LEAST_OF_CLASS)
    enough = counts.total() >= LEAST_CODES and len(classes) > 1
    return classes if enough else []


def strongest(texts: Sequence[Sequence[str]], label: Sequence[str], language: str) -> pd.DataFrame:
    """Return the words, and pairs of words, that speak most for each class, learned from all codes of a language.

    Returns
    -------
    pandas.DataFrame
        ``class, term, weight, codes``: the change of the class's log-odds for a text of that word alone, and the coded
        texts that hold it. (With two classes the second's, and the first's with the sign turned.)

    """
    made = fit(texts, label, language)
    names, weights = made.terms.get_feature_names_out(), settled(made.weights.coef_)
    weights = np.vstack([-weights, weights]) if len(weights) == 1 else weights
    holding = np.asarray((made.terms.transform(texts) > 0).sum(axis=0)).ravel()
    words = np.array([name.startswith("w") for name in names])
    rows = []
    for name, row in zip(made.weights.classes_, weights, strict=True):
        best = sorted(
            np.flatnonzero(words & (row > 0) & (holding >= _HELD)), key=lambda i: (-np.round(row[i], _DIGITS), names[i])
        )[:_SHOWN]
        rows += [(name, names[i][1:], np.round(row[i], _DIGITS), int(holding[i])) for i in best]
    return pd.DataFrame(rows, columns=["class", "term", "weight", "codes"])
