"""A constructed corpus whose truth is known: what the study's statistics must recover.

Nobody said any of it. Every row is ``constructed``, so that every figure made from it says so. The words and the
planted probabilities are the project's own (:mod:`analysis.corpus.demo_plan`), drawn by
:mod:`analysis.corpus.demo_draw`.
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

from analysis import disk, paths
from analysis.corpus import store
from analysis.corpus.demo_draw import (
    LEADS,
    MOOD_CORRELATION,
    PROVINCES_CONCENTRATION,
    SIDES_CORRELATION,
    SIZES_SPREAD,
    TOPICS_CONCENTRATION,
    TOTALS,
    WORDS_CONCENTRATION,
    Planted,
    draw_clusters,
    plant,
)
from analysis.corpus.demo_plan import CELLS, LANGUAGES, OF_PROVINCES, Cell, planted_truth, read_plan
from analysis.corpus.schema import SCHEMA
from analysis.corpus.writer import Writer
from analysis.errors import InputError

TRUTH, PROVINCES = "truth.json", "provinces.csv"
TOOL = "vantage demo"
#: Threads of which it is known how many comments there were.
_TOTALS_KNOWN = 0.9


class Written(NamedTuple):
    """What was written and where."""

    corpus: Path
    truth: Path
    utterances: int
    clusters: int


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
        At least :data:`analysis.corpus.demo_draw.FEWEST`.
    into : Path
        A new or empty folder, or one that holds a constructed corpus and nothing else: that is replaced.

    Raises
    ------
    InputError, ParameterError
        If the folder holds something else, or for arguments that are not accepted; nothing is changed then.

    """
    with Writer(into) as writer:
        if not {file["name"] for file in writer.info["files"]} <= {TOOL}:
            accepted = ["a new or empty folder", "one that 'vantage demo' made"]
            raise InputError("holds a corpus with data that are not constructed", file=into, accepted=accepted)
        writer.info.pop(store.SAMPLE, None)
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
    clusters = np.unique(np.concatenate([part.number for part in draw_clusters(utterances, seed)]))
    return Written(into, into / TRUTH, utterances, len(clusters))


def _threads(utterances: int, seed: int) -> list[dict[str, Any]]:
    """Return collected against existing, a row a thread with comments (:func:`analysis.corpus.store.stream_threads`).

    No platform said anything: between half and all of a thread's comments are here, and of one in ten nobody knows.
    """
    parts = zip(CELLS, draw_clusters(utterances, seed), strict=True)
    comments = [(cell, part) for cell, part in parts if cell.kind == "comment"]
    platform = np.concatenate([np.repeat(_platform(cell), len(part.size)) for cell, part in comments])
    number, size = (np.concatenate([getattr(part, name) for _, part in comments]) for name in ("number", "size"))
    order = np.lexsort((number, platform))
    rng = np.random.default_rng([seed, TOTALS])
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
