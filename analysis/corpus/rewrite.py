"""Writing a corpus anew, all of it or nothing, as an import does: what `retag` and `remove` share.

Every row is written anew, changed or left out, and what rests on the rows follows: threads, duplicate texts, and the
cluster of a row that becomes a vlogger's or no longer is one's. A cluster is made of speaker, thread and vantage
(:func:`is_made`), unless a rule or a mapped column named it: then it stays, as do those of all other rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from analysis.corpus import store
from analysis.corpus.import_index import ImportIndex
from analysis.corpus.schema import VLOGGER
from analysis.corpus.text_duplicates import find_text_duplicates
from analysis.corpus.writer import Writer
from analysis.errors import InputError

#: What may change of a row, and what else a change is decided by.
TAGS = ("collection", "cluster_id", "vantage", "origin", "kind", "language", "region")
READ = ("utterance_id", "platform", "thread_id", "speaker", "source_file")
#: What a changed row may say beside: that somebody named its cluster, whatever the cluster is called.
NAMED = "named"
_ACCOUNT = re.compile(r"account \d+")

Row = dict[str, Any]


def is_made(row: Mapping[str, Any]) -> bool:
    """Tell whether a cluster says no more than thread, speaker and vantage do; else somebody named it.

    >>> row = {"utterance_id": "1", "thread_id": "v", "platform": "weibo", "vantage": None, "speaker": None}
    >>> [is_made(row | {"cluster_id": name}) for name in ("v", "weibo:v", "Someone on the road")]
    [True, True, False]
    """
    cluster, thread, platform = row["cluster_id"], row["thread_id"], row["platform"]
    if row["vantage"] == VLOGGER and row["speaker"] is not None:
        number = cluster if platform is None else cluster.removeprefix(f"{platform} ")
        if _ACCOUNT.fullmatch(number):
            return True
    return cluster == row["utterance_id"] if thread is None else cluster in {thread, f"{platform}:{thread}"}


class Written(NamedTuple):
    """How many rows were written, how many have another cluster now, and the threads of those left out."""

    rows: int
    clusters: int
    left: set[tuple[str | None, str]]


def rewrite(
    writer: Writer, index: ImportIndex, change: Callable[[Row, int], Row | None], places: Mapping[int, int]
) -> Written:
    """Write every row as ``change`` returns it, None for one that is left out.

    Parameters
    ----------
    writer, index
        Of the corpus; the index knows accounts and clusters, where vantages change.
    change : callable
        Takes a row (:data:`TAGS` and :data:`READ`) and the place of its file, -1 where that is not known.
    places : mapping of int to int
        The new place of each file that stays.

    """
    number, clusters, left = 0, 0, set()
    for batch, seen in store.batches_seen(writer.folder):
        table, keep, cells = pa.Table.from_batches([batch]), [], []
        for row, file in zip(_rows(table), seen.column("file").to_pylist(), strict=True):
            changed = change(dict(row), file)
            keep.append(changed is not None)
            if changed is None:
                if row["thread_id"] is not None:
                    left.add((row["platform"], row["thread_id"]))
                continue
            named = changed.get(NAMED) or changed["cluster_id"] != row["cluster_id"] or not is_made(row)
            if (row["vantage"] == VLOGGER) != (changed["vantage"] == VLOGGER) and not named:
                changed["cluster_id"] = index.made_cluster(changed)
            clusters += changed["cluster_id"] != row["cluster_id"]
            index.note(changed["platform"], changed["thread_id"], changed["kind"])
            cells.append(changed)
        mask = pa.array(keep, pa.bool_())
        table, crawled = table.filter(mask), seen.filter(mask)
        for name in TAGS:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, table.schema.field(at), pa.array([row[name] for row in cells], pa.string()))
        files = [places.get(place, -1) for place in crawled.column("file").to_pylist()]
        writer.write(table, crawled.set_column(1, store.SEEN.field(1), pa.array(files, pa.int32())))
        number += len(cells)
    return Written(number, clusters, left)


def _rows(table: pa.Table) -> Iterator[Row]:
    names = (*TAGS, *READ)
    for cells in zip(*(table.column(name).to_pylist() for name in names), strict=True):
        yield dict(zip(names, cells, strict=True))


def commit(
    writer: Writer, index: ImportIndex, written: Written, comments: Mapping[tuple[str | None, str], int | None]
) -> None:
    """Put the corpus in place; a thread of which rows were left out goes with the last of them.

    Parameters
    ----------
    writer, index, written
        Of :func:`rewrite`; ``writer.info["files"]`` holds the records of the files as they are now.
    comments : mapping of (str or None, str) to int or None
        Of threads (platform and id): how many comments the platform said there were, where that is to be another.

    """
    held = {(row["platform"], row["thread_id"]) for row in index.thread_rows()} if written.left else set()
    for row in store.stream_threads(writer.folder):
        thread = (row["platform"], row["thread_id"])
        if thread not in written.left or thread in held:
            index.set_platform_comment_count(*thread, comments.get(thread, row["platform_comment_count"]))
    finish(writer, index, written.rows)


def finish(writer: Writer, index: ImportIndex, rows: int, *, texts: bool = True) -> tuple[int, int]:
    """Put so many rows in place, with the threads of the index and, unless ``texts`` is False, duplicate texts.

    Returns how many texts stand in several utterances, and how many utterances those are.
    """
    whole = {
        "rows": rows,
        "rejected": index.rejects.number,
        **{name: writer.info[name] for name in ("files", "keys") if name in writer.info},
    }
    if not texts:
        writer.commit(whole, index.thread_rows())
        return 0, 0
    with find_text_duplicates(writer.written(["utterance_id", "text"])) as found:
        writer.commit(whole, index.thread_rows(), found.rows)
    return found.number, found.utterances


def require_collection(writer: Writer, name: str) -> None:
    """Refuse the name of a collection that no row and no file has; the error names those that there are."""
    known = Counter[str]()
    for batch in store.batches(writer.folder, ["collection"]):
        known.update(batch.column(0).to_pylist())
    known.update(file.get("collection", "") for file in writer.info["files"])
    if name not in known:
        raise InputError(f"has no collection '{name}'", file=writer.folder, accepted=sorted(filter(None, known)))
