"""Who was heard where: utterances by vantage, source and year, and how much of each thread was collected."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.dataset import Dataset
from analysis.compare.groups import REFERENCE, describe, join_names
from analysis.corpus import store
from analysis.corpus.schema import VANTAGES
from analysis.digits import rounded

#: Threads without an utterance that is compared (they have none, or bots' notices alone) belong to no collection.
NO_UTTERANCE = "threads of which nothing is compared"
SOURCE = ["collection", "platform"]
_THREAD = ["platform", "thread_id"]
UNKNOWN, UNDATED = "unknown", "undated"


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
            "vantage": measures["vantage"].fillna(REFERENCE),
            "platform": measures["platform"].fillna(UNKNOWN),
            "kind": measures["kind"].fillna(UNKNOWN),
            "language": measures["language"],
            "year": measures["year"].astype("Int64").astype("string").fillna(UNDATED),
            "cluster": measures["cluster_id"],
        }
    )
    groups = frame.groupby(["vantage", "platform", "kind", "language", "year"])["cluster"].agg(["size", "nunique"])
    counts = dict(zip(groups.index, groups.to_numpy().tolist(), strict=True))
    sources = sorted({tuple(source) for _, *source, _ in counts})
    years = sorted(set(frame["year"]), key=lambda year: (year == UNDATED, year))
    cells = [
        (vantage, *source, year, *counts.get((vantage, *source, year), (0, 0)))
        for source in sources
        for vantage in (*VANTAGES, REFERENCE)
        for year in years
    ]
    return pd.DataFrame(cells, columns=["vantage", "platform", "kind", "language", "year", "utterances", "clusters"])


def count_collected(threads: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Say whose each thread is and what share of its comments was collected.

    Parameters
    ----------
    threads : pandas.DataFrame
        ``thread_id, platform, platform_comment_count, collected`` (see `analysis.corpus.store.read_threads`).
    measures : pandas.DataFrame
        Name the collection and the vantage of a thread's comments; of its other utterances where it has no comment.

    Returns
    -------
    pandas.DataFrame
        ``collection, platform, thread_id, vantage, platform_comment_count, collected, share``, a row a thread, sorted.
        The platform's count is missing where no file told it; ``share`` is ``collected`` of that, missing where it is
        missing or 0. ``collection`` and ``vantage`` are missing where none of the thread's utterances is in
        ``measures``.

    """
    known = pd.DataFrame(threads, columns=[*_THREAD, "platform_comment_count", "collected"])
    known = known.astype({"thread_id": "str", "platform_comment_count": "Int64", "collected": "Int64"})
    known["platform"] = known["platform"].astype(object).fillna(UNKNOWN).astype("str")
    table = known.merge(_owners(measures), on=_THREAD, how="left")
    said = table["platform_comment_count"].astype(float).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        table["share"] = np.where(said > 0, table["collected"].astype(float).to_numpy() / said, np.nan)
    names = [*SOURCE, "thread_id", "vantage", "platform_comment_count", "collected", "share"]
    return table[names].sort_values([*SOURCE, "thread_id"], ignore_index=True)


def _owners(measures: pd.DataFrame) -> pd.DataFrame:
    rows = measures.loc[measures["thread_id"].notna(), [*_THREAD, "kind", "collection", "vantage"]]
    rows = rows.assign(
        platform=rows["platform"].astype(object).fillna(UNKNOWN).astype("str"),
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
        file told the total) and of those alone ``platform_comment_count, collected, share`` (of all their comments) and
        ``median_share`` (of a thread's comments, over the threads that have any); missing where no total is known.

    """
    told = table["platform_comment_count"].notna()
    frame = table.assign(
        collection=table["collection"].astype(object).fillna(NO_UTTERANCE),
        comments=table["collected"],
        collected=table["collected"].where(told),
    )
    by = frame.groupby(SOURCE)
    out = by.agg(
        threads=("thread_id", "size"), comments=("comments", "sum"), with_total=("platform_comment_count", "count")
    )
    out = out.join(by[["platform_comment_count", "collected"]].sum(min_count=1))
    said = out["platform_comment_count"].astype(float)
    out["share"] = out["collected"].astype(float) / said.where(said > 0)
    out = out.join(by["share"].median().rename("median_share")).reset_index()
    last = out["collection"] == NO_UTTERANCE
    return pd.concat([out[~last], out[last]], ignore_index=True)


def left_out(study: Dataset) -> str:
    """Say how many utterances with a vantage are in the corpus and in no figure; nothing where none are."""
    if not len(study.left_out):
        return ""
    rows = study.left_out[study.left_out["vantage"].notna()]
    nobodys = study.nobodys[rows["row"].to_numpy()] & (study.parameters.boilerplate == "drop")
    counts = {"phrases of a platform and notices of bots": nobodys.sum(), "further copies of a text": (~nobodys).sum()}
    told = [f"{count:,} ({what})" for what, count in counts.items() if count]
    return f"Left out: {' and '.join(told)}." if told else ""


# What notebook 01 calls -----------------------------------------------------------------------------------------------


def corpus_grid(study: Dataset) -> pd.DataFrame:
    """Return who was heard where, when and in which language (see :func:`count_grid`)."""
    return count_grid(study.measures)


def corpus_sizes(study: Dataset) -> pd.DataFrame:
    """Count utterances, threads and clusters by group and language (see `analysis.compare.groups.describe`)."""
    return rounded(describe(study.measures))


def collected_threads(study: Dataset) -> pd.DataFrame:
    """Return collected against existing, a row a thread, over all comments of the corpus whatever their evidence."""
    return rounded(count_collected(pd.DataFrame(store.read_threads(study.corpus)), study.measures))


def collected_sizes(threads: pd.DataFrame) -> pd.DataFrame:
    """Sum what was collected and what there was by collection and platform (see :func:`sum_collected`)."""
    return rounded(sum_collected(threads))


def duplicate_sizes(study: Dataset) -> pd.DataFrame:
    """Count by group and language the texts that were pasted again and again, and the utterances that are copies."""
    rows = study.measures[["utterance_id", "group", "language"]]
    rows = rows.merge(store.read_text_duplicates(study.corpus), on="utterance_id", how="left")
    by = rows.groupby(["group", "language"])["duplicate_group"]
    return by.agg(utterances="size", copies="count", texts="nunique").query("copies > 0").reset_index()


def unscored(study: Dataset) -> pd.DataFrame:
    """Count the utterances that no instrument could score, by group and language."""
    rows = study.own_words
    scored = np.logical_or.reduce([rows[name].notna() for name in study.scales])
    return rows[~scored].groupby(["group", "language"]).size().rename("utterances without any score").reset_index()
