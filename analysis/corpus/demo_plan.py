"""What the constructed corpus says and how often: sentences, words, planted probabilities, and the truth they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from analysis import paths
from analysis.corpus.readers.table import read_rows
from analysis.corpus.schema import CHINESE_VIEWER, VLOGGER, WESTERN_COMMENTER

LANGUAGES = ("en", "zh")
#: From the coldest to the warmest: a cluster's mood moves along this order.
TONES = ("cold", "neutral", "warm")
#: The topic of utterances that mention no concept.
PLAIN = "plain"
#: The concept that viewers in some provinces speak of more often than in others.
OF_PROVINCES = "commerce"
#: Of so many Chinese viewers the province is not known, wherever they are.
UNKNOWN_SHARE = 0.08
_TOGETHER = " + "


class Cell(NamedTuple):
    """One collection of the constructed corpus: who speaks, in which language, how much, in how large clusters."""

    name: str
    vantage: str | None
    origin: str | None
    language: str
    kind: str
    share: float
    per_cluster: int

    @property
    def collection(self) -> str:
        """What titles call it."""
        return f"Constructed {self.name}"


#: In the order of the rows; ``share`` of the utterances, and utterances in a cluster on average.
CELLS = (
    Cell("western commenters", WESTERN_COMMENTER, "western", "en", "comment", 0.25, 20),
    Cell("Chinese viewers", CHINESE_VIEWER, "chinese", "zh", "comment", 0.25, 20),
    Cell("western vloggers", VLOGGER, "western", "en", "caption", 0.15, 10),
    Cell("Chinese vloggers", VLOGGER, "chinese", "zh", "caption", 0.15, 10),
    Cell("reference (en)", None, None, "en", "comment", 0.10, 10),
    Cell("reference (zh)", None, None, "zh", "comment", 0.10, 10),
)
#: The cell whose utterances have a region.
VIEWERS = [cell.vantage for cell in CELLS].index(CHINESE_VIEWER)


@dataclass(frozen=True)
class Plan:
    """The planted probabilities and what is said.

    Attributes
    ----------
    topics, things : tuple of str
        Topics (concepts joined by `` + ``, or :data:`PLAIN`) and key words (in English).
    topic_share : numpy.ndarray of float64, shape (cells, topics)
    tone_share : numpy.ndarray of float64, shape (cells, topics, tones)
        Of the utterances of a topic, by :data:`TONES`.
    thing_share : numpy.ndarray of float64, shape (cells, things)
        Each utterance holds exactly one key word.
    first, count : numpy.ndarray of int64, shape (topics, tones)
        The first frame of a topic and tone, and how many there are; all of them are equally frequent.
    frames : dict of str to tuple of str
        Sentences by language, with the slots ``{thing}`` and ``{place}``.
    frame_words : dict of str to numpy.ndarray of int64, shape (frames,)
        Words of a sentence, slots filled: what vocabulary counts.
    words : dict of (str, str) to tuple of str
        The words of a slot, by slot and language; places are equally frequent.
    provinces : dict of str to tuple of str
        ``region``, where Chinese viewers are, and what an example of a user's own table says of each.
    province_share, province_prevalence : numpy.ndarray of float64, shape (provinces,)
        Of the Chinese viewers' utterances, and of :data:`OF_PROVINCES` in a province's; over all provinces that comes
        to what the topics say.

    """

    topics: tuple[str, ...]
    things: tuple[str, ...]
    topic_share: np.ndarray
    tone_share: np.ndarray
    thing_share: np.ndarray
    first: np.ndarray
    count: np.ndarray
    frames: dict[str, tuple[str, ...]]
    frame_words: dict[str, np.ndarray]
    words: dict[tuple[str, str], tuple[str, ...]]
    provinces: dict[str, tuple[str, ...]]
    province_share: np.ndarray
    province_prevalence: np.ndarray

    @property
    def concepts(self) -> tuple[str, ...]:
        """The planted concepts, sorted."""
        return tuple(sorted({concept for topic in self.topics for concept in concepts_of(topic)}))

    def bodies(self, language: str) -> list[str]:
        """Return every sentence of a language with every pair of slot words: frame, then thing, then place."""
        things, places = (self.words[slot, language] for slot in ("thing", "place"))
        return [
            frame.replace("{thing}", thing).replace("{place}", place)
            for frame in self.frames[language]
            for thing in things
            for place in places
        ]

    def frame_share(self, cell: int) -> np.ndarray:
        """Return the probability of each frame in a cell, shape (frames,)."""
        each = (self.topic_share[cell][:, None] * self.tone_share[cell] / self.count).ravel()
        return np.repeat(each, self.count.ravel())

    def topics_at(self, prevalence: float) -> np.ndarray:
        """Return the Chinese viewers' topics where they speak so often of :data:`OF_PROVINCES`, shape (topics,).

        Plain utterances make room; every other topic is as frequent everywhere.
        """
        share = self.topic_share[VIEWERS].copy()
        moved = prevalence - share[self.topics.index(OF_PROVINCES)]
        share[self.topics.index(OF_PROVINCES)] += moved
        share[self.topics.index(PLAIN)] -= moved
        return share

    def words_per_utterance(self, cell: int) -> float:
        """Return the expected number of words of a cell's utterance."""
        return float(self.frame_share(cell) @ self.frame_words[CELLS[cell].language])


