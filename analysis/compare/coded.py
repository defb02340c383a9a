"""The codes of a study's utterances as numbers, with how likely each was to be coded."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.dataset import Dataset
from analysis.corpus.codes import ORIGINAL
from analysis.digits import settled

UNCLEAR = "unclear"
YES, NO = "yes", "no"
#: The classes of an ordinal variable, by sign; of the variable ``stance`` what they are called in tables.
SIGNS = ("against", "neutral", "for")
#: What an instrument calls them.
TONES = dict(zip(SIGNS, ("negative", "neutral", "positive"), strict=True))


class Outcome(NamedTuple):
    """What is estimated: one number an utterance.

    Attributes
    ----------
    variable : str
    name : str
        ``mean``, or the class whose share it is.
    share : bool
    code : numpy.ndarray of float64, shape (utterances,)
        The mean over coders; NaN where there is none.

    """

    variable: str
    name: str
    share: bool
    code: np.ndarray


class Coding:
    """What people coded of the utterances of a study.

    Parameters
    ----------
    study : Dataset

    Notes
    -----
    A code of the original counts; one of the translation where nobody coded the original. ``unclear`` is no code, nor
    is what the scheme does not have (a table changed by hand). What was imported after the sample was drawn could not
    be in it: draw another wave.

    """

    def __init__(self, study: Dataset) -> None:
        """Read sample, scheme and codes."""
        self.study = study
        self.rows = study.measures
        self.scheme = study.coding("scheme").drop_duplicates("variable").set_index("variable")
        codes = study.coding("codes")
        codes = codes[codes["utterance_id"].isin(self.rows["utterance_id"]) & ~codes["value"].isin((UNCLEAR, ""))]
        accepted = self.scheme["values"].str.split().explode()
        codes = codes[pd.MultiIndex.from_frame(codes[["variable", "value"]]).isin(list(accepted.items()))]
        keys = ["utterance_id", "variant", "coder", "variable"]
        codes = codes.drop_duplicates(keys, keep="last")
        own = codes["variant"] == ORIGINAL
        items = pd.MultiIndex.from_frame(codes[["utterance_id", "variable"]])
        self.codes = codes[own.to_numpy() | ~items.isin(items[own.to_numpy()])]
        sample = study.coding("sample").drop_duplicates("utterance_id")
        place = pd.Series(np.arange(len(self.rows)), self.rows["utterance_id"].to_numpy())
        self.sample = sample[sample["utterance_id"].isin(place.index)].assign(
            place=lambda table: table["utterance_id"].map(place)
        )

    @cached_property
    def variables(self) -> list[str]:
        """The variables of the scheme that somebody coded."""
        return [name for name in self.scheme.index if (self.codes["variable"] == name).any()]

    @cached_property
    def ordinal(self) -> list[str]:
        """Those of them whose codes are numbers."""
        return list(filter(self.is_ordinal, self.variables))

    def ordinal_of(self, variable: str) -> list[str]:
        """Return the variable, or without one the first, if its codes are numbers."""
        return [name for name in self.ordinal if variable in ("", name)][:1]

    def is_ordinal(self, variable: str) -> bool:
        """Tell whether codes are numbers."""
        return self.scheme.loc[variable, "kind"] == "ordinal"

    def is_concept(self, variable: str) -> bool:
        """Tell whether somebody coded it, and codes are yes and no."""
        return variable in self.variables and set(self.scheme.loc[variable, "values"].split()) - {UNCLEAR} == {YES, NO}

    def values(self, variable: str) -> list[str]:
        """Return the classes of a variable: its values, or of numbers their signs, where they have two."""
        values = [value for value in self.scheme.loc[variable, "values"].split() if value != UNCLEAR]
        if self.is_ordinal(variable):
            numbers = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")
            return list(SIGNS) if numbers.min() < 0 < numbers.max() else []
        return values

    def _mean(self, variable: str, number: pd.Series) -> np.ndarray:
        mine = self.codes["variable"] == variable
        by = number[mine.to_numpy()].groupby(self.codes.loc[mine, "utterance_id"].to_numpy()).mean()
        out = self.rows["utterance_id"].map(by).to_numpy(dtype=float)
        # Who was coded without having been drawn stands for nobody.
        drawn = np.zeros(len(out), dtype=bool)
        drawn[self.sample["place"]] = True
        return np.where(drawn, out, np.nan)

    def mean(self, variable: str) -> Outcome:
        """Return the numbers of an ordinal variable."""
        number = pd.to_numeric(self.codes["value"], errors="coerce")
        return Outcome(variable, "mean", share=False, code=self._mean(variable, number))

    def share(self, variable: str, value: str) -> Outcome:
        """Return whether each utterance is of a class: where coders differ, the share of them that says so."""
        said = self.codes["value"]
        if self.is_ordinal(variable):
            said = pd.to_numeric(said, errors="coerce").map(lambda x: x if pd.isna(x) else SIGNS[int(np.sign(x)) + 1])
        flags = (said == value).astype(float).where(said.notna())
        return Outcome(variable, value, share=True, code=self._mean(variable, flags))

    def label(self, variable: str) -> np.ndarray:
        """Return the class that most coders gave each utterance; None where there is none.

        Where classes are even, of numbers it is the sign of their mean (-2 and 1: against; -1 and 1: neutral), of words
        nobody's: the first of the scheme would lean all that is measured by labels to it.

        Returns
        -------
        numpy.ndarray of object, shape (utterances,)

        """
        values = self.values(variable)
        if not values:
            return np.full(len(self.rows), None, dtype=object)
        shares = settled(np.stack([self.share(variable, value).code for value in values]))
        best = np.array(values, dtype=object)[np.argmax(np.nan_to_num(shares), axis=0)]
        even = (shares == shares.max(axis=0)).sum(axis=0) > 1
        if even.any() and self.is_ordinal(variable):
            sign = np.sign(settled(np.nan_to_num(self.mean(variable).code))).astype(int)
            best = np.where(even, np.array(SIGNS, dtype=object)[sign + 1], best)
        else:
            best = np.where(even, None, best)
        return np.where(np.isnan(shares).any(axis=0), None, best)

    def inverse(self, code: np.ndarray) -> np.ndarray:
        """Return 1 / pi of coded utterances, 0 of the others.

        Drawn utterances that are not coded (yet), or unclear, are stood for by those coded in their stratum, whose pi
        is less by the share (in 1 / pi) that was coded; where a whole stratum is without a code, by those of its group
        and language.
        """
        out = np.zeros(len(code))
        if self.sample.empty:
            return out
        table = self.sample[["place", "stratum"]].assign(weight=1 / self.sample["probability"])
        at = table["place"].to_numpy()
        table["coded"] = np.where(np.isnan(code[at]), 0.0, table["weight"])
        group = self.rows["group"].to_numpy(dtype=object)[at], self.rows["language"].to_numpy(dtype=object)[at]
        # A stratum may hold several of the groups that a study compares.
        for keys in (["stratum"], list(group)):
            sums = table.groupby(keys)[["weight", "coded"]].transform("sum")
            factor = np.where(sums["coded"] > 0, sums["weight"] / sums["coded"].where(sums["coded"] > 0, 1), 0.0)
            table["coded"] *= factor
        out[at] = table["coded"].to_numpy()
        return out

    def missing(self, code: np.ndarray) -> int:
        """Return how many drawn utterances have no code that can be used."""
        return int(np.isnan(code[self.sample["place"].to_numpy(dtype=int)]).sum())
