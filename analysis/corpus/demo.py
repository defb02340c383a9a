"""A constructed corpus whose truth is known: what the study's statistics must recover.

Nobody said any of it. Every row is ``constructed``, so that every figure made from it says so. The words and the
planted probabilities are the project's own (:mod:`analysis.corpus.demo_plan`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import gammaincinv, ndtr

from analysis import disk, paths
from analysis.corpus import store
from analysis.corpus.demo_plan import (
    CELLS,
    LANGUAGES,
    OF_PROVINCES,
    PLAIN,
    UNKNOWN_SHARE,
    VIEWERS,
    Cell,
    Plan,
    cell_sizes,
    planted_truth,
    read_plan,
)
from analysis.corpus.schema import SCHEMA, VLOGGER
from analysis.corpus.writer import Writer
from analysis.errors import InputError, ParameterError

TRUTH, PROVINCES = "truth.json", "provinces.csv"
TOOL = "vantage demo"
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
_SIZES, _THREADS, _ROWS, _PROVINCES, _TOTALS = range(5)  # what a stream of random numbers is for
_VIDEOS = 5
_LEAD_SHARE, _LIKES_KNOWN, _TOTALS_KNOWN = 0.6, 0.85, 0.9
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


class Written(NamedTuple):
    """What was written and where."""

    corpus: Path
    truth: Path
    utterances: int
    clusters: int


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
    for cell, clusters in enumerate(_clusters(utterances, seed)):
        ends = np.cumsum(clusters.size)
        chunk = (ends - 1) // _CHUNK
        for number, start in enumerate(np.flatnonzero(np.diff(chunk, prepend=-1))):
            stop = int(np.searchsorted(chunk, chunk[start], side="right"))
            part = Clusters(*(column[start:stop] for column in clusters))
            rng = np.random.default_rng([seed, _ROWS, cell, number])
            yield _draw(plan, cell, part, first, seed, rng)
            first += int(part.size.sum())


def demo_tables(utterances: int, seed: int) -> Iterator[pa.Table]:
    """Yield the corpus's rows (:data:`analysis.corpus.schema.SCHEMA`), chunk by chunk; see :func:`plant`."""
    bodies = {language: pa.array(read_plan().bodies(language), pa.string()) for language in LANGUAGES}
    for planted in plant(utterances, seed):
        yield _table(planted, bodies[CELLS[planted.cell].language])


def write_demo(utterances: int, into: Path, seed: int = 1) -> Written:
    """Write a constructed corpus and, beside it, the truth (``truth.json``); the same bytes for the same arguments.

    Parameters
    ----------
    utterances : int
        At least :data:`FEWEST`.
    into : Path
        A new or empty folder, or one that holds a constructed corpus and nothing else: that is replaced.
    seed : int

    Returns
    -------
    Written

    Raises
    ------
    InputError, ParameterError
        If the folder holds something else, or for arguments that are not accepted; nothing is changed then.

    """
    with Writer(into) as writer:
        if not {file["name"] for file in writer.info["files"]} <= {TOOL}:
            accepted = ["a new or empty folder", "one that 'vantage demo' made"]
            raise InputError("holds a corpus with data that are not constructed", file=into, accepted=accepted)
        for table in demo_tables(utterances, seed):
            writer.write(table)
        # What an importer says of a file, so that a file can be added to the folder later.
        record = {
            "name": TOOL,
            "sha256": _recipe(utterances, seed),
            "collection": TOOL,
            "columns": {},
            "constants": {"utterances": str(utterances), "seed": str(seed)},
            "where": {},
            "read": utterances,
            "imported": utterances,
            "rejected": 0,
            "duplicates": 0,
        }
        info = {"rows": utterances, "rejected": 0, "files": [record]}
        writer.commit(info, _threads(utterances, seed))
    truth = {
        "what": "constructed data: nobody said any of it; these are the population values that it is a sample from",
        "prevalence": "the share of utterances that mention a concept, under every weighting; a concept not named: 0",
        "tone": "the share of sentences of a cold, neutral and warm make, by concept mentioned",
        "log_ratio": "log2 of a term's share of the words of a, over its share of those of b",
        "region": (
            f"of Chinese viewers alone; in some they speak more often of {OF_PROVINCES}, instead of plain talk, and of "
            "everything else as often everywhere; 'not known' is whoever has no region"
        ),
        PROVINCES: "a table of attributes to compare by; income is made up, which provinces border North Korea is not",
        "content": store.read_info(into)["content"],
        "utterances": utterances,
        "seed": seed,
        "between clusters": {
            "correlation of topics": 1 / (1 + TOPICS_CONCENTRATION),
            "correlation of key words": 1 / (1 + WORDS_CONCENTRATION),
            "correlation of provinces": 1 / (1 + PROVINCES_CONCENTRATION),
            "correlation of moods": MOOD_CORRELATION,
            "correlation of a cluster's effects on two sides": SIDES_CORRELATION,
            "log-sd of sizes": SIZES_SPREAD,
        },
        **planted_truth(utterances),
    }
    disk.write_text(into / TRUTH, json.dumps(truth, ensure_ascii=False, indent=2) + "\n")
    if not (into / PROVINCES).exists():  # somebody may have added a column of their own
        provinces = read_plan().provinces
        lines = [provinces, *zip(*provinces.values(), strict=True)]
        disk.write_text(into / PROVINCES, "".join(",".join(line) + "\n" for line in lines))
    clusters = np.unique(np.concatenate([part.number for part in _clusters(utterances, seed)]))
    return Written(into, into / TRUTH, utterances, len(clusters))


