"""What stands for the codes of utterances that nobody coded: predictions by language, and what the machine says."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.compare.classes import class_order
from analysis.compare.classifier import Features, Learned, learn
from analysis.compare.coded import SIGNS, TONES, YES, Coding, Outcome
from analysis.compare.correction import Pseudo
from analysis.compare.cross_fitting import cross_fit, fold_of
from analysis.compare.dataset import Dataset
from analysis.digits import settled
from analysis.parameters import CLASS

#: Whose scores stand for the uncorrected estimate: the first that has any; one that reads both languages comes first.
FIRST = ("labmt", "nrcvad", "vader", "zh_rules")


class Estimated(NamedTuple):
    """An outcome of every utterance: what was coded, what stands for it, what the machine says of it."""

    outcome: Outcome
    prediction: np.ndarray
    inverse: np.ndarray
    machine: np.ndarray
    machine_name: str

    def pseudo(self, known: np.ndarray) -> Pseudo:
        """Return pseudo-outcomes of those utterances that codes stand for (booleans)."""
        code = self.outcome.code
        unit = 0.01 if self.outcome.share else float(np.nanstd(code))
        return Pseudo(np.where(known, self.prediction, np.nan), code, self.inverse, self.outcome.share, unit)


def correction_of(study: Dataset) -> Correction:
    """Return the predictions and codes of a study, made once: learning from codes takes seconds."""
    # As functools.cached_property keeps a value, which a frozen class allows.
    kept = vars(study)
    if "_correction" not in kept:
        kept["_correction"] = Correction(study)
    return kept["_correction"]


class Correction:
    """The predictions and codes of a study; made once, for what is estimated of it.

    Parameters
    ----------
    study : Dataset

    """

    def __init__(self, study: Dataset) -> None:
        """Read the codes."""
        self.study, self.coding = study, Coding(study)
        self.rows = study.measures
        self.language = self.rows["language"].to_numpy(dtype=object)
        self._features: dict[str, Features] = {}
        self._learned: dict[tuple[str, str], Learned | None] = {}
        self._estimated: dict[tuple[str, str], Estimated] = {}
        self._ids = pd.Index(self.rows["utterance_id"])
        self._groups = pd.factorize(self.rows["group"].to_numpy(dtype=object), sort=True)[0]
        drawn = np.zeros(len(self.rows), dtype=bool)
        drawn[self.coding.sample["place"].to_numpy(dtype=int)] = True
        clusters = self.rows["cluster_id"].fillna(self.rows["utterance_id"]).to_numpy(dtype=object)
        self.fold = fold_of(clusters, drawn, study.parameters.seed) if len(drawn) else np.empty(0, dtype=int)

    def places(self, rows: pd.DataFrame) -> np.ndarray:
        """Return where rows stand among the study's measures."""
        return self._ids.get_indexer(rows["utterance_id"])

    def features(self, language: str) -> Features:
        """Return the features of a language's utterances, of whose codes anything is learned."""
        if language not in self._features:
            at = np.flatnonzero(self.language == language)
            labels = [self.coding.label(variable)[at] for variable in self.coding.variables]
            coded = np.array([any(each is not None for each in of) for of in zip(*labels, strict=True)], dtype=bool)

            def tokens(places: np.ndarray) -> pa.ListArray:
                return self.study.tokens(self.rows[["row"]].iloc[at[places]])

            self._features[language] = Features(tokens, coded, language)
        return self._features[language]

    def learned(self, variable: str, language: str) -> Learned | None:
        """Return what a classifier says that learned from the codes (`analysis.compare.classifier.learn`)."""
        key = (variable, language)
        if key not in self._learned:
            at = np.flatnonzero(self.language == language)
            self._learned[key] = learn(self.features(language), self.coding.label(variable)[at], self.fold[at])
        return self._learned[key]

    def estimate(self, outcome: Outcome) -> Estimated:
        """Predict what the codes themselves say, of all utterances; made once, for several tables ask for it."""
        key = outcome.variable, outcome.name
        known = self._estimated.get(key)
        if known is None or not np.array_equal(known.outcome.code, outcome.code, equal_nan=True):
            known = self._estimated[key] = self.estimate_with(outcome)
        return known

    def concept(self, name: str) -> Estimated:
        """Predict whether readers say that an utterance speaks of a concept, by its words too; made once."""
        key = name, YES
        if key not in self._estimated:
            self._estimated[key] = self.estimate_with(self.coding.share(name, YES), self.mentions(name))
        return self._estimated[key]

    def mentions(self, concept: str) -> np.ndarray:
        """Return 1 where an utterance has a concept's words, 0 where not, NaN where nothing is known of that."""
        out, mentioned = np.full(len(self.rows), np.nan), self.study.mentioned
        if concept in mentioned:
            out[self.places(mentioned)] = mentioned[concept].to_numpy(dtype=float)
        return out

    def estimate_with(self, outcome: Outcome, flags: np.ndarray | None = None) -> Estimated:
        """Predict an outcome of all utterances, by language.

        Parameters
        ----------
        flags : numpy.ndarray of float64, shape (utterances,), optional
            What the machine says of the same (a concept's words): a score like others.

        """
        inverse = self.coding.inverse(outcome.code)
        prediction = np.full(len(self.rows), np.nan)
        for language in sorted(set(self.language[inverse > 0])):
            at = np.flatnonzero(self.language == language)
            scores = self._scores(at, flags)
            learned = self.learned(outcome.variable, language)
            seen = scores if learned is None else _with(scores, learned)
            prediction[at] = cross_fit(seen, outcome.code[at], inverse[at], self.fold[at], self._groups[at])
        machine, name = (flags, "codebook") if flags is not None else self._machine(outcome, inverse)
        return Estimated(outcome, prediction, inverse, machine, name)

    def _scores(self, at: np.ndarray, flags: np.ndarray | None) -> np.ndarray:
        columns = [self.rows[name].to_numpy(dtype=float)[at] for name in self.study.scales]
        columns += [] if flags is None else [flags[at]]
        for name in self.study.parameters.classes:
            # A class a column, but for the last, which the others tell; a missing class is a missing score.
            given = self.rows[CLASS + name].iloc[at]
            for each in class_order(given)[:-1]:
                columns.append((given == each).astype(float).where(given.notna()).to_numpy(dtype=float))
        columns = [column for column in columns if not np.isnan(column).all()]
        return np.stack(columns, axis=1) if columns else np.empty((len(at), 0))

    def _machine(self, outcome: Outcome, inverse: np.ndarray) -> tuple[np.ndarray, str]:
        """Return the uncorrected counterpart of an outcome, NaN where there is none, and whose it is."""
        out, used = np.full(len(self.rows), np.nan), []
        if outcome.share and outcome.name not in TONES:
            return out, ""
        for language in sorted(set(self.language[inverse > 0])):
            at = np.flatnonzero(self.language == language)
            names = [name for name in (*FIRST, *self.study.scales) if name in self.study.scales]
            known = [name for name in names if self.rows[name].iloc[at].notna().any()]
            if not known:
                continue
            used.append(known[0])
            scores = self.rows[known[0]].to_numpy(dtype=float)[at]
            if outcome.share:
                low, high = settled(self.study.neutral[known[0], language])
                sign = (settled(scores) > high).astype(int) - (settled(scores) < low)
                out[at] = np.where(np.isnan(scores), np.nan, np.array(SIGNS)[sign + 1] == outcome.name)
            else:
                out[at] = _linked(scores, outcome.code[at], inverse[at])
        return out, ", ".join(dict.fromkeys(used))


def _with(scores: np.ndarray, learned: Learned) -> Callable[[int], np.ndarray]:
    return lambda number: np.hstack([scores, learned.for_fold(number)])


def _linked(scores: np.ndarray, code: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Bring scores to the mean and the spread of the codes."""
    seen = inverse > 0
    centre = np.average(code[seen], weights=inverse[seen])
    spread = np.sqrt(np.average(np.square(code[seen] - centre), weights=inverse[seen]))
    own = np.nanstd(scores)
    return centre + (scores - np.nanmean(scores)) * (spread / own if settled(own) > 0 else 0.0)
