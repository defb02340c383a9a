"""What a corpus holds: who was heard where and when, and what share of each thread's comments was collected."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.groups import REFERENCE, join_names

VANTAGES = ("western_commenter", "chinese_viewer", "vlogger", "reference")
NO_UTTERANCE = "threads without an utterance"
#: What names a source of threads.
SOURCE = ["collection", "platform"]
_THREAD = ["platform", "thread_id"]
_UNKNOWN = "unknown"
_UNDATED = "undated"


def count_grid(measures: pd.DataFrame) -> pd.DataFrame:
    """Count utterances by vantage, platform, kind, language and year, empty cells included.

    Returns
    -------
    pandas.DataFrame
        ``vantage, platform, kind, language, year, utterances, clusters``: every vantage with every year and every
        combination of platform, kind and language that occurs at all.

    """
    frame = pd.DataFrame(
        {
            "vantage": measures["vantage"].astype(object).where(measures["vantage"].notna(), "reference"),
            "source": [
                (str(p), str(k), str(g))
                for p, k, g in zip(
                    measures["platform"].fillna("unknown"),
                    measures["kind"].fillna("unknown"),
                    measures["language"],
                    strict=True,
                )
            ],
            "year": measures["year"].astype("Int64").astype("string").fillna(_UNDATED),
            "cluster": measures["cluster_id"],
        }
    )
    groups = frame.groupby(["vantage", "source", "year"])["cluster"].agg(["size", "nunique"])
    sources = frame["source"].value_counts().index.sort_values()
    years = sorted(set(frame["year"]), key=lambda year: (year == _UNDATED, year))
    cells = []
    for source in sources:
        for vantage in VANTAGES:
            for year in years:
                size, clusters = (
                    groups.loc[(vantage, source, year)] if (vantage, source, year) in groups.index else (0, 0)
                )
                cells.append((vantage, *source, year, int(size), int(clusters)))
    return pd.DataFrame(cells, columns=["vantage", "platform", "kind", "language", "year", "utterances", "clusters"])


def count_collected(threads: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Say whose each thread is and what share of its comments was collected.

    Parameters
    ----------
    threads : pandas.DataFrame
        ``thread_id, platform, said, collected`` (see `analysis.corpus.store.read_threads`).
    measures : pandas.DataFrame
        Name the collection and the vantage of a thread's comments; of its other utterances where it has no comment.

    Returns
    -------
    pandas.DataFrame
        ``collection, platform, thread_id, vantage, said, collected, share``, a row a thread, sorted. ``said`` is
        missing where no file told it; ``share`` is ``collected / said``, missing where ``said`` is missing or 0.
        ``collection`` and ``vantage`` are missing where none of the thread's utterances is in ``measures``.

    """
    known = pd.DataFrame(threads, columns=[*_THREAD, "said", "collected"])
    known = known.astype({"thread_id": "str", "said": "Int64", "collected": "Int64"})
    known["platform"] = known["platform"].astype(object).fillna(_UNKNOWN).astype("str")
    table = known.merge(_owners(measures), on=_THREAD, how="left")
    said = table["said"].astype(float).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        table["share"] = np.where(said > 0, table["collected"].astype(float).to_numpy() / said, np.nan)
    names = [*SOURCE, "thread_id", "vantage", "said", "collected", "share"]
    return table[names].sort_values([*SOURCE, "thread_id"], ignore_index=True)


def _owners(measures: pd.DataFrame) -> pd.DataFrame:
    rows = measures.loc[measures["thread_id"].notna(), [*_THREAD, "kind", "collection", "vantage"]]
    rows = rows.assign(
        platform=rows["platform"].astype(object).fillna(_UNKNOWN).astype("str"),
        vantage=rows["vantage"].astype(object).fillna(REFERENCE),
        comment=rows["kind"].astype(object).fillna("comment") == "comment",
    )
    rows = rows[rows["comment"] | ~rows.groupby(_THREAD)["comment"].transform("any")]
    vantages = rows.groupby(_THREAD)["vantage"].agg(["first", "nunique"])
    vantages = vantages["first"].where(vantages["nunique"] == 1, "several").rename("vantage").reset_index()
    names = rows[[*_THREAD, "collection"]].drop_duplicates()
    # Few threads are in two collections: only their names have to be joined one by one.
    shared = names.duplicated(_THREAD, keep=False)
    joined = names[shared].groupby(_THREAD, as_index=False)["collection"].agg(join_names)
    return vantages.merge(pd.concat([names[~shared], joined]), on=_THREAD, how="left")


def sum_collected(table: pd.DataFrame) -> pd.DataFrame:
    """Sum the table of :func:`count_collected` by collection and platform.

    Returns
    -------
    pandas.DataFrame
        ``collection, platform, threads, comments`` (collected in all of them), ``with_total`` (threads of which a
        file told the total) and of those alone ``said, collected, share`` (of all their comments) and
        ``median_share`` (of a thread's comments, over the threads that have any); missing where no total is known.

    """
    told = table["said"].notna()
    frame = table.assign(
        collection=table["collection"].astype(object).fillna(NO_UTTERANCE),
        comments=table["collected"],
        collected=table["collected"].where(told),
    )
    by = frame.groupby(SOURCE)
    out = by.agg(threads=("thread_id", "size"), comments=("comments", "sum"), with_total=("said", "count"))
    out = out.join(by[["said", "collected"]].sum(min_count=1))
    said = out["said"].astype(float)
    out["share"] = out["collected"].astype(float) / said.where(said > 0)
    out = out.join(by["share"].median().rename("median_share")).reset_index()
    last = out["collection"] == NO_UTTERANCE
    return pd.concat([out[~last], out[last]], ignore_index=True)
