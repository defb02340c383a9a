"""What a study's corpus holds, as the multiverse takes it: in arrays, measured once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.across import Level
from analysis.compare.clusters import Side, weights_of
from analysis.compare.coded_scores import coded_concept, coded_scores
from analysis.compare.correction import Pseudo
from analysis.compare.dataset import Dataset, keep_rows
from analysis.compare.groups import cluster_kinds, main_groups
from analysis.compare.kept import kept
from analysis.compare.statistics import spread_of
from analysis.compare.summed import Places, Summed
from analysis.compare.ways import Way, for_languages, score_ways
from analysis.measure.options import MASKED
from analysis.measure.pairs import Link, labmt_links

#: What is chosen of whom to count.
COUNTING = ("evidence", "boilerplate", "duplicates", "length")
#: An utterance of fewer tokens may be left out.
SHORT = 5


class Filter(NamedTuple):
    """Which utterances count, and by which choices (:data:`COUNTING`)."""

    choices: Mapping[str, str]
    keeps: np.ndarray


@dataclass(frozen=True)
class Talk:
    """What everybody said, in arrays, for all contrasts.

    Attributes
    ----------
    rows : pandas.DataFrame
        Of `Dataset.every`.
    score : callable
        Returns every way to score, those of the headline first; called when a contrast of tone is made.
    links : mapping of str to Link
    boilerplate, duplicates : str
        The run's own choices.
    aligned : pandas.DataFrame, optional
        The masked measures of aligned lines, for what a comparison across languages leaves of one content.
    count : callable, optional
        Returns how many tokens each utterance has; without it no length is a choice.
    coded : callable, optional
        Returns what human codes make of a concept (`analysis.compare.coded_scores.coded_concept`).

    """

    rows: pd.DataFrame
    score: Callable[[], Sequence[Way]]
    links: Mapping[str, Link]
    boilerplate: str = "drop"
    duplicates: str = "keep"
    aligned: pd.DataFrame | None = None
    count: Callable[[], np.ndarray] | None = None
    coded: Callable[..., Pseudo | None] = lambda *_, **__: None

    @cached_property
    def ways(self) -> Sequence[Way]:
        """Every way to score."""
        return self.score()

    @cached_property
    def ways_across(self) -> Sequence[Way]:
        """Every way to score utterances of several languages (`analysis.compare.ways.for_languages`)."""
        return for_languages(self.ways, self.language)

    @cached_property
    def _reference_places(self) -> dict[str, Places]:
        return {code: self.places(at) for code, at in self.references.items()}

    @cached_property
    def _levels(self) -> dict[tuple[Any, ...], Summed]:
        return {}

    @cached_property
    def language(self) -> np.ndarray:
        """The language of each utterance."""
        return self.rows["language"].to_numpy(dtype=str)

    @cached_property
    def ids(self) -> pd.Index:
        """The ids of all utterances, to look places up by."""
        return pd.Index(self.rows["utterance_id"])

    @cached_property
    def mark(self) -> np.ndarray:
        """A number of each utterance's own, by which the same utterances are known again."""
        return np.random.default_rng(0).random(len(self.rows))

    @cached_property
    def clusters(self) -> np.ndarray:
        """The place of each utterance's cluster among all, sorted; -1 for none."""
        return pd.factorize(self.rows["cluster_id"].to_numpy(dtype=object), sort=True)[0]

    @cached_property
    def kinds(self) -> np.ndarray:
        """What the cluster of each utterance is (`analysis.compare.groups.cluster_kinds`)."""
        return cluster_kinds(self.rows)

    @cached_property
    def likes(self) -> np.ndarray:
        """The likes of each utterance, NaN where they are not known."""
        return self.rows["likes"].to_numpy(dtype=float, na_value=np.nan)

    @cached_property
    def filters(self) -> list[Filter]:
        """Every choice of whom to count, the run's own first."""
        nobodys, copies = (self.rows[name].to_numpy() for name in ("boilerplate", "copy_of"))
        verbatim = (self.rows["evidence"] == "verbatim").to_numpy()
        told = {"all allowed": np.ones(len(self.rows), dtype=bool), "verbatim": verbatim}
        orders = {"boilerplate": ("drop", "keep"), "duplicates": ("keep", "first")}
        own = [sorted(names, key=lambda one, key=key: one != getattr(self, key)) for key, names in orders.items()]
        long = {"any": 0} if self.count is None else {"any": 0, f"{SHORT} tokens": SHORT}
        tokens = np.zeros(len(self.rows)) if self.count is None else self.count()
        out = []
        for evidence, of_boilerplate, of_copies, length in product(told, *own, long):
            keeps = keep_rows(told[evidence], nobodys, copies, of_boilerplate, of_copies) & (tokens >= long[length])
            choices = (evidence, of_boilerplate, of_copies, length)
            if not any(np.array_equal(keeps, other.keeps) for other in out):
                out.append(Filter(dict(zip(COUNTING, choices, strict=True)), keeps))
        return out

    @cached_property
    def references(self) -> dict[str, np.ndarray]:
        """By language, the utterances of reference collections, whose stray languages are none."""
        own = self.rows["vantage"].isna() & (self.rows["evidence"] != "paraphrase")
        kept = self.rows.loc[own & self.rows["kept"], ["vantage", "collection", "language"]]
        main = {(group.name, group.language) for group in main_groups(kept.assign(group=kept["collection"]))}
        at = np.flatnonzero(own)
        names = zip(self.rows["collection"].to_numpy()[at], self.language[at], strict=True)
        at = at[np.array([name in main for name in names], dtype=bool)]
        return {code: at[self.language[at] == code] for code in sorted(set(self.language[at]))}

    def level(self, way: Way, counted: Filter, language: str) -> tuple[Level, Side] | None:
        """Return the level of a language's references and their sums, in its standard deviations; None without."""
        if language not in self._reference_places:
            return None
        # By what they are: of two ways that are made one after the other the second may stand where the first stood.
        key = (way.instrument, way.choices, language)
        if key not in self._levels:
            self._levels[key] = self._reference_places[language].sums(way.score if way.level is None else way.level)
        picked = self._levels[key].pick(self.kept_classes(counted), "utterance")
        spread = spread_of([picked.moments])
        if np.isnan(spread):
            return None
        return Level(picked.moments[1], spread), picked.on({language: (1 / spread, 0.0)}).side

    @cached_property
    def _classes(self) -> tuple[np.ndarray, np.ndarray]:
        """The class of each utterance, and which classes each filter keeps, shape (filters, classes)."""
        kept_by = np.zeros(len(self.rows), dtype=np.uint32)
        for bit, counted in enumerate(self.filters):
            kept_by |= counted.keeps.astype(np.uint32) << bit
        patterns, of = np.unique(kept_by, return_inverse=True)
        return of, (patterns >> np.arange(len(self.filters))[:, None] & 1).astype(bool)

    def kept_classes(self, counted: Filter) -> np.ndarray:
        """Return which classes of utterances (those that the same filters keep) a filter keeps."""
        return self._classes[1][next(i for i, other in enumerate(self.filters) if other is counted)]

    def places(self, at: np.ndarray) -> Places:
        """Lay out utterances (places) for sums of their scores."""
        return Places(at, self.clusters, self.language, self._classes[0], self.likes, self.mark)

    def weights(self, at: np.ndarray, weighting: str) -> np.ndarray:
        """Weigh utterances (places); NaN where likes are not known."""
        return weights_of(self.clusters[at], weighting, self.likes[at])


@kept
def every_way(study: Dataset) -> list[Way]:
    """Return every way to score what everybody said, with what human codes add."""
    rows = study.every
    return score_ways(study, rows, coded_scores(study, rows))


def study_talk(study: Dataset) -> Talk:
    """Return what everybody said in a study."""
    rows, run = study.every, study.parameters
    return Talk(
        rows=rows,
        score=partial(every_way, study),
        links=labmt_links(),
        boilerplate=run.boilerplate,
        duplicates=run.duplicates,
        aligned=study.aligned.assign(**{name: study.aligned[f"{name}_masked"] for name in MASKED}),
        count=partial(study.lengths, rows),
        coded=partial(coded_concept, study, rows),
    )