def _threads(utterances: int, seed: int) -> list[dict[str, Any]]:
    """Return collected against existing, a row a thread with comments (:func:`analysis.corpus.store.stream_threads`).

    No platform said anything: between half and all of a thread's comments are here, and of one in ten nobody knows.
    """
    parts = zip(CELLS, _clusters(utterances, seed), strict=True)
    comments = [(cell, part) for cell, part in parts if cell.kind == "comment"]
    platform = np.concatenate([np.repeat(_platform(cell), len(part.size)) for cell, part in comments])
    number, size = (np.concatenate([getattr(part, name) for _, part in comments]) for name in ("number", "size"))
    order = np.lexsort((number, platform))
    rng = np.random.default_rng([seed, _TOTALS])
    whole = np.floor(size[order] / rng.uniform(0.5, 1, len(order))).astype(np.int64)
    columns = {
        "thread_id": _numbered("thread-", number[order]),
        "platform": platform[order],
        "platform_comment_count": pa.array(whole, mask=rng.random(len(order)) >= _TOTALS_KNOWN),
        "collected": size[order],
    }
    return pa.table(columns).to_pylist()


def _platform(cell: Cell) -> str:
    return f"constructed ({cell.language})"


def _recipe(utterances: int, seed: int) -> str:
    """Return the hash of what decides the corpus beside the code: it stands where an importer names its file's."""
    digest = hashlib.sha256(f"{utterances}\0{seed}\0".encode())
    for path in sorted(paths.DATA.glob("demo_*.csv")):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _clusters(utterances: int, seed: int) -> list[Clusters]:
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


def _numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 9, "0"), "")


def _ids(planted: Planted) -> pa.Array:
    return _numbered("demo-", np.arange(planted.first + 1, planted.first + len(planted.topic) + 1))


def _table(planted: Planted, bodies: pa.Array) -> pa.Table:
    """Return utterances as rows of the corpus."""
    cell, n = CELLS[planted.cell], len(planted.topic)
    account = pa.array(planted.account)
    thread = _numbered("thread-", planted.cluster)
    video = pc.binary_join_element_wise(thread, pa.array(planted.video).cast(pa.string()), "-")
    columns: dict[str, pa.Array | str | None] = {
        "utterance_id": _ids(planted),
        "collection": cell.collection,
        "thread_id": pc.if_else(account, video, thread),
        "cluster_id": pc.if_else(account, _numbered("account-", planted.cluster), thread),
        "vantage": cell.vantage,
        "origin": cell.origin,
        "platform": _platform(cell),
        "kind": cell.kind,
        "language": cell.language,
        "text": pc.binary_join_element_wise(
            pa.array(LEADS).take(pa.array(planted.lead)), bodies.take(pa.array(planted.body)), ""
        ),
        "posted_at": pa.array(planted.seconds * 1_000_000).cast(SCHEMA.field("posted_at").type),
        "time_precision": "second",
        "likes": pa.array(planted.likes, mask=planted.likes < 0),
        "region": pa.array(read_plan().provinces["region"], pa.string()).take(
            pa.array(planted.province, mask=planted.province < 0)
        ),
        "evidence": "constructed",
        "source_file": TOOL,
        "source_tool": TOOL,
    }
    return pa.table(
        [
            value if isinstance(value, pa.Array) else pa.repeat(pa.scalar(value, field.type), n)
            for field, value in ((field, columns.get(field.name)) for field in SCHEMA)
        ],
        schema=SCHEMA,
    )