def concepts_of(topic: str) -> tuple[str, ...]:
    """Return the concepts that an utterance of a topic mentions, each of them once.

    Examples
    --------
    >>> concepts_of("ordinary life + surveillance"), concepts_of("plain")
    (('ordinary life', 'surveillance'), ())

    """
    return () if topic == PLAIN else tuple(topic.split(_TOGETHER))


def _rows(name: str) -> list[dict[str, str]]:
    return read_rows(paths.DATA / name, ())


@cache
def read_plan() -> Plan:
    """Read the plan from ``data/demo_plan.csv``, ``demo_frames.csv``, ``demo_words.csv`` and ``demo_provinces.csv``."""
    plan, frames, words, places = (_rows(f"demo_{part}.csv") for part in ("plan", "frames", "words", "provinces"))
    share = {(row["kind"], row["topic"], row["value"]): [float(row[cell.name]) for cell in CELLS] for row in plan}
    topics = tuple(topic for kind, topic, _ in share if kind == "topic")
    things = tuple(row["en"] for row in words if row["slot"] == "thing")
    # A topic's frames stand together, and in them those of one tone.
    frames.sort(key=lambda row: (topics.index(row["topic"]), TONES.index(row["tone"])))
    kinds = [(row["topic"], row["tone"]) for row in frames]
    count = np.array([[kinds.count((topic, tone)) for tone in TONES] for topic in topics])
    return Plan(
        topics,
        things,
        np.array([share["topic", topic, ""] for topic in topics]).T,
        np.array([[share["tone", topic, tone] for tone in TONES] for topic in topics]).transpose(2, 0, 1),
        np.array([share["thing", "", thing] for thing in things]).T,
        (np.cumsum(count) - count.ravel()).reshape(count.shape),
        count,
        {language: tuple(row[language] for row in frames) for language in LANGUAGES},
        {language: np.array([int(row[f"{language}_words"]) for row in frames]) for language in LANGUAGES},
        {
            (slot, language): tuple(row[language] for row in words if row["slot"] == slot)
            for slot in ("thing", "place")
            for language in LANGUAGES
        },
        {name: tuple(row[name] for row in places) for name in places[0] if name not in {"share", OF_PROVINCES}},
        *(np.array([float(row[name]) for row in places]) for name in ("share", OF_PROVINCES)),
    )


def cell_sizes(utterances: int) -> list[int]:
    """Return the utterances of each cell: their shares of the whole, rounded, the whole kept."""
    ends = np.round(np.cumsum([0, *(cell.share for cell in CELLS)]) * utterances).astype(int)
    return np.diff(ends).tolist()


