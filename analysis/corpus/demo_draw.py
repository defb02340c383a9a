"""How the constructed corpus is drawn: clusters, and of each of their utterances topic, tone, words and time.

Drawn are places in the plan (:mod:`analysis.corpus.demo_plan`); :mod:`analysis.corpus.demo` makes rows of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import gammaincinv, ndtr

from analysis.corpus.demo_plan import CELLS, OF_PROVINCES, PLAIN, UNKNOWN_SHARE, VIEWERS, Plan, cell_sizes, read_plan
from analysis.corpus.schema import VLOGGER
from analysis.errors import ParameterError

#: Below this, groups have too few clusters for any interval.
FEWEST = 1_000
#: Dirichlet concentrations of a cluster's topics and key words: two utterances of a cluster correlate by 1 / (1 + it).
TOPICS_CONCENTRATION, WORDS_CONCENTRATION = 30.0, 50.0
#: The same of the provinces of a thread's viewers.
PROVINCES_CONCENTRATION = 20.0
#: Correlation of the moods of two utterances of a cluster (of the normal variables behind their tones).
MOOD_CORRELATION = 0.15
#: Correlation of a cluster's effects on its two sides, where it stands on both.
SIDES_CORRELATION = 0.5
#: Log-sd of the cluster sizes.
SIZES_SPREAD = 0.8
#: Threads that Chinese viewers share with western commenters; vloggers known by one video, whose cluster is the thread.
SHARED_THREADS, ONE_VIDEO = 0.25, 1 / 3

_CHUNK, _BLOCK = 50_000, 4_096
_SIZES, _THREADS, _ROWS, _PROVINCES, TOTALS = range(5)  # what a stream of random numbers is for
_VIDEOS = 5
_LEAD_SHARE, _LIKES_KNOWN = 0.6, 0.85
#: Commenters point to a moment of the video. Not to minute 0: tokenizers see a face in "0:03".
LEADS = ("", *(f"{minute}:{second:02} " for minute in range(1, 20) for second in range(60)))
_FROM, _UNTIL, _MONTH = (np.datetime64(day, "s").astype(np.int64) for day in ("2013-01-01", "2026-01-01", "1970-02-01"))


class Clusters(NamedTuple):
    """The clusters of one cell, in the order of its rows.

    Attributes
    ----------
    number : numpy.ndarray of int64, shape (clusters,)
        Threads and accounts of all cells count through; a thread that stands in two cells has one number.
    account : numpy.ndarray of bool, shape (clusters,)
        An account with several videos; else a thread.
    size : numpy.ndarray of int64, shape (clusters,)
        Utterances, at least one.

    """

    number: np.ndarray
    account: np.ndarray
    size: np.ndarray


class Planted(NamedTuple):
    """Utterances of one cell as they were drawn; the arrays have the shape (utterances,).

    Attributes
    ----------
    cell, first : int
        Place in :data:`analysis.corpus.demo_plan.CELLS`, and the number of the first utterance in the corpus.
    cluster, account : numpy.ndarray
        See :class:`Clusters`.
    topic, tone, thing, body, lead : numpy.ndarray of int64
        Places in ``topics``, ``TONES``, ``things``, ``bodies`` of the plan, and :data:`LEADS`.
    video, seconds, likes, province : numpy.ndarray of int64
        Which video of an account, when (Unix time), likes, and the place in ``provinces`` of the plan; -1 where likes
        or province are not known.

    """

    cell: int
    first: int
    cluster: np.ndarray
    account: np.ndarray
    topic: np.ndarray
    tone: np.ndarray
    thing: np.ndarray
    body: np.ndarray
    lead: np.ndarray
    video: np.ndarray
    seconds: np.ndarray
    likes: np.ndarray
    province: np.ndarray


def plant(utterances: int, seed: int) -> Iterator[Planted]:
    """Draw the constructed corpus, chunk by chunk.

    A cluster's topics are Dirichlet around the planted probabilities, its key words likewise: the mean over clusters is
    the planted value exactly, whatever the concentration. Tones follow a normal variable that utterances of a cluster
    share in part, cut where the planted probabilities say: each tone is exactly as frequent as planted. Sizes are
    log-normal and independent of all that, so that the average utterance, the average cluster and the average like have
    the same expectation. Where a cluster stands on two sides, its effects there correlate. Chinese viewers of a thread
    are in several provinces, mixed as Dirichlet around the planted shares; where some of these speak of a concept more
    often, others do so less often, and no other topic changes.

    Parameters
    ----------
    utterances : int
        At least :data:`FEWEST`.
    seed : int
        Not negative. Chunks and threads have streams of their own under it, so that memory does not grow with the
        corpus (but for 3 bytes an utterance: its cluster's number and size) and any chunk can be drawn alone.

    Yields
    ------
    Planted

    Raises
    ------
    ParameterError
        If there are too few utterances, or the seed is negative.

    """
    if utterances < FEWEST:
        message = f"--utterances {utterances:,}: groups would have too few clusters (accepted: {FEWEST:,} or more)"
        raise ParameterError(message)
    if seed < 0:
        message = f"--seed {seed}: a seed must not be negative (accepted: 0, 1, 2, ...)"
        raise ParameterError(message)
    plan, first = read_plan(), 0
    for cell, clusters in enumerate(draw_clusters(utterances, seed)):
        ends = np.cumsum(clusters.size)
        chunk = (ends - 1) // _CHUNK
        for number, start in enumerate(np.flatnonzero(np.diff(chunk, prepend=-1))):
            stop = int(np.searchsorted(chunk, chunk[start], side="right"))
            part = Clusters(*(column[start:stop] for column in clusters))
            rng = np.random.default_rng([seed, _ROWS, cell, number])
            yield _draw(plan, cell, part, first, seed, rng)
            first += int(part.size.sum())


def draw_clusters(utterances: int, seed: int) -> list[Clusters]:
    """Return the clusters of each cell.

    Threads come first: the western commenters', then the Chinese viewers', whose first ones are the western commenters'
    last ones. Of each side's vloggers a third are known by one video alone: their cluster is its thread, under which
    the commenters of their language stand too, and under half of the western ones the Chinese viewers as well.
    """
    sizes = cell_sizes(utterances)
    counts = [max(size // cell.per_cluster, 1) for size, cell in zip(sizes, CELLS, strict=True)]
    western, chinese, *vloggers = counts[:4]
    shared = round(SHARED_THREADS * min(western, chinese))
    threads = western - shared + chinese
    alone = [round(ONE_VIDEO * count) for count in vloggers]
    begin = [western - shared - alone[0] // 2, threads - alone[1]]
    numbers = [np.arange(western), np.arange(threads - chinese, threads)]
    after = threads
    for count, one, start in zip(vloggers, alone, begin, strict=True):
        numbers.append(np.concatenate([np.arange(start, start + one), np.arange(after, after + count - one)]))
        after += count - one
    for count in counts[4:]:
        numbers.append(np.arange(after, after + count))
        after += count
    rng = np.random.default_rng([seed, _SIZES])
    out = []
    for cell, (number, size) in enumerate(zip(numbers, sizes, strict=True)):
        ends = np.cumsum(rng.lognormal(0, SIZES_SPREAD, len(number)))
        size_of = np.diff(np.round(ends / ends[-1] * size).astype(np.int64), prepend=0)
        account = (number >= threads) & (CELLS[cell].vantage == VLOGGER)
        out.append(Clusters(*(column[size_of > 0] for column in (number, account, size_of))))
    return out


def _effects(number: np.ndarray, width: int, seed: int, rng: np.random.Generator) -> np.ndarray:
    """Return a standard normal effect for each cluster and column, which a cluster's two sides share in part."""
    common = np.empty((len(number), width))
    for block in np.unique(number // _BLOCK).tolist():
        mine = number // _BLOCK == block
        whole = np.random.default_rng([seed, _THREADS, block]).standard_normal((_BLOCK, width))
        common[mine] = whole[number[mine] % _BLOCK]
    own = rng.standard_normal(common.shape)
    return np.sqrt(SIDES_CORRELATION) * common + np.sqrt(1 - SIDES_CORRELATION) * own


def _dirichlet(share: np.ndarray, concentration: float, effects: np.ndarray) -> np.ndarray:
    """Return each cluster's probabilities: Dirichlet with this mean, made of normal effects through gamma quantiles."""
    gammas = gammaincinv(concentration * share, ndtr(effects))
    return gammas / gammas.sum(axis=1, keepdims=True)


def _pick(share: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return for each row the column in which a uniform number falls, the columns laid end to end by their shares."""
    ends = np.cumsum(share, axis=1)[:, :-1]
    return (uniform[:, None] >= ends).sum(axis=1)


def _draw(plan: Plan, cell: int, clusters: Clusters, first: int, seed: int, rng: np.random.Generator) -> Planted:
    topics, things = len(plan.topics), len(plan.things)
    effects = _effects(clusters.number, topics + things + 2, seed, rng)
    topic_of = _dirichlet(plan.topic_share[cell], TOPICS_CONCENTRATION, effects[:, :topics])
    thing_of = _dirichlet(plan.thing_share[cell], WORDS_CONCENTRATION, effects[:, topics:-2])
    mood, season = effects[:, -2], ndtr(effects[:, -1])
    row = np.repeat(np.arange(len(clusters.size)), clusters.size)
    n = len(row)
    topic = _pick(topic_of[row], rng.random(n))
    province = np.full(n, -1)
    if cell == VIEWERS:
        topic, province = _place(plan, topic, row, np.random.default_rng([seed, _PROVINCES, first]))
    thing = _pick(thing_of[row], rng.random(n))
    feeling = np.sqrt(MOOD_CORRELATION) * mood[row] + np.sqrt(1 - MOOD_CORRELATION) * rng.standard_normal(n)
    tone = _pick(plan.tone_share[cell][topic], ndtr(feeling))
    frame = plan.first[topic, tone] + (rng.random(n) * plan.count[topic, tone]).astype(np.int64)
    places = len(plan.words["place", "en"])
    place = rng.integers(places, size=n)
    lead = np.where(rng.random(n) < _LEAD_SHARE, rng.integers(1, len(LEADS), size=n), 0)
    seconds = (_FROM + season[row] * (_UNTIL - _FROM)).astype(np.int64) + rng.exponential(_MONTH, n).astype(np.int64)
    likes = np.floor(rng.lognormal(0.5, 1.5, n)).astype(np.int64)
    return Planted(
        cell,
        first,
        clusters.number[row],
        clusters.account[row],
        topic,
        tone,
        thing,
        (frame * things + thing) * places + place,
        lead,
        rng.integers(1, _VIDEOS + 1, size=n),
        np.minimum(seconds, _UNTIL - 1),
        np.where(rng.random(n) < _LIKES_KNOWN, likes, -1),
        province,
    )


def _place(plan: Plan, topic: np.ndarray, row: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the provinces of utterances of the clusters ``row``; return the topics as they are there, and provinces.

    Where the concept is rarer than it is overall, some of its utterances are plain; where it is more frequent, some
    plain ones speak of it.
    """
    effects = rng.standard_normal((row[-1] + 1, len(plan.province_share)))
    province = _pick(_dirichlet(plan.province_share, PROVINCES_CONCENTRATION, effects)[row], rng.random(len(row)))
    concept, plain = plan.topics.index(OF_PROVINCES), plan.topics.index(PLAIN)
    overall = plan.topic_share[VIEWERS]
    moved = (plan.province_prevalence - overall[concept])[province]
    uniform = rng.random(len(row))
    gone = (topic == concept) & (uniform < -moved / overall[concept])
    come = (topic == plain) & (uniform < moved / overall[plain])
    known = rng.random(len(row)) >= UNKNOWN_SHARE
    return np.where(gone, plain, np.where(come, concept, topic)), np.where(known, province, -1)