def planted_truth(utterances: int) -> dict[str, Any]:
    """Return the population values that a constructed corpus of this size is a sample from.

    Returns
    -------
    dict
        ``collections``: for each, who speaks, ``utterances``, ``prevalence`` by concept, ``tone``
        (probability of a cold, neutral, warm frame: of all utterances, and of those that mention a concept),
        ``words_per_utterance``, and ``words``, the expected share of all words of each key word. ``groups``: the same
        prevalence and tone by vantage and by origin, mixed as the collections' utterances are, and by region and what
        ``provinces.csv`` says of it. ``log_ratios``: for each two collections of one language and each key word, log2
        of the ratio of its shares.

    """
    plan, sizes = read_plan(), np.array(cell_sizes(utterances), dtype=float)
    collections = {}
    for number, cell in enumerate(CELLS):
        long = plan.words_per_utterance(number)
        shares = dict(
            zip(plan.words["thing", cell.language], map(_exact, plan.thing_share[number] / long), strict=True)
        )
        collections[cell.collection] = {
            "vantage": cell.vantage,
            "origin": cell.origin,
            "language": cell.language,
            "utterances": int(sizes[number]),
            **_mixture(plan, sizes * (np.arange(len(CELLS)) == number)),
            "words_per_utterance": _exact(long),
            "words": shares,
        }
    groups: dict[str, dict[str, Any]] = {}
    for by in ("vantage", "origin"):
        names = [getattr(cell, by) or "reference" for cell in CELLS]
        groups[by] = {
            name: _mixture(plan, sizes * np.array([other == name for other in names])) for name in sorted(set(names))
        }
    groups |= _by_province(plan, sizes)
    ratios = [
        {
            "a": a.collection,
            "b": b.collection,
            "term": term,
            "log_ratio": _exact(np.log2(share / collections[b.collection]["words"][term])),
        }
        for a, b in combinations(CELLS, 2)
        if a.language == b.language
        for term, share in collections[a.collection]["words"].items()
    ]
    return {"collections": collections, "groups": groups, "log_ratios": ratios}


def _by_province(plan: Plan, sizes: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return what is true of each province, and of each group of provinces; ``not known`` is everybody else."""
    viewers = np.arange(len(CELLS)) == VIEWERS
    others = _mixture(plan, np.where(viewers, UNKNOWN_SHARE, 1) * sizes)
    groups: dict[str, dict[str, Any]] = {}
    for by, names in plan.provinces.items():
        groups[by] = {}
        for name in sorted(set(names)):
            share = plan.province_share * np.array([other == name for other in names])
            topics = plan.topics_at(float(share @ plan.province_prevalence / share.sum()))
            groups[by][name] = _mixture(plan, viewers, np.where(viewers[:, None], topics, plan.topic_share))
        groups[by]["not known"] = others
    return groups


def _mixture(plan: Plan, weight: np.ndarray, topic_share: np.ndarray | None = None) -> dict[str, Any]:
    """Return prevalence and tone of a mixture of cells."""
    weight = weight / weight.sum()
    topic_share = plan.topic_share if topic_share is None else topic_share
    joint = np.einsum("c,ct,cto->to", weight, topic_share, plan.tone_share)
    mentions = {
        concept: joint[[concept in concepts_of(topic) for topic in plan.topics]].sum(axis=0)
        for concept in plan.concepts
    }
    tone = {concept: _shares(seen) for concept, seen in mentions.items()}
    return {
        "prevalence": {concept: _exact(seen.sum()) for concept, seen in mentions.items()},
        "tone": {"all utterances": _shares(joint.sum(axis=0)), **tone},
    }


def _shares(seen: np.ndarray) -> dict[str, float]:
    return dict(zip(TONES, map(_exact, seen / seen.sum()), strict=True))


def _exact(value: float) -> float:
    """Take away what adding up decimal fractions leaves: .1 is not to be read as .09999999999999999."""
    return round(float(value), 12)
